"""What texts in a field need Python for: the columns of CSV texts, and Avro."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from decimal import Decimal
from io import BytesIO
from typing import Any

import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from awsglue._missing import NotProvidedError
from awsglue._settling import schema_jobs

_CONTAINER = b"Obj\x01"


def csv_names(frame: DataFrame, text: Column, signs: dict[str, str], headed: bool) -> list[str]:
    """The columns of CSV texts: what their first lines say where they are headers, else col0, col1, …

    `signs` are Spark's sep, quote and escape. Looks at all texts.
    """
    with schema_jobs(frame.sparkSession.sparkContext):
        firsts = frame.select(text.alias("text")).mapInArrow(_first_rows(signs, headed), "names array<string>")
        found = [row["names"] for row in firsts.distinct().collect()]
    longest: list[str] = max(found, key=len, default=[])
    return longest if headed else [f"col{at}" for at in range(len(longest))]


def _first_rows(signs: dict[str, str], headed: bool) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """The first row of the texts of each partition that has most columns; without names where they are no headers."""
    quote = signs["quote"]
    escape = signs["escape"] if signs["escape"] not in ("\0", quote) else None

    def rows(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        longest: list[str] = []
        for batch in batches:
            texts = [text for text in batch.column(0).to_pylist() if text]
            for row in map(first, texts):
                longest = row if len(row) > len(longest) else longest
        names = longest if headed else [""] * len(longest)
        yield pa.RecordBatch.from_arrays([pa.array([names], pa.list_(pa.string()))], names=["names"])

    def first(text: str) -> list[str]:
        how: dict[str, Any] = {"quotechar": quote} if quote else {"quoting": csv.QUOTE_NONE}
        return next(csv.reader([text.splitlines()[0]], delimiter=signs["sep"], escapechar=escape, **how), [])

    return rows


def avro_as_json(raw: Column, schema: str | None) -> Column:
    """Bytes of Avro as JSON text, null where they cannot be read. NotProvidedError without the package fastavro.

    They are a container file (whose first record counts), or one record of `schema`, an Avro schema as JSON text.
    """
    try:
        import fastavro
    except ImportError as error:
        raise NotProvidedError("unbox of avro without the Python package fastavro", "Install it.") from error
    parsed = fastavro.parse_schema(json.loads(schema)) if schema else None

    def as_json(value: bytes | None) -> str | None:
        if value is None:
            return None
        try:
            return json.dumps(_record(bytes(value), parsed), default=_text)
        except Exception:  # whatever a reader of broken bytes meets: their record becomes an error record
            return None

    return F.udf(as_json, "string", useArrow=False)(raw)


def _record(value: bytes, schema: Any) -> Any:
    import fastavro

    if value.startswith(_CONTAINER):
        return next(fastavro.reader(BytesIO(value)))
    if schema is None:
        raise ValueError("no schema")
    stream = BytesIO(value)
    record = fastavro.schemaless_reader(stream, schema, None)
    if stream.read(1):
        raise ValueError("more than a record")
    return record


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return format(value, "f") if isinstance(value, Decimal) else str(value)
