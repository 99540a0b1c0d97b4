"""Importing: each thing of a source is created, updated or found equal. What one refuses does not stop the rest.

What the catalog has and the source lacks stays. A dry run does the same on a catalog of which every verb is undone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

import msgspec

from api.moving.records import (
    DATABASE,
    FUNCTION,
    PARTITION,
    STATISTICS,
    TABLE,
    Item,
    Partitions,
    PartitionStatistics,
    Record,
    TableStatistics,
    Untold,
)
from catalog.catalog import Catalog
from catalog.changes import PutPartitions
from catalog.errors import DomainError
from catalog.model import Database, Function, Partition, Table, TableKey
from catalog.names import fold
from catalog.statistics import ColumnStatistics
from catalog.tables import checked

CREATED, UPDATED, UNCHANGED, SKIPPED, FAILED = "created", "updated", "unchanged", "skipped", "failed"

ACTIONS = (CREATED, UPDATED, UNCHANGED, SKIPPED, FAILED)

Key = TypeVar("Key")


@dataclass(frozen=True)
class Outcome:
    """What became of a thing; of partitions and statistics, of `count` things in the table `name`."""

    kind: str
    name: str
    action: str
    count: int = 1
    why: str | None = None


@dataclass
class Importing:
    """An import into `catalog`, or with `dry_run` the telling of what it would do."""

    catalog: Catalog
    dry_run: bool = False
    # Databases and tables that are not in the catalog: because they could not be made, and with `dry_run` because
    # nothing is.
    _refused: set[str] = field(default_factory=set)
    _imagined: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        if self.dry_run:
            self.catalog = self.catalog.rehearsing()

    def take(self, records: Iterable[Record]) -> Iterator[Outcome]:
        for record in records:
            yield from self._take(record)

    def _take(self, record: Record) -> Iterator[Outcome]:
        match record:
            case Untold(kind, name, why, failed):
                if kind in (DATABASE, TABLE):
                    self._refused.add(name.lower())
                yield Outcome(kind, name, FAILED if failed else SKIPPED, why=why)
            case Database(name):
                yield self._one(DATABASE, name, lambda: self._database(record))
            case Function(database, name):
                yield self._one(FUNCTION, f"{database}.{name}", lambda: self._function(record), database)
            case Table(database, name):
                yield self._one(TABLE, f"{database}.{name}", lambda: self._table(record), database)
            case Partitions(database, table, items):
                yield from self._many(PARTITION, (database, table), items, self._partitions)
            case TableStatistics(database, table, items):
                yield from self._many(STATISTICS, (database, table), items, self._table_statistics)
            case PartitionStatistics(database, table, items):
                yield from self._many(STATISTICS, (database, table), items, self._partition_statistics)

    def _one(self, kind: str, name: str, put: Callable[[], str], database: str = "") -> Outcome:
        name = name.lower()
        if database.lower() in self._refused:
            self._refused.add(name)
            return Outcome(kind, name, SKIPPED, why=f"database {database} was not imported")
        try:
            action = put()
        except DomainError as error:
            if kind != FUNCTION:
                self._refused.add(name)
            return Outcome(kind, name, FAILED, why=str(error))
        if self.dry_run and action == CREATED and kind != FUNCTION:
            self._imagined.add(name)
        return Outcome(kind, name, action)

    def _many(
        self,
        kind: str,
        table: TableKey,
        items: Sequence[Item],
        put: Callable[[TableKey, Sequence[Item]], Iterable[tuple[str, int]]],
    ) -> Iterator[Outcome]:
        """All of `items` at once; if one is refused, each for itself."""
        name = ".".join(table).lower()
        if name in self._refused:
            yield Outcome(kind, name, SKIPPED, len(items), f"table {name} was not imported")
            return
        if name in self._imagined:
            yield Outcome(kind, name, CREATED, len(items))
            return
        try:
            done = list(put(table, items))
        except DomainError as error:
            if len(items) == 1:
                yield Outcome(kind, f"{name} {_told(items[0])}", FAILED, why=str(error))
                return
            for item in items:
                yield from self._many(kind, table, [item], put)
            return
        yield from (Outcome(kind, name, action, count) for action, count in done if count)

    # one thing

    def _database(self, database: Database) -> str:
        current = self.catalog.find_database(database.name)
        if current is None:
            self.catalog.create_database(database)
            return CREATED
        return _said(current, self.catalog.update_database(database))

    def _function(self, function: Function) -> str:
        database, name = function.database, function.name
        if database.lower() in self._imagined:
            fold("Function", name)
            return CREATED
        current = self.catalog.find_function(database, name)
        if current is None:
            self.catalog.create_function(function)
            return CREATED
        return _said(current, self.catalog.update_function(database, name, function))

    def _table(self, table: Table) -> str:
        if table.database.lower() in self._imagined:
            checked(table)
            return CREATED
        current = self.catalog.find_table(table.database, table.name)
        if current is None:
            self.catalog.create_table(table)
            return CREATED
        return _said(current, self.catalog.update_table(table))

    # many things of a table; each tells how many became what

    def _partitions(self, of: TableKey, items: Sequence[Partition]) -> Iterator[tuple[str, int]]:
        table, values = self.catalog.get_table(*of), [partition.values for partition in items]
        before = {each.name(table): each for each in self.catalog.get_partitions(*of, values)}
        after = {each.name(table): each for each in items}
        yield from self._put(before, after, _timeless, lambda put: self.catalog.apply([PutPartitions(*of, put)]))

    def _table_statistics(self, of: TableKey, items: Sequence[ColumnStatistics]) -> Iterator[tuple[str, int]]:
        before = {each.column: each for each in self.catalog.get_table_statistics(*of)}
        after = {each.column.lower(): each for each in items}
        yield from self._put(before, after, _content, lambda put: self.catalog.put_table_statistics(*of, put))

    def _partition_statistics(
        self, of: TableKey, items: Sequence[tuple[str, ColumnStatistics]]
    ) -> Iterator[tuple[str, int]]:
        found = self.catalog.get_partition_statistics(*of, {partition for partition, _ in items})
        before = {(name, each.column): (name, each) for name, columns in found.items() for each in columns}
        after = {(name, each.column.lower()): (name, each) for name, each in items}

        def put(changed: Sequence[tuple[str, ColumnStatistics]]) -> None:
            by_partition: dict[str, list[ColumnStatistics]] = {}
            for name, each in changed:
                by_partition.setdefault(name, []).append(each)
            self.catalog.put_partition_statistics(*of, by_partition)

        yield from self._put(before, after, lambda named: (named[0], _content(named[1])), put)

    def _put(
        self,
        before: dict[Key, Item],
        after: dict[Key, Item],
        content: Callable[[Item], object],
        put: Callable[[tuple[Item, ...]], object],
    ) -> Iterator[tuple[str, int]]:
        new = [each for key, each in after.items() if key not in before]
        known = [key for key in after if key in before]
        changed = [after[key] for key in known if content(before[key]) != content(after[key])]
        if (new or changed) and not self.dry_run:  # what they belong to may be as undone as they would be
            put((*new, *changed))
        yield from ((CREATED, len(new)), (UPDATED, len(changed)), (UNCHANGED, len(known) - len(changed)))


def _said(before: object, after: object) -> str:
    return UNCHANGED if before == after else UPDATED


def _timeless(partition: Partition) -> Partition:
    return replace(partition, created_at=None)


def _content(each: ColumnStatistics) -> object:
    """What is stored of it: a bound that is no number is not."""
    return each.type, type(each.values), msgspec.json.encode(each.values)


def _told(item: object) -> str:
    """The item of a table, as a failure names it."""
    match item:
        case Partition(values):
            return "/".join(values)
        case ColumnStatistics(column):
            return column
        case (str(partition), ColumnStatistics(column)):
            return f"{partition} {column}"
        case _:
            return str(item)
