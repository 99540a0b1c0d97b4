"""Job bookmarks in the database: what runs read, the state that follows, and its compare-and-set commit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec
from sqlalchemy import Connection, RowMapping, func, select, update
from sqlalchemy.exc import IntegrityError

from catalog.db import insert
from catalog.errors import InvalidInput, NotFound
from catalog.paging import rows_of_each
from engine import rows
from engine.errors import BookmarkConflict
from engine.model import Bookmark, JobSpec, RunSource, SourceState


@dataclass(frozen=True)
class Standing:
    """What a run must know of one transformation_ctx before it reads.

    `before` is how far the job has read; with `ranged`, only what came after it and up to `upto` is read again.
    `pending` is what this run has noted there already; `version` the bookmark's.
    """

    before: SourceState | None = None
    ranged: bool = False
    upto: SourceState | None = None
    pending: RunSource | None = None
    version: int = 0


def stand(connection: Connection, spec: JobSpec, run_id: str | None, context: str) -> Standing:
    """Where the run stands, or without one the next. Raises InvalidInput for a range of runs that cannot be read."""
    current = find_bookmark(connection, spec.job.name)
    version = current.version if current else 0
    found = [each for each in list_sources(connection, run_id) if each.context == context] if run_id else []
    pending = found[0] if found else None
    if spec.bookmark_range is not None:
        after, upto = (after_run(connection, spec.job.name, each).sources.get(context) for each in spec.bookmark_range)
        return Standing(after, True, upto, pending, version)
    return Standing(current.sources.get(context) if current else None, False, None, pending, version)


def record_source(connection: Connection, run_id: str, source: RunSource) -> None:
    """Note what the run reads through a context; a context used twice keeps its last note."""
    noted = {
        "source": source.source,
        "selected_files": source.selected_files,
        "skipped_files": source.skipped_files,
        "state": source.state and msgspec.json.encode(source.state).decode(),
        "base_version": source.base_version,
        "reasons": msgspec.json.encode(source.reasons).decode(),
        "requests": msgspec.json.encode(source.requests).decode(),
        "note": source.note,
        "committed": int(source.committed),
    }
    c = rows.run_sources.c
    put = insert(connection, rows.run_sources).values(run_id=run_id, context=source.context, **noted)
    connection.execute(put.on_conflict_do_update(index_elements=[c.run_id, c.context], set_=noted))


def mark_committed(connection: Connection, run_id: str) -> None:
    """What the run has noted so far counts if it succeeds: its script called Job.commit()."""
    connection.execute(update(rows.run_sources).where(rows.run_sources.c.run_id == run_id).values(committed=1))


def list_sources(connection: Connection, run_id: str) -> list[RunSource]:
    return batch_list_sources(connection, [run_id])[run_id]


def batch_list_sources(connection: Connection, run_ids: Sequence[str]) -> dict[str, list[RunSource]]:
    """Of each run what it read, by context."""
    c = rows.run_sources.c
    sources: dict[str, list[RunSource]] = {run_id: [] for run_id in run_ids}
    statement = select(rows.run_sources).where(c.run_id.in_(run_ids)).order_by(c.context)
    for row in connection.execute(statement).mappings():
        sources[row["run_id"]].append(_source(row))
    return sources


def list_latest_sources(connection: Connection, job: str) -> list[RunSource]:
    """What the job's newest run that read anything through a context has read."""
    r, c = rows.runs.c, rows.run_sources.c
    newest = (
        select(r.id)
        .where(r.kind == "job", r.subject == job, select(c.run_id).where(c.run_id == r.id).exists())
        .order_by(r.queued_at.desc(), r.id.desc())
    )
    run_id = connection.execute(newest.limit(1)).scalar()
    return list_sources(connection, run_id) if run_id else []


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


def list_history(connection: Connection, job: str, limit: int) -> list[Bookmark]:
    """The bookmark after each run, and each user, that moved it; newest first."""
    return batch_list_history(connection, [job], limit)[job]


def batch_list_history(connection: Connection, jobs: Sequence[str], limit: int) -> dict[str, list[Bookmark]]:
    """As list_history, of each of several jobs."""
    c = rows.bookmarks.c
    newest = select(rows.bookmarks).order_by(c.version.desc()).limit(limit)
    found = rows_of_each(connection, jobs, lambda job: newest.where(c.job == job))
    return {job: [_bookmark(row._mapping) for row in each] for job, each in found.items()}


