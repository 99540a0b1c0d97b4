"""Methods about tables. A table goes out as Spark can read it (see `spark_view`) and comes back as it is stored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from api.hive import duties, spark_view
from api.hive.bindings import Failure, hive
from api.hive.constraints import refuse_constraints
from api.hive.databases import matching_databases
from api.hive.failures import unsupported
from api.hive.identifiers import database_name, pattern
from api.hive.partition_names import values_in
from api.hive.requests import request_of
from api.hive.session import Handler, Session
from api.hive.translate import column_structs, table_struct, table_value, told_type
from api.hive.type_changes import lossy_changes
from api.hive.write_back import stored
from catalog.errors import AlreadyExists, InvalidInput, NotFound, VersionConflict
from catalog.model import EXTERNAL_TABLE, MANAGED_TABLE, VIRTUAL_VIEW, Table
from catalog.names import fold

# ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _one(session: Session, database: str, name: str) -> Table:
    return spark_view.shown(session.catalog.get_table(database_name(database), name))


def _several(session: Session, database: str, names: Iterable[str] | None) -> Iterator[Table]:
    """The tables that exist among `names`; a missing one is left out, a missing database is a failure."""
    own = session.catalog.get_database(database_name(database)).name
    found = (session.catalog.find_table(own, name) for name in dict.fromkeys(name.lower() for name in names or ()))
    return (spark_view.shown(table) for table in found if table)


# Spark's client, of Hive 2, calls the plain methods; clients of Hive 3 and later those that end in _req.


def _get_table(session: Session, call: Any) -> Any:
    database, name = database_name(call.dbname), call.tbl_name
    return session.replies.get(
        ("get_table", database, name),
        session.catalog.stamps_of_table(database, name),
        lambda: table_struct(spark_view.loadable(_one(session, database, name))),
    )


def _get_table_req(session: Session, call: Any) -> Any:
    return hive.GetTableResult(table=table_struct(_one(session, call.req.dbName, call.req.tblName)))


def _get_table_objects_by_name(session: Session, call: Any) -> list[Any]:
    return [table_struct(spark_view.loadable(table)) for table in _several(session, call.dbname, call.tbl_names)]


def _get_table_objects_by_name_req(session: Session, call: Any) -> Any:
    return hive.GetTablesResult(tables=list(map(table_struct, _several(session, call.req.dbName, call.req.tblNames))))


def _matching(session: Session, database: str, text: str | None, kind: str | None = None) -> Iterator[Table]:
    """Tables whose name fits the pattern; none if the database is missing, as Hive answers it."""
    own, fits = database_name(database), pattern(text).fullmatch
    if session.catalog.find_database(own) is not None:
        for table in session.catalog.iter_tables(own):
            if fits(table.name) and kind in (None, table.table_type):
                yield table


def _get_tables(session: Session, call: Any) -> list[str]:
    return _names(session, call.db_name, call.pattern)


def _get_tables_by_type(session: Session, call: Any) -> list[str]:
    return [table.name for table in _matching(session, call.db_name, call.pattern, call.tableType or None)]


def _get_all_tables(session: Session, call: Any) -> list[str]:
    return _names(session, call.db_name, None)


def _names(session: Session, database: str, text: str | None) -> list[str]:
    """The names of tables that fit the pattern; none if the database is missing, as Hive answers it."""
    own, fits = database_name(database), pattern(text).fullmatch
    if session.catalog.find_database(own) is None:
        return []
    return list(filter(fits, session.catalog.list_table_names(own)))


def _get_tables_ext(session: Session, call: Any) -> list[Any]:
    """Names; what else may be asked for, accesses and capabilities, is not kept."""
    request = request_of(call)
    names = _names(session, request.database, request.tableNamePattern)
    most = request.limit if request.limit is not None and request.limit >= 0 else None
    return [hive.ExtendedTableInfo(tblName=name) for name in names[:most]]


def _get_table_meta(session: Session, call: Any) -> list[Any]:
    return [
        hive.TableMeta(
            dbName=name, tableName=table.name, tableType=table.table_type, comments=table.parameters.get("comment")
        )
        for name in matching_databases(session, call.db_patterns)
        for table in _matching(session, name, call.tbl_patterns)
        if not call.tbl_types or table.table_type in call.tbl_types
    ]


def _get_fields(session: Session, call: Any) -> list[Any]:
    return column_structs(session.catalog.get_table(database_name(call.db_name), call.table_name).storage.columns)


def _get_schema(session: Session, call: Any) -> list[Any]:
    return column_structs(session.catalog.get_table(database_name(call.db_name), call.table_name).all_columns)


# ── writing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _create_table(session: Session, call: Any) -> None:
    _create(session, call.tbl)


def _create_table_with_constraints(session: Session, call: Any) -> None:
    refuse_constraints(call)
    _create(session, call.tbl)


def _create_table_req(session: Session, call: Any) -> None:
    request = request_of(call)
    refuse_constraints(request)
    _create(session, request.table)


def _create(session: Session, struct: Any) -> None:
    if struct.sd is None:
        raise hive.MetaException(f"Table {struct.tableName} has no storage descriptor.")
    table = table_value(struct)
    if table.table_type == EXTERNAL_TABLE and table.storage.location is not None:
        _create_external(session, table)
    else:
        _create_at_home(session, table)


def _create_external(session: Session, table: Table) -> None:
    """The folder is another's, and so only made for the convenience of readers once there is a table."""
    with duties.alone_with(table.storage.location or ""):
        try:
            session.catalog.create_table(table)
        except NotFound as error:
            raise hive.InvalidObjectException(f"Database {table.database} not found.") from error
        duties.make(table, [table.storage.location])


