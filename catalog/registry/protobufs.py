"""Protobuf in the registry: its one spelling, and whether one schema reads what another wrote."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.registry.protobuf_rules import SCALARS, Schema, read
from catalog.registry.protobuf_texts import Field, Message

_INTEGERS = frozenset(["int32", "uint32", "int64", "uint64"])
_GROUPS = (
    _INTEGERS | {"bool"},
    _INTEGERS | {"enum"},
    frozenset(["sint32", "sint64"]),
    frozenset(["fixed32", "sfixed32"]),
    frozenset(["fixed64", "sfixed64"]),
    frozenset(["string", "bytes"]),
)


def canonical(text: str) -> str:
    """One line, no comments; numbers decimal, texts in double quotes, the syntax said. Raises InvalidSchema."""
    return read(text).spelling


def differences(reader: str, writer: str) -> list[str]:
    """Why data written with `writer` cannot be read with `reader`; empty if it can.

    Both are texts that `canonical` took; each message of the file is compared by its full name. The rules are those
    of "Updating a Message Type" in the language guide (protobuf.dev/programming-guides/proto3#updating), for the
    binary encoding: there a field is its number, and to rename it is fine (in the JSON encoding it is not). What the
    guide makes depend on the values (numbers that are cut, bytes that must be UTF-8) is fine; bytes for a message
    are not. Extensions, options and services do not matter.
    """
    reading, writing = read(reader), read(writer)
    found: list[str] = []
    for name, message in writing.messages.items():
        if name in reading.messages:
            found += _between(reading.messages[name], message, reading, writing, name)
        else:
            found.append(f"{name}: the reader has no such message")
    return found


def _between(mine: Message, theirs: Message, reading: Schema, writing: Schema, at: str) -> Iterator[str]:
    written = {one.number: one for one in theirs.fields}
    for one in mine.fields:
        place = f"{at}.{one.name}"
        if one.label == "required" and (one.number not in written or written[one.number].label != "required"):
            yield f"{place}: the reader requires it, the writer may leave it out"
        if one.number in written:
            yield from _of_field(one, written[one.number], reading, writing, place)
    yield from _oneofs(mine, written, at)


def _of_field(mine: Field, theirs: Field, reading: Schema, writing: Schema, at: str) -> Iterator[str]:
    if bool(mine.key) != bool(theirs.key):
        yield f"{at}: number {mine.number} is a map on one side only"
        return
    if mine.key and not _fit(mine.key, theirs.key):
        yield f"{at}: the reader's keys are {mine.key}, the writer's {theirs.key}"
    kinds = _kind(mine.type, reading), _kind(theirs.type, writing)
    if not _fit(*kinds):
        told = _told(kinds[0], mine), _told(kinds[1], theirs)
        yield f"{at}: number {mine.number} is {told[0]} to the reader, {told[1]} to the writer"
    elif (
        theirs.label == "repeated" and mine.label != "repeated" and kinds[1] in SCALARS - {"string", "bytes"} | {"enum"}
    ):
        yield f"{at}: the writer repeats it, the reader does not, and numbers may be packed"
    elif mine.label == "required" and kinds[0] == "enum" and reading.syntax == "proto2":
        yield from _unknown_values(mine, theirs, reading, writing, at)


def _unknown_values(mine: Field, theirs: Field, reading: Schema, writing: Schema, at: str) -> Iterator[str]:
    """A value that a closed enum does not have is put aside, and a required field is then missing."""
    known, written = (
        {number for _, number in schema.enums[one.type[1:]].values} if one.type[1:] in schema.enums else None
        for schema, one in ((reading, mine), (writing, theirs))
    )
    if known is not None and (written is None or not written <= known):
        yield f"{at}: the reader requires it, and its enum lacks values of the writer"


def _oneofs(mine: Message, written: dict[int, Field], at: str) -> Iterator[str]:
    """Of two fields in one oneof only the later is kept; so no two may be there that the writer can both set."""
    for oneof in mine.oneofs:
        shared = [written[one.number] for one in mine.fields if one.oneof == oneof and one.number in written]
        theirs = {one.oneof for one in shared}
        if len(shared) > 1 and (len(theirs) > 1 or "" in theirs):
            names = ", ".join(one.name for one in shared)
            yield f"{at}.{oneof}: the reader takes only one of {names}, the writer may set several"


def _kind(type: str, schema: Schema) -> str:
    """A scalar, "enum", or a message's full name with a dot before it."""
    return "enum" if type[1:] in schema.enums or type[1:] in schema.outside else type


def _fit(mine: str, theirs: str) -> bool:
    return mine == theirs or any(mine in group and theirs in group for group in _GROUPS)


def _told(kind: str, one: Field) -> str:
    name = one.type.removeprefix(".")
    return name if kind in SCALARS else f"enum {name}" if kind == "enum" else f"message {name}"
