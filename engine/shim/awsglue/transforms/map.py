"""Map: a function of the script turns each record into another, or each partition's records into others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pyspark import TaskContext
from pyspark.sql import functions as F

from awsglue._errors import ERROR_COLUMNS, ERROR_SCHEMA, Errors
from awsglue._json import error_rows, unpacked_frame
from awsglue._kept import kept
from awsglue._record_text import Failure, failure, stored_text
from awsglue._records import Batches, records_of, through_python
from awsglue._settling import schema_jobs
from awsglue._shapes import SUMMARY_SCHEMA, Shape, merged, summary
from awsglue._tree import Typed
from awsglue._variants import reading_schema
from awsglue.gluetypes import StructType
from awsglue.transforms.transform import GlueTransform

if TYPE_CHECKING:
    from awsglue.dynamicframe import DynamicFrame

Change = Callable[[Iterator[Any]], Iterable[Any]]
_SCHEMA = f"record string, {SUMMARY_SCHEMA}, {ERROR_SCHEMA}"
_CHUNK = 4096


def map_records(typed: Typed, function: Callable[[Any], Any]) -> Typed:
    """Each record as `function` returns it, a dict; the types are learnt from what it returned.

    An exception of the function, or a result that is no filled dict, makes an error record.
    """
    return _changed(typed, lambda records: (_result(function, record) for record in records))


def map_partitions(typed: Typed, function: Callable[[int, Iterator[Any]], Iterable[Any]]) -> Typed:
    """What `function` makes of the number and the records of each partition; an exception of it fails the job."""

    def change(records: Iterator[Any]) -> Iterable[Any]:
        task = TaskContext.get()
        return map(_checked, function(task.partitionId() if task else 0, records))

    return _changed(typed, change)


def _result(function: Callable[[Any], Any], record: Any) -> Any:
    try:
        return _checked(function(record), record)
    except Exception as error:
        return failure(error, record)


def _checked(result: Any, record: Any = None) -> Any:
    if isinstance(result, dict) and result:
        return result
    message = f"The function returned {result!r} for a record; it must return a dict with at least one field."
    return failure(ValueError(message), {} if record is None else record)


def _changed(typed: Typed, change: Change) -> Typed:
    """The frame of what `change` makes of each partition's records.

    The function runs once per record: its results are kept as JSON text, beside the error records, each partition
    adding one row with the types it saw.
    """
    if not typed.type.fields:
        return typed
    with schema_jobs(typed.frame.sparkSession.sparkContext):
        changed = kept(through_python(typed, _converter(change, typed.type, typed.sparse), _SCHEMA))
        found = changed.where(F.col("broken").isNotNull()).select("types", "broken").collect()
    type = merged(row["types"] for row in found)
    texts = changed.where(F.col("record").isNotNull())
    read = texts.select(F.from_json("record", reading_schema(type)).alias("record")).select("record.*")
    result = unpacked_frame(read, type).with_errors(*typed.errors)
    failed = sum(row["broken"] for row in found)
    if not failed:
        return result
    return result.with_errors(Errors(lambda: changed.where(F.col("msg").isNotNull()).select(*ERROR_COLUMNS), failed))


def _converter(change: Change, type: StructType, sparse: bool) -> Callable[[Batches], Iterator[pa.RecordBatch]]:
    def convert(batches: Batches) -> Iterator[pa.RecordBatch]:
        shape, failed = Shape(), 0
        records = chain.from_iterable(records_of(batch.columns, type, sparse) for batch in batches)
        outcomes = iter(change(records))
        while chunk := list(islice(outcomes, _CHUNK)):
            results, texts, failures = _sorted_out(chunk)
            shape.see(results)
            failed += len(failures)
            yield _rows(texts, failures)
        yield _summary_row(summary(shape, failed))

    return convert


def _sorted_out(outcomes: Sequence[Any]) -> tuple[list[Any], list[str], list[Failure]]:
    """The good results, their texts, and what has failed."""
    results = [outcome for outcome in outcomes if type(outcome) is not Failure]
    failures = [outcome for outcome in outcomes if type(outcome) is Failure] if len(results) < len(outcomes) else []
    try:
        return results, [stored_text(result) for result in results], failures
    except (TypeError, ValueError):
        return _one_by_one(results, failures)


def _one_by_one(results: Sequence[Any], failures: list[Failure]) -> tuple[list[Any], list[str], list[Failure]]:
    good, texts = [], []
    for result in results:
        try:
            texts.append(stored_text(result))
            good.append(result)
        except (TypeError, ValueError) as error:  # ValueError: a record that holds itself
            failures.append(failure(error, {"record": repr(result)}))
    return good, texts, failures


def _rows(texts: Sequence[str], failures: Sequence[Failure]) -> pa.RecordBatch:
    count = len(texts) + len(failures)
    told = error_rows([*({} for _ in texts), *failures])
    columns: list[Any] = [pa.array([*texts, *(None for _ in failures)], pa.string())]
    nothing: list[Any] = [pa.nulls(count, pa.binary()), pa.nulls(count, pa.int64())]
    return pa.RecordBatch.from_arrays([*columns, *nothing, *told.columns], names=_names())


def _summary_row(found: pa.RecordBatch) -> pa.RecordBatch:
    columns: list[Any] = [pa.nulls(1, pa.string()), *found.columns, *error_rows([{}]).columns]
    return pa.RecordBatch.from_arrays(columns, names=_names())


def _names() -> list[str]:
    return ["record", "types", "broken", *ERROR_COLUMNS]


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
