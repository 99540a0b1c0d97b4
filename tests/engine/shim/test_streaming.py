"""Streams of files and of Spark's own ticks: batches handed to a script, tries after failures, samples."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from awsglue._missing import NotProvidedError
from awsglue._streaming import Retries, for_each_batch
from awsglue.gluetypes import Field, IntegerType, StructType
from awsglue.streaming_data_source import parsed
from pyspark.sql import DataFrame

if TYPE_CHECKING:
    from awsglue.context import GlueContext


class Stream:
    """A folder of JSON lines read as a stream, one file a batch."""

    def __init__(self, glue: GlueContext, folder: Path) -> None:
        self.glue = glue
        self.folder = folder / "in"
        self.folder.mkdir()
        self.options = {"windowSize": "0 seconds", "checkpointLocation": f"file://{folder}/checkpoint"}

    def file(self, name: str, *numbers: int) -> None:
        (self.folder / name).write_text("".join(f'{{"n": {number}}}\n' for number in numbers))

    def frame(self) -> DataFrame:
        source = self.glue.getStreamingSource(
            "s3", "json", path=f"file://{self.folder}", schema="n int", maxFilesPerTrigger="1"
        )
        return source.getDataFrame()

    def stop_after(self, enough: threading.Event) -> None:
        enough.wait(120)
        for query in self.glue.spark_session.streams.active:
            query.stop()

    def run(self, batch: Callable[[DataFrame, int], Any], enough: threading.Event, **options: Any) -> None:
        """Until `enough` is set, by the script's function."""
        stopper = threading.Thread(target=self.stop_after, args=(enough,))
        stopper.start()
        try:
            self.glue.forEachBatch(self.frame(), batch, {**self.options, **options})
        finally:
            enough.set()
            stopper.join()


@pytest.fixture
def stream(glue: GlueContext, tmp_path: Path) -> Stream:
    return Stream(glue, tmp_path)


def test_each_batch_that_has_rows_is_handed_over_once_and_held_in_memory(stream: Stream) -> None:
    stream.file("a.json", 1, 2)
    stream.file("b.json")
    stream.file("c.json", 3)
    seen: list[tuple[list[int], bool]] = []
    enough = threading.Event()

    def batch(frame: DataFrame, number: int) -> None:
        seen.append((sorted(row.n for row in frame.collect()), frame.is_cached))
        if sum(len(rows) for rows, _ in seen) == 3:
            enough.set()

    stream.run(batch, enough)
    assert sorted(seen) == [([1, 2], True), ([3], True)]
    stream.file("d.json", 4)
    seen.clear()
    again = threading.Event()

    def late(frame: DataFrame, number: int) -> None:
        seen.append(([row.n for row in frame.collect()], frame.is_cached))
        if seen[-1][0] == [4]:  # the batch during which a stream was stopped may come again
            again.set()

    stream.run(late, again, persistDataFrame="false")
    assert seen[-1] == ([4], False)
    assert [1, 2] not in [rows for rows, _ in seen]


def test_a_batch_that_fails_is_tried_again_from_its_checkpoint(stream: Stream) -> None:
    stream.file("a.json", 1)
    tries: list[int] = []
    waited: list[float] = []

    def fail(frame: DataFrame, number: int) -> None:
        tries.append(number)
        raise ArithmeticError("no such sum")

    with pytest.raises(Exception, match="no such sum"):
        for_each_batch(stream.frame(), fail, {**stream.options, "batchMaxRetries": "2"}, waited.append)
    assert (tries, waited) == ([0, 0, 0], [1.0, 2.0])


def test_a_lost_checkpoint_is_told_at_once(stream: Stream) -> None:
    waited: list[float] = []
    stream.file("a.json", 1)

    def fail(frame: DataFrame, number: int) -> None:
        raise RuntimeError("CheckpointMetadataNotFound: gone")

    with pytest.raises(Exception, match="CheckpointMetadataNotFound"):
        for_each_batch(stream.frame(), fail, stream.options, waited.append)
    assert waited == []


