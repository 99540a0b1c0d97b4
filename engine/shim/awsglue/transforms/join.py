"""Join: the pairs of records whose keys are equal, with all fields of both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pyspark.sql import Column

from awsglue._casts import cast_part, null_of
from awsglue._paths import Path
from awsglue._settling import decided
from awsglue._tree import Part, Typed, column_named, members_of, parts_of
from awsglue._union import as_sparse
from awsglue.gluetypes import (
    ByteType,
    ChoiceType,
    DecimalType,
    DoubleType,
    FloatType,
    IntegerType,
    LongType,
    NullType,
    ShortType,
    StringType,
    StructType,
)
from awsglue.transforms.transform import GlueTransform

if TYPE_CHECKING:
    from awsglue.dynamicframe import DynamicFrame

_NUMBERS = (ByteType, ShortType, IntegerType, LongType, FloatType, DoubleType, DecimalType)


def join(left: Typed, right: Typed, left_keys: Sequence[Path], right_keys: Sequence[Path]) -> Typed:
    """An inner equality join, key by key in the order given; null keys never match.

    Both keys stay. A name that both sides have (ignoring case, as Spark resolves names) gets a leading dot on the
    left side's copy. Keys of unlike types are compared by their text. A key field that no record of a self-describing
    frame has matches nothing; missing in any other frame it is a KeyError.
    """
    if len(left_keys) != len(right_keys) or not left_keys:
        raise ValueError(f"A join needs as many keys on both sides: {len(left_keys)} and {len(right_keys)} were given.")
    left, right = decided(left), decided(right)
    if left.sparse or right.sparse:
        left, right = as_sparse(left), as_sparse(right)
    ours, theirs = _side(left, left_keys, "l"), _side(right, right_keys, "r")
    condition = [_equal(a, b) for a, b in zip(ours.keys, theirs.keys, strict=True)]
    joined = ours.frame.join(theirs.frame, condition, "inner")
    names = _names(left.type, right.type)
    columns = [column.alias(name) for column, name in zip([*ours.columns, *theirs.columns], names, strict=True)]
    fields = zip(names, [*left.type.fields, *right.type.fields], strict=True)
    type = StructType([field.__class__(name, field.dataType) for name, field in fields])
    errors = tuple(dict.fromkeys([*left.errors, *right.errors]))
    return Typed(joined.select(columns), type, left.sparse, left.sparse, errors)


def unmatched(left: Typed, right: Typed, left_keys: Sequence[Path], right_keys: Sequence[Path]) -> Typed:
    """The rows of `left` that `join` would find nothing for in `right`: those with a null key are among them."""
    left, right = decided(left), decided(right)
    ours, theirs = _side(left, left_keys, "l"), _side(right, right_keys, "r")
    condition = [_equal(a, b) for a, b in zip(ours.keys, theirs.keys, strict=True)]
    kept = ours.frame.join(theirs.frame, condition, "left_anti")
    names = [field.name for field in left.type.fields]
    return left.thinned_to(kept.select([column.alias(name) for column, name in zip(ours.columns, names, strict=True)]))


class _Side:
    """One input under names nobody else has, so that a frame can be joined with itself."""

    def __init__(self, typed: Typed, keys: Sequence[Part], prefix: str) -> None:
        fields = [column_named(typed.frame, f.name).alias(f"{prefix}{at}") for at, f in enumerate(typed.type.fields)]
        extra = [key.column.alias(f"{prefix}k{at}") for at, key in enumerate(keys)]
        self.frame = typed.frame.select([*fields, *extra])
        self.columns = [self.frame[f"{prefix}{at}"] for at in range(len(fields))]
        self.keys = [Part(k.name, k.type, self.frame[f"{prefix}k{at}"]) for at, k in enumerate(keys)]


def _side(typed: Typed, keys: Sequence[Path], prefix: str) -> _Side:
    return _Side(typed, [_key(typed, path) for path in keys], prefix)


def _key(typed: Typed, path: Path) -> Part:
    parts = parts_of(typed)
    for at, name in enumerate(path):
        found = next((part for part in parts if part.name == name), None)
        if found is None and typed.sparse:
            return Part(name, NullType(), null_of(NullType()))
        if found is None:
            names = ", ".join(part.name for part in parts)
            raise KeyError(f"The join key {'.'.join(path)} is not in the frame: {name!r} is none of {names}.")
        if at == len(path) - 1:
            return found
        parts = members_of(found)
    raise ValueError("A join key needs a name.")


def _equal(left: Part, right: Part) -> Column:
    if not isinstance(left.type, ChoiceType) and not isinstance(right.type, ChoiceType):
        same_kind = left.type.typeName() == right.type.typeName()
        if same_kind or (isinstance(left.type, _NUMBERS) and isinstance(right.type, _NUMBERS)):
            return left.column == right.column
    return _text(left) == _text(right)


def _text(part: Part) -> Column:
    return cast_part(part, StringType()).column


def _names(left: StructType, right: StructType) -> list[str]:
    taken = {field.name.lower() for field in (*left.fields, *right.fields)}
    theirs = {field.name.lower() for field in right.fields}
    names = []
    for field in left.fields:
        name = field.name
        if name.lower() in theirs:
            name = f".{name}"
            while name.lower() in taken:
                name = f".{name}"
        taken.add(name.lower())
        names.append(name)
    return [*names, *(field.name for field in right.fields)]


class Join(GlueTransform):
    """Joins two frames on equal keys."""

    def __call__(
        self,
        frame1: DynamicFrame,
        frame2: DynamicFrame,
        keys1: str | list[str],
        keys2: str | list[str],
        transformation_ctx: str = "",
    ) -> DynamicFrame:
        return frame1.join(keys1, keys2, frame2, transformation_ctx)
