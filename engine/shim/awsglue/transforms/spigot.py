"""Spigot: a sample of a frame's records, written beside the job's own work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from awsglue._casts import variant_of
from awsglue._formats import folded
from awsglue._paths import Path
from awsglue._settling import settled
from awsglue._tree import Part, Typed, members_of, rewrite
from awsglue.gluetypes import ChoiceType, DataType, MapType
from awsglue.transforms.transform import GlueTransform

if TYPE_CHECKING:
    from awsglue.dynamicframe import DynamicFrame

_DEFAULT_TOP = 100


@dataclass(frozen=True)
class Sample:
    """Which records: the first `top` (all if None) of those that a throw of `probability` lets pass."""

    top: int | None
    probability: float


def parse_sample(options: Mapping[str, Any] | None) -> Sample:
    """`topk` and `prob`, as numbers or text. With neither it is the first 100; ValueError for what cannot be."""
    given = folded(dict(options or {}))
    top, probability = given.get("topk"), given.get("prob")
    if top is None and probability is None:
        return Sample(_DEFAULT_TOP, 1.0)
    wrong = ValueError(f"A spigot takes topk of 0 or more and prob between 0 and 1, not {dict(options or {})}.")
    try:
        sample = Sample(None if top is None else int(top), 1.0 if probability is None else float(probability))
    except (TypeError, ValueError):
        raise wrong from None
    if not 0 <= sample.probability <= 1 or (sample.top is not None and sample.top < 0):
        raise wrong
    return sample


def spigot(typed: Typed, path: str, sample: Sample) -> Typed:
    """The frame as it is, after its sample was added as JSON lines under `path`; a choice shows its value."""
    typed = settled(typed)
    shown = rewrite(typed, _shown).frame
    chosen = shown if sample.probability >= 1 else shown.where(F.rand() < sample.probability)
    _write(chosen if sample.top is None else chosen.limit(sample.top), path)
    return typed


def _write(frame: DataFrame, path: str) -> None:
    if frame.columns:
        options = {"mapreduce.fileoutputcommitter.marksuccessfuljobs": "false"}
        frame.write.mode("append").options(**options).json(path)


def _shown(path: Path, part: Part) -> Sequence[Part]:
    """A choice as a VARIANT of whatever it holds, which JSON writes plainly."""
    if not isinstance(part.type, ChoiceType):
        return [part]
    return [replace(part, column=F.coalesce(*[_variant(member.column, member.type) for member in members_of(part)]))]


def _variant(column: Column, type: DataType) -> Column:
    nested = isinstance(type, MapType) or type.typeName() in ("struct", "array", "set")
    return variant_of(column, type) if nested else column.cast("variant")


class Spigot(GlueTransform):
    """Writes sample records under `path` (options topk, prob) and returns the frame unchanged."""

    def __call__(
        self, frame: DynamicFrame, path: str, options: dict[str, Any] | None = None, transformation_ctx: str = ""
    ) -> DynamicFrame:
        return frame.spigot(path, options, transformation_ctx)
