"""Converting values between Glue types: a value that does not convert is null, whatever the session's ANSI setting."""

from __future__ import annotations

from pyspark.sql import Column
from pyspark.sql import functions as F

from awsglue._missing import NotProvidedError
from awsglue._sparktypes import ddl, to_spark
from awsglue._tree import Part, members_of
from awsglue.gluetypes import (
    ArrayType,
    BooleanType,
    ByteType,
    ChoiceType,
    DataType,
    DateType,
    DecimalType,
    DoubleType,
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
_WITH_MEMBERS = (ArrayType, SetType, MapType, StructType)


def null_of(type: DataType) -> Column:
    """A null of that type."""
    return F.lit(None).cast(to_spark(type))


def cast_part(part: Part, target: DataType) -> Part:
    """The field as `target`: for a choice whatever member is there, converted. Failure is null.

    An array, struct or map becomes JSON text as a string; to anything else of another kind it is null. A string or
    number to an array, struct or map is refused (NotProvidedError).
    """
    return Part(part.name, target, _convert(part, target))


def _convert(part: Part, target: DataType) -> Column:
    source, column = part.type, part.column
    if source == target:
        return column
    if isinstance(source, ChoiceType):
        return F.coalesce(*[_convert(member, target) for member in members_of(part)])
    if isinstance(source, NullType):
        return null_of(target)
    if isinstance(target, _WITH_MEMBERS):
        if isinstance(source, target.__class__):
            return column.try_cast(ddl(to_spark(target)))
        raise NotProvidedError(f"a cast of {part.name!r} from {source.typeName()} to {target.typeName()}")
    if isinstance(source, _WITH_MEMBERS):
        return F.to_json(column) if isinstance(target, StringType) else null_of(target)
    return column.try_cast(to_spark(target)) if _direct(source, target) else _through_text(column, target)


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
