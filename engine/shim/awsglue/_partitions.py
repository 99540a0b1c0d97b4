"""Partition values as columns of a read: by Spark's own folder discovery, or by the folder each row came from."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import unquote

from pyspark.sql import DataFrame, DataFrameReader, SparkSession
from pyspark.sql import functions as F
from pyspark.sql import types as spark

from awsglue._plans import NULL_PARTITION, Group, ReadPlan

_FOLDER = "_isinglass_folder"


def attach_partitions(
    reader: DataFrameReader, schema: spark.StructType, plan: ReadPlan, files: Sequence[str]
) -> DataFrame:
    """The files read with `schema`, then one column of text per partition key.

    One plan whatever the number of partitions. Where the folders do not spell out the values under the table's
    location (moved partitions, other names), the rows' folders are joined with the list of partitions instead.
    """
    if not plan.partition_keys:
        return reader.schema(schema).load(list(files))
    keys = [spark.StructField(key.name, spark.StringType()) for key in plan.partition_keys]
    if plan.location is not None and all(_spelled_out(plan, group) for group in plan.groups):
        both = spark.StructType([*schema.fields, *keys])
        return reader.schema(both).option("basePath", plan.location).load(list(files))
    return _by_folder(reader.schema(schema).load(list(files)), plan)


def _spelled_out(plan: ReadPlan, group: Group) -> bool:
    """Whether the group's folder is k=v/k=v below the table's, saying just its values, and holds its files itself."""
    base = f"{(plan.location or '').rstrip('/')}/"
    folder = group.location.rstrip("/")
    steps = [tuple(step.partition("=")[::2]) for step in folder.removeprefix(base).split("/")]
    said = [(name, unquote(value)) for name, value in steps]
    wanted = list(zip((key.name for key in plan.partition_keys), group.values, strict=True))
    return folder.startswith(base) and said == wanted and all(_folder(file) == folder for file in group.files)


def _by_folder(frame: DataFrame, plan: ReadPlan) -> DataFrame:
    folders = {_plain(_folder(file)): group.values for group in plan.groups for file in group.files}
    rows = [
        (folder, *(None if value == NULL_PARTITION else value for value in values))
        for folder, values in folders.items()
    ]
    names = [_FOLDER, *(key.name for key in plan.partition_keys)]
    schema = spark.StructType([spark.StructField(name, spark.StringType()) for name in names])
    partitions = SparkSession.builder.getOrCreate().createDataFrame(rows, schema)
    # file_path is a URI; a plus sign in it is itself, which url_decode would take for a space
    path = F.url_decode(F.replace(F.col("_metadata.file_path"), F.lit("+"), F.lit("%2B")))
    folder = F.regexp_replace(F.regexp_replace(path, "/[^/]*$", ""), "^([a-z0-9]+):/+", "$1:/")
    marked = frame.withColumn(_FOLDER, folder)
    return marked.join(F.broadcast(partitions), _FOLDER, "left").drop(_FOLDER)


def _folder(file: str) -> str:
    return file.rpartition("/")[0]


def _plain(path: str) -> str:
    """A path with one slash after the scheme: file:/a and file:///a are the same folder. A bare path is a file's."""
    scheme, found, rest = path.partition(":")
    return f"{scheme}:/{rest.lstrip('/')}" if found and "/" not in scheme else f"file:{path}"
