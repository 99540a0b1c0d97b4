"""Partitions: create, put, get, list by filter, delete; always many at a time."""

from __future__ import annotations

import hashlib
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from functools import cache, partial
from itertools import islice
from operator import attrgetter
from typing import Any, NamedTuple

import msgspec
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
    type_coerce,
    update,
)
from sqlalchemy import Table as SqlTable
from sqlalchemy.dialects import postgresql, sqlite

from catalog import predicates, rows
from catalog.errors import AlreadyExists, DomainError, InvalidInput, InvalidPredicate, NotFound
from catalog.indexes import find_key, follow_partitions
from catalog.model import Page, Parameters, Partition, StorageDescriptor, Table, TableKey
from catalog.paging import by_name, rows_of_each
from catalog.predicate_texts import parse

LISTING = by_name("partitions")

# SQLite takes 32,766 bound values a statement.
_AT_ONCE = 2_000

_c = rows.partitions.c
_COLUMNS = select(
    type_coerce(_c["values"], rows.Texts()),
    _c.location,
    type_coerce(_c.parameters, rows.Pairs()),
    _c.created_at,
    _c.storage_id,
)
_ALL = _COLUMNS.where(_c.table_id == bindparam("of")).order_by(_c.name)
# An expression, or SQLite would go through the table in the order of the names to spare the sorting of what matches.
_UNINDEXED_NAME = _c.name.concat("")
_MATCHING = _ALL.order_by(None).order_by(_UNINDEXED_NAME)
_NAMED = _ALL.where(_c.name.in_(bindparam("names", expanding=True)))
_descriptors = rows.storage_descriptors.c
_BY_ID = select(_descriptors.id, _descriptors.body).where(_descriptors.id.in_(bindparam("ids", expanding=True)))
_BY_HASH = select(_descriptors.hash, _descriptors.id).where(_descriptors.hash.in_(bindparam("hashes", expanding=True)))
_NAMES = select(_c.name).where(_c.table_id == bindparam("of"), _c.name.in_(bindparam("names", expanding=True)))
_decode_storage = msgspec.json.Decoder(StorageDescriptor).decode
_SHARED = tuple(field.name for field in fields(StorageDescriptor) if field.name != "location")
_shared = attrgetter(*_SHARED)
_encode = msgspec.json.Encoder(order="deterministic").encode


class StoredPartition(NamedTuple):
    """A partition as it is stored: `storage` is without a location, and one object for all that share it."""

    values: tuple[str, ...]
    location: str | None
    parameters: Parameters
    created_at: datetime
    storage: StorageDescriptor


@dataclass(frozen=True)
class Segment:
    """One of `total` parts of a table's partitions that together are all, for as many readers; counted from 0."""

    number: int
    total: int

    def has(self, name: str) -> bool:
        return zlib.crc32(name.encode()) % self.total == self.number


# Of a tuple of its fields, without a call into Python for each.
_made = partial(tuple.__new__, StoredPartition)


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
    existing = _existing(connection, table_id, named)
    if not if_not_exists:
        refused = existing if len(named) == len(partitions) else existing | _repeated(table, partitions)
        if refused:
            raise AlreadyExists(kind="Partition", name=f"{min(refused)} of table {table.database}.{table.name}")
    added = {name: partition for name, partition in named.items() if name not in existing}
    _write(connection, table_id, table, added, now)
    return [Partition(new.values, new.storage, new.parameters, new.created_at or now) for new in added.values()]


def put_partitions(
    connection: Connection, table_id: int, table: Table, partitions: Sequence[Partition], now: datetime
) -> None:
    """Create the partitions, or replace those that exist."""
    _write(connection, table_id, table, _named(table, partitions), now)


def update_partitions(
    connection: Connection, table_id: int, table: Table, partitions: Sequence[Partition], now: datetime
) -> None:
    """Replace partitions that exist. Raises NotFound for the first that does not, and changes none."""
    named = _named(table, partitions)
    existing = _existing(connection, table_id, named)
    missing = next((name for name in named if name not in existing), None)
    if missing is not None:
        raise NotFound(kind="Partition", name=f"{missing} of table {table.database}.{table.name}")
    _write(connection, table_id, table, named, now)


def rename_partition(
    connection: Connection, table_id: int, table: Table, values: tuple[str, ...], new: Partition, now: datetime
) -> None:
    """Put `new` in the place of the partition with `values`, whose time of creation and statistics it keeps.

    Raises NotFound; AlreadyExists if there is one with the values of `new`.
    """
    before = get_partition(connection, table_id, table, values).name(table)
    [after] = _named(table, [new])
    if after != before:
        if _existing(connection, table_id, [after]):
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
    for part in _parts(names):
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
        statement = _COLUMNS.where(_c.table_id == table_id, clauses[table_id], name > after)
        return statement.order_by(name).limit(limit + 1)

    read = rows_of_each(connection, clauses, first)
    together = [row[:5] for each in read.values() for row in each]
    made = _whole(_with_storages(connection, together, {})) if together else iter(())
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
    return list(_stored(connection, statement, {"of": table_id}))


def read_named_partitions(
    connection: Connection, table_id: int, table: Table, values: Iterable[tuple[str, ...]]
) -> list[StoredPartition]:
    """As get_partitions."""
    names = sorted(Partition(each).name(table) for each in values if _counted(table, each))
    parts = (_stored(connection, _NAMED, {"of": table_id, "names": part}) for part in _parts(names))
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
        for part in _parts(names)
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
    return {partition.name(table): partition for partition in partitions if _counted(table, partition.values)}


