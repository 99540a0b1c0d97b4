"""Methods about databases."""

from __future__ import annotations

from typing import Any

from api.hive.failures import unsupported
from api.hive.identifiers import database_name, pattern
from api.hive.session import Handler, Session
from api.hive.translate import database_struct, database_value
from catalog.model import MANAGED_TABLE, Table


def _get_database(session: Session, call: Any) -> Any:
    return database_struct(session.catalog.get_database(database_name(call.name)))


def _get_databases(session: Session, call: Any) -> list[str]:
    return matching_databases(session, call.pattern)


def _get_all_databases(session: Session, _call: Any) -> list[str]:
    return matching_databases(session, None)


def matching_databases(session: Session, text: str | None) -> list[str]:
    fits = pattern(database_name(text or "")).fullmatch
    return [database.name for database in session.catalog.iter_databases() if fits(database.name)]


def _create_database(session: Session, call: Any) -> None:
    """No folder is made at the location: a database is a name, and tables know their own places."""
    session.catalog.create_database(database_value(call.database))


def _alter_database(session: Session, call: Any) -> None:
    database = database_value(call.db)
    if database.name != database_name(call.dbname):
        raise unsupported("Renaming a database", "its tables' places would move.")
    session.catalog.update_database(database)


def _drop_database(session: Session, call: Any) -> None:
    """The folder of the database stays, as the metastore never made it."""
    name = database_name(call.name)
    if call.cascade and call.deleteData:
        for table in session.catalog.iter_tables(name):
            refuse_to_delete_files(table)
    session.catalog.delete_database(name, cascade=bool(call.cascade))


def refuse_to_delete_files(table: Table) -> None:
    """A managed table's files go with it, which is not done here."""
    if table.table_type == MANAGED_TABLE:
        why = f"{table.database}.{table.name} is a managed table; its files would have to go."
        raise unsupported("Deleting data", why)


HANDLERS: dict[str, Handler] = {
    "get_database": _get_database,
    "get_databases": _get_databases,
    "get_all_databases": _get_all_databases,
    "create_database": _create_database,
    "alter_database": _alter_database,
    "drop_database": _drop_database,
}
