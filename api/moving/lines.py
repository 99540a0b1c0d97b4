"""An export's lines: JSON objects, each with its `kind`; the first tells the format, the last that nothing is missing.

Times and versions are the catalog's to set, and are left out: two exports of equal catalogs are equal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

import msgspec

from api.moving.errors import FileRefused, NotAnExport
from api.moving.records import (
    Partitions,
    PartitionStatistics,
    Record,
    TableStatistics,
    Untold,
    batched,
)
from catalog import statistics
from catalog.model import Database, Function, Partition, Table
from catalog.statistics import ColumnStatistics

FORMAT = 1


class _Line(msgspec.Struct, tag_field="kind", forbid_unknown_fields=True):
    pass


class Header(_Line, tag="isinglass-catalog"):
    format: int


class DatabaseLine(_Line, tag="database"):
    database: Database


class FunctionLine(_Line, tag="function"):
    function: Function


class TableLine(_Line, tag="table"):
    table: Table


class PartitionLine(_Line, tag="partition"):
    database: str
    table: str
    partition: Partition


class StatisticsLine(_Line, tag="statistics", omit_defaults=True):
    """Of a column of a table, or of a partition of that name. `of` says which statistics `values` are."""

    database: str
    table: str
    column: str
    type: str
    of: str
    values: msgspec.Raw
    partition: str | None = None


class End(_Line, tag="end"):
    """`lines` counts those before this one."""

    lines: int


Line = Header | DatabaseLine | FunctionLine | TableLine | PartitionLine | StatisticsLine | End
_decode = msgspec.json.Decoder(Line).decode
_encode = msgspec.json.Encoder(order="deterministic").encode
_VALUES = {name: msgspec.json.Decoder(kind) for name, kind in statistics.KINDS.items()}
_NAMES = {kind: name for name, kind in statistics.KINDS.items()}

# ── writing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def written(records: Iterable[Record]) -> Iterator[bytes]:
    """The lines of an export of `records`, each with its end."""
    count = 1
    yield _encode(Header(FORMAT)) + b"\n"
    for record in records:
        for line in _lines(record):
            count += 1
            yield _encode(line) + b"\n"
    yield _encode(End(count)) + b"\n"


def _lines(record: Record) -> Iterator[Line]:
    match record:
        case Database():
            yield DatabaseLine(replace(record, version=0, created_at=None))
        case Function():
            yield FunctionLine(replace(record, created_at=None))
        case Table():
            yield TableLine(replace(record, version=0, token=0, created_at=None, updated_at=None))
        case Partitions(database, table, items):
            yield from (PartitionLine(database, table, each) for each in items)
        case TableStatistics(database, table, columns):
            yield from (_statistics_line(database, table, each, None) for each in columns)
        case PartitionStatistics(database, table, of):
            yield from (_statistics_line(database, table, each, partition) for partition, each in of)
        case Untold(kind, name, why):
            raise FileRefused(file="the export", done="written", why=f"{kind} {name}: {why}")


def _statistics_line(database: str, table: str, each: ColumnStatistics, partition: str | None) -> StatisticsLine:
    values = msgspec.Raw(msgspec.json.encode(each.values))
    return StatisticsLine(database, table, each.column, each.type, _NAMES[type(each.values)], values, partition)


# ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def read(path: Path, wanted: Callable[[str], bool]) -> Iterator[Record]:
    """What the export in `path` tells of the databases that are `wanted`. All of it is looked through before the first.

    Raises NotAnExport, which names the first line that does not belong there; FileRefused.
    """
    for _ in _told(path):
        pass
    lines = (line for line in _told(path) if wanted(_database_of(line)))
    for (shape, database, table, of_partitions), same in groupby(lines, key=_belonging):
        for some in batched(same):
            if shape is PartitionLine:
                yield Partitions(database, table, tuple(line.partition for line in some))
            elif of_partitions:
                yield PartitionStatistics(database, table, tuple((line.partition, _statistics(line)) for line in some))
            elif shape is StatisticsLine:
                yield TableStatistics(database, table, tuple(map(_statistics, some)))
            else:
                yield from map(_only, some)


def _belonging(line: Line) -> tuple[type[Line], str, str, bool]:
    """Lines of equal keys that follow each other make up a record."""
    if not isinstance(line, PartitionLine | StatisticsLine):
        return type(line), "", "", False
    return type(line), line.database, line.table, getattr(line, "partition", None) is not None


def _database_of(line: Any) -> str:
    match line:
        case DatabaseLine(database):
            return database.name
        case FunctionLine(inside) | TableLine(inside):
            return inside.database
        case _:
            return str(line.database)


def _only(line: DatabaseLine | FunctionLine | TableLine) -> Record:
    match line:
        case DatabaseLine(database):
            return database
        case FunctionLine(function):
            return function
        case TableLine(table):
            return table


def _statistics(line: StatisticsLine) -> ColumnStatistics:
    return ColumnStatistics(line.column, line.type, _VALUES[line.of].decode(line.values))


def _told(path: Path) -> Iterator[Any]:
    """The lines between the first and the last."""
    number, ended = 0, False
    try:
        with path.open("rb") as file:
            for number, text in enumerate(file, 1):
                line = _line(path, number, text)
                if isinstance(line, Header) != (number == 1) or ended:
                    raise NotAnExport(file=path, line=number, why="it does not belong there")
                if isinstance(line, End):
                    ended = True
                    if line.lines != number - 1:
                        why = f"{line.lines} lines were written before it, not {number - 1}"
                        raise NotAnExport(file=path, line=number, why=why)
                elif not isinstance(line, Header):
                    yield line
    except OSError as error:
        raise FileRefused(file=path, done="read", why=error.strerror) from error
    if not ended:
        raise NotAnExport(file=path, line=number + 1, why="the file ends before its last line; it was cut off")


def _line(path: Path, number: int, text: bytes) -> Line:
    try:
        line: Line = _decode(text)
        if isinstance(line, StatisticsLine):
            _statistics(line)
    except (msgspec.DecodeError, UnicodeDecodeError, KeyError) as error:
        cut = "the file was cut off in it" if not text.endswith(b"\n") else str(error).rstrip(".")
        raise NotAnExport(file=path, line=number, why="it is no line of an export" if number == 1 else cut) from error
    if isinstance(line, Header) and line.format != FORMAT:
        why = f"it is of format {line.format}, and this release reads {FORMAT}"
        raise NotAnExport(file=path, line=number, why=why)
    return line
