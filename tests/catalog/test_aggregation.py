"""Column statistics of several partitions put together."""

from __future__ import annotations

from decimal import Decimal

import pytest

from catalog.aggregation import aggregated
from catalog.statistics import BooleanValues, ColumnStatistics, DecimalValues, LongValues, StringValues, Values


def of(*values: Values, column: str = "a") -> list[ColumnStatistics]:
    return [ColumnStatistics(column, "int", each) for each in values]


@pytest.mark.parametrize(
    ("parts", "whole"),
    [
        ([LongValues(1, 9, 2, 5)], LongValues(1, 9, 2, 5)),
        ([LongValues(1, 9, 2, 5), LongValues(-3, 4, 1, 7)], LongValues(-3, 9, 3, 7)),
        ([LongValues(None, None, 9, 0), LongValues(4, 5, 0, 2)], LongValues(4, 5, 9, 2)),
        ([LongValues(None, None, 9, 0), LongValues(None, None, 1, 0)], LongValues(None, None, 10, 0)),
        ([BooleanValues(1, 2, 3), BooleanValues(10, 20, 30)], BooleanValues(11, 22, 33)),
        ([StringValues(3, 1.5, 0, 2), StringValues(2, 1.75, 1, 4)], StringValues(3, 1.75, 1, 4)),
        (
            [DecimalValues(Decimal("1.20"), Decimal("2"), 0, 1), DecimalValues(Decimal("-1"), None, 0, 1)],
            DecimalValues(Decimal("-1"), Decimal("2"), 0, 1),
        ),
    ],
)
def test_what_is_counted_adds_up_and_of_the_rest_the_widest_holds(parts: list[Values], whole: Values) -> None:
    assert aggregated(of(*parts)) == of(whole)


def test_columns_stay_apart_and_one_of_two_kinds_is_left_out() -> None:
    a, b = of(LongValues(1, 2, 0, 1)), of(StringValues(1, 1.0, 0, 1), column="b")
    assert aggregated([*b, *a, *b]) == [*b, *a]
    assert aggregated([*a, *of(StringValues(1, 1.0, 0, 1)), *b]) == b
