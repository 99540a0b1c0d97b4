"""What runs read and wrote, noted where it is told: by read plans, sinks and crawls. It goes when the run goes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, delete, select

from catalog.db import insert
from catalog.model import Column, Table
from crawlers.model import CatalogTarget, Crawler
from crawlers.naming import same_place
from crawlers.report import Action, Report
from engine import rows

_c = rows.run_accesses.c
_AT_ONCE = 1_000  # rows of a statement
_WRITTEN = frozenset([Action.CREATED, Action.UPDATED, Action.DEPRECATED, Action.DELETED])


class AccessKind(StrEnum):
    READ = "read"
    WRITE = "write"


@dataclass(frozen=True)
class Access:
    """A table by its names, or a bare place (both names empty), which a run reads or writes.

    `location` is where its data lie, empty if at no place, or if a table is read back from the ledger. `columns`: those
    that the run was given to read, or wrote; None where that is not known.
    """

    kind: AccessKind
    database: str
    name: str
    location: str
    columns: tuple[str, ...] | None = None
    at: datetime | None = None

    @property
    def source(self) -> str:
        return f"{self.database}.{self.name}" if self.name else self.location


def read_of(table: Table, places: Iterable[str] = ()) -> list[Access]:
    """What a read plan of `table` reads: the table, or if it is none of the catalog's, the `places`."""
    columns = _names(table.all_columns)
    if not table.database:
        return [Access(AccessKind.READ, "", "", place, columns or None) for place in places]
    return [Access(AccessKind.READ, table.database, table.name, table.storage.location or "", columns)]


def write_of(database: str, name: str, location: str, columns: Iterable[Column]) -> Access:
    named = bool(database and name)
    return Access(
        AccessKind.WRITE, database.lower() if named else "", name.lower() if named else "", location, _names(columns)
    )


def of_crawl(crawler: Crawler, report: Report) -> list[Access]:
    """The places and tables that it looked at, and the tables whose definition or partitions it wrote."""
    found = []
    for target in crawler.all_targets:
        if isinstance(target, CatalogTarget):
            database = target.database.lower()
            found += [Access(AccessKind.READ, database, name.lower(), "") for name in target.tables]
            continue
        where = getattr(target, "place", "") or getattr(target, "path", "") or getattr(target, "table", "")
        found.append(Access(AccessKind.READ, "", "", where))
    return found + [
        Access(AccessKind.WRITE, table.database or report.database, table.name, table.location)
        for table in report.tables
        if table.action in _WRITTEN
    ]


def note(connection: Connection, run_id: str, accesses: Sequence[Access], now: datetime) -> None:
    """Once for each source; the columns are those of the last time. Nothing is noted of a run that is not there."""
    held = select(rows.runs.c.id).where(rows.runs.c.id == run_id)
    if not accesses or connection.execute(held).first() is None:
        return
    values = list({(each.kind, each.source): _row(run_id, each, now) for each in accesses}.values())
    noted = insert(connection, rows.run_accesses)
    again = {"columns": noted.excluded.columns, "place": noted.excluded.place}
    statement = noted.on_conflict_do_update(index_elements=["run_id", "access", "source"], set_=again)
    for start in range(0, len(values), _AT_ONCE):
        connection.execute(statement, values[start : start + _AT_ONCE])


def forget_writes(connection: Connection, run_id: str) -> None:
    """What the run has staged was never published."""
    connection.execute(delete(rows.run_accesses).where(_c.run_id == run_id, _c.access == AccessKind.WRITE))


def batch_list(connection: Connection, run_ids: Sequence[str]) -> Mapping[str, list[Access]]:
    """Of each run, by source."""
    found: dict[str, list[Access]] = {}
    statement = select(rows.run_accesses).where(_c.run_id.in_(run_ids)).order_by(_c.run_id, _c.source)
    for row in connection.execute(statement):
        found.setdefault(row.run_id, []).append(_access(row))
    return found


def place_of(location: str) -> str:
    """The one form of a place that is a path or URI; empty for what else a location may say, as of a server's table."""
    return same_place(location) if location.startswith("/") or ":/" in location else ""


def columns_of(text: str | None) -> tuple[str, ...] | None:
    return None if text is None else msgspec.json.decode(text, type=tuple[str, ...])


def _names(columns: Iterable[Column]) -> tuple[str, ...]:
    return tuple(column.name.lower() for column in columns)


def _row(run_id: str, access: Access, now: datetime) -> dict[str, object]:
    columns = None if access.columns is None else msgspec.json.encode(access.columns).decode()
    return {
        "run_id": run_id,
        "access": access.kind,
        "source": access.source,
        "database": access.database,
        "name": access.name,
        "place": place_of(access.location),
        "columns": columns,
        "at": now,
    }


def _access(row: Row[Any]) -> Access:
    location = "" if row.name else row.source
    return Access(AccessKind(row.access), row.database, row.name, location, columns_of(row.columns), row.at)
