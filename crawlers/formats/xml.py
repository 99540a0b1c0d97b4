"""XML: the element that repeats directly under the root is a record; its attributes and children are the columns.

Only the standard library's expat reads, as a stream. A document type is refused: entities are how XML attacks.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from xml.parsers import expat

from catalog.types import BIGINT, BOOLEAN, DOUBLE, STRING, Array, HiveType, Struct
from crawlers.errors import Unreadable
from crawlers.formats import TEXT_INPUT, TEXT_OUTPUT, Field, Finding, Head, Layout, Options, Rejected, Schema
from crawlers.lattice import VOID, join, join_all
from crawlers.sampling import TEXT_BYTES

NAME = "xml"
# Spark's and Glue's readers set this before an attribute's name, and give this name to the text beside attributes.
PREFIX = "_"
VALUE = "_VALUE"
DEEPEST = 100
_MOST_CHILDREN = 10_000
_MOST_RECORDS = 5_000
_start = re.compile(rb"(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?(?:\s|\0)*<\0?[?!A-Za-z_]").match
_whole = re.compile(r"[+-]?[0-9]{1,18}").fullmatch
_number = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?").fullmatch


class _Enough(Exception):
    """So many records are seen that more would say nothing new."""


@dataclass
class _Element:
    """An open element: the types of its children so far, by name, and the beginning of its text."""

    name: str
    attributes: dict[str, HiveType] = field(default_factory=dict)
    children: dict[str, list[HiveType]] = field(default_factory=dict)
    text: list[str] = field(default_factory=list)

    def type(self) -> HiveType:
        own = scalar("".join(self.text))
        inner = dict(self.attributes)
        for name, kinds in self.children.items():
            kind = kinds[0] if len(kinds) == 1 else Array(_united(kinds))
            inner[name] = join(inner[name], kind) if name in inner else kind
        if not inner:
            return own
        if own != VOID:
            inner[VALUE] = own
        return Struct(tuple(inner.items()))


def scalar(text: str) -> HiveType:
    """The type of a text or an attribute's value."""
    text = text.strip()
    if not text:
        return VOID
    if text in ("true", "false"):
        return BOOLEAN
    if _whole(text):
        return BIGINT
    return DOUBLE if _number(text) else STRING


def examine(head: Head, _options: Options, row_tag: str | None = None) -> Finding | Rejected:
    """As `described`. Raises Unreadable for XML that is broken, has a document type, or is nested too deep."""
    if not _start(head.data):
        return Rejected("it does not begin with <")
    head = head if head.whole else head.more(TEXT_BYTES)
    return described(head, row_tag)


def described(head: Head, row_tag: str | None) -> Finding | Rejected:
    """What the head holds if its records are `row_tag` elements at any depth; None: those directly under the root."""
    walk = _Walk(row_tag)
    why = walk.read(head)
    if why and not walk.depth_seen:
        return Rejected(f"it begins with < but is no XML ({why})", likely=True)
    if why:
        raise Unreadable(why=f"it is XML that is broken: {why}")
    if walk.root.lower() in ("html", "svg") and row_tag is None:
        return Rejected(f"it is {walk.root.upper()}", final=True)
    if row_tag is None:
        counts = Counter(name for name, _ in walk.records)
        row_tag, seen = max(counts.items(), key=lambda item: item[1], default=("", 0))
        if seen < 2:
            return Rejected("it is XML in which no element repeats directly under the root", final=True)
    kinds = [kind for name, kind in walk.records if name == row_tag]
    if not kinds:
        return Rejected(f"it is XML without an element {row_tag}")
    joined = _ordered(kinds)
    if not joined.fields:
        return Rejected(f"it is XML whose {row_tag} elements have neither attributes nor children", final=True)
    fields = tuple(Field(name, kind) for name, kind in joined.fields)
    return Finding(Schema(NAME, (("row tag", row_tag),), fields), len(kinds), max(1, int(head.stored * walk.share)))


def _ordered(kinds: list[HiveType]) -> Struct:
    """The records' one type, its fields in the order first seen. A child that repeats in one record is an array."""
    columns: dict[str, list[HiveType]] = {}
    for kind in kinds:
        for name, inner in kind.fields if isinstance(kind, Struct) else (((VALUE, kind),) if kind != VOID else ()):
            columns.setdefault(name, []).append(inner)
    return Struct(tuple((name, _united(column)) for name, column in columns.items()))


