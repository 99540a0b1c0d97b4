"""The supervisor with small programs in the place of Java and of the script: how each way of ending is noted."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from engine.running.notes import write_whole
from engine.running.processes import end_session, identity, session_members
from engine.running.supervisor import ABANDONED, EXIT, EXITED, KEEPER, LAUNCH, STOPPED, SUPERVISOR, TIMED_OUT

# Java ends when its input does.
JAVA = "import sys; sys.stdin.read()"
PATIENCE_SECONDS = 30.0
# The module as the service starts it, but with less patience.
PROGRAM = (
    "import sys, engine.running.supervisor as s; s.GRACE_SECONDS = {}; s.KEEPER_SECONDS = 0.5; "
    "s.Supervisor(s.Path(sys.argv[1])).run()"
)

Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a supervisor over `python` and `java`, both the text of a Python program."""
    begun: list[subprocess.Popen[bytes]] = []

    def one(
        python: str,
        java: str = JAVA,
        timeout_seconds: float = 600,
        grace_seconds: float = 5,
        before: Sequence[str] = (),
    ) -> subprocess.Popen[bytes]:
        launch = {
            "before": [[sys.executable, "-c", each] for each in before],
            "python": [sys.executable, "-c", python],
            "python_env": {"CUSTOMER_DAY": "today"},
            "java": [sys.executable, "-c", java],
            "env": {**os.environ, "FOLDER": str(tmp_path)},
            "cwd": str(tmp_path),
            "timeout_seconds": timeout_seconds,
            "log_limit": 1 << 20,
            "mark": f"FOLDER={tmp_path}",
        }
        write_whole(tmp_path / LAUNCH, launch)
        program = PROGRAM.format(grace_seconds)
        with (tmp_path / "error.log").open("ab") as errors:
            begun.append(
                subprocess.Popen(
                    [sys.executable, "-c", program, str(tmp_path)],
                    start_new_session=True,
                    stdin=subprocess.DEVNULL,
                    stderr=errors,
                )
            )
        return begun[-1]

    yield one
    for process in begun:
        end_session(process.pid)
        process.wait(10)


def await_file(path: Path) -> Path:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not path.exists():
        assert time.monotonic() < deadline, f"{path.name} did not come"
        time.sleep(0.01)
    return path


def ending_of(supervisor: subprocess.Popen[bytes], folder: Path) -> tuple[int | None, str, int | None]:
    """Wait for its end; code, reason and Java's own code. Nothing of its session may be left."""
    assert supervisor.wait(PATIENCE_SECONDS) == 0
    assert [pid for pid in session_members(supervisor.pid) if identity(pid)] == []
    noted: dict[str, Any] = json.loads((folder / EXIT).read_text())
    return noted["code"], noted["reason"], noted["java"]


READY = "import os, pathlib, time; pathlib.Path(os.environ['FOLDER'], 'ready').touch(); "
AWAIT = "import os, pathlib, time\nwhile not pathlib.Path(os.environ['FOLDER'], '{}').exists(): time.sleep(.01)\n"
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); "


@pytest.mark.parametrize(
    ("python", "code"),
    [
        ("pass", 0),
        ("import sys; sys.exit(3)", 3),
        ("raise ValueError('no')", 1),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", -9),
    ],
)
def test_a_script_that_ends_is_noted_with_its_code(start: Start, tmp_path: Path, python: str, code: int) -> None:
    assert ending_of(start(python), tmp_path) == (code, EXITED, None)


def test_the_output_of_both_goes_to_the_logs(start: Start, tmp_path: Path) -> None:
    told = "import sys; print('out of {0}'); print('error of {0}', file=sys.stderr); "
    ending_of(start(READY + told.format("python"), told.format("java") + JAVA), tmp_path)
    assert (tmp_path / "output.log").read_text().split("\n").count("out of python") == 1
    errors = (tmp_path / "error.log").read_text()
    assert "error of python" in errors
    assert "error of java" in errors


def test_a_stop_is_noted_as_asked_for_whatever_the_code(start: Start, tmp_path: Path) -> None:
    supervisor = start(READY + "time.sleep(600)")
    await_file(tmp_path / "ready")
    supervisor.terminate()
    assert ending_of(supervisor, tmp_path) == (-signal.SIGTERM, STOPPED, None)


def test_a_run_that_is_over_its_time_is_ended(start: Start, tmp_path: Path) -> None:
    assert ending_of(start("import time; time.sleep(600)", timeout_seconds=0.3), tmp_path) == (
        -signal.SIGTERM,
        TIMED_OUT,
        None,
    )


