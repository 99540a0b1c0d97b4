"""Reading files into frames, by a plan of the service or by paths."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from awsglue._avro import read_avro
from awsglue._columnar import read_columnar, read_folders
from awsglue._csv import read_csv
from awsglue._formats import READ_FORMATS, check_compression, check_readable, folded
from awsglue._grok_lines import read_grok
from awsglue._ion import read_ion
from awsglue._json_files import read_json
from awsglue._listing import list_paths
from awsglue._plans import Declared, ReadPlan
from awsglue._sparktypes import given_struct, struct_to_spark
from awsglue._tree import Typed
from awsglue._typetext import hive_text, parse_type
from awsglue._xml import read_xml
from awsglue.gluetypes import Field, StructType
from awsglue.transforms.schema import with_schema

_GLOB_SIGNS = re.compile(r"([\\{}\[\]*?])")
_SELF_DESCRIBING = ("json", "xml", "ion")
_READERS: dict[str, Callable[[SparkSession, ReadPlan, list[str], dict[str, Any]], Typed | None]] = {
    "avro": read_avro,
    "csv": read_csv,
    "grokLog": read_grok,
    "ion": read_ion,
    "json": read_json,
    "orc": read_columnar,
    "parquet": read_columnar,
    "xml": read_xml,
}


def read(spark_session: SparkSession, plan: ReadPlan) -> Typed:
    """The frame of a read plan: data columns, then those that attachFilename and the like ask for, then partition keys.

    CSV and logs with declared columns are typed by them, what does not cast being kept as text; CSV by paths is all
    text. JSON, XML and Ion describe themselves. Parquet, ORC and Avro have their files' schema. A schema that the
    option withSchema gives of CSV, JSON or XML stands instead. NotProvidedError for a format or option not known.
    """
    options = folded(plan.options)
    check_readable(plan.format, options)
    plan = replace(plan, format=READ_FORMATS[plan.format.lower()].removeprefix("glue"))
    check_compression(plan.name, plan.format, options, plan.files)
    schema = given_struct(options["withschema"]) if options.get("withschema") else None
    if schema is not None and plan.format == "csv":
        plan = replace(plan, columns=tuple(Declared(f.name, hive_text(f.dataType)) for f in schema.fields))
    found = _read(spark_session, plan, options)
    return _as_given(found, schema, plan) if schema is not None and plan.format == "json" else found


def _read(spark_session: SparkSession, plan: ReadPlan, options: dict[str, Any]) -> Typed:
    if not plan.groups:
        return _empty(spark_session, plan)
    try:
        found = _READERS[plan.format](spark_session, plan, literal_paths(plan.files), options)
    except (PySparkException, Py4JJavaError) as error:  # its class and wording are what scripts and people know
        error.add_note(
            f"This is the source {plan.name}, read as {plan.format} ({len(plan.files)} files). A file that is not of "
            "that format, or broken, can be left out by the option exclusions."
        )
        raise
    return _empty(spark_session, plan) if found is None else found


def _as_given(found: Typed, schema: StructType, plan: ReadPlan) -> Typed:
    """The fields of a given schema, then the partition keys."""
    keys = {key.name for key in plan.partition_keys}
    beside = [field for field in found.type.fields if field.name in keys and not schema.hasField(field.name)]
    return with_schema(found, StructType([*schema.fields, *beside]))


def literal_paths(paths: Sequence[str]) -> list[str]:
    """Paths in which no sign is a wildcard for Spark."""
    return [_GLOB_SIGNS.sub(r"\\\1", path) for path in paths]


def _empty(spark_session: SparkSession, plan: ReadPlan) -> Typed:
    """No record: the declared columns with no rows; what describes itself has only what records say, so no column."""
    sparse = plan.format in _SELF_DESCRIBING
    declared = () if sparse else (*plan.columns, *plan.partition_keys)
    type = StructType([Field(column.name, parse_type(column.type)) for column in declared])
    return Typed(spark_session.createDataFrame([], struct_to_spark(type)), type, sparse=sparse)


def read_paths(session: SparkSession, name: str, paths: Sequence[str], format: str, given: dict[str, Any]) -> Typed:
    """A read by paths without the service: Spark lists, and there is no bookmark."""
    options = folded(given)
    check_readable(format, options)
    if format in ("parquet", "orc") and not {"exclusions", "attachfilename", "attachtimestamp"} & options.keys():
        return read_folders(session, format, list(paths), options)
    groups = list_paths(session, paths, options)
    return read(session, ReadPlan(name, format, None, given, (), (), groups))
