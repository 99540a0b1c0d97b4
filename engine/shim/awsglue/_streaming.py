"""Streams: which there are, the loop that hands each batch to a script, and a sample of a stream."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from pyspark import StorageLevel
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.streaming.query import StreamingQuery

from awsglue._formats import folded
from awsglue._missing import NotProvidedError

STREAMS = ("kafka", "kinesis", "rate")
BatchFunction = Callable[[DataFrame, int], Any]
_PAUSES = (1.0, 2.0, 5.0)  # seconds before the first, the second and any further restart
_RETRIES = 3
_GIVE_UP = "CheckpointMetadataNotFound"
_KAFKA_CLASS = "org.apache.spark.sql.kafka010.KafkaSourceProvider"


# Set when the run is to end: the batch under way is worked off, and no other begins.
ending = threading.Event()


class RunEnding(Exception):
    """The run is to end: this batch is left to the next one."""


class Retries:
    """How often a stream has failed since a batch last went well."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.failed = 0

    def succeeded(self) -> None:
        self.failed = 0

    def pause(self) -> float | None:
        """One more failure: how long to wait (seconds) before the next try, None when there is none."""
        self.failed += 1
        return _PAUSES[min(self.failed, len(_PAUSES)) - 1] if self.failed <= self.most else None


def for_each_batch(
    frame: DataFrame,
    batch_function: BatchFunction,
    options: Mapping[str, Any],
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Calls `batch_function(frame, number)` for each batch that has rows, until the query ends.

    A stream that fails is started again from its checkpoint, batchMaxRetries times in a row. ValueError for an option
    that is missing or no number of tries.
    """
    given = folded(dict(options))
    window, checkpoint = _needed(given, "windowSize"), _needed(given, "checkpointLocation")
    retries = Retries(_tries(given.get("batchmaxretries", _RETRIES)))
    level = None if str(given.get("persistdataframe", "true")).lower() == "false" else _storage_level(given)

    def process(batch: DataFrame, number: int) -> None:
        if ending.is_set():
            raise RunEnding("the run is to end: this batch is left to the next one")
        _process(batch, number, batch_function, level)
        retries.succeeded()

    writer = frame.writeStream.foreachBatch(process).trigger(processingTime=window)
    writer = writer.option("checkpointLocation", checkpoint)
    while True:
        try:
            writer.start().awaitTermination()
        except Exception as error:
            if ending.is_set():
                return
            # Spark puts words of its own before what went wrong
            pause = None if _GIVE_UP in str(error) else retries.pause()
            if pause is None:
                raise
            print(f"The stream failed ({_first_line(error)}); it starts again in {pause:.0f} s.", file=sys.stderr)
            sleep(pause)
        else:
            return


def _process(batch: DataFrame, number: int, batch_function: BatchFunction, level: StorageLevel | None) -> None:
    held = batch if level is None else batch.persist(level)
    try:
        if not held.isEmpty():
            batch_function(held, number)
    finally:
        if level is not None:
            held.unpersist()


def _needed(options: Mapping[str, Any], name: str) -> str:
    value = options.get(name.lower())
    if not value:
        raise ValueError(f"Missing {name} argument")
    return str(value)


def _tries(value: Any) -> int:
    if not str(value).isdigit() or int(value) > 100:
        raise ValueError(f"batchMaxRetries is {value!r}: it is a whole number from 0 to 100.")
    return int(value)


def _storage_level(options: Mapping[str, Any]) -> StorageLevel:
    name = str(options.get("storagelevel") or "MEMORY_AND_DISK").upper()
    level = getattr(StorageLevel, name.removeprefix("STORAGELEVEL."), None)
    if not isinstance(level, StorageLevel):
        raise ValueError(f"storageLevel {name!r} is none of Spark's, such as MEMORY_AND_DISK.")
    return level


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:300] if lines else type(error).__name__


def sampled(frame: DataFrame, options: Mapping[str, Any]) -> DataFrame:
    """The first rows of a stream: as many as recordPollingLimit, or as come in pollingTimeInMs."""
    given = folded(dict(options))
    limit = int(given.get("recordpollinglimit") or 100)
    seconds = int(given.get("pollingtimeinms") or 10_000) / 1000
    rows: list[Any] = []

    def collect(batch: DataFrame, number: int) -> None:
        rows.extend(batch.limit(limit - len(rows)).collect() if len(rows) < limit else [])

    writer = frame.writeStream.foreachBatch(collect)
    if given.get("windowsize"):
        writer = writer.trigger(processingTime=str(given["windowsize"]))
    query = writer.start()
    try:
        _wait(query, lambda: len(rows) >= limit, seconds)
    finally:
        query.stop()
    return frame.sparkSession.createDataFrame(rows, frame.schema)


def _wait(query: StreamingQuery, enough: Callable[[], bool], seconds: float) -> None:
    """Until there is enough, the time is over, or the query ends; a query that failed raises its error."""
    deadline = time.monotonic() + seconds
    while not enough() and time.monotonic() < deadline:
        if query.awaitTermination(0.2):  # type: ignore[arg-type]  # seconds, of which pyspark takes parts too
            return


def kafka_options(session: SparkSession, options: Mapping[str, Any], servers: str | None) -> dict[str, str]:
    """Spark's options for Glue's of a Kafka source. NotProvidedError without the jars of Spark's Kafka source."""
    if not _has_class(session, _KAFKA_CLASS):
        raise NotProvidedError(
            "reading from Kafka without Spark's Kafka source",
            "Give the job its jars: --extra-jars with spark-sql-kafka-0-10_2.13 of this Spark's version, "
            "spark-token-provider-kafka-0-10_2.13, kafka-clients and commons-pool2.",
        )
    given = folded(dict(options))
    found = {name: str(value) for name, value in options.items() if name.startswith("kafka.")}
    found["kafka.bootstrap.servers"] = str(given.get("bootstrap.servers") or servers or "")
    if not found["kafka.bootstrap.servers"]:
        raise ValueError("A Kafka source needs bootstrap.servers, or connectionName with a connection of the catalog.")
    topics = {"topicname": "subscribe", "subscribepattern": "subscribePattern", "assign": "assign"}
    found |= {theirs: str(given[ours]) for ours, theirs in topics.items() if given.get(ours)}
    plain = ("startingOffsets", "endingOffsets", "maxOffsetsPerTrigger", "minPartitions", "failOnDataLoss")
    found |= {name: str(given[name.lower()]) for name in plain if given.get(name.lower()) is not None}
    found |= {f"kafka.{name}": str(given[name]) for name in ("security.protocol", "sasl.mechanism") if given.get(name)}
    return found


def _has_class(session: SparkSession, name: str) -> bool:
    java: Any = session._jvm
    return bool(java.org.apache.spark.util.Utils.classIsLoadable(name))
