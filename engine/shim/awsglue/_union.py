"""The rows of two frames below each other: their types merged by name, unlike types becoming a choice."""

from __future__ import annotations

from dataclasses import replace

from pyspark.sql import Column
from pyspark.sql import functions as F

from awsglue._casts import null_of
from awsglue._settling import decided
from awsglue._sparktypes import to_spark
from awsglue._tree import Part, Typed, from_parts, members_of, parts_of, struct_column
from awsglue.gluetypes import (
    ArrayType,
    ChoiceType,
    DataType,
    Field,
    MapType,
    NullType,
    Present,
    SetType,
    StructType,
    mergeDataTypes,
)


def union(left: Typed, right: Typed) -> Typed:
    """All records of both, in the order of the first frame's fields; a field of one side is null on the other.

    The result is sparse when either is; what is missing in records of the other side stays None in theirs.
    """
    left, right = decided(left), decided(right)
    sparse = left.sparse or right.sparse
    if sparse:
        left, right = as_sparse(left), as_sparse(right)
    type = mergeDataTypes(left.type, right.type)
    if not isinstance(type, StructType):
        raise TypeError(f"Records are structs, not {type.typeName()}.")
    ours, theirs = (_of_type(side, type) for side in (left, right))
    frame = ours.frame.unionByName(theirs.frame) if type.fields else ours.frame.union(theirs.frame)
    errors = tuple(dict.fromkeys([*left.errors, *right.errors]))
    return Typed(frame, type, sparse, left.thinned or right.thinned, errors)


def as_sparse(typed: Typed) -> Typed:
    """The frame as one of self-describing records: where it was none, every record has every field."""
    if typed.sparse:
        return typed
    type = _all_present(typed.type)
    return replace(typed, type=type, sparse=True) if isinstance(type, StructType) else typed


def _all_present(type: DataType) -> DataType:
    if isinstance(type, StructType):
        fields = [Present(field.name, _all_present(field.dataType), field.properties) for field in type.fields]
        return StructType(fields, type.properties)
    if isinstance(type, ArrayType):
        return ArrayType(_all_present(type.elementType), type.properties)
    if isinstance(type, MapType):
        return MapType(_all_present(type.valueType), type.properties, type.keyType)
    if isinstance(type, ChoiceType):
        return ChoiceType([_all_present(member) for member in type.choices.values()], type.properties)
    return type


def _of_type(typed: Typed, type: StructType) -> Typed:
    return from_parts(typed, _fitted_members(parts_of(typed), type))


def _fitted_members(parts: list[Part], type: StructType) -> list[Part]:
    known = {part.name: part for part in parts}
    return [_fitted_member(known.get(field.name), field) for field in type.fields]


def _fitted_member(part: Part | None, field: Field) -> Part:
    column = null_of(field.dataType) if part is None else fitted(part, field.dataType)
    return Part(field.name, field.dataType, column, isinstance(field, Present))


def fitted(part: Part, type: DataType) -> Column:
    """The same values as `type`, which is the part's own type merged with others."""
    if part.type == type:
        return part.column
    if isinstance(part.type, NullType):
        return null_of(type)
    if isinstance(type, ChoiceType):
        return _as_choice(part, type)
    if isinstance(type, StructType):
        return struct_column(_fitted_members(members_of(part), type), part.column.isNull())
    if isinstance(type, ArrayType) and isinstance(part.type, ArrayType):
        inner = part.type.elementType
        return F.transform(part.column, lambda item: fitted(Part("", inner, item), type.elementType))
    if isinstance(type, SetType) and isinstance(part.type, SetType):
        inner = part.type.itemType
        return F.transform(part.column, lambda item: fitted(Part("", inner, item), type.itemType))
    if isinstance(type, MapType) and isinstance(part.type, MapType):
        values = part.type.valueType
        return F.transform_values(part.column, lambda _, value: fitted(Part("", values, value), type.valueType))
    return part.column.cast(to_spark(type))


def _as_choice(part: Part, type: ChoiceType) -> Column:
    own = members_of(part) if isinstance(part.type, ChoiceType) else [replace(part, name=part.type.typeName())]
    known = {member.name: member for member in own}
    members = [_fitted_member(known.get(name), Field(name, member)) for name, member in type.choices.items()]
    return struct_column(members, part.column.isNull())
