"""Map: a function of the script turns each record into another."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pyspark.sql import functions as F

from awsglue._records import Batches, records_of, through_python
from awsglue._settling import schema_jobs
from awsglue._shapes import SUMMARY_SCHEMA, Shape, merged, summary
from awsglue._sources import unpacked_frame
from awsglue._tree import Typed
from awsglue._variants import reading_schema
from awsglue.gluetypes import StructType
from awsglue.transforms.transform import GlueTransform

if TYPE_CHECKING:
    from awsglue.dynamicframe import DynamicFrame

_SCHEMA = f"record string, {SUMMARY_SCHEMA}"


def map_records(typed: Typed, function: Callable[[Any], Any]) -> Typed:
    """Each record as `function` returns it, a dict; the types are learnt from what it returned.

    The function runs once per record: its results are kept (persisted) as JSON text, each partition adding one row
    with the types it saw. An exception of the function, or a result that is no filled dict, fails the job.
    """
    if not typed.type.fields:
        return typed
    mapped = through_python(typed, _mapper(function, typed.type, typed.sparse), _SCHEMA).persist()
    with schema_jobs(typed.frame.sparkSession.sparkContext):
        found = mapped.where(F.col("record").isNull()).collect()
    type = merged(row["types"] for row in found)
    texts = mapped.where(F.col("record").isNotNull())
    schema = reading_schema(type)
    return unpacked_frame(texts.select(F.from_json("record", schema).alias("record")).select("record.*"), type)


def _mapper(
    function: Callable[[Any], Any], type: StructType, sparse: bool
) -> Callable[[Batches], Iterator[pa.RecordBatch]]:
    def convert(batches: Batches) -> Iterator[pa.RecordBatch]:
        shape = Shape()
        for batch in batches:
            results = [_result(function, entry) for entry in records_of(batch, type, sparse)]
            for result in results:
                shape.see(result)
            yield _rows([json.dumps(result, default=_text) for result in results], None)
        yield _rows([None], summary(shape, 0))

    return convert


def _result(function: Callable[[Any], Any], entry: dict[str, Any]) -> dict[str, Any]:
    result = function(entry)
    if not isinstance(result, dict) or not result:
        raise ValueError(f"The function given to Map returned {result!r} for a record; it must return a filled dict.")
    return result


def _rows(texts: Sequence[str | None], found: pa.RecordBatch | None) -> pa.RecordBatch:
    empty = [None] * len(texts)
    return pa.RecordBatch.from_arrays(
        [
            pa.array(texts, pa.string()),
            pa.array(empty, pa.string()) if found is None else found.column(0),
            pa.array(empty, pa.int64()) if found is None else found.column(1),
        ],
        names=["record", "types", "broken"],
    )


def _text(value: object) -> str:
    """How JSON text carries what JSON has no word for, in the forms Spark's reader takes back."""
    if isinstance(value, datetime):
        return value.isoformat(sep="T")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, bytes | bytearray):
        return base64.b64encode(value).decode("ascii")
    raise TypeError(f"A record cannot hold {value!r}.")


class Map(GlueTransform):
    """Replaces every record by what `f` makes of it."""

    def __call__(
        self,
        frame: DynamicFrame,
        f: Callable[[Any], Any],
        preservesPartitioning: bool = False,
        transformation_ctx: str = "",
        info: str = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
    ) -> DynamicFrame:
        return frame.map(f, preservesPartitioning, transformation_ctx, info, stageThreshold, totalThreshold)
