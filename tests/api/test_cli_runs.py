"""Runs as the command line starts them and tells of them."""

from __future__ import annotations

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from catalog.db import connect, sqlite_url
from engine.engine import Engine
from engine.states import RunState
from tests.api.conftest import CommandLine
from tests.api.test_home import HOLD
from tests.engine.spark.fake_java import make_java


@pytest.mark.parametrize(
    ("version", "why"), [("1.8.0_412", "it is Java 1.8, too old"), ("11.0.2", "it is Java 11, too old")]
)
def test_a_java_that_is_too_old_fails_the_run_by_name(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch, version: str, why: str
) -> None:
    java = make_java(cli.home.parent / "java", version)
    monkeypatch.setenv("ISINGLASS_JAVA_HOME", str(java))
    cli.run("job", "create", "totals", __file__)
    said = cli.try_("job", "run", "totals")
    assert said.code == 1
    assert f"The Java at {java} cannot run Spark: {why}. Point ISINGLASS_JAVA_HOME at" in said.out
    assert [run["state"] for run in cli.json("job", "runs")] == ["FAILED"]


def test_a_script_that_is_gone_fails_the_run_by_name(cli: CommandLine) -> None:
    script = cli.home.parent / "totals.py"
    script.touch()
    cli.run("job", "create", "totals", script)
    script.unlink()
    said = cli.try_("job", "run", "totals")
    assert said.code == 1
    assert f"Script {script} cannot be read: No such file or directory. " in said.out
    assert "Give the path of a Python file, or where one lies in S3." in said.out


def test_a_run_by_command_tells_of_a_script_that_fails(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ISINGLASS_JAVA_HOME", str(make_java(cli.home.parent / "java")))
    script = cli.home.parent / "totals.py"
    script.write_text("print('so far')\nraise LookupError('no totals')\n")
    cli.run("job", "create", "totals", script)
    said = cli.try_("job", "run", "totals")
    assert said.code == 1
    assert "LookupError: no totals (line 2 of the script)" in said.out
    [run] = cli.json("job", "runs", "totals")
    assert (run["state"], run["detail"]) == ("FAILED", "LookupError: no totals (line 2 of the script)")
    assert cli.run("job", "logs", run["id"]) == "so far\n"
    assert "LookupError: no totals" in cli.run("job", "logs", run["id"], "--errors")
    assert "has ended (FAILED)" in cli.refusal("job", "stop", run["id"])

    script.write_text("import sys; sys.exit(3)")
    assert "the script ended with exit code 3" in cli.try_("job", "run", "totals").out


def test_a_command_does_not_wait_for_ever_for_a_service_that_has_ended(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.cli.following.SERVICE_PATIENCE_SECONDS", 0.3)
    cli.run("job", "create", "totals", __file__)
    store = connect(sqlite_url(cli.home / "isinglass.db"))
    engine = Engine(store)
    with (
        subprocess.Popen(
            [sys.executable, "-c", HOLD, str(cli.home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as holder,
        ThreadPoolExecutor(1) as pool,
    ):
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"

        def kill_once_a_run_waits() -> str:
            deadline = time.monotonic() + 30
            while not (runs := engine.unfinished_runs()):
                assert time.monotonic() < deadline
                time.sleep(0.01)
            holder.kill()
            return runs[0].id

        killed = pool.submit(kill_once_a_run_waits)
        line = cli.refusal("job", "run", "totals")
        run = killed.result()
    assert f"The service has ended and run {run} is not finished" in line
    assert engine.get_run(run).state is RunState.WAITING
    store.dispose()
