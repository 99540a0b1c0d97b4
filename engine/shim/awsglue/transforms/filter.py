"""Filter: the records for which a function of the script says yes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from awsglue._records import Batches, records_of, through_python
from awsglue._tree import Typed
from awsglue.gluetypes import StructType
from awsglue.transforms.transform import GlueTransform

if TYPE_CHECKING:
    from awsglue.dynamicframe import DynamicFrame


def filter_records(typed: Typed, predicate: Callable[[Any], Any]) -> Typed:
    """The rows whose record `predicate` accepts.

    KeyError, ValueError and TypeError in it mean no: in a self-describing frame an absent field is no key of the
    record. Any other exception fails the job. Rows pass through untouched; only the answer comes from Python.
    """
    if not typed.type.fields:
        return typed
    kept = through_python(typed, _keeper(predicate, typed.type, typed.sparse))
    return Typed(kept, typed.type, typed.sparse)


def _keeper(
    predicate: Callable[[Any], Any], type: StructType, sparse: bool
) -> Callable[[Batches], Iterator[pa.RecordBatch]]:
    def keep(batches: Batches) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            chosen = [_accepts(predicate, entry) for entry in records_of(batch, type, sparse)]
            yield batch.filter(pa.array(chosen, pa.bool_()))

    return keep


def _accepts(predicate: Callable[[Any], Any], entry: dict[str, Any]) -> bool:
    try:
        return bool(predicate(entry))
    except (KeyError, ValueError, TypeError):
        return False


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
