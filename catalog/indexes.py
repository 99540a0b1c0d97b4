"""Partition indexes: create, get, list, delete; and how they serve filters by keys that have no columns of their own.

The values of the first rows.KEYS_IN_COLUMNS keys are indexed for every table. Those of further keys are, once an index
names the key, kept in partition_index_values as well, for each partition, in the transaction that writes the partition.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, literal, select
from sqlalchemy import insert as plain_insert
from sqlalchemy.exc import IntegrityError

from catalog import predicates, rows
from catalog.db import insert
from catalog.errors import AlreadyExists, InvalidInput, LimitReached, NotFound
from catalog.model import PartitionIndex, Table
from catalog.names import demand_name

MOST = 3

_i = rows.partition_indexes.c
_v = rows.partition_index_values.c
_p = rows.partitions.c


def create_index(
    connection: Connection, table_id: int, table: Table, index: PartitionIndex, now: datetime
) -> PartitionIndex:
    """Index the partitions that are there, and all to come. The table is locked.

    Raises AlreadyExists; LimitReached for more than MOST; InvalidInput for keys that are not the table's.
    """
    demand_name("Partition index", index.name)
    created = replace(index, keys=_checked(table, index), created_at=now)
    there = list_indexes(connection, table_id)
    if len(there) >= MOST and index.name not in {each.name for each in there}:
        what = f"Partition index {index.name} of table {table.database}.{table.name}"
        raise LimitReached(what=what, limit=MOST)
    row = {"table_id": table_id, "name": created.name, "keys": list(created.keys), "created_at": now}
    try:
        connection.execute(plain_insert(rows.partition_indexes).values(row))
    except IntegrityError as error:
        raise AlreadyExists(kind="Partition index", name=_named(table, index.name)) from error
    for at in _past_columns(table, [created]) - _past_columns(table, there):
        _fill(connection, table_id, at)
    return created


def put_index(connection: Connection, table_id: int, table: Table, index: PartitionIndex, now: datetime) -> None:
    """Create the index, or replace the one of its name; without keys, delete that. Raises as create_index."""
    there = next((each for each in list_indexes(connection, table_id) if each.name == index.name), None)
    if there is not None and there.keys != index.keys:
        delete_index(connection, table_id, table, index.name)
    if index.keys and (there is None or there.keys != index.keys):
        create_index(connection, table_id, table, index, now)


def get_index(connection: Connection, table_id: int, table: Table, name: str) -> PartitionIndex:
    """Raises NotFound."""
    found = next((each for each in list_indexes(connection, table_id) if each.name == name), None)
    if found is None:
        raise NotFound(kind="Partition index", name=_named(table, name))
    return found


def list_indexes(connection: Connection, table_id: int) -> list[PartitionIndex]:
    """By name; there are at most MOST."""
    return batch_list_indexes(connection, [table_id])[table_id]


def batch_list_indexes(connection: Connection, table_ids: Sequence[int]) -> dict[int, list[PartitionIndex]]:
    """As list_indexes, of several tables."""
    found: dict[int, list[PartitionIndex]] = {table_id: [] for table_id in table_ids}
    statement = select(rows.partition_indexes).where(_i.table_id.in_(table_ids)).order_by(_i.name)
    for row in connection.execute(statement):
        found[row.table_id].append(_index(row))
    return found


def delete_index(connection: Connection, table_id: int, table: Table, name: str) -> PartitionIndex:
    """The index as it was. Raises NotFound."""
    doomed = get_index(connection, table_id, table, name)
    connection.execute(delete(rows.partition_indexes).where(_i.table_id == table_id, _i.name == name))
    for at in _past_columns(table, [doomed]) - _past_columns(table, list_indexes(connection, table_id)):
        connection.execute(delete(rows.partition_index_values).where(_v.table_id == table_id, _v.key == at))
    return doomed


def demand_keys_kept(connection: Connection, table_id: int, table: Table, changed: Table) -> None:
    """Raises InvalidInput if `changed` lacks a partition key that an index of `table` names."""
    for index in list_indexes(connection, table_id):
        gone = next((key for key in index.keys if key not in changed.key_names), None)
        if gone is not None:
            what = f"a change of the partition keys of {table.database}.{table.name}"
            raise InvalidInput(what=what, why=f"partition index {index.name} names {gone}; delete that first.")


def follow_partitions(connection: Connection, table_id: int, table: Table, names: Iterable[str]) -> None:
    """Keep the values of the partitions of these names, which were just written, where an index needs them."""
    for at in _past_columns(table, list_indexes(connection, table_id)):
        _fill(connection, table_id, at, names)


def find_key(connection: Connection, table_id: int, table: Table, at: int) -> predicates.Key | None:
    """Key number `at` where an index keeps its values; None if none does."""
    if at not in _past_columns(table, list_indexes(connection, table_id)):
        return None

    def among(clause: ColumnElement[bool]) -> ColumnElement[bool]:
        mine = select(_v.partition).where(_v.table_id == table_id, _v.key == at, clause)
        return _p.name.in_(mine)

    return predicates.Key(_v.text, _v.number, among)


def _past_columns(table: Table, indexes: Iterable[PartitionIndex]) -> set[int]:
    """The numbers of the keys of `indexes` that have no columns of their own."""
    named = {key for index in indexes for key in index.keys}
    return {at for at, key in enumerate(table.key_names) if at >= rows.KEYS_IN_COLUMNS and key in named}


def _fill(connection: Connection, table_id: int, at: int, names: Iterable[str] | None = None) -> None:
    """Copy key number `at` of the partitions of these names, or of all."""
    text = _p["values"][at].as_string()
    found = select(_p.table_id, literal(at), _p.name, text, predicates.spelled_number(text))
    found = found.where(_p.table_id == table_id)
    if names is not None:
        found = found.where(_p.name.in_(names))
    statement = insert(connection, rows.partition_index_values)
    copied = statement.from_select(["table_id", "key", "partition", "text", "number"], found)
    replaced = {"text": statement.excluded.text, "number": statement.excluded.number}
    connection.execute(copied.on_conflict_do_update(index_elements=["table_id", "key", "partition"], set_=replaced))


def _checked(table: Table, index: PartitionIndex) -> tuple[str, ...]:
    what = f"partition index {index.name} of table {table.database}.{table.name}"
    keys = tuple(key.lower() for key in index.keys)
    if not keys:
        raise InvalidInput(what=what, why="it names no partition key.")
    strange = next((key for key in keys if key not in table.key_names), None)
    if strange is not None:
        there = ", ".join(table.key_names) or "none"
        raise InvalidInput(what=what, why=f"{strange} is no partition key of the table (there are: {there}).")
    if len(set(keys)) < len(keys):
        raise InvalidInput(what=what, why="it names a key twice.")
    return keys


def _named(table: Table, name: str) -> str:
    return f"{name} of table {table.database}.{table.name}"


def _index(row: Row[Any]) -> PartitionIndex:
    return PartitionIndex(row.name, tuple(row.keys), row.created_at)
