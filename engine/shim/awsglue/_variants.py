"""Reading mixed values exactly: choice leaves are read as VARIANT and taken apart by what each value is."""

from __future__ import annotations

from pyspark.sql import Column
from pyspark.sql import functions as F
from pyspark.sql import types as spark

from awsglue._casts import has_choice, holds, null_of
from awsglue._sparktypes import ddl, to_spark
from awsglue._tree import Part, struct_column
from awsglue.gluetypes import ArrayType, ChoiceType, DataType, MapType, NullType, StructType

_INT_RANGE = (-(2**31), 2**31 - 1)


def reading_type(type: DataType, of_variant: bool = False) -> spark.DataType:
    """The Spark type to read JSON with: VARIANT for a choice, the type itself for all else.

    A null is read as VARIANT, too, out of a VARIANT, which is converted to anything but VOID.
    """
    if isinstance(type, ChoiceType) or (of_variant and isinstance(type, NullType)):
        return spark.VariantType()
    if isinstance(type, ArrayType):
        return spark.ArrayType(reading_type(type.elementType, of_variant))
    if isinstance(type, MapType):
        return spark.MapType(spark.StringType(), reading_type(type.valueType, of_variant))
    if isinstance(type, StructType):
        return reading_schema(type, of_variant)
    return to_spark(type)


def reading_schema(type: StructType, of_variant: bool = False) -> spark.StructType:
    """The Spark schema to read JSON records of that type with."""
    return spark.StructType([spark.StructField(f.name, reading_type(f.dataType, of_variant)) for f in type.fields])


def unpacked(column: Column, type: DataType, of_variant: bool = False) -> Column:
    """What was read with `reading_type`, as `type`: every choice a struct of its members."""
    if not (has_choice(type) or (of_variant and holds(type, NullType))):
        return column
    if isinstance(type, NullType):
        return null_of(type)
    if isinstance(type, ChoiceType):
        return _unpack_choice(column, type)
    if isinstance(type, ArrayType):
        return F.transform(column, lambda element: unpacked(element, type.elementType, of_variant))
    if isinstance(type, StructType):
        found = [unpacked(column.getField(f.name), f.dataType, of_variant) for f in type.fields]
        members = [Part(f.name, f.dataType, each) for f, each in zip(type.fields, found, strict=True)]
        return struct_column(members, column.isNull())
    raise TypeError(f"JSON has no {type.typeName()} with choices inside.")


def _unpack_choice(column: Column, type: ChoiceType) -> Column:
    members = [
        Part(name, member, F.when(_holds(column, name, type), unpacked(_get(column, member), member, True)))
        for name, member in type.choices.items()
    ]
    return struct_column(members, column.isNull() | F.is_variant_null(column))


def _get(column: Column, type: DataType) -> Column:
    return F.try_variant_get(column, "$", ddl(reading_type(type, of_variant=True)))


def _holds(column: Column, name: str, type: ChoiceType) -> Column:
    """Whether a VARIANT value is the member `name`: it converts too freely ("12" to bigint) for a mere cast to tell.

    A number with a fraction or exponent is a DECIMAL or DOUBLE for Spark, a whole one BIGINT, or DECIMAL past 64 bits.
    """
    kind = F.schema_of_variant(column)
    whole = kind == "BIGINT"
    if name == "int":
        return whole & F.try_variant_get(column, "$", "bigint").between(*_INT_RANGE)
    if name == "long":
        number = F.try_variant_get(column, "$", "bigint")
        return whole & ~number.between(*_INT_RANGE) if "int" in type.choices else whole
    if name in ("double", "decimal"):
        return _holds_fraction(column, kind, name, type)
    if name in ("date", "timestamp", "binary"):
        return (kind == "STRING") & _get(column, type.choices[name]).isNotNull()
    if name == "string":
        texts = [_holds(column, other, type) for other in type.choices if other in ("date", "timestamp", "binary")]
        condition = kind == "STRING"
        for text in texts:
            condition = condition & ~text
        return condition
    return kind.startswith({"struct": "OBJECT", "array": "ARRAY", "boolean": "BOOLEAN"}[name])


def _holds_fraction(column: Column, kind: Column, name: str, type: ChoiceType) -> Column:
    number = kind.startswith("DECIMAL") | kind.isin("DOUBLE", "FLOAT")
    if not {"double", "decimal"} <= type.choices.keys():
        return number
    huge = kind.rlike(r"^DECIMAL\((19|[23]\d),0\)$")
    return huge if name == "decimal" else number & ~huge
