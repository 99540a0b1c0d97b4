"""What runs have staged, in the database: hidden folders, their files to publish, and what the catalog takes in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection, delete, select, update

from catalog.db import insert
from catalog.errors import InvalidInput
from crawlers.places import scheme_of
from engine import rows
from engine.errors import StagedOutputGone
from engine.model import Run
from engine.states import FINAL, RunState

HIDDEN = ".isinglass-staged"  # no reader that knows Hadoop's rules looks into a folder whose name begins with a dot


@dataclass(frozen=True)
class StagedFolder:
    """A hidden folder in which a run has written what belongs to `location`.

    `files` are those to publish, by their path below it, once the run has succeeded (`state`); before that, those
    that its first sink left there.
    """

    run_id: str
    location: str
    folder: str
    files: tuple[str, ...] | None = None
    state: RunState = RunState.RUNNING


def folder_of(run: Run, location: str) -> str:
    """Where the run stages what it writes to `location`: below it, so that publishing is a move within one store."""
    if scheme_of(location) == "file" and not location.startswith(("/", "file:/")):
        raise InvalidInput(what=f"staged output to {location!r}", why="give an absolute path or a URI.")
    return f"{location.rstrip('/')}/{HIDDEN}/{run.id}-{run.attempt}"


def stage(connection: Connection, run: Run, location: str) -> StagedFolder:
    """Note the folder before anything is written into it, so that it is found whatever happens. Raises InvalidInput."""
    staged = StagedFolder(run.id, location, folder_of(run, location))
    values = {"run_id": run.id, "location": location, "folder": staged.folder}
    connection.execute(insert(connection, rows.staged_folders).values(**values).on_conflict_do_nothing())
    return staged


def list_folders(connection: Connection, run_id: str) -> list[StagedFolder]:
    c = rows.staged_folders.c
    found = connection.execute(select(rows.staged_folders).where(c.run_id == run_id).order_by(c.location)).mappings()
    return [StagedFolder(run_id, row["location"], row["folder"], _names(row["files"])) for row in found]


def list_unsettled(connection: Connection) -> list[StagedFolder]:
    """The folders of runs that have ended, oldest run first: to be published, or removed."""
    c, r = rows.staged_folders.c, rows.runs.c
    statement = select(rows.staged_folders, r.state).join(rows.runs, r.id == c.run_id).where(r.state.in_(FINAL))
    found = connection.execute(statement.order_by(r.finished_at, c.run_id, c.location)).mappings()
    return [
        StagedFolder(row["run_id"], row["location"], row["folder"], _names(row["files"]), RunState(row["state"]))
        for row in found
    ]


def _names(text: str | None) -> tuple[str, ...] | None:
    return None if text is None else tuple(msgspec.json.decode(text))


def note_files(connection: Connection, run_id: str, location: str, files: Sequence[str]) -> None:
    """What the first sink that wrote to `location` has left in the folder."""
    c = rows.staged_folders.c
    changed = update(rows.staged_folders).where(c.run_id == run_id, c.location == location, c.files.is_(None))
    connection.execute(changed.values(files=_text(files)))


def demand_there(folder: StagedFolder, names: Sequence[str]) -> None:
    """Raises StagedOutputGone if files that a sink has written are no longer among those in the folder."""
    gone = set(folder.files or ()).difference(names)
    if gone:
        raise StagedOutputGone(count=len(gone), location=folder.location)


def seal(connection: Connection, run_id: str, files: Mapping[str, Sequence[str]]) -> None:
    """Say which files, by location, the run has staged for good: to be called in the transaction that ends it well."""
    c = rows.staged_folders.c
    for location, names in files.items():
        changed = update(rows.staged_folders).where(c.run_id == run_id, c.location == location)
        connection.execute(changed.values(files=_text(names)))


def _text(names: Sequence[str]) -> str:
    return msgspec.json.encode(list(names)).decode()


def add_update(connection: Connection, run_id: str, body: str) -> None:
    """What the catalog is to take in when the run is published, as JSON."""
    connection.execute(insert(connection, rows.staged_updates).values(run_id=run_id, body=body))


def list_updates(connection: Connection, run_id: str) -> list[str]:
    c = rows.staged_updates.c
    return list(connection.execute(select(c.body).where(c.run_id == run_id).order_by(c.id)).scalars())


def forget(connection: Connection, run_id: str) -> None:
    """The run's output is settled."""
    for table in (rows.staged_folders, rows.staged_updates):
        connection.execute(delete(table).where(table.c.run_id == run_id))
