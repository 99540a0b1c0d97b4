"""The Hive Metastore as a face of promises: a real server on a socket, and the catalog's values over Thrift.

A metastore adds what the catalog does not keep; the driver takes it off again: folders in the warehouse for what has no
location, the database `default`, and the time of the last change among the parameters.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from inspect import cleandoc
from tempfile import TemporaryDirectory
from threading import local
from typing import Any

from api.hive import statistics
from api.hive.bindings import Failure, hive
from api.hive.client import Client
from api.hive.functions import function_struct, function_value
from api.hive.server import HiveServer
from api.hive.translate import (
    CHANGED_AT,
    database_struct,
    database_value,
    instant,
    partition_structs,
    partition_values,
    table_struct,
    table_value,
)
from catalog import errors
from catalog.catalog import Catalog
from catalog.model import Database, Function, Parameters, Partition, Table
from catalog.statistics import ColumnStatistics

# Promises that no metastore can keep, or not to the letter, with the reason.
CANNOT = {
    name: reason
    for reason, names in {
        "databases have no versions in Hive": (
            "test_an_update_of_a_database_replaces_all_but_its_name_and_age",
            "test_an_update_of_a_database_that_expects_another_version_changes_nothing",
            "test_of_updates_of_a_database_that_expect_one_version_one_is_made",
        ),
        "it looks at versions of tables at its end, which Hive has not": (
            "test_a_database_with_tables_is_deleted_with_them_when_that_is_asked_for",
        ),
        "Hive's table has no description, its columns no parameters, and EXTERNAL=TRUE makes any an external one": (
            "test_a_table_is_read_as_it_was_created",
        ),
        "lists of a missing database are empty in Hive": ("test_a_table_needs_its_database",),
        "Hive tells a function as missing, be it its database that is": (
            "test_what_is_missing_is_told_the_database_first",
        ),
        "it narrows a column's type in the end, which Hive refuses": (
            "test_statistics_go_with_their_column_their_type_their_partition_and_their_table",
        ),
        "in Hive partition keys never change": (
            "test_the_keys_that_partitions_are_named_by_cannot_change_while_there_are_partitions",
        ),
        "Hive tells a partition without columns with its table's, and gives one without a place a place": (
            "test_an_update_of_partitions_replaces_them_but_keeps_their_age",
            "test_one_update_may_hold_partitions_of_many_shapes",
        ),
    }.items()
    for name in names
}


class HiveThrift:
    """The verbs that a metastore has. There are no versions in it, and no pages."""

    def __init__(self, port: int, warehouse: str) -> None:
        self.port = port
        self.warehouse = warehouse
        self.clients: list[Client] = []
        self._own = local()  # a connection is one thread's

    def ask(self, name: str, *arguments: object) -> Any:
        if not hasattr(self._own, "client"):
            self._own.client = Client(self.port, timeout=60)
            self.clients.append(self._own.client)
        try:
            return self._own.client.call(name, *arguments)
        except Failure as failure:
            raise understood(failure.message or "") from failure

    def create_database(self, database: Database) -> None:
        self.ask("create_database", database_struct(database))

    def get_database(self, name: str) -> Database:
        found = database_value(self.ask("get_database", name))
        return replace(found, location=self._place(found.location))

    def list_databases(self) -> list[str]:
        return [name for name in self.ask("get_all_databases") if name != "default"]

    def update_database(self, database: Database) -> None:
        self.ask("alter_database", database.name, database_struct(database))

    def delete_database(self, name: str, cascade: bool = False) -> None:
        self.ask("drop_database", name, False, cascade)

    def create_table(self, table: Table) -> None:
        self.ask("create_table", table_struct(table))

    def get_table(self, database: str, name: str) -> Table:
        struct = self.ask("get_table", database, name)
        changed_at = instant(int(struct.parameters[CHANGED_AT]))
        table = table_value(struct)
        return replace(
            table,
            storage=replace(table.storage, location=self._place(table.storage.location)),
            parameters=_unchanging(table.parameters),
            created_at=instant(struct.createTime),
            updated_at=changed_at,
        )

    def list_tables(self, database: str) -> list[str]:
        found: list[str] = self.ask("get_all_tables", database)
        return found

    def update_table(self, table: Table) -> None:
        self.ask("alter_table", table.database, table.name, table_struct(table))

    def rename_table(self, database: str, name: str, new_database: str, new_name: str) -> None:
        struct = self.ask("get_table", database, name)
        struct.dbName, struct.tableName = new_database, new_name
        self.ask("alter_table", database, name, struct)

    def delete_table(self, database: str, name: str) -> None:
        self.ask("drop_table", database, name, False)

    def create_function(self, function: Function) -> None:
        self.ask("create_function", function_struct(function))

    def get_function(self, database: str, name: str) -> Function:
        struct = self.ask("get_function", database, name)
        return replace(function_value(struct), created_at=instant(struct.createTime))

    def list_functions(self, database: str) -> list[str]:
        found: list[str] = self.ask("get_functions", database, "*")
        return found

    def update_function(self, database: str, name: str, function: Function) -> None:
        self.ask("alter_function", database, name, function_struct(function))

    def delete_function(self, database: str, name: str) -> None:
        self.ask("drop_function", database, name)

    def put_table_statistics(self, database: str, table: str, new: Sequence[ColumnStatistics]) -> None:
        of = hive.ColumnStatisticsDesc(isTblLevel=True, dbName=database, tableName=table)
        self.ask("update_table_column_statistics", _statistics(of, new))

    def get_table_statistics(self, database: str, table: str, columns: Sequence[str]) -> list[ColumnStatistics]:
        found = (self._of_table(database, table, column) for column in columns)
        return sorted((each for each in found if each), key=lambda each: each.column)

    def _of_table(self, database: str, table: str, column: str) -> ColumnStatistics | None:
        return _analyzed(self.ask("get_table_column_statistics", database, table, column))

    def put_partition_statistics(
        self, database: str, table: str, new: Mapping[str, Sequence[ColumnStatistics]]
    ) -> None:
        described = [
            _statistics(
                hive.ColumnStatisticsDesc(isTblLevel=False, dbName=database, tableName=table, partName=name), each
            )
            for name, each in new.items()
        ]
        self.ask("set_aggr_stats_for", hive.SetPartitionsStatsRequest(colStats=described))

    def get_partition_statistics(
        self, database: str, table: str, partitions: Sequence[str], columns: Sequence[str]
    ) -> dict[str, list[ColumnStatistics]]:
        found: dict[str, list[ColumnStatistics]] = {}
        for name in partitions:
            for column in sorted(columns):
                each = _analyzed(self.ask("get_partition_column_statistics", database, table, name, column))
                if each is not None:
                    found.setdefault(name, []).append(each)
        return found

    def create_partitions(
        self, database: str, table: str, new: Sequence[Partition], if_not_exists: bool = False
    ) -> list[Partition]:
        request = hive.AddPartitionsRequest(
            dbName=database,
            tblName=table,
            parts=self._structs(database, table, new),
            ifNotExists=if_not_exists,
            needResult=True,
        )
        return self._values(self.ask("add_partitions_req", request).partitions)

    def update_partitions(self, database: str, table: str, changed: Sequence[Partition]) -> None:
        self.ask("alter_partitions", database, table, self._structs(database, table, changed))

    def get_partition(self, database: str, table: str, values: tuple[str, ...]) -> Partition:
        return self._values([self.ask("get_partition", database, table, list(values))])[0]

    def list_partitions(self, database: str, table: str, filter: str | None = None) -> list[Partition]:
        if filter is None:
            return self._values(self.ask("get_partitions", database, table, -1))
        return self._values(self.ask("get_partitions_by_filter", database, table, filter, -1))

    def delete_partitions(self, database: str, table: str, values: Sequence[tuple[str, ...]]) -> int:
        """By names, as only these are taken many at once."""
        keys = self.get_table(database, table)
        if any(len(each) != len(keys.partition_keys) for each in values):
            return int(self.ask("drop_partition", database, table, list(values[0]), False))
        parts = hive.RequestPartsSpec(names=[Partition(each).name(keys) for each in values])
        request = hive.DropPartitionsRequest(
            dbName=database, tblName=table, parts=parts, deleteData=False, ifExists=True, needResult=True
        )
        return len(self.ask("drop_partitions_req", request).partitions)

    def _structs(self, database: str, table: str, partitions: Sequence[Partition]) -> list[Any]:
        return list(partition_structs(Table(database, table), partitions))

    def _values(self, structs: Sequence[Any]) -> list[Partition]:
        read = zip(structs, partition_values(structs), strict=True)
        return [
            replace(
                each,
                storage=replace(each.storage, location=self._place(each.storage.location)),
                parameters=_unchanging(each.parameters),
                created_at=instant(struct.createTime),
            )
            for struct, each in read
        ]

    def _place(self, location: str | None) -> str | None:
        return None if location is None or location.startswith(self.warehouse) else location


@contextmanager
def hive_thrift(catalog: Catalog) -> Iterator[HiveThrift]:
    with TemporaryDirectory(prefix="isinglass-warehouse-") as folder:
        server = HiveServer(catalog, "127.0.0.1", 0, f"file:{folder}")
        server.start()
        face = HiveThrift(server.port, f"file:{folder}")
        yield face
        for client in face.clients:
            client.close()
        server.stop()


def understood(message: str) -> errors.DomainError:
    """The catalog's failure that a message tells."""
    for shape, failure in _SHAPES:
        if found := shape.fullmatch(message):
            return failure(**found.groupdict())
    raise AssertionError(f"the metastore told what no failure of the catalog says: {message}")


