"""Rules that hold a frame against others, the additional data sources of a script, each under its alias."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from operator import and_

from awsglue._studio import column
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from awsgluedq._rules import Rule

Sources = Mapping[str, DataFrame]
_BRACED = re.compile(r"(?P<alias>[^{}]+)\.\{(?P<names>[^{}]*)\}")
_AGGREGATE = re.compile(r"\s*(?P<how>sum|avg)\s*\(\s*(?P<of>.+?)\s*\)\s*", re.IGNORECASE)


class NotComparableError(Exception):
    """The frames cannot be held against each other: the rule fails, and this says why."""


def referential_integrity(frame: DataFrame, rule: Rule, sources: Sources) -> float | None:
    """The share of rows whose values are among those of the other frame's columns; a null is a value like any."""
    ours, reference = _named(rule, 2)
    found = _BRACED.fullmatch(reference)
    alias, names = (found["alias"], found["names"]) if found else reference.rpartition(".")[::2]
    other, theirs = _source(alias, sources), _listed(names)
    if len(theirs) != len(_listed(ours)):
        raise NotComparableError(f"{ours} and {names} are not as many columns")
    mine = _columns(frame, _listed(ours), "primary")
    return _share(mine, _columns(other, theirs, alias).distinct(), mine.columns)


def row_count_match(frame: DataFrame, rule: Rule, sources: Sources) -> float | None:
    [alias] = _named(rule, 1)
    return _ratio(frame.count(), _source(alias, sources).count())


def schema_match(frame: DataFrame, rule: Rule, sources: Sources) -> float | None:
    """The share of all columns of both that both have, with one type."""
    [alias] = _named(rule, 1)
    ours, theirs = ({f.name.lower(): f.dataType for f in rows.schema} for rows in (frame, _source(alias, sources)))
    return sum(theirs.get(name) == type for name, type in ours.items()) / len({*ours, *theirs})


def dataset_match(frame: DataFrame, rule: Rule, sources: Sources) -> float | None:
    """The share of rows that the other frame has under the same key, with the same values in the columns named.

    Without names, of all columns but the keys. A key is there once in each frame, or nothing can be said.
    """
    alias, key, *rest = _named(rule, 2, 3)
    other = _source(alias, sources)
    keys = _mapped(key)
    values = _mapped(rest[0]) if rest else _all_but(keys, frame, other)
    pairs = keys | values
    mine = _columns(frame, list(pairs), "primary")
    theirs = _columns(other, list(pairs.values()), alias)
    by = mine.columns[: len(keys)]
    if any(_repeats(rows, by) for rows in (mine, theirs)):
        raise NotComparableError("Provided key map not suitable for given data frames")
    return _share(mine, theirs, mine.columns)


def aggregate_match(frame: DataFrame, rule: Rule, sources: Sources) -> float | None:
    """The first sum or average, as a share of the second."""
    first, second = (_aggregate(text, frame, sources) for text in _named(rule, 2))
    return None if first is None or second is None else _ratio(first, second)


def measure_name(rule: Rule) -> str:
    """What the rule's measure is called."""
    if rule.type == "ReferentialIntegrity":
        found = _BRACED.fullmatch(rule.names[1])
        alias = found["alias"] if found else rule.names[1].rpartition(".")[0]
        return f"Column.{alias}.ReferentialIntegrity"
    if rule.type == "AggregateMatch":
        names = dict.fromkeys(_aggregated(text)[2] for text in rule.names)
        return f"Column.{','.join(names)}.AggregateMatch"
    return f"Dataset.{rule.names[0]}.{rule.type}"


COMPARISONS: dict[str, Callable[[DataFrame, Rule, Sources], float | None]] = {
    "ReferentialIntegrity": referential_integrity,
    "RowCountMatch": row_count_match,
    "SchemaMatch": schema_match,
    "DatasetMatch": dataset_match,
    "AggregateMatch": aggregate_match,
}


def _named(rule: Rule, *counts: int) -> Sequence[str]:
    if len(rule.names) not in counts:
        raise ValueError(f"The data quality rule {rule.text!r} takes {counts[-1]} names in quotes.")
    return rule.names


def _source(alias: str, sources: Sources) -> DataFrame:
    if alias not in sources:
        known = f"it has {', '.join(sources)}" if sources else "it has none"
        raise NotComparableError(f"No additional data source is called {alias!r}: {known}")
    return sources[alias]


def _listed(names: str) -> list[str]:
    return [name.strip() for name in names.split(",")]


def _mapped(names: str) -> dict[str, str]:
    """Columns and what they are called in the other frame, from `a,b->c`."""
    pairs = (name.partition("->") for name in names.split(","))
    return {ours.strip(): (theirs or ours).strip() for ours, _, theirs in pairs}


def _all_but(keys: Mapping[str, str], frame: DataFrame, other: DataFrame) -> dict[str, str]:
    ours = [name for name in frame.columns if name not in keys]
    if {*ours} != {*other.columns} - {*keys.values()}:
        raise NotComparableError("Beside their keys, the frames have columns of other names")
    return {name: name for name in ours}


def _columns(frame: DataFrame, names: Sequence[str], alias: str) -> DataFrame:
    known = {name.lower() for name in frame.columns}
    missing = next((name for name in names if name.lower() not in known), None)
    if missing is not None:
        raise NotComparableError(f"Column {missing} is not in the frame {alias}")
    return frame.select([column(frame, name).alias(f"c{at}") for at, name in enumerate(names)])


def _repeats(rows: DataFrame, by: Sequence[str]) -> bool:
    there = reduce(and_, [F.col(name).isNotNull() for name in by])
    return bool(rows.groupBy(*by).count().where(~there | (F.col("count") > 1)).take(1))


def _share(ours: DataFrame, theirs: DataFrame, by: Sequence[str]) -> float | None:
    """The share of our rows that are among theirs, of which none is there twice; None without rows."""
    same = reduce(and_, [ours[name].eqNullSafe(theirs[name]) for name in by])
    there = ours.join(theirs.withColumn("there", F.lit(1.0)), same, "left")
    found = there.agg(F.avg(F.coalesce(F.col("there"), F.lit(0.0)))).collect()[0][0]
    return None if found is None else float(found)


def _ratio(first: float, second: float) -> float | None:
    if second:
        return first / second
    return 1.0 if not first else None


def _aggregated(text: str) -> tuple[str, str, str]:
    """The function, the alias (empty for the frame itself) and the column of `sum(alias.column)`."""
    found = _AGGREGATE.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no aggregate: AggregateMatch takes sum(column) or avg(alias.column).")
    alias, _, name = found["of"].rpartition(".")
    return found["how"].lower(), alias, name


def _aggregate(text: str, frame: DataFrame, sources: Sources) -> float | None:
    how, alias, name = _aggregated(text)
    values: Column = F.col("c0").try_cast("double")
    rows = _columns(_source(alias, sources) if alias else frame, [name], alias or "primary")
    found = rows.agg(F.sum(values) if how == "sum" else F.avg(values)).collect()[0][0]
    return None if found is None else float(found)
