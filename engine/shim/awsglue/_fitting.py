"""Python values brought into the form in which Arrow takes a Glue type: choices as structs, maps as pairs."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from awsglue.gluetypes import (
    ArrayType,
    BinaryType,
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
    ShortType,
    StringType,
    StructType,
    TimestampNTZType,
    TimestampType,
)

_HOLDS: list[tuple[type, tuple[type[DataType], ...]]] = [
    (bool, (BooleanType,)),
    (int, (IntegerType, ShortType, ByteType, LongType, DecimalType, DoubleType)),
    (float, (DoubleType, FloatType)),
    (Decimal, (DecimalType,)),
    (str, (StringType,)),
    (datetime, (TimestampType, TimestampNTZType)),
    (date, (DateType,)),
    (bytes, (BinaryType,)),
    (dict, (StructType, MapType)),
    (list, (ArrayType,)),
]
_WIDTH: dict[type[DataType], int] = {ByteType: 8, ShortType: 16, IntegerType: 32, LongType: 64}


def fits_as_it_is(type: DataType) -> bool:
    """Whether Arrow takes Python's values of that type without a change."""
    if isinstance(type, StructType):
        return all(fits_as_it_is(field.dataType) for field in type.fields)
    if isinstance(type, ArrayType):
        return fits_as_it_is(type.elementType)
    return not isinstance(type, ChoiceType | MapType | NullType | StringType)


def fit(value: Any, type: DataType) -> Any:
    """A value for `type`; a choice's goes to the member that holds its kind. ValueError where none does."""
    if value is None or isinstance(type, NullType):
        return None
    if isinstance(type, StructType):
        return {field.name: fit(value.get(field.name), field.dataType) for field in type.fields}
    if isinstance(type, ArrayType):
        return [fit(item, type.elementType) for item in value]
    if isinstance(type, MapType):
        return [(key, fit(item, type.valueType)) for key, item in value.items()]
    if isinstance(type, ChoiceType):
        name = _member(value, type)
        return {name: fit(value, type.choices[name])}
    return str(value) if isinstance(type, StringType) else value


def _member(value: Any, type: ChoiceType) -> str:
    kinds = next((kinds for python, kinds in _HOLDS if isinstance(value, python)), ())
    for kind in kinds:
        for name, member in type.choices.items():
            if member.__class__ is kind and _is_wide_enough(value, kind):
                return name
    raise ValueError(f"a {value.__class__.__name__} is none of {', '.join(type.choices)}")


def _is_wide_enough(value: Any, kind: type[DataType]) -> bool:
    bits = _WIDTH.get(kind)
    return bits is None or not isinstance(value, int) or -(1 << (bits - 1)) <= value < 1 << (bits - 1)
