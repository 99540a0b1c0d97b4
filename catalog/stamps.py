"""Whether something has changed since it was last read, asked at a fraction of what the reading takes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from threading import Lock
from typing import Any

from sqlalchemy import Engine, Row, bindparam, event, select

from catalog import rows
from catalog.db import reading

# An opaque value: two that are equal were taken with no change between them.
Stamp = tuple[object, ...]

_TABLE = (
    select(rows.tables.c.id, rows.tables.c.token)
    .select_from(rows.named_tables)
    .where(rows.databases.c.name == bindparam("database"), rows.tables.c.name == bindparam("name"))
)
_DATABASE = select(rows.databases.c.id, rows.databases.c.version).where(rows.databases.c.name == bindparam("name"))


class Stamps:
    """Stamps of what is in one database.

    SQLite tells a connection whether any other has committed since, in this process or another; the one kept here
    writes nothing, so it is told of all. PostgreSQL is asked for the row's version.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._lock = Lock()
        self._watching: Any = None  # a connection, from the first time that it is asked

    def of_table(self, database: str, name: str) -> Callable[[], Stamp | None]:
        """What tells the table's stamp each time that it is asked."""
        return self._of(_TABLE, database=database.lower(), name=name.lower())

    def of_database(self, name: str) -> Callable[[], Stamp | None]:
        return self._of(_DATABASE, name=name.lower())

    def _of(self, statement: Any, **named: str) -> Callable[[], Stamp | None]:
        return self._data_version if self.engine.dialect.name == "sqlite" else partial(self._row, statement, named)

    def _row(self, statement: Any, named: dict[str, str]) -> Stamp | None:
        with reading(self.engine) as connection:
            found: Row[Any] | None = connection.execute(statement, named).first()
            return None if found is None else tuple(found)

    def _data_version(self) -> Stamp:
        """SQLite's `PRAGMA data_version`, which is comparable only with others of the same connection."""
        with self._lock:
            if self._watching is None:
                self._watching = self.engine.raw_connection()
                self._ask = self._watching.driver_connection.cursor().execute
                self._watching.detach()
                event.listen(self.engine, "engine_disposed", self._close, once=True)
            version: Stamp = self._ask("PRAGMA data_version").fetchone()
            return version

    def _close(self, _engine: Engine) -> None:
        with self._lock:
            self._watching.close()
            self._watching = None
