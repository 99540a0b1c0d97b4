"""Data quality rules held against a frame: each rule's measure, its verdict, and which rows it is about."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_

from awsglue._missing import NotProvidedError
from awsglue._studio import column
from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from awsgluedq._comparisons import COMPARISONS, NotComparableError, Sources, measure_name
from awsgluedq._rules import Condition, Keyword, Rule, Together, Value

_WHOLE = Condition("=", (1.0,))
_OF_THE_FRAME = ("ColumnCount", "ColumnNamesMatchPattern", "CustomSql", "RowCount")
_TYPES = {
    name: name.lower() for name in ("BOOLEAN", "DATE", "TIMESTAMP", "INTEGER", "LONG", "FLOAT", "DOUBLE", "DECIMAL")
}


@dataclass(frozen=True)
class Finding:
    """What came of a rule. `why` says, of one that failed, what was found instead; `measures` are by AWS's names."""

    text: str
    passed: bool
    why: str | None
    measures: dict[str, float]


def judge(frame: DataFrame, rules: Sequence[Rule | Together], sources: Sources) -> list[Finding]:
    """Holds rules against a frame: what one look at all rows can tell is asked in one. `sources` are the other frames.

    NotProvidedError for a type of rule not known, ValueError for a condition that does not fit its rule.
    """
    simple = list(dict.fromkeys(each for rule in rules for each in _simple(rule)))
    for rule in simple:
        check_known(rule)
    asked = {rule: _AGGREGATES[rule.type](frame, rule) for rule in simple if _can_ask(frame, rule)}
    row = (
        frame.agg(*[measure.alias(f"m{at}") for at, measure in enumerate(asked.values())]).collect()[0] if asked else ()
    )
    values = {rule: None if value is None else float(value) for rule, value in zip(asked, row, strict=True)}
    return [_finding(frame, rule, values, sources) for rule in rules]


def _simple(rule: Rule | Together) -> Iterator[Rule]:
    if isinstance(rule, Together):
        for each in rule.rules:
            yield from _simple(each)
    else:
        yield rule


def _can_ask(frame: DataFrame, rule: Rule) -> bool:
    return rule.type in _AGGREGATES and all(_has(frame, name) for name in _columns_of(rule))


def _finding(frame: DataFrame, rule: Rule | Together, values: Mapping[Rule, float | None], sources: Sources) -> Finding:
    if isinstance(rule, Together):
        found = [_finding(frame, each, values, sources) for each in rule.rules]
        passed = (all if rule.word == "and" else any)(each.passed for each in found)
        whys = "; ".join(each.why for each in found if each.why)
        measures = {name: value for each in found for name, value in each.measures.items()}
        return Finding(rule.text, passed, None if passed else whys, measures)
    missing = next((name for name in _columns_of(rule) if not _has(frame, name)), None)
    if missing is not None:
        return Finding(rule.text, False, f"Column {missing} is not in the frame", {})
    name, wanted = _measure_name(rule), _wanted(rule)
    try:
        measured = values[rule] if rule in values else _measured(frame, rule, sources)
    except NotComparableError as error:
        return Finding(rule.text, False, str(error), {})
    if measured is None:
        return Finding(rule.text, False, f"{name} has no value: no row to measure", {})
    passed = wanted.holds(measured)
    why = None if passed else f"Value: {measured:g} does not meet the constraint requirement"
    return Finding(rule.text, passed, why, {name: measured})


def _measured(frame: DataFrame, rule: Rule, sources: Sources) -> float | None:
    if rule.type in COMPARISONS:
        return COMPARISONS[rule.type](frame.where(rule.where) if rule.where else frame, rule, sources)
    if rule.type == "CustomSql":
        return _custom_sql(frame, rule, sources)
    return _OTHERS[rule.type](frame, rule)


def _measure_name(rule: Rule) -> str:
    if rule.type in COMPARISONS:
        return measure_name(rule)
    of = "Dataset.*" if rule.type in _OF_THE_FRAME else f"Column.{','.join(rule.names)}"
    return f"{of}.{_NAMES.get(rule.type, rule.type)}"


def check_known(rule: Rule | Together) -> None:
    """NotProvidedError for a type of rule that is not known here, so that nobody takes it for checked."""
    known = (*_AGGREGATES, *_OTHERS, "CustomSql", *COMPARISONS)
    for each in _simple(rule):
        if each.type not in known:
            raise NotProvidedError(f"the data quality rule {each.type}", f"It knows {', '.join(known)}.")


def row_check(frame: DataFrame, rule: Rule | Together) -> Column | None:
    """Whether a row fulfils the rule: true, false, or null where it is not looked at. None if no row can tell."""
    if isinstance(rule, Together):
        checks = [row_check(frame, each) for each in rule.rules]
        known = [check for check in checks if check is not None]
        return reduce(and_ if rule.word == "and" else or_, known) if len(known) == len(checks) else None
    make = _ROWS.get(rule.type)
    if make is None or not all(_has(frame, name) for name in _columns_of(rule)):
        return None
    return F.when(F.expr(rule.where), make(frame, rule)) if rule.where else make(frame, rule)


