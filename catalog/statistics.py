"""Column statistics of tables and partitions: put, get, delete. They describe data, so they make no table version.

The kinds are those of Hive's ColumnStatisticsData. They go with their table, partition or column, and with a column's
type when that changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from math import isfinite
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Select, delete, select
from sqlalchemy import Table as SqlTable

from catalog import rows
from catalog.db import in_parts, insert
from catalog.errors import InvalidInput, NotFound
from catalog.model import Table
from catalog.paging import rows_of_each


@dataclass(frozen=True)
class BooleanValues:
    trues: int
    falses: int
    nulls: int


@dataclass(frozen=True)
class LongValues:
    """Of every whole-number type, and timestamps in seconds. `distinct` is an estimate, here and below."""

    low: int | None
    high: int | None
    nulls: int
    distinct: int


@dataclass(frozen=True)
class DoubleValues:
    """A bound that is infinite or no number is kept as unknown."""

    low: float | None
    high: float | None
    nulls: int
    distinct: int


@dataclass(frozen=True)
class StringValues:
    """Lengths are in bytes."""

    longest: int
    average_length: float
    nulls: int
    distinct: int


@dataclass(frozen=True)
class BinaryValues:
    longest: int
    average_length: float
    nulls: int


@dataclass(frozen=True)
class DecimalValues:
    low: Decimal | None
    high: Decimal | None
    nulls: int
    distinct: int


@dataclass(frozen=True)
class DateValues:
    """`low` and `high` are days since 1970-01-01."""

    low: int | None
    high: int | None
    nulls: int
    distinct: int


Values = BooleanValues | LongValues | DoubleValues | StringValues | BinaryValues | DecimalValues | DateValues

KINDS: dict[str, type[Values]] = {
    "boolean": BooleanValues,
    "long": LongValues,
    "double": DoubleValues,
    "string": StringValues,
    "binary": BinaryValues,
    "decimal": DecimalValues,
    "date": DateValues,
}
_NAMES = {kind: name for name, kind in KINDS.items()}
_DECODERS = {name: msgspec.json.Decoder(kind) for name, kind in KINDS.items()}


@dataclass(frozen=True)
class ColumnStatistics:
    """What is known of a column's values. `type` is the column's type as it was said when they were gathered;
    `analyzed_at` is the catalog's to set and is ignored on write."""

    column: str
    type: str
    values: Values
    analyzed_at: datetime | None = None


def put_table_statistics(
    connection: Connection, table_id: int, table: Table, statistics: Sequence[ColumnStatistics], now: datetime
) -> None:
    """Set the statistics of the columns named. Raises NotFound for a column that the table lacks, and sets none."""
    _put(connection, rows.table_statistics, {"table_id": table_id}, table, statistics, now)


def get_table_statistics(
    connection: Connection, table_id: int, columns: Iterable[str] | None = None
) -> list[ColumnStatistics]:
    """Those there are, of `columns` or of all, by column."""
    return batch_get_table_statistics(connection, [table_id], columns)[table_id]


def batch_get_table_statistics(
    connection: Connection, table_ids: Sequence[int], columns: Iterable[str] | None = None
) -> dict[int, list[ColumnStatistics]]:
    """As get_table_statistics, of several tables."""
    c = rows.table_statistics.c
    statement = select(rows.table_statistics).where(c.table_id.in_(table_ids)).order_by(c.column)
    if columns is not None:
        statement = statement.where(c.column.in_([column.lower() for column in columns]))
    found: dict[int, list[ColumnStatistics]] = {table_id: [] for table_id in table_ids}
    for row in connection.execute(statement):
        found[row.table_id].append(_statistics(row))
    return found


def delete_table_statistics(connection: Connection, table_id: int, column: str | None = None) -> int:
    """How many columns had some, of `column` alone or of all."""
    return _delete(connection, rows.table_statistics, {"table_id": table_id}, column)


