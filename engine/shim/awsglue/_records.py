"""Rows as the records a script's functions see: plain values, with absent fields left out where frames can tell."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame

from awsglue._tree import Typed
from awsglue.gluetypes import ArrayType, ChoiceType, DataType, DynamicRecord, MapType, SetType, StructType

Batches = Iterable[pa.RecordBatch]


def through_python(typed: Typed, convert: Callable[[Batches], Batches], schema: str | None = None) -> DataFrame:
    """The frame after `convert` saw its Arrow batches on the workers, of `schema` or else of the same columns.

    The columns travel under plain names, for Spark looks those of an Arrow function up as if dots were paths.
    """
    plain_names = typed.frame.toDF(*[f"c{at}" for at in range(len(typed.type.fields))])
    # pyspark calls what mapInArrow takes an iterator to an iterator; a generator function is one
    converted = plain_names.mapInArrow(lambda batches: iter(convert(batches)), schema or plain_names.schema)
    return converted if schema else converted.toDF(*typed.frame.columns)


def records_of(batch: pa.RecordBatch, type: StructType, sparse: bool) -> list[DynamicRecord]:
    """The records of one of the batches `through_python` hands over."""
    columns = [column.to_pylist() for column in batch.columns]
    names = [field.name for field in type.fields]
    return [record(dict(zip(names, values, strict=True)), type, sparse) for values in zip(*columns, strict=True)]


def record(row: dict[str, Any], type: StructType, sparse: bool) -> DynamicRecord:
    """A row as a record. A choice shows the value it holds; `sparse` leaves null fields out, at every depth.

    Only the first level answers to attributes, and so do structs directly in it; deeper ones are plain dicts.
    """
    return DynamicRecord(
        (name, DynamicRecord(value) if isinstance(value, dict) and isinstance(kind, StructType) else value)
        for name, kind, value in _fields(row, type, sparse)
    )


def _fields(row: dict[str, Any], type: StructType, sparse: bool) -> Iterator[tuple[str, DataType, Any]]:
    for field in type.fields:
        value = plain(row[field.name], field.dataType, sparse)
        if value is not None or not sparse:
            yield field.name, field.dataType, value


def plain(value: Any, type: DataType, sparse: bool) -> Any:
    """A value as Python knows it, out of Arrow's or Spark's form of it."""
    if value is None:
        return None
    if isinstance(type, StructType):
        return {name: inner for name, _, inner in _fields(value, type, sparse)}
    if isinstance(type, ChoiceType):
        held = ((member, value[name]) for name, member in type.choices.items())
        return next((plain(inner, member, sparse) for member, inner in held if inner is not None), None)
    if isinstance(type, ArrayType):
        return [plain(item, type.elementType, sparse) for item in value]
    if isinstance(type, SetType):
        return [plain(item, type.itemType, sparse) for item in value]
    if isinstance(type, MapType):
        return {key: plain(item, type.valueType, sparse) for key, item in dict(value).items()}
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)  # Arrow says the session's zone; records hold local time without one
    return bytearray(value) if isinstance(value, bytes) else value