def _columns_of(rule: Rule) -> Sequence[str]:
    return () if rule.type in ("ColumnExists", *_OF_THE_FRAME, *COMPARISONS) else rule.names


def _has(frame: DataFrame, name: str) -> bool:
    return name.lower() in (known.lower() for known in frame.columns)


def _wanted(rule: Rule) -> Condition:
    if rule.type in _ROWS:
        return rule.threshold or _WHOLE
    if rule.condition is None and rule.type not in ("ColumnExists", "ColumnNamesMatchPattern"):
        raise ValueError(f"The data quality rule {rule.text!r} has no condition, such as > 0.")
    return rule.condition or _WHOLE


Aggregate = Callable[[DataFrame, Rule], Column]


def _looked_at(rule: Rule, value: Column) -> Column:
    """The value in the rows that the rule is about; null in all others."""
    return F.when(F.expr(rule.where), value) if rule.where else value


def _of_column(measure: Callable[[Column], Column]) -> Aggregate:
    return lambda frame, rule: measure(_looked_at(rule, column(frame, rule.names[0])))


def _share(frame: DataFrame, rule: Rule) -> Column:
    """The share of the rows looked at that fulfil the rule; of no row, all of them do."""
    return F.coalesce(F.avg(_looked_at(rule, _ROWS[rule.type](frame, rule)).cast("double")), F.lit(1.0))


def _correlation(frame: DataFrame, rule: Rule) -> Column:
    first, second = (_looked_at(rule, column(frame, name).try_cast("double")) for name in rule.names)
    return F.corr(first, second)


def _completeness(frame: DataFrame, rule: Rule) -> Column:
    return F.avg(_looked_at(rule, _complete(frame, rule)).cast("double"))


_AGGREGATES: dict[str, Aggregate] = {
    "RowCount": lambda _, rule: F.count(_looked_at(rule, F.lit(1))),
    "IsComplete": _share,
    "Completeness": _completeness,
    "DistinctValuesCount": _of_column(F.count_distinct),
    "ColumnValues": _share,
    "ColumnLength": _share,
    "ColumnDataType": _share,
    "DataFreshness": _share,
    "Mean": _of_column(lambda value: F.avg(value.try_cast("double"))),
    "Sum": _of_column(lambda value: F.sum(value.try_cast("double"))),
    "ColumnCorrelation": _correlation,
    "StandardDeviation": _of_column(lambda value: F.stddev_pop(value.try_cast("double"))),
}


def _grouped(measure: Callable[[Column], Column]) -> Callable[[DataFrame, Rule], float | None]:
    """A measure of how often values are there, by `measure` of whether a value is there once.

    Rows of nothing but nulls are left out.
    """

    def found(frame: DataFrame, rule: Rule) -> float | None:
        rows = frame.where(rule.where) if rule.where else frame
        keys = [column(rows, name) for name in rule.names]
        counts = rows.where(reduce(or_, [key.isNotNull() for key in keys])).groupBy(*keys).count()
        return _one(counts.agg(measure((F.col("count") == 1).cast("double"))), rule)

    return found


def _entropy(frame: DataFrame, rule: Rule) -> float | None:
    """How much a value tells, in nats; nulls are left out."""
    value = _looked_at(rule, column(frame, rule.names[0]))
    times = F.col("count")
    counts = frame.select(value.alias("value")).where("value is not null").groupBy("value").count()
    return _one(counts.agg(F.log(F.sum(times)) - F.sum(times * F.log(times)) / F.sum(times)), rule)


def _one(frame: DataFrame, rule: Rule) -> float | None:
    rows = frame.collect()
    if len(rows) != 1 or len(rows[0]) != 1:
        raise ValueError(f"The data quality rule {rule.text!r} gives {len(rows)} rows: it must be one number.")
    return None if rows[0][0] is None else float(rows[0][0])


def _custom_sql(frame: DataFrame, rule: Rule, sources: Sources) -> float | None:
    for alias, rows in {**sources, "primary": frame}.items():
        rows.createOrReplaceTempView(alias)
    return _one(frame.sparkSession.sql(rule.names[0]), rule)


def _names_match(frame: DataFrame, rule: Rule) -> float:
    good = [name for name in frame.columns if re.fullmatch(rule.names[0], name)]
    return len(good) / max(len(frame.columns), 1)


def _primary(frame: DataFrame, rule: Rule) -> float | None:
    """The share of rows whose keys are all there and nobody else's."""
    incomplete = frame.where(~_complete(frame, rule))
    return 0.0 if incomplete.take(1) else _OTHERS["Uniqueness"](frame, rule)


