"""The connection to the catalog's database: SQLite (WAL) by default, PostgreSQL by its URL; and its schema's version."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy import Table as SqlTable
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, OperationalError

from catalog.errors import StoreUnavailable

HEAD = "0001"
LOCK_WAIT_SECONDS = 30
_WRITES = "isinglass_writes"


def sqlite_url(path: Path) -> str:
    return f"sqlite:///{path}"


def connect(url: str) -> Engine:
    """An engine for `url` whose schema is of this release; a new database is given its tables.

    Raises StoreUnavailable if the database does not answer, or was written by a newer release.
    """
    shown = _shown(url)
    try:
        engine = create_engine(_with_driver(url), pool_pre_ping=not url.startswith("sqlite"))
        if engine.dialect.name == "sqlite":
            _prepare_sqlite(engine)
        _migrate(engine, shown)
    except (OperationalError, ArgumentError) as error:
        cause = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        raise StoreUnavailable(url=shown, why=f"{cause}.") from error
    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection whose statements all see one state of the database."""
    with engine.connect() as connection, connection.begin():
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction that may write; it takes SQLite's write lock at once, so it never has to be repeated."""
    with engine.connect().execution_options(**{_WRITES: True}) as connection, connection.begin():
        yield connection


def insert(connection: Connection, table: SqlTable) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that can say what happens on conflict, in the database's own dialect."""
    return (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(table)


def _with_driver(url: str) -> str:
    parsed = make_url(url)
    if parsed.drivername in ("postgresql", "postgres"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    return parsed.render_as_string(hide_password=False)


def _shown(url: str) -> str:
    """`url` as it may be printed. A text that is no URL is not printed at all: it may hold a password."""
    try:
        return make_url(url).render_as_string(hide_password=True)
    except ArgumentError:
        return "(not a database URL)"


def _prepare_sqlite(engine: Engine) -> None:
    def opened(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # begin and commit are ours: the driver would delay BEGIN to the first write
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"busy_timeout={LOCK_WAIT_SECONDS}000",
        ):
            connection.execute(f"PRAGMA {pragma}")

    def began(connection: Connection) -> None:
        writes = connection.get_execution_options().get(_WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    event.listen(engine, "connect", opened)
    event.listen(engine, "begin", began)


def _migrate(engine: Engine, shown: str) -> None:
    version = _version(engine)
    if version == HEAD:
        return
    if version is not None and version > HEAD:
        raise StoreUnavailable(
            url=shown, why=f"a newer release wrote it (schema {version}, this one knows {HEAD}); update Isinglass."
        )
    from alembic import command  # a fifth of a second to import, and needed once in a database's life
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with writing(engine) as connection:
        if engine.dialect.name == "postgresql":  # two processes that start at once migrate one after the other
            connection.execute(text("SELECT pg_advisory_xact_lock(74686)"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _version(engine: Engine) -> str | None:
    with reading(engine) as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
