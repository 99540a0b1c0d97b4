"""Which of what has happened is kept, and for how long: finished runs with their events, reports, figures and fires.

What is still needed stays, however old: runs that have not ended; the newest of each job and crawler, and the newest
that read anything, as it tells what comes next; one that a repeat, a trigger's condition or a workflow run in progress
goes back to; one whose output is not published; and events that an enabled webhook has still to tell, with their runs.
And nothing goes within a day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, delete, func, or_, select

from catalog.tags import delete_tags
from crawlers.rows import crawls
from engine import rows
from engine.events import webhooks
from engine.flows.workflow_model import Course
from engine.model import SESSION
from engine.states import FINAL, UNFINISHED

AT_ONCE = 200
LOOKED_FOR = 5_000
AT_LEAST = timedelta(days=1)

_r = rows.runs.c
_w = rows.workflow_runs.c


@dataclass(frozen=True)
class Keep:
    """For how many days runs are kept, and how many of each job and crawler at most; for how many days the folders of
    finished runs, with their logs, and modules that no run has used; how many states of a job's bookmark. 0: all.
    """

    runs_days: int = 365
    runs: int = 0
    logs_days: int = 90
    layers_days: int = 30
    bookmarks: int = 1_000


def list_prunable(connection: Connection, keep: Keep, now: datetime, limit: int | None = LOOKED_FOR) -> list[str]:
    """The runs that go next, oldest first."""
    if not keep.runs_days and not keep.runs:
        return []
    newest_first = (_r.queued_at.desc(), _r.id.desc())
    rank = func.row_number().over(partition_by=(_r.kind, _r.subject), order_by=newest_first)
    ranked = select(_r.id, rank.label("rank")).subquery()
    too_many = []
    if keep.runs_days:
        too_many.append(_r.finished_at < now - timedelta(days=keep.runs_days))
    if keep.runs:
        too_many.append(ranked.c.rank > keep.runs)
    gone = (
        select(_r.id)
        .join(ranked, ranked.c.id == _r.id)
        .where(
            _r.state.in_(sorted(FINAL)),
            _r.finished_at < now - AT_LEAST,
            or_(ranked.c.rank > 1, _r.kind == SESSION),
            or_(*too_many),
            *_not_needed(connection),
        )
    )
    return list(connection.execute(gone.order_by(_r.finished_at, _r.id).limit(limit)).scalars())


def _not_needed(connection: Connection) -> list[ColumnElement[bool]]:
    e, repeats = rows.events.c, rows.runs.alias()
    newest_first = (_r.queued_at.desc(), _r.id.desc())
    has_read = select(rows.run_sources.c.run_id).where(rows.run_sources.c.run_id == _r.id).exists()
    rank = func.row_number().over(partition_by=_r.subject, order_by=newest_first)
    readers = select(_r.id, rank.label("rank")).where(has_read).subquery()
    needed = (
        select(readers.c.id).where(readers.c.rank == 1),
        select(repeats.c.previous_run_id).where(
            repeats.c.state.in_(sorted(UNFINISHED)), repeats.c.previous_run_id.is_not(None)
        ),
        select(rows.staged_folders.c.run_id),
        select(rows.staged_updates.c.run_id),
        select(rows.ended_runs.c.run_id),
        select(rows.trigger_conditions.c.met_by).where(rows.trigger_conditions.c.met_by.is_not(None)),
        _of_newest_event(),
        *(select(e.run_id).where(e.id.in_(each), e.run_id.is_not(None)) for each in webhooks.owed_events(connection)),
    )
    going_on = select(_w.id).where(_w.finished_at.is_(None))
    over = or_(_r.workflow_run_id.is_(None), _r.workflow_run_id.not_in(going_on))
    return [*(_r.id.not_in(each) for each in needed), over, _r.id.not_in(_kept_by_resumed(connection))]


def _kept_by_resumed(connection: Connection) -> list[str]:
    """The runs of ended workflow runs whose results those that resume them go on from."""
    resuming = select(_w.course).where(_w.finished_at.is_(None), _w.previous_run_id.is_not(None))
    courses = connection.execute(resuming).scalars()
    return [run_id for each in courses for run_id in msgspec.json.decode(each, type=Course).kept_runs]


def _of_newest_event() -> Select[tuple[str]]:
    """Its id must stay: the database gives the next event the one above it."""
    c = rows.events.c
    newest = select(func.max(c.id)).scalar_subquery()
    return select(c.run_id).where(c.id == newest, c.run_id.is_not(None))


def delete_runs(connection: Connection, run_ids: list[str]) -> None:
    """With their events, sources, fires and reports, and the sessions that they were."""
    sessions = select(rows.sessions.c.id).where(rows.sessions.c.run_id.in_(run_ids))
    delete_tags(connection, "session", connection.execute(sessions).scalars())
    connection.execute(delete(crawls).where(crawls.c.run_id.in_(run_ids)))
    connection.execute(delete(rows.runs).where(_r.id.in_(run_ids)))


def prune_fires(connection: Connection, keep: Keep, now: datetime) -> int:
    """Fires and events without a run, and workflow runs that have ended; how many there were."""
    if not keep.runs_days:
        return 0
    before = now - max(timedelta(days=keep.runs_days), AT_LEAST)
    going_on = select(_w.id).where(_w.finished_at.is_(None))
    t, e = rows.trigger_fires.c, rows.events.c
    has_runs = select(_r.id).where(_r.workflow_run_id == _w.id).exists()
    resumed = rows.workflow_runs.alias()
    needed = select(resumed.c.previous_run_id).where(
        resumed.c.finished_at.is_(None), resumed.c.previous_run_id.is_not(None)
    )
    newest = select(func.max(e.id)).scalar_subquery()
    told = [e.id.not_in(each) for each in webhooks.owed_events(connection)]
    statements = (
        delete(rows.fires).where(rows.fires.c.at < before, rows.fires.c.run_id.is_(None)),
        delete(rows.trigger_fires).where(
            t.at < before, or_(t.workflow_run_id.is_(None), t.workflow_run_id.not_in(going_on))
        ),
        delete(rows.workflow_runs).where(_w.finished_at < before, ~has_runs, _w.id.not_in(needed)),
        delete(rows.events).where(e.at < before, e.run_id.is_(None), e.id < newest, *told),
    )
    return sum(connection.execute(each).rowcount for each in statements)


def prune_bookmarks(connection: Connection, keep: Keep) -> int:
    """States of bookmarks that are too many; how many there were. The one in force never goes."""
    if not keep.bookmarks:
        return 0
    b = rows.bookmarks.c
    counted = select(b.job, func.max(b.version)).group_by(b.job).having(func.count() > keep.bookmarks)
    return sum(
        connection.execute(delete(rows.bookmarks).where(b.job == job, b.version <= newest - keep.bookmarks)).rowcount
        for job, newest in connection.execute(counted).all()
    )


def finished_before(connection: Connection, run_ids: list[str], at: datetime) -> tuple[set[str], set[str]]:
    """Of `run_ids` those that ended before `at`, and those that are there at all."""
    found = connection.execute(select(_r.id, _r.state, _r.finished_at).where(_r.id.in_(run_ids))).all()
    ended = {row.id for row in found if row.state in FINAL and row.finished_at and row.finished_at < at}
    return ended, {row.id for row in found}
