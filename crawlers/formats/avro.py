"""Avro object container files: the header holds the schema as JSON, and each block says how many records it has."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from fastavro.schema import SchemaParseException, UnknownType, parse_schema

from catalog.types import (
    BIGINT,
    BINARY,
    BOOLEAN,
    DATE,
    DOUBLE,
    FLOAT,
    INT,
    STRING,
    TIMESTAMP,
    Array,
    Decimal,
    HiveType,
    Map,
    Struct,
)
from crawlers.errors import Unreadable
from crawlers.formats import Field, Finding, Head, Layout, Options, Rejected, Schema
from crawlers.formats.avro_schemas import united
from crawlers.lattice import MOST_DIGITS, VOID, join
from crawlers.sampling import JSON_BYTES

NAME = "avro"
_MAGIC = b"Obj\x01"
_SYNC = 16
_MOST_PARTS = 100_000  # of a schema written out: records that name one another twice double it at each level
_PRIMITIVES: dict[str, HiveType] = {
    "null": VOID,
    "boolean": BOOLEAN,
    "int": INT,
    "long": BIGINT,
    "float": FLOAT,
    "double": DOUBLE,
    "bytes": BINARY,
    "string": STRING,
    "enum": STRING,
    "fixed": BINARY,
}
_LOGICAL: dict[tuple[str, str], HiveType] = {
    ("int", "date"): DATE,
    ("long", "timestamp-millis"): TIMESTAMP,
    ("long", "timestamp-micros"): TIMESTAMP,
    ("long", "local-timestamp-millis"): TIMESTAMP,
    ("long", "local-timestamp-micros"): TIMESTAMP,
}


class _CutShort(Exception):
    """More bytes are needed than the head has."""


def examine(head: Head, _options: Options) -> Finding | Rejected:
    """Raises Unreadable for a file that begins as Avro and has no sound header."""
    if not head.data.startswith(_MAGIC):
        return Rejected("it does not begin with Obj1")
    while True:
        try:
            metadata, at = _header(head.data)
            break
        except _CutShort:
            if head.whole or len(head.data) >= JSON_BYTES:
                raise Unreadable(why="it begins as Avro but its header is cut short") from None
            head = head.more(4 * len(head.data))
    text = metadata.get("avro.schema", b"").decode("utf-8", errors="replace")
    walk = _Walk()
    try:
        raw = json.loads(text)
        parse_schema(raw, named_schemas=walk.named, _write_hint=False)
        kind = walk.type(raw, "", ())
    except (ValueError, TypeError, KeyError, SchemaParseException, UnknownType, RecursionError) as error:
        why = "it is nested too deep" if isinstance(error, RecursionError) else str(error) or type(error).__name__
        raise Unreadable(why=f"it begins as Avro but its schema cannot be read ({why[:200]})") from error
    if not isinstance(kind, Struct) or not kind.fields:
        return Rejected("it is Avro whose records have no fields", final=True)
    fields = tuple(Field(name, inner) for name, inner in kind.fields)
    records, stored = _counted(head, at)
    schema = Schema(NAME, (), fields, sources=(json.dumps(raw, separators=(",", ":")),))
    return Finding(schema, records, stored, tuple(walk.notes))


# ── bytes ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _long(data: bytes, at: int) -> tuple[int, int]:
    """A zigzag number of variable length, and where it ends."""
    value = shift = 0
    while at < len(data):
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return (value >> 1) ^ -(value & 1), at
        shift += 7
        if shift > 63:
            raise Unreadable(why="it begins as Avro but is damaged: a number in it has no end")
    raise _CutShort


def _bytes(data: bytes, at: int) -> tuple[bytes, int]:
    length, at = _long(data, at)
    if not 0 <= length <= JSON_BYTES:
        raise Unreadable(why=f"it begins as Avro but is damaged: a text in its header has {length} bytes")
    if at + length > len(data):
        raise _CutShort
    return data[at : at + length], at + length


def _header(data: bytes) -> tuple[dict[str, bytes], int]:
    """The file's metadata, and where its first block begins."""
    found: dict[str, bytes] = {}
    at = len(_MAGIC)
    while True:
        count, at = _long(data, at)
        if count == 0:
            return found, at + _SYNC
        if count < 0:
            _, at = _long(data, at)
        for _ in range(abs(count)):
            key, at = _bytes(data, at)
            found[key.decode("utf-8", errors="replace")], at = _bytes(data, at)


def _counted(head: Head, at: int) -> tuple[int, int]:
    """The records in the blocks that end in the head, and the bytes up to there. No block is unpacked."""
    records, end = 0, at
    try:
        while end < len(head.data):
            count, start = _long(head.data, end)
            size, start = _long(head.data, start)
            if count < 0 or size < 0:
                raise Unreadable(why="it begins as Avro but is damaged: one of its blocks has no size")
            if start + size + _SYNC > head.size:
                raise _CutShort
            records, end = records + count, start + size + _SYNC
    except _CutShort:
        if head.whole and head.stored == head.size:
            raise Unreadable(why="it is Avro that is cut short in the middle of a block") from None
    return records, max(1, min(end, head.size))


