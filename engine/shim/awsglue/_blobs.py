"""Files that only Python can read: Java hands each over whole, and a function on the workers makes records of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import types as spark
from pyspark.sql.pandas.types import to_arrow_type

from awsglue._fitting import fit, fits_as_it_is
from awsglue._partitions import attach_partitions
from awsglue._plans import ReadPlan
from awsglue._settling import schema_jobs
from awsglue._shapes import SUMMARY_SCHEMA, Shape, merged, summary
from awsglue._sparktypes import struct_to_spark
from awsglue._tree import column_named
from awsglue.gluetypes import StructType

_ROWS = 8_192
_FILE = spark.StructType(
    [
        spark.StructField("path", spark.StringType()),
        spark.StructField("modificationTime", spark.TimestampType()),
        spark.StructField("length", spark.LongType()),
        spark.StructField("content", spark.BinaryType()),
    ]
)
Decode = Callable[[bytes], Iterable[dict[str, Any]]]
Batches = Iterable[pa.RecordBatch]


class BlobError(ValueError):
    """A file is not what its format says."""

    def __init__(self, path: str, format: str, why: object) -> None:
        super().__init__(f"{path} cannot be read as {format}: {why}. Correct it, or leave it out by exclusions.")


def read_blobs(
    session: SparkSession, plan: ReadPlan, files: list[str], options: dict[str, Any], decode: Decode, type: StructType
) -> DataFrame:
    """The records that `decode` finds in each file, as columns of `type`, and what is known beside the files.

    A file is in a worker's memory whole, one at a time a task.
    """
    beside = beside_files(session, plan, files, options)
    rest = beside.schema.fields[2:]
    numbered = [spark.StructField(f"c{at}", field.dataType) for at, field in enumerate(rest)]
    out = spark.StructType([spark.StructField("record", struct_to_spark(type)), *numbered])
    plain = beside.toDF("path", "content", *[field.name for field in numbered])
    read = plain.mapInArrow(_reader(decode, type, plan.format, out), out)
    named = [column_named(read, new.name).alias(old.name) for new, old in zip(numbered, rest, strict=True)]
    return read.select("record.*", *named)


def learn_blobs(
    session: SparkSession, plan: ReadPlan, files: list[str], options: dict[str, Any], decode: Decode
) -> StructType:
    """The type of all records, by a look at each."""
    beside = beside_files(session, plan, files, {}).select("path", "content")
    with schema_jobs(session.sparkContext):
        found = beside.mapInArrow(_learner(decode, plan.format), SUMMARY_SCHEMA).collect()
    return merged(row["types"] for row in found)


def beside_files(session: SparkSession, plan: ReadPlan, files: list[str], options: dict[str, Any]) -> DataFrame:
    """Path and content of each file, then what is known beside it."""
    found = attach_partitions(session.read.format("binaryFile"), _FILE, plan, files, options)
    rest = [column_named(found, name) for name in found.columns if name not in _FILE.names]
    return found.select("path", "content", *rest)


def _reader(decode: Decode, type: StructType, format: str, out: spark.StructType) -> Callable[[Any], Any]:
    kinds = [to_arrow_type(field.dataType, timezone="UTC") for field in out.fields]
    as_it_is = fits_as_it_is(type)

    def read(batches: Batches) -> Iterator[pa.RecordBatch]:
        for path, content, beside in _each(batches):
            for records in _chunks(path, content, decode, format):
                fitted = records if as_it_is else [fit(record, type) for record in records]
                rest = [[value] * len(records) for value in beside]
                yield pa.RecordBatch.from_arrays(
                    [pa.array(values, kind) for values, kind in zip([fitted, *rest], kinds, strict=True)],
                    names=out.names,
                )

    return read


def _learner(decode: Decode, format: str) -> Callable[[Any], Any]:
    def learn(batches: Batches) -> Iterator[pa.RecordBatch]:
        shape = Shape()
        for path, content, _ in _each(batches):
            for records in _chunks(path, content, decode, format):
                shape.see(records)
        yield summary(shape, 0)

    return learn


def _each(batches: Batches) -> Iterator[tuple[str, bytes, list[Any]]]:
    for batch in batches:
        for at in range(batch.num_rows):
            path, content, *beside = (column[at].as_py() for column in batch.columns)
            yield path, content, beside


def _chunks(path: str, content: bytes, decode: Decode, format: str) -> Iterator[list[dict[str, Any]]]:
    """The records of a file, some thousands at a time. Raises BlobError."""
    try:
        records = iter(decode(content))
        while chunk := list(islice(records, _ROWS)):
            yield chunk
    except (ValueError, EOFError, KeyError, IndexError, TypeError) as error:
        raise BlobError(path, format, error) from error