def after_run(connection: Connection, job: str, run_id: str) -> Bookmark:
    """The bookmark as `run_id` left it. Raises InvalidInput if that run moved none."""
    c = rows.bookmarks.c
    row = connection.execute(select(rows.bookmarks).where(c.job == job, c.run_id == run_id)).mappings().first()
    if row is None:
        why = f"no bookmark was saved by it; isinglass bookmark show {job} lists the runs that did."
        raise InvalidInput(what=f"run {run_id} of job {job}", why=why)
    return _bookmark(row)


def commit(connection: Connection, job: str, run_id: str, now: datetime) -> Bookmark | None:
    """Make what the run read the job's bookmark; None if it read nothing that is tracked.

    To be called in the transaction that moves the run to SUCCEEDED. Raises BookmarkConflict if the bookmark was moved
    since the run selected what to read.
    """
    tracked = [source for source in list_sources(connection, run_id) if source.state is not None and source.committed]
    if not tracked:
        return None
    current = find_bookmark(connection, job)
    version = current.version if current else 0
    if any(source.base_version not in (None, version) for source in tracked):
        raise _conflict(connection, job)
    moved = {source.context: source.state for source in tracked if source.state is not None}
    sources = {**(current.sources if current else {}), **moved}
    return _write(connection, Bookmark(job, version + 1, run_id, sources, now))


def reset(connection: Connection, job: str, now: datetime) -> Bookmark | None:
    """Forget what was read: the next run reads everything. The history is kept; None if there is nothing to forget."""
    current = find_bookmark(connection, job)
    if current is None or not current.sources:
        return None
    return _write(connection, Bookmark(job, current.version + 1, None, {}, now, "reset"))


def rewind(connection: Connection, job: str, run_id: str, now: datetime) -> Bookmark:
    """Back to how `run_id` left it: what later runs read is read again. Raises NotFound, InvalidInput."""
    current, then = get_bookmark(connection, job), after_run(connection, job, run_id)
    note = f"rewound to run {run_id}"
    return _write(connection, replace(then, version=current.version + 1, run_id=None, at=now, note=note))


def put(
    connection: Connection, job: str, expected_version: int, sources: dict[str, SourceState], note: str, now: datetime
) -> Bookmark:
    """Set the states of `sources`, others staying. Raises BookmarkConflict if it moved since `expected_version`."""
    current = find_bookmark(connection, job)
    if (current.version if current else 0) != expected_version:
        raise _conflict(connection, job)
    both = {**(current.sources if current else {}), **sources}
    return _write(connection, Bookmark(job, expected_version + 1, None, both, now, note))


def _conflict(connection: Connection, job: str) -> BookmarkConflict:
    current = find_bookmark(connection, job)
    if current is None or current.run_id is None:
        return BookmarkConflict(job=job, by=f"a user ({current.note or 'reset'})" if current else "another run")
    return BookmarkConflict(job=job, by=f"run {current.run_id}")


def _source(row: RowMapping) -> RunSource:
    return RunSource(
        context=row["context"],
        source=row["source"],
        selected_files=row["selected_files"],
        skipped_files=row["skipped_files"],
        state=row["state"] and msgspec.json.decode(row["state"], type=SourceState),
        base_version=row["base_version"],
        reasons=msgspec.json.decode(row["reasons"] or "{}"),
        requests=tuple(msgspec.json.decode(row["requests"] or "[]")),
        note=row["note"],
        committed=bool(row["committed"]),
    )


def _bookmark(row: RowMapping) -> Bookmark:
    sources = msgspec.json.decode(row["state"], type=dict[str, SourceState])
    return Bookmark(row["job"], row["version"], row["run_id"], sources, row["at"], row["note"])


def _write(connection: Connection, bookmark: Bookmark) -> Bookmark:
    values = {
        "job": bookmark.job,
        "version": bookmark.version,
        "run_id": bookmark.run_id,
        "state": msgspec.json.encode(bookmark.sources).decode(),
        "at": bookmark.at,
        "note": bookmark.note,
    }
    try:
        connection.execute(insert(connection, rows.bookmarks).values(**values))
    except IntegrityError as error:
        raise BookmarkConflict(job=bookmark.job, by="another run") from error
    return bookmark
