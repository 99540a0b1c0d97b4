"""AWS Glue's catalog as a source, or that of anything that answers its API, through boto3."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from typing import Any

from api.glue.shapes.databases import database_value
from api.glue.shapes.functions import function_value
from api.glue.shapes.partitions import partition_value
from api.glue.shapes.statistics import statistics_value
from api.glue.shapes.tables import Shape, link_of, table_value
from api.moving.errors import PartMissing, SourceUnavailable
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
from catalog.model import Partition, Table
from catalog.statistics import ColumnStatistics

# Glue tells statistics of one partition, and of at most a hundred columns, at a call.
COLUMNS_AT_ONCE = 100
CALLS_AT_ONCE = 8
# How it is said that an operation is not there; a bare number was said by a web server, not by a Glue.
_NOT_THERE = ("UnknownOperationException", "OperationNotSupportedException", "InvalidAction", *("404", "500", "501"))


@contextmanager
def glue_client(endpoint_url: str | None = None, region: str | None = None) -> Iterator[Any]:
    """A boto3 client, with the credentials and settings that boto3 finds by itself.

    Raises PartMissing without boto3; SourceUnavailable, also if the block ends for want of network or credentials.
    """
    try:
        import boto3
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError
    except ImportError as error:
        raise PartMissing(what="An import from Glue", package="boto3", extra="isinglass[glue]") from error
    source = f"Glue at {endpoint_url}" if endpoint_url else "AWS Glue"
    try:
        session = boto3.Session()
        region = region or session.region_name or ("us-east-1" if endpoint_url else None)
        config = Config(max_pool_connections=CALLS_AT_ONCE)
        yield session.client("glue", endpoint_url=endpoint_url, region_name=region, config=config)
    except (BotoCoreError, ValueError) as error:
        raise SourceUnavailable(source=source, why=str(error).rstrip(".")) from error


def read_glue(client: Any, wanted: Callable[[str], bool], statistics: bool = True) -> Iterator[Record]:
    """The databases that are `wanted` with all that is in them. A thing that Glue cannot tell is Untold.

    Raises SourceUnavailable if it does not even list its databases.
    """
    with ThreadPoolExecutor(CALLS_AT_ONCE, "glue") as threads:
        yield from _Glue(client, threads, statistics).databases(wanted)


@dataclass
class _Glue:
    client: Any
    threads: ThreadPoolExecutor
    statistics: bool
    absent: set[str] = field(default_factory=set)  # operations that this endpoint does not have

    def databases(self, wanted: Callable[[str], bool]) -> Iterator[Record]:
        try:
            for shape in self._pages("get_databases", "DatabaseList"):
                if wanted(shape["Name"]):
                    yield from self._database(shape)
        except self.client.exceptions.ClientError as error:
            raise SourceUnavailable(source="Glue", why=_why(error)) from error

    def _database(self, shape: Shape) -> Iterator[Record]:
        name = shape["Name"]
        if target := link_of(shape):
            yield Untold(DATABASE, name, f"it is a link to {target}", failed=False)
            return
        yield database_value(shape)
        listed = partial(self._pages, "get_user_defined_functions", "UserDefinedFunctions", Pattern=".*")
        for function in self._listed(FUNCTION, f"{name}.*", lambda: listed(DatabaseName=name)):
            yield function if isinstance(function, Untold) else function_value(name, function)
        listed = partial(self._pages, "get_tables", "TableList")
        for table in self._listed(TABLE, f"{name}.*", lambda: listed(DatabaseName=name)):
            yield from [table] if isinstance(table, Untold) else self._table(name, table)

    def _table(self, database: str, shape: Shape) -> Iterator[Record]:
        told = f"{database}.{shape['Name']}"
        if target := link_of(shape):
            yield Untold(TABLE, told, f"it is a link to {target}", failed=False)
            return
        table = table_value(database, shape)
        yield table
        if self.statistics:
            yield from self._table_statistics(table)
        if table.partition_keys:
            yield from self._partitions(table, told)

    def _partitions(self, table: Table, told: str) -> Iterator[Record]:
        listed = partial(self._pages, "get_partitions", "Partitions", DatabaseName=table.database, TableName=table.name)
        for some in batched(self._listed(PARTITION, told, listed)):
            yield from (each for each in some if isinstance(each, Untold))
            found = tuple(partition_value(each) for each in some if not isinstance(each, Untold))
            yield Partitions(table.database, table.name, found)
            if self.statistics:
                yield from self._partition_statistics(table, found)

    def _table_statistics(self, table: Table) -> Iterator[Record]:
        found = self._statistics("get_column_statistics_for_table", table, table.all_columns)
        if isinstance(found, Untold):
            yield found
        elif found:
            yield TableStatistics(table.database, table.name, found)

    def _partition_statistics(self, table: Table, partitions: Sequence[Partition]) -> Iterator[Record]:
        """Many calls beside each other, for there is one to a partition."""

        def of(partition: Partition) -> tuple[ColumnStatistics, ...] | Untold:
            values = list(partition.values)
            method = "get_column_statistics_for_partition"
            return self._statistics(method, table, table.storage.columns, PartitionValues=values)

        items: list[tuple[str, ColumnStatistics]] = []
        for partition, found in zip(partitions, self.threads.map(of, partitions), strict=True):
            if isinstance(found, Untold):
                yield found
            elif found:
                items += [(partition.name(table), each) for each in found]
        if items:
            yield PartitionStatistics(table.database, table.name, tuple(items))

    def _statistics(
        self, method: str, table: Table, columns: Iterable[Any], **of: object
    ) -> tuple[ColumnStatistics, ...] | Untold:
        """Without any where the endpoint has no such operation, once that was said."""
        if method in self.absent:
            return ()
        told = f"{table.database}.{table.name}"
        asked = partial(getattr(self.client, method), DatabaseName=table.database, TableName=table.name, **of)
        try:
            answers = [
                asked(ColumnNames=[column.name for column in some])["ColumnStatisticsList"]
                for some in batched(columns, COLUMNS_AT_ONCE)
            ]
            return tuple(map(statistics_value, chain.from_iterable(answers)))
        except self.client.exceptions.EntityNotFoundException:
            return ()
        except self.client.exceptions.ClientError as error:
            return self._untold(STATISTICS, told, method, error)
        except KeyError as error:
            return Untold(STATISTICS, told, f"they are of the unknown kind {error}")

    def _listed(self, kind: str, told: str, pages: Callable[[], Iterator[Any]]) -> Iterator[Any]:
        """The things of a list; Untold in place of those after a failure."""
        try:
            yield from pages()
        except self.client.exceptions.ClientError as error:
            yield self._untold(kind, told, kind, error)

    def _untold(self, kind: str, told: str, operation: str, error: Any) -> Untold:
        """A failure; but what an endpoint does not have at all is left out, and for statistics said once."""
        if error.response["Error"].get("Code") not in _NOT_THERE:
            return Untold(kind, told, _why(error))
        self.absent.add(operation)
        return Untold(kind, told, f"the endpoint has no {error.operation_name}", failed=False)

    def _pages(self, method: str, members: str, **arguments: object) -> Iterator[Any]:
        pages = self.client.get_paginator(method).paginate(**arguments)
        return chain.from_iterable(page[members] for page in pages)


def _why(error: Any) -> str:
    return f"{error.response['Error'].get('Code', '')}: {error.response['Error'].get('Message', '')}"
