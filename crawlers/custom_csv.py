"""Delimited text as a classifier describes it: signs, header, names and types that are not left to the text."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from catalog.types import STRING, HiveType, parse
from crawlers.classifiers import DATATYPES
from crawlers.formats import Field, Finding, Head, Options, Rejected, csv
from crawlers.formats.dialects import Asked, Rows, Text, decode, split
from crawlers.formats.headers import MISSING, Row, column_types, has_header
from crawlers.lattice import VOID
from crawlers.model import CsvClassifier, CsvHeader, CsvSerde
from crawlers.sampling import CSV_RECORDS, TEXT_BYTES

_code = re.compile(r"0[0-9]+").fullmatch  # as a number it would lose its zeros
_whole = re.compile(r"[+-]?[0-9]+").fullmatch
_number = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?").fullmatch
_PADDED = "some of its cells are padded, and readers that do not trim them read such numbers as NULL"


def _within(bits: int) -> Callable[[str], bool]:
    """Whether a cell is a whole number of so many bits."""
    beyond = 2 ** (bits - 1)
    return lambda cell: len(cell) < 21 and _whole(cell) is not None and -beyond <= int(cell) < beyond


# In the order in which those that a classifier allows are tried; the widest number of a kind first, as later files may
# hold larger ones. No text says that it is BINARY, and any is a STRING.
_READS: tuple[tuple[str, Callable[[str], object]], ...] = (
    ("BOOLEAN", re.compile(r"(?i:true|false)").fullmatch),
    ("LONG", _within(64)),
    ("INT", _within(32)),
    ("SHORT", _within(16)),
    ("DECIMAL", re.compile(r"[+-]?(?:[0-9]{1,20}(?:\.[0-9]{0,18})?|\.[0-9]{1,18})").fullmatch),
    ("DOUBLE", _number),
    ("FLOAT", _number),
    ("DATE", re.compile(r"\d{4}-\d{2}-\d{2}").fullmatch),
    ("TIMESTAMP", re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(?:\.\d{1,9})?").fullmatch),
)


def examine(classifier: CsvClassifier, head: Head, options: Options) -> Finding | Rejected:
    """What the head is by the classifier's rules. The names it gives must be as many as the columns."""
    found = table(classifier, head, options)
    if isinstance(found, Rejected):
        return found
    head, decoded, untrimmed, header = found
    rows = trimmed(classifier, untrimmed)
    padded = rows != untrimmed
    finding = csv.described(head, decoded, rows, header, lambda below, width: types_of(classifier, below, width))
    schema = finding.schema
    if classifier.columns:
        named = zip(classifier.columns, schema.fields, strict=True)
        schema = replace(schema, fields=tuple(Field(name, field.type) for name, field in named))
    if classifier.serde is not CsvSerde.DETECT:
        schema = replace(schema, traits=(*schema.traits, ("serde", classifier.serde.value)))
    typed = any(field.type not in (STRING, VOID) for field in schema.fields)
    return replace(finding, schema=schema, notes=(*finding.notes, _PADDED) if padded and typed else finding.notes)


def table(classifier: CsvClassifier, head: Head, options: Options) -> tuple[Head, Text, Rows, bool] | Rejected:
    """The rows that the classifier's signs split the head into, and whether the first of them is a header."""
    if not head.whole and head.data.count(b"\n") <= CSV_RECORDS:
        head = head.more(TEXT_BYTES)
    decoded = decode(head.data, head.whole)
    if isinstance(decoded, Rejected):
        return decoded
    columns = 1 if classifier.allows_single_column else 2
    least = 1 if classifier.header is CsvHeader.ABSENT else 2
    found = split(decoded.text, head.whole, Asked(classifier.delimiter, classifier.quote, columns, least))
    if isinstance(found, Rejected):
        return found
    if classifier.columns and len(classifier.columns) != found.width:
        named = len(classifier.columns)
        return Rejected(f"its rows have {found.width} cells, and the classifier names {named} columns")
    return head, decoded, found, _has_header(classifier, found, options)


def trimmed(classifier: CsvClassifier, found: Rows) -> Rows:
    """The rows, with no white space around their cells if the classifier trims them."""
    if not classifier.trims_values:
        return found
    return replace(found, rows=[[cell.strip() for cell in row] for row in found.rows])


def _has_header(classifier: CsvClassifier, found: Rows, options: Options) -> bool:
    if classifier.header is not CsvHeader.UNKNOWN:
        return classifier.header is CsvHeader.PRESENT
    first = [cell.strip().lower() for cell in found.rows[0]]
    return first == [name.lower() for name in classifier.columns] or has_header(found.even(), options.header_detection)


def types_of(classifier: CsvClassifier, rows: Sequence[Row], width: int) -> list[HiveType]:
    """The types that the classifier allows and that read the columns; as ever if it says nothing of types."""
    found = column_types(rows, width)
    if not classifier.types:
        return found
    return [
        VOID if kind == VOID else _allowed(classifier, [row[place] for row in rows if len(row) > place])
        for place, kind in enumerate(found)
    ]


def _allowed(classifier: CsvClassifier, cells: Sequence[str]) -> HiveType:
    values = set(cells) - MISSING
    if any(map(_code, values)):
        return STRING
    for name, reads in _READS:
        if name in classifier.types and all(map(reads, values)):
            return parse(DATATYPES[name])
    return STRING
