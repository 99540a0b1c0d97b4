"""Databases: create, get, list, update, delete."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import msgspec
from sqlalchemy import Connection, RowMapping, delete, func, insert, select, update
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
    return row and _database(row)


def get_database(connection: Connection, name: str) -> Database:
    found = find_database(connection, name)
    if found is None:
        raise NotFound(kind="Database", name=name)
    return found


def get_database_id(connection: Connection, name: str) -> int:
    found = connection.execute(select(rows.databases.c.id).where(rows.databases.c.name == name.lower())).scalar()
    if found is None:
        raise NotFound(kind="Database", name=name)
    return found


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
    key = get_database_id(connection, name)
    count = connection.execute(select(func.count()).where(rows.tables.c.database_id == key)).scalar_one()
    if count and not cascade:
        raise DatabaseNotEmpty(name=name, count=count)
    connection.execute(delete(rows.databases).where(rows.databases.c.id == key))


def _body(database: Database) -> str:
    return msgspec.json.encode(replace(database, name="", created_at=None)).decode()


def _database(row: RowMapping) -> Database:
    return replace(msgspec.json.decode(row["body"], type=Database), name=row["name"], created_at=row["created_at"])
