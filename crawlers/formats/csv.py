"""CSV: delimiter, header and column types, from the bytes alone.

Delimiters, the header rule and the types written are those of Glue's built-in classifier; `improved` header detection,
byte-order marks, preambles and ragged rows are ours.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice, zip_longest

from catalog.types import BIGINT, DOUBLE, STRING, HiveType
from crawlers.formats import TEXT_INPUT, TEXT_OUTPUT, Field, Finding, Head, Layout, Options, Rejected, Schema
from crawlers.lattice import VOID
from crawlers.model import HeaderDetection
from crawlers.sampling import CSV_RECORDS, TEXT_BYTES

NAME = "csv"
DELIMITERS = (",", "|", "\t", ";", "\x01")
# Texts that stand for a missing value and read as NULL from a numeric column.
MISSING = frozenset(("", "\\N", "NULL", "null", "NA", "N/A", "NaN", "nan"))
_EVEN = 0.8  # the least share of rows that must have the table's width: prose with commas has not
_SNIFFED = 100
_LONGEST_HEADER = 150
_PREAMBLE = 10  # the most lines above the table

_whole = re.compile(r"[+-]?[0-9]+").fullmatch
_number = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?").fullmatch
_name_like = re.compile(r"[^\W\d][\w .\-/()%#$&:]*").fullmatch
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
# A quote inside a quoted field is doubled, and a doubled quote is no other thing unless the field is empty.
_doubled = re.compile(r'[^",|\t;\x01\n]""|""[^",|\t;\x01\r\n]').search

Row = Sequence[str]


@dataclass(frozen=True)
class _Text:
    text: str
    encoding: str
    marks: frozenset[str]


@dataclass(frozen=True)
class _Rows:
    """Rows below `above` lines of preamble. `share` of them have the table's width; the ragged ones are kept."""

    delimiter: str
    width: int
    rows: list[list[str]]
    above: int
    share: float


def examine(head: Head, options: Options) -> Finding | Rejected:
    """CSV if at least two rows split into the same two or more columns by one of the delimiters."""
    if not head.whole and head.data.count(b"\n") <= CSV_RECORDS:
        head = head.more(TEXT_BYTES)
    decoded = _decode(head)
    if isinstance(decoded, Rejected):
        return decoded
    found = _split(decoded.text, head.whole)
    if isinstance(found, Rejected):
        return found
    header = has_header(found.rows, options.header_detection)
    finding = _finding(head, decoded, found, header)
    if all(field.type in (STRING, VOID) for field in finding.schema.fields) and _could_name(found.rows[0]):
        return replace(finding, other=_finding(head, decoded, found, not header))
    return finding


def _finding(head: Head, decoded: _Text, found: _Rows, header: bool) -> Finding:
    body = found.rows[1:] if header else found.rows
    types = column_types(body, found.width)
    names = found.rows[0][: found.width] if header else [""] * found.width
    fields = tuple(
        Field(name.strip() or f"col{place}", kind) for place, (name, kind) in enumerate(zip(names, types, strict=True))
    )
    traits = [("delimiter", found.delimiter), ("header lines", str(found.above + header))]
    if decoded.encoding.startswith("utf-16"):
        traits.append(("encoding", decoded.encoding))
    notes = []
    if found.above:
        notes.append(f"its first {found.above} lines are a preamble and are skipped")
    if found.share < 1:
        notes.append(f"{(1 - found.share) * 100:.1f}% of its sampled rows do not have {found.width} cells")
    schema = Schema(NAME, tuple(traits), fields, decoded.marks | _quoting(decoded.text, found))
    return Finding(schema, len(body), _stored(head, decoded.text, found), tuple(notes))


def settle(findings: Sequence[Finding]) -> list[Finding]:
    """The findings of files that look like parts of one data set, agreed on whether they have headers.

    Where all cells are text, one file alone cannot say whether its first row names the columns. Together they can: the
    row that most of them begin with is a header, and if each begins with another row, none has one.
    """
    headers = Counter(_names(finding) for finding in findings if not is_nameless(finding.schema))
    headers.update(_names(finding.other) for finding in findings if finding.other and is_nameless(finding.schema))
    common, votes = max(headers.items(), key=lambda item: item[1], default=((), 0))
    sure = {_names(finding) for finding in findings if finding.other is None and not is_nameless(finding.schema)}
    settled: list[Finding] = []
    for finding in findings:
        if finding.other is None:
            settled.append(finding)
            continue
        named, nameless = (finding.other, finding) if is_nameless(finding.schema) else (finding, finding.other)
        shared = votes > 1 and _names(named) == common
        alone = len(findings) == 1 or (len(headers) > 1 and votes > 1 and is_nameless(finding.schema))
        if _names(named) in sure or shared:
            settled.append(named)
        else:
            settled.append(finding if alone else nameless)
    return settled


