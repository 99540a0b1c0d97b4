"""How job runs end: each way in its right state, with the reason in one line, the log kept and no process left."""

from __future__ import annotations

import pytest

from engine.errors import RunFolderUnusable, ScriptNotFound
from engine.model import Outcome
from engine.running.processes import identity
from engine.states import RunState
from tests.engine.running.job_bench import Bench


@pytest.mark.parametrize(
    ("script", "detail"),
    [
        ("x = 1\nraise ValueError('no such month\\nsecond line')", "ValueError: no such month (line 2 of the script)"),
        ("def f():\n    return 1 / 0\n\nf()", "ZeroDivisionError: division by zero (line 2 of the script)"),
        ("x = = 1", "SyntaxError: invalid syntax (job.py, line 1)"),
        ("import sys; sys.exit(3)", "the script ended with exit code 3"),
        ("import sys; sys.exit('nothing to do')", "the script ended by itself: nothing to do"),
        ("import os; os._exit(4)", "its process ended with code 4; see the error log"),
        ("import os, signal; os.kill(os.getpid(), 9)", "its process was ended by signal 9; see the error log"),
        ("import os; os.abort()", "its process was ended by signal 6; see the error log"),
        ("import sys; sys.exit(None or 256 + 3)", "the script ended with exit code 259"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt (line 1 of the script)"),
        ("raise MemoryError", "MemoryError (line 1 of the script)"),
        ("def f():\n    f()\nf()", "RecursionError: maximum recursion depth exceeded (line 2 of the script)"),
        ("x = 1\nprint('never'\n", "SyntaxError: '(' was never closed (job.py, line 2)"),
        (
            "file = open('/dev/full', 'w', buffering=1)\nfile.write('a\\n')",
            "OSError: [Errno 28] No space left on device (line 2 of the script)",
        ),
        ("import os\nos.close(1)\nprint('lost')", "OSError: [Errno 9] Bad file descriptor (line 3 of the script)"),
        (
            "class Py4JJavaError(Exception): pass\n"
            "raise Py4JJavaError('An error occurred.\\n: a.b.C: no such path\\n\\tat d')",
            "Py4JJavaError: a.b.C: no such path (line 2 of the script)",
        ),
        ("raise ValueError", "ValueError (line 1 of the script)"),
        (
            "import no_such_module",
            "ModuleNotFoundError: No module named 'no_such_module' (line 1 of the script); "
            "add it with --additional-python-modules",
        ),
        (
            "raise Exception('[SCHEMA_NOT_FOUND] The schema `shop` cannot be found.')",
            "Exception: [SCHEMA_NOT_FOUND] The schema `shop` cannot be found. (line 1 of the script); "
            "Spark's SQL knows the catalog's tables in a job that has --enable-glue-datacatalog",
        ),
    ],
)
def test_a_script_that_fails_says_why_and_where(bench: Bench, script: str, detail: str) -> None:
    assert bench.execute(bench.run(script)) == Outcome(RunState.FAILED, detail)


def test_a_job_that_has_the_catalog_is_not_told_how_to_get_it(bench: Bench) -> None:
    run = bench.run("raise Exception('[TABLE_OR_VIEW_NOT_FOUND] No t.')", {"--enable-glue-datacatalog": "true"})
    told = "Exception: [TABLE_OR_VIEW_NOT_FOUND] No t. (line 1 of the script)"
    assert bench.execute(run) == Outcome(RunState.FAILED, told)


@pytest.mark.parametrize("ending", ["import sys; sys.exit(0)", "import sys; sys.exit()", "import os; os._exit(0)"])
def test_a_script_may_end_well_in_its_own_way(bench: Bench, ending: str) -> None:
    assert bench.execute(bench.run(ending)).state is RunState.SUCCEEDED


def test_a_run_over_its_time_is_ended(bench: Bench) -> None:
    run = bench.run("import time; time.sleep(600)", timeout_minutes=0)
    assert bench.execute(run) == Outcome(RunState.TIMEOUT, "it ran longer than the job's timeout")
    assert bench.living() == []


def test_a_script_that_is_gone_is_named(bench: Bench) -> None:
    run = bench.run("pass")
    (bench.folder / "job.py").unlink()
    with pytest.raises(ScriptNotFound, match=r"job\.py cannot be read: No such file"):
        bench.execute(run)


def test_an_error_is_shown_from_the_scripts_own_first_line_on(bench: Bench) -> None:
    bench.execute(bench.run("print('before')\ndef month():\n    raise ValueError('no such month')\nmonth()"))
    assert bench.output() == "before\n"
    told = bench.errors()
    assert "ValueError: no such month" in told
    assert told.count("File ") == 2
    assert "isinglass" not in told


def test_a_script_that_ends_without_a_line_break_keeps_what_it_printed(bench: Bench) -> None:
    bench.execute(bench.run("print('half', end='')"))
    assert bench.output() == "half"


LEAVES = """
import os, time
if os.fork() == 0:
    {leave}
    with open("child", "w") as note:
        note.write(str(os.getpid()))
    os.rename("child", "{note}")
    time.sleep(600)
while not os.path.exists("{note}"):
    time.sleep(0.01)
"""


@pytest.mark.parametrize("leave", ["pass", "os.setpgid(0, 0)", "os.setsid()"])
def test_a_child_that_a_script_leaves_behind_is_ended_wherever_it_went(bench: Bench, leave: str) -> None:
    note = bench.folder / "child"
    assert bench.execute(bench.run(LEAVES.format(leave=leave, note=note))) == Outcome(RunState.SUCCEEDED)
    assert identity(int(note.read_text())) is None


CLOSES = """
import time
try:
    open("{note}", "w").close()
    {busy}
finally:
    print("closed", flush=True)
"""


@pytest.mark.parametrize("busy", ["time.sleep(600)", "while True: pass"])
def test_a_stop_lets_a_script_close_what_it_opened(bench: Bench, busy: str) -> None:
    note = bench.folder / "busy"
    run = bench.run(CLOSES.format(busy=busy, note=note))
    assert bench.jobs.execute(run, note.exists, lambda: None) == Outcome(RunState.STOPPED, "stopped on request")
    assert (bench.output(), bench.errors()) == ("closed\n", "isinglass: the script was stopped\n")


def test_a_stop_reaches_past_an_except_that_takes_everything(bench: Bench) -> None:
    script = """
import time
while True:
    try:
        open("{note}", "w").close()
        time.sleep(600)
    except Exception:
        print("not this way")
"""
    note = bench.folder / "busy"
    outcome = bench.jobs.execute(bench.run(script.format(note=note)), note.exists, lambda: None)
    assert (outcome.state, bench.output()) == (RunState.STOPPED, "")


def test_a_child_of_a_script_may_be_ended_by_the_script_itself(bench: Bench) -> None:
    script = """
import multiprocessing, time
child = multiprocessing.get_context("fork").Process(target=time.sleep, args=(600,))
child.start()
child.terminate()
child.join()
print(child.exitcode)
"""
    assert bench.execute(bench.run(script)) == Outcome(RunState.SUCCEEDED)
    assert bench.output() == "-15\n"


def test_a_folder_of_runs_that_cannot_be_written_is_the_named_reason(bench: Bench) -> None:
    (bench.folder / "runs").write_text("not a folder")
    with pytest.raises(RunFolderUnusable, match=r"Run jr_1 could not be laid out in .*jr_1: Not a directory"):
        bench.execute(bench.run("pass"))


def test_a_run_whose_folder_is_taken_away_ends(bench: Bench) -> None:
    script = "import shutil, pathlib, os\nshutil.rmtree(pathlib.Path(os.environ['ISINGLASS_RUN_FILE']).parent)"
    ended = bench.execute(bench.run(script))
    assert ended == Outcome(RunState.FAILED, "its supervisor ended with code 1; see the error log")


def test_a_log_that_cannot_be_written_ends_the_run_and_the_reason_is_in_the_other_log(bench: Bench) -> None:
    bench.path("output.log").mkdir(parents=True)
    ended = bench.execute(bench.run("pass"))
    assert ended == Outcome(RunState.FAILED, "its supervisor ended with code 1; see the error log")
    assert "IsADirectoryError" in bench.errors()
