"""Avro by Spark's own reader and writer, which Spark 4 carries without a name: its jar only registers `avro`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pyspark.sql import SparkSession

from awsglue._avro_by_name import AVRO
from awsglue._casts import cast_part
from awsglue._columnar import read_columnar
from awsglue._paths import Path
from awsglue._plans import ReadPlan
from awsglue._tree import Part, Typed, members_of, rewrite, struct_column
from awsglue.gluetypes import (
    ChoiceType,
    DateType,
    DecimalType,
    StringType,
    StructType,
    TimestampNTZType,
    TimestampType,
)

_LOGICAL = (DateType, DecimalType, TimestampType, TimestampNTZType)
_MEMBER = "member_"


def read_avro(session: SparkSession, plan: ReadPlan, files: list[str], options: dict[str, Any]) -> Typed:
    """The files of a plan. Version 1.7, the default, reads dates, instants and decimals as the numbers and bytes they
    are stored as; 1.8 as themselves. A union of several types is a choice, but int with long is long, as Spark has it.
    """
    how = {"enableStableIdentifiersForUnionType": "true"}
    if not _is_logical(options):
        stored = json.loads(_schema_text(session, plan.files[0]))
        plain = _without_logical_types(stored)
        how |= {"avroSchema": json.dumps(plain)} if plain != stored else {}
    return rewrite(read_columnar(session, replace(plan, format=AVRO), files, options, how), _union_as_choice)


def avro_ready(typed: Typed, options: dict[str, Any]) -> Typed:
    """The frame with dates, instants and decimals as text, unless for version 1.8, which has types for them."""

    def as_text(path: Path, part: Part) -> Sequence[Part]:
        return [cast_part(part, StringType())] if isinstance(part.type, _LOGICAL) else [part]

    return typed if _is_logical(options) else rewrite(typed, as_text)


def _is_logical(options: dict[str, Any]) -> bool:
    return str(options.get("version", "1.7")) == "1.8"


def _union_as_choice(path: Path, part: Part) -> Sequence[Part]:
    """Spark reads a union of unlike types as a struct with one member a type, named member_<type>."""
    members = members_of(part) if isinstance(part.type, StructType) else []
    if not members or not all(member.name.startswith(_MEMBER) for member in members):
        return [part]
    named = sorted((replace(each, name=each.type.typeName()) for each in members), key=lambda each: each.name)
    choice = ChoiceType([member.type for member in named])
    if len(choice.choices) < len(named):
        return [part]  # two members of one type, such as two records: a choice has one of each
    return [replace(part, type=choice, column=struct_column(named, part.column.isNull()))]


def _without_logical_types(schema: Any) -> Any:
    """The schema of the same bytes without the meaning that logical types give them."""
    if isinstance(schema, list):
        return [_without_logical_types(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {name: _without_logical_types(value) for name, value in schema.items() if name != "logicalType"}


def _schema_text(session: SparkSession, file: str) -> str:
    """The schema at the head of a file."""
    jvm: Any = session._jvm
    jsession: Any = session._jsparkSession
    path = jvm.org.apache.hadoop.fs.Path(file)
    source = jvm.org.apache.avro.mapred.FsInput(path, jsession.sessionState().newHadoopConf())
    reader = jvm.org.apache.avro.file.DataFileReader.openReader(
        source, jvm.org.apache.avro.generic.GenericDatumReader()
    )
    try:
        return str(reader.getSchema().toString())
    finally:
        reader.close()
