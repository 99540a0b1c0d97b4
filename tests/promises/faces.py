"""The faces that promises are proved on: one driver for each, all speaking the catalog's values.

A driver has the verbs that its protocol has; `over` picks the drivers that have all the verbs a promise needs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import Any, Protocol

import pytest

from catalog.catalog import Catalog
from catalog.changes import CatalogChange
from catalog.model import Connection, Database, Function, Page, Partition, PartitionIndex, Table, TableVersion
from catalog.statistics import ColumnStatistics
from tests.promises import glue_driver, graphql_driver, hive_driver


class Face(Protocol):
    """The verbs. A refusal is raised as the catalog's own failure, whatever the protocol makes of it."""

    def create_database(self, database: Database) -> None: ...
    def get_database(self, name: str) -> Database: ...
    def list_databases(self) -> list[str]: ...
    def update_database(self, database: Database, expected_version: int | None = None) -> None: ...
    def delete_database(self, name: str, cascade: bool = False) -> None: ...

    def create_table(self, table: Table) -> None: ...
    def get_table(self, database: str, name: str) -> Table: ...
    def list_tables(self, database: str) -> list[str]: ...
    def page_tables(self, database: str, limit: int, token: str | None) -> Page[Table]: ...
    def update_table(self, table: Table, expected_version: int | None = None) -> None: ...
    def rename_table(self, database: str, name: str, new_database: str, new_name: str) -> None: ...
    def delete_table(self, database: str, name: str) -> None: ...

    def get_version(self, database: str, name: str, version: int) -> TableVersion: ...
    def list_versions(self, database: str, name: str) -> list[TableVersion]: ...
    def get_table_as_of(self, database: str, name: str, instant: datetime) -> TableVersion: ...
    def restore_version(self, database: str, name: str, version: int, expected_version: int | None = None) -> None: ...
    def delete_versions(self, database: str, name: str, numbers: Sequence[int]) -> int: ...

    def create_function(self, function: Function) -> None: ...
    def get_function(self, database: str, name: str) -> Function: ...
    def list_functions(self, database: str) -> list[str]: ...
    def page_functions(self, database: str, limit: int, token: str | None) -> Page[Function]: ...
    def update_function(self, database: str, name: str, function: Function) -> None: ...
    def delete_function(self, database: str, name: str) -> None: ...

    def put_table_statistics(self, database: str, table: str, new: Sequence[ColumnStatistics]) -> None: ...
    def get_table_statistics(self, database: str, table: str, columns: Sequence[str]) -> list[ColumnStatistics]: ...
    def delete_table_statistics(self, database: str, table: str, column: str | None = None) -> int: ...
    def put_partition_statistics(
        self, database: str, table: str, new: Mapping[str, Sequence[ColumnStatistics]]
    ) -> None: ...
    def get_partition_statistics(
        self, database: str, table: str, partitions: Sequence[str], columns: Sequence[str]
    ) -> dict[str, list[ColumnStatistics]]: ...
    def delete_partition_statistics(
        self, database: str, table: str, partition: str, column: str | None = None
    ) -> int: ...

    def create_partitions(
        self, database: str, table: str, new: Sequence[Partition], if_not_exists: bool = False
    ) -> list[Partition]: ...
    def update_partitions(self, database: str, table: str, changed: Sequence[Partition]) -> None: ...
    def get_partition(self, database: str, table: str, values: tuple[str, ...]) -> Partition: ...
    def list_partitions(self, database: str, table: str, filter: str | None = None) -> list[Partition]: ...
    def page_partitions(
        self, database: str, table: str, filter: str | None, limit: int, token: str | None
    ) -> Page[Partition]: ...
    def delete_partitions(self, database: str, table: str, values: Sequence[tuple[str, ...]]) -> int: ...

    def create_partition_index(self, database: str, table: str, index: PartitionIndex) -> None: ...
    def list_partition_indexes(self, database: str, table: str) -> list[PartitionIndex]: ...
    def delete_partition_index(self, database: str, table: str, name: str) -> None: ...

    def create_connection(self, new: Connection, secrets: Mapping[str, str]) -> None: ...
    def get_connection(self, name: str) -> Connection: ...
    def page_connections(self, limit: int, token: str | None) -> Page[Connection]: ...
    def update_connection(
        self, changed: Connection, secrets: Mapping[str, str], expected_version: int | None = None
    ) -> None: ...
    def delete_connection(self, name: str) -> None: ...

    def apply(self, changes: Sequence[CatalogChange]) -> None: ...


