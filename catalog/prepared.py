"""Statements that run often: compiled once for each kind of database, then run on the driver's own cursor.

SQLAlchemy's way to a statement's rows takes several times as long as SQLite takes for a row found by its key.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Delete, Dialect, Insert, Select, Update
from sqlalchemy.exc import DBAPIError

_Convert = Callable[[Any], Any] | None


@dataclass(frozen=True)
class _Compiled:
    """`binds`: of each parameter its name, its value if none is given, and what the driver wants of a value."""

    text: str
    positional: bool
    binds: tuple[tuple[str, Any, _Convert], ...]
    results: tuple[_Convert, ...]
    row: Callable[..., Any]

    def arguments(self, values: Mapping[str, Any]) -> Any:
        taken = [
            convert(values.get(name, default)) if convert else values.get(name, default)
            for name, default, convert in self.binds
        ]
        return taken if self.positional else dict(zip([name for name, _, _ in self.binds], taken, strict=True))

    def read(self, values: tuple[Any, ...]) -> Any:
        return self.row(
            *[convert(value) if convert else value for value, convert in zip(values, self.results, strict=True)]
        )


class Prepared:
    """`statement` with the values it is run with: those of its bindparams, and of the columns that it writes.

    Its failures are SQLAlchemy's, as of a statement that a connection executes.
    """

    def __init__(self, statement: Select[Any] | Insert | Update | Delete) -> None:
        self._statement = statement
        self._compiled: dict[tuple[str, tuple[str, ...]], _Compiled] = {}

    def first(self, connection: Connection, values: Mapping[str, Any]) -> Any:
        """The first row as a tuple with the columns' names; None if there is no row."""
        compiled, cursor = self._run(connection, values)
        try:
            found = cursor.fetchone()
        finally:
            cursor.close()
        return None if found is None else compiled.read(found)

    def write(self, connection: Connection, values: Mapping[str, Any]) -> int:
        """How many rows were written."""
        _, cursor = self._run(connection, values)
        try:
            return int(cursor.rowcount)
        finally:
            cursor.close()

    def _run(self, connection: Connection, values: Mapping[str, Any]) -> tuple[_Compiled, Any]:
        dialect = connection.dialect
        key = dialect.name, tuple(values)
        compiled = self._compiled.get(key)
        if compiled is None:
            compiled = self._compiled[key] = _compile(self._statement, dialect, values)
        arguments = compiled.arguments(values)
        cursor = connection.connection.cursor()
        for listener in connection.dispatch.before_cursor_execute:
            listener(connection, cursor, compiled.text, arguments, None, False)
        try:
            cursor.execute(compiled.text, arguments)
        except dialect.loaded_dbapi.Error as error:
            cursor.close()
            told = DBAPIError.instance(compiled.text, None, error, dialect.loaded_dbapi.Error, dialect=dialect)
            raise told from error
        return compiled, cursor


def _compile(
    statement: Select[Any] | Insert | Update | Delete, dialect: Dialect, values: Mapping[str, Any]
) -> _Compiled:
    compiled: Any = statement.compile(dialect=dialect, column_keys=list(values))
    names = compiled.positiontup if compiled.positional else list(compiled.binds)
    binds = [(name, compiled.binds[name]) for name in names]
    columns = list(statement.exported_columns)
    return _Compiled(
        compiled.string,
        compiled.positional,
        tuple((name, bind.value, bind.type.dialect_impl(dialect).bind_processor(dialect)) for name, bind in binds),
        tuple(column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns),
        namedtuple("Row", [column.name for column in columns], rename=True),
    )
