"""The order of types by what they can hold, and `join`: the least type that holds both of two.

`join` is commutative, associative and idempotent, so the order in which files are read cannot change a schema.
`void` (no value seen) is the least type and `string` the greatest. Struct fields are a set here, sorted by name;
`arrange` puts them back into the order in which they were first seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from catalog.types import (
    BIGINT,
    DATE,
    DEEPEST,
    DOUBLE,
    FLOAT,
    INT,
    SMALLINT,
    STRING,
    TIMESTAMP,
    TINYINT,
    Array,
    Decimal,
    HiveType,
    Map,
    Primitive,
    Struct,
    Text,
)

VOID = Primitive("void")
MOST_DIGITS = 38
_DIGITS: dict[HiveType, int] = {TINYINT: 3, SMALLINT: 5, INT: 10, BIGINT: 19}
_NUMBERS = frozenset(_DIGITS) | {FLOAT, DOUBLE}
# What the parser of Hive types takes for its own signs, or cannot keep inside a name.
_UNSPEAKABLE = re.compile(r"[:,<>()\s`;/]|^$")


def join(a: HiveType, b: HiveType) -> HiveType:
    """The least type that holds every value of `a` and of `b`."""
    if a == b:
        return canonical(a)
    if a == VOID:
        return canonical(b)
    if b == VOID:
        return canonical(a)
    match a, b:
        case Struct(one), Struct(two):
            return _struct((*one, *two))
        case Array(one), Array(two):
            return Array(join(one, two))
        case Map(key, value), Map(other_key, other_value):
            return Map(join(key, other_key), join(value, other_value))
        case Text(name, length), Text(other, other_length) if name == other:
            return Text(name, max(length, other_length))
    if {a, b} == {DATE, TIMESTAMP}:
        return TIMESTAMP
    if _is_number(a) and _is_number(b):
        return _number(a, b)
    return STRING


def join_all(kinds: Iterable[HiveType]) -> HiveType:
    least: HiveType = VOID
    for kind in kinds:
        least = join(least, kind)
    return least


def holds(wide: HiveType, narrow: HiveType) -> bool:
    """Whether a reader of `wide` reads every value of `narrow`; nested fields that only one has do not count."""
    match wide, narrow:
        case Struct(one), Struct(two):
            inner = {name.lower(): kind for name, kind in two}
            return all(holds(kind, inner.get(name.lower(), kind)) for name, kind in one)
        case Array(one), Array(two):
            return holds(one, two)
        case Map(key, value), Map(other_key, other_value):
            return holds(key, other_key) and holds(value, other_value)
        case _:
            return join(wide, narrow) == canonical(wide)


def canonical(kind: HiveType) -> HiveType:
    """`kind` with the fields of every struct sorted, and fields that differ only in case joined."""
    match kind:
        case Struct(fields):
            return _struct(fields)
        case Array(element):
            return Array(canonical(element))
        case Map(key, value):
            return Map(canonical(key), canonical(value))
        case _:
            return kind


def _struct(fields: Iterable[tuple[str, HiveType]]) -> Struct:
    found: dict[str, tuple[str, HiveType]] = {}
    for name, kind in fields:
        folded = name.lower()
        if folded in found:
            spelling, other = found[folded]
            # The lesser spelling wins: any rule would do that does not depend on which came first.
            found[folded] = min(spelling, name), join(other, kind)
        else:
            found[folded] = name, canonical(kind)
    return Struct(tuple(found[folded] for folded in sorted(found)))


def _is_number(kind: HiveType) -> bool:
    return kind in _NUMBERS or isinstance(kind, Decimal)


def _number(a: HiveType, b: HiveType) -> HiveType:
    if a in _DIGITS and b in _DIGITS:
        return max(a, b, key=lambda kind: _DIGITS[kind])
    if {a, b} & {FLOAT, DOUBLE}:
        return DOUBLE
    whole_a, scale_a = _places(a)
    whole_b, scale_b = _places(b)
    whole, scale = max(whole_a, whole_b), max(scale_a, scale_b)
    return Decimal(whole + scale, scale) if whole + scale <= MOST_DIGITS else DOUBLE


def _places(kind: HiveType) -> tuple[int, int]:
    """Digits before and after the decimal point."""
    if isinstance(kind, Decimal):
        return kind.precision - kind.scale, kind.scale
    return _DIGITS.get(kind, 0), 0


def arrange(kind: HiveType, seen: Iterable[HiveType]) -> HiveType:
    """`kind` with struct fields in the order of the types in `seen`, the first that has a field deciding."""
    examples = list(seen)
    match kind:
        case Array(element):
            return Array(arrange(element, [example.element for example in examples if isinstance(example, Array)]))
        case Map(key, value):
            maps = [example for example in examples if isinstance(example, Map)]
            return Map(
                arrange(key, [example.key for example in maps]), arrange(value, [example.value for example in maps])
            )
        case Struct(fields):
            order: dict[str, list[HiveType]] = {}
            for example in examples:
                for name, inner in example.fields if isinstance(example, Struct) else ():
                    order.setdefault(name.lower(), []).append(inner)
            rank = {name: place for place, name in enumerate(order)}
            ordered = sorted(fields, key=lambda field: rank.get(field[0].lower(), len(rank)))
            return Struct(tuple((name, arrange(inner, order.get(name.lower(), ()))) for name, inner in ordered))
        case _:
            return kind


def settle(kind: HiveType, depth: int = 0) -> HiveType:
    """`kind` as a table can declare it: what stayed unknown becomes string, and so does a struct no reader can parse.

    A struct is beyond parsing if it has no field, or a field name with a sign that Hive's type language uses; and
    anything nested deeper than types may be.
    """
    if depth >= DEEPEST:
        return STRING
    match kind:
        case Primitive("void"):
            return STRING
        case Array(element):
            return Array(settle(element, depth + 1))
        case Map(key, value):
            return Map(settle(key, depth + 1), settle(value, depth + 1))
        case Struct(fields):
            if not fields or any(_UNSPEAKABLE.search(name) for name, _ in fields):
                return STRING
            return Struct(tuple((name, settle(inner, depth + 1)) for name, inner in fields))
        case _:
            return kind


def shorten(kind: HiveType, longest: int) -> HiveType:
    """`kind`, its widest structs collapsed into map<string,string> until its text fits in `longest` characters."""
    while len(str(kind)) > longest:
        widest = max((len(struct.fields) for struct in _structs(kind)), default=0)
        if not widest:
            return STRING
        kind = _collapse(kind, widest)
    return kind


def _structs(kind: HiveType) -> Iterable[Struct]:
    match kind:
        case Struct(fields):
            yield kind
            for _, inner in fields:
                yield from _structs(inner)
        case Array(element):
            yield from _structs(element)
        case Map(_, value):
            yield from _structs(value)


def _collapse(kind: HiveType, width: int) -> HiveType:
    match kind:
        case Struct(fields) if len(fields) >= width:
            return Map(STRING, STRING)
        case Struct(fields):
            return Struct(tuple((name, _collapse(inner, width)) for name, inner in fields))
        case Array(element):
            return Array(_collapse(element, width))
        case Map(key, value):
            return Map(key, _collapse(value, width))
        case _:
            return kind
