"""The connection to the catalog's database, SQLite (WAL) by default or PostgreSQL by its URL; and its schema."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy import Table as SqlTable
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import (
    ArgumentError,
    DatabaseError,
    DataError,
    IntegrityError,
    InterfaceError,
    NotSupportedError,
    OperationalError,
    ProgrammingError,
    SQLAlchemyError,
)
from sqlalchemy.exc import TimeoutError as PoolExhausted

from catalog.errors import InvalidInput, StoreUnavailable

HEAD = "0005"
LOCK_WAIT_SECONDS = 30
_DRIVERS = {
    "sqlite": "sqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}


def sqlite_url(path: Path) -> str:
    return f"sqlite:///{path}"


def connect(url: str) -> Engine:
    """An engine for `url` whose schema is of this release; a new database is given its tables.

    Raises StoreUnavailable if the database does not answer, or was written by a newer release.
    """
    engine = unmigrated(url)
    try:
        _migrate(engine)
    except BaseException:
        engine.dispose()
        raise
    return engine


def unmigrated(url: str) -> Engine:
    """As `connect`, of a database whose schema is left as it is."""
    parsed = _parsed(url)
    engine = create_engine(
        parsed,
        json_serializer=lambda value: msgspec.json.encode(value).decode(),
        json_deserializer=msgspec.json.decode,
        pool_pre_ping=parsed.drivername != "sqlite",
        # `reading` and `writing` end what they begin; to roll back again would cost as much as a small reading.
        pool_reset_on_return="rollback" if parsed.drivername != "sqlite" else None,
    )
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine)
    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection whose statements all see one state of the database. Raises StoreUnavailable."""
    with _told(engine), engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ")
        with connection.begin():
            if engine.dialect.name == "sqlite":
                _begin(connection, "BEGIN")
            yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction that may write; it takes SQLite's write lock at once, so it never has to be repeated.

    Raises StoreUnavailable; InvalidInput for a value that the database cannot keep.
    """
    with _told(engine), engine.connect() as connection, connection.begin():
        if engine.dialect.name == "sqlite":
            _begin(connection, "BEGIN IMMEDIATE")
        yield connection


def _begin(connection: Connection, statement: str) -> None:
    """Past SQLAlchemy, which would take longer than a reading."""
    try:
        connection.connection.cursor().execute(statement)
    except sqlite3.Error as error:
        raise OperationalError(statement, None, error) from error


def insert(connection: Connection, table: SqlTable) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that can say what happens on conflict, in the database's own dialect."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


def _parsed(url: str) -> URL:
    """A text that cannot be read is neither shown nor kept as a cause: any part of it may be a password."""
    try:
        parsed = make_url(url)
        driver = _DRIVERS[parsed.drivername]
    except (ArgumentError, ValueError, KeyError):
        why = "it is no URL such as sqlite:////folder/catalog.db or postgresql://user:password@host/name."
        raise StoreUnavailable(url="(unreadable)", why=why) from None
    if "@" in (parsed.host or ""):
        raise StoreUnavailable(url="(unreadable)", why="an @ in its password is to be written %40.")
    return parsed.set(drivername=driver)


def _shown(url: URL) -> str:
    """`url` as it may be printed: a password can stand in its query as well."""
    return url.set(query={}).render_as_string(hide_password=True)


@contextmanager
def _told(engine: Engine) -> Iterator[None]:
    """Tell failures of the database as ours; a statement that is wrong stays what it is, a fault of this program."""
    try:
        yield
    except DataError as error:
        raise InvalidInput(what="a value", why=f"the database cannot keep it: {_cause(error)}.") from error
    except (IntegrityError, ProgrammingError, NotSupportedError):
        raise
    except (DatabaseError, InterfaceError, PoolExhausted) as error:
        raise StoreUnavailable(url=_shown(engine.url), why=f"{_cause(error)}.") from error


def _cause(error: SQLAlchemyError) -> str:
    return str(getattr(error, "orig", None) or error).strip().splitlines()[0].rstrip(".")


def _prepare_sqlite(engine: Engine) -> None:
    def opened(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # BEGIN is ours: the driver would delay it to the first write
        connection.execute(f"PRAGMA busy_timeout={LOCK_WAIT_SECONDS}000")
        _journal_ahead(connection)
        connection.execute("PRAGMA synchronous=FULL")
        # What is written often is copied into the file less often, and stays at hand: 16 MB of log, 8 MB a connection.
        connection.execute("PRAGMA wal_autocheckpoint=4000")
        connection.execute("PRAGMA cache_size=-8000")
        connection.execute("PRAGMA foreign_keys=ON")

    event.listen(engine, "connect", opened)


def _journal_ahead(connection: sqlite3.Connection) -> None:
    """Set the write-ahead log, which lasts in the file.

    Of processes that set it at once on a new file, SQLite refuses all but one without the wait of `busy_timeout`.
    """
    deadline = time.monotonic() + LOCK_WAIT_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _migrate(engine: Engine) -> None:
    version = schema_version(engine)
    if version == HEAD:
        return
    if version is not None and version > HEAD:
        why = f"a newer release wrote it (schema {version}, this one knows {HEAD}); update Isinglass."
        raise StoreUnavailable(url=_shown(engine.url), why=why)
    with writing(engine) as connection:
        upgrade(connection)


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Give the database the tables of `revision`, in the transaction of `connection`."""
    from alembic import command  # a fifth of a second to import, and needed once in a database's life
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    if connection.dialect.name == "postgresql":  # two processes that start at once migrate one after the other
        connection.execute(text("SELECT pg_advisory_xact_lock(74686)"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def schema_version(engine: Engine) -> str | None:
    """The revision of the database's schema; None if it has none of our tables."""
    with reading(engine) as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
