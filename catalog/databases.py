"""Databases: create, get, list, update, delete."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import msgspec
from sqlalchemy import Connection, RowMapping, Select, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from catalog import paging, rows
from catalog.errors import AlreadyExists, DatabaseNotEmpty, NotFound
from catalog.model import Database, Page
from catalog.names import fold


def create_database(connection: Connection, database: Database, now: datetime) -> Database:
    """Raises AlreadyExists."""
    created = replace(database, name=fold("Database", database.name), created_at=now)
    try:
        connection.execute(insert(rows.databases).values(name=created.name, body=_body(created), created_at=now))
    except IntegrityError as error:
        raise AlreadyExists(kind="Database", name=created.name) from error
    return created


def find_database(connection: Connection, name: str) -> Database | None:
    statement = select(rows.databases).where(rows.databases.c.name == name.lower())
    row = connection.execute(statement).mappings().first()
    return _database(row) if row else None


def get_database(connection: Connection, name: str) -> Database:
    found = find_database(connection, name)
    if found is None:
        raise NotFound(kind="Database", name=name)
    return found


def get_database_id(connection: Connection, name: str) -> int:
    return _get_id(connection, _select_id(name), name)


def hold_database(connection: Connection, name: str) -> int:
    """The id of a database that nobody can delete before this transaction ends. Raises NotFound."""
    return _get_id(connection, _select_id(name).with_for_update(read=True, key_share=True), name)


def list_databases(connection: Connection, limit: int, token: str | None) -> Page[Database]:
    c = rows.databases.c
    statement = (
        select(rows.databases).where(c.name > paging.after("databases", token)).order_by(c.name).limit(limit + 1)
    )
    found = [_database(row) for row in connection.execute(statement).mappings()]
    return paging.page("databases", found, limit, lambda database: database.name)


def update_database(connection: Connection, database: Database) -> Database:
    """Replace everything but the name and the time of creation."""
    current = get_database(connection, database.name)
    changed = replace(database, name=current.name, created_at=current.created_at)
    if changed != current:
        c = rows.databases.c
        connection.execute(update(rows.databases).where(c.name == current.name).values(body=_body(changed)))
    return changed


def delete_database(connection: Connection, name: str, cascade: bool) -> None:
    """Raises DatabaseNotEmpty unless `cascade`, which deletes its tables with it (never their data)."""
    key = _get_id(connection, _select_id(name).with_for_update(), name)
    count = connection.execute(select(func.count()).where(rows.tables.c.database_id == key)).scalar_one()
    if count and not cascade:
        raise DatabaseNotEmpty(name=name, count=count)
    connection.execute(delete(rows.databases).where(rows.databases.c.id == key))


def _select_id(name: str) -> Select[int]:
    return select(rows.databases.c.id).where(rows.databases.c.name == name.lower())


def _get_id(connection: Connection, statement: Select[int], name: str) -> int:
    found: int | None = connection.execute(statement).scalar()
    if found is None:
        raise NotFound(kind="Database", name=name)
    return found


def _body(database: Database) -> str:
    return msgspec.json.encode(replace(database, name="", created_at=None)).decode()


def _database(row: RowMapping) -> Database:
    return replace(msgspec.json.decode(row["body"], type=Database), name=row["name"], created_at=row["created_at"])
