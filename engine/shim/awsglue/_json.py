"""JSON texts as typed frames: one scan in Python learns every type, then Spark reads what the scan found good."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from awsglue._errors import ERROR_COLUMNS, ERROR_SCHEMA
from awsglue._json_columns import Columns
from awsglue._settling import schema_jobs
from awsglue._shapes import SUMMARY_SCHEMA, Shape, merged, summary, uncollected
from awsglue._tree import Part, Typed, column_named, from_parts
from awsglue._variants import unpacked
from awsglue.gluetypes import Present, StringType, StructType

try:
    from orjson import loads as _loads
except ImportError:  # scripts that run on a foreign Spark have what that Spark has
    _loads = json.loads  # type: ignore[assignment]

_quick: Callable[[Any], Any] = _loads
_DECODER = json.JSONDecoder()
_LONG_NUMBER = b"0" * 19
_DIGITS_TO_ZEROS = bytes(ord("0" if sign in b"0123456789" else " ") for sign in range(256))

Batches = Iterable[pa.RecordBatch]


@dataclass(frozen=True)
class Scan:
    """What a look at all texts found: the type of their records, and how many are no records.

    `rows` are texts of several objects one after another, of which Spark's reader would take the first.
    """

    type: StructType
    broken: int
    rows: int = 0


def scan_json(texts: DataFrame) -> Scan:
    """Of a frame whose first column is JSON texts, each a record or an array of records."""
    with schema_jobs(texts.sparkSession.sparkContext):
        found = _bytes(texts).mapInArrow(_scan, f"{SUMMARY_SCHEMA}, rows bigint").collect()
    broken, rows = (sum(row[name] for row in found) for name in ("broken", "rows"))
    return Scan(merged(row["types"] for row in found), broken, rows)


def good_texts(texts: DataFrame) -> DataFrame:
    """The same frame, the first column one text for each record, and none for a text that is not JSON records."""
    names = texts.columns
    plain = texts.toDF(*[f"c{at}" for at in range(len(names))])
    kept = plain.withColumn("c0", F.col("c0").cast("binary")).mapInArrow(_keep_good, _with_binary(plain))
    return kept.withColumn("c0", F.col("c0").cast("string")).toDF(*names)


def broken_texts(texts: DataFrame) -> DataFrame:
    """The texts that are not JSON records, as rows of ERROR_SCHEMA; a second column, if any, says their source."""
    sourced = texts.toDF("c0", "c1") if len(texts.columns) > 1 else texts.toDF("c0").withColumn("c1", F.lit(""))
    return sourced.withColumn("c0", F.col("c0").cast("binary")).mapInArrow(_tell_broken, ERROR_SCHEMA)


def unpacked_frame(frame: DataFrame, type: StructType, keys: Sequence[str] = ()) -> Typed:
    """A frame read with `reading_schema(type)`, choices taken apart; `keys` are further columns of text."""
    parts = [
        Part(f.name, f.dataType, unpacked(column_named(frame, f.name), f.dataType), isinstance(f, Present))
        for f in type.fields
    ]
    keyed = [Part(name, StringType(), column_named(frame, name), present=True) for name in keys]
    return from_parts(Typed(frame, StructType(), sparse=True), [*parts, *keyed])


def _has_long_number(text: bytes) -> bool:
    """Whether there may be a whole number past 64 bits in it, of which orjson makes a double."""
    return _LONG_NUMBER in text.translate(_DIGITS_TO_ZEROS)


def records_in(text: bytes) -> list[dict[str, Any]] | None:
    """The records of one text, none in a blank one; None if it is anything else than JSON records."""
    try:
        value = json.loads(text) if _has_long_number(text) else _quick(text)
    except ValueError:
        value = _lenient(text)  # of NaN, lone surrogates and the like, orjson thinks more strictly than Spark
    records = value if isinstance(value, list) else [value]
    return records if all(isinstance(record, dict) for record in records) else None


def _lenient(text: bytes) -> Any:
    if not text.strip():
        return []
    try:
        return json.loads(text.decode())
    except ValueError:
        return _one_after_another(text) if b"\n" in text else None


def _one_after_another(text: bytes) -> list[Any] | None:
    """The objects that a text of several lines holds; None if it holds anything else."""
    values: list[Any] = []
    try:
        rest = text.decode().strip()
        while rest.startswith("{"):
            value, end = _DECODER.raw_decode(rest)
            values.append(value)
            rest = rest[end:].lstrip()
    except ValueError:
        return None
    return None if rest else values


def _bytes(texts: DataFrame) -> DataFrame:
    return texts.select(column_named(texts, texts.columns[0]).cast("binary"))


def _with_binary(frame: DataFrame) -> str:
    return ", ".join(
        f"{f.name} {'binary' if at == 0 else f.dataType.simpleString()}" for at, f in enumerate(frame.schema)
    )


def _scan(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Runs on the workers, once per partition."""
    shape, broken, rows, by_columns = Shape(), 0, 0, True
    columns = Columns(shape)
    for batch in batches:
        texts = batch.column(0)
        left = columns.see(texts) if by_columns else texts
        by_columns = len(left) < len(texts) / 2  # it is of little use where most texts must be looked at once more
        with uncollected():
            records, failed, several = _all_records(left)
            shape.see(records)
        broken, rows = broken + failed, rows + several
    yield summary(shape, broken).append_column("rows", pa.array([rows], pa.int64()))


