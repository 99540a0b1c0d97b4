"""Runs a job's script as __main__, turns a stop into an exception in it, and notes why it failed.

Usage: python -P isinglass_script.py SCRIPT, in the environment that the service prepares; the script's arguments are in
the run's arguments.json. So a Python-shell job is run, and isinglass_driver runs one with Spark. It lives beside
awsglue, in the job's process, and imports nothing of the service. The script's own folder is not on the path: a script
may be called copy.py or json.py.
"""

from __future__ import annotations

import json
import os
import runpy
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FrameType, TracebackType

LONGEST_CAUSE = 1_000
STOPPED = 128 + signal.SIGTERM
ARGUMENTS, FAILURE, PROGRESS = "arguments.json", "failure.json", "progress.json"
PARTING_SECONDS = 2.0
_RESERVED = 8192
_CATALOG = "--enable-glue-datacatalog"
_UNKNOWN_TO_SPARK = ("[TABLE_OR_VIEW_NOT_FOUND]", "[SCHEMA_NOT_FOUND]")
NO_S3 = (
    "Spark's connector to S3 (hadoop-aws) is not here. Put its jars into a folder and name that in ISINGLASS_JARS, or "
    "let Spark fetch them: ISINGLASS_MAVEN_REPOSITORY=https://repo1.maven.org/maven2"
)


class RunStopped(BaseException):
    """The run is stopped, or its time is over: raised wherever the script is, so that what it opened is closed."""


def main() -> None:
    folder = begin()
    tell(folder / PROGRESS, phase="running", begun_at=time.time())
    run_script(sys.argv[0], folder)


def begin() -> Path:
    """Make ready for the script, whose arguments become sys.argv: the run's folder."""
    folder = Path(os.environ["ISINGLASS_RUN_FILE"]).parent
    sys.argv = [sys.argv[1], *json.loads((folder / ARGUMENTS).read_text())]
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # a line is to be seen when it is printed
    with suppress(OSError):  # it is for the day when the disk becomes full; if it is already, there is nothing to take
        write(folder / f".{FAILURE}", {})
    return folder


def run_script(
    script: str, folder: Path, afterwards: Callable[[], None] = lambda: None, parting: Callable[[], bool] | None = None
) -> None:
    """Run the script to its end, and then `afterwards`; how it failed is noted, and told by the exit code.

    A stop is first told to `parting`, in a thread of its own: if that says True, what the script waits for ends, and
    the script gets a moment to end by itself.
    """
    take_stops(parting)
    try:
        runpy.run_path(script, run_name="__main__")
    except SystemExit as ended:
        if ended.code not in (None, 0):
            words = f"with exit code {ended.code}" if isinstance(ended.code, int) else f"by itself: {ended.code}"
            tell_failure(folder, f"the script ended {words}")
        raise
    except RunStopped:
        print("isinglass: the script was stopped", file=sys.stderr)
        sys.exit(STOPPED)
    except BaseException as error:
        tell_failure(folder, cause(error, script))
        show(error, script)
        sys.exit(1)
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # it has ended already
        afterwards()


def take_stops(parting: Callable[[], bool] | None) -> None:
    """Raise RunStopped in the script on SIGTERM. Children that it forks end by that signal, as children do."""

    def end(_signal: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # what the script does to end well is not to be cut short
        raise RunStopped

    def part() -> None:
        if parting is not None and parting():
            threading.main_thread().join(PARTING_SECONDS)
        os.kill(os.getpid(), signal.SIGTERM)

    def stop(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGTERM, end)
        if parting is None:
            end(number, frame)
        threading.Thread(target=part, daemon=True).start()

    def reset() -> None:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})

    signal.signal(signal.SIGTERM, stop)
    os.register_at_fork(  # a signal that comes before the child's Python is ready would be lost
        before=lambda: signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM}),
        after_in_parent=lambda: signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM}),
        after_in_child=reset,
    )


def cause(error: BaseException, script: str) -> str:
    """One line that says what went wrong and where in the script."""
    import traceback

    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == script]
    where = f" (line {lines[-1]} of the script)" if lines else ""
    if "Class org.apache.hadoop.fs.s3a.S3AFileSystem not found" in str(error):
        return NO_S3 + where
    if isinstance(error, ModuleNotFoundError) and error.name:
        where += "; add it with --additional-python-modules"
    if str(error).startswith(_UNKNOWN_TO_SPARK) and _CATALOG not in sys.argv:
        where += f"; Spark's SQL knows the catalog's tables in a job that has {_CATALOG}"
    return f"{type(error).__name__}: {essence(str(error))}".rstrip(": ") + where


def essence(text: str) -> str:
    """The line of a message that matters; of a failure in a Python worker or in Java, what was raised there."""
    lines = [line for line in text.splitlines() if line.strip()]
    if "Traceback (most recent call last):" in lines:
        lines = [line for line in lines if not line[0].isspace()][-1:]
    elif len(lines) > 1 and lines[1].startswith(": "):
        lines = [lines[1][2:]]
    return lines[0].strip()[:LONGEST_CAUSE] if lines else ""


def show(error: BaseException, script: str) -> None:
    """Print the error as Python does, from the script's own first line on."""
    import traceback

    at: TracebackType | None = error.__traceback__
    while at is not None and at.tb_frame.f_code.co_filename != script:
        at = at.tb_next
    with suppress(OSError):  # the log's disk may be full
        traceback.print_exception(type(error), error, at)


def tell_failure(folder: Path, words: str) -> None:
    """Note why the script failed; where nothing can be written, only the exit code tells."""
    with suppress(OSError):
        write(folder / f".{FAILURE}", {"cause": words})
        (folder / f".{FAILURE}").replace(folder / FAILURE)


def tell(note: Path, phase: str, done: int = 0, total: int = 0, **more: object) -> None:
    """Note how far the run is, and `more` about it; where nothing can be written, it goes on unseen."""
    part = note.with_name(f".{note.name}")
    with suppress(OSError):
        part.write_text(json.dumps({"phase": phase, "done": done, "total": total, **more}))
        part.replace(note)


def write(path: Path, content: dict[str, str]) -> None:
    """Write over the file in place: its space is taken already."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
        file.write(json.dumps(content).encode().ljust(_RESERVED))
        file.flush()
        os.fsync(file.fileno())


if __name__ == "__main__":
    main()
