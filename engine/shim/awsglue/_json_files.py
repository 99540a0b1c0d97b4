"""Reading files of JSON records: one scan learns every type, then Spark reads with them."""

from __future__ import annotations

import re
from typing import Any

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from awsglue._blobs import beside_files
from awsglue._errors import Errors
from awsglue._formats import is_set, is_utf8, json_reading
from awsglue._json import broken_texts, good_texts, records_in, scan_json
from awsglue._letter_case import apart, has_twins, together
from awsglue._missing import NotProvidedError
from awsglue._partitions import attach_partitions, attached_parts
from awsglue._plans import ReadPlan
from awsglue._sparktypes import struct_to_spark, text_schema
from awsglue._tree import Part, Typed, column_named, from_parts
from awsglue._variants import reading_schema, unpacked
from awsglue.gluetypes import Present, StructType

TEXT = "_isinglass_text"
_MARK = "\ufeff"
_UNSPLIT_BYTES = 64 * 1024 * 1024
_JSON_PATH = re.compile(r"\$(\.[\w-]+|\.\*|\['[^']*'\]|\[\d+\]|\[\*\])*")


class BrokenInputError(ValueError):
    """A source with isFailFast has input that cannot be read."""

    def __init__(self, name: str, count: int) -> None:
        super().__init__(
            f"{name}: {count} texts are not JSON records, and isFailFast is set. Correct them, or leave the option "
            "out: they are then error records."
        )


def read_json(session: SparkSession, plan: ReadPlan, files: list[str], options: dict[str, Any]) -> Typed | None:
    """The files of a plan, partition keys as strings. None where there is nothing that has a field or is broken.

    Texts that are no JSON records are error records. BrokenInputError for them with isFailFast. Texts are lines; whole
    files with multiLine, or where the first line is but the beginning of a record.
    """
    texts = _texts(session, plan, files, options)
    path = str(options.get("jsonpath") or "")
    records = _selected(texts, path) if path else texts
    scan = scan_json(records.select(TEXT))
    if (scan.broken or not scan.type.fields) and _spans_lines(session, plan, files, options, texts):
        return read_json(session, plan, files, {**options, "multiline": True})
    errors = [Errors(lambda: broken_texts(texts.select(TEXT).withColumn("source", F.lit(plan.name))), scan.broken)]
    if scan.broken and is_set(options, "isfailfast"):
        raise BrokenInputError(plan.name, scan.broken)
    keys = {key.name.lower() for key in plan.partition_keys}
    type = StructType([field for field in scan.type.fields if field.name.lower() not in keys])
    if not type.fields and scan.broken:
        return Typed(session.createDataFrame([], struct_to_spark(type)), type, sparse=True, errors=tuple(errors))
    if not type.fields:
        return None
    twins = has_twins(type)
    apart_first = bool(scan.broken or scan.rows) or not is_utf8(options.get("encoding"))
    if apart_first or path or twins:
        frame = _parsed(good_texts(records) if apart_first else records, type)
    else:
        reader = session.read.options(**json_reading(options)).format("json")
        frame = attach_partitions(reader, reading_schema(type), plan, files, options)
    data = [
        Part(f.name, f.dataType, unpacked(column_named(frame, f.name), f.dataType), isinstance(f, Present))
        for f in (apart(type) if twins else type).fields
    ]
    if twins:
        data = together(data)
    found = Typed(frame, StructType(), sparse=True, errors=tuple(errors if scan.broken else ()))
    return from_parts(found, [*data, *attached_parts(frame, plan, options, typed=False)])


def _texts(session: SparkSession, plan: ReadPlan, files: list[str], options: dict[str, Any]) -> DataFrame:
    """Lines, or with multiLine whole files, and what is known beside them."""
    if not is_utf8(options.get("encoding")):
        return _decoded(session, plan, files, options)
    whole = is_set(options, "multiline")
    reader = session.read.format("text").option("wholetext", str(whole).lower())
    texts = attach_partitions(reader, text_schema([TEXT]), plan, files, options)
    return texts.withColumn(TEXT, _unmarked(F.col(TEXT))) if whole else texts  # of lines Hadoop's reader takes it off


def _spans_lines(
    session: SparkSession, plan: ReadPlan, files: list[str], options: dict[str, Any], texts: DataFrame
) -> bool:
    """Whether records go over several lines though multiLine is not set: Glue reads them so, too, in files that it
    does not split. The first line tells, and then all files must be JSON as a whole.
    """
    first = None if is_set(options, "multiline") else texts.select(TEXT).first()
    if first is None or first[0] is None or records_in(first[0].encode()) is not None:
        return False
    sizes = session.read.format("binaryFile").load(files).agg(F.max("length")).first()
    if sizes is None or sizes[0] is None or sizes[0] > _UNSPLIT_BYTES:
        return False
    whole = scan_json(_texts(session, plan, files, {**options, "multiline": True}).select(TEXT))
    return not whole.broken


def _decoded(session: SparkSession, plan: ReadPlan, files: list[str], options: dict[str, Any]) -> DataFrame:
    """As _texts, of files that are not UTF-8: each is decoded whole."""
    found = beside_files(session, plan, files, options)
    text = _unmarked(F.decode("content", str(options["encoding"])))
    texts = F.array(text) if is_set(options, "multiline") else F.split(text, "\r?\n|\r")
    rest = [column_named(found, name) for name in found.columns if name not in ("path", "content")]
    return found.select(F.explode(texts).alias(TEXT), *rest)


def _unmarked(text: Column) -> Column:
    """A text without a byte order mark before it."""
    return F.when(F.startswith(text, F.lit(_MARK)), F.substring(text, 2, 2**31 - 1)).otherwise(text)


def _selected(texts: DataFrame, path: str) -> DataFrame:
    """What a JSON path finds in each text, one row an object. NotProvidedError for more than names and subscripts."""
    if not _JSON_PATH.fullmatch(path):
        raise NotProvidedError(f"the jsonPath {path!r}", "It knows $, .name, ['name'], [0], [*] and .*.")
    found = F.get_json_object(TEXT, path)
    several = F.when(F.startswith(found, F.lit("[")), F.from_json(found, "array<string>")).otherwise(F.array(found))
    rest = [column_named(texts, name) for name in texts.columns if name != TEXT]
    each = texts.select(F.explode(several).alias(TEXT), *rest)
    return each.where(F.col(TEXT).isNotNull())


def _parsed(texts: DataFrame, type: StructType) -> DataFrame:
    rest = [column_named(texts, name) for name in texts.columns if name != TEXT]
    record = F.from_json(TEXT, reading_schema(type), {"allowSingleQuotes": "false"})
    if has_twins(type):
        record = record.cast(reading_schema(apart(type)))  # members of structs are cast by their place
    read = texts.select(record.alias(TEXT), *rest)
    return read.select(f"{TEXT}.*", *[column_named(read, name) for name in texts.columns if name != TEXT])
