"""Expressions of GetPartitions, which AWS holds to the types of the keys more strictly than Hive does its filters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from catalog.errors import InvalidPredicate
from catalog.model import Table
from catalog.predicate_texts import parse
from catalog.predicates import NUMBER, NUMERIC, And, Compare, In, IsNull, Like, Not, Or, Predicate

_INTEGER = re.compile(r"(tinyint|smallint|int|integer|bigint|long)$")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIMESTAMP = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?")


def demand_typed(expression: str, table: Table) -> None:
    """Raises InvalidPredicate for a literal that is not of its key's type, and for LIKE on a key that is no text."""
    kinds = {key.name.lower(): key.type.strip().lower() for key in table.partition_keys}
    for leaf in _leaves(parse(expression, table.key_names)):
        kind = kinds[leaf.key]
        family = _family(kind)
        if family is None:
            continue
        if isinstance(leaf, Like):
            why = f"{family[0]} data type doesn't support operation 'LIKE', and partition key {leaf.key} is {kind}."
            raise InvalidPredicate(text=expression, why=why)
        for text in leaf.literals if isinstance(leaf, In) else [leaf.literal]:
            if not _is_of(family[0], text):
                why = f"{text!r} is not {family[1]}, and partition key {leaf.key} is {kind}."
                raise InvalidPredicate(text=expression, why=why)


def _leaves(tree: Predicate) -> Iterator[Compare | In | Like]:
    match tree:
        case Compare() | In() | Like():
            yield tree
        case Not(inner):
            yield from _leaves(inner)
        case And(parts) | Or(parts):
            for part in parts:
                yield from _leaves(part)
        case IsNull():
            return


def _family(kind: str) -> tuple[str, str] | None:
    """What AWS calls a type that is no text, and a value of it; None of a text."""
    if _INTEGER.match(kind):
        return "Integral", "an integer"
    if NUMERIC.match(kind):
        return "Decimal", "a decimal"
    return {"date": ("Date", "a date"), "timestamp": ("Timestamp", "a timestamp")}.get(kind)


def _is_of(family: str, text: str) -> bool:
    if family in ("Integral", "Decimal"):
        return NUMBER.fullmatch(text) is not None and (family == "Decimal" or float(text).is_integer())
    found = (_DATE if family == "Date" else _TIMESTAMP).fullmatch(text)
    try:
        return found is not None and bool(datetime.fromisoformat(text[:19]))
    except ValueError:  # a day that no month has
        return False
