"""Partition indexes: created and deleted. Tables list theirs."""

from __future__ import annotations

from datetime import datetime

import strawberry

from api.graphql.context import Info
from api.graphql.fields import mutation
from api.graphql.outcomes import Payload, attempt
from catalog import model

_FIELDS = {"Database": "database", "Table": "table", "Partition index": "name"}


@strawberry.type(description="Serves filters by its keys. It is complete from its creation on.")
class PartitionIndex:
    name: str
    keys: list[str] = strawberry.field(description="Partition keys of the table.")
    created_at: datetime | None

    @classmethod
    def of(cls, value: model.PartitionIndex) -> PartitionIndex:
        return cls(name=value.name, keys=list(value.keys), created_at=value.created_at)


@strawberry.input
class CreatePartitionIndexInput:
    database: str
    table: str
    name: str
    keys: list[str]
    client_mutation_id: str | None = None


@strawberry.input
class DeletePartitionIndexInput:
    database: str
    table: str
    name: str
    dry_run: bool = strawberry.field(default=False, description="Say what would go, and change nothing.")
    client_mutation_id: str | None = None


@strawberry.type
class CreatePartitionIndexPayload(Payload):
    partition_index: PartitionIndex | None


@strawberry.type
class DeletePartitionIndexPayload(Payload):
    partition_index: PartitionIndex | None = strawberry.field(description="The index as it was.")


@strawberry.type
class IndexMutations:
    @mutation("Have filters by some partition keys served; a table has three indexes at most.")
    def create_partition_index(
        self, info: Info, input: CreatePartitionIndexInput
    ) -> CreatePartitionIndexPayload | None:
        new = model.PartitionIndex(input.name, tuple(input.keys))
        tried = attempt(lambda: info.context.catalog.create_partition_index(input.database, input.table, new), _FIELDS)
        return CreatePartitionIndexPayload(
            partition_index=PartitionIndex.of(tried.result) if tried.result else None,
            user_errors=tried.errors,
            client_mutation_id=input.client_mutation_id,
        )

    @mutation("Filters by its keys are answered all the same.")
    def delete_partition_index(
        self, info: Info, input: DeletePartitionIndexInput
    ) -> DeletePartitionIndexPayload | None:
        catalog = info.context.trying(input.dry_run).catalog
        tried = attempt(lambda: catalog.delete_partition_index(input.database, input.table, input.name), _FIELDS)
        return DeletePartitionIndexPayload(
            partition_index=PartitionIndex.of(tried.result) if tried.result else None,
            user_errors=tried.errors,
            client_mutation_id=input.client_mutation_id,
        )
