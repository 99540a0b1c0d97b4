"""Methods about databases."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from api.hive import duties
from api.hive.bindings import hive
from api.hive.failures import unsupported
from api.hive.identifiers import database_name, pattern
from api.hive.requests import request_of
from api.hive.session import Handler, Session
from api.hive.translate import database_struct, database_value
from catalog.errors import AlreadyExists, NotFound
from catalog.names import fold

_CATALOG = "hive"  # Hive 3 and later put catalogs above databases; here is one, by their default's name


def _get_database(session: Session, call: Any) -> Any:
    catalog, name = session.catalog, database_name(call.name)

    def answer() -> Any:
        found = catalog.get_database(name)
        return database_struct(replace(found, location=session.warehouse.of_database(found)))

    return session.replies.get(("get_database", name), catalog.stamps_of_database(name), answer)


def _get_databases(session: Session, call: Any) -> list[str]:
    return matching_databases(session, call.pattern)


def _get_all_databases(session: Session, _call: Any) -> list[str]:
    return matching_databases(session, None)


def matching_databases(session: Session, text: str | None) -> list[str]:
    fits = pattern(database_name(text or "")).fullmatch
    return [database.name for database in session.catalog.iter_databases() if fits(database.name)]


def _create_database(session: Session, call: Any) -> None:
    _create(session, call.database)


def _create(session: Session, struct: Any) -> None:
    database = database_value(struct)
    database = replace(database, name=fold("Database", database.name))
    if session.catalog.find_database(database.name) is not None:
        raise AlreadyExists(kind="Database", name=database.name)
    database = replace(database, location=session.warehouse.of_database(database))
    duties.make_database(database)
    session.catalog.create_database(database)


def _alter_database(session: Session, call: Any) -> None:
    database = database_value(call.db)
    if database.name != database_name(call.dbname):
        raise unsupported("Renaming a database", "its tables' places would move.")
    session.catalog.update_database(database)


def _create_database_req(session: Session, call: Any) -> None:
    given = request_of(call)
    fields = {"description": given.description, "locationUri": given.locationUri, "parameters": given.parameters}
    _create(session, hive.Database(name=given.databaseName, **fields))


def _drop_database_req(session: Session, call: Any) -> None:
    given = request_of(call)
    if given.ignoreUnknownDb and session.catalog.find_database(database_name(given.name)) is None:
        return
    _drop_database(session, given)


def _get_catalogs(_session: Session, _call: Any) -> Any:
    return hive.GetCatalogsResponse(names=[_CATALOG])


def _get_catalog(session: Session, call: Any) -> Any:
    name = (request_of(call).name or "").lower()
    if name != _CATALOG:
        raise NotFound(kind="Catalog", name=name)
    told = hive.Catalog(name=_CATALOG, description="The one catalog", locationUri=session.warehouse.location)
    return hive.GetCatalogResponse(catalog=told)


def _drop_database(session: Session, call: Any) -> None:
    """With its managed tables' files, if the data are to go; its folder goes too, if nothing else is in it."""
    catalog, name = session.catalog, database_name(call.name)
    database = catalog.get_database(name)
    if name == duties.DEFAULT:
        raise hive.MetaException("The default database cannot be dropped: every client begins in it.")
    tables = list(catalog.iter_tables(name)) if call.cascade and call.deleteData else []
    doomed = [place for table in tables for place in duties.doomed(catalog, session.warehouse, table, tables)]
    catalog.delete_database(name, cascade=bool(call.cascade))
    if call.deleteData:
        duties.delete(doomed)
        duties.delete_database_folder(session.warehouse.of_database(database))


HANDLERS: dict[str, Handler] = {
    "get_database": _get_database,
    "get_databases": _get_databases,
    "get_all_databases": _get_all_databases,
    "create_database": _create_database,
    "alter_database": _alter_database,
    "drop_database": _drop_database,
    "create_database_req": _create_database_req,
    "drop_database_req": _drop_database_req,
    "get_catalogs": _get_catalogs,
    "get_catalog": _get_catalog,
}