def _names(finding: Finding) -> tuple[str, ...]:
    return tuple(field.name.lower() for field in finding.schema.fields)


def _could_name(row: Row) -> bool:
    folded = [cell.strip().lower() for cell in row]
    return len(set(folded)) == len(folded) and all(_is_name(cell) for cell in folded)


def is_nameless(schema: Schema) -> bool:
    """Whether the column names are ours (col0, col1, …) because the file has none."""
    return schema.format == NAME and all(field.name == f"col{place}" for place, field in enumerate(schema.fields))


def _stored(head: Head, text: str, found: _Rows) -> int:
    """How many bytes of the file the sampled rows took, by the share of lines they are."""
    if head.whole and len(found.rows) <= CSV_RECORDS:
        return head.size
    return max(1, head.stored * min(len(found.rows), lines := text.count("\n") + 1) // lines)


def _decode(head: Head) -> _Text | Rejected:
    data = head.data if head.whole else head.data[: head.data.rfind(b"\n") + 1] or head.data
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _Text(data[len(mark) :].decode(encoding, errors="replace"), encoding, frozenset({"byte-order mark"}))
    if b"\0" in data:
        return Rejected("it is binary data of an unknown kind")
    if data.isascii():
        return _Text(data.decode("ascii"), "utf-8", frozenset())
    try:
        return _Text(data.decode("utf-8"), "utf-8", frozenset({"utf-8"}))
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    if sum(sign < " " and sign not in "\t\r\n\x01" for sign in text) > len(text) // 1000:
        return Rejected("it is binary data of an unknown kind")
    return _Text(text, "latin-1", frozenset({"latin-1"}))


def _split(text: str, whole: bool) -> _Rows | Rejected:
    if "\r" in text and "\n" not in text:
        text = text.replace("\r", "\n")
    lines = [f"{line}\n" for line in text.split("\n")]
    candidates = [found for sign in DELIMITERS if sign in text and (found := _rows(lines[:_SNIFFED], sign)) is not None]
    best = max(candidates, key=lambda found: (round(found.share, 2), found.width), default=None)
    if best is None or best.share < _EVEN:
        return Rejected("no delimiter splits its lines into the same two or more columns")
    full = _rows(lines, best.delimiter) if len(lines) > _SNIFFED else best
    if full is None or full.share < _EVEN or len(full.rows) < 2:
        return Rejected("it has fewer than two rows of two or more columns")
    if not whole and 2 < len(full.rows) <= CSV_RECORDS:
        full.rows.pop()  # the head may end inside a quoted field
    return full


def _rows(lines: list[str], delimiter: str) -> _Rows | None:
    """The lines read with one delimiter; None if they do not come to two columns below a short preamble."""
    reader = csv.reader(lines, delimiter=delimiter)
    read: list[list[str]] = []
    ends: list[int] = []
    try:
        for row in islice(filter(None, reader), CSV_RECORDS + 1):
            read.append(row)
            ends.append(reader.line_num)
    except csv.Error:
        return None
    widths = Counter(map(len, read))
    width = max(widths, key=lambda width: (widths[width], width), default=0)
    first = next((place for place, row in enumerate(read) if _fits(row, width)), 0)
    if width < 2 or first > _PREAMBLE:
        return None
    rows = read[first:]
    fitting = widths[width] if len(widths) == 1 else sum(_fits(row, width) for row in rows)
    above = ends[first] - 1 - sum(cell.count("\n") for cell in rows[0])
    return _Rows(delimiter, width, rows, above, fitting / len(rows))


def _fits(row: Row, width: int) -> bool:
    """Whether a row has the table's width, a trailing delimiter on this row only not counted."""
    return len(row) == width or (len(row) == width + 1 and not row[-1])


def has_header(rows: Sequence[Row], detection: HeaderDetection) -> bool:
    """Whether the first row names the columns.

    Glue's rule: every cell is text, under 150 characters and like a name (the last may be empty), and some later row
    has a cell that is not text. Improved: an all-text table has one too if the first row's cells are unique, like
    names, and none of them occurs again in its column.
    """
    first, body = rows[0], rows[1:]
    cells = list(first[:-1]) if not first[-1].strip() else list(first)
    improved = detection is HeaderDetection.IMPROVED
    if improved and len(cells) > 1 and not cells[0].strip():
        cells = cells[1:]  # the unnamed row numbers that data frames write
    if not body or not all(_is_name(cell.strip()) for cell in cells):
        return False
    types = column_types(body, len(first))
    if any(kind not in (STRING, VOID) for kind in types):
        return True
    if not improved:
        return False
    folded = [cell.strip().lower() for cell in cells]
    if len(set(folded)) < len(folded):
        return False
    return not any(
        cell.strip() and any(len(row) > place and row[place] == cell for row in body)
        for place, cell in enumerate(first)
    )


def _is_name(cell: str) -> bool:
    return bool(cell) and len(cell) < _LONGEST_HEADER and cell not in MISSING and _name_like(cell) is not None


def column_types(rows: Sequence[Row], width: int) -> list[HiveType]:
    """bigint, double or string for each of `width` columns; void for one without a value."""
    columns = list(islice(zip_longest(*rows, fillvalue=""), width))
    return [cell_type(column) for column in columns] + [VOID] * (width - len(columns))


def cell_type(cells: Sequence[str]) -> HiveType:
    """The type that reads every cell: LazySimpleSerDe reads a padded double, but a padded bigint as NULL."""
    values = set(cells) - MISSING
    if not values:
        return VOID
    if all(map(_whole, values)):
        return BIGINT if all(len(cell) < 19 or -(2**63) <= int(cell) < 2**63 for cell in values) else STRING
    stripped = {cell.strip(" ") for cell in values}
    return DOUBLE if all(map(_number, stripped)) and not all(map(_whole, stripped)) else STRING


def _quoting(text: str, found: _Rows) -> frozenset[str]:
    """What the quotes in the text demand of a reader."""
    if '"' not in text:
        return frozenset()
    sign = re.escape(found.delimiter)
    if re.search(rf'(?:^|{sign})"', text, re.MULTILINE) is None:
        return frozenset()
    marks = {"quoted"}
    cells = [cell for row in found.rows for cell in row]
    if any("\n" in cell for cell in cells):
        marks |= {"multi-line", "needs quotes"}
    if any(found.delimiter in cell for cell in cells) or _doubled(text):
        marks.add("needs quotes")
    # A reader that leaves the quotes on would read a quoted number as NULL.
    if re.search(rf'(?:^|{sign})"[+-]?[0-9][0-9.]*"\s*(?:$|{sign})', text, re.MULTILINE):
        marks.add("needs quotes")
    return frozenset(marks)


def conflict(a: Schema, b: Schema) -> str | None:
    """Why no one table can read files of both: CSV is read by position, so a name must not stand at two places."""
    places = {field.name.lower(): place for place, field in enumerate(a.fields)}
    for place, field in enumerate(b.fields):
        other = places.get(field.name.lower(), place)
        if other != place:
            numbers = f"{other + 1} in one and {place + 1} in the other"
            return f"column {field.name} is number {numbers}, and CSV is read by position"
    return None


def storage(schema: Schema) -> Layout:
    """LazySimpleSerDe as Glue writes it; OpenCSVSerde where fields hold what only a reader of quotes gets right."""
    delimiter, skipped = schema.trait("delimiter"), schema.trait("header lines")
    parameters = {
        "delimiter": delimiter,
        "areColumnsQuoted": "true" if "quoted" in schema.marks else "false",
        "columnsOrdered": "true",
    }
    if skipped != "0":
        parameters["skip.header.line.count"] = skipped
    if "multi-line" in schema.marks:
        parameters["multiLine"] = "true"
    if "needs quotes" in schema.marks:
        settings = {"separatorChar": delimiter, "quoteChar": '"', "escapeChar": "\\"}
        serde = "org.apache.hadoop.hive.serde2.OpenCSVSerde"
        return Layout(TEXT_INPUT, TEXT_OUTPUT, serde, settings, parameters, untyped=True)
    settings = {"field.delim": delimiter}
    encoding = schema.trait("encoding") or ("ISO-8859-1" if schema.marks & {"latin-1", "utf-8"} == {"latin-1"} else "")
    if encoding:
        settings["serialization.encoding"] = encoding
    return Layout(TEXT_INPUT, TEXT_OUTPUT, "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe", settings, parameters)
