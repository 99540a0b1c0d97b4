"""Partitions as they are asked for, by filter or values."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import strawberry

from api.graphql.context import Context, Info
from api.graphql.fields import field
from api.graphql.nodes import Node
from api.graphql.outcomes import if_found
from api.graphql.parameters import Parameter, pairs
from api.graphql.statistics import ColumnStatistics, PartitionFigures
from api.graphql.storage import StorageDescriptor
from catalog import model


@strawberry.type(description="One partition of a table.")
class Partition(Node):
    value: strawberry.Private[model.Partition]
    together: strawberry.Private[PartitionFigures]
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
        return self.together.of(info.context.catalog, self.values, columns)

    @classmethod
    def all(cls, database: str, table: str, found: Sequence[model.Partition]) -> list[Partition]:
        together = PartitionFigures(database, table, [each.values for each in found])
        return [
            cls(
                value=each,
                together=together,
                database=database.lower(),
                table=table.lower(),
                values=list(each.values),
                created_at=each.created_at,
            )
            for each in found
        ]

    @classmethod
    def of(cls, database: str, table: str, value: model.Partition) -> Partition:
        return cls.all(database, table, [value])[0]

    @classmethod
    def find(cls, context: Context, database: str, table: str, *values: str) -> Partition | None:
        found = if_found(lambda: context.catalog.get_partition(database, table, values))
        return cls.of(database, table, found) if found else None


@strawberry.type
class PartitionQueries:
    @field("Null if there is no such partition.")
    def partition(self, info: Info, database: str, table: str, values: list[str]) -> Partition | None:
        return Partition.find(info.context, database, table, *values)
