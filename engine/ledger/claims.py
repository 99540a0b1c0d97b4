"""Which waiting run is next, and taking it: the oldest that its job's limit and this machine's memory let begin."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, Integer, Text, bindparam, func, or_, select

from catalog.prepared import Prepared
from engine import rows
from engine.jobs.sizing import Grant, Host, Size, asked, figures, grant, host_for, shared
from engine.ledger import runs
from engine.model import CRAWL, JOB, SESSION, JobSpec, Run, RunKind
from engine.running.processes import from_this_boot, machine
from engine.states import ACTIVE, RunState

# A run that has waited so long for memory lets no younger one take it.
PATIENCE = timedelta(minutes=15)
LOOKED_AT = 200

_c = rows.runs.c
_IS_ACTIVE = or_(*(_c.state == each for each in sorted(ACTIVE)))
_WAITING = (
    select(*_c)
    .where(_c.state == RunState.WAITING, or_(_c.kind == bindparam("kind"), _c.kind == bindparam("other")))
    .order_by(_c.queued_at, _c.id)
    .limit(bindparam("most", type_=Integer))
)
_FIRST = Prepared(_WAITING)
_FIRST_FREE = Prepared(_WAITING.with_for_update(skip_locked=True))
_NAMED = Prepared(select(*_c).where(_c.id == bindparam("wanted"), _c.state == RunState.WAITING))
_NAMED_FREE = Prepared(select(*_c).where(_c.id == bindparam("wanted"), _c.state == RunState.WAITING).with_for_update())
_HELD = Prepared(
    select(func.sum(_c.memory_mb).label("mb")).where(
        _c.memory_mb.is_not(None), _IS_ACTIVE, _c.owner.like("%" + bindparam("machine", type_=Text))
    )
)
_BUSY = Prepared(
    select(
        rows.jobs.c.body,
        select(func.count())
        .where(_c.kind == JOB, _c.subject == rows.jobs.c.name, _IS_ACTIVE)
        .scalar_subquery()
        .label("busy"),
    ).where(rows.jobs.c.name == bindparam("job"))
)
_TURN = Prepared(select(func.pg_advisory_xact_lock(74_687).label("turn")))


class _Limits(msgspec.Struct, frozen=True):
    queueing: bool = False
    max_concurrent_runs: int = 1


class _Spec(msgspec.Struct, frozen=True):
    job: _Limits = _Limits()


@dataclass(frozen=True)
class Holding:
    """A run that goes on here and what it has of the machine's memory."""

    run_id: str
    memory_mb: int


def held(connection: Connection) -> list[Holding]:
    """The runs that go on on this machine, whichever process works on them."""
    going_on = select(_c.id, _c.owner, _c.memory_mb).where(_IS_ACTIVE, _c.memory_mb.is_not(None))
    found = connection.execute(going_on.order_by(_c.started_at))
    return [Holding(row.id, row.memory_mb) for row in found if row.owner and from_this_boot(row.owner)]


def need(run: Run, host: Host) -> int:
    """How many MB of the machine's memory the run takes."""
    return _given(run, host)[1].memory_mb


def _given(run: Run, host: Host) -> tuple[Size | None, Grant]:
    """What the run asks for, and what it is given."""
    spec = msgspec.json.decode(run.spec, type=JobSpec)
    size = asked(spec)
    return size, grant(size, host_for(spec, shared(host) if run.kind == SESSION else host))


def most_at_once(connection: Connection, jobs: Sequence[str]) -> dict[str, int]:
    """How many runs of each of the jobs that are there may go on, as its definition is now."""
    found = connection.execute(select(rows.jobs.c.name, rows.jobs.c.body).where(rows.jobs.c.name.in_(jobs)))
    return {row.name: msgspec.json.decode(row.body, type=_Limits).max_concurrent_runs for row in found}


def _places(connection: Connection, run: Run) -> int:
    """How many more runs of its job may go on: as the definition is now, so that raising it helps those put in.

    Of a job whose runs do not wait, the maximum was kept when they were put in.
    """
    found = _BUSY.first(connection, {"job": run.subject})
    if found is None:
        return LOOKED_AT
    return int(msgspec.json.decode(found.body, type=_Limits).max_concurrent_runs - found.busy)


def queues(run: Run) -> bool:
    """Whether the run waits where its job's maximum is reached."""
    return run.kind == JOB and msgspec.json.decode(run.spec, type=_Spec).job.queueing


