"""JSON: one object after another, on lines of their own or not; or one array at the top."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

import msgspec

from catalog.types import BIGINT, BOOLEAN, DOUBLE, INT, STRING, Array, HiveType, Struct
from crawlers.errors import Unreadable
from crawlers.formats import TEXT_INPUT, TEXT_OUTPUT, Field, Finding, Head, Layout, Options, Rejected, Schema
from crawlers.lattice import VOID, arrange, canonical, join_all
from crawlers.sampling import JSON_BYTES, TEXT_BYTES

NAME = "json"
DEEPEST = 100
_SPACE = re.compile(r"[ \t\r\n]*")
_DECODER = msgspec.json.Decoder()
_PATIENT = json.JSONDecoder()


def examine(head: Head, _options: Options) -> Finding | Rejected:
    """JSON if the head begins with an object or an array that is complete within the first ten megabytes.

    Lines that are not JSON are tolerated (and noted) while at least half of them are.
    """
    start = head.data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if start not in (b"{", b"["):
        return Rejected("it does not begin with { or [")
    head = head if head.whole else head.more(TEXT_BYTES)
    records, broken = _records(head, start)
    while not records and not head.whole and len(head.data) < JSON_BYTES:
        head = head.more(2 * len(head.data))
        records, broken = _records(head, start)
    if not records or broken > len(records):
        return Rejected(f"it begins with {start.decode()} but holds no complete JSON record")
    try:
        kind = infer(records)
    except RecursionError as error:
        raise Unreadable(why=f"its JSON is nested more than {DEEPEST} levels deep") from error
    if start == b"[":
        fields: tuple[Field, ...] = (Field("array", Array(kind)),)
        seen = 1
    else:
        fields = tuple(Field(name, inner) for name, inner in kind.fields) if isinstance(kind, Struct) else ()
        seen = len(records)
    if not fields:
        return Rejected("its JSON objects have no fields")
    notes = (f"{broken} of {broken + len(records)} sampled lines are not JSON",) if broken else ()
    traits = (("shape", "array" if start == b"[" else "objects"),)
    return Finding(Schema(NAME, traits, fields), seen, head.stored, notes)


def _records(head: Head, start: bytes) -> tuple[list[object], int]:
    """The complete records of the head, and how many lines or pieces of it are no JSON."""
    data = head.data if head.whole else head.data[: head.data.rfind(b"\n") + 1]
    if start == b"{":
        lines = [line for line in data.removeprefix(b"\xef\xbb\xbf").split(b"\n") if not line.isspace() and line]
        try:
            found = [_DECODER.decode(line) for line in lines]
            return [record for record in found if isinstance(record, dict)], 0
        except (msgspec.DecodeError, RecursionError):
            found, broken = _tolerant(lines)
        if len(found) > broken:
            return found, broken
    return _patient(head, start)


def _tolerant(lines: list[bytes]) -> tuple[list[object], int]:
    found: list[object] = []
    for line in lines:
        try:
            record = _DECODER.decode(line)
        except (msgspec.DecodeError, RecursionError):
            continue
        if isinstance(record, dict):
            found.append(record)
    return found, len(lines) - len(found)


def _patient(head: Head, start: bytes) -> tuple[list[object], int]:
    """Objects one after the other with any spacing, or the elements of the top-level array.

    Text that ends inside a record is a head cut short; text that goes wrong anywhere else is not JSON.
    """
    text = head.data.decode("utf-8-sig", errors="replace")
    in_array = start == b"["
    at = text.index("[") + 1 if in_array else 0
    found: list[object] = []
    while True:
        at = _past_space(text, at)
        if at >= len(text):
            return found, int(in_array and head.whole)
        if in_array and text[at] == "]":
            return found, 0
        try:
            record, at = _PATIENT.raw_decode(text, at)
        except json.JSONDecodeError as error:
            cut = error.msg.startswith("Unterminated") or error.pos > len(text) - 16
            return (found, int(head.whole)) if cut else ([], 1)
        except RecursionError:
            return [], 1
        found.append(record)
        at = _past_space(text, at)
        if at < len(text) and text[at] == ",":
            at += 1
        elif in_array and at < len(text) and text[at] != "]":
            return [], 1


def _past_space(text: str, at: int) -> int:
    matched = _SPACE.match(text, at)
    return matched.end() if matched else at


def infer(values: Iterable[object]) -> HiveType:
    """The least type that holds all of `values`, as JSON decodes them; fields in the order first seen.

    Works column by column rather than value by value, because that is many times faster.
    """
    kind = _infer(list(values), 0)
    return arrange(canonical(kind), [kind])


def _infer(values: list[object], depth: int) -> HiveType:
    if depth > DEEPEST:
        raise RecursionError
    kinds = set(map(type, values))
    kinds.discard(type(None))
    if len(kinds) > 1:
        return join_all(_infer([value for value in values if type(value) is kind], depth) for kind in kinds)
    kind = kinds.pop() if kinds else None
    if kind is str:
        return STRING
    if kind is bool:
        return BOOLEAN
    if kind is float:
        return DOUBLE
    if kind is int:
        return _integer([value for value in values if isinstance(value, int)])
    if kind is dict:
        columns: dict[str, list[object]] = {}
        for value in values:
            if isinstance(value, dict):
                for name, inner in value.items():
                    columns.setdefault(name, []).append(inner)
        return Struct(tuple((name, _infer(column, depth + 1)) for name, column in columns.items()))
    if kind is list:
        return Array(_infer([inner for value in values if isinstance(value, list) for inner in value], depth + 1))
    return VOID


def _integer(values: list[int]) -> HiveType:
    low, high = min(values), max(values)
    if low >= -(2**31) and high < 2**31:
        return INT
    return BIGINT if low >= -(2**63) and high < 2**63 else STRING


def conflict(_a: Schema, _b: Schema) -> str | None:
    """JSON is read by name and its values are converted, so any two schemas fit in one table."""
    return None


def storage(schema: Schema) -> Layout:
    return Layout(
        input_format=TEXT_INPUT,
        output_format=TEXT_OUTPUT,
        serde="org.openx.data.jsonserde.JsonSerDe",
        serde_parameters={"paths": ",".join(sorted(field.name for field in schema.fields))},
    )
