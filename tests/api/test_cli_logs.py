"""`isinglass job logs`: printed, and followed while they grow."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.db import connect, sqlite_url
from engine.engine import Engine
from engine.model import Job, Outcome, Run
from engine.states import RunState
from tests.api.conftest import CommandLine


@pytest.fixture
def engine(cli: CommandLine) -> Iterator[Engine]:
    cli.run("database", "list")  # makes the home
    store = connect(sqlite_url(cli.home / "isinglass.db"))
    yield Engine(store, runs=cli.home / "runs")
    store.dispose()


@pytest.fixture
def run(engine: Engine) -> Run:
    """A run that somebody else works on."""
    engine.create_job(Job("totals", "totals.py", command="pythonshell"))
    found = engine.start_job_run("totals")
    assert engine.claim_run("elsewhere", run_id=found.id)
    return found


def folder_of(cli: CommandLine, run: Run) -> Path:
    folder = cli.home / "runs" / run.id
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def test_a_log_is_followed_to_the_end_of_a_run_that_somebody_else_works_on(
    cli: CommandLine, engine: Engine, run: Run
) -> None:
    def work() -> None:
        with (folder_of(cli, run) / "output.log").open("w", buffering=1) as log:
            for number in range(3):
                log.write(f"line {number}\n")
                engine.beat(run.id, "elsewhere")
        engine.finish_run(run.id, "elsewhere", Outcome(RunState.SUCCEEDED))

    worker = threading.Thread(target=work)
    worker.start()
    assert cli.run("job", "logs", "-f", run.id) == "line 0\nline 1\nline 2\n"
    worker.join()


def test_a_run_has_several_logs_and_each_has_a_name(cli: CommandLine, run: Run) -> None:
    assert f"log of run {run.id} is not valid: it has not begun" in cli.refusal("job", "logs", run.id)
    folder = folder_of(cli, run)
    (folder / "output.log").write_text("printed\n")
    (folder / "error.log").write_text("warned\n")
    (folder / "executors" / "0").mkdir(parents=True)
    (folder / "executors" / "0" / "stderr").write_text("far away\n")
    names = [each["name"] for each in cli.json("job", "logs", run.id, "--list")]
    assert names == ["output", "error", "executors/0/stderr"]
    assert cli.run("job", "logs", run.id) == "printed\n"
    assert cli.run("job", "logs", run.id, "--errors") == "warned\n"
    assert cli.run("job", "logs", run.id, "--log", "executors/0/stderr") == "far away\n"
    assert cli.json("job", "logs", run.id) == {"run": run.id, "log": "printed\n"}
    refusal = cli.refusal("job", "logs", run.id, "--log", "../../isinglass.db")
    assert "its logs are output, error, executors/0/stderr" in refusal


def test_a_run_that_ended_before_it_had_a_log_is_not_waited_for(cli: CommandLine, engine: Engine, run: Run) -> None:
    engine.finish_run(run.id, "elsewhere", Outcome(RunState.FAILED, "no such script"))
    assert f"Log output of run {run.id} not found." in cli.refusal("job", "logs", "-f", run.id)
