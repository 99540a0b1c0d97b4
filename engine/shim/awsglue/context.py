"""GlueContext: where a job script's frames come from and go to."""

from __future__ import annotations

import sys
import time
import uuid
import warnings
from functools import cached_property
from typing import Any

from pyspark import SparkContext
from pyspark.sql import DataFrame, SparkSession, SQLContext
from pyspark.sql import functions as F
from pyspark.sql import types as spark

from awsglue import _purging, _transitions
from awsglue._avro_by_name import know_avro
from awsglue._java import Java
from awsglue._nodes import Node
from awsglue._old_settings import know_old_names
from awsglue._reading import Reading
from awsglue._streaming import BatchFunction, for_each_batch, sampled
from awsglue._tree import Typed
from awsglue._writing import Writing
from awsglue.dataframereader import DataFrameReader
from awsglue.dataframewriter import DataFrameWriter
from awsglue.dynamicframe import (
    DynamicFrame,
    DynamicFrameCollection,
    DynamicFrameReader,
    DynamicFrameWriter,
    ResolveOption,
)
from awsglue.gluetypes import DataType, StructType

__all__ = [
    "DataFrame",
    "DataFrameReader",
    "DataFrameWriter",
    "DynamicFrame",
    "DynamicFrameCollection",
    "DynamicFrameReader",
    "DynamicFrameWriter",
    "GlueContext",
    "SQLContext",
    "SparkContext",
    "SparkSession",
    "register",
]
_GRANULARITIES = {"day": 3, "hour": 4, "minute": 5}
know_old_names()
know_avro()


def register(sc: SparkContext) -> None:
    """Does nothing; scripts made for old versions call it."""


class GlueLogger:
    """Writes one line per message to stderr, where the run's log takes it up."""

    def debug(self, message: str) -> None:
        self._write("DEBUG", message)

    def info(self, message: str) -> None:
        self._write("INFO", message)

    def warn(self, message: str) -> None:
        self._write("WARN", message)

    def error(self, message: str) -> None:
        self._write("ERROR", message)

    def _write(self, level: str, message: str) -> None:
        print(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {level} {message}", file=sys.stderr)


class GlueContext(Reading, Writing):
    """The entry point of a script, over the running Spark session.

    `sparkContext` may be a SparkContext, a SparkSession or nothing. The options minPartitions and targetPartitions
    are hints for a reader that does not split files itself; Spark does, so they have no effect.
    """

    Spark_SQL_Formats = {"parquet", "orc"}  # noqa: RUF012 - public, and scripts may add to it
    Unsupported_Compression_Types = {"lzo"}  # noqa: RUF012

    def __init__(self, sparkContext: SparkContext | SparkSession | None = None, **options: Any) -> None:
        session = sparkContext if isinstance(sparkContext, SparkSession) else SparkSession.builder.getOrCreate()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # SQLContext is deprecated and is what scripts expect
            super().__init__(session.sparkContext, session)
        self._jvm = Java(self._jvm)

    # Cached properties can be set, too, and are seen by mocks made of the class: suites do either.
    @cached_property
    def create_dynamic_frame(self) -> DynamicFrameReader:
        return DynamicFrameReader(self)

    @cached_property
    def create_data_frame(self) -> DataFrameReader:
        return DataFrameReader(self)

    @cached_property
    def write_dynamic_frame(self) -> DynamicFrameWriter:
        return DynamicFrameWriter(self)

    @cached_property
    def write_data_frame(self) -> DataFrameWriter:
        return DataFrameWriter(self)

    @cached_property
    def spark_session(self) -> SparkSession:
        return self.sparkSession

    @property
    def _glue_scala_context(self) -> Any:
        """Java's side of this context: Spark's own SQLContext, for there is no other here."""
        return self._ssql_ctx

    def forEachBatch(self, frame: DataFrame, batch_function: BatchFunction, options: dict[str, Any] = {}) -> None:
        """Calls `batch_function(frame, number)` for each batch of a stream that has rows, until the stream ends.

        Options windowSize and checkpointLocation are needed; batchMaxRetries is how often a failed stream is started
        again, persistDataFrame and storageLevel how a batch is held meanwhile.
        """
        for_each_batch(frame, batch_function, options or {})

    def getSampleStreamingDynamicFrame(
        self, frame: DataFrame, options: dict[str, Any] = {}, batch_function: BatchFunction | None = None
    ) -> DynamicFrame:
        """The first records of a stream: recordPollingLimit of them (100), or what comes in pollingTimeInMs (10000).

        `batch_function`, if given, is called with them as with a batch.
        """
        found = sampled(frame, options or {})
        if batch_function is not None and not found.isEmpty():
            batch_function(found, 0)
        return DynamicFrame.fromDF(found, self, "sample")

    def add_ingestion_time_columns(self, frame: DataFrame, time_granularity: str) -> DataFrame:
        """The frame with ingest_year, ingest_month, ingest_day, and so on to the granularity: day, hour or minute."""
        if time_granularity not in _GRANULARITIES:
            raise ValueError(f"time_granularity is {time_granularity!r}: it is day, hour or minute.")
        now = F.current_timestamp()
        parts = {"year": F.year, "month": F.month, "day": F.dayofmonth, "hour": F.hour, "minute": F.minute}
        wanted = list(parts.items())[: _GRANULARITIES[time_granularity]]
        return frame.withColumns({f"ingest_{name}": part(now) for name, part in wanted})

    def start_transaction(self, read_only: bool) -> str:
        """An id that stands for no transaction: governed tables, which had them, are withdrawn."""
        return uuid.uuid4().hex

    def commit_transaction(self, transaction_id: str, wait_for_commit: bool = True) -> bool:
        return True

    def cancel_transaction(self, transaction_id: str) -> None:
        """Does nothing, as start_transaction."""

    def convert_resolve_option(self, path: str, action: str, target: DataType | spark.DataType | None) -> ResolveOption:
        return ResolveOption(path, action, target)

    def get_logger(self) -> GlueLogger:
        return GlueLogger()

    def _empty_frame(self, name: str) -> DynamicFrame:
        schema = spark.StructType()
        empty = Node(lambda: Typed(self.sparkSession.createDataFrame([], schema), StructType()))
        return DynamicFrame(empty, self, name)

    def purge_table(
        self,
        database: str,
        table_name: str,
        options: dict[str, Any] = {},
        transformation_ctx: str = "",
        catalog_id: str | None = None,
    ) -> None:
        """Deletes a table's files that are older than retentionPeriod, and the partitions that are empty then."""
        _purging.purge_table(self.sparkSession, database, table_name, options)

    def purge_s3_path(self, s3_path: str, options: dict[str, Any] = {}, transformation_ctx: str = "") -> None:
        """Deletes the files below a path that are older than retentionPeriod."""
        _purging.purge_path(self.sparkSession, s3_path, options)

    def transition_table(
        self,
        database: str,
        table_name: str,
        transition_to: str,
        options: dict[str, Any] = {},
        transformation_ctx: str = "",
        catalog_id: str | None = None,
    ) -> None:
        """Moves a table's files to another of S3's storage classes."""
        _transitions.transition_table(self.sparkSession, database, table_name, transition_to, options)

    def transition_s3_path(
        self, s3_path: str, transition_to: str, options: dict[str, Any] = {}, transformation_ctx: str = ""
    ) -> None:
        """Moves the files below a path to another of S3's storage classes."""
        _transitions.transition_path(self.sparkSession, s3_path, transition_to, options)
