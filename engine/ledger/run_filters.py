"""Conditions on the list of runs, as Glue's ListCrawls has them: a field, a comparison and a value."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, func

from engine import rows
from engine.states import RunState


class RunField(StrEnum):
    ID = "id"
    STATE = "state"
    STARTED_AT = "started_at"
    FINISHED_AT = "finished_at"


class Comparison(StrEnum):
    GT = "GT"
    GE = "GE"
    LT = "LT"
    LE = "LE"
    EQ = "EQ"
    NE = "NE"


_OPERATORS: dict[Comparison, Callable[[Any, Any], Any]] = {
    Comparison.GT: operator.gt,
    Comparison.GE: operator.ge,
    Comparison.LT: operator.lt,
    Comparison.LE: operator.le,
    Comparison.EQ: operator.eq,
    Comparison.NE: operator.ne,
}


@dataclass(frozen=True)
class RunFilter:
    """`value` is the id, a state, or an instant, as the field has it. A run without an instant yet meets no condition
    on it."""

    field: RunField
    comparison: Comparison
    value: str | RunState | datetime

    def clause(self) -> ColumnElement[bool]:
        column = rows.runs.c[self.field.value]
        return _OPERATORS[self.comparison](column, self.value)  # type: ignore[no-any-return]


@dataclass(frozen=True)
class IdBegins:
    """As a filter: runs whose ids begin with `beginning`."""

    beginning: str

    def clause(self) -> ColumnElement[bool]:
        return func.substr(rows.runs.c.id, 1, len(self.beginning)) == self.beginning


Filter = RunFilter | IdBegins
