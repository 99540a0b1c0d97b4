"""Reading CSV: all text by paths; by the declared columns of a table, keeping as text what does not cast."""

from __future__ import annotations

from typing import Any

from pyspark.sql import DataFrame, SparkSession

from awsglue._casts import cast_part
from awsglue._csv_escapes import is_escaped, read_escaped
from awsglue._csv_lines import CsvLines
from awsglue._decodable import UNDECODED, check_decodable
from awsglue._formats import csv_reading, is_set
from awsglue._partitions import attach_partitions, attached_parts
from awsglue._plans import Declared, ReadPlan
from awsglue._settling import open_choice, schema_jobs
from awsglue._sparktypes import text_schema
from awsglue._tree import Part, Typed, column_named, from_parts
from awsglue._typetext import parse_type
from awsglue.gluetypes import ArrayType, ChoiceType, MapType, SetType, StringType, StructType

_NO_TEXT_FORM = (StringType, ArrayType, MapType, StructType, SetType, ChoiceType)


def read_csv(session: SparkSession, plan: ReadPlan, files: list[str], options: dict[str, Any]) -> Typed:
    """The files of a plan. By paths, files whose first lines name other columns than the first file's fail the job.

    UnparsableFileError for bytes that are not UTF-8: always with isFailFast and where `check_decodable` looks by the
    way, otherwise where the lines are looked at for their types. What nobody looked at is U+FFFD.
    """
    how = csv_reading(options)
    columns = plan.columns
    if "encoding" not in how:
        check_decodable(session, files, plan.name, whole=is_set(options, "isfailfast"))
    if not columns:
        columns, alike = _found_columns(session, files, how, is_set(options, "withheader"), plan.name)
        how["enforceSchema"] = str(not alike).lower()
    names = [column.name for column in columns]
    if is_escaped(how):
        frame = read_escaped(session, plan, files, options, how, names)
    else:
        reader = session.read.options(**how).format("csv")
        frame = attach_partitions(reader, text_schema(names), plan, files, options)
    parts = [typed_text(frame, column) for column in columns]
    typed = [(part.type, column) for part, column in zip(parts, columns, strict=True)]
    lines = CsvLines(session, plan.name, files, how, typed)
    return from_parts(Typed(frame, StructType(), lines=lines), [*parts, *attached_parts(frame, plan, options)])


def _found_columns(
    session: SparkSession, files: list[str], how: dict[str, str], header: bool, source: str
) -> tuple[tuple[Declared, ...], bool]:
    """Names from the first file's first line, or col0, col1, … without a header; every column is a string.

    And whether other files can be held to these names: Spark makes up names for blank and repeated ones.
    UnparsableFileError for a first file that is not UTF-8 if its first line shows it.
    """
    with schema_jobs(session.sparkContext):
        found = session.read.options(**{**how, "header": "false"}).csv(files[:1]).head()
        named = session.read.options(**{**how, "header": str(header).lower()}).csv(files[:1]).columns
    if "encoding" not in how and found is not None and UNDECODED in "".join(filter(None, found)):
        check_decodable(session, files[:1], source, whole=True)
    columns = tuple(Declared(name if header else f"col{at}", "string") for at, name in enumerate(named))
    return columns, header and found is not None and list(found) == named


def typed_text(frame: DataFrame, column: Declared) -> Part:
    """A column of text as its declared type. Nested types have no form in text here: they stay text."""
    text = Part("string", StringType(), column_named(frame, column.name))
    type = parse_type(column.type)
    if isinstance(type, _NO_TEXT_FORM):
        return Part(column.name, text.type, text.column)
    return open_choice(column.name, cast_part(Part(type.typeName(), StringType(), text.column), type), text)
