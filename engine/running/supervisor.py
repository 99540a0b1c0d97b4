"""The process that owns one job run: it starts the script, and Java beside it, waits, and notes how they ended.

It outlives the service.

Usage: python -m engine.running.supervisor FOLDER. It leads a session of its own, so that everything the run
starts can be found and ended. The service knows it only by the files in FOLDER:

launch.json     what to start (written by the service): commands to run before, then Java, if any, and Python
supervisor.json who it is; its presence says that it began, and that no other supervisor ever may
keeper.json     the process for which alone the run goes on, if there is one (written by the service)
exit.json       how it ended; written last, whole or not at all: Python's code, why we stopped waiting, the code of a
                Java that ended by itself, and whether the system ran out of memory meanwhile
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FrameType, MappingProxyType
from typing import Any

from engine.running.logs import ERROR_LOG, OUTPUT_LOG, BoundedLog
from engine.running.notes import read_note, reserve, write_reserved, write_whole
from engine.running.processes import alive, end_session, identity

GRACE_SECONDS = 10.0
PATIENCE_SECONDS = 60.0
KEEPER_SECONDS = 15.0  # that a service may take to come back
LAUNCH, SUPERVISOR, KEEPER, EXIT = "launch.json", "supervisor.json", "keeper.json", "exit.json"
EXITED, STOPPED, TIMED_OUT, ABANDONED = "exited", "stopped", "timeout", "abandoned"
_NONE: Mapping[str, str] = MappingProxyType({})
ADDRESS = "_PYSPARK_DRIVER_CONN_INFO_PATH"
_VMSTAT = Path("/proc/vmstat")


class Supervisor:
    def __init__(self, folder: Path, *marks: str) -> None:
        """`marks` are what the environment of processes has that are the run's beside those it starts."""
        self.folder = folder
        self.launch: dict[str, Any] = {}
        self.asked_to_stop = False
        self.deadline = float("inf")
        self.looked_at = self.kept_at = time.monotonic()
        self.java_code: int | None = None
        self.logs: list[BoundedLog] = []
        self.marks = list(marks)

    def run(self) -> None:
        if self.begin():
            self.carry_out()

    def begin(self) -> bool:
        """Take the run. False if there is none: another has it, or the service has withdrawn it or given it up."""
        signal.signal(signal.SIGTERM, self.stop)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        with locked(self.folder):
            launch = read_note(self.folder / LAUNCH)
            if launch is None or (self.folder / SUPERVISOR).exists():
                return False
            self.launch = launch
            self.marks.insert(0, launch["mark"])
            write_whole(self.folder / SUPERVISOR, {"process": identity(os.getpid()), "marks": self.marks})
        if launch["timeout_seconds"] is not None:
            self.deadline = time.monotonic() + launch["timeout_seconds"]
        return not (self.folder / EXIT).exists()

    def carry_out(self) -> None:
        reserve(self.folder / EXIT)
        killed_before = memory_kills()
        with (self.folder / OUTPUT_LOG).open("ab") as output, (self.folder / ERROR_LOG).open("ab") as error:
            limit = self.launch["log_limit"]
            self.logs = [BoundedLog(self.folder / name, limit) for name in (OUTPUT_LOG, ERROR_LOG)]
            reason, code = self.prepare(error)
            if reason == EXITED and code == 0:
                reason, code = self.run_script(output, error)
        for mark in self.marks:
            end_session(os.getsid(0), spare=os.getpid(), mark=os.fsencode(mark))
        self.shorten_logs()
        out_of_memory = memory_kills() > killed_before
        self.note_end({"code": code, "reason": reason, "java": self.java_code, "out_of_memory": out_of_memory})

    def prepare(self, error: Any) -> tuple[str, int]:
        """Run the commands that come before, until one does not end well."""
        for command in self.launch["before"]:
            child = self.start(command, error, error, stdin=subprocess.DEVNULL)
            reason = self.wait(child)
            self.end(child)
            if reason != EXITED or child.returncode != 0:
                return reason, child.returncode
        return EXITED, 0

    def run_script(self, output: Any, error: Any) -> tuple[str, int]:
        java = self.start_java(output, error)
        script = self.launch["python_env"]
        python = self.start(self.launch["python"], output, error, stdin=subprocess.DEVNULL, variables=script)
        reason = self.wait(python, java)
        self.end(python, *([java] if java else []))
        return reason, python.returncode

    def start_java(self, output: Any, error: Any) -> subprocess.Popen[bytes] | None:
        """Spark's Java, if the run has one. It ends when its input does, so it cannot outlive this process."""
        command = self.launch["java"]
        return self.start(command, output, error, stdin=subprocess.PIPE) if command else None

    def start(
        self, command: list[str], output: Any, error: Any, stdin: int, variables: Mapping[str, str] = _NONE
    ) -> subprocess.Popen[bytes]:
        environment = {**self.launch["env"], **variables}
        return subprocess.Popen(
            command, cwd=self.launch["cwd"], env=environment, stdin=stdin, stdout=output, stderr=error
        )

    def stop(self, _signal: int, _frame: FrameType | None) -> None:
        self.asked_to_stop = True

    def wait(self, python: subprocess.Popen[bytes], java: subprocess.Popen[bytes] | None = None) -> str:
        while python.poll() is None:
            if self.asked_to_stop:
                return STOPPED
            if time.monotonic() > self.deadline:
                return TIMED_OUT
            if self.is_abandoned():
                return ABANDONED
            if java is not None and java.poll() is not None:
                self.java_code = java.returncode
                self.tell_of_java()
                # The script sees the broken connection by itself; one that hangs on it is ended.
                with contextlib.suppress(subprocess.TimeoutExpired):
                    python.wait(GRACE_SECONDS)
                return EXITED
            self.shorten_logs()
            time.sleep(0.05)
        return EXITED

    def is_abandoned(self) -> bool:
        """Whether the process that the run is for has been gone for longer than another may take to come."""
        now = time.monotonic()
        if now - self.looked_at >= 1.0:
            self.looked_at = now
            keeper = read_note(self.folder / KEEPER)
            if keeper is None or alive(keeper["process"]):
                self.kept_at = now
        return self.looked_at - self.kept_at > KEEPER_SECONDS

    def tell_of_java(self) -> None:
        """Let a driver that still waits for Java's address find that there is none: an empty note."""
        address = self.launch["env"].get(ADDRESS)
        if address is not None:
            with contextlib.suppress(OSError):
                Path(address).touch()

    def end(self, *children: subprocess.Popen[bytes]) -> None:
        """Ask each to end, in turn: Java by closing its input. What does not listen is killed."""
        for child in children:
            if child.stdin is not None:
                with contextlib.suppress(BrokenPipeError):
                    child.stdin.close()
            elif child.poll() is None:
                child.terminate()
            try:
                child.wait(GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()

    def shorten_logs(self) -> None:
        for log in self.logs:
            with contextlib.suppress(OSError):  # a full disk cannot take the line yet: the next time may
                log.shorten()

    def note_end(self, ended: dict[str, object]) -> None:
        """Write how it ended; where that cannot be written yet, try for a minute. Raises OSError."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                write_reserved(self.folder / EXIT, ended)
            except OSError:
                if time.monotonic() > deadline or not self.folder.exists():
                    raise
                time.sleep(1.0)
            else:
                return


def start_supervisor(folder: Path, _launch: Mapping[str, Any] = _NONE) -> subprocess.Popen[bytes]:
    """Have the run in that folder begun, as it says in its launch.json."""
    with (folder / ERROR_LOG).open("ab") as errors:
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "engine.running.supervisor", str(folder)],
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
        )


def withdraw(folder: Path) -> bool:
    """Take back a launch that no supervisor has begun, so that none begins it any more: it may be laid out again.

    False if one has begun, or if nothing of the run lies here.
    """
    if not folder.is_dir():
        return False
    with locked(folder):
        if (folder / SUPERVISOR).exists():
            return False
        (folder / LAUNCH).unlink(missing_ok=True)
        return True


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Alone with what says who has the run in that folder."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def memory_kills() -> int:
    """How many processes this system has killed for want of memory; 0 where it does not tell."""
    try:
        lines = _VMSTAT.read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("oom_kill ")), 0)


if __name__ == "__main__":
    Supervisor(Path(sys.argv[1])).run()
