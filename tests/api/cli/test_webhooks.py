"""`isinglass webhook` and `prune`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.core import open_core
from api.settings import Settings
from crawlers.model import Crawler, Target
from engine.events.deliveries import Deliveries
from tests.api.conftest import CommandLine
from tests.engine.events.receiving import SECRET, Receiver, receiving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def secret_file(tmp_path: Path) -> Path:
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    return tmp_path / "secret"


def test_a_webhook_is_created_tried_switched_and_deleted(
    cli: CommandLine, receiver: Receiver, secret_file: Path
) -> None:
    cli.run("webhook", "create", "ops", receiver.url, "--kind", "crawl_state", "--secret-file", secret_file)
    assert cli.run("webhook", "test", "ops") == "webhook ops took it\n"
    assert receiver.taken[0]["detail"]["webhookName"] == "ops"
    shown = cli.json("webhook", "show", "ops")
    assert (shown["webhook"]["kinds"], shown["delivery"]["failures"]) == (["CRAWL_STATE"], 0)
    receiver.answer = lambda _number: 503
    assert cli.refusal("webhook", "test", "ops") == "isinglass: Webhook ops did not take a test: it answered 503."
    engine = open_core(Settings(home=cli.home), "test").engine
    engine.start_crawl(Crawler("c", "shop", (Target("/lake"),)))
    Deliveries(engine).tick()
    assert "trying again" in cli.run("webhook", "list")
    assert "it answered 503 (1 in a row; next try" in cli.run("webhook", "show", "ops")
    cli.run("webhook", "disable", "ops")
    assert "disabled" in cli.run("webhook", "list")
    cli.run("webhook", "enable", "ops", "--from-now")
    assert Deliveries(engine).tick() == 0
    assert "well" in cli.run("webhook", "show", "ops")
    cli.run("webhook", "create", "ops", f"{receiver.url}/2", "--replace")
    assert cli.json("webhook", "list")[0]["webhook"]["url"] == f"{receiver.url}/2"
    assert engine.unsealed_webhook_secret("ops") == SECRET
    assert cli.json("connection", "rotate-key")["resealed"] == 1
    assert engine.unsealed_webhook_secret("ops") == SECRET
    cli.run("webhook", "delete", "ops")
    assert "not found" in cli.refusal("webhook", "show", "ops")
    engine.engine.dispose()


def test_a_secret_that_is_made_is_shown_once(cli: CommandLine, receiver: Receiver) -> None:
    secret = cli.json("webhook", "create", "ops", receiver.url)["secret"]
    assert secret.startswith("whsec_")
    for said in (cli.run("webhook", "show", "ops"), str(cli.json("webhook", "show", "ops"))):
        assert secret not in said
    assert secret.encode() not in b"".join(path.read_bytes() for path in cli.home.glob("isinglass.db*"))


def test_the_setting_of_allowed_hosts_holds(
    cli: CommandLine, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ISINGLASS_WEBHOOK_HOSTS", "hooks.example, *.corp.example")
    assert "ISINGLASS_WEBHOOK_HOSTS does not name it" in cli.refusal("webhook", "create", "ops", receiver.url)
    cli.run("webhook", "create", "ops", "https://a.corp.example/hook")


def test_what_is_old_is_pruned_and_first_only_told(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cli.json("prune") == {
        "dry_run": False,
        **dict.fromkeys(("runs", "records", "bookmarks", "folders", "layers"), 0),
    }
    (cli.home / "runs" / ".gone-jr_1").mkdir()
    assert "would be removed (runs: 0, records: 0, bookmarks: 0, folders: 1" in cli.run("prune", "--dry-run")
    assert cli.json("prune")["folders"] == 1
    monkeypatch.setenv("ISINGLASS_KEEP_RUNS_DAYS", "-1")
    assert "ISINGLASS_KEEP_RUNS_DAYS" in cli.refusal("prune")
