"""Filter: the records for which a function of the script says yes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, cast

import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from awsglue._errors import ERROR_SCHEMA, Errors
from awsglue._json import error_rows
from awsglue._record_text import failure
from awsglue._records import Batches, plainly_named, records_of, through_python
from awsglue._touched import fields_touched
from awsglue._tree import Typed
from awsglue.gluetypes import DynamicRecord, StructType
from awsglue.transforms.transform import GlueTransform

if TYPE_CHECKING:
    from awsglue.dynamicframe import DynamicFrame

Predicate = Callable[[Any], Any]
_MEANS_NO = (KeyError, ValueError, TypeError)


def filter_records(typed: Typed, predicate: Predicate) -> Typed:
    """The rows whose record `predicate` accepts.

    KeyError, ValueError and TypeError in it mean no: in a self-describing frame an absent field is no key of the
    record. Any other exception makes it an error record. Rows stay in Spark: Python is sent the fields that the
    predicate can look at and sends the answer. The error records are found by calling it again, when somebody asks
    for them.
    """
    if not typed.type.fields:
        return typed
    errors = Errors(lambda: through_python(typed, _teller(predicate, typed.type, typed.sparse), ERROR_SCHEMA))
    return typed.thinned_to(_kept(typed, predicate)).with_errors(errors)


def _kept(typed: Typed, predicate: Predicate) -> DataFrame:
    touched = fields_touched(predicate)
    known = [at for at, field in enumerate(typed.type.fields) if touched is None or field.name in touched]
    sent = known or [0]  # a function in Spark must have a column, if only to know how often it is called
    rows = plainly_named(typed)
    answer = _answer(predicate, StructType([typed.type.fields[at] for at in sent]), typed.sparse)
    return rows.where(answer(*[rows[f"c{at}"] for at in sent])).toDF(*typed.frame.columns)


def _answer(predicate: Predicate, type: StructType, sparse: bool) -> Callable[..., Column]:
    """Said not to be deterministic, as which Spark calls it once for each record that comes so far, and no other."""
    answer: Any = F.arrow_udf(  # type: ignore[attr-defined] # pyspark's stubs lack it
        lambda *columns: pa.array(_accepted(predicate, records_of(columns, type, sparse)), pa.bool_()), "boolean"
    )
    return cast("Callable[..., Column]", answer.asNondeterministic())


def _accepted(predicate: Predicate, records: Sequence[DynamicRecord]) -> list[bool]:
    answers = []
    for record in records:
        try:
            answers.append(bool(predicate(record)))
        except Exception:  # what is no plain no is told of by _teller
            answers.append(False)
    return answers


def _teller(predicate: Predicate, type: StructType, sparse: bool) -> Callable[[Batches], Iterator[pa.RecordBatch]]:
    def tell(batches: Batches) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            told = (_failed(predicate, record) for record in records_of(batch.columns, type, sparse))
            yield error_rows([row for row in told if row is not None])

    return tell


def _failed(predicate: Predicate, record: DynamicRecord) -> dict[str, Any] | None:
    try:
        predicate(record)
    except _MEANS_NO:
        return None
    except Exception as error:
        return failure(error, record)
    return None


class Filter(GlueTransform):
    """Keeps the records for which `f` is true."""

    def __call__(
        self,
        frame: DynamicFrame,
        f: Callable[[Any], Any],
        transformation_ctx: str = "",
        info: str = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
    ) -> DynamicFrame:
        return frame.filter(f, transformation_ctx, info, stageThreshold, totalThreshold)
