"""Glue types to Spark types and back; a choice is a struct with one member per type, named by the type."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from pyspark.sql import types as spark

from awsglue import gluetypes as glue
from awsglue._missing import NotProvidedError

_PAIRS: list[tuple[type[glue.DataType], type[spark.DataType]]] = [
    (glue.BinaryType, spark.BinaryType),
    (glue.BooleanType, spark.BooleanType),
    (glue.ByteType, spark.ByteType),
    (glue.DateType, spark.DateType),
    (glue.DoubleType, spark.DoubleType),
    (glue.FloatType, spark.FloatType),
    (glue.IntegerType, spark.IntegerType),
    (glue.LongType, spark.LongType),
    (glue.NullType, spark.NullType),
    (glue.ShortType, spark.ShortType),
    (glue.StringType, spark.StringType),
    (glue.TimestampType, spark.TimestampType),
    (glue.TimestampNTZType, spark.TimestampNTZType),
]
_TO_SPARK: dict[type[glue.DataType], type[spark.DataType]] = {
    **dict(_PAIRS),
    glue.UnknownType: spark.NullType,
    glue.EnumType: spark.StringType,
}
_TO_GLUE: dict[type[spark.DataType], type[glue.DataType]] = {
    **{theirs: ours for ours, theirs in _PAIRS},
    spark.CharType: glue.StringType,
    spark.VarcharType: glue.StringType,
}


def to_spark(type: glue.DataType) -> spark.DataType:
    """The Spark type that holds values of a Glue type, as toDF shows it."""
    if isinstance(type, glue.DecimalType):
        return spark.DecimalType(type.precision, type.scale)
    if isinstance(type, glue.ArrayType):
        return spark.ArrayType(to_spark(type.elementType))
    if isinstance(type, glue.SetType):
        return spark.ArrayType(to_spark(type.itemType))
    if isinstance(type, glue.MapType):
        return spark.MapType(to_spark(type.keyType), to_spark(type.valueType))
    if isinstance(type, glue.StructType):
        return struct_to_spark(type)
    if isinstance(type, glue.ChoiceType):
        return spark.StructType([spark.StructField(name, to_spark(member)) for name, member in type.choices.items()])
    return _TO_SPARK[type.__class__]()


def struct_to_spark(type: glue.StructType) -> spark.StructType:
    """The Spark schema of a frame with these fields, all of them nullable."""
    return spark.StructType([spark.StructField(field.name, to_spark(field.dataType)) for field in type.fields])


def to_glue(type: spark.DataType) -> glue.DataType:
    """The Glue type of a Spark column; NotProvidedError for intervals, VARIANT and user-defined types."""
    if isinstance(type, spark.DecimalType):
        return glue.DecimalType(type.precision, type.scale)
    if isinstance(type, spark.ArrayType):
        return glue.ArrayType(to_glue(type.elementType))
    if isinstance(type, spark.MapType):
        return glue.MapType(to_glue(type.valueType), keyType=to_glue(type.keyType))
    if isinstance(type, spark.StructType):
        return struct_to_glue(type)
    if type.__class__ not in _TO_GLUE:
        raise NotProvidedError(f"Spark's type {type.simpleString()} in dynamic frames", "Cast the column first.")
    return _TO_GLUE[type.__class__]()


def struct_to_glue(schema: spark.StructType) -> glue.StructType:
    """The fields of a Spark schema as Glue types."""
    return glue.StructType([glue.Field(field.name, to_glue(field.dataType)) for field in schema.fields])


def without_void(type: spark.DataType) -> spark.DataType:
    """The type with text for VOID: Spark gives Arrow too few values of that in structs that are null."""
    if isinstance(type, spark.StructType):
        return spark.StructType([spark.StructField(f.name, without_void(f.dataType)) for f in type.fields])
    if isinstance(type, spark.ArrayType):
        return spark.ArrayType(without_void(type.elementType))
    if isinstance(type, spark.MapType):
        return spark.MapType(type.keyType, without_void(type.valueType))
    return spark.StringType() if isinstance(type, spark.NullType) else type


def text_schema(names: Sequence[str]) -> spark.StructType:
    """Columns of text."""
    return spark.StructType([spark.StructField(name, spark.StringType()) for name in names])


def given_struct(schema: Any) -> glue.StructType:
    """The struct that a script's withSchema says: a type of Glue's or Spark's, or the JSON of one, as text or not.

    ValueError for anything else.
    """
    if isinstance(schema, spark.StructType):
        return struct_to_glue(schema)
    value = json.loads(schema) if isinstance(schema, str) else schema
    if isinstance(value, dict):
        told = glue.from_json(value) if "dataType" in value else to_glue(spark.StructType.fromJson(value))
    else:
        told = value
    if not isinstance(told, glue.StructType):
        raise ValueError("withSchema is a StructType as JSON: json.dumps(schema.jsonValue()).")
    return told


def ddl(type: spark.DataType) -> str:
    """A Spark type as SQL text with every field name quoted, which simpleString does not do."""
    if isinstance(type, spark.StructType):
        fields = (f"`{field.name.replace('`', '``')}`:{ddl(field.dataType)}" for field in type.fields)
        return f"struct<{','.join(fields)}>"
    if isinstance(type, spark.ArrayType):
        return f"array<{ddl(type.elementType)}>"
    if isinstance(type, spark.MapType):
        return f"map<{ddl(type.keyType)},{ddl(type.valueType)}>"
    return type.simpleString()
