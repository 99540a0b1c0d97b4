"""Databases: create, get, list, update, delete."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Select, bindparam, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from catalog import rows
from catalog.errors import AlreadyExists, DatabaseNotEmpty, NotFound, VersionConflict
from catalog.model import Database, Page
from catalog.names import fold
from catalog.paging import by_name
from catalog.removals import Removal, removal_of
from catalog.tags import add_tags, delete_tags

LISTING = by_name("databases")

_BY_NAME = select(rows.databases).where(rows.databases.c.name == bindparam("name"))
_ID = select(rows.databases.c.id).where(rows.databases.c.name == bindparam("name"))
_WITH_TABLE = (
    select(rows.databases, rows.tables.c.id.label("taken"))
    .select_from(
        rows.databases.outerjoin(
            rows.tables,
            (rows.tables.c.database_id == rows.databases.c.id) & (rows.tables.c.name == bindparam("table")),
        )
    )
    .where(rows.databases.c.name == bindparam("name"))
)
_HELD = _ID.with_for_update(read=True, key_share=True)
_LOCKED = _ID.with_for_update()
_decode = msgspec.json.Decoder(Database).decode


def create_database(
    connection: Connection, database: Database, now: datetime, tags: Mapping[str, str] | None = None
) -> Database:
    """Raises AlreadyExists."""
    created = replace(database, name=fold("Database", database.name), version=0, created_at=now)
    values = {"name": created.name, "body": _body(created), "version": 0, "created_at": now}
    try:
        connection.execute(insert(rows.databases).values(values))
    except IntegrityError as error:
        raise AlreadyExists(kind="Database", name=created.name) from error
    add_tags(connection, "database", created.name, tags)
    return created


def find_database(connection: Connection, name: str) -> Database | None:
    row = connection.execute(_BY_NAME, {"name": name.lower()}).first()
    return _database(row) if row else None


def find_home(connection: Connection, name: str, table: str) -> tuple[Database | None, bool]:
    """The database, and whether it has a table of that name: what is to be known before one is given a folder."""
    row = connection.execute(_WITH_TABLE, {"name": name.lower(), "table": table.lower()}).first()
    return (None, False) if row is None else (_database(row), row.taken is not None)


def get_database(connection: Connection, name: str) -> Database:
    found = find_database(connection, name)
    if found is None:
        raise NotFound(kind="Database", name=name)
    return found


def get_database_id(connection: Connection, name: str) -> int:
    return _get_id(connection, _ID, name)


def hold_database(connection: Connection, name: str) -> int:
    """The id of a database that nobody can delete before this transaction ends. Raises NotFound."""
    return _get_id(connection, _HELD, name)


def list_databases(connection: Connection, limit: int, token: str | None) -> Page[Database]:
    c = rows.databases.c
    statement = select(rows.databases).where(c.name > LISTING.after(token)).order_by(c.name).limit(limit + 1)
    found = [_database(row) for row in connection.execute(statement)]
    return LISTING.page(found, limit, lambda database: database.name)


def batch_get_databases(connection: Connection, ids: Sequence[int]) -> dict[int, Database]:
    """Those that are there, by the ids of their rows."""
    statement = select(rows.databases).where(rows.databases.c.id.in_(ids))
    return {row.id: _database(row) for row in connection.execute(statement)}


def update_database(connection: Connection, database: Database, expected_version: int | None = None) -> Database:
    """Replace everything but the name and the time of creation. What changes nothing makes no version.

    Raises NotFound; VersionConflict if the database is not at the version that was expected, or changes meanwhile.
    """
    current = get_database(connection, database.name)
    expected = current.version if expected_version is None else expected_version
    kept = database.kept or current.kept
    changed = replace(database, name=current.name, version=current.version, created_at=current.created_at, kept=kept)
    if changed == current and expected == current.version:
        return current
    changed = replace(changed, version=expected + 1)
    c = rows.databases.c
    guarded = update(rows.databases).where(c.name == current.name, c.version == expected)
    if connection.execute(guarded.values(body=_body(changed), version=changed.version)).rowcount != 1:
        actual = get_database(connection, current.name).version
        raise VersionConflict(kind="Database", name=current.name, expected=expected, actual=actual)
    return changed


def delete_database(connection: Connection, name: str, cascade: bool) -> Removal:
    """Raises DatabaseNotEmpty unless `cascade`, which deletes its tables and functions with it (never data)."""
    key = _get_id(connection, _LOCKED, name)
    removal = removal_of(connection, rows.tables.c.database_id == key)
    if removal.tables and not cascade:
        raise DatabaseNotEmpty(name=name, count=len(removal.tables), kind="table")
    functions = _count_functions(connection, key)
    if functions and not cascade:
        raise DatabaseNotEmpty(name=name, count=functions, kind="function")
    connection.execute(delete(rows.databases).where(rows.databases.c.id == key))
    delete_tags(connection, "database", [name.lower()])
    return replace(removal, functions=functions)


def _count_functions(connection: Connection, key: int) -> int:
    statement = select(func.count()).select_from(rows.functions).where(rows.functions.c.database_id == key)
    return connection.execute(statement).scalar_one()


def _get_id(connection: Connection, statement: Select[int], name: str) -> int:
    found: int | None = connection.execute(statement, {"name": name.lower()}).scalar()
    if found is None:
        raise NotFound(kind="Database", name=name)
    return found


def _body(database: Database) -> str:
    return msgspec.json.encode(replace(database, name="", version=0, created_at=None)).decode()


def _database(row: Row[Any]) -> Database:
    return replace(_decode(row.body), name=row.name, version=row.version, created_at=row.created_at)
