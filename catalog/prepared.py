"""Statements that run often: compiled once for each kind of database, then run on the driver's own cursor.

SQLAlchemy's way to a statement's rows takes several times as long as SQLite takes for a row found by its key.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Delete, Dialect, Insert, Select, Update
from sqlalchemy.exc import DBAPIError

_Convert = Callable[[Any], Any] | None


@dataclass(frozen=True)
class _Compiled:
    """`names` are those of the parameters in their order; `settled` the values of those that are never given;
    `converts` what the driver wants of some, by their number."""

    text: str
    positional: bool
    names: tuple[str, ...]
    settled: dict[str, Any]
    converts: tuple[tuple[int, Callable[[Any], Any]], ...]
    results: tuple[_Convert, ...]
    row: Callable[..., Any]

    def arguments(self, values: Mapping[str, Any]) -> Any:
        known = {**self.settled, **values} if self.settled else values
        taken = [known[name] for name in self.names]
        for at, convert in self.converts:
            taken[at] = convert(taken[at])
        return taken if self.positional else dict(zip(self.names, taken, strict=True))

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

    def all(self, connection: Connection, values: Mapping[str, Any]) -> list[Any]:
        """All rows, each as of `first`."""
        compiled, cursor = self._run(connection, values)
        try:
            return [compiled.read(row) for row in cursor.fetchall()]
        finally:
            cursor.close()

    def insert(self, connection: Connection, values: Mapping[str, Any]) -> int | None:
        """The id that SQLite gave the row that was written; None if none was. RETURNING takes it as long again."""
        _, cursor = self._run(connection, values)
        try:
            return int(cursor.lastrowid) if cursor.rowcount else None
        finally:
            cursor.close()

    def write(self, connection: Connection, values: Mapping[str, Any]) -> int:
        """How many rows were written."""
        _, cursor = self._run(connection, values)
        try:
            return int(cursor.rowcount)
        finally:
            cursor.close()

    def write_all(self, connection: Connection, given: Sequence[Mapping[str, Any]]) -> None:
        """Run it with each of `given`, all of which have the same names in the same order."""
        if not given:
            return
        compiled = self._compiled_for(connection.dialect, tuple(given[0]))
        arguments = [compiled.arguments(values) for values in given]
        self._execute(connection, compiled, arguments, many=True).close()

    def _run(self, connection: Connection, values: Mapping[str, Any]) -> tuple[_Compiled, Any]:
        compiled = self._compiled_for(connection.dialect, tuple(values))
        return compiled, self._execute(connection, compiled, compiled.arguments(values), many=False)

    def _compiled_for(self, dialect: Dialect, names: tuple[str, ...]) -> _Compiled:
        key = dialect.name, names
        compiled = self._compiled.get(key)
        if compiled is None:
            compiled = self._compiled[key] = _compile(self._statement, dialect, names)
        return compiled

    def _execute(self, connection: Connection, compiled: _Compiled, arguments: Any, many: bool) -> Any:
        dialect = connection.dialect
        cursor = connection.connection.cursor()
        for listener in connection.dispatch.before_cursor_execute:
            listener(connection, cursor, compiled.text, arguments, None, many)
        try:
            (cursor.executemany if many else cursor.execute)(compiled.text, arguments)
        except dialect.loaded_dbapi.Error as error:
            cursor.close()
            told = DBAPIError.instance(compiled.text, None, error, dialect.loaded_dbapi.Error, dialect=dialect)
            raise told from error
        return cursor


def _compile(statement: Select[Any] | Insert | Update | Delete, dialect: Dialect, given: Sequence[str]) -> _Compiled:
    written = None if isinstance(statement, Select) else list(given)  # what a SELECT writes, it names itself
    compiled: Any = statement.compile(dialect=dialect, column_keys=written)
    names = compiled.positiontup if compiled.positional else list(compiled.binds)
    binds = [compiled.binds[name] for name in names]
    converts = [bind.type.dialect_impl(dialect).bind_processor(dialect) for bind in binds]
    columns = list(statement.exported_columns)
    return _Compiled(
        compiled.string,
        compiled.positional,
        tuple(names),
        {name: bind.value for name, bind in zip(names, binds, strict=True) if name not in given},
        tuple((at, convert) for at, convert in enumerate(converts) if convert),
        tuple(column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns),
        namedtuple("Row", [column.name for column in columns], rename=True),
    )
