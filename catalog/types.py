"""The Hive type language: parse, print and compare types such as `array<struct<a:int>>`.

Grammar from the Hive language manual. The catalog stores a column's type as text, because clients write types that
Hive does not know; whoever must look inside parses it here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from catalog.errors import InvalidType

_ALIASES = {
    "integer": "int",
    "dec": "decimal",
    "numeric": "decimal",
    "long": "bigint",
    "short": "smallint",
    "byte": "tinyint",
}
_NAMES = ["boolean", "tinyint", "smallint", "int", "bigint", "float", "double", "string", "binary", "date", "timestamp"]
_PRIMITIVES = frozenset([*_NAMES, "void", "timestamp_ntz"])
_WHOLE = re.compile("[0-9]{1,9}")
DEEPEST = 100


@dataclass(frozen=True)
class Primitive:
    """A type without parameters: boolean, int, string, timestamp, …"""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Decimal:
    """decimal(precision, scale), precision 1–38."""

    precision: int
    scale: int

    def __str__(self) -> str:
        return f"decimal({self.precision},{self.scale})"


@dataclass(frozen=True)
class Text:
    """char(n) or varchar(n)."""

    name: str
    length: int

    def __str__(self) -> str:
        return f"{self.name}({self.length})"


@dataclass(frozen=True)
class Array:
    element: HiveType

    def __str__(self) -> str:
        return f"array<{self.element}>"


@dataclass(frozen=True)
class Map:
    key: HiveType
    value: HiveType

    def __str__(self) -> str:
        return f"map<{self.key},{self.value}>"


@dataclass(frozen=True)
class Struct:
    """Fields in order; names keep their case, as Hive compares them without it."""

    fields: tuple[tuple[str, HiveType], ...]

    def __str__(self) -> str:
        return f"struct<{','.join(f'{name}:{kind}' for name, kind in self.fields)}>"


@dataclass(frozen=True)
class Union:
    members: tuple[HiveType, ...]

    def __str__(self) -> str:
        return f"uniontype<{','.join(map(str, self.members))}>"


HiveType = Primitive | Decimal | Text | Array | Map | Struct | Union

BOOLEAN, TINYINT, SMALLINT, INT, BIGINT, FLOAT, DOUBLE, STRING, BINARY, DATE, TIMESTAMP = map(Primitive, _NAMES)


def parse(text: str) -> HiveType:
    """The type that `text` spells. Raises InvalidType with the place of the first fault."""
    reader = _Reader(text)
    kind = reader.type(0)
    if reader.at < len(text):
        raise reader.fault("nothing more was expected")
    return kind


class _Reader:
    """One pass over one type text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.skip()

    def skip(self) -> None:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1

    def fault(self, why: str) -> InvalidType:
        return InvalidType(text=self.text, why=why, position=self.at)

    def take(self, sign: str) -> None:
        if not self.text.startswith(sign, self.at):
            raise self.fault(f"{sign!r} was expected")
        self.at += len(sign)
        self.skip()

    def until(self, stops: str) -> str:
        start = self.at
        while self.at < len(self.text) and self.text[self.at] not in stops:
            self.at += 1
        return self.text[start : self.at].strip()

    def numbers(self) -> list[int]:
        if not self.text.startswith("(", self.at):
            return []
        self.take("(")
        words = self.until(")").split(",")
        if not all(_WHOLE.fullmatch(word.strip()) for word in words):
            raise self.fault("a whole number of at most nine digits was expected")
        self.take(")")
        return [int(word) for word in words]

    def type(self, depth: int) -> HiveType:
        if depth > DEEPEST:
            raise self.fault(f"it is nested more than {DEEPEST} levels deep")
        start = self.at
        word = self.until("<>(),:").lower()
        word = _ALIASES.get(word, word)
        if " comment " in word:
            raise self.fault("comments inside a struct are not kept")
        if word in _PRIMITIVES:
            return Primitive(word)
        if word == "double precision":
            return DOUBLE
        if word == "decimal":
            return self.decimal(start)
        if word in ("char", "varchar"):
            length = self.numbers()
            if len(length) != 1:
                raise self.fault(f"{word} needs one length")
            return Text(word, length[0])
        if word in ("array", "map", "struct", "uniontype"):
            return self.nested(word, depth)
        self.at = start
        raise self.fault(f"{word!r} is unknown" if word else "a type was expected")

    def decimal(self, start: int) -> Decimal:
        numbers = self.numbers() or [10, 0]
        precision, scale = (*numbers, 0)[:2]
        if len(numbers) > 2 or not 1 <= precision <= 38 or scale > precision:
            self.at = start
            raise self.fault("decimal takes a precision of 1 to 38 and a scale no larger")
        return Decimal(precision, scale)

    def nested(self, word: str, depth: int) -> HiveType:
        self.take("<")
        if word == "array":
            element = self.type(depth + 1)
            self.take(">")
            return Array(element)
        if word == "map":
            key = self.type(depth + 1)
            self.take(",")
            value = self.type(depth + 1)
            self.take(">")
            return Map(key, value)
        parts: list[tuple[str, HiveType]] = []
        while not self.text.startswith(">", self.at):
            if parts:
                self.take(",")
            parts.append(self.field(depth) if word == "struct" else ("", self.type(depth + 1)))
        self.take(">")
        return Struct(tuple(parts)) if word == "struct" else Union(tuple(kind for _, kind in parts))

    def field(self, depth: int) -> tuple[str, HiveType]:
        name = self.until(":<>,")
        if not name:
            raise self.fault("a field's name was expected")
        self.take(":")
        return name, self.type(depth + 1)
