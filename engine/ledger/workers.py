"""The processes that work runs off: each says that it lives; those that have died are told by their silence."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select

from catalog.db import insert
from engine import rows
from engine.running.processes import alive, from_this_boot

SILENCE = timedelta(minutes=1)

_c = rows.workers.c


@dataclass(frozen=True)
class WorkerRecord:
    """`runs` is how many job runs it carries out at once, `memory_mb` what they may have together."""

    owner: str
    runs: int
    memory_mb: int | None
    seen_at: datetime


def say_alive(connection: Connection, record: WorkerRecord) -> None:
    """Also clears away those that are long gone."""
    values = {"runs": record.runs, "memory_mb": record.memory_mb, "seen_at": record.seen_at}
    said = insert(connection, rows.workers).values(owner=record.owner, **values)
    connection.execute(said.on_conflict_do_update(index_elements=[_c.owner], set_=values))
    connection.execute(delete(rows.workers).where(_c.seen_at < record.seen_at - 60 * SILENCE))


def say_farewell(connection: Connection, owner: str) -> None:
    connection.execute(delete(rows.workers).where(_c.owner == owner))


def last_seen(connection: Connection) -> dict[str, datetime]:
    """When each worker last said that it lives, by its own clock."""
    return {row.owner: row.seen_at for row in connection.execute(select(_c.owner, _c.seen_at))}


def list_living(connection: Connection, now: datetime) -> list[WorkerRecord]:
    """Of a process on another machine only its silence tells."""
    found = [
        WorkerRecord(row.owner, row.runs, row.memory_mb, row.seen_at)
        for row in connection.execute(select(rows.workers).order_by(_c.owner))
    ]
    return [each for each in found if is_living(each.owner, each.seen_at, now)]


class Silences:
    """How long processes on other machines were not heard of, by this one's own time: clocks differ, and are put on."""

    def __init__(self) -> None:
        self.heard: dict[str, tuple[Sequence[object], float]] = {}

    def has_died(self, owner: str, run_id: str, said: Sequence[object]) -> bool:
        """Whether the owner of a run has died. `said` changes whenever it says that it lives.

        Here that is known at once; elsewhere only who was seen to be silent all along.
        """
        if from_this_boot(owner):
            return not alive(owner)
        before, since = self.heard.get(run_id, ((), 0.0))
        if before != said:
            self.heard[run_id] = said, time.monotonic()
            return False
        return time.monotonic() - since > SILENCE.total_seconds()

    def keep(self, run_ids: Collection[str]) -> None:
        """Forget all others."""
        self.heard = {run_id: self.heard[run_id] for run_id in run_ids if run_id in self.heard}


def is_living(owner: str, seen_at: datetime, now: datetime) -> bool:
    if alive(owner):
        return True
    return not from_this_boot(owner) and now - seen_at <= SILENCE
