"""The front door: opens one transaction for each call, and calls the verbs of the nouns."""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import assert_never

from sqlalchemy import Connection, Engine

from catalog import databases, history, partitions, tables, versions
from catalog import indexes as partition_indexes
from catalog.batch_doors import BatchDoors
from catalog.changes import (
    AlterTable,
    CatalogChange,
    CreateTable,
    DeletePartitions,
    DeleteTable,
    ExpectTable,
    IndexPartitions,
    PutPartitions,
    apply_all,
)
from catalog.db import reading, writing
from catalog.history import TableChange
from catalog.locations import locations_below, tables_below
from catalog.model import Database, Origin, Page, Partition, PartitionIndex, Table, TableKey, TableVersion
from catalog.paging import DEFAULT_PAGE, all_pages
from catalog.partition_rows import StoredPartition
from catalog.partitions import Segment
from catalog.registry.doors import RegistryDoors
from catalog.rehearsal import rehearsing
from catalog.removals import Removal
from catalog.retention import KEEP_ALL, Retention, prune_versions, retention_of
from catalog.sealing import Sealer
from catalog.side_doors import SideDoors
from catalog.stamps import Stamp, Stamps
from catalog.storages import prune_storages


def utc_now() -> datetime:
    return datetime.now(UTC)


class Catalog(BatchDoors, SideDoors, RegistryDoors):
    """All that can be asked of, and done to, databases, tables, partitions and versions, and the nouns beside them.

    Lists come in pages of at most `limit` items with an opaque token for the next; `iter_…` gives everything.
    """

    def __init__(
        self,
        engine: Engine,
        origin: Origin,
        now: Callable[[], datetime] = utc_now,
        sealer: Callable[[], Sealer] = Sealer,
        retention: Retention = KEEP_ALL,
    ) -> None:
        self.engine = engine
        self.origin = origin
        self.now = now
        self.sealer = sealer
        self.retention = retention
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

    def create_database(self, database: Database, tags: Mapping[str, str] | None = None) -> Database:
        with writing(self.engine) as connection:
            return databases.create_database(connection, database, self.now(), tags)

    def get_database(self, name: str) -> Database:
        with reading(self.engine) as connection:
            return databases.get_database(connection, name)

    def find_database(self, name: str) -> Database | None:
        with reading(self.engine) as connection:
            return databases.find_database(connection, name)

    def find_home(self, name: str, table: str) -> tuple[Database | None, bool]:
        """The database, and whether it has a table of that name: what is to be known before one is given a folder."""
        with reading(self.engine) as connection:
            return databases.find_home(connection, name, table)

    def list_databases(self, limit: int = DEFAULT_PAGE, token: str | None = None) -> Page[Database]:
        with reading(self.engine) as connection:
            return databases.list_databases(connection, limit, token)

    def iter_databases(self) -> Iterator[Database]:
        return all_pages(self.list_databases)

    def update_database(self, database: Database, expected_version: int | None = None) -> Database:
        with writing(self.engine) as connection:
            return databases.update_database(connection, database, expected_version)

    def delete_database(self, name: str, cascade: bool = False) -> Removal:
        with writing(self.engine) as connection:
            return databases.delete_database(connection, name, cascade)

    # tables

    def create_table(self, table: Table, indexes: Sequence[PartitionIndex] = ()) -> Table:
        """The table, and partition indexes with it; neither if one of these is refused."""
        with writing(self.engine) as connection:
            created = tables.create_table(connection, table, self.now(), self.origin)
            for index in indexes:
                locked = tables.lock_table(connection, created.database, created.name)
                partition_indexes.create_index(connection, *locked, index, self.now())
            return created

    def get_table(self, database: str, name: str) -> Table:
        with reading(self.engine) as connection:
            return tables.get_table(connection, database, name)

    def find_table(self, database: str, name: str) -> Table | None:
        with reading(self.engine) as connection:
            return tables.find_table(connection, database, name)

    def list_tables(
        self,
        database: str,
        limit: int = DEFAULT_PAGE,
        token: str | None = None,
        fits: Callable[[str], bool] | None = None,
    ) -> Page[Table]:
        """Those whose names `fits` takes, or all."""
        with reading(self.engine) as connection:
            return tables.list_tables(connection, database, limit, token, fits)

    def iter_tables(self, database: str) -> Iterator[Table]:
        return all_pages(lambda limit, token: self.list_tables(database, limit, token))

    def list_table_names(self, database: str) -> Sequence[str]:
        with reading(self.engine) as connection:
            return tables.list_table_names(connection, database)

    def locations_below(self, location: str, excluding: Collection[TableKey] = ()) -> dict[TableKey, str]:
        """The locations of the other tables at or below `location`, whichever way it is spelled."""
        with reading(self.engine) as connection:
            return locations_below(connection, location, excluding)

    def tables_below(self, location: str, excluding: Collection[TableKey] = ()) -> dict[TableKey, str]:
        """The same by the tables' own locations alone; quick however many partitions there are."""
        with reading(self.engine) as connection:
            return tables_below(connection, location, excluding)

    def stamps_of_table(self, database: str, name: str) -> Callable[[], Stamp | None]:
        """What tells a stamp of the table each time that it is asked; None if the table is not there.

        Equal stamps tell that the table has not changed between them.
        """
        return self.stamps.of_table(database, name)

    def stamps_of_database(self, name: str) -> Callable[[], Stamp | None]:
        return self.stamps.of_database(name)

    def update_table(
        self, table: Table, expected_version: int | None = None, expected_token: int | None = None
    ) -> Table:
        with writing(self.engine) as connection:
            return tables.update_table(
                connection, table, self.now(), self.origin, expected_version, expected_token, retention=self.retention
            )

    def overwrite_table(self, table: Table, expected_version: int | None = None) -> Table:
        """As update_table, and the version that was in force is not kept."""
        with writing(self.engine) as connection:
            key, before = tables.lock_table(connection, table.database, table.name)
            changed = tables.update_table(
                connection, table, self.now(), self.origin, expected_version, retention=self.retention
            )
            if changed.version != before.version:
                versions.delete_versions(connection, key, changed, [before.version])
            return changed

    def revise_table(self, database: str, name: str, revise: Callable[[Table], Table]) -> Table:
        """Update the table to what `revise` makes of it; what that raises leaves all as it is."""
        with writing(self.engine) as connection:
            return tables.revise_table(
                connection, database, name, revise, self.now(), self.origin, retention=self.retention
            )

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
            tables.update_table(
                connection, changed, now, self.origin, expected_token=expected_token, retention=self.retention
            )
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

    def list_changes(
        self, database: str, name: str, column: str | None = None, limit: int = DEFAULT_PAGE, token: str | None = None
    ) -> Page[TableChange]:
        """What each version changed, newest first; with `column`, those that changed it. Raises NotFound."""
        with reading(self.engine) as connection:
            found = tables.locate_table(connection, database, name)
            return history.list_changes(connection, *found, column, limit, token)

    def get_table_as_of(self, database: str, name: str, instant: datetime) -> TableVersion:
        with reading(self.engine) as connection:
            return versions.get_version_as_of(connection, *tables.locate_table(connection, database, name), instant)

    def restore_version(self, database: str, name: str, version: int, expected_version: int | None = None) -> Table:
        with writing(self.engine) as connection:
            now = self.now()
            return tables.restore_version(
                connection, database, name, version, now, self.origin, expected_version, self.retention
            )

    def delete_versions(self, database: str, name: str, numbers: Iterable[int]) -> int:
        with writing(self.engine) as connection:
            return versions.delete_versions(connection, *tables.lock_table(connection, database, name), numbers)

    def prune_versions(self, database: str, name: str) -> int:
        """Delete the versions that the table's retention does not keep; how many those were. Raises NotFound."""
        with writing(self.engine) as connection:
            table_id, table = tables.lock_table(connection, database, name)
            return prune_versions(connection, table_id, retention_of(table, self.retention), self.now())

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
        self,
        database: str,
        table: str,
        filter: str | None = None,
        limit: int = DEFAULT_PAGE,
        token: str | None = None,
        segment: Segment | None = None,
    ) -> Page[Partition]:
        """Those of the segment, or all; those that match `filter`, or all."""
        with reading(self.engine) as connection:
            return partitions.list_partitions(
                connection, *tables.locate_table(connection, database, table), filter, limit, token, segment
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

    def delete_partitions(self, database: str, table: str, values: Iterable[tuple[str, ...]]) -> int:
        with writing(self.engine) as connection:
            return partitions.delete_partitions(connection, *tables.lock_table(connection, database, table), values)

    def delete_matching_partitions(self, database: str, table: str, filter: str) -> int:
        """As delete_partitions, of those that match `filter`."""
        with writing(self.engine) as connection:
            locked = tables.lock_table(connection, database, table)
            doomed = [each.values for each in partitions.iter_partitions(connection, *locked, filter)]
            return partitions.delete_partitions(connection, *locked, doomed)

    def prune_storages(self) -> int:
        """Delete some of what no partition refers to any more; how much there was."""
        with writing(self.engine) as connection:
            return prune_storages(connection)

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
                    tables.update_table(
                        connection, changed, now, self.origin, expected_token=token, retention=self.retention
                    )
                case PutPartitions(database, name, members):
                    partitions.put_partitions(connection, *tables.lock_table(connection, database, name), members, now)
                case DeletePartitions(database, name, values):
                    partitions.delete_partitions(connection, *tables.lock_table(connection, database, name), values)
                case DeleteTable(database, name):
                    tables.delete_table(connection, database, name)
                case IndexPartitions(database, name, index, keys):
                    locked = tables.lock_table(connection, database, name)
                    partition_indexes.put_index(connection, *locked, PartitionIndex(index, keys), now)
                case ExpectTable():
                    tables.demand_expected(connection, change)
                case _:
                    assert_never(change)
