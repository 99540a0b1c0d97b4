"""The processes that work runs off: each says that it lives; those that have died are told by their silence."""

from __future__ import annotations

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


def list_living(connection: Connection, now: datetime) -> list[WorkerRecord]:
    """Of a process on another machine only its silence tells."""
    found = [
        WorkerRecord(row.owner, row.runs, row.memory_mb, row.seen_at)
        for row in connection.execute(select(rows.workers).order_by(_c.owner))
    ]
    return [each for each in found if is_living(each.owner, each.seen_at, now)]


def is_living(owner: str, seen_at: datetime, now: datetime) -> bool:
    if alive(owner):
        return True
    return not from_this_boot(owner) and now - seen_at <= SILENCE
