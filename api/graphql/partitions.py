"""Partitions as they are asked for, by filter or values."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial

import strawberry

from api.graphql.batches import Batch
from api.graphql.context import Context, Info
from api.graphql.fields import field
from api.graphql.nodes import Node
from api.graphql.outcomes import if_found
from api.graphql.parameters import Parameter, pairs
from api.graphql.statistics import ColumnStatistics
from api.graphql.storage import StorageDescriptor
from catalog import model, statistics
from catalog.catalog import Catalog


@strawberry.type(description="One partition of a table.")
class Partition(Node):
    value: strawberry.Private[model.Partition]
    together: strawberry.Private[Batch[tuple[model.TableKey, tuple[str, ...]]]]
    database: str
    table: str
    values: list[str] = strawberry.field(description="In the order of the table's partition keys.")
    created_at: datetime | None

    def key(self) -> tuple[str, ...]:
        return (self.database, self.table, *self.values)

    @field()
    def storage(self) -> StorageDescriptor:
        return StorageDescriptor.of(self.value.storage)

    @field()
    def parameters(self) -> list[Parameter]:
        return pairs(self.value.parameters)

    @field("Of `columns`, or of all; those that were gathered.")
    def column_statistics(self, info: Info, columns: list[str] | None = None) -> list[ColumnStatistics]:
        asked = ("column statistics", None if columns is None else tuple(columns))
        found = self.together.once(asked, partial(_statistics, info.context.catalog, columns))
        return [ColumnStatistics.of(each) for each in found.get(((self.database, self.table), self.value.values), [])]

    @classmethod
    def all(cls, found: Sequence[tuple[model.TableKey, model.Partition]]) -> list[Partition]:
        """Of any tables, each with the key of its own."""
        together = Batch([(key, each.values) for key, each in found])
        return [
            cls(
                value=each,
                together=together,
                database=database,
                table=table,
                values=list(each.values),
                created_at=each.created_at,
            )
            for (database, table), each in found
        ]

    @classmethod
    def of_table(cls, database: str, table: str, found: Sequence[model.Partition]) -> list[Partition]:
        return cls.all([((database.lower(), table.lower()), each) for each in found])

    @classmethod
    def of(cls, database: str, table: str, value: model.Partition) -> Partition:
        return cls.of_table(database, table, [value])[0]

    @classmethod
    def find(cls, context: Context, database: str, table: str, *values: str) -> Partition | None:
        found = if_found(lambda: context.catalog.get_partition(database, table, values))
        return cls.of(database, table, found) if found else None


def _statistics(
    catalog: Catalog, columns: Sequence[str] | None, partitions: Sequence[tuple[model.TableKey, tuple[str, ...]]]
) -> dict[tuple[model.TableKey, tuple[str, ...]], list[statistics.ColumnStatistics]]:
    by_table: dict[model.TableKey, list[tuple[str, ...]]] = {}
    for table, values in partitions:
        by_table.setdefault(table, []).append(values)
    return catalog.batch_get_partition_statistics(by_table, columns)


@strawberry.type
class PartitionQueries:
    @field("Null if there is no such partition.")
    def partition(self, info: Info, database: str, table: str, values: list[str]) -> Partition | None:
        return Partition.find(info.context, database, table, *values)
