"""Another Hive Metastore as a source, over its Thrift protocol; any of Hive 2.3 and later, and our own service."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, TypeVar
from urllib.parse import urlsplit

from thriftpy2.thrift import TApplicationException

from api.hive.bindings import Failure, hive
from api.hive.client import Client
from api.hive.functions import function_value
from api.hive.statistics import partition_named, statistics_value
from api.hive.translate import database_value, instant, partition_values, table_value
from api.hive.write_back import stored_partitions, unshown
from api.moving.errors import SourceUnavailable
from api.moving.records import (
    DATABASE,
    FUNCTION,
    PARTITION,
    STATISTICS,
    TABLE,
    Partitions,
    PartitionStatistics,
    Record,
    TableStatistics,
    Untold,
    batched,
)
from catalog.errors import DomainError, InvalidInput
from catalog.model import Partition, Table

TABLES_AT_ONCE = 100
Answer = TypeVar("Answer")


@contextmanager
def metastore(uri: str) -> Iterator[Client]:
    """A client of the metastore at `uri`, such as thrift://host:9083. Raises InvalidInput, SourceUnavailable."""
    try:
        parts = urlsplit(uri)
        host, port = parts.hostname, parts.port or 9083
    except ValueError:
        host, port = None, 0
    if host is None or parts.scheme != "thrift":
        raise InvalidInput(what=f"metastore {uri}", why="it is no URI such as thrift://host:9083.")
    try:
        with Client(port, host) as client:
            yield client
    except ConnectionError as error:
        raise SourceUnavailable(source=f"Metastore {uri}", why=error) from error


def read_metastore(client: Client, wanted: Callable[[str], bool], statistics: bool = True) -> Iterator[Record]:
    """The databases that are `wanted` with all that is in them. A thing that the metastore cannot tell is Untold.

    Raises ConnectionError if it cannot be reached at all, or no more.
    """
    source = _Metastore(client, statistics, ours=_is_ours(client))
    for name in sorted(client.call("get_all_databases")):
        if wanted(name):
            yield from source.database(name)


def _is_ours(client: Client) -> bool:
    try:
        return bool(client.call("getName") == "Isinglass")
    except TApplicationException:
        return False


