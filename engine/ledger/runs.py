"""The ledger of runs: enqueue, start, heartbeat, request a stop, move. Each move is a guarded UPDATE and an event."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

import msgspec
from sqlalchemy import Connection, Select, bindparam, func, insert, or_, select, update

from catalog.errors import NotFound
from catalog.model import Page
from catalog.paging import newest_first, older, rows_of_each
from catalog.prepared import Prepared
from crawlers.rows import crawlers
from engine import rows
from engine.errors import IllegalMove, LostRun, RunNotActive, WrongRunToken
from engine.ledger import moves
from engine.ledger.moves import Step
from engine.ledger.run_filters import Filter
from engine.model import CRAWL, JOB, ON_DEMAND, SESSION, Cause, CrawlerState, Run, RunEvent, RunKind
from engine.states import ACTIVE, FINAL, MOVES, UNFINISHED, RunState, path

PREFIXES: dict[RunKind, str] = {JOB: "jr_", CRAWL: "cr_", SESSION: "sr_"}
_c = rows.runs.c
_BY_ID = Prepared(select(rows.runs).where(_c.id == bindparam("wanted")))
_BEAT = Prepared(
    update(rows.runs)
    .where(_c.id == bindparam("of"), _c.owner == bindparam("by"), or_(*(_c.state == each for each in sorted(ACTIVE))))
    .returning(_c.stop_requested_at)
)

_UNFINISHED = Prepared(
    select(func.count().label("runs")).where(_c.kind == JOB, _c.subject == bindparam("job"), _c.finished_at.is_(None))
)


def place(run: Run) -> tuple[datetime, str]:
    """Where the run stands in the list of runs, of which the newest is the first."""
    return run.queued_at, run.id


LISTING = newest_first("runs")


def enqueue(
    connection: Connection, kind: RunKind, subject: str | None, spec: str, now: datetime, cause: Cause = ON_DEMAND
) -> Run:
    """Put a run in; a worker takes it from here."""
    run = Run(
        id=PREFIXES[kind] + secrets.token_hex(16),
        kind=kind,
        subject=subject,
        spec=spec,
        state=RunState.WAITING,
        attempt=cause.retried.attempt + 1 if cause.retried else 0,
        queued_at=now,
        previous_run_id=cause.retried.id if cause.retried else None,
        trigger_name=cause.trigger_name,
        workflow_run_id=cause.workflow_run_id,
    )
    moves.put_in(connection, run, now)
    return run


def find_run(connection: Connection, run_id: str) -> Run | None:
    row = _BY_ID.first(connection, {"wanted": run_id})
    return of_row(row) if row else None


def get_run(connection: Connection, run_id: str) -> Run:
    found = find_run(connection, run_id)
    if found is None:
        raise NotFound(kind="Run", name=run_id)
    return found


def list_runs(
    connection: Connection,
    kind: RunKind,
    subject: str | None,
    limit: int,
    token: str | None,
    filters: Sequence[Filter] = (),
) -> Page[Run]:
    """Newest first; of one job or crawler, or of all; those that meet each of `filters`."""
    statement = _older(kind, limit, token, filters)
    if subject is not None:
        statement = statement.where(_c.subject == subject)
    return LISTING.page([of_row(row) for row in connection.execute(statement)], limit, place)


def batch_list_runs(
    connection: Connection,
    kind: RunKind,
    subjects: Sequence[str],
    limit: int,
    token: str | None,
    filters: Sequence[Filter] = (),
) -> dict[str, Page[Run]]:
    """As list_runs, of each of several jobs or crawlers."""
    statement = _older(kind, limit, token, filters)
    found = rows_of_each(connection, subjects, lambda subject: statement.where(_c.subject == subject))
    return {subject: LISTING.page([of_row(row) for row in each], limit, place) for subject, each in found.items()}


def _older(kind: RunKind, limit: int, token: str | None, filters: Sequence[Filter]) -> Select[Any]:
    statement = select(rows.runs).where(_c.kind == kind, *(each.clause() for each in filters))
    return older(statement, _c.queued_at, _c.id, LISTING.after(token)).limit(limit + 1)


def unfinished(connection: Connection, kind: RunKind | None = None, subject: str | None = None) -> list[Run]:
    """Runs that have not ended, oldest first."""
    statement = select(rows.runs).where(_c.state.in_(UNFINISHED)).order_by(_c.queued_at, _c.id)
    if kind is not None:
        statement = statement.where(_c.kind == kind)
    if subject is not None:
        statement = statement.where(_c.subject == subject)
    return [of_row(row) for row in connection.execute(statement)]


def batch_find_latest(connection: Connection, kind: RunKind, subjects: Sequence[str]) -> dict[str, Run]:
    """The newest run of each of the jobs, or crawlers, that are there and ever ran."""
    definitions = rows.jobs if kind == JOB else crawlers
    # For each definition its newest run is looked up by the index, however many runs it has had.
    of_subject = select(_c.id).where(_c.kind == kind, _c.subject == definitions.c.name)
    newest = of_subject.order_by(_c.queued_at.desc(), _c.id.desc()).limit(1).scalar_subquery()
    ids = select(newest).select_from(definitions).where(definitions.c.name.in_(subjects))
    found = connection.execute(select(rows.runs).where(_c.id.in_(ids)))
    return {row.subject: of_row(row) for row in found}


def batch_list_last(connection: Connection, kind: RunKind, subjects: Sequence[str], most: int) -> dict[str, list[Run]]:
    """Of each job, or crawler, at most `most` of its runs, newest first."""
    newest_first = func.row_number().over(partition_by=_c.subject, order_by=(_c.queued_at.desc(), _c.id.desc()))
    ranked = select(_c.id, newest_first.label("rank")).where(_c.kind == kind, _c.subject.in_(subjects)).subquery()
    statement = select(rows.runs).join(ranked, ranked.c.id == _c.id).where(ranked.c.rank <= most)
    found: dict[str, list[Run]] = {subject: [] for subject in subjects}
    for row in connection.execute(statement.order_by(_c.queued_at.desc(), _c.id.desc())):
        found[row.subject].append(of_row(row))
    return found


def batch_get_crawler_states(connection: Connection, crawlers: Sequence[str]) -> dict[str, CrawlerState]:
    """What each crawler does now, told by its unfinished crawl."""
    states = dict.fromkeys(crawlers, CrawlerState.READY)
    for run in unfinished(connection, CRAWL):
        if run.subject in states:
            states[run.subject] = CrawlerState.STOPPING if run.stop_requested_at else CrawlerState.RUNNING
    return states


def list_events(connection: Connection, run_id: str) -> list[RunEvent]:
    return batch_list_events(connection, [run_id])[run_id]


def batch_list_events(connection: Connection, run_ids: Sequence[str]) -> dict[str, list[RunEvent]]:
    """Of each run its moves, in the order in which they happened."""
    c = rows.events.c
    events: dict[str, list[RunEvent]] = {run_id: [] for run_id in run_ids}
    statement = select(rows.events).where(c.run_id.in_(run_ids), c.new_state.is_not(None)).order_by(c.id)
    for row in connection.execute(statement).mappings():
        old = row["old_state"] and RunState(row["old_state"])
        events[row["run_id"]].append(RunEvent(row["at"], old, RunState(row["new_state"]), row["reason"]))
    return events


def batch_get(connection: Connection, run_ids: Sequence[str]) -> list[Run]:
    """Those of the runs that are there."""
    return [of_row(row) for row in connection.execute(select(rows.runs).where(_c.id.in_(run_ids)))]


def count_unfinished(connection: Connection, job: str) -> int:
    """How many runs of the job have not ended."""
    return int(_UNFINISHED.first(connection, {"job": job}).runs)


def start(
    connection: Connection,
    run: Run,
    owner: str,
    now: datetime,
    memory_mb: int | None = None,
    figures: dict[str, float] | None = None,
) -> Run | None:
    """Give a waiting run to `owner`, with so much of its machine's memory; None if it no longer waits."""
    given = {"state": RunState.STARTING, "owner": owner, "started_at": now, "heartbeat_at": now, "memory_mb": memory_mb}
    if figures:
        given["figures"] = msgspec.json.encode(figures).decode()
    taken = moves.go(connection, run, None, given, (Step(RunState.WAITING, RunState.STARTING),), now)
    return None if taken is None else of_row(taken)


