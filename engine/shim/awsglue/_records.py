"""Rows as the records a script's functions see: plain values, with absent fields left out where frames can tell.

Values are converted column by column, so that what is done for each record is little more than making its dict.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import DataFrame

from awsglue._shapes import uncollected
from awsglue._sparktypes import without_void
from awsglue._tree import Typed
from awsglue.gluetypes import (
    ArrayType,
    BinaryType,
    ChoiceType,
    DataType,
    DynamicRecord,
    Field,
    MapType,
    Present,
    SetType,
    StructType,
    TimestampType,
)

Batches = Iterable[pa.RecordBatch]
Row = dict[str, Any]


def through_python(typed: Typed, convert: Callable[[Batches], Batches], schema: str | None = None) -> DataFrame:
    """The frame after `convert` saw its Arrow batches on the workers, of `schema` or else of the same columns.

    The columns travel under plain names, for Spark looks those of an Arrow function up as if dots were paths.
    """
    plain_names = plainly_named(typed)
    # pyspark calls what mapInArrow takes an iterator to an iterator; a generator function is one
    converted = plain_names.mapInArrow(lambda batches: iter(convert(batches)), schema or plain_names.schema)
    return converted if schema else converted.toDF(*typed.frame.columns)


def plainly_named(typed: Typed) -> DataFrame:
    """The frame with its columns called c0, c1, …"""
    return typed.frame.toDF(*[f"c{at}" for at in range(len(typed.type.fields))])


def first_records(typed: Typed, number: int) -> list[DynamicRecord]:
    """The first records of a frame, for people to look at."""
    rows = plainly_named(typed).limit(number)
    told = rows.select(*[rows[f.name].cast(without_void(f.dataType)).alias(f.name) for f in rows.schema])
    table = told.toArrow().combine_chunks()
    return [record for batch in table.to_batches() for record in records_of(batch.columns, typed.type, typed.sparse)]


def records_of(columns: Sequence[Any], type: StructType, sparse: bool) -> list[DynamicRecord]:
    """The records whose fields these columns hold. A choice shows the value it holds.

    `sparse` leaves out a null field unless it is Present, at every depth. Only the first level answers to attributes,
    and so do structs directly in it; deeper ones are plain dicts.
    """
    pairs = zip(columns, type.fields, strict=True)
    with uncollected():
        return _dicts([_top_values(c, f.dataType, sparse) for c, f in pairs], type.fields, sparse, DynamicRecord)


def _top_values(column: Any, type: DataType, sparse: bool) -> list[Any]:
    if isinstance(type, StructType):
        return _structs(column, type, sparse, DynamicRecord)
    return values_of(column, type, sparse)


def values_of(column: Any, type: DataType, sparse: bool) -> list[Any]:
    """The values of an Arrow column as Python knows them, None for null."""
    if _is_plain(type, sparse):
        plain: list[Any] = column.to_pylist()
        return plain
    if isinstance(type, StructType):
        return _structs(column, type, sparse, dict)
    if isinstance(type, ChoiceType):
        return _held(column, type, sparse)
    if isinstance(type, ArrayType):
        return _lists(column, values_of(column.values, type.elementType, sparse))
    if isinstance(type, SetType):
        return _lists(column, values_of(column.values, type.itemType, sparse))
    if isinstance(type, MapType):
        return _maps(column, type, sparse)
    if isinstance(type, TimestampType):  # Arrow says the session's zone; records hold local time without one
        naive: list[Any] = pc.local_timestamp(column).to_pylist()
        return naive
    return [None if value is None else bytearray(value) for value in column.to_pylist()]


def _is_plain(type: DataType, sparse: bool) -> bool:
    """Whether Arrow's own conversion gives the values of that type."""
    if isinstance(type, StructType):
        return all((not sparse or isinstance(f, Present)) and _is_plain(f.dataType, sparse) for f in type.fields)
    if isinstance(type, ArrayType):
        return _is_plain(type.elementType, sparse)
    return not isinstance(type, ChoiceType | SetType | MapType | TimestampType | BinaryType)


def _structs(column: Any, type: StructType, sparse: bool, make: type[Row]) -> list[Any]:
    members = [values_of(column.field(at), field.dataType, sparse) for at, field in enumerate(type.fields)]
    rows = _dicts(members, type.fields, sparse, make) if members else [make() for _ in column]
    return _where_valid(column, rows)


def _dicts(columns: Sequence[list[Any]], fields: Sequence[Field], sparse: bool, make: type[Row]) -> list[Any]:
    names = [field.name for field in fields]
    always = [not sparse or isinstance(field, Present) for field in fields]
    if columns and all(known or None not in column for known, column in zip(always, columns, strict=True)):
        return _maker(tuple(names))(make, zip(*columns, strict=True))
    return [
        make([(n, v) for n, known, v in zip(names, always, values, strict=True) if known or v is not None])
        for values in zip(*columns, strict=True)
    ]


@lru_cache
def _maker(names: tuple[str, ...]) -> Callable[[type[Row], Iterable[Any]], list[Any]]:
    """What makes a record of each row of values: written out as code for these names, in half the time of a zip."""
    values = [f"v{at}" for at in range(len(names))]
    pairs = ", ".join(f"{name!r}: {value}" for name, value in zip(names, values, strict=True))
    made: Callable[[type[Row], Iterable[Any]], list[Any]] = eval(  # noqa: S307  # names are in it as literals only
        f"lambda make, rows: [make({{{pairs}}}) for ({', '.join(values)},) in rows]"
    )
    return made


def _held(column: Any, type: ChoiceType, sparse: bool) -> list[Any]:
    held: list[Any] = [None] * len(column)
    for at, member in enumerate(type.choices.values()):
        values = values_of(column.field(at), member, sparse)
        held = [old if new is None else new for old, new in zip(held, values, strict=True)]
    return _where_valid(column, held)


def _lists(column: Any, items: list[Any]) -> list[Any]:
    return _where_valid(column, [items[start:end] for start, end in pairwise(column.offsets.to_pylist())])


def _maps(column: Any, type: MapType, sparse: bool) -> list[Any]:
    pairs = list(zip(column.keys.to_pylist(), values_of(column.items, type.valueType, sparse), strict=True))
    return [None if found is None else dict(found) for found in _lists(column, pairs)]


def _where_valid(column: Any, values: list[Any]) -> list[Any]:
    if not column.null_count:
        return values
    return [value if valid else None for value, valid in zip(values, column.is_valid().to_pylist(), strict=True)]
