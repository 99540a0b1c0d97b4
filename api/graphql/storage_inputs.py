"""Columns and storage descriptors, as they are given."""

from __future__ import annotations

from collections.abc import Sequence

import strawberry

from api.graphql.parameters import ParameterInput, mapping
from catalog import model


@strawberry.input(description="A data column or a partition key.")
class ColumnInput:
    name: str
    type: str = strawberry.field(description="Hive type text, such as `array<struct<a:int>>`.")
    comment: str | None = None
    parameters: list[ParameterInput] = strawberry.field(default_factory=list)


@strawberry.input(name="SerDeInput", description="How a row is written and read.")
class SerDeInput:
    name: str | None = None
    library: str | None = strawberry.field(default=None, description="The Java class that a Hive reader would load.")
    parameters: list[ParameterInput] = strawberry.field(default_factory=list)

    def value(self) -> model.SerDe:
        return model.SerDe(self.library, mapping(self.parameters), self.name)


@strawberry.input(description="A column by which the rows of a bucket are sorted.")
class SortColumnInput:
    name: str
    ascending: bool = True


@strawberry.input(description="Where rows lie and how they are written.")
class StorageDescriptorInput:
    columns: list[ColumnInput] = strawberry.field(default_factory=list)
    location: str | None = strawberry.field(default=None, description="A path or URI, never percent-decoded.")
    input_format: str | None = None
    output_format: str | None = None
    serde: SerDeInput = strawberry.field(default_factory=SerDeInput)
    compressed: bool = False
    number_of_buckets: int = strawberry.field(default=-1, description="-1 where rows are not bucketed.")
    bucket_columns: list[str] = strawberry.field(default_factory=list)
    sort_columns: list[SortColumnInput] = strawberry.field(default_factory=list)
    parameters: list[ParameterInput] = strawberry.field(default_factory=list)
    stored_as_sub_directories: bool = False

    def value(self) -> model.StorageDescriptor:
        return model.StorageDescriptor(
            columns=columns(self.columns),
            location=self.location,
            input_format=self.input_format,
            output_format=self.output_format,
            serde=self.serde.value(),
            compressed=self.compressed,
            number_of_buckets=self.number_of_buckets,
            bucket_columns=tuple(self.bucket_columns),
            sort_columns=tuple(model.SortColumn(each.name, each.ascending) for each in self.sort_columns),
            parameters=mapping(self.parameters),
            stored_as_sub_directories=self.stored_as_sub_directories,
        )


def columns(given: Sequence[ColumnInput]) -> tuple[model.Column, ...]:
    return tuple(model.Column(each.name, each.type, each.comment, mapping(each.parameters)) for each in given)
