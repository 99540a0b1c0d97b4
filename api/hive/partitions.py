"""Methods about partitions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import islice
from typing import Any

from api.hive import duties
from api.hive.bindings import Failure, hive
from api.hive.encoding import Encoded, encoded_partition, encoded_partitions
from api.hive.identifiers import database_name
from api.hive.session import Handler, Session
from api.hive.translate import partition_structs, partition_value
from api.hive.write_back import stored_partition
from catalog.errors import AlreadyExists, NotFound
from catalog.model import MANAGED_TABLE, Partition, Table
from catalog.names import partition_name, unescape_partition_value
from catalog.partitions import StoredPartition

# ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _table(session: Session, call: Any) -> Table:
    return session.catalog.get_table(database_name(call.db_name), call.tbl_name)


def _limit(call: Any) -> int | None:
    """How many the client asks for at most; a negative number is no limit."""
    return None if call.max_parts is None or call.max_parts < 0 else call.max_parts


def _values_in(name: str) -> tuple[str, ...]:
    """The values in a partition's name such as `year=2013/month=1`."""
    return tuple(unescape_partition_value(part.partition("=")[2]) for part in name.split("/"))


def _get_partition(session: Session, call: Any) -> Any:
    return _one(session, call, tuple(call.part_vals or ()))


def _get_partition_by_name(session: Session, call: Any) -> Any:
    return _one(session, call, _values_in(call.part_name))


def _one(session: Session, call: Any, values: tuple[str, ...]) -> Encoded:
    table, found = session.catalog.read_named_partitions(database_name(call.db_name), call.tbl_name, [values])
    if not found:
        name = partition_name(table.key_names, values)
        raise NotFound(kind="Partition", name=f"{name} of table {table.database}.{table.name}")
    return encoded_partition(table, found[0])


def _matching(session: Session, call: Any, filter: str | None) -> Encoded:
    found = session.catalog.read_partitions(database_name(call.db_name), call.tbl_name, filter, _limit(call))
    return encoded_partitions(*found)


def _get_partitions(session: Session, call: Any) -> Encoded:
    return _matching(session, call, None)


def _get_partitions_by_filter(session: Session, call: Any) -> Encoded:
    return _matching(session, call, call.filter)


def _get_num_partitions_by_filter(session: Session, call: Any) -> int:
    return session.catalog.count_partitions(database_name(call.db_name), call.tbl_name, call.filter or None)


def _get_partitions_by_names(session: Session, call: Any) -> Encoded:
    values = map(_values_in, call.names or ())
    return encoded_partitions(
        *session.catalog.read_named_partitions(database_name(call.db_name), call.tbl_name, values)
    )


def _get_partition_names(session: Session, call: Any) -> list[str]:
    return list(session.catalog.list_partition_names(database_name(call.db_name), call.tbl_name, _limit(call)))


def _like(session: Session, call: Any) -> tuple[Table, list[StoredPartition]]:
    """Partitions whose first values are `part_vals`, in which an empty text stands for any value."""
    table, given = _table(session, call), tuple(call.part_vals or ())
    wanted = [(at, value) for at, value in enumerate(given) if value]
    if len(given) > len(table.partition_keys):
        raise _miscounted(table, given)
    if len(wanted) == len(table.partition_keys):
        table, found = session.catalog.read_named_partitions(table.database, table.name, [given])
    else:
        table, found = session.catalog.read_partitions(table.database, table.name)
    matching = (each for each in found if all(each.values[at] == value for at, value in wanted))
    return table, list(islice(matching, _limit(call)))


def _miscounted(table: Table, values: Iterable[str]) -> Failure:
    keys = ", ".join(table.key_names) or "no partition keys"
    failure: Failure = hive.MetaException(f"{list(values)} do not fit {table.database}.{table.name}, which has {keys}.")
    return failure


def _get_partitions_ps(session: Session, call: Any) -> Encoded:
    return encoded_partitions(*_like(session, call))


def _get_partition_names_ps(session: Session, call: Any) -> list[str]:
    table, found = _like(session, call)
    return [partition_name(table.key_names, partition.values) for partition in found]


# ── writing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _new(table: Table, struct: Any) -> Partition:
    """The partition that a client adds. Without a location it lies in the folder of its name below the table's."""
    partition = stored_partition(table, partition_value(struct))
    if len(partition.values) != len(table.partition_keys):
        raise _miscounted(table, partition.values)
    if partition.storage.location is None and table.storage.location is not None:
        location = duties.below(table.storage.location, partition.name(table))
        partition = replace(partition, storage=replace(partition.storage, location=location))
    return partition


def _add(
    session: Session, database: str, name: str, structs: list[Any], if_not_exists: bool = False
) -> tuple[Table, list[Partition]]:
    """The table, and the partitions that were really added."""
    table = session.catalog.get_table(database_name(database), name)
    new = [_new(table, struct) for struct in structs]
    duties.make(table, [partition.storage.location for partition in new])
    return table, session.catalog.create_partitions(table.database, table.name, new, if_not_exists)


def _add_partition(session: Session, call: Any) -> Any:
    return next(partition_structs(*_add(session, call.new_part.dbName, call.new_part.tableName, [call.new_part])))


def _add_partitions(session: Session, call: Any) -> int:
    parts = call.new_parts or []
    return len(_add(session, parts[0].dbName, parts[0].tableName, parts)[1]) if parts else 0


def _add_partitions_req(session: Session, call: Any) -> Any:
    request = call.request
    added = _add(session, request.dbName, request.tblName, request.parts or [], bool(request.ifNotExists))
    return hive.AddPartitionsResult(partitions=None if request.needResult is False else list(partition_structs(*added)))


def _alter(session: Session, call: Any, structs: Iterable[Any]) -> None:
    table = _table(session, call)
    session.catalog.update_partitions(table.database, table.name, [_new(table, struct) for struct in structs])


def _alter_partition(session: Session, call: Any) -> None:
    _alter(session, call, [call.new_part])


def _alter_partitions(session: Session, call: Any) -> None:
    _alter(session, call, call.new_parts or ())


def _rename_partition(session: Session, call: Any) -> None:
    """Give a partition other values. A managed table's gets the folder of its new name."""
    table = _table(session, call)
    old = session.catalog.get_partition(table.database, table.name, tuple(call.part_vals or ()))
    given = _new(table, call.new_part)
    new = replace(given, storage=replace(given.storage, location=old.storage.location))
    before, after = (duties.below(table.storage.location or "", each.name(table)) for each in (old, new))
    if session.catalog.get_partitions(table.database, table.name, [new.values]):
        raise AlreadyExists(kind="Partition", name=f"{new.name(table)} of table {table.database}.{table.name}")
    if table.table_type != MANAGED_TABLE or old.storage.location != before:
        session.catalog.rename_partition(table.database, table.name, old.values, new)
        return
    with duties.moved(before, after):
        new = replace(new, storage=replace(new.storage, location=after))
        session.catalog.rename_partition(table.database, table.name, old.values, new)


def _drop_partition(session: Session, call: Any) -> bool:
    table, catalog = _table(session, call), session.catalog
    partition = catalog.get_partition(table.database, table.name, tuple(call.part_vals or ()))
    doomed = duties.doomed_partition(catalog, session.warehouse, table, partition) if call.deleteData else []
    catalog.delete_partitions(table.database, table.name, [partition.values])
    duties.delete(doomed)
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
    "rename_partition": _rename_partition,
    "drop_partition": _drop_partition,
    "drop_partition_with_environment_context": _drop_partition,
}
