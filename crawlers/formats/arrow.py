"""Arrow's types as Hive's: what Spark 4 and Hive see of the Parquet or ORC column behind an Arrow type."""

from __future__ import annotations

import pyarrow as pa

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
from crawlers.lattice import VOID

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


def hive_type(kind: pa.DataType) -> HiveType:
    """The Hive type that reads every value of an Arrow type; string for one that Hive has nothing like."""
    simple = _SIMPLE.get(kind)
    if simple is not None:
        return simple
    if pa.types.is_timestamp(kind):
        return TIMESTAMP
    if pa.types.is_time(kind):
        return INT if kind.bit_width == 32 else BIGINT
    if pa.types.is_duration(kind):
        return BIGINT
    if pa.types.is_decimal(kind):
        return Decimal(kind.precision, kind.scale) if kind.precision <= 38 else STRING
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
