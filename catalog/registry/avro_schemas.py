"""Avro: a schema's canonical text, and its rules of schema resolution (Apache Avro, "Schema Resolution"). Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from catalog.errors import InvalidSchema
from catalog.registry.avro_types import PRIMITIVES, RECORDS, Avro, NotAvro, Schema, kind_of, name_of, read

# What data of a kind are read as, besides as that kind.
_PROMOTED = {
    "int": ("long", "float", "double"),
    "long": ("float", "double"),
    "float": ("double",),
    "string": ("bytes",),
    "bytes": ("string",),
}
_NAMED = (*RECORDS, "enum", "fixed")
_Pair = tuple[Avro, Avro, str]  # what reads, what wrote, and where that is


def canonical(text: str) -> str:
    """Raises InvalidSchema. Documentation and attributes of the writer's own count: they are content."""
    return msgspec.json.encode(_read(text).root, order="sorted").decode()


def differences(reader: str, writer: str) -> list[str]:
    return _Resolution(_read(reader), _read(writer)).differences()


def _read(text: str) -> Schema:
    try:
        return read(text)
    except NotAvro as error:
        raise InvalidSchema(format="AVRO", why=str(error)) from error


class _Resolution:
    """Pairs are taken from a list and not by recursion: types may hold themselves, and each other in long chains."""

    def __init__(self, reader: Schema, writer: Schema) -> None:
        self.reader, self.writer = reader, writer
        self.branches: dict[int, dict[str, Avro]] = {}  # of the reader's unions, by their names

    def differences(self) -> list[str]:
        found: list[str] = []
        todo: list[_Pair] = [(self.reader.root, self.writer.root, "")]
        seen: set[tuple[str, str]] = set()
        while todo:
            reader, writer, place = todo.pop()
            reader, writer = _plain(self.reader, reader), _plain(self.writer, writer)
            if kind_of(reader) in RECORDS and kind_of(writer) in RECORDS:
                pair = (reader["name"], writer["name"])
                if pair in seen:
                    continue
                seen.add(pair)
            inner: list[_Pair] = []
            for each in self._compared(reader, writer, place):
                if isinstance(each, str):
                    found.append(each)
                else:
                    inner.append(each)
            todo += reversed(inner)
        return found

    def _compared(self, reader: Avro, writer: Avro, place: str) -> Iterator[str | _Pair]:
        """What differs at this place, and the pairs inside that are still to be compared."""
        kinds = kind_of(reader), kind_of(writer)
        match kinds:
            case _, "union":
                yield from ((reader, branch, place) for branch in writer)
            case "union", _:
                branch = self._branch(reader, writer)
                if branch is None:
                    yield f"{_told(writer)} of {_at(place)} is none of the reader's {_told(reader)}."
                else:
                    yield branch, writer, place
            case ("array", "array"):
                yield reader["items"], writer["items"], f"{place}[]"
            case ("map", "map"):
                yield reader["values"], writer["values"], f"{place}{{}}"
            case _ if not _matches(reader, writer):
                yield f"{_told(writer)} of {_at(place)} cannot be read as {_told(reader)}."
            case _ if kinds[0] in RECORDS:
                yield from _fields(reader, writer, place)
            case ("enum", "enum"):
                yield from _symbols(reader, writer, place)
            case _:
                yield from _sizes(reader, writer, place)

    def _branch(self, union: list[Avro], writer: Avro) -> Avro | None:
        """The branch of the reader's that is of the writer's very name or kind, or else the first that fits it."""
        if id(union) not in self.branches:
            plain = [_plain(self.reader, each) for each in union]
            self.branches[id(union)] = {name_of(each): each for each in plain}
        branches = self.branches[id(union)]
        same = branches.get(name_of(writer))
        if same is not None and _matches(same, writer):
            return same
        return next((each for each in branches.values() if _matches(each, writer)), None)


def _plain(schema: Schema, of: Avro) -> Avro:
    """The definition that a name stands for, also of one that has attributes of its own."""
    of = schema.definition(of)
    if isinstance(of, dict) and of["type"] in schema.named:
        return schema.definition(of["type"])
    return of


def _matches(reader: Avro, writer: Avro) -> bool:
    """Whether the two are of one kind, or one that is promoted to the other; what they hold is not looked at."""
    kinds = kind_of(reader), kind_of(writer)
    if kinds[0] in _NAMED and kinds[1] in _NAMED:
        one_kind = kinds[0] == kinds[1] or set(kinds) == set(RECORDS)
        return one_kind and _is_named_alike(reader, writer)
    return kinds[0] == kinds[1] or kinds[0] in _PROMOTED.get(kinds[1], ())


def _is_named_alike(reader: dict[str, Any], writer: dict[str, Any]) -> bool:
    """By the last parts of the names, or an alias of the reader's."""
    last = (each["name"].rpartition(".")[2] for each in (reader, writer))
    return len(set(last)) == 1 or writer["name"] in reader.get("aliases", ())


def _fields(reader: dict[str, Any], writer: dict[str, Any], place: str) -> Iterator[str | _Pair]:
    written = {each["name"]: each for each in writer["fields"]}
    for each in reader["fields"]:
        inner = f"{place or reader['name']}.{each['name']}"
        names = [each["name"], *each.get("aliases", ())]
        found = next((written[name] for name in names if name in written), None)
        if found is not None:
            yield each["type"], found["type"], inner
        elif "default" not in each:
            yield f"field {inner} was not written, and has no default."


def _symbols(reader: dict[str, Any], writer: dict[str, Any], place: str) -> Iterator[str]:
    unknown = [each for each in writer["symbols"] if each not in reader["symbols"]]
    if unknown and "default" not in reader:
        yield f"the reader's enum {_at(place or reader['name'])} lacks {', '.join(unknown)}, and has no default."


def _sizes(reader: Avro, writer: Avro, place: str) -> Iterator[str]:
    """Of fixed types and decimals, which a reader takes for what it expects."""
    if kind_of(reader) == "fixed" and reader["size"] != writer["size"]:
        yield f"{_at(place or reader['name'])} was written with {writer['size']} bytes, and has {reader['size']}."
    decimals = _decimal(reader), _decimal(writer)
    if None not in decimals and decimals[0] != decimals[1]:
        yield f"decimal{decimals[1]} of {_at(place)} cannot be read as decimal{decimals[0]}."


def _decimal(of: Avro) -> tuple[int, int] | None:
    """Precision and scale; None for what is no decimal, as one that is told wrongly is to be."""
    if not isinstance(of, dict) or of.get("logicalType") != "decimal" or of["type"] not in ("bytes", "fixed"):
        return None
    precision, scale = of.get("precision"), of.get("scale", 0)
    if type(precision) is not int or type(scale) is not int or not 0 <= scale <= precision or not precision:
        return None
    return precision, scale


def _told(of: Avro) -> str:
    match kind_of(of):
        case "union":
            return f"union of {', '.join(map(name_of, of)) or 'nothing'}"
        case kind if kind in _NAMED:
            return f"{kind} {of['name']}"
        case kind if kind in PRIMITIVES:
            return kind
        case kind:
            return f"an {kind}" if kind == "array" else f"a {kind}"


def _at(place: str) -> str:
    return place or "the schema"
