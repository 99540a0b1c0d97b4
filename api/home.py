"""The home folder: its parts, the lock that lets one service use it, and the note that says where it answers."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from catalog.db import sqlite_url
from catalog.errors import DomainError
from engine.running.notes import write_whole
from engine.running.processes import alive, identity, pid_of


class HomeUnusable(DomainError):
    """Home {path} cannot be used: {why}. Give another with --home."""


class HomeLocked(DomainError):
    """Home {path} is used by another service ({holder}); stop that one, or give another home with --home."""


@dataclass(frozen=True)
class Address:
    """Where a running service answers."""

    endpoint: str
    metastore_uri: str
    process: str


@dataclass(frozen=True)
class Home:
    path: Path

    @classmethod
    def open(cls, path: Path) -> Home:
        """The home at `path`, made if it is new, readable by its owner alone. Raises HomeUnusable."""
        home = cls(path)
        try:
            home.runs.mkdir(parents=True, exist_ok=True, mode=0o700)
            home.warehouse.mkdir(exist_ok=True)
            path.chmod(0o700)
        except OSError as error:
            raise HomeUnusable(path=path, why=error.strerror or error) from error
        return home

    @property
    def runs(self) -> Path:
        return self.path / "runs"

    @property
    def warehouse(self) -> Path:
        return self.path / "warehouse"

    @property
    def warm(self) -> Path:
        """Folders of Javas that wait for a job."""
        return self.path / "warm"

    @property
    def java(self) -> Path:
        return self.path / "java"

    @property
    def secret_key(self) -> Path:
        return self.path / "secret.key"

    @property
    def database_url(self) -> str:
        return sqlite_url(self.path / "isinglass.db")

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the home for one service; the system lets go of it however the process ends. Raises HomeLocked."""
        with (self.path / "service.lock").open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                found = self.find_service()
                holder = f"process {pid_of(found.process)}, {found.endpoint}" if found else "it is just starting"
                raise HomeLocked(path=self.path, holder=holder) from error
            yield

    @contextmanager
    def announced(self, endpoint: str, metastore_uri: str) -> Iterator[None]:
        """Say where the service answers, while it does."""
        note = self.path / "service.json"
        process = identity(os.getpid())
        write_whole(note, {"endpoint": endpoint, "metastore_uri": metastore_uri, "process": process})
        try:
            yield
        finally:
            note.unlink(missing_ok=True)

    def find_service(self) -> Address | None:
        """Where a live service of this home answers; None if there is none."""
        try:
            found = Address(**json.loads((self.path / "service.json").read_text()))
        except FileNotFoundError:
            return None
        return found if alive(found.process) else None
