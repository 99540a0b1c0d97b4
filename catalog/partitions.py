"""Partitions: create, put, get, list by filter, delete; always many at a time."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from itertools import islice
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    bindparam,
    delete,
    func,
    literal,
    select,
    true,
    update,
)

from catalog import predicates, rows
from catalog.db import in_parts
from catalog.errors import AlreadyExists, DomainError, InvalidInput, InvalidPredicate, NotFound
from catalog.indexes import find_key
from catalog.model import Page, Partition, Table, TableKey
from catalog.names import partition_namer
from catalog.paging import by_name, rows_of_each
from catalog.partition_rows import (
    COLUMNS,
    StoredPartition,
    names_among,
    read_stored,
    whole,
    with_storages,
    write_partitions,
)
from catalog.predicate_texts import parse

LISTING = by_name("partitions")

_c = rows.partitions.c
_ALL = COLUMNS.where(_c.table_id == bindparam("of")).order_by(_c.name)
# An expression, or SQLite would go through the table in the order of the names to spare the sorting of what matches.
_UNINDEXED_NAME = _c.name.concat("")
_MATCHING = _ALL.order_by(None).order_by(_UNINDEXED_NAME)
_NAMED = _ALL.where(_c.name.in_(bindparam("names", expanding=True)))


@dataclass(frozen=True)
class Segment:
    """One of `total` parts of a table's partitions that together are all, for as many readers; counted from 0."""

    number: int
    total: int

    def has(self, name: str) -> bool:
        return zlib.crc32(name.encode()) % self.total == self.number


def create_partitions(
    connection: Connection,
    table_id: int,
    table: Table,
    partitions: Sequence[Partition],
    now: datetime,
    if_not_exists: bool,
) -> list[Partition]:
    """The partitions that were really added.

    Raises AlreadyExists unless `if_not_exists`, also for one given twice; InvalidInput for a wrong number of values.
    """
    named = _named(table, partitions)
    existing = names_among(connection, table_id, named)
    if not if_not_exists:
        refused = existing if len(named) == len(partitions) else existing | _repeated(table, partitions)
        if refused:
            raise AlreadyExists(kind="Partition", name=f"{min(refused)} of table {table.database}.{table.name}")
    added = {name: partition for name, partition in named.items() if name not in existing}
    write_partitions(connection, table_id, table, added, now)
    return [Partition(new.values, new.storage, new.parameters, new.created_at or now) for new in added.values()]


def put_partitions(
    connection: Connection, table_id: int, table: Table, partitions: Sequence[Partition], now: datetime
) -> None:
    """Create the partitions, or replace those that exist."""
    write_partitions(connection, table_id, table, _named(table, partitions), now)


def update_partitions(
    connection: Connection, table_id: int, table: Table, partitions: Sequence[Partition], now: datetime
) -> None:
    """Replace partitions that exist. Raises NotFound for the first that does not, and changes none."""
    named = _named(table, partitions)
    existing = names_among(connection, table_id, named)
    missing = next((name for name in named if name not in existing), None)
    if missing is not None:
        raise NotFound(kind="Partition", name=f"{missing} of table {table.database}.{table.name}")
    write_partitions(connection, table_id, table, named, now)


def rename_partition(
    connection: Connection, table_id: int, table: Table, values: tuple[str, ...], new: Partition, now: datetime
) -> None:
    """Put `new` in the place of the partition with `values`, whose time of creation and statistics it keeps.

    Raises NotFound; AlreadyExists if there is one with the values of `new`.
    """
    before = get_partition(connection, table_id, table, values).name(table)
    [after] = _named(table, [new])
    if after != before:
        if names_among(connection, table_id, [after]):
            raise AlreadyExists(kind="Partition", name=f"{after} of table {table.database}.{table.name}")
        mine = update(rows.partitions).where(_c.table_id == table_id, _c.name == before)
        connection.execute(mine.values(name=after))
    put_partitions(connection, table_id, table, [new], now)


