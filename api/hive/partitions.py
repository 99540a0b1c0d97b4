"""Methods about partitions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import islice
from typing import Any

from api.hive import duties
from api.hive.bindings import Failure, hive
from api.hive.encoding import Encoded, encoded_partition, encoded_partitions, encoded_texts
from api.hive.identifiers import database_name
from api.hive.partition_names import listed_values, values_in
from api.hive.session import Handler, Session
from api.hive.translate import CHANGED_AT, partition_structs, partition_values
from api.hive.write_back import stored_partitions
from catalog.errors import AlreadyExists, InvalidInput, NotFound
from catalog.model import MANAGED_TABLE, Partition, Table
from catalog.names import partition_name
from catalog.partition_rows import StoredPartition

# ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def table_of(session: Session, call: Any) -> Table:
    return session.catalog.get_table(database_name(call.db_name), call.tbl_name)


def limit_of(call: Any) -> int | None:
    """How many the client asks for at most; a negative number is no limit."""
    return None if call.max_parts is None or call.max_parts < 0 else call.max_parts


def _get_partition(session: Session, call: Any) -> Any:
    return _one(session, call, tuple(call.part_vals or ()))


def _get_partition_by_name(session: Session, call: Any) -> Any:
    return _one(session, call, values_in(table_of(session, call), call.part_name))


def _one(session: Session, call: Any, values: tuple[str, ...]) -> Encoded:
    table, found = session.catalog.read_named_partitions(database_name(call.db_name), call.tbl_name, [values])
    if not found:
        name = partition_name(table.key_names, values)
        raise NotFound(kind="Partition", name=f"{name} of table {table.database}.{table.name}")
    return encoded_partition(table, found[0])


def _matching(session: Session, call: Any, filter: str | None) -> Encoded:
    found = session.catalog.read_partitions(database_name(call.db_name), call.tbl_name, filter, limit_of(call))
    return encoded_partitions(*found)


def _get_partitions(session: Session, call: Any) -> Encoded:
    return _matching(session, call, None)


def _get_partitions_by_filter(session: Session, call: Any) -> Encoded:
    return _matching(session, call, call.filter)


def _get_num_partitions_by_filter(session: Session, call: Any) -> int:
    return session.catalog.count_partitions(database_name(call.db_name), call.tbl_name, call.filter or None)


def _get_partitions_by_names(session: Session, call: Any) -> Encoded:
    table = table_of(session, call)
    values = listed_values(table, call.names)
    return encoded_partitions(*session.catalog.read_named_partitions(table.database, table.name, values))


def _get_partition_names(session: Session, call: Any) -> Encoded:
    """As many as Hive tells, for which 0 is no limit here."""
    most = limit_of(call) or None
    return encoded_texts(session.catalog.list_partition_names(database_name(call.db_name), call.tbl_name, most))


def _like(session: Session, call: Any) -> tuple[Table, list[StoredPartition]]:
    """Partitions whose first values are `part_vals`, in which an empty text stands for any value."""
    table, given = table_of(session, call), tuple(call.part_vals or ())
    wanted = [(at, value) for at, value in enumerate(given) if value]
    if len(given) > len(table.partition_keys):
        raise miscounted(table, given)
    if len(wanted) == len(table.partition_keys):
        table, found = session.catalog.read_named_partitions(table.database, table.name, [given])
    else:
        table, found = session.catalog.read_partitions(table.database, table.name)
    matching = (each for each in found if all(each.values[at] == value for at, value in wanted))
    return table, list(islice(matching, limit_of(call)))


def miscounted(table: Table, values: Iterable[str]) -> Failure:
    keys = ", ".join(table.key_names) or "no keys"
    what = f"partition {list(values)} of table {table.database}.{table.name}"
    failure: Failure = hive.MetaException(str(InvalidInput(what=what, why=f"the table has {keys}.")))
    return failure


def _get_partitions_ps(session: Session, call: Any) -> Encoded:
    return encoded_partitions(*_like(session, call))


def _get_partition_names_ps(session: Session, call: Any) -> list[str]:
    table, found = _like(session, call)
    return [partition_name(table.key_names, partition.values) for partition in found]


# ── writing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _new(session: Session, table: Table, structs: Iterable[Any]) -> list[Partition]:
    """The partitions that a client adds, or puts in the place of others. One without a location lies in the folder of
    its name below the table's; the time of its last change is now unless the client tells it."""
    changed_at = str(int(session.catalog.now().timestamp()))
    new = []
    for each in stored_partitions(table, partition_values(structs)):
        if len(each.values) != len(table.partition_keys):
            raise miscounted(table, each.values)
        storage = each.storage
        if storage.location is None and table.storage.location is not None:
            storage = replace(storage, location=duties.below(table.storage.location, each.name(table)))
        new.append(Partition(each.values, storage, {CHANGED_AT: changed_at, **each.parameters}))
    return new


