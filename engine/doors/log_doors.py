"""The front door to runs' logs: which there are, what is in them, and what is new in one that grows."""

from __future__ import annotations

import time
from pathlib import Path

from sqlalchemy import Engine as SqlEngine

from catalog.db import reading
from catalog.errors import NotFound
from engine.ledger import runs
from engine.model import Run
from engine.running.log_lines import Lines, lines_after, lines_before
from engine.running.logs import LogPart, RunLog, find_log, list_logs, read_log

_LOOK_SECONDS = 0.5


class LogDoors:
    """What `Engine` says of the logs of runs whose files this process can see."""

    engine: SqlEngine
    runs: Path | None

    def list_logs(self, run_id: str) -> list[RunLog]:
        """None before the run's process began."""
        return list_logs(self.runs / run_id) if self.runs else []

    def read_log(self, run_id: str, name: str, begin: int = 0) -> LogPart:
        """A part of a log, from byte `begin` on; empty where the log ends now. Raises NotFound."""
        return read_log(self._log(run_id, name), begin)

    def _log(self, run_id: str, name: str) -> Path:
        path = find_log(self.runs / run_id, name) if self.runs else None
        if path is None:
            raise NotFound(kind="Log", name=f"{name} of run {run_id}")
        return path

    def log_lines_after(self, run: Run, name: str, begin: int, most: int) -> Lines:
        """At most `most` lines from byte `begin` on; none where the log ends now. Raises NotFound."""
        return lines_after(self._log(run.id, name), begin, most, run.finished)

    def log_lines_before(self, run: Run, name: str, end: int | None, most: int) -> Lines:
        """The last `most` lines, or fewer, before byte `end`; None: before the end of the log. Raises NotFound."""
        return lines_before(self._log(run.id, name), end, most, run.finished)

    def follow_log(self, run_id: str, name: str, begin: int = 0) -> LogFollower:
        """Raises NotFound, for a run that is not there."""
        with reading(self.engine) as connection:
            ended = runs.get_run(connection, run_id).finished
        return LogFollower(self, run_id, name, begin, ended)


class LogFollower:
    """A reader of a log that still grows, or is not there yet."""

    def __init__(self, doors: LogDoors, run_id: str, name: str, begin: int, ended: bool) -> None:
        self.doors = doors
        self.run_id = run_id
        self.name = name
        self.begin = begin
        self.ended = ended
        self.looked = time.monotonic()

    def news(self) -> LogPart | None:
        """The lines that have come since the last call; None once the run has ended and all of it was read.

        Raises NotFound for a log that a run which has ended does not have.
        """
        found = self._read()
        if found is not None and found.text:
            return found
        if self.ended:
            if found is None:
                raise NotFound(kind="Log", name=f"{self.name} of run {self.run_id}")
            return None
        if time.monotonic() - self.looked > _LOOK_SECONDS:
            self.looked = time.monotonic()
            with reading(self.doors.engine) as connection:
                self.ended = runs.get_run(connection, self.run_id).finished
        return LogPart("", self.begin)

    def _read(self) -> LogPart | None:
        path = find_log(self.doors.runs / self.run_id, self.name) if self.doors.runs else None
        if path is None:
            return None
        part = read_log(path, self.begin, whole_lines=not self.ended)
        self.begin = part.end
        return part
