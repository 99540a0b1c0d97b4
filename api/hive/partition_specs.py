"""Methods that tell partitions in other shapes: as specs, as the values of some keys, or as names alone."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from api.hive.bindings import hive
from api.hive.failures import unsupported
from api.hive.identifiers import database_name
from api.hive.partitions import add, limit_of, table_of
from api.hive.requests import request_of
from api.hive.session import Handler, Session
from api.hive.translate import partition_structs
from catalog.model import Table
from catalog.predicates import NUMERIC, is_number


def _get_partitions_pspec(session: Session, call: Any) -> list[Any]:
    return _specs(session, call, None)


def _get_part_specs_by_filter(session: Session, call: Any) -> list[Any]:
    return _specs(session, call, call.filter)


def _specs(session: Session, call: Any, filter: str | None) -> list[Any]:
    """All in one spec, which lists them one by one."""
    table = table_of(session, call)
    found = islice(session.catalog.iter_partitions(table.database, table.name, filter or None), limit_of(call))
    listed = hive.PartitionListComposingSpec(partitions=list(partition_structs(table, found)))
    spec = hive.PartitionSpec(
        dbName=table.database, tableName=table.name, rootPath=table.storage.location, partitionList=listed
    )
    return [spec]


def _add_partitions_pspec(session: Session, call: Any) -> int:
    specs = call.new_parts or []
    if not specs:
        return 0
    database, name = specs[0].dbName, specs[0].tableName
    return len(add(session, database, name, [each for spec in specs for each in _listed(spec)])[1])


def _listed(spec: Any) -> Iterator[Any]:
    """The partitions of a spec. Those that share a storage descriptor lie below its location."""
    if spec.partitionList is not None:
        yield from spec.partitionList.partitions or ()
    shared = spec.sharedSDPartitionSpec
    for each in (shared.partitions or ()) if shared is not None else ():
        storage = hive.StorageDescriptor(**vars(shared.sd)) if shared.sd else hive.StorageDescriptor()
        if storage.location is not None and each.relativePath is not None:
            storage.location = storage.location.rstrip("/") + "/" + each.relativePath.lstrip("/")
        yield hive.Partition(
            values=each.values, dbName=spec.dbName, tableName=spec.tableName, sd=storage, parameters=each.parameters
        )


def _get_partition_values(session: Session, call: Any) -> Any:
    """The values of the keys that are asked for, each combination once unless all are wanted."""
    request = request_of(call)
    catalog, database = session.catalog, database_name(request.dbName)
    table, found = catalog.read_partitions(database, request.tblName, request.filter or None)
    order = [_position(table, key) for key in request.partitionOrder or ()]
    shown = [_position(table, key) for key in request.partitionKeys or ()]
    rows = [partition.values for partition in found]
    for at in reversed(order):
        rows.sort(key=lambda values: _rank(table, at, values[at]), reverse=request.ascending is False)
    picked = [tuple(values[at] for at in shown) for values in rows]
    if request.applyDistinct is not False:
        picked = list(dict.fromkeys(picked))
    most = request.maxParts if request.maxParts is not None and request.maxParts >= 0 else None
    return hive.PartitionValuesResponse(partitionValues=[hive.PartitionValuesRow(row=row) for row in picked[:most]])


def _position(table: Table, key: Any) -> int:
    name = (key.name or "").lower()
    if name not in table.key_names:
        raise hive.MetaException(f"{table.database}.{table.name} has no partition key {name!r}.")
    return table.key_names.index(name)


def _rank(table: Table, at: int, value: str) -> tuple[bool, float, str]:
    """Numbers before what is none, if the key is one."""
    number = bool(NUMERIC.match(table.partition_keys[at].type)) and is_number(value)
    return not number, float(value) if number else 0.0, value


def _get_partition_names_req(session: Session, call: Any) -> list[str]:
    request = request_of(call)
    if request.expr:
        raise unsupported("Partitions by Hive's serialised expressions", "ask by get_partitions_by_filter.")
    most = None if request.maxParts is None or request.maxParts < 0 else request.maxParts
    return list(session.catalog.list_partition_names(database_name(request.dbName), request.tblName, most))


HANDLERS: dict[str, Handler] = {
    "get_partitions_pspec": _get_partitions_pspec,
    "get_part_specs_by_filter": _get_part_specs_by_filter,
    "add_partitions_pspec": _add_partitions_pspec,
    "get_partition_values": _get_partition_values,
    "get_partition_names_req": _get_partition_names_req,
}
