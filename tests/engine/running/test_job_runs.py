"""The life of a job run as its worker sees it: laid out, followed, taken over, stopped, and ended. Without Spark."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.errors import LostRun
from engine.model import Outcome, Run
from engine.running.notes import write_whole
from engine.running.processes import identity, pid_of
from engine.running.progress import read_progress
from engine.running.scripts import ARGUMENTS, RUN_NOTE
from engine.running.supervisor import EXIT, LAUNCH, SUPERVISOR, start_supervisor, withdraw
from engine.states import RunState
from tests.engine.jobs.test_layers import make_wheel
from tests.engine.running.job_bench import Bench


def test_a_script_runs_as_glue_runs_it_and_leaves_its_output_and_no_secret(bench: Bench) -> None:
    begun: list[str] = []
    script = """
import json, os, sys
here = json.load(open(os.environ["ISINGLASS_RUN_FILE"]))
print(json.dumps([__name__, sys.argv[1:], sorted(here), here["token"], here["bookmark"], os.getcwd()]))
"""
    run = bench.run(script, {"--day": "2026-09-01", "--job-bookmark-option": "job-bookmark-pause"})
    outcome = bench.jobs.execute(run, lambda: False, lambda: begun.append(run.id))
    assert outcome == Outcome(RunState.SUCCEEDED)
    name, arguments, contact, token, bookmark, cwd = json.loads(bench.path("output.log").read_text())
    assert name == "__main__"
    assert arguments[:6] == ["--JOB_NAME", "totals", "--JOB_ID", "totals", "--JOB_RUN_ID", "jr_1"]
    assert arguments[6:10] == ["--day", "2026-09-01", "--job-bookmark-option", "job-bookmark-pause"]
    assert arguments[10:] == ["--TempDir", f"{bench.folder / 'temporary' / '_totals'}/"]
    assert contact == ["bookmark", "endpoint", "job_name", "run_id", "token"]
    assert (token, bookmark, cwd) == ("token 0 of jr_1", "job-bookmark-pause", str(bench.path("work")))
    assert bench.living() == []
    assert not any(bench.path(name).exists() for name in (RUN_NOTE, LAUNCH, "work"))


@pytest.mark.parametrize("value", ["hush" * 50_000, "a\0b"])
def test_arguments_may_be_long_and_of_any_signs_and_are_for_the_script_alone(bench: Bench, value: str) -> None:
    script = """
import sys
print(sys.argv[sys.argv.index("--key") + 1], "--key" in open("/proc/self/cmdline").read(), sep="|", end="")
"""
    assert bench.execute(bench.run(script, {"--key": value})) == Outcome(RunState.SUCCEEDED)
    assert bench.path("output.log").read_text() == f"{value}|False"
    assert not bench.path(ARGUMENTS).exists()


def test_a_stop_ends_the_run_and_is_told_apart_from_a_failure(bench: Bench) -> None:
    began = threading.Event()
    run = bench.run("import time; time.sleep(600)")
    assert bench.jobs.execute(run, began.is_set, began.set) == Outcome(RunState.STOPPED, "stopped on request")
    assert bench.living() == []


class Stranded(BaseException):
    """A worker that ends in the middle of a run."""


# The supervisor is our child still, though nobody holds on to it.
@pytest.mark.filterwarnings("ignore:subprocess .* is still running:ResourceWarning")
class TestAnotherWorker:
    def strand(self, bench: Bench, run: Run) -> None:
        """Let the run begin, and its worker go."""

        def begun() -> None:
            raise Stranded

        with pytest.raises(Stranded):
            bench.jobs.execute(run, lambda: False, begun)
        assert bench.jobs.goes_on(run)

    def test_follows_a_run_to_its_end_and_tells_it_the_new_address(self, bench: Bench) -> None:
        script = """
import json, os, time
while json.load(open(os.environ["ISINGLASS_RUN_FILE"]))["endpoint"].endswith(":1"):
    time.sleep(0.01)
