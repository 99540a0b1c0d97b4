"""Reading files into frames, by a plan of the service or by paths: all in the JVM, no record through Python."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import types as spark

from awsglue._casts import cast_part
from awsglue._formats import check_readable, csv_reading, folded, is_set, json_reading
from awsglue._partitions import attach_partitions
from awsglue._plans import Declared, Group, ReadPlan
from awsglue._service import NoServiceError
from awsglue._settling import open_choice, schema_jobs
from awsglue._shapes import SUMMARY_SCHEMA, merged, scan_lines
from awsglue._sparktypes import struct_to_glue, struct_to_spark
from awsglue._tree import Part, Typed, column_named, from_parts
from awsglue._typetext import parse_type
from awsglue._variants import reading_schema, unpacked
from awsglue.gluetypes import ArrayType, ChoiceType, Field, MapType, SetType, StringType, StructType

_LISTED_BY_SERVICE = {"exclusions": "exclusions", "boundedfiles": "boundedFiles", "boundedsize": "boundedSize"}
_GLOB_SIGNS = re.compile(r"([\\{}\[\]*?])")


def read(spark_session: SparkSession, plan: ReadPlan) -> Typed:
    """The frame of a read plan: data columns, then partition keys.

    CSV with declared columns is typed by them, what does not cast being kept as text; CSV by paths is all text. JSON
    describes itself. Parquet and ORC have their files' schema. NotProvidedError for a format or option not known.
    """
    options = folded(plan.options)
    check_readable(plan.format, options)
    if not plan.groups:
        return _empty(spark_session, plan)
    files = literal_paths(plan.files)
    if plan.format == "csv":
        return _read_csv(spark_session, plan, files, options)
    if plan.format == "json":
        return _read_json(spark_session, plan, files, options)
    return _read_columnar(spark_session, plan, files, options)


def literal_paths(paths: Sequence[str]) -> list[str]:
    """Paths in which no sign is a wildcard for Spark."""
    return [_GLOB_SIGNS.sub(r"\\\1", path) for path in paths]


def _empty(spark_session: SparkSession, plan: ReadPlan) -> Typed:
    """No file to read: the declared columns with no rows; JSON has only what records say, so no column."""
    declared = () if plan.format == "json" else (*plan.columns, *plan.partition_keys)
    type = StructType([Field(column.name, parse_type(column.type)) for column in declared])
    frame = spark_session.createDataFrame([], struct_to_spark(type))
    return Typed(frame, type, sparse=plan.format == "json")


def _read_csv(session: SparkSession, plan: ReadPlan, files: list[str], options: dict[str, Any]) -> Typed:
    how = csv_reading(options)
    columns = plan.columns or _csv_columns(session, files, how, is_set(options, "withheader"))
    schema = _text_schema([column.name for column in columns])
    frame = attach_partitions(session.read.options(**how).format("csv"), schema, plan, files)
    parts = [_csv_part(frame, column) for column in columns]
    return from_parts(Typed(frame, StructType()), [*parts, *_key_parts(frame, plan.partition_keys)])


def _text_schema(names: Sequence[str]) -> spark.StructType:
    return spark.StructType([spark.StructField(name, spark.StringType()) for name in names])


def _csv_columns(session: SparkSession, files: list[str], how: dict[str, str], header: bool) -> list[Declared]:
    """Names from the first line, or col0, col1, … without a header; every column is a string."""
    with schema_jobs(session.sparkContext):
        found = session.read.options(**{**how, "header": str(header).lower()}).csv(files).columns
    return [Declared(name if header else f"col{at}", "string") for at, name in enumerate(found)]


def _csv_part(frame: DataFrame, column: Declared) -> Part:
    """A column of text as its declared type. Nested types have no form in CSV here: they stay text."""
    text = Part("string", StringType(), column_named(frame, column.name))
    type = parse_type(column.type)
    if isinstance(type, StringType | ArrayType | MapType | StructType | SetType | ChoiceType):
        return Part(column.name, text.type, text.column)
    return open_choice(column.name, cast_part(Part(type.typeName(), StringType(), text.column), type), text)


def _key_parts(frame: DataFrame, keys: Sequence[Declared]) -> list[Part]:
    """Partition keys, which arrive as text, in the key's type."""
    texts = [Part(key.name, StringType(), column_named(frame, key.name)) for key in keys]
    return [cast_part(text, parse_type(key.type)) for text, key in zip(texts, keys, strict=True)]


