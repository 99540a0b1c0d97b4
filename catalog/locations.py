"""Which tables have data at a place or below it, whichever way the place is spelled."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, or_, select

from catalog import rows
from catalog.model import TableKey

_S3 = ("s3", "s3a", "s3n")
_LOCAL = ("", "file:", "file://")


def spellings(place: str) -> list[str]:
    """The ways in which clients spell the place, without a slash at the end."""
    plain = place.rstrip("/")
    s3 = re.fullmatch(r"s3[an]?(://.*)", plain, re.IGNORECASE)
    if s3:
        return [scheme + s3[1] for scheme in _S3]
    local = re.fullmatch(r"(?:file:(?://(?=/))?)?(/(?!/).*)", plain, re.IGNORECASE)
    return [scheme + local[1] for scheme in _LOCAL] if local else [plain]


def locations_below(connection: Connection, place: str, excluding: Collection[TableKey]) -> dict[TableKey, str]:
    """The tables at `place` or below it, each with its location there: its own, or one of its partitions'."""
    d, t, p = rows.databases.c, rows.tables, rows.partitions
    of_partitions = select(d.name, t.c.name, p.c.location).select_from(
        rows.named_tables.join(p, p.c.table_id == t.c.id)
    )
    found = _found(connection, of_partitions, p.c.location, place, excluding)
    return found | tables_below(connection, place, excluding)


def tables_below(connection: Connection, place: str, excluding: Collection[TableKey]) -> dict[TableKey, str]:
    """The same by the tables' own locations alone, which an index tells: partitions are looked through one by one."""
    t = rows.tables.c
    of_tables = select(rows.databases.c.name, t.name, t.location).select_from(rows.named_tables)
    return _found(connection, of_tables, t.location, place, excluding)


def _found(
    connection: Connection,
    statement: Select[Any],
    column: ColumnElement[str],
    place: str,
    excluding: Collection[TableKey],
) -> dict[TableKey, str]:
    bare = column.collate("C") if connection.dialect.name == "postgresql" else column
    located: Iterable[Any] = connection.execute(statement.where(_below(bare, spellings(place))))
    return {(database, table): where for database, table, where in located if (database, table) not in excluding}


def _below(column: ColumnElement[str], wanted: list[str]) -> ColumnElement[bool]:
    """A range each, as `0` comes after the slash: LIKE would take its signs in the place's name for its own."""
    return or_(*((column == each) | ((column >= f"{each}/") & (column < f"{each}0")) for each in wanted))
