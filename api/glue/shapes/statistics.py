"""Column statistics in Glue's shape."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import astuple
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from catalog.statistics import KINDS, ColumnStatistics

Shape = Mapping[str, Any]
_EPOCH = date(1970, 1, 1)
# The members of each kind of statistics, in the order of the fields of the catalog's.
_MEMBERS = {
    "boolean": ("NumberOfTrues", "NumberOfFalses", "NumberOfNulls"),
    "string": ("MaximumLength", "AverageLength", "NumberOfNulls", "NumberOfDistinctValues"),
    "binary": ("MaximumLength", "AverageLength", "NumberOfNulls"),
}
_BOUNDED = ("MinimumValue", "MaximumValue", "NumberOfNulls", "NumberOfDistinctValues")
_KIND_OF = {values: kind for kind, values in KINDS.items()}


def statistics_value(shape: Shape) -> ColumnStatistics:
    """Raises KeyError for statistics of a kind that the catalog does not know."""
    data = shape["StatisticsData"]
    kind = data["Type"].lower()
    members = data[f"{kind.capitalize()}ColumnStatisticsData"]
    values = [_number(members.get(name), name) for name in _MEMBERS.get(kind, _BOUNDED)]
    return ColumnStatistics(shape["ColumnName"], shape["ColumnType"], KINDS[kind](*values))


def statistics_shape(statistics: ColumnStatistics) -> dict[str, Any]:
    kind = _KIND_OF[type(statistics.values)]
    told = zip(_MEMBERS.get(kind, _BOUNDED), astuple(statistics.values), strict=True)
    members = {name: _told(value, kind, name) for name, value in told}
    return {
        "ColumnName": statistics.column,
        "ColumnType": statistics.type,
        "AnalyzedTime": statistics.analyzed_at,
        "StatisticsData": {"Type": kind.upper(), f"{kind.capitalize()}ColumnStatisticsData": members},
    }


def _number(value: Any, member: str) -> Any:
    """Of a column without values there are no bounds; all else is a number."""
    if value is None:
        return None if member in ("MinimumValue", "MaximumValue") else 0
    if isinstance(value, datetime):
        return (value.astimezone(UTC).date() - _EPOCH).days
    if isinstance(value, Mapping):
        unscaled = int.from_bytes(value["UnscaledValue"], "big", signed=True)
        return Decimal((int(unscaled < 0), tuple(map(int, str(abs(unscaled)))), -value["Scale"]))
    return value


def _told(value: Any, kind: str, member: str) -> Any:
    if isinstance(value, Decimal):
        sign, digits, exponent = value.as_tuple()
        scale = -int(exponent)
        unscaled = int("".join(map(str, digits))) * (-1 if sign else 1)
        length = unscaled.bit_length() // 8 + 1
        return {"UnscaledValue": unscaled.to_bytes(length, "big", signed=True), "Scale": scale}
    if value is not None and kind == "date" and member in ("MinimumValue", "MaximumValue"):
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
