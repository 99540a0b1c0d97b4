"""Escape signs in CSV, which Spark's reader knows inside quotes only: they are hidden before a line is taken apart.

A line is read whole, what follows an escape sign becomes a sign of no language in it, and once the line is parted
those signs become what they stand for. A line without an escape sign costs one look for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from awsglue._partitions import attach_partitions
from awsglue._plans import ReadPlan
from awsglue._settling import schema_jobs
from awsglue._sparktypes import text_schema
from awsglue._tree import column_named

_LINE, _ESCAPED = "_isinglass_line", "_isinglass_escaped"
_WHOLE = {"sep": "\ue5a1", "quote": "", "escape": "\0"}  # signs that no line holds: it comes as one value
_WELL_KNOWN = {"n": "\n", "r": "\r", "t": "\t", "0": "\0"}
_FIRST_HIDDEN = 0xE5A8


def is_escaped(how: Mapping[str, str]) -> bool:
    """Whether Spark's options name an escape sign; of records that span lines only Spark's own way is known."""
    return how["multiLine"] == "false" and how["escape"] not in ("\0", how["quote"]) and len(how["escape"]) == 1


def read_escaped(
    session: SparkSession,
    plan: ReadPlan,
    files: list[str],
    options: dict[str, Any],
    how: Mapping[str, str],
    names: Sequence[str],
) -> DataFrame:
    """The files as columns of text, with what `attach_partitions` puts beside them.

    Where `how` holds files to one header, a file with another line in its place fails, as Spark's reader does.
    """
    whole = {name: value for name, value in how.items() if name != "nullValue"} | _WHOLE
    first = _first_line(session, files, whole) if how.get("enforceSchema") == "false" else _LINE
    lines = attach_partitions(session.read.options(**whole).format("csv"), text_schema([first]), plan, files, options)
    beside = lines.columns[1:]
    lines = lines.toDF(_LINE, *beside)
    hidden = _hidden(how)
    escaped = F.contains(F.col(_LINE), F.lit(how["escape"]))
    line = F.when(escaped, _replaced(F.col(_LINE), [*hidden, (how["escape"], "")])).otherwise(F.col(_LINE))
    signs = {name: how[name] for name in ("sep", "quote", "nullValue") if name in how}
    cells = F.from_csv(line, ", ".join(f"c{at} string" for at in range(len(names))), {**signs, "escape": how["quote"]})
    rest = [column_named(lines, name) for name in beside]
    read = lines.select(cells.alias(_LINE), escaped.alias(_ESCAPED), *rest)
    shown = [(hiding, sign[1:]) for sign, hiding in hidden]
    texts = [_shown(F.col(_LINE).getField(f"c{at}"), shown).alias(name) for at, name in enumerate(names)]
    return read.select(*texts, *[column_named(read, name) for name in beside])


def _first_line(session: SparkSession, files: list[str], whole: Mapping[str, str]) -> str:
    with schema_jobs(session.sparkContext):
        found = session.read.options(**{**whole, "header": "false"}).csv(files[:1]).first()
    return str(found[0]) if found else _LINE


def _hidden(how: Mapping[str, str]) -> list[tuple[str, str]]:
    """What stands for what, in the order in which it is looked for: an escape sign escapes itself first."""
    escape = how["escape"]
    followers = [escape, how["sep"], *filter(None, [how["quote"]]), *_WELL_KNOWN]
    return [(escape + sign, chr(_FIRST_HIDDEN + at)) for at, sign in enumerate(dict.fromkeys(followers))]


def _replaced(text: Column, pairs: Sequence[tuple[str, str]]) -> Column:
    return reduce(lambda column, pair: F.replace(column, F.lit(pair[0]), F.lit(pair[1])), pairs, text)


def _shown(text: Column, pairs: Sequence[tuple[str, str]]) -> Column:
    plain = [(hiding, _WELL_KNOWN.get(sign, sign)) for hiding, sign in pairs]
    return F.when(F.col(_ESCAPED), _replaced(text, plain)).otherwise(text)