def _create_at_home(session: Session, table: Table) -> None:
    name = fold("Table", table.name)
    database, taken = session.catalog.find_home(table.database, name)
    if database is None:
        raise hive.InvalidObjectException(f"Database {table.database} not found.")
    if taken:
        raise AlreadyExists(kind="Table", name=f"{database.name}.{name}")
    if table.table_type in (EXTERNAL_TABLE, MANAGED_TABLE):
        if table.storage.location is None:
            storage = replace(table.storage, location=session.warehouse.of_table(database, name))
            table = replace(table, storage=storage)
        with duties.alone_with(table.storage.location or ""):
            duties.make(table, [table.storage.location])
            session.catalog.create_table(table)
        return
    session.catalog.create_table(table)


def _drop_table(session: Session, call: Any) -> None:
    table = session.catalog.get_table(database_name(call.dbname), call.name)
    with duties.alone_with(table.storage.location or ""):
        doomed = duties.doomed(session.catalog, session.warehouse, table) if call.deleteData else []
        session.catalog.delete_table(table.database, table.name)
        duties.delete(doomed)


def _truncate_table(session: Session, call: Any) -> None:
    """Delete the files of a managed table, or of some of its partitions; the folders stay."""
    catalog = session.catalog
    table = catalog.get_table(database_name(call.dbName), call.tableName)
    if table.table_type != MANAGED_TABLE:
        raise unsupported(f"Truncating {told_type(table)} {table.database}.{table.name}", "its data are another's.")
    if not call.partNames:
        duties.empty(duties.doomed(catalog, session.warehouse, table))
        return
    values = [values_in(table, name) for name in call.partNames]
    partitions = catalog.get_partitions(table.database, table.name, values)
    for each in partitions:
        duties.empty(duties.doomed_partition(catalog, session.warehouse, table, each))


def _alter_table(session: Session, call: Any) -> None:
    """Replace the definition, and give the table its new name if that changes too.

    A caller's environment context may demand the value that a parameter has now (Iceberg's commit); then the change is
    refused if the table was written in between.
    """
    database, name = database_name(call.dbname), call.tbl_name
    context = getattr(call, "environment_context", None)
    demands = (context.properties if context else None) or {}
    key, value = demands.get("expected_parameter_key"), demands.get("expected_parameter_value")
    given = table_value(call.new_tbl)
    if demands.get("CASCADE", "").lower() == "true" or getattr(call, "cascade", False):
        _refuse_cascade(session, session.catalog.get_table(database, name))
    if key is not None and value is not None and key not in given.parameters:
        session.catalog.get_table(database, name)  # that it is missing is told first
        raise hive.MetaException(f"New value for expected key {key} is not set")  # Hive's words

    def revised(base: Table) -> Table:
        if key is not None and value is not None:
            _demand_value(base, key, value)
        return _altered(base, given)

    target = (given.database or database).lower(), (given.name or name).lower()
    if target == (database.lower(), name.lower()):
        session.catalog.revise_table(database, name, revised)
        return
    base = session.catalog.get_table(database, name)
    try:
        _rename(session, base, revised(base), base.token if key is not None and value is not None else None)
    except VersionConflict as error:
        now = session.catalog.get_table(base.database, base.name)
        raise _modified(key, now.parameters.get(key or ""), value) from error