def relocate_partitions(connection: Connection, table_id: int, old: str, new: str) -> None:
    """Partitions whose location is below the folder `old` have one below the folder `new` instead."""
    before, after = f"{old.rstrip('/')}/", f"{new.rstrip('/')}/"
    if before == after:
        return
    c = rows.partitions.c
    below = func.substr(c.location, 1, len(before)) == before
    moved = literal(after).concat(func.substr(c.location, len(before) + 1))
    connection.execute(update(rows.partitions).where(c.table_id == table_id, below).values(location=moved))


def get_partitions(
    connection: Connection, table_id: int, table: Table, values: Iterable[tuple[str, ...]]
) -> list[Partition]:
    """Those of the named partitions that exist, by name."""
    names = sorted(Partition(each).name(table) for each in values if _counted(table, each))
    found: list[Partition] = []
    for part in in_parts(names):
        found += _partitions(connection, _NAMED, {"of": table_id, "names": part})
    return found


def get_partition(connection: Connection, table_id: int, table: Table, values: tuple[str, ...]) -> Partition:
    """Raises NotFound."""
    found = get_partitions(connection, table_id, table, [values])
    if not found:
        name = Partition(values).name(table)
        raise NotFound(kind="Partition", name=f"{name} of table {table.database}.{table.name}")
    return found[0]


def list_partitions(
    connection: Connection,
    table_id: int,
    table: Table,
    filter: str | None,
    limit: int,
    token: str | None,
    segment: Segment | None = None,
) -> Page[Partition]:
    """Partitions in the order of their names; those that match `filter` (see catalog.predicates), or all."""
    name = _UNINDEXED_NAME if filter and filter.strip() else _c.name
    given: dict[str, Any] = {"of": table_id}
    statement = _filtered(connection, table_id, table, filter).where(name > LISTING.after(token))
    if segment is None:
        statement = statement.limit(limit + 1)
    else:
        names = connection.execute(statement.with_only_columns(_c.name), given).scalars()
        given["names"] = list(islice((each for each in names if segment.has(each)), limit + 1))
        statement = _NAMED
    return LISTING.page(list(_partitions(connection, statement, given)), limit, lambda partition: partition.name(table))


def batch_list_partitions(
    connection: Connection, tables: Mapping[int, Table], filter: str | None, limit: int, token: str | None
) -> dict[int, Page[Partition] | DomainError]:
    """As list_partitions, of several tables; of a table that the filter does not fit, why."""
    after, filtered = LISTING.after(token), bool(filter and filter.strip())
    name = _UNINDEXED_NAME if filtered else _c.name
    clauses: dict[int, ColumnElement[bool]] = {}
    found: dict[int, Page[Partition] | DomainError] = {}
    for table_id, table in tables.items():
        try:
            clauses[table_id] = _clause(connection, table_id, table, filter or "") if filtered else true()
        except InvalidPredicate as error:
            found[table_id] = error

    def first(table_id: int) -> Select[Any]:
        statement = COLUMNS.where(_c.table_id == table_id, clauses[table_id], name > after)
        return statement.order_by(name).limit(limit + 1)

    read = rows_of_each(connection, clauses, first)
    together = [row[:5] for each in read.values() for row in each]
    made = whole(with_storages(connection, together, {})) if together else iter(())
    for table_id, each in read.items():
        mine = list(islice(made, len(each)))
        found[table_id] = LISTING.page(mine, limit, partial(_name, tables[table_id]))
    return found


def _name(table: Table, partition: Partition) -> str:
    return partition.name(table)


def iter_partitions(connection: Connection, table_id: int, table: Table, filter: str | None) -> Iterator[Partition]:
    """All that match, in the order of their names."""
    return _partitions(connection, _filtered(connection, table_id, table, filter), {"of": table_id})


def read_partitions(
    connection: Connection, table_id: int, table: Table, filter: str | None, limit: int | None
) -> list[StoredPartition]:
    """The first `limit` that match, or all, in the order of their names."""
    statement = _filtered(connection, table_id, table, filter).limit(limit)
    return list(read_stored(connection, statement, {"of": table_id}))


def read_named_partitions(
    connection: Connection, table_id: int, table: Table, values: Iterable[tuple[str, ...]]
) -> list[StoredPartition]:
    """As get_partitions."""
    names = sorted(Partition(each).name(table) for each in values if _counted(table, each))
    parts = (read_stored(connection, _NAMED, {"of": table_id, "names": part}) for part in in_parts(names))
    return [partition for part in parts for partition in part]