def test_tries_are_counted_since_the_last_success_and_waits_grow_to_five_seconds() -> None:
    retries = Retries(4)
    assert [retries.pause() for _ in range(5)] == [1.0, 2.0, 5.0, 5.0, None]
    retries.succeeded()
    assert retries.pause() == 1.0
    assert Retries(0).pause() is None


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"checkpointLocation": "c"}, "Missing windowSize argument"),
        ({"windowSize": "1 second"}, "Missing checkpointLocation argument"),
        ({"windowSize": "1 second", "checkpointLocation": "c", "batchMaxRetries": 101}, "from 0 to 100"),
        ({"windowSize": "1 second", "checkpointLocation": "c", "batchMaxRetries": "-1"}, "from 0 to 100"),
        ({"windowSize": "1 second", "checkpointLocation": "c", "storageLevel": "ATTIC"}, "ATTIC"),
    ],
)
def test_options_that_cannot_be_used_are_told(glue: GlueContext, options: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        glue.forEachBatch(glue.spark_session.range(1), print, options)


def test_a_frame_that_is_no_stream_is_told_at_once(glue: GlueContext) -> None:
    with pytest.raises(Exception, match=r"(?i)streaming"):
        glue.forEachBatch(glue.spark_session.range(1), print, {"windowSize": "1 s", "checkpointLocation": "c"})


def test_a_sample_of_a_stream_is_a_frame_of_its_first_records(stream: Stream) -> None:
    stream.file("a.json", 1, 2, 3)
    seen: list[int] = []
    options = {"recordPollingLimit": "2", "pollingTimeInMs": "60000", "windowSize": "0 seconds"}
    sample = stream.glue.getSampleStreamingDynamicFrame(
        stream.frame(), options, lambda frame, _: seen.append(frame.count())
    )
    assert (sample.count(), seen) == (2, [2])
    assert [field.name for field in sample.schema().fields] == ["n"]


def test_spark_s_ticks_are_a_stream(glue: GlueContext) -> None:
    ticks = glue.create_data_frame.from_options("rate", {"rowsPerSecond": "5"})
    assert (ticks.isStreaming, ticks.columns) == (True, ["timestamp", "value"])


@pytest.mark.parametrize(
    ("kind", "options", "error", "words"),
    [
        ("kinesis", {}, NotProvidedError, "'kinesis'"),
        ("kafka", {"topicName": "t"}, NotProvidedError, "--extra-jars"),
        ("s3", {"path": "p"}, ValueError, "schema"),
        ("json", {"paths": ["p", "q"], "schema": "n int"}, ValueError, "one path"),
    ],
)
def test_a_stream_that_cannot_be_read_is_told(
    glue: GlueContext, kind: str, options: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        glue.getStreamingSource(kind, **options).getDataFrame()


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"classification": "json", "schema": "`a` INT"}, [(1,)]),
        ({"classification": "json", "schema": StructType([Field("a", IntegerType())])}, [(1,)]),
        ({"classification": "json"}, [('{"a": 1}',)]),
        ({"classification": "avro", "schema": "a INT"}, [('{"a": 1}',)]),
    ],
)
def test_messages_become_columns_where_a_schema_says_them(
    glue: GlueContext, given: dict[str, Any], found: list[tuple[Any, ...]]
) -> None:
    messages = glue.spark_session.createDataFrame([(b'{"a": 1}',)], "value binary")
    assert [tuple(row) for row in parsed(messages, given, "").collect()] == found


def test_messages_of_csv_have_their_own_delimiter(glue: GlueContext) -> None:
    messages = glue.spark_session.createDataFrame([(b"1|x",)], "value binary")
    given = {"classification": "csv", "delimiter": "|", "schema": "a INT, b STRING"}
    assert [tuple(row) for row in parsed(messages, given, "").collect()] == [(1, "x")]
