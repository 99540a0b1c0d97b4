"""`avro` as the name of a format for Spark's readers and writers: Spark 4 carries Avro, but only its jar names it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from pyspark.sql import DataFrameReader, DataFrameWriter
from pyspark.sql.streaming.readwriter import DataStreamReader, DataStreamWriter

AVRO = "org.apache.spark.sql.avro.AvroFileFormat"


def know_avro() -> None:
    """Lets pyspark take the name; for once in a process."""
    for owner in (DataFrameReader, DataFrameWriter, DataStreamReader, DataStreamWriter):
        owner.format = _by_class(owner.format)  # type: ignore[method-assign]


def _by_class(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def naming(self: Any, source: str) -> Any:
        return method(self, AVRO if str(source).lower() == "avro" else source)

    return naming
