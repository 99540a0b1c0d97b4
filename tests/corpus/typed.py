"""Formats that say their types: Parquet, ORC and Avro, by several writers."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import fastavro
import fastparquet
import pandas
import pyarrow as pa
from pyarrow import orc, parquet

from tests.corpus.case import Case
from tests.corpus.tables import SHAPES, Made, make

_ARROW: dict[str, pa.DataType] = {
    "bigint": pa.int64(),
    "double": pa.float64(),
    "string": pa.string(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "boolean": pa.bool_(),
    "decimal(12,2)": pa.decimal128(12, 2),
}
_AVRO: dict[str, Any] = {
    "bigint": "long",
    "double": "double",
    "string": "string",
    "date": {"type": "int", "logicalType": "date"},
    "timestamp": {"type": "long", "logicalType": "timestamp-micros"},
    "boolean": "boolean",
    "decimal(12,2)": {"type": "bytes", "logicalType": "decimal", "precision": 12, "scale": 2},
}


def cases() -> Iterator[Case]:
    for shape in SHAPES:
        made = make(shape, 21, missing=0.1)
        table, truth = arrow_table(made), made.truth("typed")
        for codec in ("snappy", "gzip", "zstd", "none"):
            yield Case(f"parquet_{codec}_{shape}", to_parquet(table, compression=codec), "parquet", truth, ".parquet")
        yield Case(f"parquet_v1_{shape}", to_parquet(table, version="1.0"), "parquet", truth, ".csv")
        yield Case(f"parquet_duckdb_{shape}", _by_duckdb(table), "parquet", truth)
        for codec in ("uncompressed", "zlib", "zstd"):
            yield Case(f"orc_{codec}_{shape}", to_orc(table, codec), "orc", truth, ".orc")
        for codec in ("null", "deflate", "snappy"):
            yield Case(f"avro_{codec}_{shape}", to_avro(made, codec), "avro", truth, ".avro")
        yield Case(f"avro_wrong_ending_{shape}", to_avro(made, "null"), "avro", truth, ".parquet")
    yield from _by_fastparquet()
    yield from _types()


def arrow_table(made: Made) -> pa.Table:
    truth = made.truth("typed")
    schema = pa.schema([(name, _ARROW[truth[name.lower()]]) for name in made.names])
    columns = [pa.array(column, field.type) for column, field in zip(zip(*made.rows, strict=True), schema, strict=True)]
    return pa.Table.from_arrays(columns, schema=schema)


def to_parquet(table: pa.Table, **options: Any) -> bytes:
    sunk = pa.BufferOutputStream()
    parquet.write_table(table, sunk, **options)
    return sunk.getvalue().to_pybytes()


def to_orc(table: pa.Table, codec: str = "uncompressed") -> bytes:
    sunk = pa.BufferOutputStream()
    orc.write_table(table, sunk, compression=codec.upper())  # type: ignore[arg-type]
    return sunk.getvalue().to_pybytes()


def to_avro(made: Made, codec: str = "null") -> bytes:
    truth = made.truth("typed")
    fields = [{"name": name, "type": ["null", _AVRO[truth[name.lower()]]]} for name in made.names]
    rows = [dict(zip(made.names, row, strict=True)) for row in made.rows]
    return avro_of(fields, rows, codec)


def avro_of(fields: list[Any], rows: list[dict[str, Any]], codec: str = "null") -> bytes:
    out = io.BytesIO()
    fastavro.writer(out, {"type": "record", "name": "row", "fields": fields}, rows, codec=codec)
    return out.getvalue()


def _in_a_file(write: Callable[[str], object]) -> bytes:
    with TemporaryDirectory() as folder:
        write(f"{folder}/out")
        return Path(folder, "out").read_bytes()


def _by_duckdb(table: pa.Table) -> bytes:
    return _in_a_file(lambda path: duckdb.from_arrow(table).write_parquet(path))


def _by_fastparquet() -> Iterator[Case]:
    for shape in ("numbers_only", "places", "words_only", "people"):
        made = make(shape, 22)
        rows = [[str(value) if isinstance(value, date) else value for value in row] for row in made.rows]
        frame = pandas.DataFrame(rows, columns=made.names)
        truth = {name: "string" if kind == "date" else kind for name, kind in made.truth("typed").items()}
        data = _in_a_file(lambda path, frame=frame: fastparquet.write(path, frame))  # type: ignore[misc]
        yield Case(f"parquet_fastparquet_{shape}", data, "parquet", truth)


def _types() -> Iterator[Case]:
    struct = pa.struct([("x", pa.int32()), ("y", pa.string())])
    deep = pa.struct([("s", pa.list_(pa.map_(pa.string(), pa.float64())))])
    columns: dict[str, tuple[str, pa.DataType, list[Any]]] = {
        "int8": ("tinyint", pa.int8(), [1, -2]),
        "int16": ("smallint", pa.int16(), [1, -2]),
        "int32": ("int", pa.int32(), [1, -2]),
        "uint32": ("bigint", pa.uint32(), [1, 2]),
        "uint64": ("decimal(20,0)", pa.uint64(), [1, 2]),
        "float": ("float", pa.float32(), [1.5, 2.5]),
        "binary": ("binary", pa.binary(), [b"a", b"b"]),
        "fixed": ("binary", pa.binary(4), [b"abcd", b"efgh"]),
        "millis": ("timestamp", pa.timestamp("ms"), [datetime(2024, 1, 1), None]),  # noqa: DTZ001
        "zoned": ("timestamp", pa.timestamp("us", "UTC"), [None, None]),
        "decimal": ("decimal(38,10)", pa.decimal128(38, 10), [Decimal("1.5"), None]),
        "list": ("array<int>", pa.list_(pa.int32()), [[1, 2], []]),
        "struct": ("struct<x:int,y:string>", struct, [{"x": 1, "y": "a"}, None]),
        "structs": ("array<struct<x:int,y:string>>", pa.list_(struct), [[{"x": 1, "y": "a"}], []]),
        "map": ("map<string,bigint>", pa.map_(pa.string(), pa.int64()), [[("a", 1)], []]),
        "deep": ("struct<s:array<map<string,double>>>", deep, [None, None]),
        "dictionary": ("string", pa.dictionary(pa.int32(), pa.string()), ["a", "b"]),
        "large_text": ("string", pa.large_string(), ["a", "b"]),
    }  # fmt: skip
    for name, (kind, arrow, values) in columns.items():
        table = pa.table({"id": pa.array([1, 2], pa.int64()), "v": pa.array(values, arrow)})
        yield Case(f"parquet_type_{name}", to_parquet(table), "parquet", {"id": "bigint", "v": kind})
        if name not in ("uint32", "uint64", "fixed", "dictionary", "large_text", "zoned"):
            yield Case(f"orc_type_{name}", to_orc(table), "orc", {"id": "bigint", "v": kind})
    empty = pa.table({"id": pa.array([], pa.int64()), "v": pa.array([], pa.string())})
    yield Case("parquet_no_rows", to_parquet(empty), "parquet", {"id": "bigint", "v": "string"})
    yield from _avro_types()


def _avro_types() -> Iterator[Case]:
    enum = {"type": "enum", "name": "mood", "symbols": ["GOOD", "BAD"]}
    fixed = {"type": "fixed", "name": "four", "size": 4}
    inner = {
        "type": "record",
        "name": "inner",
        "fields": [{"name": "x", "type": "int"}, {"name": "y", "type": "string"}],
    }
    columns: dict[str, tuple[str, Any, Any]] = {
        "int": ("int", "int", 1),
        "float": ("float", "float", 1.5),
        "bytes": ("binary", "bytes", b"a"),
        "enum": ("string", enum, "GOOD"),
        "fixed": ("binary", fixed, b"abcd"),
        "array": ("array<bigint>", {"type": "array", "items": "long"}, [1, 2]),
        "map": ("map<string,int>", {"type": "map", "values": "int"}, {"a": 1}),
        "record": ("struct<x:int,y:string>", inner, {"x": 1, "y": "a"}),
        "optional_record": ("struct<x:int,y:string>", ["null", inner], None),
        "union": ("string", ["null", "string", "long"], "a"),
        "hour": ("bigint", {"type": "long", "logicalType": "time-micros"}, time(1, 2)),
        "millis": ("timestamp", {"type": "long", "logicalType": "timestamp-millis"}, 0),
    }
    for name, (kind, declared, value) in columns.items():
        fields = [{"name": "id", "type": "long"}, {"name": "v", "type": declared}]
        yield Case(
            f"avro_type_{name}", avro_of(fields, [{"id": 1, "v": value}] * 3), "avro", {"id": "bigint", "v": kind}
        )
