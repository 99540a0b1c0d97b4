"""Methods about partitions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

from api.hive.bindings import Failure, hive
from api.hive.databases import refuse_to_delete_files
from api.hive.failures import unsupported
from api.hive.identifiers import database_name
from api.hive.session import Handler, Session
from api.hive.translate import partition_structs, partition_value
from api.hive.write_back import stored_partition
from catalog.model import MANAGED_TABLE, Partition, Table
from catalog.names import unescape_partition_value

# ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _table(session: Session, call: Any) -> Table:
    return session.catalog.get_table(database_name(call.db_name), call.tbl_name)


def _limited(items: Iterable[Any], limit: int | None) -> list[Any]:
    """At most `limit` of `items`; a negative limit is none."""
    return list(items if limit is None or limit < 0 else islice(items, limit))


def _values_in(name: str) -> tuple[str, ...]:
    """The values in a partition's name such as `year=2013/month=1`."""
    return tuple(unescape_partition_value(part.partition("=")[2]) for part in name.split("/"))


def _get_partition(session: Session, call: Any) -> Any:
    return _one(session, call, tuple(call.part_vals or ()))


def _get_partition_by_name(session: Session, call: Any) -> Any:
    return _one(session, call, _values_in(call.part_name))


def _one(session: Session, call: Any, values: tuple[str, ...]) -> Any:
    table = _table(session, call)
    return next(partition_structs(table, [session.catalog.get_partition(table.database, table.name, values)]))


def _all(session: Session, table: Table, filter: str | None = None) -> Iterator[Partition]:
    return session.catalog.iter_partitions(table.database, table.name, filter)


def _get_partitions(session: Session, call: Any) -> list[Any]:
    table = _table(session, call)
    return _limited(partition_structs(table, _all(session, table)), call.max_parts)


def _get_partitions_by_filter(session: Session, call: Any) -> list[Any]:
    table = _table(session, call)
    return _limited(partition_structs(table, _all(session, table, call.filter)), call.max_parts)


def _get_num_partitions_by_filter(session: Session, call: Any) -> int:
    return session.catalog.count_partitions(database_name(call.db_name), call.tbl_name, call.filter or None)


def _get_partitions_by_names(session: Session, call: Any) -> list[Any]:
    table = _table(session, call)
    found = session.catalog.get_partitions(table.database, table.name, map(_values_in, call.names or ()))
    return list(partition_structs(table, found))


def _get_partition_names(session: Session, call: Any) -> list[str]:
    table = _table(session, call)
    return _limited((partition.name(table) for partition in _all(session, table)), call.max_parts)


def _like(session: Session, table: Table, call: Any) -> Iterator[Partition]:
    """Partitions whose first values are `part_vals`, in which an empty text stands for any value."""
    wanted = [(at, value) for at, value in enumerate(call.part_vals or ()) if value]
    if len(call.part_vals or ()) > len(table.partition_keys):
        raise _miscounted(table, call.part_vals)
    if len(wanted) == len(table.partition_keys):
        yield from session.catalog.get_partitions(table.database, table.name, [tuple(call.part_vals)])
        return
    for partition in _all(session, table):
        if all(partition.values[at] == value for at, value in wanted):
            yield partition


def _miscounted(table: Table, values: Iterable[str]) -> Failure:
    keys = ", ".join(table.key_names) or "no partition keys"
    failure: Failure = hive.MetaException(f"{list(values)} do not fit {table.database}.{table.name}, which has {keys}.")
    return failure


def _get_partitions_ps(session: Session, call: Any) -> list[Any]:
    table = _table(session, call)
    return _limited(partition_structs(table, _like(session, table, call)), call.max_parts)


def _get_partition_names_ps(session: Session, call: Any) -> list[str]:
    table = _table(session, call)
    return _limited((partition.name(table) for partition in _like(session, table, call)), call.max_parts)


# ── writing: definitions only; files are never touched ───────────────────────────────────────────────────────────────


def _new(table: Table, struct: Any) -> Partition:
    """The partition that a client adds. Without a location it lies in the folder of its name below the table's."""
    partition = stored_partition(table, partition_value(struct))
    if len(partition.values) != len(table.partition_keys):
        raise _miscounted(table, partition.values)
    if partition.storage.location is None and table.storage.location is not None:
        location = f"{table.storage.location.rstrip('/')}/{partition.name(table)}"
        partition = replace(partition, storage=replace(partition.storage, location=location))
    return partition


def _add(session: Session, database: str, name: str, structs: list[Any], if_not_exists: bool = False) -> list[Any]:
    table = session.catalog.get_table(database_name(database), name)
    if table.table_type == MANAGED_TABLE:
        raise unsupported("Adding partitions to a managed table", "their folders would have to be made.")
    new = [_new(table, struct) for struct in structs]
    added = session.catalog.create_partitions(table.database, table.name, new, if_not_exists)
    return list(partition_structs(table, added))


def _add_partition(session: Session, call: Any) -> Any:
    return _add(session, call.new_part.dbName, call.new_part.tableName, [call.new_part])[0]


def _add_partitions(session: Session, call: Any) -> int:
    parts = call.new_parts or []
    return len(_add(session, parts[0].dbName, parts[0].tableName, parts)) if parts else 0


def _add_partitions_req(session: Session, call: Any) -> Any:
    request = call.request
    added = _add(session, request.dbName, request.tblName, request.parts or [], bool(request.ifNotExists))
    return hive.AddPartitionsResult(partitions=None if request.needResult is False else added)


def _alter(session: Session, call: Any, structs: Iterable[Any]) -> None:
    table = _table(session, call)
    session.catalog.update_partitions(table.database, table.name, [_new(table, struct) for struct in structs])


def _alter_partition(session: Session, call: Any) -> None:
    _alter(session, call, [call.new_part])


def _alter_partitions(session: Session, call: Any) -> None:
    _alter(session, call, call.new_parts or ())


def _drop_partition(session: Session, call: Any) -> bool:
    table = _table(session, call)
    if call.deleteData:
        refuse_to_delete_files(table)
    values = tuple(call.part_vals or ())
    if not session.catalog.delete_partitions(table.database, table.name, [values]):
        raise hive.NoSuchObjectException(f"Partition {list(values)} of table {table.database}.{table.name} not found.")
    return True


HANDLERS: dict[str, Handler] = {
    "get_partition": _get_partition,
    "get_partition_with_auth": _get_partition,
    "get_partition_by_name": _get_partition_by_name,
    "get_partitions": _get_partitions,
    "get_partitions_with_auth": _get_partitions,
    "get_partitions_by_filter": _get_partitions_by_filter,
    "get_num_partitions_by_filter": _get_num_partitions_by_filter,
    "get_partitions_by_names": _get_partitions_by_names,
    "get_partitions_ps": _get_partitions_ps,
    "get_partitions_ps_with_auth": _get_partitions_ps,
    "get_partition_names": _get_partition_names,
    "get_partition_names_ps": _get_partition_names_ps,
    "add_partition": _add_partition,
    "add_partition_with_environment_context": _add_partition,
    "add_partitions": _add_partitions,
    "add_partitions_req": _add_partitions_req,
    "alter_partition": _alter_partition,
    "alter_partition_with_environment_context": _alter_partition,
    "alter_partitions": _alter_partitions,
    "alter_partitions_with_environment_context": _alter_partitions,
    "drop_partition": _drop_partition,
    "drop_partition_with_environment_context": _drop_partition,
}