def list_partition_names(connection: Connection, table_id: int, limit: int | None) -> Sequence[str]:
    """The names of the first `limit` partitions, or of all, in their order."""
    statement = select(_c.name).where(_c.table_id == table_id).order_by(_c.name).limit(limit)
    return connection.execute(statement).scalars().all()


def count_partitions(connection: Connection, table_id: int, table: Table, filter: str | None) -> int:
    matching = _filtered(connection, table_id, table, filter).order_by(None).subquery()
    return connection.execute(select(func.count()).select_from(matching), {"of": table_id}).scalar_one()


def batch_count_partitions(connection: Connection, tables: Sequence[TableKey]) -> dict[TableKey, int]:
    """Of each of `tables` that is there."""
    d, t, p = rows.databases.c, rows.tables.c, rows.partitions
    joined = rows.named_tables.outerjoin(p, p.c.table_id == t.id)
    statement = select(d.name, t.name, func.count(p.c.name)).select_from(joined).group_by(d.name, t.name)
    found = connection.execute(statement.where(rows.table_key.in_(tables)))
    return {(database, table): count for database, table, count in found}


def delete_partitions(connection: Connection, table_id: int, table: Table, values: Iterable[tuple[str, ...]]) -> int:
    """How many there were. Their data are never touched."""
    names = [Partition(each).name(table) for each in values if _counted(table, each)]
    c = rows.partitions.c
    return sum(
        connection.execute(delete(rows.partitions).where(c.table_id == table_id, c.name.in_(part))).rowcount
        for part in in_parts(names)
    )


def _counted(table: Table, values: tuple[str, ...]) -> bool:
    if len(values) != len(table.partition_keys):
        wanted = ", ".join(table.key_names) or "no keys"
        raise InvalidInput(
            what=f"partition {list(values)} of table {table.database}.{table.name}", why=f"the table has {wanted}."
        )
    if any("\0" in value for value in values):
        raise InvalidInput(what=f"partition {list(values)}", why="a value holds the sign NUL, which cannot be stored.")
    return True


def _named(table: Table, partitions: Sequence[Partition]) -> dict[str, Partition]:
    name = partition_namer(table.key_names)
    return {name(partition.values): partition for partition in partitions if _counted(table, partition.values)}


def _repeated(table: Table, partitions: Sequence[Partition]) -> set[str]:
    counts = Counter(partition.name(table) for partition in partitions)
    return {name for name, count in counts.items() if count > 1}


def _filtered(connection: Connection, table_id: int, table: Table, filter: str | None) -> Select[Any]:
    if filter is None or not filter.strip():
        return _ALL
    return _MATCHING.where(_clause(connection, table_id, table, filter))


def _clause(connection: Connection, table_id: int, table: Table, filter: str) -> ColumnElement[bool]:
    """Raises InvalidPredicate."""
    predicate = parse(filter, table.key_names)
    return predicates.clause(predicate, table.partition_keys, cache(partial(_key, connection, table_id, table)))


def _key(connection: Connection, table_id: int, table: Table, at: int) -> predicates.Key:
    """The table's key number `at`: in its own columns if it has them, or where a partition index keeps it."""

    def by_bytes(text: ColumnElement[str]) -> ColumnElement[str]:
        # Spark compares text by its bytes, as SQLite does; PostgreSQL would by the database's language.
        return text.collate("C") if connection.dialect.name == "postgresql" else text

    if at < rows.KEYS_IN_COLUMNS:
        return predicates.Key(by_bytes(_c[f"text_{at}"]), _c[f"number_{at}"])
    indexed = find_key(connection, table_id, table, at)
    if indexed is not None:
        return indexed
    text = by_bytes(_c["values"][at].as_string())
    return predicates.Key(text, predicates.spelled_number(text))


def _partitions(connection: Connection, statement: Select[Any], given: dict[str, Any]) -> Iterator[Partition]:
    return whole(read_stored(connection, statement, given))
