"""A classifier tried on one file: whether it matches, and what a table of it would hold, or why it does not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO

import msgspec

from catalog.errors import InvalidInput
from catalog.model import Column
from crawlers import custom_csv
from crawlers.classifiers import demand_valid
from crawlers.custom import Custom, log_of, records_of
from crawlers.errors import Unreadable
from crawlers.formats import Finding, Head, Options, Rejected, Schema, grok, json, xml
from crawlers.inference import columns
from crawlers.model import AnyClassifier, CsvClassifier, GrokClassifier, JsonClassifier, XmlClassifier
from crawlers.places import open_place, shown
from crawlers.recognition import examine, hopeless, layout

MOST_ROWS = 1_000
LONGEST_CELL = 1_000
_OPTIONS = Options()
Row = tuple[str | None, ...]


@dataclass(frozen=True)
class Unmatched:
    """The first line that a grok pattern does not match.

    `number` counts lines that are not empty from 1; the pattern goes along with the line's first `matched` signs.
    """

    number: int
    line: str
    matched: int


@dataclass(frozen=True)
class Trial:
    """What came of it. `certainty` is 1.0 or 0.0; `why` says what speaks against a match.

    `records` were seen in the file's beginning; `rows` are the first of them, as texts in the order of `columns`.
    """

    matches: bool
    certainty: float
    classification: str | None = None
    columns: tuple[Column, ...] = ()
    rows: tuple[Row, ...] = ()
    records: int = 0
    notes: tuple[str, ...] = ()
    why: str | None = None
    unmatched: Unmatched | None = None


def try_place(classifier: AnyClassifier, place: str, limit: int) -> Trial:
    """On the file at `place`. Raises InvalidInput for a folder, and what opening a place raises."""
    opened = open_place(place)
    if opened.only is None:
        raise InvalidInput(what=f"place {shown(place)}", why="it is no file; a classifier is tried on one file.")
    file = next(iter(next(opened.walk(lambda _: False)).files))
    return _tried(classifier, lambda: opened.open(file.name), file.name, file.size, limit)


def try_bytes(classifier: AnyClassifier, data: bytes, limit: int) -> Trial:
    """On a file that holds `data`."""
    return _tried(classifier, lambda: BytesIO(data), "", len(data), limit)


def _tried(classifier: AnyClassifier, opened: Callable[[], BinaryIO], name: str, size: int, limit: int) -> Trial:
    """Raises InvalidInput and BadPattern for a classifier that is none."""
    demand_valid(classifier)
    if not 0 <= limit <= MOST_ROWS:
        raise InvalidInput(what=f"{limit} rows", why=f"they can be 0 to {MOST_ROWS}.")
    rows: list[Row] = []
    unmatched: list[Unmatched] = []

    def ask(head: Head, codec: str) -> Finding | Rejected:
        nothing = hopeless(head, codec)
        if nothing is not None:
            return nothing
        answer = Custom(classifier)(head, _OPTIONS)
        if isinstance(classifier, GrokClassifier):
            unmatched.extend(_unmatched(classifier, head))
        if isinstance(answer, Finding) and limit:
            rows.extend(_first_rows(classifier, answer.schema, head, limit))
        return answer

    try:
        answer = examine(opened, name, size, ask)
    except (Unreadable, TimeoutError) as error:
        why = str(error) if isinstance(error, Unreadable) else "its pattern takes too long for one of the lines"
        return Trial(False, 0.0, why=why)
    stopped = next(iter(unmatched), None)
    if isinstance(answer, Rejected):
        return Trial(False, 0.0, why=answer.why, unmatched=stopped)
    form = layout(answer.schema)
    found, notes = columns(answer.schema, (), form)
    notes = [*answer.notes, *notes, *([form.caveat] if form.caveat else [])]
    shown_rows = tuple(tuple(map(_cut, row)) for row in rows)
    return Trial(
        True, 1.0, answer.schema.classification, found, shown_rows, answer.records, tuple(notes), None, stopped
    )


def _unmatched(classifier: GrokClassifier, head: Head) -> list[Unmatched]:
    lines = grok.sampled(head)
    found = log_of(classifier).first_unmatched(lines)
    return [] if found is None else [Unmatched(found[0] + 1, lines[found[0]], found[1])]


def _first_rows(classifier: AnyClassifier, schema: Schema, head: Head, limit: int) -> list[Row]:
    match classifier:
        case GrokClassifier():
            return log_of(classifier).first_rows(grok.sampled(head), limit)
        case CsvClassifier():
            return _delimited(classifier, head, limit)
        case JsonClassifier():
            read = json.read(head)
            records = [] if isinstance(read, Rejected) else records_of(classifier, read)[:limit]
        case XmlClassifier():
            records = [*xml.first_records(head, classifier.row_tag, limit)]
    names = [field.name for field in schema.fields]
    return [tuple(_text(record.get(name)) for name in names) if isinstance(record, dict) else (_text(record),)
            for record in records]  # fmt: skip


def _delimited(classifier: CsvClassifier, head: Head, limit: int) -> list[Row]:
    found = custom_csv.table(classifier, head, _OPTIONS)
    if isinstance(found, Rejected):
        return []
    _, _, untrimmed, header = found
    rows = custom_csv.trimmed(classifier, untrimmed)
    first = [row for row in rows.rows[header:] if row][:limit]
    return [tuple([*row, *[None] * rows.width][: rows.width]) for row in first]


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return msgspec.json.encode(value).decode()


def _cut(cell: str | None) -> str | None:
    return cell if cell is None or len(cell) <= LONGEST_CELL else f"{cell[:LONGEST_CELL]}…"
