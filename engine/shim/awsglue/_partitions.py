"""Loading files with what is known beside their content: partition values, and the names and times asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote

from pyspark.sql import Column, DataFrame, DataFrameReader, SparkSession
from pyspark.sql import functions as F
from pyspark.sql import types as spark

from awsglue._casts import cast_part
from awsglue._grouping import grouped
from awsglue._plans import NULL_PARTITION, Group, ReadPlan
from awsglue._tree import Part, column_named
from awsglue._typetext import parse_type
from awsglue.gluetypes import DataType, StringType, TimestampType

_FOLDER = "_isinglass_folder"


def attach_partitions(
    reader: DataFrameReader, schema: spark.StructType, plan: ReadPlan, files: Sequence[str], options: dict[str, Any]
) -> DataFrame:
    """The files read with `schema`, with one column of text per partition key, and those that attachFilename and
    attachTimestamp name.

    One plan whatever the number of partitions. Where the folders do not spell out the values under the table's
    location (moved partitions, other names), the rows' folders are joined with the list of partitions instead.
    """
    keys = [spark.StructField(key.name, spark.StringType()) for key in plan.partition_keys]
    told = [column.alias(name) for name, _, column in _told(options)]
    if keys and plan.location is not None and all(_spelled_out(plan, group) for group in plan.groups):
        both = spark.StructType([*schema.fields, *keys])
        frame = reader.schema(both).option("basePath", plan.location).load(list(files))
        return grouped(frame.select("*", *told) if told else frame, plan, options)
    frame = reader.schema(schema).load(list(files))
    frame = frame.select("*", *told, *([_folder_column()] if keys else [])) if told or keys else frame
    return grouped(_by_folder(frame, plan) if keys else frame, plan, options)


def attached_parts(frame: DataFrame, plan: ReadPlan, options: dict[str, Any], typed: bool = True) -> list[Part]:
    """The fields that `attach_partitions` put behind the data: keys in the key's type, or as text if not `typed`."""
    told = [Part(name, type, column_named(frame, name), present=True) for name, type, _ in _told(options)]
    texts = [Part(key.name, StringType(), column_named(frame, key.name), present=True) for key in plan.partition_keys]
    if not typed:
        return [*told, *texts]
    kinds = [parse_type(key.type) for key in plan.partition_keys]
    return [*told, *[cast_part(text, kind) for text, kind in zip(texts, kinds, strict=True)]]


def _told(options: dict[str, Any]) -> list[tuple[str, DataType, Column]]:
    """The columns a script asks for to tell a record's file: name, type and expression."""
    wanted = [
        (options.get("attachfilename"), StringType(), _file_path()),
        (options.get("attachtimestamp"), TimestampType(), F.col("_metadata.file_modification_time")),
    ]
    return [(str(name), type, column) for name, type, column in wanted if name]


def _file_path() -> Column:
    """The path of a row's file. It comes as a URI; a plus sign in it is itself, which url_decode takes for a space."""
    return F.url_decode(F.replace(F.col("_metadata.file_path"), F.lit("+"), F.lit("%2B")))


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
    return frame.join(F.broadcast(partitions), _FOLDER, "left").drop(_FOLDER)


def _folder_column() -> Column:
    """The folder of a row's file, with one slash after the scheme."""
    folder = F.regexp_replace(_file_path(), "/[^/]*$", "")
    return F.regexp_replace(folder, "^([a-z0-9]+):/+", "$1:/").alias(_FOLDER)


def _folder(file: str) -> str:
    return file.rpartition("/")[0]


def _plain(path: str) -> str:
    """A path with one slash after the scheme: file:/a and file:///a are the same folder. A bare path is a file's."""
    scheme, found, rest = path.partition(":")
    return f"{scheme}:/{rest.lstrip('/')}" if found and "/" not in scheme else f"file:{path}"
