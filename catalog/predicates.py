"""Partition filters: text to tree to SQL clause. One grammar for Glue's GetPartitions expressions and Hive's filters.

Comparisons (`= == != <> < <= > >=`, the literal on either side), `in`, `between`, `like`, `is [not] null`, `and`, `or`,
`not` and brackets. Text is quoted by ' or ", which stands for itself doubled or after a backslash; any other backslash
is one, as Spark escapes none. Hive never quotes a key, so a key with a space in its name is found by trying the longest
known name first; back-ticks are taken as well.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, assert_never

from sqlalchemy import ColumnElement, Text, and_, case, cast, literal, not_, or_

from catalog import patterns
from catalog.errors import InvalidPredicate
from catalog.model import Column
from catalog.names import NULL_PARTITION
from catalog.rows import Number

NUMERIC = re.compile(r"(tinyint|smallint|int|integer|bigint|long|float|double|decimal.*|numeric.*)$", re.IGNORECASE)
_NUMBER_TEXT = r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?"
_NUMBER = re.compile(_NUMBER_TEXT)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9])")
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
DEEPEST = 50
MOST = 500
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


def parse(text: str, keys: Sequence[str]) -> Predicate:
    """The tree of `text` over the partition keys named `keys`. Raises InvalidPredicate naming what is wrong."""
    return _Parser(text, keys).whole()


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

    As in Hive, the null partition of a numeric or date key matches no comparison, not even `!=`. A negation is carried
    to the comparisons, so that each compares a bare column, which an index can serve.
    """
    positions = {key.name.lower(): at for at, key in enumerate(keys)}

    def told(name: str, texts: Sequence[str], compared: Callable[[Any, list[Any]], Clause]) -> Clause:
        """The key compared with literals, all as numbers or all as text."""
        at = positions[name]
        key, kind = key_at(at), keys[at].type.strip().lower()
        if NUMERIC.match(kind):
            bad = next((text for text in texts if not _NUMBER.fullmatch(text)), None)
            if bad is not None:
                raise InvalidPredicate(text=bad, why=f"partition key {name} is {kind}, and this is no number.")
            return key.holds(compared(key.number, [literal(text, Number) for text in texts]))
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
    return _NUMBER.fullmatch(text) is not None


def _gathered(parts: list[Predicate]) -> list[Predicate]:
    """Alternatives, with all equalities of one key as one IN: older clients write thousands of them one by one."""
    texts: dict[str, list[str]] = {}
    rest: list[Predicate] = []
    for part in parts:
        if isinstance(part, Compare) and part.operator == "=":
            texts.setdefault(part.key, []).append(part.literal)
        else:
            rest.append(part)
    for key, found in texts.items():
        rest.append(In(key, tuple(found)) if len(found) > 1 else Compare(key, "=", found[0]))
    return rest


