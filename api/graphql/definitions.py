"""What a table is made of, as it is answered (now or in one of its versions) and as it is given."""

from __future__ import annotations

from datetime import datetime

import strawberry

from api.graphql.fields import field
from api.graphql.parameters import Parameter, ParameterInput, mapping, pairs
from api.graphql.storage import Column, StorageDescriptor
from api.graphql.storage_inputs import ColumnInput, StorageDescriptorInput, columns
from catalog import model


@strawberry.interface(description="What a table is made of, now or in one of its versions.")
class TableDefinition:
    value: strawberry.Private[model.Table]

    @field("The data columns; with `partitionKeys` behind them, the columns that SQL sees.")
    def columns(self) -> list[Column]:
        return Column.all(self.value.storage.columns)

    @field()
    def partition_keys(self) -> list[Column]:
        return Column.all(self.value.partition_keys)

    @field()
    def storage(self) -> StorageDescriptor:
        return StorageDescriptor.of(self.value.storage)

    @field()
    def parameters(self) -> list[Parameter]:
        return pairs(self.value.parameters)

    @field("EXTERNAL_TABLE, MANAGED_TABLE, VIRTUAL_VIEW, or what else a client wrote.")
    def table_type(self) -> str:
        return self.value.table_type

    @field()
    def description(self) -> str | None:
        return self.value.description

    @field()
    def owner(self) -> str | None:
        return self.value.owner

    @field("Days; kept for clients, nothing is deleted by it.")
    def retention(self) -> int:
        return self.value.retention

    @field("A view's query as it was written.")
    def view_original_text(self) -> str | None:
        return self.value.view_original_text

    @field("A view's query with its names resolved.")
    def view_expanded_text(self) -> str | None:
        return self.value.view_expanded_text

    @field("As a client wrote it; the catalog itself does not follow reads.")
    def last_accessed_at(self) -> datetime | None:
        return self.value.last_accessed_at


@strawberry.input(description="A whole definition: what is left out has its default, in an update too.")
class TableInput:
    storage: StorageDescriptorInput = strawberry.field(default_factory=StorageDescriptorInput)
    partition_keys: list[ColumnInput] = strawberry.field(default_factory=list)
    parameters: list[ParameterInput] = strawberry.field(default_factory=list)
    table_type: str = model.EXTERNAL_TABLE
    description: str | None = None
    owner: str | None = None
    retention: int = 0
    view_original_text: str | None = None
    view_expanded_text: str | None = None
    last_accessed_at: datetime | None = None

    def value(self, database: str, name: str) -> model.Table:
        return model.Table(
            database=database,
            name=name,
            storage=self.storage.value(),
            partition_keys=columns(self.partition_keys),
            table_type=self.table_type,
            parameters=mapping(self.parameters),
            description=self.description,
            owner=self.owner,
            retention=self.retention,
            view_original_text=self.view_original_text,
            view_expanded_text=self.view_expanded_text,
            last_accessed_at=self.last_accessed_at,
        )