@dataclass
class _Metastore:
    client: Client
    statistics: bool
    ours: bool

    def database(self, name: str) -> Iterator[Record]:
        found = self._ask(DATABASE, name, "get_database", name)
        if isinstance(found, Untold):
            yield found
            return
        yield database_value(found)
        yield from self._functions(name)
        yield from self._tables(name)

    def _functions(self, database: str) -> Iterator[Record]:
        names = self._ask(FUNCTION, f"{database}.*", "get_functions", database, "*")
        if isinstance(names, Untold):
            yield names
            return
        for name in sorted(names):
            told = f"{database}.{name}"
            yield self._value(FUNCTION, told, function_value, self._ask(FUNCTION, told, "get_function", database, name))

    def _tables(self, database: str) -> Iterator[Record]:
        names = self._ask(TABLE, f"{database}.*", "get_all_tables", database)
        if isinstance(names, Untold):
            yield names
            return
        for some in batched(sorted(names), TABLES_AT_ONCE):
            for name, struct in self._several(database, some):
                table = self._value(TABLE, f"{database}.{name}", self._table, struct)
                yield table
                if isinstance(table, Table):
                    yield from self._contents(table)

    def _several(self, database: str, names: Sequence[str]) -> Iterator[tuple[str, Any]]:
        """Each table's struct, or Untold; of those that are gone meanwhile nothing."""
        try:
            found = self._batch(database, names)
        except (Failure, TApplicationException, ConnectionError) as error:
            why = self._failed(error)
            if len(names) == 1:
                yield names[0], Untold(TABLE, f"{database}.{names[0]}", why)
                return
            for name in names:
                yield from self._several(database, [name])
            return
        yield from ((struct.tableName, struct) for struct in found)

    def _batch(self, database: str, names: Sequence[str]) -> Any:
        """Hive 4 has the later method alone, and Hives before 2.3 the earlier."""
        request = hive.GetTablesRequest(dbName=database, tblNames=list(names))
        try:
            return self.client.call("get_table_objects_by_name_req", request).tables
        except TApplicationException as error:
            if error.type != TApplicationException.UNKNOWN_METHOD:
                raise
            return self.client.call("get_table_objects_by_name", database, list(names))

    def _table(self, struct: Any) -> Table:
        table = table_value(struct)
        return unshown(table) if self.ours else table

    def _contents(self, table: Table) -> Iterator[Record]:
        if self.statistics:
            yield from self._table_statistics(table)
        if not table.partition_keys:
            return
        told = f"{table.database}.{table.name}"
        names = self._ask(PARTITION, told, "get_partition_names", table.database, table.name, -1)
        if isinstance(names, Untold):
            yield names
            return
        for some in batched(names):
            found = self._ask(PARTITION, told, "get_partitions_by_names", table.database, table.name, list(some))
            if isinstance(found, Untold):
                yield replace(found, name=f"{told} {some[0]} to {some[-1]}")
                continue
            yield Partitions(table.database, table.name, tuple(self._partitions(table, found)))
            if self.statistics:
                yield from self._partition_statistics(table, some)

    def _partitions(self, table: Table, structs: Sequence[Any]) -> Iterator[Partition]:
        values = partition_values(structs)
        for struct, partition in zip(structs, stored_partitions(table, values) if self.ours else values, strict=True):
            yield replace(partition, created_at=instant(struct.createTime))

    def _table_statistics(self, table: Table) -> Iterator[Record]:
        columns = [column.name for column in table.all_columns]
        request = hive.TableStatsRequest(dbName=table.database, tblName=table.name, colNames=columns)
        told = f"{table.database}.{table.name}"
        found = self._ask(STATISTICS, told, "get_table_statistics_req", request)
        found = self._value(STATISTICS, told, lambda each: list(map(statistics_value, each.tableStats or ())), found)
        if isinstance(found, Untold):
            yield found
        elif found:
            yield TableStatistics(table.database, table.name, tuple(found))

    def _partition_statistics(self, table: Table, names: Sequence[str]) -> Iterator[Record]:
        columns = [column.name for column in table.storage.columns]
        request = hive.PartitionsStatsRequest(
            dbName=table.database, tblName=table.name, colNames=columns, partNames=list(names)
        )
        told = f"{table.database}.{table.name}"
        found = self._ask(STATISTICS, told, "get_partitions_statistics_req", request)

        def values(struct: Any) -> list[Any]:
            named = ((partition_named(table, name), columns) for name, columns in (struct.partStats or {}).items())
            return [(name, statistics_value(each)) for name, columns in named for each in columns]

        found = self._value(STATISTICS, told, values, found)
        if isinstance(found, Untold):
            yield found
        elif found:
            yield PartitionStatistics(table.database, table.name, tuple(found))

    def _ask(self, kind: str, name: str, method: str, *arguments: object) -> Any:
        """What the metastore answers; Untold if that is a failure."""
        try:
            return self.client.call(method, *arguments)
        except (Failure, TApplicationException, ConnectionError) as error:
            return Untold(kind, name, self._failed(error))

    def _failed(self, error: Exception) -> str:
        """Why. A connection that broke is opened anew: if that cannot be, there is nothing more to ask."""
        if isinstance(error, ConnectionError):
            self.client.open()
        return _why(error)

    def _value(self, kind: str, name: str, value: Callable[[Any], Answer], struct: Any) -> Answer | Untold:
        if isinstance(struct, Untold):
            return struct
        try:
            return value(struct)
        except (Failure, DomainError, ValueError) as error:
            return Untold(kind, name, _why(error))


def _why(error: Exception) -> str:
    said = getattr(error, "message", None) or str(error) or type(error).__name__
    return f"{type(error).__name__}: {said}" if isinstance(error, Failure | TApplicationException) else str(said)