class _Parser:
    def __init__(self, text: str, keys: Sequence[str]) -> None:
        self.text = text
        self.keys = sorted((key.lower() for key in keys), key=len, reverse=True)
        self.at = 0
        self.depth = 0

    def fault(self, why: str) -> InvalidPredicate:
        near = self.text[self.at :][:20]
        where = f"near {near!r}" if near else "the end"
        return InvalidPredicate(text=self.text, why=f"at character {self.at}, {where}: {why}")

    def whole(self) -> Predicate:
        predicate = self.either()
        self.skip()
        if self.at < len(self.text):
            raise self.fault(f"{self.text[self.at :][:20]!r} was not expected.")
        return predicate

    def skip(self) -> None:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1

    def sign(self, *signs: str) -> str | None:
        """The first of `signs` that stands here, taken."""
        self.skip()
        for sign in signs:
            if self.text.startswith(sign, self.at):
                self.at += len(sign)
                return sign
        return None

    def word(self, word: str) -> bool:
        self.skip()
        end = self.at + len(word)
        follows = self.text[end : end + 1]
        if self.text[self.at : end].lower() != word or follows.isalnum() or follows == "_":
            return False
        self.at = end
        return True

    def demand(self, sign: str) -> None:
        if self.sign(sign) is None:
            found = self.text[self.at :][:20]
            raise self.fault(
                f"{sign!r} was expected before {found!r}." if found else f"{sign!r} was expected at its end."
            )

    def either(self) -> Predicate:
        parts = [self.both()]
        while self.word("or"):
            parts.append(self.both())
        parts = _gathered(parts)
        self.few(parts, "or")
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def both(self) -> Predicate:
        parts = [self.one()]
        while self.word("and"):
            parts.append(self.one())
        self.few(parts, "and")
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def few(self, parts: list[Predicate], word: str) -> None:
        if len(parts) > MOST:  # SQLite takes a chain of a thousand for a thousand levels, and refuses it
            raise self.fault(f"it joins more than {MOST} comparisons by {word!r}; use IN, or NOT IN.")

    def one(self) -> Predicate:
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.fault(f"it is nested more than {DEEPEST} levels deep.")
        try:
            if self.word("not"):
                return Not(self.one())
            return self.bracket() or self.comparison()
        finally:
            self.depth -= 1

    def bracket(self) -> Predicate | None:
        """A bracketed predicate; None if none stands here, or only a bracketed key as in `(dt) in ('a')`."""
        start = self.at
        if self.sign("(") is None:
            return None
        if self.key() is not None and self.sign(")") is not None:
            self.at = start
            return None
        self.at = start
        self.demand("(")
        inner = self.either()
        self.demand(")")
        return inner

    def key(self) -> str | None:
        self.skip()
        if self.sign("`") is not None:
            end = self.text.find("`", self.at)
            name = self.text[self.at : end].lower()
            if end < 0 or name not in self.keys:
                raise self.fault(f"there is no partition key {name!r}.")
            self.at = end + 1
            return name
        return next((key for key in self.keys if self.word(key)), None)

    def literal(self) -> str:
        self.skip()
        quote = self.sign("'", '"')
        if quote is None:
            self.word("date")
            quote = self.sign("'", '"')
        if quote is not None:
            return self.quoted(quote)
        number = _DATE.match(self.text, self.at) or _NUMBER.match(self.text, self.at)
        if number is None:
            name = re.match(r"\w*", self.text[self.at :])
            found = name.group() if name and name.group() else self.text[self.at :][:20]
            known = ", ".join(sorted(self.keys)) or "none"
            raise self.fault(f"{found!r} is neither a partition key (there are: {known}) nor a literal.")
        self.at = number.end()
        return number.group()

    def quoted(self, quote: str) -> str:
        out: list[str] = []
        while self.at < len(self.text):
            sign = self.text[self.at]
            follows = self.text[self.at + 1 : self.at + 2]
            if sign == quote and follows != quote:
                self.at += 1
                return "".join(out)
            if sign == quote or (sign == "\\" and follows == quote):
                self.at += 1
                sign = follows
            out.append(sign)
            self.at += 1
        raise self.fault("a quoted text does not end.")

    def comparison(self) -> Predicate:
        bracketed = self.sign("(") is not None
        key = self.key()
        if bracketed:
            self.demand(")")
        if key is None:
            literal, operator = self.literal(), self.operator()
            key = self.key()
            if key is None:
                raise self.fault("a comparison needs a partition key on one side.")
            return Compare(key, _MIRRORED.get(operator, operator), literal)
        if self.word("is"):
            negated = self.word("not")
            if not self.word("null"):
                raise self.fault("after IS only NULL or NOT NULL is understood.")
            return Not(IsNull(key)) if negated else IsNull(key)
        if self.word("not"):
            return Not(self.listed(key))
        if any(self.peek(word) for word in ("in", "like", "between")):
            return self.listed(key)
        return Compare(key, self.operator(), self.literal())

    def peek(self, word: str) -> bool:
        start = self.at
        found = self.word(word)
        self.at = start
        return found

    def listed(self, key: str) -> Predicate:
        if self.word("in"):
            self.demand("(")
            literals = [self.literal()]
            while self.sign(",") is not None:
                literals.append(self.literal())
            self.demand(")")
            return In(key, tuple(literals))
        if self.word("like"):
            return Like(key, patterns.of_hive(self.literal()))
        if self.word("between"):
            low = self.literal()
            if not self.word("and"):
                raise self.fault("BETWEEN needs AND.")
            return And((Compare(key, ">=", low), Compare(key, "<=", self.literal())))
        raise self.fault("after NOT only IN, LIKE or BETWEEN is understood.")

    def operator(self) -> str:
        sign = self.sign("<=", ">=", "<>", "!=", "==", "=", "<", ">")
        if sign is None:
            raise self.fault(f"a comparison was expected before {self.text[self.at :][:20]!r}.")
        return {"<>": "!=", "==": "="}.get(sign, sign)
