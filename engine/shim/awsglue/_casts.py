"""Converting values between Glue types: a value that does not convert is null, whatever the session's ANSI setting."""

from __future__ import annotations

import builtins
from dataclasses import replace

from pyspark.sql import Column
from pyspark.sql import functions as F

from awsglue._sparktypes import to_spark, without_void
from awsglue._tree import OpenChoice, Part, members_of, struct_column
from awsglue.gluetypes import (
    ArrayType,
    BooleanType,
    ByteType,
    ChoiceType,
    DataType,
    DateType,
    DecimalType,
    DoubleType,
    Field,
    FloatType,
    IntegerType,
    LongType,
    MapType,
    NullType,
    SetType,
    ShortType,
    StringType,
    StructType,
    TimestampNTZType,
    TimestampType,
)

_NUMBERS = (ByteType, ShortType, IntegerType, LongType, FloatType, DoubleType, DecimalType)
_INSTANTS = (DateType, TimestampType, TimestampNTZType)
_LISTS = (ArrayType, SetType)
_WITH_MEMBERS = (ArrayType, SetType, MapType, StructType)


def null_of(type: DataType) -> Column:
    """A null of that type."""
    return F.lit(None).cast(to_spark(type))


def cast_part(part: Part, target: DataType) -> Part:
    """The field as `target`: for a choice whatever member is there, converted. Failure is null.

    An array, struct or map becomes JSON text as a string; converted to its own kind, its members are, by name. From
    one kind with members to another, or to and from a plain value, it is null.
    """
    return replace(part, type=target, column=_convert(part, target))


def _convert(part: Part, target: DataType) -> Column:
    source, column = part.type, part.column
    if source == target:
        return column
    if isinstance(source, OpenChoice):
        for member in members_of(part):
            if member.type == target and not isinstance(target, StringType):
                return member.column  # what is kept as text is just what does not cast to it
    if isinstance(source, ChoiceType):
        return F.coalesce(*[_convert(member, target) for member in members_of(part)])
    if isinstance(source, NullType) or isinstance(target, NullType):
        return null_of(target)
    if isinstance(target, _WITH_MEMBERS):
        return _convert_members(part, target)
    if isinstance(source, _WITH_MEMBERS):
        return F.to_json(_spoken(part)) if isinstance(target, StringType) else null_of(target)
    return column.try_cast(to_spark(target)) if _direct(source, target) else _through_text(column, target)


def _convert_members(part: Part, target: DataType) -> Column:
    if isinstance(part.type, StructType) and isinstance(target, StructType):
        known = {member.name.lower(): member for member in members_of(part)}
        members = [_convert_member(known.get(field.name.lower()), field) for field in target.fields]
        return struct_column(members, part.column.isNull())
    if isinstance(part.type, _LISTS) and isinstance(target, _LISTS):
        ours, theirs = _element(part.type), _element(target)
        return F.transform(part.column, lambda item: _convert(Part("", ours, item), theirs))
    if isinstance(part.type, MapType) and isinstance(target, MapType):
        keys, values = part.type.keyType, part.type.valueType
        converted = F.transform_values(
            part.column, lambda _, value: _convert(Part("", values, value), target.valueType)
        )
        if keys == target.keyType:
            return converted
        return F.transform_keys(converted, lambda key, _: _convert(Part("", keys, key), target.keyType))
    return null_of(target)


def _convert_member(part: Part | None, field: Field) -> Part:
    column = null_of(field.dataType) if part is None else _convert(part, field.dataType)
    return Part(field.name, field.dataType, column)


def _element(type: ArrayType | SetType) -> DataType:
    return type.elementType if isinstance(type, ArrayType) else type.itemType


def _spoken(part: Part) -> Column:
    """The value as records show it, a choice as what it holds and not as a struct of its members."""
    if not has_choice(part.type):
        return part.column
    if isinstance(part.type, ChoiceType):
        return F.coalesce(*[_as_variant(member) for member in members_of(part)])
    if isinstance(part.type, StructType):
        members = [replace(member, column=_spoken(member)) for member in members_of(part)]
        return struct_column(members, part.column.isNull())
    if isinstance(part.type, MapType):
        values = part.type.valueType
        return F.transform_values(part.column, lambda _, value: _spoken(Part("", values, value)))
    inner = part.type.elementType if isinstance(part.type, ArrayType) else NullType()
    return F.transform(part.column, lambda item: _spoken(Part("", inner, item)))


def _as_variant(part: Part) -> Column:
    spoken = _spoken(part)
    if isinstance(part.type, MapType | StructType | ArrayType | SetType):
        return F.parse_json(F.to_json(spoken)) if has_choice(part.type) else variant_of(spoken, part.type)
    return spoken.cast("variant")


def variant_of(column: Column, type: DataType) -> Column:
    """Values with members, none of which is a choice, as VARIANT, to which VOID is not converted."""
    return F.to_variant_object(column.cast(without_void(to_spark(type))))


def has_choice(type: DataType) -> bool:
    """Whether there is a choice in values of that type, at any depth."""
    return holds(type, ChoiceType)


def holds(type: DataType, kind: builtins.type[DataType]) -> bool:
    """Whether values of that type are of a kind, or hold some at any depth; choices are not looked into."""
    if isinstance(type, StructType):
        return any(holds(field.dataType, kind) for field in type.fields)
    if isinstance(type, ArrayType | SetType):
        return holds(_element(type), kind)
    if isinstance(type, MapType):
        return holds(type.valueType, kind)
    return isinstance(type, kind)


def _direct(source: DataType, target: DataType) -> bool:
    """Whether Spark's analyser accepts the cast at all under ANSI rules."""
    if isinstance(source, StringType) or isinstance(target, StringType):
        return True
    if isinstance(source, (*_NUMBERS, BooleanType)) and isinstance(target, (*_NUMBERS, BooleanType)):
        return True
    if isinstance(source, _INSTANTS) and isinstance(target, _INSTANTS):
        return True
    both = (source, target)
    # a number as a timestamp, or back, is seconds since 1970
    return any(isinstance(type, TimestampType) for type in both) and any(isinstance(type, _NUMBERS) for type in both)


def _through_text(column: Column, target: DataType) -> Column:
    return column.try_cast("string").try_cast(to_spark(target))
