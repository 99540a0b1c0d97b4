"""Reading files of JSON records: one scan learns every type, then Spark reads with them."""

from __future__ import annotations

import re
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from awsglue._csv import text_schema
from awsglue._errors import Errors
from awsglue._formats import is_set, json_reading
from awsglue._json import broken_texts, good_texts, scan_json
from awsglue._letter_case import apart, has_twins, together
from awsglue._missing import NotProvidedError
from awsglue._partitions import attach_partitions, attached_parts
from awsglue._plans import ReadPlan
from awsglue._tree import Part, Typed, column_named, from_parts
from awsglue._variants import reading_schema, unpacked
from awsglue.gluetypes import Present, StructType

TEXT = "_isinglass_text"
_JSON_PATH = re.compile(r"\$(\.[\w-]+|\.\*|\['[^']*'\]|\[\d+\]|\[\*\])*")


class BrokenInputError(ValueError):
    """A source with isFailFast has input that cannot be read."""

    def __init__(self, name: str, count: int) -> None:
        super().__init__(
            f"{name}: {count} texts are not JSON records, and isFailFast is set. Correct them, or leave the option "
            "out: they are then error records."
        )


def read_json(session: SparkSession, plan: ReadPlan, files: list[str], options: dict[str, Any]) -> Typed | None:
    """The files of a plan, partition keys as strings. None where no record has a field.

    Texts that are no JSON records are error records. BrokenInputError for them with isFailFast.
    """
    texts = _texts(session, plan, files, options)
    path = str(options.get("jsonpath") or "")
    records = _selected(texts, path) if path else texts
    scan = scan_json(records.select(TEXT))
    errors = [Errors(lambda: broken_texts(texts.select(TEXT).withColumn("source", F.lit(plan.name))), scan.broken)]
    if scan.broken and is_set(options, "isfailfast"):
        raise BrokenInputError(plan.name, scan.broken)
    keys = {key.name.lower() for key in plan.partition_keys}
    type = StructType([field for field in scan.type.fields if field.name.lower() not in keys])
    if not type.fields:
        return None
    twins = has_twins(type)
    if scan.broken or path or twins:
        frame = _parsed(good_texts(records) if scan.broken else records, type)
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
    whole = str(is_set(options, "multiline")).lower()
    reader = session.read.format("text").option("wholetext", whole)
    return attach_partitions(reader, text_schema([TEXT]), plan, files, options)


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