def _repeated(table: Table, partitions: Sequence[Partition]) -> set[str]:
    counts = Counter(partition.name(table) for partition in partitions)
    return {name for name, count in counts.items() if count > 1}


def _existing(connection: Connection, table_id: int, names: Iterable[str]) -> set[str]:
    return {
        name
        for part in _parts(list(names))
        for name in connection.execute(_NAMES, {"of": table_id, "names": part}).scalars()
    }


def _parts(names: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(names), _AT_ONCE):
        yield names[start : start + _AT_ONCE]


def _write(connection: Connection, table_id: int, table: Table, named: dict[str, Partition], now: datetime) -> None:
    if not named:
        return
    storage_ids = _storage_ids(connection, [partition.storage for partition in named.values()])
    numbers = range(min(len(table.partition_keys), rows.KEYS_IN_COLUMNS))
    connection.execute(
        _upsert(connection.dialect.name, len(numbers)),
        [
            {
                "table_id": table_id,
                "name": name,
                "values": list(partition.values),
                "storage_id": storage_id,
                "location": partition.storage.location,
                "parameters": _encode(partition.parameters).decode(),
                "created_at": partition.created_at or now,
                **{f"text_{at}": partition.values[at] for at in numbers},
                **{f"number_{at}": _number(partition.values[at]) for at in numbers},
            }
            for (name, partition), storage_id in zip(named.items(), storage_ids, strict=True)
        ],
    )
    if len(table.partition_keys) > rows.KEYS_IN_COLUMNS:
        for part in _parts(list(named)):
            follow_partitions(connection, table_id, table, part)


def _insert(dialect: str, table: SqlTable) -> sqlite.Insert | postgresql.Insert:
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


@cache
def _insert_storages(dialect: str) -> sqlite.Insert | postgresql.Insert:
    return _insert(dialect, rows.storage_descriptors).on_conflict_do_nothing(index_elements=["hash"])


@cache
def _upsert(dialect: str, keys: int) -> sqlite.Insert | postgresql.Insert:
    """Writes a partition of a table that has so many keys with columns. To build it takes longer than to run it."""
    statement = _insert(dialect, rows.partitions)
    columns = [f"{kind}_{at}" for kind in ("text", "number") for at in range(keys)]
    replaced = {name: statement.excluded[name] for name in ("values", "storage_id", "location", "parameters", *columns)}
    return statement.on_conflict_do_update(index_elements=["table_id", "name"], set_=replaced)


def _storage_ids(connection: Connection, storages: Sequence[StorageDescriptor]) -> list[int]:
    """The row of each descriptor, made where it is new."""
    bodies: dict[str, str] = {}
    hashes: list[str] = []
    before: tuple[object, ...] | None = None
    for storage in storages:
        shared = _shared(storage)
        if shared != before:  # mostly it is the neighbour's
            before, body = shared, _encode(replace(storage, location=None))
            hashed = hashlib.blake2b(body, digest_size=16).hexdigest()
            bodies[hashed] = body.decode()
        hashes.append(hashed)
    bodies = dict(sorted(bodies.items()))  # in one order, so that two writers do not wait for each other
    connection.execute(
        _insert_storages(connection.dialect.name), [{"hash": key, "body": body} for key, body in bodies.items()]
    )
    ids: dict[str, int] = {}
    for part in _parts(list(bodies)):
        ids.update((hashed, key) for hashed, key in connection.execute(_BY_HASH, {"hashes": part}))
    return [ids[hashed] for hashed in hashes]


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


def _number(value: str) -> str | None:
    return value if predicates.is_number(value) else None


def _partitions(connection: Connection, statement: Select[Any], given: dict[str, Any]) -> Iterator[Partition]:
    return _whole(_stored(connection, statement, given))


def _whole(stored: Iterable[StoredPartition]) -> Iterator[Partition]:
    located: dict[int, Callable[..., StorageDescriptor]] = {}
    for values, location, parameters, created_at, storage in stored:
        locate = located.get(id(storage))
        if locate is None:
            locate = located[id(storage)] = unlocated(storage)
        yield Partition(values, locate(location=location), parameters, created_at)


def _stored(connection: Connection, statement: Select[Any], given: dict[str, Any]) -> Iterator[StoredPartition]:
    known: dict[int, StorageDescriptor] = {}
    for part in connection.execute(statement, given).partitions(_AT_ONCE):
        yield from _with_storages(connection, part, known)


def _with_storages(
    connection: Connection, part: Sequence[Sequence[Any]], known: dict[int, StorageDescriptor]
) -> Iterator[StoredPartition]:
    new = list({row[-1] for row in part} - known.keys())
    if new:
        known.update((key, _decode_storage(body)) for key, body in connection.execute(_BY_ID, {"ids": new}))
    *columns, keys = zip(*part, strict=True)
    yield from map(_made, zip(*columns, [known[key] for key in keys], strict=True))


def unlocated(storage: StorageDescriptor) -> Callable[..., StorageDescriptor]:
    """`storage` for want of its location; dataclasses.replace would take most of a partition's reading."""
    return partial(StorageDescriptor, **dict(zip(_SHARED, _shared(storage), strict=True)))