def _demand_their_table(table: Table, structs: Iterable[Any]) -> None:
    """Raises MetaException for a partition that is told to be another table's. One without names is taken for ours."""
    for struct in structs:
        database, name = database_name(struct.dbName or table.database), (struct.tableName or table.name).lower()
        if (database, name) != (table.database, table.name):
            what = f"Partition {struct.values} belongs to {database}.{name}, not to {table.database}.{table.name}."
            raise hive.MetaException(what)


def add(
    session: Session, database: str, name: str, structs: list[Any], if_not_exists: bool = False
) -> tuple[Table, list[Partition]]:
    """The table, and the partitions that were really added."""
    table = session.catalog.get_table(database_name(database), name)
    _demand_their_table(table, structs)
    new = _new(session, table, structs)
    duties.make(table, [partition.storage.location for partition in new])
    return table, session.catalog.create_partitions(table.database, table.name, new, if_not_exists)


def _add_partition(session: Session, call: Any) -> Any:
    return next(partition_structs(*add(session, call.new_part.dbName, call.new_part.tableName, [call.new_part])))


def _add_partitions(session: Session, call: Any) -> int:
    parts = call.new_parts or []
    return len(add(session, parts[0].dbName, parts[0].tableName, parts)[1]) if parts else 0


def _add_partitions_req(session: Session, call: Any) -> Any:
    request = call.request
    added = add(session, request.dbName, request.tblName, request.parts or [], bool(request.ifNotExists))
    return hive.AddPartitionsResult(partitions=None if request.needResult is False else list(partition_structs(*added)))


def _alter(session: Session, call: Any, structs: Iterable[Any]) -> None:
    table = table_of(session, call)
    session.catalog.update_partitions(table.database, table.name, _new(session, table, structs))


def _alter_partition(session: Session, call: Any) -> None:
    _alter(session, call, [call.new_part])


def _alter_partitions(session: Session, call: Any) -> None:
    _alter(session, call, call.new_parts or ())


def _rename_partition(session: Session, call: Any) -> None:
    """Give a partition other values. A managed table's gets the folder of its new name."""
    table = table_of(session, call)
    old = session.catalog.get_partition(table.database, table.name, tuple(call.part_vals or ()))
    [given] = _new(session, table, [call.new_part])
    new = replace(given, storage=replace(given.storage, location=old.storage.location))
    before, after = (duties.below(table.storage.location or "", each.name(table)) for each in (old, new))
    if session.catalog.get_partitions(table.database, table.name, [new.values]):
        raise AlreadyExists(kind="Partition", name=f"{new.name(table)} of table {table.database}.{table.name}")
    own = table.table_type == MANAGED_TABLE and old.storage.location == before
    if not own or duties.shared(session.catalog, before, [table]):
        session.catalog.rename_partition(table.database, table.name, old.values, new)
        return
    with duties.moved(before, after):
        new = replace(new, storage=replace(new.storage, location=after))
        session.catalog.rename_partition(table.database, table.name, old.values, new)


def _drop_partition(session: Session, call: Any) -> bool:
    table, catalog = table_of(session, call), session.catalog
    drop(
        session,
        table,
        [catalog.get_partition(table.database, table.name, tuple(call.part_vals or ()))],
        call.deleteData,
    )
    return True


def drop(session: Session, table: Table, partitions: list[Partition], delete_data: bool | None) -> None:
    catalog = session.catalog
    doomed = [
        place for each in partitions for place in duties.doomed_partition(catalog, session.warehouse, table, each)
    ]
    catalog.delete_partitions(table.database, table.name, [each.values for each in partitions])
    if delete_data:
        duties.delete(doomed)


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
