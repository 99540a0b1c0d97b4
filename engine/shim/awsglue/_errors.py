"""Error records: what a step could not process, kept apart from the data and looked at only when somebody asks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property, reduce

from pyspark.sql import DataFrame

ERROR_COLUMNS = ("msg", "stackTrace", "input", "bytesread", "source", "dynamicRecord")
ERROR_SCHEMA = "msg string, stackTrace string, input string, bytesread int, source string, dynamicRecord string"


class ErrorThresholdError(Exception):
    """A step of the job, or all steps up to it, made as many error records as its threshold allows."""

    def __init__(self, site: str, kind: str, count: int, threshold: int) -> None:
        super().__init__(
            f"{site or 'The frame'} has {count} error records in {kind}, and its threshold is {threshold}. "
            "errorsAsDynamicFrame() shows them; a threshold of 0 lets any number pass."
        )
        self.count = count
        self.threshold = threshold


class Errors:
    """The error records of one step, not looked at yet.

    `rows` makes a frame of ERROR_SCHEMA, one row a record: `msg` and `stackTrace` say what went wrong, `input` is the
    text that was read (null when the record had been read well), `bytesread` its length, `source` where it came from,
    `dynamicRecord` the record as far as there is one, as JSON text. `count` is their number where the step already
    knows it; a step that knows it to be 0 makes no Errors at all. Two are the same only if they are one object.
    """

    def __init__(self, rows: Callable[[], DataFrame], count: int | None = None) -> None:
        self._rows = rows
        self._known = count

    @cached_property
    def rows(self) -> DataFrame:
        """One row per error record, of ERROR_SCHEMA."""
        return self._rows()

    @cached_property
    def count(self) -> int:
        """How many there are; runs a job the first time if the step did not count them."""
        return self.rows.count() if self._known is None else self._known


def counted(errors: Sequence[Errors]) -> int:
    """All error records of several steps."""
    return sum(error.count for error in errors)


def all_rows(errors: Sequence[Errors]) -> DataFrame | None:
    """The error records of several steps below each other; None when there is no step."""
    return reduce(DataFrame.union, [error.rows for error in errors]) if errors else None
