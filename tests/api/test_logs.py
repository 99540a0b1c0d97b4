"""The service's log: a line of JSON an event, and nothing that could end the service."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from io import StringIO

import pytest
import structlog

from api import logs


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    yield
    structlog.reset_defaults()


def test_an_event_is_one_line_of_json_with_its_facts(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure()
    log = structlog.get_logger()
    log.debug("not told")
    log.info("run ended", run="jr_1", detail="two\nlines")
    try:
        raise ValueError("a cause")
    except ValueError:
        log.exception("no run could be taken")
    out, err = capsys.readouterr()
    ended, failed = map(json.loads, err.splitlines())
    assert out == ""
    assert (ended["event"], ended["level"], ended["run"], ended["detail"]) == (
        "run ended",
        "info",
        "jr_1",
        "two\nlines",
    )
    assert "ValueError: a cause" in failed["exception"]


def test_a_log_that_nobody_reads_any_more_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    logs.configure()
    log = structlog.get_logger().bind()
    gone = StringIO()
    gone.close()
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stderr", gone)
        log.info("told to nobody")
    told = StringIO()
    monkeypatch.setattr(sys, "stderr", told)
    log.info("told again")
    assert json.loads(told.getvalue())["event"] == "told again"
