"""Our own catalog as a source: all of it as it stands at one moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from sqlalchemy import Connection

from api.moving.records import AT_ONCE, Partitions, PartitionStatistics, Record, TableStatistics
from catalog import databases, functions, partitions, statistics, tables
from catalog.catalog import Catalog
from catalog.db import reading
from catalog.model import Table
from catalog.paging import all_pages


def read_catalog(catalog: Catalog, wanted: Callable[[str], bool]) -> Iterator[Record]:
    """The databases that are `wanted` with all that is in them, read in one transaction."""
    with reading(catalog.engine) as connection:
        for database in all_pages(partial(databases.list_databases, connection)):
            if wanted(database.name):
                yield database
                yield from _functions(connection, database.name)
                yield from _tables(connection, database.name)


def _functions(connection: Connection, database: str) -> Iterator[Record]:
    return all_pages(partial(functions.list_functions, connection, database))


def _tables(connection: Connection, database: str) -> Iterator[Record]:
    for table in all_pages(partial(tables.list_tables, connection, database)):
        yield table
        table_id, _ = tables.locate_table(connection, database, table.name)
        if found := statistics.get_table_statistics(connection, table_id):
            yield TableStatistics(database, table.name, tuple(found))
        yield from _partitions(connection, table_id, table)


def _partitions(connection: Connection, table_id: int, table: Table) -> Iterator[Record]:
    token: str | None = None
    while True:
        page = partitions.list_partitions(connection, table_id, table, None, AT_ONCE, token)
        if page.items:
            yield Partitions(table.database, table.name, page.items)
        names = [partition.name(table) for partition in page.items]
        found = statistics.get_partition_statistics(connection, table_id, names)
        if found:
            of = tuple((name, each) for name, columns in found.items() for each in columns)
            yield PartitionStatistics(table.database, table.name, of)
        token = page.next_token
        if token is None:
            return
