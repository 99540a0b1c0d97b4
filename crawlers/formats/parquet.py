"""Parquet: the footer says everything, so no row is read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa
from pyarrow._parquet import ParquetReader

from catalog.types import (
    BIGINT,
    DOUBLE,
    FLOAT,
    INT,
    SMALLINT,
    STRING,
    TINYINT,
    Array,
    Decimal,
    HiveType,
    Map,
    Struct,
)
from crawlers.errors import Unreadable
from crawlers.formats import Field, Finding, Head, Layout, Options, Rejected, Schema
from crawlers.formats.arrow import hive_type
from crawlers.formats.parquet_footers import footer_of, rows_after, schema_part
from crawlers.lattice import VOID, join

NAME = "parquet"
_MAGIC = b"PAR1"
_TEXTS = frozenset({"ENUM", "JSON"})
_PLAIN = frozenset({BIGINT, DOUBLE, FLOAT, INT, STRING})


def examine(head: Head, _options: Options) -> Finding | Rejected:
    """Raises Unreadable for a file that begins as Parquet and has no sound footer."""
    if not head.data.startswith(_MAGIC):
        return Rejected("it does not begin with PAR1")
    footer = footer_of(head)
    records, known = _recalled(footer)
    if known is None:
        known, records = _read(head, footer)
    return Finding(known.schema, records, head.size, known.notes)


@dataclass(frozen=True)
class _Known:
    """What files were found to be whose footers begin with `start`."""

    start: bytes
    schema: Schema
    notes: tuple[str, ...]


_MOST_KNOWN = 8
_latest: list[_Known] = []  # files of one table follow each other


def _recalled(footer: bytes | None) -> tuple[int, _Known | None]:
    """The records of a file whose columns are known, and these. The rest of such a footer, its row groups, is not
    read: that would take longer than all else that is done with the file."""
    for known in _latest[:]:
        if footer is not None and footer.startswith(known.start):
            records = rows_after(footer, len(known.start))
            return (0, None) if records is None else (records, known)
    return 0, None


def _read(head: Head, footer: bytes | None) -> tuple[_Known, int]:
    """What Arrow makes of the file, and its records. Raises Unreadable."""
    try:
        # What pyarrow.parquet.ParquetFile wraps: making that takes as long again as reading the footer.
        reader = ParquetReader()
        reader.open(pa.BufferReader(head.data) if head.whole else head.handle)
        fields, records = _fields(reader), reader.metadata.num_rows
        known = _Known(schema_part(footer or b"") or b"", Schema(NAME, (), fields), _notes(reader, fields))
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        reason = str(error).splitlines()[0].rstrip(".")
        raise Unreadable(
            why=f"it begins as Parquet but its footer cannot be read: cut short or damaged ({reason})"
        ) from error
    if not fields:
        raise Unreadable(why="it is Parquet without any column")
    if known.start:
        _latest[:] = [known, *_latest[: _MOST_KNOWN - 1]]
    return known, records


def _fields(reader: ParquetReader) -> tuple[Field, ...]:
    """Arrow calls enums and JSON binary, which Spark reads as text: where there is binary, the columns are asked."""
    found = tuple([Field(field.name, hive_type(field.type)) for field in reader.schema_arrow])
    if not any("binary" in str(field.type) for field in found if field.type not in _PLAIN):
        return found
    footer = reader.metadata
    logical = (footer.schema.column(number).logical_type.type for number in range(footer.num_columns))
    texts = iter([kind in _TEXTS for kind in logical])
    return tuple(Field(field.name, _with_texts(field.type, texts)) for field in found)


def _notes(reader: ParquetReader, fields: tuple[Field, ...]) -> tuple[str, ...]:
    if not any(field.type is FLOAT for field in fields):
        return ()
    halves = [field.name for field in reader.schema_arrow if pa.types.is_float16(field.type)]
    return tuple(f"column {name} is FLOAT16, which Spark 4 does not read" for name in halves)


def _with_texts(kind: HiveType, texts: Iterator[bool]) -> HiveType:
    """`kind` with string for each of its leaves, in file order, that `texts` says is text."""
    match kind:
        case Struct(inner):
            return Struct(tuple((name, _with_texts(each, texts)) for name, each in inner))
        case Array(element):
            return Array(_with_texts(element, texts))
        case Map(key, value):
            return Map(_with_texts(key, texts), _with_texts(value, texts))
    return STRING if next(texts, False) else kind


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
