"""Filter: the records for which a function of the script says yes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from awsglue._errors import ERROR_SCHEMA, Errors
from awsglue._json import error_rows
from awsglue._record_text import failure
from awsglue._records import Batches, records_of, through_python
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
    record. Any other exception makes it an error record. Rows pass through untouched; only the answer comes from
    Python. The error records are found by calling the predicate again, when somebody asks for them.
    """
    if not typed.type.fields:
        return typed
    kept = through_python(typed, _keeper(predicate, typed.type, typed.sparse))
    errors = Errors(lambda: through_python(typed, _teller(predicate, typed.type, typed.sparse), ERROR_SCHEMA))
    return typed.thinned_to(kept).with_errors(errors)


def _keeper(predicate: Predicate, type: StructType, sparse: bool) -> Callable[[Batches], Iterator[pa.RecordBatch]]:
    def keep(batches: Batches) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            chosen = _accepted(predicate, records_of(batch.columns, type, sparse))
            yield batch.filter(pa.array(chosen, pa.bool_()))

    return keep


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
