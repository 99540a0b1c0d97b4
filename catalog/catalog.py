"""The front door: opens one transaction for each call, and calls the verbs of the nouns."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import assert_never

from sqlalchemy import Connection, Engine

from catalog import databases, functions, locks, partitions, statistics, tables, versions
from catalog.changes import (
    AlterTable,
    CatalogChange,
    CreateTable,
    DeletePartitions,
    DeleteTable,
    PutPartitions,
    apply_all,
)
from catalog.db import reading, writing
from catalog.locks import Lock, LockPart
from catalog.model import Database, Function, Origin, Page, Partition, Table, TableKey, TableVersion
from catalog.partitions import StoredPartition
from catalog.rehearsal import rehearsing
from catalog.removals import Removal
from catalog.stamps import Stamp, Stamps
from catalog.statistics import ColumnStatistics

DEFAULT_PAGE = 100


def utc_now() -> datetime:
    return datetime.now(UTC)


class Catalog:
    """All that can be asked of, and done to, databases, tables, partitions and versions.

    Lists come in pages of at most `limit` items with an opaque token for the next; `iter_…` gives everything.
    """

    def __init__(self, engine: Engine, origin: Origin, now: Callable[[], datetime] = utc_now) -> None:
        self.engine = engine
        self.origin = origin
        self.now = now
        self.stamps = Stamps(engine)

    def acting_as(self, origin: Origin) -> Catalog:
        """The same catalog, whose changes are recorded as made by `origin`."""
        other = copy.copy(self)
        other.origin = origin
        return other

    def rehearsing(self) -> Catalog:
        """The same catalog, of which each verb does all it does, refuses what it refuses, and is then undone."""
        other = copy.copy(self)
        other.engine = rehearsing(self.engine)
        return other

    # databases

    def create_database(self, database: Database) -> Database:
        with writing(self.engine) as connection:
            return databases.create_database(connection, database, self.now())

    def get_database(self, name: str) -> Database:
        with reading(self.engine) as connection:
            return databases.get_database(connection, name)

    def find_database(self, name: str) -> Database | None:
        with reading(self.engine) as connection:
            return databases.find_database(connection, name)

    def list_databases(self, limit: int = DEFAULT_PAGE, token: str | None = None) -> Page[Database]:
        with reading(self.engine) as connection:
            return databases.list_databases(connection, limit, token)

    def iter_databases(self) -> Iterator[Database]:
        return _pages(self.list_databases)

    def update_database(self, database: Database, expected_version: int | None = None) -> Database:
        with writing(self.engine) as connection:
            return databases.update_database(connection, database, expected_version)

    def delete_database(self, name: str, cascade: bool = False) -> Removal:
        with writing(self.engine) as connection:
            return databases.delete_database(connection, name, cascade)

    # tables

    def create_table(self, table: Table) -> Table:
        with writing(self.engine) as connection:
            return tables.create_table(connection, table, self.now(), self.origin)

    def get_table(self, database: str, name: str) -> Table:
        with reading(self.engine) as connection:
            return tables.get_table(connection, database, name)

    def find_table(self, database: str, name: str) -> Table | None:
        with reading(self.engine) as connection:
            return tables.find_table(connection, database, name)

    def list_tables(self, database: str, limit: int = DEFAULT_PAGE, token: str | None = None) -> Page[Table]:
        with reading(self.engine) as connection:
            return tables.list_tables(connection, database, limit, token)

    def iter_tables(self, database: str) -> Iterator[Table]:
        return _pages(lambda limit, token: self.list_tables(database, limit, token))

    def list_table_names(self, database: str) -> Sequence[str]:
        with reading(self.engine) as connection:
            return tables.list_table_names(connection, database)

    def stamp_of_table(self, database: str, name: str) -> Stamp | None:
        """Equal stamps tell that the table has not changed between them; None if it is not there."""
        return self.stamps.of_table(database, name)

    def stamp_of_database(self, name: str) -> Stamp | None:
        return self.stamps.of_database(name)

    def update_table(
        self, table: Table, expected_version: int | None = None, expected_token: int | None = None
    ) -> Table:
        with writing(self.engine) as connection:
            return tables.update_table(connection, table, self.now(), self.origin, expected_version, expected_token)

    def rename_table(self, database: str, name: str, new_database: str, new_name: str) -> Table:
        with writing(self.engine) as connection:
            return tables.rename_table(connection, database, name, new_database, new_name, self.now())

    def move_table(self, database: str, name: str, table: Table, expected_token: int | None = None) -> Table:
        """Put `table`, of another name or database, in the place of the one named; versions and partitions go with it.

        If its location is another, partitions below the old one lie below the new one from then on.
        Raises NotFound, AlreadyExists, VersionConflict, InvalidInput.
        """
        now = self.now()
        with writing(self.engine) as connection:
            key, before = tables.lock_table(connection, database, name)
            changed = replace(table, database=database, name=name)
            tables.update_table(connection, changed, now, self.origin, expected_token=expected_token)
            moved = tables.rename_table(connection, database, name, table.database, table.name, now)
            if before.storage.location and moved.storage.location:
                partitions.relocate_partitions(connection, key, before.storage.location, moved.storage.location)
            return moved

    def delete_table(self, database: str, name: str) -> Removal:
        with writing(self.engine) as connection:
            return tables.delete_table(connection, database, name)

    # versions

    def get_version(self, database: str, name: str, version: int) -> TableVersion:
        with reading(self.engine) as connection:
            return versions.get_version(connection, *tables.locate_table(connection, database, name), version)

    def list_versions(
        self, database: str, name: str, limit: int = DEFAULT_PAGE, token: str | None = None
    ) -> Page[TableVersion]:
        with reading(self.engine) as connection:
            return versions.list_versions(connection, *tables.locate_table(connection, database, name), limit, token)

    def get_table_as_of(self, database: str, name: str, instant: datetime) -> TableVersion:
        with reading(self.engine) as connection:
            return versions.get_version_as_of(connection, *tables.locate_table(connection, database, name), instant)

    def restore_version(self, database: str, name: str, version: int, expected_version: int | None = None) -> Table:
        with writing(self.engine) as connection:
            now = self.now()
            return tables.restore_version(connection, database, name, version, now, self.origin, expected_version)

    def delete_versions(self, database: str, name: str, numbers: Iterable[int]) -> int:
        with writing(self.engine) as connection:
            return versions.delete_versions(connection, *tables.lock_table(connection, database, name), numbers)

    def batch_get_origins(self, tables: Sequence[TableKey]) -> dict[TableKey, Origin]:
        with reading(self.engine) as connection:
            return versions.batch_get_origins(connection, tables)

    # partitions

    def create_partitions(
        self, database: str, table: str, new: Sequence[Partition], if_not_exists: bool = False
    ) -> list[Partition]:
        with writing(self.engine) as connection:
            return partitions.create_partitions(
                connection, *tables.lock_table(connection, database, table), new, self.now(), if_not_exists
            )

    def update_partitions(self, database: str, table: str, changed: Sequence[Partition]) -> None:
        with writing(self.engine) as connection:
            partitions.update_partitions(
                connection, *tables.lock_table(connection, database, table), changed, self.now()
            )

    def rename_partition(self, database: str, table: str, values: tuple[str, ...], new: Partition) -> None:
        """Put `new` in the place of the partition with `values`. Raises NotFound; AlreadyExists."""
        with writing(self.engine) as connection:
            locked = tables.lock_table(connection, database, table)
            partitions.rename_partition(connection, *locked, values, new, self.now())

    def get_partition(self, database: str, table: str, values: tuple[str, ...]) -> Partition:
        with reading(self.engine) as connection:
            return partitions.get_partition(connection, *tables.locate_table(connection, database, table), values)

    def get_partitions(self, database: str, table: str, values: Iterable[tuple[str, ...]]) -> list[Partition]:
        with reading(self.engine) as connection:
            return partitions.get_partitions(connection, *tables.locate_table(connection, database, table), values)

    def list_partitions(
        self, database: str, table: str, filter: str | None = None, limit: int = DEFAULT_PAGE, token: str | None = None
    ) -> Page[Partition]:
        with reading(self.engine) as connection:
            return partitions.list_partitions(
                connection, *tables.locate_table(connection, database, table), filter, limit, token
            )

    def iter_partitions(self, database: str, table: str, filter: str | None = None) -> Iterator[Partition]:
        with reading(self.engine) as connection:
            yield from partitions.iter_partitions(connection, *tables.locate_table(connection, database, table), filter)

    def read_partitions(
        self, database: str, table: str, filter: str | None = None, limit: int | None = None
    ) -> tuple[Table, list[StoredPartition]]:
        """The table, and the first `limit` of its partitions that match, or all, in the order of their names."""
        with reading(self.engine) as connection:
            table_id, found = tables.locate_table(connection, database, table)
            return found, partitions.read_partitions(connection, table_id, found, filter, limit)

    def read_named_partitions(
        self, database: str, table: str, values: Iterable[tuple[str, ...]]
    ) -> tuple[Table, list[StoredPartition]]:
        """The table, and those of the named partitions that exist, by name."""
        with reading(self.engine) as connection:
            table_id, found = tables.locate_table(connection, database, table)
            return found, partitions.read_named_partitions(connection, table_id, found, values)

    def list_partition_names(self, database: str, table: str, limit: int | None = None) -> Sequence[str]:
        with reading(self.engine) as connection:
            table_id, _ = tables.locate_table(connection, database, table)
            return partitions.list_partition_names(connection, table_id, limit)

    def count_partitions(self, database: str, table: str, filter: str | None = None) -> int:
        with reading(self.engine) as connection:
            return partitions.count_partitions(connection, *tables.locate_table(connection, database, table), filter)

    def batch_count_partitions(self, tables: Sequence[TableKey]) -> dict[TableKey, int]:
        with reading(self.engine) as connection:
            return partitions.batch_count_partitions(connection, tables)

    def delete_partitions(self, database: str, table: str, values: Iterable[tuple[str, ...]]) -> int:
        with writing(self.engine) as connection:
            return partitions.delete_partitions(connection, *tables.lock_table(connection, database, table), values)

    # locks

    def create_lock(self, parts: Iterable[LockPart], user: str, host: str, agent: str | None = None) -> Lock:
        with writing(self.engine) as connection:
            return locks.create_lock(connection, parts, user, host, agent, self.now())

    def check_lock(self, lock_id: int) -> Lock:
        with writing(self.engine) as connection:
            return locks.check_lock(connection, lock_id, self.now())

    def extend_lock(self, lock_id: int) -> None:
        with writing(self.engine) as connection:
            locks.extend_lock(connection, lock_id, self.now())

    def delete_lock(self, lock_id: int) -> None:
        with writing(self.engine) as connection:
            locks.delete_lock(connection, lock_id, self.now())

    def list_locks(self) -> list[Lock]:
        with reading(self.engine) as connection:
            return locks.list_locks(connection, self.now())

    # functions

    def create_function(self, function: Function) -> Function:
        with writing(self.engine) as connection:
            return functions.create_function(connection, function, self.now())

    def get_function(self, database: str, name: str) -> Function:
        with reading(self.engine) as connection:
            return functions.get_function(connection, database, name)

    def find_function(self, database: str, name: str) -> Function | None:
        with reading(self.engine) as connection:
            return functions.find_function(connection, database, name)

    def list_functions(self, database: str, limit: int = DEFAULT_PAGE, token: str | None = None) -> Page[Function]:
        with reading(self.engine) as connection:
            return functions.list_functions(connection, database, limit, token)

    def iter_functions(self, database: str) -> Iterator[Function]:
        return _pages(lambda limit, token: self.list_functions(database, limit, token))

    def update_function(self, database: str, name: str, function: Function) -> Function:
        with writing(self.engine) as connection:
            return functions.update_function(connection, database, name, function)

    def delete_function(self, database: str, name: str) -> None:
        with writing(self.engine) as connection:
            functions.delete_function(connection, database, name)

    # column statistics; a partition is told by its name

    def put_table_statistics(self, database: str, table: str, new: Sequence[ColumnStatistics]) -> None:
        with writing(self.engine) as connection:
            locked = tables.lock_table(connection, database, table)
            statistics.put_table_statistics(connection, *locked, new, self.now())

    def get_table_statistics(
        self, database: str, table: str, columns: Iterable[str] | None = None
    ) -> list[ColumnStatistics]:
        with reading(self.engine) as connection:
            table_id, _ = tables.locate_table(connection, database, table)
            return statistics.get_table_statistics(connection, table_id, columns)

    def delete_table_statistics(self, database: str, table: str, column: str | None = None) -> int:
        with writing(self.engine) as connection:
            table_id, _ = tables.lock_table(connection, database, table)
            return statistics.delete_table_statistics(connection, table_id, column)

    def put_partition_statistics(
        self, database: str, table: str, new: Mapping[str, Sequence[ColumnStatistics]]
    ) -> None:
        """Set those of all the partitions named, or of none."""
        with writing(self.engine) as connection:
            locked = tables.lock_table(connection, database, table)
            for partition, of_columns in new.items():
                statistics.put_partition_statistics(connection, *locked, partition, of_columns, self.now())

    def get_partition_statistics(
        self, database: str, table: str, partitions: Iterable[str], columns: Iterable[str] | None = None
    ) -> dict[str, list[ColumnStatistics]]:
        with reading(self.engine) as connection:
            table_id, _ = tables.locate_table(connection, database, table)
            return statistics.get_partition_statistics(connection, table_id, partitions, columns)

    def delete_partition_statistics(self, database: str, table: str, partition: str, column: str | None = None) -> int:
        with writing(self.engine) as connection:
            table_id, _ = tables.lock_table(connection, database, table)
            return statistics.delete_partition_statistics(connection, table_id, partition, column)

    # everything at once

    def apply(self, changes: Sequence[CatalogChange]) -> None:
        """Make all of `changes` in one transaction, in order; none if one is refused."""
        with writing(self.engine) as connection:
            self.apply_in(connection, changes)

    def apply_in(self, connection: Connection, changes: Sequence[CatalogChange]) -> None:
        """As `apply`, inside the transaction of a caller who records something of its own with it."""
        now = self.now()
        for change in changes:
            match change:
                case CreateTable(table, members):
                    tables.create_table(connection, table, now, self.origin)
                    locked = tables.lock_table(connection, table.database, table.name)
                    partitions.put_partitions(connection, *locked, members, now)
                case AlterTable(database, name, steps, token):
                    _, current = tables.lock_table(connection, database, name)
                    changed = apply_all(current, steps)
                    tables.update_table(connection, changed, now, self.origin, expected_token=token)
                case PutPartitions(database, name, members):
                    partitions.put_partitions(connection, *tables.lock_table(connection, database, name), members, now)
                case DeletePartitions(database, name, values):
                    partitions.delete_partitions(connection, *tables.lock_table(connection, database, name), values)
                case DeleteTable(database, name):
                    tables.delete_table(connection, database, name)
                case _:
                    assert_never(change)


def _pages(listing: Callable[[int, str | None], Page]) -> Iterator:  # type: ignore[type-arg]
    token = None
    while True:
        page = listing(1_000, token)
        yield from page.items
        token = page.next_token
        if token is None:
            return