def _united(kinds: list[HiveType]) -> HiveType:
    """Like the lattice's join, but one that stands for an array of one, and a text for a struct with that text."""
    if len(kinds) == 1 or len(set(kinds)) == 1:
        return kinds[0]
    if any(isinstance(kind, Array) for kind in kinds):
        return Array(_united([kind.element if isinstance(kind, Array) else kind for kind in kinds]))
    if any(isinstance(kind, Struct) for kind in kinds):
        return _ordered(kinds)
    return join_all(kinds)


class _Walk:
    """One pass of expat over a head."""

    def __init__(self, row_tag: str | None) -> None:
        self.row_tag = row_tag
        self.root = ""
        self.depth = 0
        self.depth_seen = 0
        self.share = 1.0  # of the head that was read
        self.open: list[_Element] = []  # from the record down
        self.records: list[tuple[str, HiveType]] = []

    def read(self, head: Head) -> str | None:
        """Why the text is no XML; None if it is, as far as it was read."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.text
        parser.StartDoctypeDeclHandler = _refuse_doctype
        try:
            parser.Parse(head.data, head.whole)
        except _Enough:
            self.share = parser.CurrentByteIndex / len(head.data)
        except (expat.ExpatError, ValueError, LookupError) as error:
            return str(error)
        return None if self.root else "it has no element"

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        self.depth_seen = max(self.depth_seen, self.depth)
        self.root = self.root or name
        if self.depth > DEEPEST:
            raise Unreadable(why=f"its XML is nested more than {DEEPEST} levels deep")
        begins = name == self.row_tag if self.row_tag else self.depth == 2
        if self.open or begins:
            own = {PREFIX + key: scalar(value) for key, value in attributes.items() if not key.startswith("xmlns")}
            self.open.append(_Element(name, own))

    def end(self, name: str) -> None:
        self.depth -= 1
        if not self.open:
            return
        element = self.open.pop()
        if self.open:
            same = self.open[-1].children.setdefault(name, [])
            if len(same) < _MOST_CHILDREN:
                same.append(element.type())
        else:
            self.records.append((name, element.type()))
            if len(self.records) == _MOST_RECORDS:
                raise _Enough

    def text(self, text: str) -> None:
        if self.open:
            self.open[-1].text.append(text)


def first_records(head: Head, row_tag: str, limit: int) -> list[dict[str, object]]:
    """The values of the first `row_tag` elements, of texts. Raises Unreadable."""
    walk = _Keeping(row_tag, limit)
    walk.read(head if head.whole else head.more(TEXT_BYTES))
    return walk.kept


class _Keeping(_Walk):
    """A pass that keeps the values of the first records, not only their types."""

    def __init__(self, row_tag: str, limit: int) -> None:
        super().__init__(row_tag)
        self.limit = limit
        self.values: list[dict[str, list[object]]] = []  # of the open elements
        self.kept: list[dict[str, object]] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        super().start(name, attributes)
        if self.open:
            self.values.append(
                {PREFIX + key: [value] for key, value in attributes.items() if not key.startswith("xmlns")}
            )

    def end(self, name: str) -> None:
        if not self.open:
            super().end(name)
            return
        text = "".join(self.open[-1].text).strip()
        inner = self.values.pop()
        value: dict[str, object] = {key: same[0] if len(same) == 1 else same for key, same in inner.items()}
        if self.values:
            self.values[-1].setdefault(name, []).append(value | ({VALUE: text} if text else {}) if value else text)
        else:
            self.kept.append(value | ({VALUE: text} if text else {}))
        if len(self.kept) == self.limit:
            raise _Enough
        super().end(name)


def _refuse_doctype(name: str, *_rest: object) -> None:
    if name.lower() in ("html", "svg"):
        raise ValueError(f"it is {name.upper()}")
    raise Unreadable(why="its XML has a document type (DTD), which is refused: entities in it can stand for anything")


def conflict(_a: Schema, _b: Schema) -> str | None:
    """XML is read by name and its texts are converted, so any two schemas fit in one table."""
    return None


def storage(schema: Schema) -> Layout:
    """Hive has no SerDe for XML; Glue's and Spark's readers go by rowTag, and by Spark's options beside it."""
    return Layout(
        input_format=TEXT_INPUT,
        output_format=TEXT_OUTPUT,
        serde=None,
        serde_parameters={"rowTag": schema.trait("row tag")},
        parameters={"rowTag": schema.trait("row tag")},
        caveat="Hive has no SerDe for XML; Spark and Glue's jobs read it by its rowTag",
    )
