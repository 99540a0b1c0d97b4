"""Job bookmarks: which files of a source are new, the state that follows, and its compare-and-set commit.

A file counts as read by its time of change, not its name. Stores list files late, so files within a band before the
last listing are remembered one by one (rule and band of 15 minutes: AWS's documentation of bookmarks).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import Connection, RowMapping, delete, func, insert, select
from sqlalchemy.exc import IntegrityError

from catalog.errors import NotFound
from engine import rows
from engine.errors import BookmarkConflict
from engine.model import Bookmark, RunSource, SourceState

BAND_MS = 900_000


@dataclass(frozen=True)
class FileSeen:
    """A file as its store lists it: path or URI, size in bytes, time of change in milliseconds since 1970."""

    path: str
    size: int
    modified_ms: int

    @property
    def mark(self) -> str:
        """What tells this content of this file from another; an overwritten file is a new one."""
        text = f"{self.path}\0{self.size}\0{self.modified_ms}"
        return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def select_new(
    files: Sequence[FileSeen], state: SourceState | None, listed_at_ms: int, band_ms: int = BAND_MS
) -> tuple[list[FileSeen], SourceState]:
    """The files that `state` has not covered, and the state once they are read. `listed_at_ms`: when listing began."""
    if state is None:
        new = [file for file in files if file.modified_ms <= listed_at_ms]
    else:
        listed_at_ms = max(listed_at_ms, state.high_ms)  # a clock that was set back must not bring old files back
        seen, since = frozenset(state.seen), state.high_ms - band_ms
        new = [file for file in files if since < file.modified_ms <= listed_at_ms and file.mark not in seen]
    # A file in the band is remembered whether this run reads it or an earlier one did.
    fresh = {file.path for file in new}
    known = frozenset(state.seen) if state else frozenset()
    band = [file for file in files if listed_at_ms - band_ms < file.modified_ms <= listed_at_ms]
    marks = tuple(sorted(file.mark for file in band if file.path in fresh or file.mark in known))
    return new, SourceState(listed_at_ms, marks)


def record_source(connection: Connection, run_id: str, source: RunSource) -> None:
    """Note what the run reads through a context; a context used twice keeps its last reading."""
    c = rows.run_sources.c
    connection.execute(delete(rows.run_sources).where(c.run_id == run_id, c.context == source.context))
    connection.execute(
        insert(rows.run_sources).values(
            run_id=run_id,
            context=source.context,
            source=source.source,
            selected_files=source.selected_files,
            skipped_files=source.skipped_files,
            state=source.state and msgspec.json.encode(source.state).decode(),
            base_version=source.base_version,
        )
    )


def list_sources(connection: Connection, run_id: str) -> list[RunSource]:
    return batch_list_sources(connection, [run_id])[run_id]


def batch_list_sources(connection: Connection, run_ids: Sequence[str]) -> dict[str, list[RunSource]]:
    """Of each run what it read, by context."""
    c = rows.run_sources.c
    sources: dict[str, list[RunSource]] = {run_id: [] for run_id in run_ids}
    statement = select(rows.run_sources).where(c.run_id.in_(run_ids)).order_by(c.context)
    for row in connection.execute(statement).mappings():
        state = row["state"] and msgspec.json.decode(row["state"], type=SourceState)
        sources[row["run_id"]].append(
            RunSource(
                row["context"], row["source"], row["selected_files"], row["skipped_files"], state, row["base_version"]
            )
        )
    return sources


def find_bookmark(connection: Connection, job: str) -> Bookmark | None:
    return batch_find_bookmarks(connection, [job]).get(job)


def batch_find_bookmarks(connection: Connection, jobs: Sequence[str]) -> dict[str, Bookmark]:
    """Of those of `jobs` that have one."""
    c = rows.bookmarks.c
    newest = select(c.job, func.max(c.version).label("version")).where(c.job.in_(jobs)).group_by(c.job).subquery()
    statement = select(rows.bookmarks).join(newest, (newest.c.job == c.job) & (newest.c.version == c.version))
    return {row["job"]: _bookmark(row) for row in connection.execute(statement).mappings()}


def get_bookmark(connection: Connection, job: str) -> Bookmark:
    found = find_bookmark(connection, job)
    if found is None:
        raise NotFound(kind="Bookmark of job", name=job)
    return found


def commit(connection: Connection, job: str, run_id: str, now: datetime) -> Bookmark | None:
    """Make what the run read the job's bookmark; None if it read nothing that is tracked.

    To be called in the transaction that moves the run to SUCCEEDED. Raises BookmarkConflict if the bookmark was moved
    since the run selected its files.
    """
    tracked = [source for source in list_sources(connection, run_id) if source.state is not None]
    if not tracked:
        return None
    current = find_bookmark(connection, job)
    version = current.version if current else 0
    if any(source.base_version not in (None, version) for source in tracked):
        raise BookmarkConflict(job=job)
    moved = {source.context: source.state for source in tracked if source.state is not None}
    sources = {**(current.sources if current else {}), **moved}
    return _write(connection, Bookmark(job, version + 1, run_id, sources, now))


def reset(connection: Connection, job: str, now: datetime) -> Bookmark | None:
    """Forget what was read: the next run reads everything. The history is kept; None if there is nothing to forget."""
    current = find_bookmark(connection, job)
    if current is None or not current.sources:
        return None
    return _write(connection, Bookmark(job, current.version + 1, None, {}, now))


def _bookmark(row: RowMapping) -> Bookmark:
    sources = msgspec.json.decode(row["state"], type=dict[str, SourceState])
    return Bookmark(row["job"], row["version"], row["run_id"], sources, row["at"])


def _write(connection: Connection, bookmark: Bookmark) -> Bookmark:
    values = {
        "job": bookmark.job,
        "version": bookmark.version,
        "run_id": bookmark.run_id,
        "state": msgspec.json.encode(bookmark.sources).decode(),
        "at": bookmark.at,
    }
    try:
        connection.execute(insert(rows.bookmarks).values(**values))
    except IntegrityError as error:
        raise BookmarkConflict(job=bookmark.job) from error
    return bookmark
