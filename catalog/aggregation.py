"""Column statistics of several partitions as those of all their rows together, as far as these can be told. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import fields, replace
from typing import Any

from catalog.statistics import ColumnStatistics, Values

# What is counted adds up; of what is estimated or measured, the largest is known to be reached.
_MERGED: dict[str, Callable[[list[Any]], Any]] = {
    "low": min,
    "high": max,
    "nulls": sum,
    "trues": sum,
    "falses": sum,
    "distinct": max,
    "longest": max,
    "average_length": max,
}


def aggregated(found: Iterable[ColumnStatistics]) -> list[ColumnStatistics]:
    """One for each column, in the order in which they come first; none for a column whose statistics are of two kinds.

    The number of distinct values is a lower bound, and the average length an upper one.
    """
    columns: dict[str, list[ColumnStatistics]] = {}
    for each in found:
        columns.setdefault(each.column, []).append(each)
    return [
        replace(several[0], values=_merged([each.values for each in several]))
        for several in columns.values()
        if len({type(each.values) for each in several}) == 1
    ]


def _merged(values: list[Values]) -> Values:
    numbers: dict[str, Any] = {}
    for field in fields(values[0]):
        known = [number for each in values if (number := getattr(each, field.name)) is not None]
        numbers[field.name] = _MERGED[field.name](known) if known else None
    return type(values[0])(**numbers)
