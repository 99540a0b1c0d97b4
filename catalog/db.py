"""The connection to the catalog's database, SQLite (WAL) by default or PostgreSQL by its URL; and its schema."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, NoReturn, TypeVar

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
from catalog.standing import keep_standing, standing

HEAD = "0012"
LOCK_WAIT_SECONDS = 30
_AT_ONCE = 2_000  # SQLite takes 32,766 bound values a statement
Named = TypeVar("Named")
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
    keep_standing(engine)
    return engine


def reading(engine: Engine) -> AbstractContextManager[Connection]:
    """A connection whose statements all see one state of the database. Raises StoreUnavailable."""
    return _Transaction(engine, "BEGIN", b"BEGIN ISOLATION LEVEL REPEATABLE READ")


def writing(engine: Engine) -> AbstractContextManager[Connection]:
    """One transaction that may write; it takes SQLite's write lock at once, so it never has to be repeated.

    Raises StoreUnavailable; InvalidInput for a value that the database cannot keep.
    """
    return _Transaction(engine, "BEGIN IMMEDIATE", b"BEGIN")


class _Transaction(AbstractContextManager[Connection]):
    """A connection inside one transaction, which is undone if the block fails.

    It begins by the statement `on_sqlite`, or `on_postgresql`.

    Not a generator, and with few calls: this is what a small transaction consists of.
    """

    def __init__(self, engine: Engine, on_sqlite: str, on_postgresql: bytes) -> None:
        self._engine = engine
        self._on_sqlite = on_sqlite
        self._on_postgresql = on_postgresql

    def __enter__(self) -> Connection:
        self._standing = standing(self._engine)
        try:
            self._open()
        except SQLAlchemyError as error:
            _tell(self._engine, error)
        return self._connection

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        try:
            self._end(error)
        except SQLAlchemyError as failure:
            _tell(self._engine, failure)
        if isinstance(error, SQLAlchemyError):
            _tell(self._engine, error)

    def _open(self) -> None:
        """Begin; a connection that stood by may have lost its server, which BEGIN shows as well as a ping does."""
        self._connection = self._standing.take() if self._standing else self._engine.connect()
        on_postgresql = self._connection.dialect.name == "postgresql"
        stood = self._connection.connection.is_detached
        try:
            if on_postgresql:
                _begin_postgresql(self._connection, self._on_postgresql)
            self._transaction = self._connection.begin()
            if not on_postgresql:
                _begin_sqlite(self._connection, self._on_sqlite)
        except BaseException as error:
            self._discard(not on_postgresql)
            if not (on_postgresql and stood and isinstance(error, OperationalError)):
                raise
            self._open()

    def _end(self, error: BaseException | None) -> None:
        sound = False
        try:
            if error is not None:
                self._transaction.rollback()
            elif self._transaction.is_active:
                self._transaction.commit()
            sound = True
        finally:
            if sound and self._standing:
                self._standing.give(self._connection)
            else:
                self._discard(sound)

    def _discard(self, sound: bool) -> None:
        if not sound and not self._connection.closed:
            # A commit that failed, on a full disk say, leaves SQLite in its transaction, and SQLAlchemy thinks it over.
            driver = self._connection.connection.dbapi_connection
            self._connection.invalidate()
            if driver is not None:
                driver.close()
        self._connection.close()


# Past SQLAlchemy and its drivers, which would take longer than a reading, or send a BEGIN of their own besides.


def _begin_sqlite(connection: Connection, statement: str) -> None:
    try:
        connection.connection.cursor().execute(statement)
    except sqlite3.Error as error:
        raise OperationalError(statement, None, error) from error


def _begin_postgresql(connection: Connection, statement: bytes) -> None:
    import psycopg  # by who has a PostgreSQL only: it takes long to import

    driver: Any = connection.connection.dbapi_connection
    try:
        begun = driver.pgconn.exec_(statement)
        if begun.status != psycopg.pq.ExecStatus.COMMAND_OK:
            raise psycopg.errors.error_from_result(begun)
    except psycopg.Error as error:
        raise OperationalError(statement.decode(), None, error) from error


def insert(connection: Connection, table: SqlTable) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that can say what happens on conflict, in the database's own dialect."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


def in_parts(named: Sequence[Named]) -> Iterator[Sequence[Named]]:
    """`named` in parts of as many as one statement can name."""
    for start in range(0, len(named), _AT_ONCE):
        yield named[start : start + _AT_ONCE]


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


def _tell(engine: Engine, error: SQLAlchemyError) -> NoReturn:
    """Raise a failure of the database as ours; a statement that is wrong stays what it is, a fault of this program."""
    if isinstance(error, DataError):
        raise InvalidInput(what="a value", why=f"the database cannot keep it: {_cause(error)}.") from error
    if isinstance(error, (IntegrityError, ProgrammingError, NotSupportedError)):
        raise error
    if isinstance(error, (DatabaseError, InterfaceError, PoolExhausted)):
        raise StoreUnavailable(url=_shown(engine.url), why=f"{_cause(error)}.") from error
    raise error


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
