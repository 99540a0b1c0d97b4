"""Locks on databases, tables and partitions: request, check, release, list. They bind only those who ask for them.

A request is granted as a whole, once no earlier live one clashes with a part of it; so requests are granted in the
order in which they came, and none starves. One whose holder has not been heard of for five minutes is gone, as in Hive.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, text, update

from catalog import rows
from catalog.errors import NotFound

SHARED_READ, SHARED_WRITE, EXCLUSIVE = "SHARED_READ", "SHARED_WRITE", "EXCLUSIVE"
LIVES = timedelta(minutes=5)

_requests, _parts = rows.locks, rows.lock_parts
# Of these pairs, whoever holds one does not hinder the other.
_AGREE = frozenset({(SHARED_READ, SHARED_READ), (SHARED_READ, SHARED_WRITE), (SHARED_WRITE, SHARED_READ)})
_ONE_AFTER_THE_OTHER = text("SELECT pg_advisory_xact_lock(74687)")


@dataclass(frozen=True)
class LockPart:
    """What is locked, and how. Without a partition it is the whole table, without a table the whole database."""

    kind: str
    database: str
    table: str | None = None
    partition: str | None = None

    def clashes(self, other: LockPart) -> bool:
        if self.database != other.database or (self.kind, other.kind) in _AGREE:
            return False
        pairs = ((self.table, other.table), (self.partition, other.partition))
        return all(None in pair or pair[0] == pair[1] for pair in pairs)


@dataclass(frozen=True)
class Lock:
    """A request for locks. `acquired_at` is None while it waits; user, host and agent are what
    the client says it is."""

    id: int
    parts: tuple[LockPart, ...]
    user: str
    host: str
    agent: str | None
    heard_at: datetime
    acquired_at: datetime | None


def create_lock(
    connection: Connection, parts: Iterable[LockPart], user: str, host: str, agent: str | None, now: datetime
) -> Lock:
    """Ask for locks on all of `parts`; the answer may be one that waits, which `check_lock` asks about again."""
    _begin(connection, now)
    values = {"user": user, "host": host, "agent": agent, "heard_at": now}
    lock_id: int = connection.execute(insert(_requests).values(values).returning(_requests.c.id)).scalar_one()
    numbered = [
        {"lock_id": lock_id, "number": number, "kind": part.kind, **_names(part)} for number, part in enumerate(parts)
    ]
    if numbered:
        connection.execute(insert(_parts), numbered)
    return _granted(connection, lock_id, now)


def check_lock(connection: Connection, lock_id: int, now: datetime) -> Lock:
    """The lock, by now perhaps acquired; to ask counts as a sign of life. Raises NotFound."""
    _begin(connection, now)
    return _granted(connection, _heard(connection, lock_id, now), now)


def extend_lock(connection: Connection, lock_id: int, now: datetime) -> None:
    """Take note that the holder lives. Raises NotFound."""
    _begin(connection, now)
    _heard(connection, lock_id, now)


def delete_lock(connection: Connection, lock_id: int, now: datetime) -> None:
    """Let go, or wait no more. Raises NotFound."""
    _begin(connection, now)
    if not connection.execute(delete(_requests).where(_requests.c.id == lock_id)).rowcount:
        raise NotFound(kind="Lock", name=lock_id)


def list_locks(connection: Connection, now: datetime) -> list[Lock]:
    """Those that are alive, oldest first."""
    return [lock for lock in _all(connection) if lock.heard_at >= now - LIVES]


def _begin(connection: Connection, now: datetime) -> None:
    """From here to the end of the transaction nobody else changes locks; those of the dead are gone."""
    if connection.dialect.name == "postgresql":  # SQLite has one writer at a time anyway
        connection.execute(_ONE_AFTER_THE_OTHER)
    connection.execute(delete(_requests).where(_requests.c.heard_at < now - LIVES))


def _heard(connection: Connection, lock_id: int, now: datetime) -> int:
    statement = update(_requests).where(_requests.c.id == lock_id).values(heard_at=now)
    if not connection.execute(statement).rowcount:
        raise NotFound(kind="Lock", name=lock_id)
    return lock_id


def _granted(connection: Connection, lock_id: int, now: datetime) -> Lock:
    """The lock, acquired if nobody who asked before stands in its way."""
    *earlier, lock = (each for each in _all(connection) if each.id <= lock_id)
    hindered = any(part.clashes(other) for part in lock.parts for each in earlier for other in each.parts)
    if lock.acquired_at is None and not hindered:
        connection.execute(update(_requests).where(_requests.c.id == lock_id).values(acquired_at=now))
        return Lock(lock.id, lock.parts, lock.user, lock.host, lock.agent, lock.heard_at, now)
    return lock


def _all(connection: Connection) -> list[Lock]:
    parts: dict[int, list[LockPart]] = {}
    for row in connection.execute(select(_parts).order_by(_parts.c.lock_id, _parts.c.number)):
        parts.setdefault(row.lock_id, []).append(LockPart(row.kind, row.database, row.table, row.partition))
    found = connection.execute(select(_requests).order_by(_requests.c.id))
    return [_lock(row, tuple(parts.get(row.id, ()))) for row in found]


def _lock(row: Row[Any], parts: tuple[LockPart, ...]) -> Lock:
    return Lock(row.id, parts, row.user, row.host, row.agent, row.heard_at, row.acquired_at)


def _names(part: LockPart) -> dict[str, str | None]:
    return {"database": part.database, "table": part.table, "partition": part.partition}
