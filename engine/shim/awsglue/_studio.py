"""What the `gs_…` modules share: Glue Studio's visual transforms, which scripts import for the methods they add."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from awsglue._tree import column_named
from awsglue.dynamicframe import DynamicFrame

_PATTERNS = "yyyy yy MM dd HH hh mm ss SSSSSS MMM MMMM EEE EEEE DDD a xx zzz %"
_DIRECTIVES = dict(zip("YymdHIMSfbBaAjpzZ%", _PATTERNS.split(), strict=True))
_DIRECTIVE = re.compile(r"%(.)")


def visual(step: Callable[..., DataFrame]) -> Callable[..., DynamicFrame]:
    """Makes a step on Spark's frames a method of theirs and of dynamic frames, under the step's own name.

    A frame without columns, which one without records is, stays as it is.
    """

    @wraps(step)
    def of_rows(self: DataFrame, *args: Any, **kwargs: Any) -> DataFrame:
        return step(self, *args, **kwargs) if self.columns else self

    @wraps(step)
    def method(self: DynamicFrame, *args: Any, **kwargs: Any) -> DynamicFrame:
        return DynamicFrame.fromDF(of_rows(self.toDF(), *args, **kwargs), self.glue_ctx, self.name)

    setattr(DataFrame, step.__name__, of_rows)
    setattr(DynamicFrame, step.__name__, method)
    return method


def bare(name: str) -> str:
    """A column's name as scripts write it, without the back-ticks around one with dots."""
    return name[1:-1] if len(name) > 2 and name[0] == name[-1] == "`" else name


def column(frame: DataFrame, name: str) -> Column:
    """The column of that name, or else the member of a struct that the name is the path of."""
    plain = bare(name.strip())
    return column_named(frame, plain) if plain in frame.columns else F.col(name)


def names_in(names: str | list[str]) -> list[str]:
    """Several names, as a list or as one text with commas."""
    return [each.strip() for each in (names.split(",") if isinstance(names, str) else names)]


def java_pattern(text: str) -> str:
    """A format of times as Spark writes it; one with `%` is of strftime. ValueError for a directive not known."""
    if "%" not in text:
        return text
    between = _DIRECTIVE.split(text)
    literals = [f"'{part.replace(chr(39), chr(39) * 2)}'" if part else "" for part in between[::2]]
    unknown = next((sign for sign in between[1::2] if sign not in _DIRECTIVES), None)
    if unknown is not None:
        raise ValueError(
            f"The format {text!r} has %{unknown}: it knows {' '.join('%' + each for each in _DIRECTIVES)}."
        )
    found = [_DIRECTIVES[sign] for sign in between[1::2]]
    return "".join(part for pair in zip(literals, [*found, ""], strict=True) for part in pair)