def test_a_run_that_goes_on_for_a_process_ends_some_time_after_it(start: Start, tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as keeper:
        write_whole(tmp_path / KEEPER, {"process": identity(keeper.pid)})
        supervisor = start(READY + "time.sleep(600)")
        await_file(tmp_path / "ready")
        assert supervisor.poll() is None
    assert ending_of(supervisor, tmp_path) == (-signal.SIGTERM, ABANDONED, None)


def test_what_does_not_listen_to_a_stop_is_killed_after_the_grace(start: Start, tmp_path: Path) -> None:
    deaf_java = "import time; time.sleep(600)"  # nor does it end with its input
    supervisor = start(DEAF + READY + "time.sleep(600)", deaf_java, grace_seconds=0.3)
    await_file(tmp_path / "ready")
    supervisor.terminate()
    assert ending_of(supervisor, tmp_path) == (-signal.SIGKILL, STOPPED, None)


def test_a_script_that_hangs_on_a_java_that_died_is_ended(start: Start, tmp_path: Path) -> None:
    ended = ending_of(start("import time; time.sleep(600)", "import sys; sys.exit(7)", grace_seconds=0.3), tmp_path)
    assert ended == (-signal.SIGTERM, EXITED, 7)


def test_a_script_may_fail_by_itself_when_java_dies(start: Start, tmp_path: Path) -> None:
    script = AWAIT.format("java") + "import sys; time.sleep(1); sys.exit(5)"
    java = "import os, pathlib, signal; pathlib.Path(os.environ['FOLDER'], 'java').touch(); os.kill(os.getpid(), 9)"
    assert ending_of(start(script, java), tmp_path) == (5, EXITED, -9)


def test_grandchildren_of_both_end_with_the_run_also_those_in_groups_of_their_own(start: Start, tmp_path: Path) -> None:
    child = (
        "import os, pathlib, subprocess, sys\n"
        "it = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'], process_group=0)\n"
        "part = pathlib.Path(os.environ['FOLDER'], 'part-{0}'); part.write_text(str(it.pid))\n"
        "part.rename(part.with_name('{0}'))\n"
    )
    wait = AWAIT.format("of-java")
    supervisor = start(child.format("of-python") + wait, child.format("of-java") + JAVA)
    assert ending_of(supervisor, tmp_path) == (0, EXITED, None)
    for name in ("of-python", "of-java"):
        assert identity(int((tmp_path / name).read_text())) is None


def test_a_run_that_was_given_up_before_it_began_does_not_begin(start: Start, tmp_path: Path) -> None:
    write_whole(tmp_path / EXIT, {"code": None, "reason": "lost"})
    supervisor = start(READY)
    assert supervisor.wait(PATIENCE_SECONDS) == 0
    assert not (tmp_path / "ready").exists()
    assert json.loads((tmp_path / EXIT).read_text()) == {"code": None, "reason": "lost"}


def test_the_exit_note_comes_last_and_whole(start: Start, tmp_path: Path) -> None:
    supervisor = start("pass")
    noted = json.loads(await_file(tmp_path / EXIT).read_text())
    assert noted == {"code": 0, "reason": EXITED, "java": None, "out_of_memory": False}
    assert supervisor.wait(PATIENCE_SECONDS) == 0
    assert json.loads((tmp_path / SUPERVISOR).read_text())["process"].startswith(f"{supervisor.pid}:")
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_note_is_replaced_whole_and_can_be_read_by_its_owner_alone(tmp_path: Path) -> None:
    note = tmp_path / "note.json"
    write_whole(note, {"token": "old", "more": "x" * 10_000})
    write_whole(note, {"token": "new"})
    assert json.loads(note.read_text()) == {"token": "new"}
    assert note.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["note.json"]


def test_commands_before_the_script_are_run_first_and_one_that_fails_is_the_end(start: Start, tmp_path: Path) -> None:
    mark = "import os, pathlib; pathlib.Path(os.environ['FOLDER'], '{}').touch(); "
    before = [mark.format("first"), mark.format("second") + "raise SystemExit(7)", mark.format("third")]
    supervisor = start(mark.format("script"), before=before)
    assert ending_of(supervisor, tmp_path) == (7, EXITED, None)
    assert [name for name in ("first", "second", "third", "script") if (tmp_path / name).exists()] == [
        "first",
        "second",
    ]


def test_a_timeout_reaches_the_commands_before_the_script(start: Start, tmp_path: Path) -> None:
    slow = "import time; time.sleep(600)"
    supervisor = start("pass", before=[slow], timeout_seconds=0.2)
    assert ending_of(supervisor, tmp_path)[1] == TIMED_OUT


def test_only_the_script_has_its_own_variables(start: Start, tmp_path: Path) -> None:
    show = (
        "import os, pathlib; pathlib.Path(os.environ['FOLDER'], '{}').write_text(os.environ.get('CUSTOMER_DAY', '-'))"
    )
    java = show.format("java") + "\n" + JAVA
    supervisor = start(AWAIT.format("java") + show.format("python"), java)
    assert ending_of(supervisor, tmp_path)[0] == 0
    assert ((tmp_path / "java").read_text(), (tmp_path / "python").read_text()) == ("-", "today")
