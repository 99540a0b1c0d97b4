"""Methods about tables. A table goes out as Spark can read it (see `spark_view`) and comes back as it is stored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from api.hive import duties, spark_view
from api.hive.bindings import Failure, hive
from api.hive.databases import matching_databases
from api.hive.identifiers import database_name, pattern
from api.hive.session import Handler, Session
from api.hive.translate import column_structs, table_struct, table_value
from api.hive.write_back import stored
from catalog.errors import AlreadyExists, VersionConflict
from catalog.model import EXTERNAL_TABLE, MANAGED_TABLE, Table
from catalog.names import fold

# ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _one(session: Session, database: str, name: str) -> Table:
    return spark_view.shown(session.catalog.get_table(database_name(database), name))


def _several(session: Session, database: str, names: Iterable[str] | None) -> Iterator[Table]:
    """The tables that exist among `names`; a missing one is left out, a missing database is a failure."""
    own = session.catalog.get_database(database_name(database)).name
    found = (session.catalog.find_table(own, name) for name in names or ())
    return (spark_view.shown(table) for table in found if table)


# Spark's client, of Hive 2, calls the plain methods; clients of Hive 3 and later those that end in _req.


def _get_table(session: Session, call: Any) -> Any:
    database, name = database_name(call.dbname), call.tbl_name
    return session.replies.get(
        ("get_table", database, name),
        lambda: session.catalog.stamp_of_table(database, name),
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
    return column_structs(session.catalog.get_table(database_name(call.db_name), call.tbl_name).storage.columns)


def _get_schema(session: Session, call: Any) -> list[Any]:
    return column_structs(session.catalog.get_table(database_name(call.db_name), call.tbl_name).all_columns)


# ── writing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _create_table(session: Session, call: Any) -> None:
    if call.tbl.sd is None:
        raise hive.MetaException(f"Table {call.tbl.tableName} has no storage descriptor.")
    table = table_value(call.tbl)
    database = session.catalog.find_database(table.database)
    if database is None:
        raise hive.InvalidObjectException(f"Database {table.database} not found.")
    table = replace(table, database=database.name, name=fold("Table", table.name))
    if session.catalog.find_table(table.database, table.name) is not None:
        raise AlreadyExists(kind="Table", name=f"{table.database}.{table.name}")
    if table.table_type in (EXTERNAL_TABLE, MANAGED_TABLE):
        place = table.storage.location or session.warehouse.of_table(database, table.name)
        table = replace(table, storage=replace(table.storage, location=place))
        duties.make(table, [place])
    session.catalog.create_table(table)


def _drop_table(session: Session, call: Any) -> None:
    table = session.catalog.get_table(database_name(call.dbname), call.name)
    doomed = duties.doomed(session.catalog, session.warehouse, table) if call.deleteData else []
    session.catalog.delete_table(table.database, table.name)
    duties.delete(doomed)


def _alter_table(session: Session, call: Any) -> None:
    """Replace the definition, and give the table its new name if that changes too.

    A caller's environment context may demand the value that a parameter has now (Iceberg's commit); then the change is
    refused if the table was written in between.
    """
    base = session.catalog.get_table(database_name(call.dbname), call.tbl_name)
    context = getattr(call, "environment_context", None)
    demands = (context.properties if context else None) or {}
    key, value = demands.get("expected_parameter_key"), demands.get("expected_parameter_value")
    expected = None if key is None else _expected_token(base, key, value)
    changed = stored(base, table_value(call.new_tbl))
    changed = replace(changed, name=(changed.name or base.name).lower(), database=changed.database or base.database)
    _demand_same_keys(session, base, changed)
    try:
        if (changed.database, changed.name) == (base.database, base.name):
            session.catalog.update_table(changed, expected_token=expected)
        else:
            _rename(session, base, changed, expected)
    except VersionConflict as error:
        now = session.catalog.get_table(base.database, base.name)
        raise _modified(key, now.parameters.get(key or ""), value) from error


def _rename(session: Session, base: Table, changed: Table, expected: int | None) -> None:
    """The folder of a managed table gets the new name with it."""
    catalog, old = session.catalog, base.storage.location
    database = catalog.get_database(changed.database)
    changed = replace(changed, name=fold("Table", changed.name))
    if catalog.find_table(changed.database, changed.name) is not None:
        raise AlreadyExists(kind="Table", name=f"{changed.database}.{changed.name}")
    stays = changed.table_type != MANAGED_TABLE or changed.storage.location != old or old is None
    if old is None or stays or not session.warehouse.may_delete(old, catalog.get_database(base.database)):
        catalog.move_table(base.database, base.name, changed, expected)
        return
    place = session.warehouse.of_table(database, changed.name)
    with duties.moved(old, place):
        moved = replace(changed, storage=replace(changed.storage, location=place))
        catalog.move_table(base.database, base.name, moved, expected)


def _demand_same_keys(session: Session, base: Table, changed: Table) -> None:
    """The partition keys of a table with partitions stay: its partitions' values are theirs."""
    before, after = ([(key.name, key.type) for key in table.partition_keys] for table in (base, changed))
    if before != after and session.catalog.count_partitions(base.database, base.name):
        what = f"The partition keys of {base.database}.{base.name} cannot change: it has partitions."
        raise hive.InvalidOperationException(what)


def _expected_token(base: Table, key: str, value: str | None) -> int:
    """The token that the update has to find, since the caller demands that parameter `key` has `value` now."""
    if base.parameters.get(key) != value:
        raise _modified(key, base.parameters.get(key), value)
    return base.token


def _modified(key: str | None, actual: str | None, expected: str | None) -> Failure:
    """Iceberg tells a lost race from an unknown outcome by these words, which are Hive's."""
    failure: Failure = hive.MetaException(
        f"The table has been modified. The parameter value for key '{key}' is '{actual}'. "
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
    "get_fields": _get_fields,
    "get_schema": _get_schema,
    "create_table": _create_table,
    "create_table_with_environment_context": _create_table,
    "drop_table": _drop_table,
    "drop_table_with_environment_context": _drop_table,
    "alter_table": _alter_table,
    "alter_table_with_environment_context": _alter_table,
}
