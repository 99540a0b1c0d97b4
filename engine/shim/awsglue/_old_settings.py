"""Settings of Spark 3 that Spark 4 has under other names and refuses under the old ones: scripts set them by those.

Glue's own guide to moving jobs between versions says to set the rebase modes, by a SparkConf, a builder or a session.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Any

from pyspark import SparkConf
from pyspark.sql import SparkSession
from pyspark.sql.conf import RuntimeConfig

_OLD = re.compile(r"spark\.sql\.legacy\.((?:parquet|avro)\.(?:datetime|int96)RebaseModeIn(?:Read|Write))")
_TAKE_A_NAME = (
    (SparkConf, "set"),
    (SparkConf, "setIfMissing"),
    (SparkSession.Builder, "config"),
    (RuntimeConfig, "set"),
    (RuntimeConfig, "get"),
    (RuntimeConfig, "unset"),
)


def present_name(name: str) -> str:
    """The name of a setting in this Spark."""
    return _OLD.sub(r"spark.sql.\1", name)


def know_old_names() -> None:
    """Lets pyspark take settings by their old names, too; for once in a process."""
    for owner, name in _TAKE_A_NAME:
        setattr(owner, name, _by_present_name(getattr(owner, name)))


def _by_present_name(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def renaming(self: Any, key: Any = None, *rest: Any, **named: Any) -> Any:
        return method(self, present_name(key) if isinstance(key, str) else key, *rest, **named)

    return renaming