_OTHERS: dict[str, Callable[[DataFrame, Rule], float | None]] = {
    "ColumnCount": lambda frame, _: float(len(frame.columns)),
    "ColumnExists": lambda frame, rule: float(_has(frame, rule.names[0])),
    "ColumnNamesMatchPattern": _names_match,
    "IsUnique": _grouped(lambda once: F.coalesce(F.sum(once) / F.sum("count"), F.lit(1.0))),
    "IsPrimaryKey": _primary,
    "Uniqueness": _grouped(lambda once: F.coalesce(F.sum(once) / F.sum("count"), F.lit(1.0))),
    "UniqueValueRatio": _grouped(F.avg),
    "Entropy": _entropy,
}
_NAMES = {
    "ColumnNamesMatchPattern": "ColumnNamesPatternMatchRatio",
    "CustomSql": "CustomSQL",
    "IsComplete": "Completeness",
    "IsPrimaryKey": "Uniqueness",
    "IsUnique": "Uniqueness",
    **{name: f"{name}.Compliance" for name in ("ColumnValues", "ColumnLength", "ColumnDataType", "DataFreshness")},
}


def _values_hold(frame: DataFrame, rule: Rule) -> Column:
    return _fulfils(column(frame, rule.names[0]), _condition(rule))


def _lengths_hold(frame: DataFrame, rule: Rule) -> Column:
    return _fulfils(F.length(column(frame, rule.names[0]).cast("string")), _condition(rule))


def _types_hold(frame: DataFrame, rule: Rule) -> Column:
    wanted = str(_condition(rule).values[0]).upper()
    if wanted == "STRING":
        return F.lit(True)
    if wanted not in _TYPES:
        raise ValueError(f"{rule.text!r} asks for the type {wanted}; it is STRING, {', '.join(_TYPES)}.")
    value = column(frame, rule.names[0])
    return value.isNull() | value.cast("string").try_cast(_TYPES[wanted]).isNotNull()


def _fresh(frame: DataFrame, rule: Rule) -> Column:
    """Whether a time lies as many hours back as the rule says; a null is never fresh."""
    at = column(frame, rule.names[0]).try_cast("timestamp")
    hours = (F.unix_micros(F.current_timestamp()) - F.unix_micros(at)) / F.lit(3_600_000_000)
    return at.isNotNull() & _fulfils(hours, _condition(rule))


def _complete(frame: DataFrame, rule: Rule) -> Column:
    return reduce(and_, [column(frame, name).isNotNull() for name in rule.names])


def _alone(frame: DataFrame, rule: Rule) -> Column:
    """Whether no other row has the same values; nulls alone are the same as nothing."""
    keys = [column(frame, name) for name in rule.names]
    nothing = reduce(and_, [key.isNull() for key in keys])
    return nothing | (F.count(F.lit(1)).over(Window.partitionBy(*keys)) == 1)


_ROWS: dict[str, Callable[[DataFrame, Rule], Column]] = {
    "IsComplete": _complete,
    "IsUnique": _alone,
    "IsPrimaryKey": lambda frame, rule: _complete(frame, rule) & _alone(frame, rule),
    "ColumnValues": _values_hold,
    "ColumnLength": _lengths_hold,
    "ColumnDataType": _types_hold,
    "DataFreshness": _fresh,
}


def _condition(rule: Rule) -> Condition:
    if rule.condition is None:
        raise ValueError(f"The data quality rule {rule.text!r} has no condition, such as > 0.")
    return rule.condition


def _fulfils(value: Column, condition: Condition) -> Column:
    """Whether a value fulfils it; a null does, unless the condition speaks of NULL."""
    tests = list(_tests(value, condition))
    found = reduce(or_, tests)
    speaks_of_null = any(isinstance(each, Keyword) and each == "NULL" for each in condition.values)
    known = F.coalesce(~found if condition.negated else found, F.lit(False))
    return known if speaks_of_null else value.isNull() | known


def _tests(value: Column, condition: Condition) -> Iterator[Column]:
    sign, values = condition.sign, condition.values
    if sign == "between":
        yield (value > F.lit(values[0])) & (value < F.lit(values[1]))
    elif sign == "matches":
        yield value.cast("string").rlike(f"^(?:{values[0]})$")
    elif sign in ("in", "="):
        yield from (_is(value, each) for each in values)
    elif sign == "!=":
        yield ~F.coalesce(_is(value, values[0]), F.lit(False))
    else:
        limit = F.lit(values[0])
        yield {">": value > limit, ">=": value >= limit, "<": value < limit, "<=": value <= limit}[sign]


def _is(value: Column, wanted: Value) -> Column:
    if not isinstance(wanted, Keyword):
        return value == F.lit(wanted)
    text = value.cast("string")
    blank = {"NULL": value.isNull(), "EMPTY": text == "", "WHITESPACES_ONLY": text.rlike(r"^\s+$")}
    return blank[wanted]