def put_partition_statistics(
    connection: Connection,
    table_id: int,
    table: Table,
    partition: str,
    statistics: Sequence[ColumnStatistics],
    now: datetime,
) -> None:
    """As put_table_statistics, of the partition of that name. Raises NotFound for the partition too."""
    c = rows.partitions.c
    there = select(c.name).where(c.table_id == table_id, c.name == partition)
    if connection.execute(there).first() is None:
        raise NotFound(kind="Partition", name=f"{partition} of table {table.database}.{table.name}")
    key = {"table_id": table_id, "partition": partition}
    _put(connection, rows.partition_statistics, key, table, statistics, now)


def get_partition_statistics(
    connection: Connection, table_id: int, partitions: Iterable[str], columns: Iterable[str] | None = None
) -> dict[str, list[ColumnStatistics]]:
    """Those there are, of `columns` or of all, by the names of the partitions that have any."""
    found: dict[str, list[ColumnStatistics]] = {}
    names = sorted(set(partitions))
    for named in in_parts(names):
        part = batch_get_partition_statistics(connection, {table_id: named}, columns)
        found |= {partition: each for (_, partition), each in part.items()}
    return found


def batch_get_partition_statistics(
    connection: Connection, partitions: Mapping[int, Iterable[str]], columns: Iterable[str] | None = None
) -> dict[tuple[int, str], list[ColumnStatistics]]:
    """As get_partition_statistics, of some partitions of several tables."""
    c = rows.partition_statistics.c
    named = None if columns is None else [column.lower() for column in columns]

    def theirs(table_id: int) -> Select[Any]:
        statement = select(rows.partition_statistics)
        statement = statement.where(c.table_id == table_id, c.partition.in_(sorted(set(partitions[table_id]))))
        statement = statement if named is None else statement.where(c.column.in_(named))
        return statement.order_by(c.partition, c.column)

    found: dict[tuple[int, str], list[ColumnStatistics]] = {}
    for table_id, of_table in rows_of_each(connection, partitions, theirs).items():
        for row in of_table:
            found.setdefault((table_id, row.partition), []).append(_statistics(row))
    return found


def delete_partition_statistics(
    connection: Connection, table_id: int, partition: str, column: str | None = None
) -> int:
    """How many columns had some, of `column` alone or of all."""
    return _delete(connection, rows.partition_statistics, {"table_id": table_id, "partition": partition}, column)


def follow_columns(connection: Connection, table_id: int, before: Table, after: Table) -> None:
    """Delete the statistics of the columns that `after` no longer has, or has with another type."""
    kept = {(column.name, column.type) for column in after.all_columns}
    gone = [column.name for column in before.all_columns if (column.name, column.type) not in kept]
    if gone:
        for where in (rows.table_statistics, rows.partition_statistics):
            connection.execute(delete(where).where(where.c.table_id == table_id, where.c.column.in_(gone)))


def _put(
    connection: Connection,
    where: SqlTable,
    key: dict[str, object],
    table: Table,
    statistics: Sequence[ColumnStatistics],
    now: datetime,
) -> None:
    there = {column.name for column in table.all_columns}
    absent = next((each.column for each in statistics if each.column.lower() not in there), None)
    if absent is not None:
        raise NotFound(kind="Column", name=f"{absent} of table {table.database}.{table.name}")
    if not statistics:
        return
    for each in statistics:
        if not isfinite(getattr(each.values, "average_length", 0.0)):
            raise InvalidInput(what=f"the average length of column {each.column}", why="it is no number.")
    written = [
        {
            **key,
            "column": each.column.lower(),
            "type": each.type,
            "kind": _NAMES[type(each.values)],
            "body": msgspec.json.encode(each.values).decode(),
            "analyzed_at": now,
        }
        for each in statistics
    ]
    statement = insert(connection, where)
    replaced = {name: statement.excluded[name] for name in ("type", "kind", "body", "analyzed_at")}
    connection.execute(statement.on_conflict_do_update(index_elements=[*key, "column"], set_=replaced), written)


def _delete(connection: Connection, where: SqlTable, key: dict[str, object], column: str | None) -> int:
    statement = delete(where).where(*(where.c[name] == value for name, value in key.items()))
    if column is not None:
        statement = statement.where(where.c.column == column.lower())
    return connection.execute(statement).rowcount


def _statistics(row: Row[Any]) -> ColumnStatistics:
    return ColumnStatistics(row.column, row.type, _DECODERS[row.kind].decode(row.body), row.analyzed_at)
