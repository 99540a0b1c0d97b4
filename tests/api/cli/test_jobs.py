"""`isinglass job`: definitions that are changed in part, runs of a size of their own, and why one waits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from catalog.db import connect, sqlite_url
from engine.engine import Engine
from engine.model import Outcome
from engine.states import RunState
from tests.api.conftest import CommandLine

WHOLE = {
    "--command": "glueetl",
    "--glue-version": "4.0",
    "--timeout": "90",
    "--max-concurrent-runs": "2",
    "--max-retries": "3",
    "--worker-type": "G.1X",
    "--number-of-workers": "10",
    "--execution-class": "FLEX",
    "--notify-delay": "5",
    "--tag": "team=data",
    "--fixed-argument": "--stage=prod",
    "--argument": "--day=1",
    "--description": "nightly",
}


@pytest.fixture
def script(cli: CommandLine) -> Path:
    cli.home.parent.mkdir(exist_ok=True)
    script = cli.home.parent / "totals.py"
    script.touch()
    return script


def create(cli: CommandLine, script: Path, *options: str) -> None:
    cli.run("job", "create", "totals", script, *options)


def words(options: dict[str, str]) -> list[str]:
    return [word for option in options.items() for word in option]


def engine_of(cli: CommandLine) -> Engine:
    return Engine(connect(sqlite_url(cli.home / "isinglass.db")))


def test_a_job_is_created_with_all_that_it_has_and_shown(cli: CommandLine, script: Path) -> None:
    create(cli, script, "--queueing", *words(WHOLE))
    shown = cli.run("job", "show", "totals")
    for part in ("10 × G.1X", "FLEX", "90 min", "2, others wait", "5 min", "team", "--stage (fixed)", "nightly"):
        assert part in shown
    assert "10 × G.1X" in cli.run("job", "list")


def test_an_update_changes_what_is_given_and_leaves_the_rest(cli: CommandLine, script: Path) -> None:
    create(cli, script, "--queueing", *words(WHOLE))
    before: dict[str, Any] = cli.json("job", "show", "totals")
    cli.run(
        "job", "update", "totals", "--timeout", "30", "-a", "--hour=2", "--remove-argument", "--day", "--no-queueing"
    )
    after = cli.json("job", "show", "totals")
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"timeout_minutes", "default_arguments", "queueing", "version", "updated_at"}
    assert (after["timeout_minutes"], after["default_arguments"], after["queueing"]) == (30, {"--hour": "2"}, False)
    cli.run("job", "update", "totals", "--max-capacity", "4")
    sized = cli.json("job", "show", "totals")
    assert (sized["worker_type"], sized["number_of_workers"], sized["max_capacity"]) == (None, None, 4)


@pytest.mark.parametrize(
    ("options", "refusal"),
    [
        (["--command", "glueray"], "command glueray of job totals is not supported here"),
        (["--worker-type", "Z.2X", "--number-of-workers", "2"], "worker type Z.2X of job totals is not supported here"),
        (["--timeout", "10081"], "1 to 10,080 minutes"),
    ],
)
def test_what_makes_no_sense_is_refused(cli: CommandLine, script: Path, options: list[str], refusal: str) -> None:
    assert refusal in cli.refusal("job", "create", "totals", script, *options)


def test_a_run_that_is_started_waits_and_tells_what_for_and_how_often_it_was_tried(
    cli: CommandLine, script: Path
) -> None:
    create(cli, script, "--max-retries", "1")
    started = cli.json("job", "start", "totals", "--worker-type", "G.2X", "--number-of-workers", "2", "--timeout", "7")
    assert '"worker_type":"G.2X"' in started["spec"]
    assert "no worker lives" in cli.run("job", "runs")
    assert "no worker lives" in cli.run("job", "show-run", started["id"])
    engine = engine_of(cli)
    assert engine.claim_run("w", run_id=started["id"])
    engine.finish_run(
        started["id"], "w", Outcome(RunState.FAILED, "broke", {"dpu": 2.0, "cores": 8.0, "memory_mb": 9.0})
    )
    engine.engine.dispose()
    shown = cli.run("job", "show-run", started["id"])
    assert f"attempts: {started['id']} FAILED, jr_" in shown
    assert "8 cores, 9 MB" in shown
    assert cli.refusal("job", "show-run", "jr_ghost") == "isinglass: Run jr_ghost not found."


def test_a_run_asks_for_connections_that_must_be_there(cli: CommandLine, script: Path) -> None:
    create(cli, script, "--connection", "till")
    assert "Connection till not found" in cli.refusal("job", "start", "totals")
    assert "till" in cli.run("job", "show", "totals")
