"""User-defined functions: create, get, find, list, update, delete. Texts are kept to the byte, however long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Select, delete, insert, select, tuple_, update
from sqlalchemy.exc import IntegrityError

from catalog import rows
from catalog.databases import get_database_id, hold_database
from catalog.errors import AlreadyExists, NotFound
from catalog.model import Function, Page
from catalog.names import fold
from catalog.paging import by_name

LISTING = by_name("functions")

_c = rows.functions.c
_ALL = select(rows.functions, rows.databases.c.name.label("database")).join_from(rows.functions, rows.databases)
_decode = msgspec.json.Decoder(Function).decode


def create_function(connection: Connection, function: Function, now: datetime) -> Function:
    """Raises AlreadyExists; NotFound for the database; InvalidInput for a name that is none."""
    database, name = fold("Database", function.database), fold("Function", function.name)
    created = replace(function, database=database, name=name, created_at=now)
    key = hold_database(connection, database)
    try:
        connection.execute(
            insert(rows.functions).values(database_id=key, name=name, body=_body(created), created_at=now)
        )
    except IntegrityError as error:
        raise AlreadyExists(kind="Function", name=f"{database}.{name}") from error
    return created


def find_function(connection: Connection, database: str, name: str) -> Function | None:
    row = connection.execute(_named(database, name)).first()
    return _function(row) if row else None


def get_function(connection: Connection, database: str, name: str) -> Function:
    """Raises NotFound, for the database if that is what is missing."""
    found = find_function(connection, database, name)
    if found is None:
        get_database_id(connection, database)
        raise NotFound(kind="Function", name=f"{database}.{name}")
    return found


def list_functions(connection: Connection, database: str, limit: int, token: str | None) -> Page[Function]:
    """Raises NotFound for the database."""
    of = get_database_id(connection, database)
    statement = _ALL.where(_c.database_id == of, _c.name > LISTING.after(token)).order_by(_c.name).limit(limit + 1)
    found = [_function(row) for row in connection.execute(statement)]
    return LISTING.page(found, limit, lambda function: function.name)


def batch_get_functions(connection: Connection, keys: Sequence[tuple[int, str]]) -> dict[tuple[int, str], Function]:
    """Those that are there, by the ids of their databases' rows and their names."""
    statement = _ALL.where(tuple_(_c.database_id, _c.name).in_(keys))
    return {(row.database_id, row.name): _function(row) for row in connection.execute(statement)}


def update_function(connection: Connection, database: str, name: str, function: Function) -> Function:
    """Replace everything but the time of creation; another name or database in `function` renames it.

    Raises NotFound; AlreadyExists if the new name is another's.
    """
    current = get_function(connection, database, name)
    to, named = fold("Database", function.database), fold("Function", function.name)
    changed = replace(function, database=to, name=named, created_at=current.created_at)
    if changed == current:
        return current
    of, key = get_database_id(connection, database), hold_database(connection, to)
    statement = update(rows.functions).where(_c.database_id == of, _c.name == current.name)
    try:
        written = connection.execute(statement.values(database_id=key, name=named, body=_body(changed))).rowcount
    except IntegrityError as error:
        raise AlreadyExists(kind="Function", name=f"{to}.{named}") from error
    if not written:
        raise NotFound(kind="Function", name=f"{database}.{name}")
    return changed


def delete_function(connection: Connection, database: str, name: str) -> None:
    """The resources that it names are never touched. Raises NotFound."""
    of = get_database_id(connection, database)
    gone = delete(rows.functions).where(_c.database_id == of, _c.name == name.lower())
    if not connection.execute(gone).rowcount:
        raise NotFound(kind="Function", name=f"{database}.{name}")


def _named(database: str, name: str) -> Select[Any]:
    return _ALL.where(rows.databases.c.name == database.lower(), _c.name == name.lower())


def _body(function: Function) -> str:
    return msgspec.json.encode(replace(function, database="", name="", created_at=None)).decode()


def _function(row: Row[Any]) -> Function:
    return replace(_decode(row.body), database=row.database, name=row.name, created_at=row.created_at)