def adopt(connection: Connection, run: Run, owner: str, now: datetime) -> bool:
    """Take over a run whose owner has died; False if someone else did."""
    guarded = update(rows.runs).where(_c.id == run.id, _c.owner == run.owner, _c.state == run.state)
    return connection.execute(guarded.values(owner=owner, heartbeat_at=now)).rowcount == 1


def owned(connection: Connection, run_id: str, owner: str) -> Run:
    """The run, if it is still `owner`'s. Raises LostRun."""
    run = get_run(connection, run_id)
    if run.owner != owner or run.finished:
        raise LostRun(run=run_id)
    return run


def heartbeat(connection: Connection, run_id: str, owner: str, now: datetime) -> bool:
    """Say that `owner` still works on the run; True if it was asked to stop. Raises LostRun if it is no longer its."""
    beaten = _BEAT.first(connection, {"of": run_id, "by": owner, "heartbeat_at": now})
    if beaten is None:
        raise LostRun(run=run_id)
    return beaten.stop_requested_at is not None


def request_stop(connection: Connection, run_id: str, now: datetime) -> Run:
    """Ask for a stop: a run that waits is stopped at once, another when its worker answers. Raises RunNotActive."""
    # held, so that it is not claimed between the look and the move
    connection.execute(select(_c.id).where(_c.id == run_id).with_for_update())
    run = get_run(connection, run_id)
    if run.finished:
        raise RunNotActive(run=run_id, state=run.state)
    if run.state is RunState.WAITING:
        return move(connection, run, RunState.STOPPED, now, "stopped before it began")
    connection.execute(update(rows.runs).where(_c.id == run_id).values(stop_requested_at=now))
    return get_run(connection, run_id)