def _altered(base: Table, given: Table) -> Table:
    """The table as it is stored when a client wants it to be `given`."""
    changed = stored(base, given)
    changed = replace(changed, name=(changed.name or base.name).lower(), database=changed.database or base.database)
    _demand_same_keys(base, changed)
    if lossy := lossy_changes(base, changed):
        what = f"a change of columns of {base.database}.{base.name}"
        raise InvalidInput(what=what, why=f"values would be lost: {'; '.join(lossy)}.")
    return changed


def _rename(session: Session, base: Table, changed: Table, expected: int | None) -> None:
    """The folder of a managed table gets the new name with it."""
    catalog, old = session.catalog, base.storage.location
    database = catalog.get_database(changed.database)
    changed = replace(changed, name=fold("Table", changed.name))
    if catalog.find_table(changed.database, changed.name) is not None:
        raise AlreadyExists(kind="Table", name=f"{changed.database}.{changed.name}")
    stays = changed.table_type != MANAGED_TABLE or changed.storage.location != old or old is None
    movable = old is not None and session.warehouse.may_delete(old, catalog.get_database(base.database))
    if old is None or stays or not movable or duties.shared(catalog, old, [base]):
        catalog.move_table(base.database, base.name, changed, expected)
        return
    place = session.warehouse.of_table(database, changed.name)
    with duties.moved(old, place):
        moved = replace(changed, storage=replace(changed.storage, location=place))
        catalog.move_table(base.database, base.name, moved, expected)


def _demand_same_keys(base: Table, changed: Table) -> None:
    """The partition keys stay, as in Hive; only their types and comments may change."""
    before, after = ([key.name.lower() for key in table.partition_keys] for table in (base, changed))
    if before != after and base.table_type != VIRTUAL_VIEW:
        what = f"a change of the partition keys of {base.database}.{base.name}"
        raise InvalidInput(what=what, why="in Hive these stay; only their types and comments can change.")


def _refuse_cascade(session: Session, base: Table) -> None:
    if session.catalog.count_partitions(base.database, base.name):
        raise unsupported("A change of columns that cascades", "alter the partitions' columns by alter_partitions.")


def _demand_value(base: Table, key: str, value: str) -> None:
    if base.parameters.get(key) != value:
        raise _modified(key, base.parameters.get(key), value)


def _modified(key: str | None, actual: str | None, expected: str | None) -> Failure:
    """Iceberg tells a lost race from an unknown outcome by these words, which are Hive's."""
    found = "null" if actual is None else actual
    failure: Failure = hive.MetaException(
        f"The table has been modified. The parameter value for key '{key}' is '{found}'. "
        f"The expected was value was '{expected}'"
    )
    return failure


HANDLERS: dict[str, Handler] = {
    "get_table": _get_table,
    "get_table_req": _get_table_req,
    "get_tables": _get_tables,
    "get_tables_by_type": _get_tables_by_type,
    "get_all_tables": _get_all_tables,
    "get_table_meta": _get_table_meta,
    "get_table_objects_by_name": _get_table_objects_by_name,
    "get_table_objects_by_name_req": _get_table_objects_by_name_req,
    "get_tables_ext": _get_tables_ext,
    "get_materialized_views_for_rewriting": lambda *_: [],  # none says that it may stand for a query
    "get_all_materialized_view_objects_for_rewriting": lambda *_: [],
    "get_fields": _get_fields,
    "get_fields_with_environment_context": _get_fields,
    "get_schema": _get_schema,
    "get_schema_with_environment_context": _get_schema,
    "create_table": _create_table,
    "create_table_with_environment_context": _create_table,
    "create_table_with_constraints": _create_table_with_constraints,
    "create_table_req": _create_table_req,
    "truncate_table": _truncate_table,
    "drop_table": _drop_table,
    "drop_table_with_environment_context": _drop_table,
    "alter_table": _alter_table,
    "alter_table_with_environment_context": _alter_table,
    "alter_table_with_cascade": _alter_table,
}
