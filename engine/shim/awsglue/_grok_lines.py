"""Reading logs: lines that a grok pattern takes apart, each by one match in the JVM."""

from __future__ import annotations

from typing import Any

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from awsglue._csv import typed_text
from awsglue._errors import Errors
from awsglue._formats import is_set
from awsglue._grok import Grok, compile_grok
from awsglue._partitions import attach_partitions, attached_parts
from awsglue._plans import Declared, ReadPlan
from awsglue._sparktypes import text_schema
from awsglue._tree import Typed, column_named, from_parts
from awsglue.gluetypes import StructType

_LINE, _VALUES = "_isinglass_line", "_isinglass_values"
_BETWEEN, _MATCHED = "\ue5a1", "\ue5a2"  # signs of no language, which no log has


def read_grok(session: SparkSession, plan: ReadPlan, files: list[str], options: dict[str, Any]) -> Typed:
    """The lines of a plan's files. Columns are a table's, or else the pattern's fields with the types it gives them.

    A value that is not of its type stays text, as in CSV; in StrictMode a pattern's fields are all text. An empty
    value, and one that is the option MISSING ("-"), is null. A line that does not match is an error record. ValueError
    for a pattern that cannot be read.
    """
    if not options.get("logformat"):
        raise ValueError("Reading grokLog needs the format option logFormat: the pattern of a line.")
    grok = compile_grok(str(options["logformat"]), str(options.get("custompatterns") or ""))
    types = {} if is_set(options, "strictmode") else grok.fields
    columns = plan.columns or tuple(Declared(name, types.get(name, "string")) for name in grok.fields)
    reader = session.read.format("text")
    lines = attach_partitions(reader, text_schema([_LINE]), plan, files, options).where(F.col(_LINE).rlike(r"\S"))
    matched = lines.select("*", _values(grok).alias(_VALUES))
    frame = _split(matched, grok, columns, str(options.get("missing", "-")))
    errors = Errors(lambda: _unmatched(matched, plan.name))
    found = Typed(frame, StructType(), errors=(errors,))
    parts = [typed_text(frame, column) for column in columns]
    return from_parts(found, [*parts, *attached_parts(frame, plan, options)])


def _values(grok: Grok) -> Column:
    """The values of a line's groups as an array; null for a line that does not match.

    One match serves the filter and the fields: what goes through an explode is not worked out anew by either.
    """
    values = _MATCHED + _BETWEEN.join(f"${{{group}}}" for group, _ in grok.groups)
    told = F.regexp_replace(_LINE, rf"\A(?:{grok.expression})[\s\S]*\z", values)
    return F.explode_outer(F.transform(F.array(told), _cut))


def _cut(told: Column) -> Column:
    return F.when(F.startswith(told, F.lit(_MATCHED)), F.split(F.substring(told, 2, 2**31 - 1), _BETWEEN))


def _split(matched: DataFrame, grok: Grok, columns: tuple[Declared, ...], missing: str) -> DataFrame:
    good = matched.where(F.col(_VALUES).isNotNull())
    rest = [column_named(good, name) for name in good.columns if name not in (_LINE, _VALUES)]
    return good.select(*[_field(grok, column.name, missing).alias(column.name) for column in columns], *rest)


def _field(grok: Grok, name: str, missing: str) -> Column:
    """The first group of the field that holds something; a column that the pattern does not have is null."""
    places = [at for at, (_, field) in enumerate(grok.groups) if field.lower() == name.lower()]
    nothing = ("", missing)
    values = [F.when(~F.col(_VALUES)[at].isin(*nothing), F.col(_VALUES)[at]) for at in places]
    return F.coalesce(*values, F.lit(None).cast("string"))


def _unmatched(matched: DataFrame, name: str) -> DataFrame:
    """Rows of ERROR_SCHEMA."""
    none = F.lit(None).cast("string")
    return matched.where(F.col(_VALUES).isNull()).select(
        F.lit("The line does not match the log format").alias("msg"),
        none.alias("stackTrace"),
        F.col(_LINE).alias("input"),
        F.octet_length(_LINE).alias("bytesread"),
        F.lit(name).alias("source"),
        none.alias("dynamicRecord"),
    )
