"""The process that owns one job run: it starts Java and Python, waits, and notes how they ended.

It outlives the service.

Usage: python -m engine.supervisor FOLDER. It leads a session of its own, so that everything the run
starts can be found and ended. The service knows it only by the files in FOLDER:

launch.json     what to start (written by the service): commands to run before, then Java and Python
supervisor.json who it is; its presence says that it began
exit.json       how it ended; written last, whole or not at all: Python's code, why we stopped waiting, and the code
                of a Java that ended by itself
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import FrameType, MappingProxyType
from typing import Any

from engine.processes import end_session, identity

GRACE_SECONDS = 10.0
LAUNCH, SUPERVISOR, EXIT = "launch.json", "supervisor.json", "exit.json"
_NONE: Mapping[str, str] = MappingProxyType({})
EXITED, STOPPED, TIMED_OUT = "exited", "stopped", "timeout"


def write_whole(path: Path, content: object, mode: int = 0o600) -> None:
    """Write JSON so that a reader finds all of it or nothing, also after a crash."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w") as file:
        json.dump(content, file)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


class Supervisor:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.launch: dict[str, Any] = json.loads((folder / LAUNCH).read_text())
        self.asked_to_stop = False
        self.deadline = time.monotonic() + self.launch["timeout_seconds"]
        self.java_code: int | None = None

    def run(self) -> None:
        signal.signal(signal.SIGTERM, self.stop)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        write_whole(self.folder / SUPERVISOR, {"process": identity(os.getpid())})
        if (self.folder / EXIT).exists():  # the service has given this run up meanwhile
            return
        with (self.folder / "output.log").open("ab") as output, (self.folder / "error.log").open("ab") as error:
            reason, code = self.prepare(error)
            if reason == EXITED and code == 0:
                reason, code = self.run_script(output, error)
        end_session(os.getsid(0), spare=os.getpid())
        write_whole(self.folder / EXIT, {"code": code, "reason": reason, "java": self.java_code})

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
        # Java ends when its input does, so it cannot outlive this process.
        java = self.start(self.launch["java"], output, error, stdin=subprocess.PIPE)
        script = self.launch["python_env"]
        python = self.start(self.launch["python"], output, error, stdin=subprocess.DEVNULL, variables=script)
        reason = self.wait(python, java)
        self.end(python, java)
        return reason, python.returncode

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
            if java is not None and java.poll() is not None:
                self.java_code = java.returncode
                # The script sees the broken connection by itself; one that hangs on it is ended.
                with contextlib.suppress(subprocess.TimeoutExpired):
                    python.wait(GRACE_SECONDS)
                return EXITED
            time.sleep(0.05)
        return EXITED

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


if __name__ == "__main__":
    Supervisor(Path(sys.argv[1])).run()
