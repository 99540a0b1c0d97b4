"""What moves: the stream of things that a source tells and an import takes.

A database comes before what is in it, a table before its partitions, and a partition before its statistics.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import islice
from typing import TypeVar

from catalog.model import Database, Function, Partition, Table
from catalog.statistics import ColumnStatistics

DATABASE, TABLE, FUNCTION, PARTITION, STATISTICS = "database", "table", "function", "partition", "column statistics"
KINDS = (DATABASE, FUNCTION, TABLE, PARTITION, STATISTICS)

# How many partitions are read, compared and written at once: so much of a table is in memory.
AT_ONCE = 500


@dataclass(frozen=True)
class Partitions:
    """Some partitions of a table, at most AT_ONCE."""

    database: str
    table: str
    items: tuple[Partition, ...]


@dataclass(frozen=True)
class TableStatistics:
    """Of columns of a table."""

    database: str
    table: str
    items: tuple[ColumnStatistics, ...]


@dataclass(frozen=True)
class PartitionStatistics:
    """Of columns of some partitions of a table; a partition is told by its name."""

    database: str
    table: str
    items: tuple[tuple[str, ColumnStatistics], ...]


@dataclass(frozen=True)
class Untold:
    """What a source has and cannot tell, because that `failed`, or because the catalog has no such thing."""

    kind: str
    name: str
    why: str
    failed: bool = True


Record = Database | Function | Table | Partitions | TableStatistics | PartitionStatistics | Untold


def wanted(patterns: Iterable[str]) -> Callable[[str], bool]:
    """Whether a database's name fits one of `patterns`, in which * stands for any text; without any, all fit."""
    folded = [pattern.lower() for pattern in patterns]
    return lambda name: not folded or any(fnmatchcase(name.lower(), pattern) for pattern in folded)


Item = TypeVar("Item")


def batched(items: Iterable[Item], size: int = AT_ONCE) -> Iterator[tuple[Item, ...]]:
    """`items` in order, so many at a time; itertools has this from Python 3.12 on."""
    left = iter(items)
    while batch := tuple(islice(left, size)):
        yield batch
