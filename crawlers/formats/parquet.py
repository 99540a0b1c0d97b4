"""Parquet: the footer says everything, so no row is read."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq

from catalog.types import (
    BIGINT,
    BINARY,
    BOOLEAN,
    DATE,
    DOUBLE,
    FLOAT,
    INT,
    SMALLINT,
    STRING,
    TIMESTAMP,
    TINYINT,
    Array,
    Decimal,
    HiveType,
    Map,
    Struct,
)
from crawlers.errors import Unreadable
from crawlers.formats import Field, Finding, Head, Layout, Options, Rejected, Schema
from crawlers.lattice import VOID, join

NAME = "parquet"
_MAGIC = b"PAR1"
_SIMPLE: dict[pa.DataType, HiveType] = {
    pa.bool_(): BOOLEAN,
    pa.int8(): TINYINT,
    pa.int16(): SMALLINT,
    pa.int32(): INT,
    pa.int64(): BIGINT,
    pa.uint8(): SMALLINT,
    pa.uint16(): INT,
    pa.uint32(): BIGINT,
    pa.uint64(): Decimal(20, 0),
    pa.float16(): FLOAT,
    pa.float32(): FLOAT,
    pa.float64(): DOUBLE,
    pa.string(): STRING,
    pa.large_string(): STRING,
    pa.string_view(): STRING,
    pa.binary(): BINARY,
    pa.large_binary(): BINARY,
    pa.binary_view(): BINARY,
    pa.date32(): DATE,
    pa.date64(): DATE,
    pa.null(): VOID,
}


def examine(head: Head, _options: Options) -> Finding | Rejected:
    """Raises Unreadable for a file that begins as Parquet and has no sound footer."""
    if not head.data.startswith(_MAGIC):
        return Rejected("it does not begin with PAR1")
    source = pa.BufferReader(head.data) if head.whole else head.handle
    try:
        footer = pq.read_metadata(source)
        arrow = footer.schema.to_arrow_schema()
    except (pa.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0].rstrip(".")
        raise Unreadable(
            why=f"it begins as Parquet but its footer cannot be read: cut short or damaged ({reason})"
        ) from error
    fields = tuple(Field(field.name, hive_type(field.type)) for field in arrow)
    if not fields:
        raise Unreadable(why="it is Parquet without any column")
    return Finding(Schema(NAME, (), fields), footer.num_rows, head.size)


def hive_type(kind: pa.DataType) -> HiveType:
    """The Hive type that reads every value of an Arrow type, as Spark 4 and Hive see the Parquet column behind it."""
    simple = _SIMPLE.get(kind)
    if simple is not None:
        return simple
    if pa.types.is_timestamp(kind):
        return TIMESTAMP
    if pa.types.is_decimal(kind):
        return Decimal(kind.precision, kind.scale) if kind.precision <= 38 else STRING
    if pa.types.is_time(kind):
        return INT if kind.bit_width == 32 else BIGINT
    if pa.types.is_duration(kind):
        return BIGINT
    if pa.types.is_fixed_size_binary(kind):
        return BINARY
    if pa.types.is_dictionary(kind):
        return hive_type(kind.value_type)
    if pa.types.is_map(kind):
        return Map(hive_type(kind.key_type), hive_type(kind.item_type))
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        return Array(hive_type(kind.value_type))
    if pa.types.is_struct(kind):
        return Struct(tuple((inner.name, hive_type(inner.type)) for inner in kind.fields))
    if isinstance(kind, pa.BaseExtensionType):
        return hive_type(kind.storage_type)
    return STRING


def conflict(a: Schema, b: Schema) -> str | None:
    """Why no one table can read files of both: a column whose common type Spark cannot read from one of them."""
    others = {field.name.lower(): field.type for field in b.fields}
    for field in a.fields:
        other = others.get(field.name.lower())
        if other is None or field.type == other:
            continue
        common = join(field.type, other)
        if not (readable(field.type, common) and readable(other, common)):
            kinds = f"{field.type} in one and {other} in the other"
            return f"column {field.name} is {kinds}, and no reader of Parquet converts the one or the other"
    return None


# From the type in the file to the types Spark 4 reads it as (its vectorized reader's type widening).
_READ_AS: dict[HiveType, frozenset[HiveType]] = {
    TINYINT: frozenset({SMALLINT, INT, BIGINT, DOUBLE}),
    SMALLINT: frozenset({INT, BIGINT, DOUBLE}),
    INT: frozenset({BIGINT, DOUBLE}),
    FLOAT: frozenset({DOUBLE}),
}
_WHOLE_DIGITS: dict[HiveType, int] = {TINYINT: 10, SMALLINT: 10, INT: 10, BIGINT: 20}


def readable(found: HiveType, declared: HiveType) -> bool:
    """Whether a column stored as `found` can be read from a table that declares it as `declared`."""
    if found in (declared, VOID):
        return True
    match found, declared:
        case Struct(), Struct():
            kinds = {name.lower(): kind for name, kind in declared.fields}
            return all(readable(kind, kinds.get(name.lower(), VOID)) for name, kind in found.fields)
        case Array(), Array():
            return readable(found.element, declared.element)
        case Map(), Map():
            return readable(found.key, declared.key) and readable(found.value, declared.value)
        case Decimal(), Decimal():
            return (
                declared.scale >= found.scale and declared.precision - declared.scale >= found.precision - found.scale
            )
        case _, Decimal():
            return declared.precision - declared.scale >= _WHOLE_DIGITS.get(found, 99)
    return declared in _READ_AS.get(found, frozenset())


def storage(_schema: Schema) -> Layout:
    return Layout(
        input_format="org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
        output_format="org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
        serde="org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
        serde_parameters={"serialization.format": "1"},
    )
