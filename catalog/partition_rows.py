"""How partitions lie in rows: written many at a time, and read with the storage descriptors that they share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache, partial
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, Select, bindparam, select, type_coerce
from sqlalchemy.dialects import postgresql, sqlite

from catalog import predicates, rows
from catalog.db import in_parts
from catalog.indexes import follow_partitions
from catalog.model import Parameters, Partition, StorageDescriptor, Table
from catalog.prepared import Prepared
from catalog.storages import put_storages, read_storages, unlocated

_AT_ONCE = 2_000  # rows that are read together
_c = rows.partitions.c
COLUMNS = select(
    type_coerce(_c["values"], rows.Texts()),
    _c.location,
    type_coerce(_c.parameters, rows.Pairs()),
    _c.created_at,
    _c.storage_id,
)
_NAMES = select(_c.name).where(_c.table_id == bindparam("of"), _c.name.in_(bindparam("names", expanding=True)))
_encode = msgspec.json.Encoder(order="deterministic").encode


class StoredPartition(NamedTuple):
    """A partition as it is stored: `storage` is without a location, and one object for all that share it."""

    values: tuple[str, ...]
    location: str | None
    parameters: Parameters
    created_at: datetime
    storage: StorageDescriptor


# Of a tuple of its fields, without a call into Python for each.
_made = partial(tuple.__new__, StoredPartition)


def names_among(connection: Connection, table_id: int, names: Iterable[str]) -> set[str]:
    """Those of the names that partitions of the table have."""
    return {
        name
        for part in in_parts(list(names))
        for name in connection.execute(_NAMES, {"of": table_id, "names": part}).scalars()
    }


def write_partitions(
    connection: Connection, table_id: int, table: Table, named: Mapping[str, Partition], now: datetime
) -> None:
    """The partitions by their names; those that exist are replaced."""
    if not named:
        return
    storage_ids = put_storages(connection, [partition.storage for partition in named.values()])
    keys = range(min(len(table.partition_keys), rows.KEYS_IN_COLUMNS))
    texts, numbers = [f"text_{at}" for at in keys], [f"number_{at}" for at in keys]
    written = [
        {
            "table_id": table_id,
            "name": name,
            "values": partition.values,
            "storage_id": storage_id,
            "location": partition.storage.location,
            "parameters": _encode(partition.parameters).decode(),
            "created_at": partition.created_at or now,
            **dict(zip(texts, partition.values, strict=False)),
            **{number: _number(value) for number, value in zip(numbers, partition.values, strict=False)},
        }
        for (name, partition), storage_id in zip(named.items(), storage_ids, strict=True)
    ]
    _upsert(connection.dialect.name, len(keys)).write_all(connection, written)
    if len(table.partition_keys) > rows.KEYS_IN_COLUMNS:
        for part in in_parts(list(named)):
            follow_partitions(connection, table_id, table, part)


@cache
def _upsert(dialect: str, keys: int) -> Prepared:
    """Writes a partition of a table that has so many keys with columns."""
    statement: Any = (postgresql if dialect == "postgresql" else sqlite).insert(rows.partitions)
    columns = [f"{kind}_{at}" for kind in ("text", "number") for at in range(keys)]
    replaced = {name: statement.excluded[name] for name in ("values", "storage_id", "location", "parameters", *columns)}
    return Prepared(statement.on_conflict_do_update(index_elements=["table_id", "name"], set_=replaced))


def _number(value: str) -> str | None:
    return value if predicates.is_number(value) else None


def whole(stored: Iterable[StoredPartition]) -> Iterator[Partition]:
    located: dict[int, Callable[..., StorageDescriptor]] = {}
    for values, location, parameters, created_at, storage in stored:
        locate = located.get(id(storage))
        if locate is None:
            locate = located[id(storage)] = unlocated(storage)
        yield Partition(values, locate(location=location), parameters, created_at)


def read_stored(connection: Connection, statement: Select[Any], given: Mapping[str, Any]) -> Iterator[StoredPartition]:
    """What `statement` selects, which has COLUMNS."""
    known: dict[int, StorageDescriptor] = {}
    for part in connection.execute(statement, given).partitions(_AT_ONCE):
        yield from with_storages(connection, part, known)


def with_storages(
    connection: Connection, part: Sequence[Sequence[Any]], known: dict[int, StorageDescriptor]
) -> Iterator[StoredPartition]:
    """Rows of COLUMNS as partitions; `known` holds the descriptors that were read before."""
    new = {row[-1] for row in part} - known.keys()
    if new:
        known.update(read_storages(connection, new))
    *columns, keys = zip(*part, strict=True)
    yield from map(_made, zip(*columns, [known[key] for key in keys], strict=True))
