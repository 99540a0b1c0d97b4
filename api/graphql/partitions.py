"""Partitions: asked for by filter or values, created and deleted."""

from __future__ import annotations

from datetime import datetime

import strawberry

from api.graphql.context import Context, Info
from api.graphql.fields import field, mutation
from api.graphql.nodes import Node
from api.graphql.outcomes import Payload, attempt, if_found
from api.graphql.parameters import Parameter, ParameterInput, mapping, pairs
from api.graphql.storage import StorageDescriptor
from api.graphql.storage_inputs import StorageDescriptorInput
from catalog import model

_FIELDS = {"Database": "database", "Table": "table", "Partition": "partitions"}


@strawberry.type(description="One partition of a table.")
class Partition(Node):
    value: strawberry.Private[model.Partition]
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

    @classmethod
    def of(cls, database: str, table: str, value: model.Partition) -> Partition:
        values = list(value.values)
        return cls(
            value=value, database=database.lower(), table=table.lower(), values=values, created_at=value.created_at
        )

    @classmethod
    def find(cls, context: Context, database: str, table: str, *values: str) -> Partition | None:
        found = if_found(lambda: context.catalog.get_partition(database, table, values))
        return cls.of(database, table, found) if found else None


@strawberry.type
class PartitionQueries:
    @field("Null if there is no such partition.")
    def partition(self, info: Info, database: str, table: str, values: list[str]) -> Partition | None:
        return Partition.find(info.context, database, table, *values)


@strawberry.input
class PartitionInput:
    values: list[str] = strawberry.field(description="In the order of the table's partition keys.")
    storage: StorageDescriptorInput
    parameters: list[ParameterInput] = strawberry.field(default_factory=list)

    def value(self) -> model.Partition:
        return model.Partition(tuple(self.values), self.storage.value(), mapping(self.parameters))


@strawberry.input
class BatchCreatePartitionInput:
    database: str
    table: str
    partitions: list[PartitionInput]
    if_not_exists: bool = strawberry.field(default=False, description="Pass over partitions that exist already.")
    client_mutation_id: str | None = None


@strawberry.type
class BatchCreatePartitionPayload(Payload):
    partitions: list[Partition] | None = strawberry.field(description="Those that were really added.")


@strawberry.input
class DeletePartitionInput:
    database: str
    table: str
    values: list[str]
    dry_run: bool = strawberry.field(default=False, description="Say what would go, and change nothing.")
    client_mutation_id: str | None = None


@strawberry.type
class DeletePartitionPayload(Payload):
    partition: Partition | None = strawberry.field(description="The partition as it was. Its data stay.")


@strawberry.type
class PartitionMutations:
    @mutation("Create partitions: all of them or, if one is refused, none.")
    def batch_create_partition(
        self, info: Info, input: BatchCreatePartitionInput
    ) -> BatchCreatePartitionPayload | None:
        def create() -> list[model.Partition]:
            new = [each.value() for each in input.partitions]
            return info.context.catalog.create_partitions(input.database, input.table, new, input.if_not_exists)

        tried = attempt(create, _FIELDS)
        return BatchCreatePartitionPayload(
            partitions=None
            if tried.result is None
            else [Partition.of(input.database, input.table, each) for each in tried.result],
            user_errors=tried.errors,
            client_mutation_id=input.client_mutation_id,
        )

    @mutation("Delete a partition from the catalog; data are never touched.")
    def delete_partition(self, info: Info, input: DeletePartitionInput) -> DeletePartitionPayload | None:
        catalog = info.context.trying(input.dry_run).catalog
        values = tuple(input.values)

        def delete() -> model.Partition:
            found = catalog.get_partition(input.database, input.table, values)
            catalog.delete_partitions(input.database, input.table, [values])
            return found

        tried = attempt(delete, {**_FIELDS, "Partition": "values"})
        return DeletePartitionPayload(
            partition=Partition.of(input.database, input.table, tried.result) if tried.result else None,
            user_errors=tried.errors,
            client_mutation_id=input.client_mutation_id,
        )