def _shape(failure: type[errors.DomainError]) -> re.Pattern[str]:
    """The docstring, which is the message, as a pattern of its facts."""
    parts = re.split(r"\{(\w+)(!r)?\}", cleandoc(failure.__doc__ or ""))
    text = "".join(
        re.escape(parts[at]) + (f"(?P<{parts[at + 1]}>.*?)" if at + 1 < len(parts) else "")
        for at in range(0, len(parts), 3)
    )
    return re.compile(text, re.DOTALL)


_FAILURES: list[type[errors.DomainError]] = [
    errors.NotFound,
    errors.AlreadyExists,
    errors.DatabaseNotEmpty,
    errors.InvalidPredicate,
    errors.InvalidInput,
]
# The first are Hive's words, which its clients look for.
_SHAPES: list[tuple[re.Pattern[str], Callable[..., errors.DomainError]]] = [
    (re.compile(r"Function (?P<name>.*) does not exist"), lambda name: errors.NotFound(kind="Function", name=name)),
    *((_shape(failure), failure) for failure in _FAILURES),
]


def _unchanging(parameters: Parameters) -> Parameters:
    return {name: value for name, value in parameters.items() if name != CHANGED_AT}


def _statistics(of: Any, new: Sequence[ColumnStatistics]) -> Any:
    return hive.ColumnStatistics(statsDesc=of, statsObj=[statistics.statistics_struct(each) for each in new])


def _analyzed(found: Any) -> ColumnStatistics | None:
    if found is None:
        return None
    [struct] = found.statsObj
    return replace(statistics.statistics_value(struct), analyzed_at=instant(found.statsDesc.lastAnalyzed))
