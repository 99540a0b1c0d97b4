"""A Java that is kept warm for one job, and what it is like: all that is fixed when it starts."""

from __future__ import annotations

import contextlib
import re
import select
import shutil
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.running.processes import end_session
from engine.running.supervisor import SUPERVISOR
from engine.spark.archive import is_option
from engine.spark.pooled import READY

PATIENCE_SECONDS = 10.0
_FOLDER = "{folder}"
_UNITS = {"": 0, "k": 10, "m": 20, "g": 30, "t": 40}
_HEAP = re.compile(r"-Xmx(\d+)([kmgt]?)", re.IGNORECASE)


@dataclass(frozen=True)
class Shape:
    """What is fixed when a Java starts, wherever its folder is: its `build` and jars, its command, its environment.

    An archive makes no difference: `command` has its options, and `java` has not.
    """

    build: str
    java: tuple[str, ...]
    environment: tuple[tuple[str, str], ...]
    command: tuple[str, ...] = field(compare=False)

    @classmethod
    def of(cls, build: str, command: Sequence[str], environment: Mapping[str, str], folder: Path) -> Shape:
        words = tuple(word.replace(str(folder), _FOLDER) for word in command)
        variables = tuple((name, environment[name].replace(str(folder), _FOLDER)) for name in sorted(environment))
        return cls(build, tuple(word for word in words if not is_option(word)), variables, words)

    def launch(self, folder: Path) -> dict[str, Any]:
        """What to start in that folder."""
        return {
            "java": [word.replace(_FOLDER, str(folder)) for word in self.command],
            "env": {name: value.replace(_FOLDER, str(folder)) for name, value in self.environment},
            "cwd": str(folder / "work"),
        }

    @property
    def heap_bytes(self) -> int:
        """The most that Java takes for its objects."""
        sizes = [found for word in self.java if (found := _HEAP.fullmatch(word))]
        return int(sizes[-1][1]) << _UNITS[sizes[-1][2].lower()] if sizes else 0


@dataclass
class Kept:
    """A Java that is being warmed, or waits, and its supervisor."""

    folder: Path
    shape: Shape
    supervisor: subprocess.Popen[bytes]
    ready: bool = False

    def look(self) -> bool:
        """Whether it is there still; notes that it is ready."""
        assert self.supervisor.stdout is not None  # noqa: S101 — it is a pipe
        if not self.ready and select.select([self.supervisor.stdout], [], [], 0)[0]:
            self.ready = self.supervisor.stdout.readline().decode().strip() == READY
        return self.supervisor.poll() is None

    def give(self, run: Path) -> bool:
        """Give it to the run in that folder; False if it is not there any more, and then it never takes the run."""
        assert self.supervisor.stdin is not None  # noqa: S101 — it is a pipe
        deadline = time.monotonic() + PATIENCE_SECONDS
        with contextlib.suppress(BrokenPipeError):
            self.supervisor.stdin.write(f"{run}\n".encode())
            self.supervisor.stdin.flush()
            while self.supervisor.poll() is None and time.monotonic() < deadline:
                if (run / SUPERVISOR).exists():
                    self._close()
                    return True
                time.sleep(0.005)
        self.discard()
        return (run / SUPERVISOR).exists()

    def discard(self) -> None:
        self._close()
        end_session(self.supervisor.pid)
        self.supervisor.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _close(self) -> None:
        for pipe in (self.supervisor.stdin, self.supervisor.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()
