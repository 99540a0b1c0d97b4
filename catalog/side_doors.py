"""The front door to the nouns beside tables, from connections to column statistics, and to the search of all nouns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Engine

from catalog import connections, functions, indexes, locks, model, statistics, tables
from catalog.db import reading, writing
from catalog.locks import Lock, LockPart
from catalog.model import Function, Page, Parameters, PartitionIndex
from catalog.paging import DEFAULT_PAGE, all_pages
from catalog.sealing import Sealer
from catalog.search.search import EVERYTHING, Hit, Narrowing, search
from catalog.search.sources import SOURCES
from catalog.statistics import ColumnStatistics


class SideDoors:
    """The verbs of the nouns beside tables; `Catalog` is where they are asked."""

    engine: Engine
    now: Callable[[], datetime]
    sealer: Callable[[], Sealer]  # asked before each transaction, as keys may lie in a file and be rotated

    # search

    def search(
        self, text: str, narrowing: Narrowing = EVERYTHING, limit: int = DEFAULT_PAGE, token: str | None = None
    ) -> Page[Hit]:
        """What `text` is found in, the best first; the things of this package alone."""
        return search(self.engine, SOURCES, text, narrowing, limit, token)

    # connections; what is secret of them is written and never read, but by `unsealed_connection`

    def create_connection(
        self, new: model.Connection, secrets: Mapping[str, str] | None = None, tags: Mapping[str, str] | None = None
    ) -> model.Connection:
        sealer = self.sealer()
        with writing(self.engine) as connection:
            return connections.create_connection(connection, new, secrets or {}, sealer, self.now(), tags)

    def get_connection(self, name: str) -> model.Connection:
        with reading(self.engine) as connection:
            return connections.get_connection(connection, name)

    def find_connection(self, name: str) -> model.Connection | None:
        with reading(self.engine) as connection:
            return connections.find_connection(connection, name)

    def list_connections(
        self, limit: int = DEFAULT_PAGE, token: str | None = None, kind: str | None = None
    ) -> Page[model.Connection]:
        with reading(self.engine) as connection:
            return connections.list_connections(connection, limit, token, kind)

    def iter_connections(self) -> Iterator[model.Connection]:
        return all_pages(self.list_connections)

    def update_connection(
        self,
        changed: model.Connection,
        secrets: Mapping[str, str] | None = None,
        expected_version: int | None = None,
    ) -> model.Connection:
        sealer = self.sealer()
        with writing(self.engine) as connection:
            return connections.update_connection(
                connection, changed, secrets or {}, sealer, self.now(), expected_version
            )

    def delete_connection(self, name: str) -> None:
        with writing(self.engine) as connection:
            connections.delete_connection(connection, name)

    def unsealed_connection(self, name: str) -> tuple[model.Connection, Parameters]:
        """The connection, and its properties with the secret ones among them: never to be told by a face."""
        sealer = self.sealer()
        with reading(self.engine) as connection:
            return connections.unsealed_connection(connection, name, sealer)

    def reseal_secrets(self) -> int:
        """Seal with the current key what another sealed; how many secrets that were. Raises SecretUnusable."""
        sealer = self.sealer()
        with writing(self.engine) as connection:
            return connections.reseal_secrets(connection, sealer)

    # partition indexes

    def create_partition_index(self, database: str, table: str, index: PartitionIndex) -> PartitionIndex:
        with writing(self.engine) as connection:
            locked = tables.lock_table(connection, database, table)
            return indexes.create_index(connection, *locked, index, self.now())

    def get_partition_index(self, database: str, table: str, name: str) -> PartitionIndex:
        with reading(self.engine) as connection:
            return indexes.get_index(connection, *tables.locate_table(connection, database, table), name)

    def list_partition_indexes(self, database: str, table: str) -> list[PartitionIndex]:
        """All of them: a table has few."""
        with reading(self.engine) as connection:
            return indexes.list_indexes(connection, tables.locate_table(connection, database, table)[0])

    def delete_partition_index(self, database: str, table: str, name: str) -> PartitionIndex:
        with writing(self.engine) as connection:
            return indexes.delete_index(connection, *tables.lock_table(connection, database, table), name)

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
        return all_pages(lambda limit, token: self.list_functions(database, limit, token))

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
