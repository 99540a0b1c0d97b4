"""The process that owns one job run: it starts Java and Python, waits, and notes how they ended.

It outlives the service.

Usage: python -m engine.supervisor FOLDER. It leads a session of its own, so that everything the run
starts can be found and ended. The service knows it only by the files in FOLDER:

launch.json     what to start (written by the service)
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
from pathlib import Path
from types import FrameType
from typing import Any

from engine.processes import end_session, identity

GRACE_SECONDS = 10.0
LAUNCH, SUPERVISOR, EXIT = "launch.json", "supervisor.json", "exit.json"
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
        self.java_code: int | None = None

    def run(self) -> None:
        signal.signal(signal.SIGTERM, self.stop)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        write_whole(self.folder / SUPERVISOR, {"process": identity(os.getpid())})
        if (self.folder / EXIT).exists():  # the service has given this run up meanwhile
            return
        with (self.folder / "output.log").open("ab") as output, (self.folder / "error.log").open("ab") as error:
            # Java ends when its input does, so it cannot outlive this process.
            java = self.start(self.launch["java"], output, error, stdin=subprocess.PIPE)
            python = self.start(self.launch["python"], output, error, stdin=subprocess.DEVNULL)
            reason = self.wait(python, java)
            self.end(python, java)
        code = python.returncode
        end_session(os.getsid(0), spare=os.getpid())
        write_whole(self.folder / EXIT, {"code": code, "reason": reason, "java": self.java_code})

    def start(self, command: list[str], output: Any, error: Any, stdin: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            command, cwd=self.launch["cwd"], env=self.launch["env"], stdin=stdin, stdout=output, stderr=error
        )

    def stop(self, _signal: int, _frame: FrameType | None) -> None:
        self.asked_to_stop = True

    def wait(self, python: subprocess.Popen[bytes], java: subprocess.Popen[bytes]) -> str:
        deadline = time.monotonic() + self.launch["timeout_seconds"]
        while python.poll() is None:
            if self.asked_to_stop:
                return STOPPED
            if time.monotonic() > deadline:
                return TIMED_OUT
            if java.poll() is not None:
                self.java_code = java.returncode
                # The script sees the broken connection by itself; one that hangs on it is ended.
                with contextlib.suppress(subprocess.TimeoutExpired):
                    python.wait(GRACE_SECONDS)
                return EXITED
            time.sleep(0.05)
        return EXITED

    def end(self, python: subprocess.Popen[bytes], java: subprocess.Popen[bytes]) -> None:
        """Ask Python, then Java, to end; what does not listen is killed."""
        for child in (python, java):
            if child is java and child.stdin is not None:
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