print(json.load(open(os.environ["ISINGLASS_RUN_FILE"])))
"""
        run = bench.run(script)
        self.strand(bench, run)
        assert bench.serving("http://127.0.0.1:3").resume(run, lambda: False, lambda: None).state is RunState.SUCCEEDED
        shown = bench.path("output.log").read_text()
        assert "'endpoint': 'http://127.0.0.1:3'" in shown
        assert bench.tokens == ["token 0 of jr_1"]
        assert bench.tokens[0] in shown, "a request on its way with the old token is still good"

    def test_can_stop_a_run(self, bench: Bench) -> None:
        run = bench.run("import time; time.sleep(600)")
        self.strand(bench, run)
        assert bench.jobs.resume(run, lambda: True, lambda: None).state is RunState.STOPPED
        os.waitpid(pid_of(bench.supervisor), 0)  # it has noted the end, and is about to go
        assert not bench.jobs.goes_on(run)

    def test_finds_how_a_run_ended_that_nobody_followed(self, bench: Bench) -> None:
        run = bench.run("import sys, time; time.sleep(.5); sys.exit(3)")
        self.strand(bench, run)
        os.waitpid(pid_of(bench.supervisor), 0)
        assert not bench.jobs.goes_on(run)
        for _ in range(2):  # and a third worker finds it, too
            ended = bench.jobs.resume(run, lambda: False, lambda: None)
            assert ended == Outcome(RunState.FAILED, "the script ended with exit code 3")

    def test_gives_a_run_up_whose_supervisor_was_killed_and_ends_what_is_left(self, bench: Bench) -> None:
        run = bench.run("import time; time.sleep(600)")
        self.strand(bench, run)
        os.kill(pid_of(bench.supervisor), signal.SIGKILL)
        os.waitpid(pid_of(bench.supervisor), 0)
        lost = bench.jobs.resume(run, lambda: False, lambda: None)
        assert (lost.state, (lost.detail or "").partition(":")[0]) == (RunState.FAILED, "its process was lost")
        assert bench.living() == []

    def test_elsewhere_that_has_taken_a_run_finds_no_process_of_it_at_work(self, bench: Bench) -> None:
        run = bench.run("import time; time.sleep(600)")
        self.strand(bench, run)

        def no_longer_ours() -> bool:
            raise LostRun(run=run.id)

        with pytest.raises(LostRun):
            bench.jobs.resume(run, no_longer_ours, lambda: None)
        assert bench.living() == []


def test_a_fault_while_following_leaves_no_process(bench: Bench) -> None:
    def broken() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        bench.jobs.execute(bench.run("import time; time.sleep(600)"), lambda: False, broken)
    assert bench.living() == []
    assert json.loads(bench.path(EXIT).read_text())["reason"] == "lost"


def test_a_supervisor_that_dies_under_its_worker_is_noticed(bench: Bench) -> None:
    run = bench.run("import time; time.sleep(600)")
    outcome = bench.jobs.execute(run, lambda: False, lambda: os.kill(pid_of(bench.supervisor), signal.SIGKILL))
    assert (outcome.state, (outcome.detail or "").partition(":")[0]) == (RunState.FAILED, "its process was lost")
    assert bench.living() == []


def test_a_stop_never_reaches_a_process_that_has_the_number_of_one_that_ended(bench: Bench) -> None:
    with subprocess.Popen(["sleep", "600"]) as stranger:

        def reused() -> None:
            pid, _, boot = bench.supervisor.split(":")
            write_whole(bench.path(SUPERVISOR), {"process": f"{stranger.pid}:1:{boot}"})
            os.kill(int(pid), signal.SIGKILL)

        outcome = bench.jobs.execute(bench.run("import time; time.sleep(600)"), lambda: True, reused)
        assert (outcome.state, stranger.poll()) == (RunState.FAILED, None)
        stranger.kill()


def test_a_note_of_progress_that_was_cut_short_costs_no_run(bench: Bench) -> None:
    run = bench.run(
        "import os, pathlib; pathlib.Path(os.environ['ISINGLASS_RUN_FILE']).with_name('progress.json').write_text('{')"
    )
    assert bench.execute(run) == Outcome(RunState.SUCCEEDED)


def test_a_run_whose_worker_died_before_its_supervisor_began_is_begun_by_the_next(bench: Bench) -> None:
    def die(_folder: Path, _launch: object) -> Any:
        raise Stranded

    run = bench.run("print('once')")
    start, bench.jobs.start = bench.jobs.start, die
    with pytest.raises(Stranded):
        bench.execute(run)
    (bench.path("work") / "half").touch()
    bench.jobs.start = start
    assert bench.jobs.resume(run, lambda: False, lambda: None) == Outcome(RunState.SUCCEEDED)
    assert bench.path("output.log").read_text() == "once\n"
    assert bench.living() == []


def test_a_supervisor_that_comes_late_leaves_the_run_to_the_one_that_has_it(bench: Bench) -> None:
    run = bench.run("print('once')")
    start = bench.jobs.start
    late: list[subprocess.Popen[bytes]] = []

    def twice(folder: Path, launch: Any) -> Any:
        late.append(start(folder, launch))
        return start(folder, launch)

    bench.jobs.start = twice
    assert bench.execute(run) == Outcome(RunState.SUCCEEDED)
    assert late[0].wait(30) == 0
    assert bench.path("output.log").read_text() == "once\n"


def test_a_supervisor_that_comes_when_its_launch_is_withdrawn_begins_nothing(bench: Bench) -> None:
    def begun_by_nobody(folder: Path, launch: Any) -> Any:
        assert withdraw(folder)
        supervisor = start_supervisor(folder, launch)
        assert supervisor.wait(30) == 0
        raise Stranded

    bench.jobs.start = begun_by_nobody
    with pytest.raises(Stranded):
        bench.execute(bench.run("print('never')"))
    assert not bench.path(SUPERVISOR).exists()
    assert not bench.path("output.log").exists()


def test_a_run_whose_worker_here_died_at_once_is_begun_by_the_next(bench: Bench) -> None:
    run = replace(bench.run("print('once')"), owner=identity(os.getpid()))
    assert bench.jobs.resume(run, lambda: False, lambda: None) == Outcome(RunState.SUCCEEDED)


def test_a_run_of_another_machine_s_worker_is_given_up(bench: Bench) -> None:
    run = replace(bench.run("pass"), owner="4711:12345:elsewhere")
    outcome = bench.jobs.resume(run, lambda: False, lambda: None)
    assert outcome.state is RunState.FAILED
    assert json.loads(bench.path(EXIT).read_text()) == {"code": None, "reason": "lost"}


def test_the_service_s_own_settings_are_not_shown_to_the_script(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ISINGLASS_DATABASE_URL", "postgresql://user:secret@127.0.0.1/x")
    monkeypatch.setenv("PGPASSWORD", "secret")
    monkeypatch.setenv("USERS_OWN", "kept")
    bench.execute(bench.run("import os; print(*(f'{n}={v}' for n, v in os.environ.items()), sep='\\n')"))
    shown = bench.path("output.log").read_text()
    assert "secret" not in shown
    assert "USERS_OWN=kept" in shown


def test_a_note_of_progress_that_is_not_there_yet_says_waiting(tmp_path: Path) -> None:
    assert read_progress(tmp_path, "jr_0").phase == "waiting"
    write_whole(tmp_path / "progress.json", {"phase": "running", "done": 1, "total": 2})
    assert read_progress(tmp_path.parent, tmp_path.name).done == 1


def test_what_arguments_bring_is_there_for_the_script(bench: Bench) -> None:
    (bench.folder / "tools.py").write_text("rate = 3")
    (bench.folder / "days.csv").write_text("monday")
    script = "import os, tools; print(tools.rate, open('days.csv').read(), os.environ['CUSTOMER_DAY'])"
    arguments = {
        "--extra-py-files": str(bench.folder / "tools.py"),
        "--extra-files": str(bench.folder / "days.csv"),
        "--customer-driver-env-vars": 'CUSTOMER_DAY="to, day"',
        "--enable-metrics": "true",
    }
    assert bench.execute(bench.run(script, arguments)) == Outcome(RunState.SUCCEEDED)
    assert bench.path("output.log").read_text() == "3 monday to, day\n"
    assert "isinglass: --enable-metrics has no effect here" in bench.path("error.log").read_text()


def test_modules_that_pip_installs_are_there_for_the_script(bench: Bench) -> None:
    wheel = make_wheel(bench.folder, "isinglass_test_rates")
    options = {"--additional-python-modules": str(wheel), "--python-modules-installer-option": "--no-index"}
    run = bench.run("import isinglass_test_rates as rates; print(rates.version)", options)
    assert bench.execute(run) == Outcome(RunState.SUCCEEDED)
    assert bench.path("output.log").read_text() == "1.0\n"


def test_modules_that_pip_cannot_install_fail_the_run_in_its_words(bench: Bench) -> None:
    options = {"--additional-python-modules": "no-such-module==1", "--python-modules-installer-option": "--no-index"}
    outcome = bench.execute(bench.run("print('never')", options))
    assert outcome.state is RunState.FAILED
    assert "--additional-python-modules could not be installed: " in (outcome.detail or "")
    assert "No matching distribution found for no-such-module==1" in (outcome.detail or "")
    assert bench.path("output.log").read_text() == ""


def test_a_script_may_have_the_name_of_a_module_of_pythons(bench: Bench) -> None:
    (bench.folder / "copy.py").write_text("import copy; print(copy.copy([1]))")
    run = bench.run("pass", {"--scriptLocation": str(bench.folder / "copy.py")})
    assert bench.execute(run) == Outcome(RunState.SUCCEEDED)
    assert bench.path("output.log").read_text() == "[1]\n"