def _read_json(session: SparkSession, plan: ReadPlan, files: list[str], options: dict[str, Any]) -> Typed:
    """Types by one scan of the texts, then one read with them; partition keys stay strings."""
    type = scan_json(session.read.text(files, wholetext=is_set(options, "multiline")), plan.name)
    keys = {key.name.lower() for key in plan.partition_keys}
    type = StructType([field for field in type.fields if field.name.lower() not in keys])
    if not type.fields:
        return _empty(session, plan)
    reader = session.read.options(**json_reading(options)).format("json")
    frame = attach_partitions(reader, reading_schema(type), plan, files)
    return unpacked_frame(frame, type, [key.name for key in plan.partition_keys])


def unpacked_frame(frame: DataFrame, type: StructType, keys: Sequence[str] = ()) -> Typed:
    """A frame read with `reading_schema(type)`, choices taken apart; `keys` are further columns of text."""
    parts = [
        Part(field.name, field.dataType, unpacked(column_named(frame, field.name), field.dataType))
        for field in type.fields
    ]
    keyed = [Part(name, StringType(), column_named(frame, name)) for name in keys]
    return from_parts(Typed(frame, StructType(), sparse=True), [*parts, *keyed])


def scan_json(texts: DataFrame, name: str) -> StructType:
    """The type of JSON records, out of a frame with one column of texts. Broken ones are told of on stderr."""
    with schema_jobs(texts.sparkSession.sparkContext):
        found = texts.select(texts.columns[0]).mapInArrow(scan_lines, SUMMARY_SCHEMA).collect()
    broken = sum(row["broken"] for row in found)
    if broken:
        print(f"{name}: {broken} lines are not JSON records and were left out.", file=sys.stderr)
    return merged(row["types"] for row in found)


def _read_columnar(session: SparkSession, plan: ReadPlan, files: list[str], options: dict[str, Any]) -> Typed:
    reader = session.read.format(plan.format)
    if not plan.columns and not plan.partition_keys:
        frame = reader.options(**_base_path(plan), **_merge_schema(options)).load(files)
        return Typed(frame, struct_to_glue(frame.schema))
    with schema_jobs(session.sparkContext):
        # Without mergeSchema Spark takes one file's schema for all; asking for that file alone lists nothing twice.
        sample = files if is_set(options, "mergeschema") else files[:1]
        found = session.read.format(plan.format).options(**_merge_schema(options)).load(sample).schema
    keys = {key.name.lower() for key in plan.partition_keys}
    schema = spark.StructType([field for field in found.fields if field.name.lower() not in keys])
    frame = attach_partitions(reader, schema, plan, files)
    data = [Part(f.name, f.dataType, column_named(frame, f.name)) for f in struct_to_glue(schema).fields]
    return from_parts(Typed(frame, StructType()), [*data, *_key_parts(frame, plan.partition_keys)])


def _merge_schema(options: dict[str, Any]) -> dict[str, str]:
    return {"mergeSchema": "true"} if is_set(options, "mergeschema") else {}


def _base_path(plan: ReadPlan) -> dict[str, str]:
    """Where folders named k=v begin to be columns, when all files lie under one folder."""
    return {"basePath": plan.groups[0].location} if len(plan.groups) == 1 else {}


def read_paths(session: SparkSession, name: str, paths: Sequence[str], format: str, given: dict[str, Any]) -> Typed:
    """A read by paths without the service: Spark lists, and there is no bookmark."""
    options = folded(given)
    check_readable(format, options)
    for name_, shown in _LISTED_BY_SERVICE.items():
        if options.get(name_):
            raise NoServiceError(f"The option {shown}")
    listing = {"recursiveFileLookup": "true"} if is_set(options, "recurse") else {}
    if format in ("parquet", "orc"):
        frame = session.read.format(format).options(**_merge_schema(options), **listing).load(list(paths))
        return Typed(frame, struct_to_glue(frame.schema))
    # inputFiles answers from the listing alone, with percent signs for what a URI cannot hold
    found = session.read.format("text").options(**listing).load(list(paths)).inputFiles()
    files = tuple(sorted(unquote(file) for file in found))
    groups = (Group((), "", files),) if files else ()
    return read(session, ReadPlan(name, format, None, given, (), (), groups))
