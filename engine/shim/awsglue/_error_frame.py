"""The error records of a frame as a frame: one struct field `error` a record, as errorsAsDynamicFrame shows them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from awsglue._json import scan_json
from awsglue._kept import kept
from awsglue._nodes import Node
from awsglue._tree import Part, Typed, from_parts, struct_column
from awsglue._variants import reading_schema, unpacked
from awsglue.gluetypes import DataType, IntegerType, StringType, StructType

_PLAIN: dict[str, DataType] = {
    "msg": StringType(),
    "stackTrace": StringType(),
    "input": StringType(),
    "bytesread": IntegerType(),
    "source": StringType(),
}


def errors_frame(session: SparkSession, stages: Sequence[Node]) -> Typed:
    """The error records of these stages, each with the call that made it; without any, a frame without fields.

    `error` holds callsite{site, info}, msg, stackTrace, input, bytesread, source and, where there is one,
    dynamicRecord: the record as far as it had come.
    """
    frames = [_rows(node) for node in stages if node.stage_errors()]
    if not frames:
        return Typed(session.range(0).select(), StructType(), sparse=True)
    rows = kept(reduce(DataFrame.union, frames))
    return from_parts(Typed(rows, StructType(), sparse=True), [_struct("error", _members(rows), present=True)])


def _rows(node: Node) -> DataFrame:
    rows = reduce(DataFrame.union, [error.rows for error in node.stage_errors()])
    return rows.withColumn("site", F.lit(node.stage.site)).withColumn("info", F.lit(node.stage.info))


def _members(rows: DataFrame) -> list[Part]:
    callsite = [Part(name, StringType(), F.col(name), present=True) for name in ("site", "info")]
    plain = [Part(name, type, F.col(name), present=True) for name, type in _PLAIN.items()]
    type = scan_json(rows.select("dynamicRecord").where(F.col("dynamicRecord").isNotNull())).type
    if not type.fields:
        return [_struct("callsite", callsite, present=True), *plain]
    read = F.from_json("dynamicRecord", reading_schema(type))
    return [_struct("callsite", callsite, present=True), *plain, Part("dynamicRecord", type, unpacked(read, type))]


def _struct(name: str, members: Sequence[Part], present: bool) -> Part:
    return Part(name, StructType([member.field for member in members]), struct_column(members), present)
