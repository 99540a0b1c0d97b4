"""What bears on runs that wait, read for all of them at once."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from engine import rows
from engine.jobs.sizing import Host
from engine.ledger import claims
from engine.ledger.waiting import Facts, Memory
from engine.ledger.workers import WorkerRecord
from engine.model import CRAWL, JOB, Run, RunKind
from engine.states import ACTIVE, UNFINISHED, RunState

_c = rows.runs.c
_Place = tuple[datetime, str]


def facts_of(
    connection: Connection, waits: Sequence[Run], living: Sequence[WorkerRecord], host: Host | None
) -> dict[str, Facts]:
    """Of each of the runs that wait, by its id. `host` is as `Engine` has it."""
    others = _Others.of(connection, waits)
    held = claims.held(connection) if host else []
    return {
        run.id: Facts(
            run.subject or "",
            len(living),
            others.in_the_way(run),
            others.carried(run.kind, living),
            _memory(run, host, held),
            others.ahead(run),
        )
        for run in waits
    }


def _memory(run: Run, host: Host | None, held: Sequence[claims.Holding]) -> Memory | None:
    if host is None or run.kind == CRAWL:
        return None
    free = host.memory_mb - sum(each.memory_mb for each in held)
    return Memory(claims.need(run, host), free, host.memory_mb, tuple(each.run_id for each in held))


@dataclass(frozen=True)
class _Others:
    """The runs that have not ended: those that wait by the places in which they do, and those that go on."""

    waiting: dict[RunKind, list[_Place]]
    active: list[Any]
    most: dict[str, int]  # of each job's runs at once, as its definition is now

    @classmethod
    def of(cls, connection: Connection, waits: Sequence[Run]) -> _Others:
        columns = select(_c.id, _c.kind, _c.subject, _c.state, _c.queued_at, _c.started_at)
        unfinished = connection.execute(columns.where(_c.state.in_(UNFINISHED)).order_by(_c.queued_at, _c.id)).all()
        waiting: dict[RunKind, list[_Place]] = {}
        for row in unfinished:
            if row.state == RunState.WAITING:
                waiting.setdefault(row.kind, []).append((row.queued_at, row.id))
        jobs = {run.subject for run in waits if run.kind == JOB and run.subject}
        active = [row for row in unfinished if row.state in ACTIVE]
        return cls(waiting, active, claims.most_at_once(connection, sorted(jobs)))

    def in_the_way(self, run: Run) -> tuple[str, ...]:
        """The runs of its job that the run must wait for: those that go on, if they are as many as the maximum."""
        theirs = [row for row in self.active if (row.kind, row.subject) == (JOB, run.subject)]
        if not claims.queues(run) or len(theirs) < self.most.get(run.subject or "", len(theirs) + 1):
            return ()
        return tuple(row.id for row in sorted(theirs, key=lambda row: row.started_at or row.queued_at))

    def carried(self, kind: RunKind, living: Sequence[WorkerRecord]) -> tuple[str, ...]:
        """The runs that fill the places of all workers; none if one is free."""
        carried = tuple(row.id for row in self.active if row.kind == kind)
        places = sum(each.runs for each in living) if kind != CRAWL else len(living)
        return carried if len(carried) >= places else ()

    def ahead(self, run: Run) -> int:
        """How many runs of its kind wait for a longer time."""
        return bisect_left(self.waiting.get(run.kind, []), (run.queued_at, run.id))
