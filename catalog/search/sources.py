"""The catalog's own kinds of things, as a search reads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from catalog.connections import batch_get_connections
from catalog.databases import batch_get_databases
from catalog.functions import batch_get_functions
from catalog.search.documents import Document, Source, columns_described, described
from catalog.tables import batch_get_tables


def _databases(connection: Connection, refs: Sequence[str]) -> Mapping[str, Document]:
    found = batch_get_databases(connection, [int(ref) for ref in refs])
    return {
        str(key): Document(
            each, each.name, described(each.name, each.description, each.parameters, [each.location]), (), each.name
        )
        for key, each in found.items()
    }


def _tables(connection: Connection, refs: Sequence[str]) -> Mapping[str, Document]:
    found = batch_get_tables(connection, [int(ref) for ref in refs])
    return {
        str(key): Document(
            each,
            each.name,
            described(each.name, each.description, each.parameters, [each.storage.location], each.database),
            columns_described(each.all_columns),
            each.database,
        )
        for key, each in found.items()
    }


def _functions(connection: Connection, refs: Sequence[str]) -> Mapping[str, Document]:
    """By the database's id and the function's name, with a slash between."""
    wanted = [(int(database), name) for database, _, name in (ref.partition("/") for ref in refs)]
    return {
        f"{database}/{name}": Document(
            each,
            name,
            described(name, each.class_name, None, [resource.uri[:256] for resource in each.resources], each.database),
            (),
            each.database,
        )
        for (database, name), each in batch_get_functions(connection, wanted).items()
    }


def _connections(connection: Connection, refs: Sequence[str]) -> Mapping[str, Document]:
    """Of the properties only the URL: where it leads."""
    return {
        each.name: Document(
            each,
            each.name,
            described(each.name, each.description, None, [each.properties.get("JDBC_CONNECTION_URL")]),
        )
        for each in batch_get_connections(connection, refs)
    }


SOURCES = (
    Source("DATABASE", _databases),
    Source("TABLE", _tables),
    Source("FUNCTION", _functions),
    Source("CONNECTION", _connections),
)
