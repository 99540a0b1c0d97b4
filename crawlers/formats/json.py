"""JSON: one object after another, on lines of their own or not; or one array at the top, which is one record."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from catalog.types import BIGINT, BOOLEAN, DOUBLE, INT, STRING, Array, HiveType, Struct
from crawlers.errors import Unreadable
from crawlers.formats import TEXT_INPUT, TEXT_OUTPUT, Field, Finding, Head, Layout, Options, Rejected, Schema
from crawlers.lattice import VOID, arrange, canonical, join_all
from crawlers.sampling import JSON_BYTES, TEXT_BYTES

NAME = "json"
DEEPEST = 100
LINES = "lines"
SPREAD = "spread"
OBJECTS = "objects"
INSIDE = "inside"  # a shape: records that a JSON path finds where Spark looks for none
_INSIDE = "Spark and openx's SerDe take whole documents for records, so they do not find those at {}"
_TOO_DEEP = f"its JSON is nested more than {DEEPEST} levels deep"
_ARRAY = "Spark takes the elements of a top-level array for the records; a classifier with the JSON path $[*] does too"
_SPACE = re.compile(r"[ \t\r\n]*")
_DECODER = msgspec.json.Decoder()
_PATIENT = json.JSONDecoder()


@dataclass(frozen=True)
class Read:
    """What a head holds: objects, or the elements of the one array (`start` is its bracket). `notes`: of the rest."""

    head: Head
    start: bytes
    records: list[object]
    notes: tuple[str, ...]

    @property
    def documents(self) -> list[object]:
        """The values at the top."""
        return self.records if self.start == b"{" else [self.records]


def read(head: Head) -> Read | Rejected:
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
        return Rejected(f"it begins with {start.decode()} but holds no complete JSON record", likely=start == b"{")
    notes = (f"{broken} of {broken + len(records)} sampled lines are not JSON",) if broken else ()
    return Read(head, start, records, notes)


def examine(head: Head, _options: Options) -> Finding | Rejected:
    """Whole objects are records, and so is an array at the top."""
    found = read(head)
    if isinstance(found, Rejected):
        return found
    head, records, notes, marks = found.head, found.records, found.notes, marks_of(found)
    if found.start == b"[":
        fields: tuple[Field, ...] = (Field("array", Array(typed(records))),)
        return Finding(Schema(NAME, (("shape", "array"),), fields, marks), 1, head.stored, notes)
    fields = fields_of(records)
    if not fields:
        return Rejected("its JSON objects have no fields", final=True)
    if SPREAD in marks and len(records) > 1:
        notes += ("its records are not on lines of their own, so readers that go by lines will not find them",)
    return Finding(Schema(NAME, (("shape", OBJECTS),), fields, marks), len(records), head.stored, notes)


def marks_of(found: Read) -> frozenset[str]:
    """Whether a reader that goes by lines finds the documents."""
    return frozenset({LINES if found.start == b"{" and _is_lines(found.head, len(found.records)) else SPREAD})


def fields_of(records: list[object]) -> tuple[Field, ...]:
    """The columns of records: the fields of objects. None for records that are something else."""
    kind = typed(records)
    return tuple(Field(name, inner) for name, inner in kind.fields) if isinstance(kind, Struct) else ()


def typed(records: list[object]) -> HiveType:
    """As `infer`. Raises Unreadable for what is nested deeper than types may be."""
    try:
        return infer(records)
    except RecursionError as error:
        raise Unreadable(why=_TOO_DEEP) from error


def _is_lines(head: Head, count: int) -> bool:
    """Whether records are on lines of their own: as many lines as records, but for what is left blank."""
    lines = [line for line in head.data.split(b"\n") if line and not line.isspace()]
    return len(lines) - count in ((0,) if head.whole else (0, 1)) or (len(lines) > 1 and lines[0].rstrip()[-1:] == b"}")


def _records(head: Head, start: bytes) -> tuple[list[object], int]:
    """The complete records of the head, and how many lines or pieces of it are no JSON."""
    data = head.data if head.whole else head.data[: head.data.rfind(b"\n") + 1]
    if start == b"{":
        lines = [line for line in data.removeprefix(b"\xef\xbb\xbf").split(b"\n") if not line.isspace() and line]
        try:
            found = [_DECODER.decode(line) for line in lines]
            return [record for record in found if isinstance(record, dict)], 0
        except (ValueError, RecursionError):
            found, broken = _tolerant(lines)
        if len(found) > broken:
            return found, broken
    return _patient(head, start)


def _tolerant(lines: list[bytes]) -> tuple[list[object], int]:
    found: list[object] = []
    for line in lines:
        try:
            record = _decoded(line)
        except (msgspec.DecodeError, RecursionError):
            continue
        if isinstance(record, dict):
            found.append(record)
    return found, len(lines) - len(found)


def _decoded(line: bytes) -> object:
    """A line's value; one that is no UTF-8 is taken for Latin-1."""
    try:
        return _DECODER.decode(line)
    except UnicodeDecodeError:
        return _DECODER.decode(line.decode("latin-1"))


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
            after = text[_past_space(text, at + 1) :][:1]
            return ([], 1) if after and after not in "[,{" else (found, 0)  # a line of a log may begin with [5]
        try:
            record, at = _PATIENT.raw_decode(text, at)
        except json.JSONDecodeError as error:
            cut = error.msg.startswith("Unterminated") or error.pos > len(text) - 16
            return (found, int(head.whole)) if cut else ([], 1)
        except RecursionError as error:
            raise Unreadable(why=_TOO_DEEP) from error
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
    """`multiLine` is for Spark's and Glue's readers: openx's SerDe goes by lines whatever is said."""
    path, shape = schema.trait("json path"), schema.trait("shape")
    return Layout(
        input_format=TEXT_INPUT,
        output_format=TEXT_OUTPUT,
        serde="org.openx.data.jsonserde.JsonSerDe",
        serde_parameters={"paths": ",".join(sorted(field.name for field in schema.fields))},
        parameters=({"multiLine": "true"} if schema.marks == {SPREAD} else {}) | ({"jsonPath": path} if path else {}),
        caveat=_ARRAY if shape == "array" else _INSIDE.format(path) if shape == INSIDE else "",
    )
