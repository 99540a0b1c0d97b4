"""Rows that are worked out once and then held, for as long as some frame is made of them."""

from __future__ import annotations

from threading import Lock
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

# what is persisted, and a weak reference of Java's to the plan that was given away for it
_held: list[tuple[DataFrame, Any]] = []
_looking = Lock()


def kept(frame: DataFrame) -> DataFrame:
    """The same rows, held in memory, then on disk, from the first action on; lost ones are worked out again.

    `DataFrame.persist` holds until it is told otherwise, and nobody knows when a script needs a frame no more. But
    Java knows which plans there are: once none is built on what is returned here, the next call lets go of it.
    """
    with _looking:
        _let_go()
    given = frame.persist().where(F.lit(True))
    java: Any = frame.sparkSession._jvm
    _held.append((frame, java.java.lang.ref.WeakReference(given._jdf.queryExecution().analyzed())))
    return given


def _let_go() -> None:
    for pair in list(_held):
        frame, plan = pair
        if frame.sparkSession.sparkContext._jsc is None:  # a session that was stopped holds nothing
            _held.remove(pair)
        elif plan.refersTo(None):
            frame.unpersist()
            _held.remove(pair)