# ── types ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass
class _Walk:
    """One walk through a schema; `named` are its records, enums and fixed by their full names."""

    named: dict[str, dict[str, Any]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    parts: int = 0

    def type(self, schema: Any, space: str, above: tuple[str, ...]) -> HiveType:
        """`space` is the namespace around, `above` the records around: a record inside itself becomes string."""
        self.parts += 1
        if self.parts > _MOST_PARTS:
            raise ValueError(f"written out it has more than {_MOST_PARTS} parts")
        if isinstance(schema, list):
            return self.union(schema, space, above)
        if isinstance(schema, str):
            return self.known(schema, space, above)
        kind = schema["type"]
        if isinstance(kind, dict | list):
            return self.type(kind, space, above)
        logical = schema.get("logicalType")
        if logical == "decimal" and kind in ("bytes", "fixed"):
            precision, scale = int(schema.get("precision", 0)), int(schema.get("scale", 0))
            return Decimal(precision, scale) if 0 <= scale <= precision <= MOST_DIGITS and precision else BINARY
        if kind == "array":
            return Array(self.type(schema["items"], space, above))
        if kind == "map":
            return Map(STRING, self.type(schema["values"], space, above))
        if kind in ("record", "error"):
            return self.record(schema, space, above)
        return _LOGICAL.get((kind, str(logical))) or self.known(kind, space, above)

    def known(self, name: str, space: str, above: tuple[str, ...]) -> HiveType:
        if name in _PRIMITIVES:
            return _PRIMITIVES[name]
        full = name if "." in name or not space else f"{space}.{name}"
        found = self.named.get(full) or self.named[name]
        return self.type(found, full.rpartition(".")[0], above)

    def record(self, schema: dict[str, Any], space: str, above: tuple[str, ...]) -> HiveType:
        name = str(schema["name"])
        space = name.rpartition(".")[0] if "." in name else str(schema.get("namespace") or space)
        full = name if "." in name or not space else f"{space}.{name}"
        if full in above:
            self.notes.append(f"record {full} holds itself: it is declared as string where it does")
            return STRING
        inside = (*above, full)
        return Struct(tuple((str(each["name"]), self.type(each["type"], space, inside)) for each in schema["fields"]))

    def union(self, branches: list[Any], space: str, above: tuple[str, ...]) -> HiveType:
        kinds = [self.type(branch, space, above) for branch in branches if branch != "null"]
        distinct = list(dict.fromkeys(kinds))
        if len(distinct) == 1:
            return distinct[0]
        if set(distinct) in ({INT, BIGINT}, {FLOAT, DOUBLE}):
            return join(*distinct)
        if distinct:
            self.notes.append(f"a union of {', '.join(map(str, distinct))[:200]} is declared as string")
        return STRING if distinct else VOID


def conflict(a: Schema, b: Schema) -> str | None:
    """Why no one table can read files of both: a reader's Avro schema has to promote each column of each file."""
    others = {each.name.lower(): each.type for each in b.fields}
    for each in a.fields:
        other = others.get(each.name.lower(), each.type)
        if not (_promoted(each.type, other) or _promoted(other, each.type)):
            return f"column {each.name} is {each.type} in one and {other} in the other, which Avro does not convert"
    return None


_PROMOTED: dict[HiveType, frozenset[HiveType]] = {
    INT: frozenset({BIGINT, FLOAT, DOUBLE}),
    BIGINT: frozenset({FLOAT, DOUBLE}),
    FLOAT: frozenset({DOUBLE}),
}


def _promoted(found: HiveType, declared: HiveType) -> bool:
    if VOID in (found, declared) or found == declared or declared in _PROMOTED.get(found, ()):
        return True
    match found, declared:
        case Array(one), Array(two):
            return _promoted(one, two)
        case Map(_, one), Map(_, two):
            return _promoted(one, two)
        case Struct(ones), Struct(twos):
            kinds = dict(twos)
            return all(_promoted(kind, kinds.get(name, kind)) for name, kind in ones)
    return False


def storage(schema: Schema) -> Layout:
    """The Avro schema that reads every file stands on the table and on its SerDe."""
    literal = united(schema.sources)
    return Layout(
        input_format="org.apache.hadoop.hive.ql.io.avro.AvroContainerInputFormat",
        output_format="org.apache.hadoop.hive.ql.io.avro.AvroContainerOutputFormat",
        serde="org.apache.hadoop.hive.serde2.avro.AvroSerDe",
        serde_parameters={"avro.schema.literal": literal, "serialization.format": "1"},
        parameters={"avro.schema.literal": literal},
    )