def _free(connection: Connection, host: Host) -> int:
    """The MB that no run has."""
    found = _HELD.first(connection, {"machine": machine()})
    return host.memory_mb - (found.mb or 0)


def startable(
    connection: Connection,
    now: datetime,
    kinds: Sequence[RunKind],
    run_id: str | None = None,
    host: Host | None = None,
) -> Run | None:
    """The oldest run of `kinds` that may begin now, or the one named, if it may."""
    return next(_startable(connection, now, kinds, run_id, host, 1, take=False), None)


def claim(
    connection: Connection,
    owner: str,
    now: datetime,
    kinds: Sequence[RunKind] = (),
    run_id: str | None = None,
    host: Host | None = None,
    most: int = 1,
) -> list[Run]:
    """Take the oldest runs (of `kinds`, or the one named) that may begin for `owner`, at most so many.

    With a `host`, each run's size is granted and recorded, and no more memory is given away than it has.
    """
    if connection.dialect.name == "postgresql":  # one claims at a time, and so sees what others have taken
        _TURN.first(connection, {})
    taken: list[Run] = []
    for run in _startable(connection, now, kinds, run_id, host, most, take=True):
        begun = _start(connection, run, owner, now, host)
        if begun is not None:
            taken.append(begun)
        if len(taken) == most:
            break
    return taken


def _start(connection: Connection, run: Run, owner: str, now: datetime, host: Host | None) -> Run | None:
    if run.kind == CRAWL or host is None:
        return runs.start(connection, run, owner, now)
    size, given = _given(run, host)
    return runs.start(connection, run, owner, now, given.memory_mb, figures(size, given))


def _startable(
    connection: Connection,
    now: datetime,
    kinds: Sequence[RunKind],
    run_id: str | None,
    host: Host | None,
    most: int,
    take: bool,
) -> Iterator[Run]:
    """The runs that may begin, oldest first, if each that is told of begins."""
    places: dict[str | None, int] = {}  # for more runs of a job
    free: int | None = None
    for run in _waiting(connection, kinds, run_id, places, most, take):
        if queues(run) and run.subject not in places:
            places[run.subject] = _places(connection, run)
        if places.get(run.subject, 1) <= 0:
            continue
        if run.kind != CRAWL and host is not None:
            free = _free(connection, host) if free is None else free
            needs = need(run, host)
            if needs > free and now - run.queued_at > PATIENCE:
                return
            if needs > free:
                continue
            free -= needs
        if run.subject in places:
            places[run.subject] -= 1
        yield run


def _waiting(
    connection: Connection,
    kinds: Sequence[RunKind],
    run_id: str | None,
    places: Mapping[str | None, int],
    most: int,
    take: bool,
) -> Iterator[Run]:
    """The waiting runs, or the one named, oldest first and so many at a time, but for jobs known to have no place."""
    looked, after, found = 0, None, _first(connection, kinds, run_id, most, take)
    while True:
        for row in found:
            run = runs.of_row(row)
            after = runs.place(run)
            if places.get(run.subject, 1) > 0:
                looked += 1
                yield run
        if after is None or run_id is not None or len(found) < most or looked >= LOOKED_AT:
            return
        full = {subject for subject, left in places.items() if left <= 0}
        found = _next(connection, kinds, full, after, most, take)


def _first(connection: Connection, kinds: Sequence[RunKind], run_id: str | None, most: int, take: bool) -> list[Any]:
    if run_id is not None:
        return (_NAMED_FREE if take else _NAMED).all(connection, {"wanted": run_id})
    if not kinds:
        return []
    wanted = {"kind": kinds[0], "other": kinds[-1], "most": most}
    return (_FIRST_FREE if take else _FIRST).all(connection, wanted)


def _next(
    connection: Connection,
    kinds: Sequence[RunKind],
    full: set[str | None],
    after: tuple[datetime, str],
    most: int,
    take: bool,
) -> list[Any]:
    """The oldest waiting runs that are not of `full` jobs and come `after` another."""
    at, last = after
    statement = select(rows.runs).where(_c.state == RunState.WAITING, _c.kind.in_(kinds))
    statement = statement.where(or_(_c.queued_at > at, (_c.queued_at == at) & (_c.id > last)))
    if full:
        statement = statement.where(or_(_c.subject.is_(None), _c.subject.not_in(full)))
    statement = statement.order_by(_c.queued_at, _c.id).limit(most)
    return list(connection.execute(statement.with_for_update(skip_locked=True) if take else statement))
