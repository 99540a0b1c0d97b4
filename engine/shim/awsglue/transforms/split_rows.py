"""SplitRows: one frame as two, the records that compare as asked and the rest."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import reduce
from typing import TYPE_CHECKING, Any

from pyspark.sql import Column
from pyspark.sql import functions as F

from awsglue._fields import find_field
from awsglue._paths import Path, parse_path
from awsglue._sparktypes import to_spark
from awsglue._tree import Part, Typed, members_of, parts_of
from awsglue.gluetypes import (
    BooleanType,
    ByteType,
    ChoiceType,
    DateType,
    DecimalType,
    DoubleType,
    FloatType,
    IntegerType,
    LongType,
    ShortType,
    StringType,
    TimestampNTZType,
    TimestampType,
)
from awsglue.transforms.transform import GlueTransform

if TYPE_CHECKING:
    from awsglue._collection import DynamicFrameCollection
    from awsglue.dynamicframe import DynamicFrame

_NUMBERS = (ByteType, ShortType, IntegerType, LongType, FloatType, DoubleType, DecimalType)
_INSTANTS = (DateType, TimestampType, TimestampNTZType)
_OPERATORS: dict[str, Callable[[Column, Column], Column]] = {
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
    "=": operator.eq,
    "!=": operator.ne,
}


@dataclass(frozen=True)
class Comparison:
    """A field, an operator, and the constant to compare with."""

    path: Path
    operator: str
    constant: Any


def parse_comparisons(comparisons: Mapping[str, Mapping[str, Any]]) -> list[Comparison]:
    """`{"age": {">": 10, "<": 20}}` as comparisons. ValueError for an operator that is none of > < >= <= = !=."""
    parsed = [
        Comparison(parse_path(path), sign, constant)
        for path, conditions in comparisons.items()
        for sign, constant in conditions.items()
    ]
    for comparison in parsed:
        if comparison.operator not in _OPERATORS:
            known = " ".join(_OPERATORS)
            raise ValueError(f"{comparison.operator!r} is not an operator of split_rows: it knows {known}.")
    return parsed


def rows_where(typed: Typed, comparisons: Sequence[Comparison], matching: bool) -> Typed:
    """The rows for which all comparisons hold, or else all other rows.

    A null, a field that is not there and a value that cannot be compared with the constant match nothing. A text
    constant is compared with a number as a number, with a date as a date, and with text as text.
    """
    fields = parts_of(typed)
    holds = [_holds(find_field(fields, comparison.path), comparison) for comparison in comparisons]
    all_hold = reduce(operator.and_, holds, F.lit(True))
    return typed.thinned_to(typed.frame.where(all_hold if matching else ~all_hold))


def _holds(field: Part | None, comparison: Comparison) -> Column:
    if field is None:
        return F.lit(False)
    choices = members_of(field) if isinstance(field.type, ChoiceType) else [field]
    return F.coalesce(*[_compared(choice, comparison) for choice in choices], F.lit(False))


def _compared(field: Part, comparison: Comparison) -> Column:
    """Whether the comparison holds; null where there is nothing to compare."""
    sides = _sides(field, comparison.constant)
    return F.lit(None).cast("boolean") if sides is None else _OPERATORS[comparison.operator](*sides)


def _sides(field: Part, constant: Any) -> tuple[Column, Column] | None:
    """The field and the constant as values of one kind; None if there is no such kind."""
    if isinstance(field.type, _NUMBERS):
        number = _number(constant)
        return None if number is None else (field.column, F.lit(number))
    if isinstance(field.type, StringType):
        if isinstance(constant, str):
            return field.column, F.lit(constant)
        number = _number(constant)
        return None if number is None else (field.column.try_cast("double"), F.lit(number))
    if isinstance(field.type, BooleanType):
        return field.column, F.lit(str(constant).lower()).try_cast("boolean")
    if isinstance(field.type, _INSTANTS) and isinstance(constant, str | date | datetime):
        return field.column, F.lit(constant).try_cast(to_spark(field.type))
    return None


def _number(constant: Any) -> int | float | Decimal | None:
    if isinstance(constant, bool):
        return None
    if isinstance(constant, int | float | Decimal):
        return constant
    try:
        number = Decimal(str(constant))
    except InvalidOperation:
        return None
    if not number.is_finite() or number.as_tuple().exponent not in range(-18, 1) or abs(number) >= 10**18:
        return float(number)
    return number


class SplitRows(GlueTransform):
    """Splits a frame by records: a collection of those that compare as asked and of all others, under two names."""

    def __call__(
        self,
        frame: DynamicFrame,
        comparison_dict: dict[str, dict[str, Any]],
        name1: str = "frame1",
        name2: str = "frame2",
        transformation_ctx: str = "",
        info: str | None = None,
        stageThreshold: int = 0,
        totalThreshold: int = 0,
    ) -> DynamicFrameCollection:
        return frame.split_rows(
            comparison_dict, name1, name2, transformation_ctx, info or "", stageThreshold, totalThreshold
        )
