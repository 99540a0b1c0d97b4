"""The front door to what is read of many databases or tables at once: the same in as many statements as of one.

What is asked of a database or table that is not there is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection, Engine

from catalog import history, indexes, partitions, statistics, tables, versions
from catalog.db import reading
from catalog.errors import DomainError
from catalog.history import TableChange
from catalog.model import Origin, Page, Partition, PartitionIndex, Table, TableKey, TableVersion
from catalog.statistics import ColumnStatistics

Found = TypeVar("Found")


class BatchDoors:
    """The verbs of many at once; `Catalog` is where they are asked."""

    engine: Engine

    def batch_list_tables(self, databases: Sequence[str], limit: int, token: str | None) -> dict[str, Page[Table]]:
        with reading(self.engine) as connection:
            return tables.batch_list_tables(connection, databases, limit, token)

    def batch_get_origins(self, of: Sequence[TableKey]) -> dict[TableKey, Origin]:
        with reading(self.engine) as connection:
            return versions.batch_get_origins(connection, of)

    def batch_list_versions(
        self, of: Sequence[TableKey], limit: int, token: str | None
    ) -> dict[TableKey, Page[TableVersion]]:
        def read(connection: Connection, there: dict[int, Table]) -> dict[int, Page[TableVersion]]:
            return versions.batch_list_versions(connection, there, limit, dict.fromkeys(there, token))

        return self._of_each(of, read)

    def batch_get_versions(self, wanted: Mapping[TableKey, Iterable[int]]) -> dict[TableKey, dict[int, TableVersion]]:
        """Those of the wanted versions that are there, of each table by their numbers."""

        def read(connection: Connection, there: dict[int, Table]) -> dict[int, dict[int, TableVersion]]:
            numbers = {of: wanted[table.database, table.name] for of, table in there.items()}
            return versions.batch_get_versions(connection, there, numbers)

        return self._of_each(list(wanted), read)

    def batch_get_tables_as_of(self, of: Sequence[TableKey], instant: datetime) -> dict[TableKey, TableVersion]:
        """Raises InvalidInput for an instant without a time zone."""
        return self._of_each(
            of, lambda connection, there: versions.batch_get_versions_as_of(connection, there, instant)
        )

    def batch_list_changes(
        self, of: Sequence[TableKey], column: str | None, limit: int, token: str | None
    ) -> dict[TableKey, Page[TableChange]]:
        return self._of_each(
            of, lambda connection, there: history.batch_list_changes(connection, there, column, limit, token)
        )

    def batch_count_partitions(self, of: Sequence[TableKey]) -> dict[TableKey, int]:
        with reading(self.engine) as connection:
            return partitions.batch_count_partitions(connection, of)

    def batch_list_partitions(
        self, of: Sequence[TableKey], filter: str | None, limit: int, token: str | None
    ) -> dict[TableKey, Page[Partition] | DomainError]:
        """Of a table that the filter does not fit, why."""
        return self._of_each(
            of, lambda connection, there: partitions.batch_list_partitions(connection, there, filter, limit, token)
        )

    def batch_list_partition_indexes(self, of: Sequence[TableKey]) -> dict[TableKey, list[PartitionIndex]]:
        return self._of_each(of, lambda connection, there: indexes.batch_list_indexes(connection, list(there)))

    def batch_get_table_statistics(
        self, of: Sequence[TableKey], columns: Iterable[str] | None
    ) -> dict[TableKey, list[ColumnStatistics]]:
        return self._of_each(
            of, lambda connection, there: statistics.batch_get_table_statistics(connection, list(there), columns)
        )

    def batch_get_partition_statistics(
        self, of: Mapping[TableKey, Sequence[tuple[str, ...]]], columns: Iterable[str] | None
    ) -> dict[tuple[TableKey, tuple[str, ...]], list[ColumnStatistics]]:
        """By table and values, of the partitions that have any."""
        with reading(self.engine) as connection:
            located = tables.batch_locate_tables(connection, list(of))
            named = {
                key: {
                    Partition(values).name(table): values
                    for values in of[key]
                    if len(values) == len(table.partition_keys)  # of a table that was made anew, they may not
                }
                for key, (_, table) in located.items()
            }
            keys = {table_id: key for key, (table_id, _) in located.items()}
            found = statistics.batch_get_partition_statistics(
                connection, {table_id: named[key] for table_id, key in keys.items()}, columns
            )
            return {(keys[table_id], named[keys[table_id]][name]): each for (table_id, name), each in found.items()}

    def _of_each(
        self, of: Sequence[TableKey], read: Callable[[Connection, dict[int, Table]], Mapping[int, Found]]
    ) -> dict[TableKey, Found]:
        with reading(self.engine) as connection:
            located = tables.batch_locate_tables(connection, of)
            found = read(connection, dict(located.values()))
            return {key: found[table_id] for key, (table_id, _) in located.items() if table_id in found}