def move(
    connection: Connection,
    run: Run,
    state: RunState,
    now: datetime,
    reason: str | None = None,
    figures: dict[str, float] | None = None,
) -> Run:
    """Take one legal step. Raises IllegalMove; LostRun if the run has moved or changed hands since `run` was read."""
    if state not in MOVES[run.state]:
        raise IllegalMove(run=run.id, old=run.state, new=state)
    return _go(connection, run, (state,), now, reason, figures)


def _go(
    connection: Connection,
    run: Run,
    way: Sequence[RunState],
    now: datetime,
    reason: str | None,
    figures: dict[str, float] | None,
) -> Run:
    """Go a legal way in one guarded UPDATE, each step of it recorded. Raises LostRun."""
    state, reason = way[-1], reason and plain(reason)
    values: dict[str, object] = {"state": state, "detail": reason}
    if state in FINAL:
        values |= {"finished_at": now, "token_hash": None}
    if figures:
        values["figures"] = msgspec.json.encode({**run.figures, **figures}).decode()
    steps = [Step(old, new, reason if new is state else None) for old, new in pairwise((run.state, *way))]
    moved = moves.go(connection, run, run.owner, values, steps, now)
    if moved is None:
        raise LostRun(run=run.id)
    if state in FINAL:
        _tell_triggers(connection, run)
    return of_row(moved)


def _tell_triggers(connection: Connection, run: Run) -> None:
    """Leave word of the end for whoever asks the triggers: see engine.flows.trigger_fires."""
    c = rows.trigger_conditions.c
    if run.workflow_run_id is None:
        if run.trigger_name is None:  # only runs that a trigger put in make others fire, as in Glue
            return
        watching = select(c.trigger).where(c.kind == run.kind, c.subject == run.subject).limit(1)
        if connection.execute(watching).first() is None:
            return
    connection.execute(insert(rows.ended_runs).values(run_id=run.id))


def finish(
    connection: Connection, run: Run, state: RunState, now: datetime, reason: str | None, figures: dict[str, float]
) -> Run:
    """Move `run` to the final `state` by legal steps, each of them recorded. Raises IllegalMove, LostRun."""
    way = path(run.state, state)
    if not way:
        raise IllegalMove(run=run.id, old=run.state, new=state)
    return _go(connection, run, way, now, reason, figures)


def give_token(connection: Connection, run_id: str) -> str:
    """A new secret with which this run's process may call the service until the run ends; only its hash is kept.

    Raises LostRun if it has ended: a worker that was held up must not begin what another has given up.
    """
    token = secrets.token_urlsafe(32)
    given = update(rows.runs).where(_c.id == run_id, _c.state.in_(ACTIVE)).values(token_hash=_hash(token))
    if connection.execute(given).rowcount != 1:
        raise LostRun(run=run_id)
    return token


def check_token(connection: Connection, run_id: str, token: str) -> Run:
    """The run that `token` is good for. Raises WrongRunToken, for a run that is not there as well."""
    kept = connection.execute(select(_c.token_hash).where(_c.id == run_id)).scalar()
    if kept is None or not secrets.compare_digest(kept, _hash(token)):
        raise WrongRunToken(run=run_id)
    return get_run(connection, run_id)


def record_commit(connection: Connection, run_id: str, now: datetime) -> None:
    """Note that the run's script called Job.commit()."""
    connection.execute(update(rows.runs).where(_c.id == run_id).values(committed_at=now))


def tell_trouble(connection: Connection, run_id: str, trouble: str) -> None:
    """Add to what is told of a run that has ended."""
    detail = connection.execute(select(_c.detail).where(_c.id == run_id)).scalar()
    both = f"{detail}; {trouble}" if detail else trouble
    connection.execute(update(rows.runs).where(_c.id == run_id).values(detail=both))


def plain(words: str) -> str:
    """What a run says may hold what is no text, as a script's own words may: no database keeps that."""
    return words.encode(errors="backslashreplace").decode().replace("\0", "\\x00")


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def of_row(row: Any) -> Run:
    """The run that a row of the ledger tells of."""
    return Run(
        id=row.id,
        kind=row.kind,
        subject=row.subject,
        spec=row.spec,
        state=RunState(row.state),
        attempt=row.attempt,
        queued_at=row.queued_at,
        previous_run_id=row.previous_run_id,
        detail=row.detail,
        owner=row.owner,
        figures=msgspec.json.decode(row.figures or "{}"),
        started_at=row.started_at,
        finished_at=row.finished_at,
        heartbeat_at=row.heartbeat_at,
        stop_requested_at=row.stop_requested_at,
        committed_at=row.committed_at,
        trigger_name=row.trigger_name,
        workflow_run_id=row.workflow_run_id,
        memory_mb=row.memory_mb,
    )
