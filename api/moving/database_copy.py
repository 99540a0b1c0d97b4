"""A copy of the catalog's database as it stands at one moment, while others write; and a database made of a copy.

SQLite's is the file that its online backup makes. PostgreSQL's is a file for each table, as COPY writes it, all read in
one transaction; so it needs no pg_dump, and no equal version of the server.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, inspect, text

from catalog.db import connect, reading, schema_version, sqlite_url, unmigrated, upgrade, writing
from engine.events.events import number_anew

SQLITE, POSTGRESQL = "sqlite", "postgresql"
SQLITE_FILE = "isinglass.db"
_BLOCK = 1 << 20


@dataclass(frozen=True)
class TableCopy:
    """A table of PostgreSQL: its columns in the order of the copy, and for those that count, how far they are."""

    name: str
    columns: tuple[str, ...]
    counted: dict[str, tuple[int, bool]]


@dataclass(frozen=True)
class DatabaseCopy:
    """What a copy is: of which database, at which revision of the schema; of PostgreSQL the tables as they refer to
    each other, first those that refer to none."""

    kind: str
    revision: str
    tables: tuple[TableCopy, ...] = ()


# ── out ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def copy_database(engine: Engine, folder: Path) -> DatabaseCopy:
    """Copy the database into `folder`, as it stands at one moment."""
    revision = schema_version(engine) or ""
    if engine.dialect.name == SQLITE:
        _copy_sqlite(engine, folder / SQLITE_FILE)
        return DatabaseCopy(SQLITE, revision)
    with reading(engine) as connection:
        names = [name for name, _ in inspect(connection).get_sorted_table_and_fkc_names() if name]
        copies = [_copy_table(connection, name, folder) for name in names if name != "alembic_version"]
    return DatabaseCopy(POSTGRESQL, revision, tuple(copies))


def _copy_sqlite(engine: Engine, path: Path) -> None:
    """In one step: a copy in steps begins anew whenever another process writes."""
    with engine.connect() as connection, closing(sqlite3.connect(path)) as target:
        source: Any = connection.connection.driver_connection
        source.backup(target)


def _copy_table(connection: Connection, name: str, folder: Path) -> TableCopy:
    columns = tuple(column["name"] for column in inspect(connection).get_columns(name))
    with (folder / name).open("wb") as file, _copy(connection, f"{_listed(name, columns)} TO STDOUT") as blocks:
        file.writelines(blocks)
    return TableCopy(name, columns, _counted(connection, name, columns))


def _counted(connection: Connection, name: str, columns: tuple[str, ...]) -> dict[str, tuple[int, bool]]:
    found = {}
    for column in columns:
        sequence = _sequence(connection, name, column)
        if sequence is not None:
            row = connection.execute(text(f"SELECT last_value, is_called FROM {sequence}")).one()  # noqa: S608
            found[column] = (row.last_value, row.is_called)
    return found


# ── in ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


def restore_sqlite(folder: Path, path: Path) -> str | None:
    """Put the copy in `folder` at `path`, and bring it to this release's schema. What is wrong with it, if anything."""
    shutil.move(folder / SQLITE_FILE, path)
    connect(sqlite_url(path)).dispose()
    with closing(sqlite3.connect(path)) as connection:
        [found] = connection.execute("PRAGMA integrity_check(1)").fetchone()
        astray = connection.execute("PRAGMA foreign_key_check").fetchone()
    if astray:
        return f"a row of its table {astray[0]} refers to one of {astray[2]} that is missing"
    return None if found == "ok" else str(found)


def restore_postgresql(copy: DatabaseCopy, folder: Path, url: str) -> None:
    """Make the tables of the copy's schema, fill them, and bring them to this release's, in one transaction."""
    engine = unmigrated(url)
    try:
        with writing(engine) as connection:
            upgrade(connection, copy.revision)
            for table in copy.tables:
                _fill(connection, table, folder / table.name)
            upgrade(connection)
            number_anew(connection)
    finally:
        engine.dispose()


def is_empty(url: str) -> bool:
    """Whether the database has no tables at all."""
    engine = unmigrated(url)
    try:
        with reading(engine) as connection:
            return not inspect(connection).get_table_names()
    finally:
        engine.dispose()


def _fill(connection: Connection, table: TableCopy, path: Path) -> None:
    listed = _listed(table.name, table.columns)
    with path.open("rb") as file, _copy(connection, f"{listed} FROM STDIN") as target:
        while block := file.read(_BLOCK):
            target.write(block)
    for column, (value, called) in table.counted.items():
        given = {"sequence": _sequence(connection, table.name, column), "value": value, "called": called}
        connection.execute(text("SELECT setval(CAST(:sequence AS regclass), :value, :called)"), given)


def _sequence(connection: Connection, table: str, column: str) -> str | None:
    given = {"of": _quoted(table), "column": column}
    name: str | None = connection.execute(text("SELECT pg_get_serial_sequence(:of, :column)"), given).scalar()
    return name


@contextmanager
def _copy(connection: Connection, what: str) -> Iterator[Any]:
    driver: Any = connection.connection.dbapi_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {what}") as copying:
        yield copying


def _listed(table: str, columns: tuple[str, ...]) -> str:
    return f"{_quoted(table)} ({', '.join(map(_quoted, columns))})"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
