"""Columns and storage descriptors, as they are answered."""

from __future__ import annotations

from collections.abc import Sequence

import strawberry

from api.graphql.parameters import Parameter, pairs
from catalog import model


@strawberry.type(description="A data column or a partition key.")
class Column:
    name: str
    type: str = strawberry.field(description="Hive type text, such as `array<struct<a:int>>`.")
    comment: str | None
    parameters: list[Parameter]

    @classmethod
    def all(cls, columns: Sequence[model.Column]) -> list[Column]:
        return [
            cls(name=each.name, type=each.type, comment=each.comment, parameters=pairs(each.parameters))
            for each in columns
        ]


@strawberry.type(name="SerDe", description="How a row is written and read.")
class SerDe:
    name: str | None
    library: str | None = strawberry.field(description="The Java class that a Hive reader would load.")
    parameters: list[Parameter]


@strawberry.type(description="A column by which the rows of a bucket are sorted.")
class SortColumn:
    name: str
    ascending: bool


@strawberry.type(description="Where rows lie and how they are written.")
class StorageDescriptor:
    columns: list[Column]
    location: str | None = strawberry.field(description="A path or URI, never percent-decoded.")
    input_format: str | None
    output_format: str | None
    serde: SerDe
    compressed: bool
    number_of_buckets: int = strawberry.field(description="-1 where rows are not bucketed.")
    bucket_columns: list[str]
    sort_columns: list[SortColumn]
    parameters: list[Parameter]
    stored_as_sub_directories: bool

    @classmethod
    def of(cls, storage: model.StorageDescriptor) -> StorageDescriptor:
        serde = storage.serde
        return cls(
            columns=Column.all(storage.columns),
            location=storage.location,
            input_format=storage.input_format,
            output_format=storage.output_format,
            serde=SerDe(name=serde.name, library=serde.library, parameters=pairs(serde.parameters)),
            compressed=storage.compressed,
            number_of_buckets=storage.number_of_buckets,
            bucket_columns=list(storage.bucket_columns),
            sort_columns=[SortColumn(name=each.name, ascending=each.ascending) for each in storage.sort_columns],
            parameters=pairs(storage.parameters),
            stored_as_sub_directories=storage.stored_as_sub_directories,
        )
