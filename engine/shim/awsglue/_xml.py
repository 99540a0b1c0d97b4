"""Reading XML by Spark's own reader: one element of a tag is a record."""

from __future__ import annotations

from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql import types as spark

from awsglue._errors import Errors
from awsglue._formats import xml_reading
from awsglue._partitions import attach_partitions, attached_parts
from awsglue._plans import ReadPlan
from awsglue._settling import schema_jobs
from awsglue._sparktypes import given_struct, struct_to_glue, to_spark
from awsglue._tree import Part, Typed, column_named, from_parts
from awsglue._xml_cuts import cut_records
from awsglue.gluetypes import ArrayType, ChoiceType, DataType, Field, StringType, StructType

_BROKEN = "_corrupt_record"


class CutRecordError(ValueError):
    """A file of XML ends inside a record, and no record is there beside it or isFailFast is set."""

    def __init__(self, name: str, tag: str) -> None:
        super().__init__(
            f"{name}: a file ends inside the start tag of a <{tag}>. Write the file anew, or leave it out by the "
            "option exclusions."
        )


def read_xml(session: SparkSession, plan: ReadPlan, files: list[str], options: dict[str, Any]) -> Typed | None:
    """The files of a plan, partition keys as strings; None where no record has a field.

    The schema is learnt from all records, or given by withSchema (a StructType as JSON). A record that is not
    well-formed is an error record, as is one that its file ends in; with isFailFast it fails the job. ValueError
    without a rowTag.
    """
    how = xml_reading(options)
    given = options.get("withschema")
    schema = _given(given_struct(given)) if given else _learnt(session, files, how)
    keys = {key.name.lower() for key in plan.partition_keys}
    schema = spark.StructType([field for field in schema.fields if field.name.lower() not in keys])
    fields = [field for field in schema.fields if field.name != _BROKEN]
    cuts = cut_records(session, files, how["rowTag"])
    if (not fields or how["mode"] == "FAILFAST") and not cuts.isEmpty():
        raise CutRecordError(plan.name, how["rowTag"])
    if not fields:
        return None
    frame = attach_partitions(session.read.format("xml").options(**how), schema, plan, files, options)
    errors: tuple[Errors, ...] = (Errors(lambda: _error_rows(cuts, "value", plan.name)),)
    if len(fields) < len(schema.fields):
        # Spark refuses to look at the broken texts alone, as a count does: each record's first field is touched too.
        touched = F.hash(column_named(frame, fields[0].name)) >= F.lit(-(2**31))
        broken = Errors(lambda: _error_rows(every.where(touched & F.col(_BROKEN).isNotNull()), _BROKEN, plan.name))
        errors = (broken, *errors)
        every, frame = frame, frame.where(touched & F.col(_BROKEN).isNull())
    found = Typed(frame, StructType(), sparse=True, errors=errors)
    types = struct_to_glue(spark.StructType(fields)).fields
    data = [Part(field.name, field.dataType, column_named(frame, field.name)) for field in types]
    return from_parts(found, [*data, *attached_parts(frame, plan, options, typed=False)])


def _given(type: StructType) -> spark.StructType:
    return spark.StructType([spark.StructField(f.name, to_spark(_without_choices(f.dataType))) for f in type.fields])


def _without_choices(type: DataType) -> DataType:
    """A given type for Spark's reader: of a choice it reads the text."""
    if isinstance(type, StructType):
        return StructType([Field(field.name, _without_choices(field.dataType)) for field in type.fields])
    if isinstance(type, ArrayType):
        return ArrayType(_without_choices(type.elementType))
    return StringType() if isinstance(type, ChoiceType) else type


def _learnt(session: SparkSession, files: list[str], how: dict[str, str]) -> spark.StructType:
    with schema_jobs(session.sparkContext):
        found = session.read.format("xml").options(**how).load(files).schema
    timeless = _timeless(found)
    assert isinstance(timeless, spark.StructType)  # noqa: S101 - a struct stays one
    return timeless


def _timeless(type: spark.DataType) -> spark.DataType:
    """Dates stay text, as in every self-describing source: no guess turns an identifier into an instant."""
    if isinstance(type, spark.StructType):
        return spark.StructType([spark.StructField(f.name, _timeless(f.dataType)) for f in type.fields])
    if isinstance(type, spark.ArrayType):
        return spark.ArrayType(_timeless(type.elementType))
    return spark.StringType() if isinstance(type, spark.DateType | spark.TimestampType) else type


def _error_rows(frame: DataFrame, text: str, name: str) -> DataFrame:
    """Rows of ERROR_SCHEMA."""
    none = F.lit(None).cast("string")
    return frame.select(
        F.lit("Unable to parse XML record").alias("msg"),
        none.alias("stackTrace"),
        F.col(text).alias("input"),
        F.length(text).alias("bytesread"),
        F.lit(name).alias("source"),
        none.alias("dynamicRecord"),
    )