def _all_records(column: pa.Array[Any]) -> tuple[list[Any], int, int]:
    """The records of many texts, how many texts are none, and how many are several objects.

    Most often each is one object, and that is quick.
    """
    texts: list[bytes | None] = column.to_pylist()
    parse: Callable[[Any], Any] = json.loads if _has_long_number(b"\n".join(filter(None, texts))) else _quick
    try:
        records = list(map(parse, texts))
    except (TypeError, ValueError):
        records = []
    if records and set(map(type, records)) == {dict}:
        return records, 0, 0
    found = [(text, records_in(text)) for text in texts if text is not None]
    good = [(text, records) for text, records in found if records is not None]
    several = sum(len(records) > 1 and not _is_array(text) for text, records in good)
    return [record for _, records in good for record in records], len(found) - len(good), several


def _is_array(text: bytes) -> bool:
    return text.lstrip()[:1] == b"["


def _keep_good(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        texts = batch.column(0).to_pylist()
        lines = [_lines(text) for text in texts]
        rows = pa.array([at for at, found in enumerate(lines) for _ in found], pa.int64())
        kept = batch.take(rows)
        column = pa.array([line for found in lines for line in found], pa.binary())
        yield pa.RecordBatch.from_arrays([column, *kept.columns[1:]], schema=batch.schema)


def _lines(text: bytes | None) -> list[bytes]:
    found = records_in(text) if text is not None else None
    if not found:
        return []
    several = len(found) > 1 or _is_array(text or b"")
    return [json.dumps(record).encode() for record in found] if several else [text or b""]


def _tell_broken(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        pairs = zip(batch.column(0).to_pylist(), batch.column(1).to_pylist(), strict=True)
        yield error_rows([_broken(text, source) for text, source in pairs if text and records_in(text) is None])


def _broken(text: bytes, source: str | None) -> dict[str, Any]:
    return {
        "msg": f"Unable to parse JSON record: {_why(text)}",
        "input": text.decode(errors="replace"),
        "bytesread": len(text),
        "source": source,
    }


def _why(text: bytes) -> str:
    try:
        value = json.loads(text.decode())
    except ValueError as error:
        return str(error)
    return f"{type(value).__name__} is not an object"


def error_rows(rows: Sequence[dict[str, Any]]) -> pa.RecordBatch:
    """Rows of ERROR_SCHEMA; what a row does not say is null."""
    kinds = [pa.int32() if name == "bytesread" else pa.string() for name in ERROR_COLUMNS]
    columns = [pa.array([row.get(name) for row in rows], kind) for name, kind in zip(ERROR_COLUMNS, kinds, strict=True)]
    return pa.RecordBatch.from_arrays(columns, names=list(ERROR_COLUMNS))
