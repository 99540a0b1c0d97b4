"""Partition filters as trees, and as SQL clauses over a table's partition keys."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, assert_never

from sqlalchemy import ColumnElement, Text, and_, case, cast, func, literal, not_, or_

from catalog import patterns
from catalog.errors import InvalidPredicate
from catalog.model import Column
from catalog.names import NULL_PARTITION
from catalog.rows import Number

NUMERIC = re.compile(r"(tinyint|smallint|int|integer|bigint|long|float|double|decimal.*|numeric.*)$", re.IGNORECASE)
_NUMBER_TEXT = r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?"
NUMBER = re.compile(_NUMBER_TEXT)
_NULLS = (NULL_PARTITION, "")


@dataclass(frozen=True)
class Compare:
    """`operator` is one of = != < <= > >=; `literal` is the literal's text, unquoted."""

    key: str
    operator: str
    literal: str


@dataclass(frozen=True)
class In:
    key: str
    literals: tuple[str, ...]


@dataclass(frozen=True)
class Like:
    """`pattern` in SQL's signs: % for any text, _ for any sign, and a backslash before one that means itself."""

    key: str
    pattern: str


@dataclass(frozen=True)
class IsNull:
    key: str


@dataclass(frozen=True)
class Not:
    inner: Predicate


@dataclass(frozen=True)
class And:
    parts: tuple[Predicate, ...]


@dataclass(frozen=True)
class Or:
    parts: tuple[Predicate, ...]


Predicate = Compare | In | Like | IsNull | Not | And | Or


Clause = ColumnElement[bool]


@dataclass(frozen=True)
class Key:
    """A partition key as SQL: its text, and the number that it spells (NULL if none).

    `holds` makes a condition on these one on the partition, where they are columns of another table.
    """

    text: ColumnElement[str]
    number: ColumnElement[Any]
    holds: Callable[[Clause], Clause] = lambda clause: clause


def clause(predicate: Predicate, keys: Sequence[Column], key_at: Callable[[int], Key]) -> ColumnElement[bool]:
    """`predicate` as SQL over the keys that `key_at` tells. Numeric keys compare as numbers, others as text.

    As in Hive, the null partition of a numeric key, a date or a timestamp matches no comparison, not even `!=`. A
    negation is carried to the comparisons, so that each compares a bare column, which an index can serve.
    """
    positions = {key.name.lower(): at for at, key in enumerate(keys)}

    def told(name: str, texts: Sequence[str], compared: Callable[[Any, list[Any]], Clause]) -> Clause:
        """The key compared with literals, all as numbers or all as text."""
        at = positions[name]
        key, kind = key_at(at), keys[at].type.strip().lower()
        if NUMERIC.match(kind):
            bad = next((text for text in texts if not NUMBER.fullmatch(text)), None)
            if bad is not None:
                raise InvalidPredicate(text=bad, why=f"partition key {name} is {kind}, and this is no number.")
            return key.holds(compared(key.number, [literal(text, Number) for text in texts]))
        if kind == "timestamp":
            shown = compared(_without_zeros(key.text), [literal(_trimmed(text), Text) for text in texts])
            return key.holds(and_(shown, key.text.not_in(_NULLS)))
        plain = compared(key.text, [literal(text, Text) for text in texts])
        return key.holds(and_(plain, key.text.not_in(_NULLS)) if kind == "date" else plain)

    def build(node: Predicate, holds: bool) -> Clause:
        match node:
            case Compare(name, sign, text):
                compare = _COMPARISONS[sign if holds else _NEGATED[sign]]
                return told(name, [text], lambda left, rights: compare(left, rights[0]))
            case In(name, texts):
                return told(name, texts, lambda left, rights: left.in_(rights) if holds else left.not_in(rights))
            case Like(name, pattern):
                key = key_at(positions[name])
                like = patterns.holds(key.text, pattern)
                return key.holds(like if holds else not_(like))
            case IsNull(name):
                key = key_at(positions[name])
                return key.holds(key.text.in_(_NULLS) if holds else key.text.not_in(_NULLS))
            case Not(inner):
                return build(inner, not holds)
            case And(parts) | Or(parts):
                join = and_ if isinstance(node, And) == holds else or_
                return join(*(build(part, holds) for part in parts))
            case _:
                assert_never(node)

    return build(predicate, True)


def _trimmed(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def _without_zeros(text: ColumnElement[str]) -> ColumnElement[str]:
    """A timestamp's text without the zeros that end its fraction, so that equal times are equal texts."""
    return case((text.contains("."), func.rtrim(func.rtrim(text, "0"), ".")), else_=text)


_COMPARISONS: dict[str, Callable[[Any, Any], Clause]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_NEGATED = {"=": "!=", "!=": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}


def spelled_number(text: ColumnElement[str]) -> ColumnElement[Any]:
    """The number that a text spells, for want of a column that holds it."""
    return case((text.regexp_match(rf"\A{_NUMBER_TEXT}\Z"), cast(text, Number)))


def is_number(text: str) -> bool:
    return NUMBER.fullmatch(text) is not None
