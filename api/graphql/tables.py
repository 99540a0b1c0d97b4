"""Tables as they are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import strawberry

from api.graphql.batches import Batch
from api.graphql.connections import FIRST, After, Connection, First, connect, connect_each, size
from api.graphql.context import Context, Info
from api.graphql.definitions import TableDefinition
from api.graphql.fields import field
from api.graphql.indexes import PartitionIndex
from api.graphql.lineage import HOPS, Lineage, TableReader, given, tracing
from api.graphql.nodes import Node
from api.graphql.outcomes import if_found
from api.graphql.partitions import Partition
from api.graphql.previews import LIMIT, Preview, preview_of
from api.graphql.statistics import ColumnStatistics
from api.graphql.versions import Origin, TableChange, TableDiff, TableVersion
from catalog import model, partitions, tables, versions
from catalog.catalog import Catalog
from catalog.changes import diff
from catalog.errors import DomainError
from catalog.model import Page
from engine.engine import Engine
from engine.ledger.lineage import Direction

Filter = Annotated[
    str | None,
    strawberry.argument(description="A condition on partition keys, such as `year = 2024 AND month IN (1, 2)`."),
]


class Tables(Batch[model.TableKey]):
    """Tables that are answered together, with what is known of each."""

    def __init__(self, tables: Sequence[model.Table]) -> None:
        self.values = {(each.database, each.name): each for each in tables}
        super().__init__(list(self.values))

    def list_partitions(
        self, catalog: Catalog, filter: str | None, limit: int, after: str | None
    ) -> dict[model.TableKey, Page[tuple[model.TableKey, model.Partition]] | DomainError]:
        """Each partition with the key of its table."""
        found = catalog.batch_list_partitions(self.keys, filter, limit, after)
        return {
            key: Page(tuple((key, each) for each in page.items), page.next_token) if isinstance(page, Page) else page
            for key, page in found.items()
        }


@strawberry.type(description="A table of the catalog.")
class Table(Node, TableDefinition):
    together: strawberry.Private[Tables]
    database: str
    name: str
    version: int = strawberry.field(description="Of the definition in force, counted from 0; updates may expect it.")
    token: int = strawberry.field(description="Counts every write, those that make no version too.")
    created_at: datetime | None
    updated_at: datetime | None

    def key(self) -> tuple[str, str]:
        return (self.database, self.name)

    @field("Who made the definition in force. Null if the table was deleted meanwhile.")
    def origin(self, info: Info) -> Origin | None:
        found = self.together.of(self.key(), Catalog.batch_get_origins, info.context.catalog)
        return Origin.of(found) if found else None

    @field()
    def partition_count(self, info: Info) -> int:
        return self.together.of(self.key(), Catalog.batch_count_partitions, info.context.catalog) or 0

    @field("In the order of their names. Null if the table was deleted meanwhile.")
    def partitions(
        self, info: Info, filter: Filter = None, first: First = FIRST, after: After = None
    ) -> Connection[Partition] | None:
        limit = size(info, first)
        return connect_each(
            self.together,
            self.key(),
            ("partitions", filter, limit, after),
            info,
            lambda _: self.together.list_partitions(info.context.catalog, filter, limit, after),
            cursor=lambda found: partitions.LISTING.token_after(found[1].name(self.together.values[found[0]])),
            nodes=Partition.all,
            after=after,
        )

    @field("By name; a table has three at most. Null if the table was deleted meanwhile.")
    def partition_indexes(self, info: Info) -> list[PartitionIndex] | None:
        found = self.together.of(self.key(), Catalog.batch_list_partition_indexes, info.context.catalog)
        return None if found is None else [PartitionIndex.of(each) for each in found]

    @field("Of `columns`, or of all; those that were gathered. Null if the table was deleted meanwhile.")
    def column_statistics(self, info: Info, columns: list[str] | None = None) -> list[ColumnStatistics] | None:
        found = self.together.once(
            ("column statistics", None if columns is None else tuple(columns)),
            lambda keys: info.context.catalog.batch_get_table_statistics(keys, columns),
        ).get(self.key())
        return None if found is None else [ColumnStatistics.of(each) for each in found]

    @field("Newest first. Null if the table was deleted meanwhile.")
    def versions(self, info: Info, first: First = FIRST, after: After = None) -> Connection[TableVersion] | None:
        limit = size(info, first)
        return connect_each(
            self.together,
            self.key(),
            ("versions", limit, after),
            info,
            lambda keys: info.context.catalog.batch_list_versions(keys, limit, after),
            cursor=lambda version: versions.LISTING.token_after(version.version),
            nodes=lambda found: [TableVersion.of(each) for each in found],
            after=after,
        )

    @field(
        "What each version changed, newest first: who, when and through what. Null if the table was deleted meanwhile."
    )
    def changes(
        self,
        info: Info,
        column: Annotated[str | None, strawberry.argument(description="Only what changed this column.")] = None,
        first: First = FIRST,
        after: After = None,
    ) -> Connection[TableChange] | None:
        limit = size(info, first)
        return connect_each(
            self.together,
            self.key(),
            ("changes", column, limit, after),
            info,
            lambda keys: info.context.catalog.batch_list_changes(keys, column, limit, after),
            cursor=lambda change: versions.LISTING.token_after(change.version.version),
            nodes=TableChange.all,
            after=after,
        )

    @field("Where its data come from, or go to. Null if the table was deleted meanwhile.")
    def lineage(
        self,
        info: Info,
        direction: Direction = Direction.UPSTREAM,
        hops: Annotated[int, strawberry.argument(description=HOPS)] = 1,
    ) -> Lineage | None:
        found = self.together.of(self.key(), tracing(direction, hops), info.context.engine)
        if found is None:
            return None
        info.context.spend(len(found.steps))
        return Lineage.of(found)

    @field("Jobs and crawlers that read it, as far as that is known.")
    def readers(
        self,
        info: Info,
        column: Annotated[
            str | None,
            strawberry.argument(description="Leaves out those of which it is known that they are not given it."),
        ] = None,
    ) -> list[TableReader]:
        found = self.together.of(self.key(), Engine.batch_list_readers, info.context.engine) or []
        return TableReader.all(found if column is None else given(found, column))

    @field("Its first rows, of csv, json and parquet files. Null if the table was deleted meanwhile.")
    def preview(self, info: Info, limit: Annotated[int, strawberry.argument(description=LIMIT)] = 10) -> Preview | None:
        return preview_of(info, self.database, self.name, limit)

    @field("The version in force at an instant. Null if the table was not there yet, or that version was deleted.")
    def as_of(self, info: Info, instant: datetime) -> TableVersion | None:
        found = self.together.once(
            ("as of", instant), lambda keys: info.context.catalog.batch_get_tables_as_of(keys, instant)
        ).get(self.key())
        return TableVersion.of(found) if found else None

    @field("From one version to another, the newest if none is named. Null if there is none such.")
    def diff(
        self, info: Info, from_: Annotated[int, strawberry.argument(name="from")], to: int | None = None
    ) -> TableDiff | None:
        tables = self.together.values
        wanted = {key: (from_, table.version if to is None else to) for key, table in tables.items()}
        read = self.together.once(("diff", from_, to), lambda _: info.context.catalog.batch_get_versions(wanted))
        older, newer = (read.get(self.key(), {}).get(number) for number in wanted[self.key()])
        return TableDiff.of(diff(older.table, newer.table)) if older and newer else None

    @classmethod
    def all(cls, tables: Sequence[model.Table]) -> list[Table]:
        together = Tables(tables)
        return [
            cls(
                value=each,
                together=together,
                database=each.database,
                name=each.name,
                version=each.version,
                token=each.token,
                created_at=each.created_at,
                updated_at=each.updated_at,
            )
            for each in tables
        ]

    @classmethod
    def of(cls, table: model.Table | None) -> Table | None:
        return cls.all([table])[0] if table else None

    @classmethod
    def find(cls, context: Context, database: str, name: str) -> Table | None:
        return cls.of(context.catalog.find_table(database, name))


@strawberry.type
class TableQueries:
    @field("A database's tables by name. Null if there is no such database.")
    def tables(self, info: Info, database: str, first: First = FIRST, after: After = None) -> Connection[Table] | None:
        limit = size(info, first)
        page = if_found(lambda: info.context.catalog.list_tables(database, limit, after))
        return connect(info, tables.LISTING, page, lambda table: table.name, Table.all, after)

    @field("Null if there is no such table.")
    def table(self, info: Info, database: str, name: str) -> Table | None:
        return Table.find(info.context, database, name)
