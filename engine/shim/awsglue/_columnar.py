"""Reading Parquet, ORC and Avro, whose files know their columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pyspark.sql import SparkSession
from pyspark.sql import types as spark

from awsglue._formats import is_set
from awsglue._partitions import attach_partitions, attached_parts
from awsglue._plans import ReadPlan
from awsglue._settling import schema_jobs
from awsglue._sparktypes import struct_to_glue, to_spark
from awsglue._tree import Part, Typed, column_named, from_parts
from awsglue._typetext import parse_type
from awsglue.gluetypes import StructType


def read_columnar(
    session: SparkSession,
    plan: ReadPlan,
    files: list[str],
    options: dict[str, Any],
    how: Mapping[str, str] | None = None,
) -> Typed:
    """The files' own columns; those that only the table declares are null where a file lacks them.

    `how` are further options of Spark's reader.
    """
    base = _folder_of_keys(plan, options)
    reader = session.read.format(plan.format).options(**merge_schema(options), **(how or {}), **base)
    with schema_jobs(session.sparkContext):
        # Without mergeSchema Spark takes one file's schema for all; asking for that file alone lists nothing twice.
        sample = files if base or is_set(options, "mergeschema") else files[:1]
        found = reader.load(sample).schema
    keys = {key.name.lower() for key in plan.partition_keys}
    fields = [field for field in found.fields if field.name.lower() not in keys]
    known = {field.name.lower() for field in fields}
    late = [
        spark.StructField(column.name, to_spark(parse_type(column.type)))
        for column in plan.columns
        if column.name.lower() not in known
    ]
    schema = spark.StructType([*fields, *late])
    frame = attach_partitions(reader, schema, plan, files, options)
    data = [Part(f.name, f.dataType, column_named(frame, f.name)) for f in struct_to_glue(schema).fields]
    return from_parts(Typed(frame, StructType()), [*data, *attached_parts(frame, plan, options)])


def _folder_of_keys(plan: ReadPlan, options: dict[str, Any]) -> dict[str, str]:
    """Spark's option that makes columns of the k=v folders below a read's one path, as `read_folders` has them."""
    if plan.columns or plan.partition_keys or plan.format not in ("parquet", "orc") or is_set(options, "recurse"):
        return {}
    [first, *others] = plan.groups
    folder = f"{first.location.removeprefix('file://').rstrip('/')}/"
    files = [file.removeprefix("file://") for file in first.files]
    below = [file.removeprefix(folder).split("/")[:-1] for file in files if file.startswith(folder)]
    keyed = not others and len(below) == len(files) and any("=" in part for parts in below for part in parts)
    return {"basePath": folder} if keyed else {}


def read_folders(session: SparkSession, format: str, paths: list[str], options: dict[str, Any]) -> Typed:
    """Folders as Spark's own reader takes them: it lists, and k=v folders become columns."""
    listing = {"recursiveFileLookup": "true"} if is_set(options, "recurse") else {}
    frame = session.read.format(format).options(**merge_schema(options), **listing).load(paths)
    return Typed(frame, struct_to_glue(frame.schema))


def merge_schema(options: dict[str, Any]) -> dict[str, str]:
    """Spark's option for files whose schemas differ."""
    return {"mergeSchema": "true"} if is_set(options, "mergeschema") else {}
