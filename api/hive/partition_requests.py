"""Methods that append and drop partitions by their values or names, and many at once."""

from __future__ import annotations

from typing import Any

from api.hive.bindings import hive
from api.hive.failures import unsupported
from api.hive.identifiers import database_name
from api.hive.partition_names import values_in
from api.hive.partitions import add, drop, table_of
from api.hive.requests import request_of
from api.hive.session import Handler, Session
from api.hive.translate import partition_structs, storage_struct
from catalog.errors import NotFound
from catalog.model import Table


def _append_partition(session: Session, call: Any) -> Any:
    return _append(session, table_of(session, call), tuple(call.part_vals or ()))


def _append_partition_by_name(session: Session, call: Any) -> Any:
    table = table_of(session, call)
    return _append(session, table, values_in(table, call.part_name))


def _append_partition_req(session: Session, call: Any) -> Any:
    request = request_of(call)
    table = session.catalog.get_table(database_name(request.dbName), request.tableName)
    values = values_in(table, request.name) if request.partVals is None else tuple(request.partVals)
    return _append(session, table, values)


def _append(session: Session, table: Table, values: tuple[str, ...]) -> Any:
    """Add a partition that is written as its table is, in the folder of its name."""
    storage = storage_struct(table.storage)
    storage.location = None
    new = hive.Partition(values=values, dbName=table.database, tableName=table.name, sd=storage)
    return next(partition_structs(*add(session, table.database, table.name, [new])))


def _drop_partition_by_name(session: Session, call: Any) -> bool:
    table = table_of(session, call)
    return _drop(session, table, values_in(table, call.part_name), call.deleteData)


def _drop_partition_req(session: Session, call: Any) -> bool:
    request = request_of(call)
    table = session.catalog.get_table(database_name(request.dbName), request.tblName)
    values = values_in(table, request.partName) if request.partVals is None else tuple(request.partVals)
    return _drop(session, table, values, request.deleteData)


def _drop(session: Session, table: Table, values: tuple[str, ...], delete_data: bool | None) -> bool:
    drop(session, table, [session.catalog.get_partition(table.database, table.name, values)], delete_data)
    return True


def _drop_partitions_req(session: Session, call: Any) -> Any:
    """Drop all that are named, or none if one is missing and that is not put up with."""
    request = request_of(call)
    parts = request.parts or hive.RequestPartsSpec()
    if parts.names is None:
        raise unsupported("Dropping partitions by Hive's serialised expressions", "name the partitions.")
    table = session.catalog.get_table(database_name(request.dbName), request.tblName)
    wanted = {values_in(table, name): name for name in parts.names}
    found = session.catalog.get_partitions(table.database, table.name, wanted)
    missing = wanted.keys() - {partition.values for partition in found}
    if missing and request.ifExists is False:
        raise NotFound(kind="Partition", name=f"{wanted[min(missing)]} of table {table.database}.{table.name}")
    drop(session, table, found, request.deleteData)
    return hive.DropPartitionsResult(
        partitions=None if request.needResult is False else list(partition_structs(table, found))
    )


HANDLERS: dict[str, Handler] = {
    "append_partition": _append_partition,
    "append_partition_with_environment_context": _append_partition,
    "append_partition_by_name": _append_partition_by_name,
    "append_partition_by_name_with_environment_context": _append_partition_by_name,
    "append_partition_req": _append_partition_req,
    "drop_partition_by_name": _drop_partition_by_name,
    "drop_partition_by_name_with_environment_context": _drop_partition_by_name,
    "drop_partition_req": _drop_partition_req,
    "drop_partitions_req": _drop_partitions_req,
}
