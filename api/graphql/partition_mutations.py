"""Partitions as they are created, updated and deleted."""

from __future__ import annotations

import strawberry

from api.graphql.context import Info
from api.graphql.fields import mutation
from api.graphql.outcomes import Payload, attempt
from api.graphql.parameters import ParameterInput, mapping
from api.graphql.partitions import Partition
from api.graphql.storage_inputs import StorageDescriptorInput
from catalog import model
from catalog.errors import InvalidInput

_FIELDS = {"Database": "database", "Table": "table", "Partition": "partitions"}


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
class BatchUpdatePartitionInput:
    database: str
    table: str
    partitions: list[PartitionInput]
    client_mutation_id: str | None = None


@strawberry.type
class BatchUpdatePartitionPayload(Payload):
    updated_count: int | None = strawberry.field(description="How many were given.")


@strawberry.input(
    description="Which partitions are meant: those of `values`, or those that match `filter`; one of both."
)
class BatchDeletePartitionInput:
    database: str
    table: str
    values: list[list[str]] | None = strawberry.field(
        default=None,
        description="Each in the order of the table's partition keys; those that are not there are passed over.",
    )
    filter: str | None = strawberry.field(
        default=None, description="A condition on partition keys, such as `year = 2024 AND month IN (1, 2)`."
    )
    dry_run: bool = strawberry.field(default=False, description="Say how many would go, and change nothing.")
    client_mutation_id: str | None = None


@strawberry.type
class BatchDeletePartitionPayload(Payload):
    deleted_count: int | None = strawberry.field(description="How many there were. Their data stay.")


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
            partitions=None if tried.result is None else Partition.of_table(input.database, input.table, tried.result),
            user_errors=tried.errors,
            client_mutation_id=input.client_mutation_id,
        )

    @mutation("Replace partitions that exist: all of those given or, if one is refused, none.")
    def batch_update_partition(
        self, info: Info, input: BatchUpdatePartitionInput
    ) -> BatchUpdatePartitionPayload | None:
        def update() -> int:
            changed = [each.value() for each in input.partitions]
            info.context.catalog.update_partitions(input.database, input.table, changed)
            return len(changed)

        tried = attempt(update, _FIELDS)
        return BatchUpdatePartitionPayload(
            updated_count=tried.result, user_errors=tried.errors, client_mutation_id=input.client_mutation_id
        )

    @mutation("Delete partitions from the catalog; data are never touched.")
    def batch_delete_partition(
        self, info: Info, input: BatchDeletePartitionInput
    ) -> BatchDeletePartitionPayload | None:
        catalog, at = info.context.trying(input.dry_run).catalog, (input.database, input.table)

        def delete() -> int:
            if (input.values is None) == (not (input.filter or "").strip()):
                raise InvalidInput(what="a deletion of partitions", why="it needs either values or a filter.")
            if input.values is not None:
                return catalog.delete_partitions(*at, [tuple(each) for each in input.values])
            return catalog.delete_matching_partitions(*at, input.filter or "")

        tried = attempt(delete, _FIELDS)
        return BatchDeletePartitionPayload(
            deleted_count=tried.result, user_errors=tried.errors, client_mutation_id=input.client_mutation_id
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