class InProcess:
    """Python's own face: the catalog's verbs."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog

    def create_database(self, database: Database) -> None:
        self.catalog.create_database(database)

    def get_database(self, name: str) -> Database:
        return self.catalog.get_database(name)

    def list_databases(self) -> list[str]:
        return [database.name for database in self.catalog.iter_databases()]

    def update_database(self, database: Database, expected_version: int | None = None) -> None:
        self.catalog.update_database(database, expected_version)

    def delete_database(self, name: str, cascade: bool = False) -> None:
        self.catalog.delete_database(name, cascade)

    def create_table(self, table: Table) -> None:
        self.catalog.create_table(table)

    def get_table(self, database: str, name: str) -> Table:
        return self.catalog.get_table(database, name)

    def list_tables(self, database: str) -> list[str]:
        return [table.name for table in self.catalog.iter_tables(database)]

    def page_tables(self, database: str, limit: int, token: str | None) -> Page[Table]:
        return self.catalog.list_tables(database, limit, token)

    def update_table(self, table: Table, expected_version: int | None = None) -> None:
        self.catalog.update_table(table, expected_version)

    def rename_table(self, database: str, name: str, new_database: str, new_name: str) -> None:
        self.catalog.rename_table(database, name, new_database, new_name)

    def delete_table(self, database: str, name: str) -> None:
        self.catalog.delete_table(database, name)

    def get_version(self, database: str, name: str, version: int) -> TableVersion:
        return self.catalog.get_version(database, name, version)

    def list_versions(self, database: str, name: str) -> list[TableVersion]:
        return list(self.catalog.list_versions(database, name, limit=1_000).items)

    def get_table_as_of(self, database: str, name: str, instant: datetime) -> TableVersion:
        return self.catalog.get_table_as_of(database, name, instant)

    def restore_version(self, database: str, name: str, version: int, expected_version: int | None = None) -> None:
        self.catalog.restore_version(database, name, version, expected_version)

    def delete_versions(self, database: str, name: str, numbers: Sequence[int]) -> int:
        return self.catalog.delete_versions(database, name, numbers)

    def create_function(self, function: Function) -> None:
        self.catalog.create_function(function)

    def get_function(self, database: str, name: str) -> Function:
        return self.catalog.get_function(database, name)

    def list_functions(self, database: str) -> list[str]:
        return [function.name for function in self.catalog.iter_functions(database)]

    def page_functions(self, database: str, limit: int, token: str | None) -> Page[Function]:
        return self.catalog.list_functions(database, limit, token)

    def update_function(self, database: str, name: str, function: Function) -> None:
        self.catalog.update_function(database, name, function)

    def delete_function(self, database: str, name: str) -> None:
        self.catalog.delete_function(database, name)

    def put_table_statistics(self, database: str, table: str, new: Sequence[ColumnStatistics]) -> None:
        self.catalog.put_table_statistics(database, table, new)

    def get_table_statistics(self, database: str, table: str, columns: Sequence[str]) -> list[ColumnStatistics]:
        return self.catalog.get_table_statistics(database, table, columns)

    def delete_table_statistics(self, database: str, table: str, column: str | None = None) -> int:
        return self.catalog.delete_table_statistics(database, table, column)

    def put_partition_statistics(
        self, database: str, table: str, new: Mapping[str, Sequence[ColumnStatistics]]
    ) -> None:
        self.catalog.put_partition_statistics(database, table, new)

    def get_partition_statistics(
        self, database: str, table: str, partitions: Sequence[str], columns: Sequence[str]
    ) -> dict[str, list[ColumnStatistics]]:
        return self.catalog.get_partition_statistics(database, table, partitions, columns)

    def delete_partition_statistics(self, database: str, table: str, partition: str, column: str | None = None) -> int:
        return self.catalog.delete_partition_statistics(database, table, partition, column)

    def create_partitions(
        self, database: str, table: str, new: Sequence[Partition], if_not_exists: bool = False
    ) -> list[Partition]:
        return self.catalog.create_partitions(database, table, new, if_not_exists)

    def update_partitions(self, database: str, table: str, changed: Sequence[Partition]) -> None:
        self.catalog.update_partitions(database, table, changed)

    def get_partition(self, database: str, table: str, values: tuple[str, ...]) -> Partition:
        return self.catalog.get_partition(database, table, values)

    def list_partitions(self, database: str, table: str, filter: str | None = None) -> list[Partition]:
        return list(self.catalog.iter_partitions(database, table, filter))

    def page_partitions(
        self, database: str, table: str, filter: str | None, limit: int, token: str | None
    ) -> Page[Partition]:
        return self.catalog.list_partitions(database, table, filter, limit, token)

    def delete_partitions(self, database: str, table: str, values: Sequence[tuple[str, ...]]) -> int:
        return self.catalog.delete_partitions(database, table, values)

    def create_partition_index(self, database: str, table: str, index: PartitionIndex) -> None:
        self.catalog.create_partition_index(database, table, index)

    def list_partition_indexes(self, database: str, table: str) -> list[PartitionIndex]:
        return self.catalog.list_partition_indexes(database, table)

    def delete_partition_index(self, database: str, table: str, name: str) -> None:
        self.catalog.delete_partition_index(database, table, name)

    def create_connection(self, new: Connection, secrets: Mapping[str, str]) -> None:
        self.catalog.create_connection(new, secrets)

    def get_connection(self, name: str) -> Connection:
        return self.catalog.get_connection(name)

    def page_connections(self, limit: int, token: str | None) -> Page[Connection]:
        return self.catalog.list_connections(limit, token)

    def update_connection(
        self, changed: Connection, secrets: Mapping[str, str], expected_version: int | None = None
    ) -> None:
        self.catalog.update_connection(changed, secrets, expected_version)

    def delete_connection(self, name: str) -> None:
        self.catalog.delete_connection(name)

    def apply(self, changes: Sequence[CatalogChange]) -> None:
        self.catalog.apply(changes)


def _in_process(catalog: Catalog) -> AbstractContextManager[InProcess]:
    return nullcontext(InProcess(catalog))


# A driver: its class, which says what verbs it has, and how it is opened over a catalog.
DRIVERS: dict[str, tuple[type, Callable[[Catalog], AbstractContextManager[Any]]]] = {
    "in process": (InProcess, _in_process),
    "Glue JSON": (glue_driver.GlueJson, glue_driver.opened),
    "GraphQL": (graphql_driver.GraphQL, graphql_driver.opened),
    "Hive Thrift": (hive_driver.HiveThrift, hive_driver.hive_thrift),
}


# Of a face, the promises that its protocol cannot keep although it has the verbs, with the reasons.
CANNOT: dict[str, dict[str, str]] = {
    "Glue JSON": glue_driver.CANNOT,
    "GraphQL": graphql_driver.CANNOT,
    "Hive Thrift": hive_driver.CANNOT,
}


def over(*verbs: str) -> pytest.MarkDecorator:
    """Prove a promise on each face that has all of `verbs`, and those that the module names."""
    return pytest.mark.over(*verbs)


def faces_with(verbs: set[str], promise: str) -> list[str]:
    able = [
        name
        for name, (driver, _) in DRIVERS.items()
        if all(hasattr(driver, verb) for verb in verbs) and promise not in CANNOT.get(name, ())
    ]
    assert able, f"no face has {sorted(verbs)}"
    return able
