"""Scripts as people write them run unmodified: each case states its input, its text, and what comes of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.engine.shim.scripts.cases import LAKE, Case, read_cases
from tests.engine.shim.scripts.lake import Lake

CASES = read_cases()
pytestmark = pytest.mark.filterwarnings("ignore:Deprecated in 3.0.0:FutureWarning")  # SQLContext, which scripts use


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_script_prints_and_writes_what_its_case_says(
    case: Case, lake: Lake, run_script: Callable[..., object], capsys: pytest.CaptureFixture[str]
) -> None:
    lay_out(case, lake)
    fails = case.one("fails")
    if fails is None:
        run_script(case.script, *case.arguments)
    else:
        with pytest.raises(BaseException) as raised:  # noqa: PT011 - what it says is compared
            run_script(case.script, *case.arguments)
        assert fails.strip() in f"{type(raised.value).__name__}: {raised.value}"
    demand_results(case, lake, capsys.readouterr().out.replace(f"file://{lake.folder}/", LAKE))


def lay_out(case: Case, lake: Lake) -> None:
    for section in case.all("file"):
        lake.lay(section.words[0], section.text)
    for section in case.all("table"):
        name, place, kind, *rest = section.words
        columns, keys = (rest[: rest.index("by")], rest[rest.index("by") + 1 :]) if "by" in rest else (rest, [])
        lake.declare(name, place, kind, columns, keys)


def demand_results(case: Case, lake: Lake, printed: str) -> None:
    expected = case.one("prints")
    if expected is not None:
        assert _lines(printed) == _lines(expected)
    for section in case.all("rows"):
        assert sorted(map(_text, lake.records(section.words[0]))) == sorted(
            _text(json.loads(line)) for line in section.text.splitlines() if line
        )
    for section in case.all("gone"):
        assert lake.files(section.words[0]) == []
    for section in case.all("columns"):
        assert lake.columns(section.words[0]) == section.text.strip()


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.splitlines() if line.strip()]


def _text(record: dict[str, Any]) -> str:
    return json.dumps(record, default=str, sort_keys=True)


def test_there_are_at_least_forty() -> None:
    assert len(CASES) >= 40
