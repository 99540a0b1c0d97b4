"""The values in one file's first rows with the type each asks for, where the format leaves types to the values."""

from __future__ import annotations

import csv as reader
from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

import msgspec

from catalog.types import HiveType
from crawlers.compression import read_head
from crawlers.errors import Unreadable
from crawlers.formats import Head, Schema, csv, json
from crawlers.places import Place
from crawlers.sampling import CSV_RECORDS, TEXT_BYTES


class Value(NamedTuple):
    """`column`: the place of a CSV column, from 0; the name of a JSON field. `row` counts records from 1."""

    column: int | str
    row: int
    text: str
    type: HiveType


def values_of(place: Place, path: str, size: int, schema: Schema) -> Iterator[Value]:
    """Those of the first records; none for a format that says its types itself, or a file that cannot be read now."""
    if schema.format not in (csv.NAME, json.NAME) or schema.trait("json path"):
        return
    try:
        with place.open(path) as handle:
            head, _ = read_head(handle, size, TEXT_BYTES)
    except (OSError, Unreadable):
        return
    yield from _cells(head, schema) if schema.format == csv.NAME else _fields(head)


def _cells(head: Head, schema: Schema) -> Iterator[Value]:
    text = head.data.decode(schema.trait("encoding") or "utf-8", errors="replace").removeprefix("\ufeff")
    lines = [f"{line}\n" for line in text.splitlines()]
    if not head.whole:
        lines.pop()
    skipped = int(schema.trait("header lines") or 0)
    rows = reader.reader(lines[skipped:], **_signs(schema))
    try:
        for number, row in enumerate(islice(filter(None, rows), CSV_RECORDS), 1):
            for place, cell in enumerate(row):
                yield Value(place, number, cell, csv.cell_type([cell]))
    except reader.Error:  # a row as no dialect writes it: those before it have been told
        return


def _signs(schema: Schema) -> dict[str, Any]:
    escape = schema.trait("escape") or None
    signs = {"delimiter": schema.trait("delimiter") or ",", "quotechar": schema.trait("quote") or '"'}
    return {**signs, "escapechar": escape, "doublequote": escape is None}


def _fields(head: Head) -> Iterator[Value]:
    for number, line in enumerate(islice(head.data.splitlines(), CSV_RECORDS), 1):
        try:
            record = msgspec.json.decode(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(record, dict):
            for name, value in record.items():
                yield Value(name, number, msgspec.json.encode(value).decode(), json.infer([value]))
