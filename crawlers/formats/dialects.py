"""Delimited text: its encoding, and the delimiter, quote and escape sign that split it into even rows. Pure."""

from __future__ import annotations

import codecs
import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from crawlers.formats import Rejected
from crawlers.sampling import CSV_RECORDS

DELIMITERS = (",", "|", "\t", ";", "\x01")
_EVEN = 0.8  # the least share of rows that must have the table's width: prose with commas has not
_SNIFFED = 100
_PREAMBLE = 10  # the most lines above the table
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WORDS = 4  # more than so many in most cells are prose
_NUL_SHARE = 0.3
_BINARY = Rejected("it is binary data of an unknown kind")
_single_quoted = re.compile(r"(?:^|[,|\t;\x01])'(?:[^'\n]|'')*'(?=[,|\t;\x01]|\r?$)", re.MULTILINE).search


@dataclass(frozen=True, slots=True)
class Dialect:
    """The signs that split rows. `escape`: what stands before a quote that is part of a quoted cell; "" if doubled."""

    delimiter: str
    quote: str = '"'
    escape: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is settled before a text is looked at; None leaves a sign to the text. `columns` and `rows`: at least."""

    delimiter: str | None = None
    quote: str | None = None
    columns: int = 2
    rows: int = 2


_NOTHING = Asked()


@dataclass(frozen=True)
class Text:
    """A head's text. `marks`: what its bytes say about the encoding, of which one file decides for a table."""

    text: str
    encoding: str
    marks: frozenset[str]


@dataclass(frozen=True)
class Rows:
    """Rows below `above` lines of preamble. `share` of them have the table's width; the ragged ones are kept."""

    dialect: Dialect
    width: int
    rows: list[list[str]]
    above: int
    share: float

    def even(self) -> list[list[str]]:
        """The rows that have the table's width, or nearly."""
        return self.rows if self.share == 1 else [row for row in self.rows if _fits(row, self.width)]


def decode(data: bytes, whole: bool) -> Text | Rejected:
    """The text of a head; half a line at its end is left out unless it is the whole file."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return Text(_cut(_decoded(data[len(mark) :], encoding), whole), encoding, frozenset({"byte-order mark"}))
    if b"\0" in data:
        encoding = _wide(data)
        return Text(_cut(_decoded(data, encoding), whole), encoding, frozenset()) if encoding else _BINARY
    data = data if whole else data[: data.rfind(b"\n") + 1] or data
    if data.isascii():
        return Text(data.decode("ascii"), "utf-8", frozenset())
    try:
        return Text(data.decode("utf-8"), "utf-8", frozenset({"utf-8"}))
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    if sum(sign < " " and sign not in "\t\r\n\x01" for sign in text) > len(text) // 1000:
        return _BINARY
    return Text(text, "latin-1", frozenset({"latin-1"}))


def _decoded(data: bytes, encoding: str) -> str:
    return data.decode(encoding, errors="replace")


def _cut(text: str, whole: bool) -> str:
    return text if whole else text[: text.rfind("\n") + 1] or text


def _wide(data: bytes) -> str:
    """UTF-16 without a byte-order mark, told by where the zeros are; "" if it is something else."""
    sample = data[:4096]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    least = len(sample) * _NUL_SHARE / 2
    if odd > least and even * 20 < odd:
        return "utf-16-le"
    return "utf-16-be" if even > least and odd * 20 < even else ""


def split(text: str, whole: bool, asked: Asked = _NOTHING) -> Rows | Rejected:
    """The text's rows under the dialect that makes them most even."""
    if "\r" in text and "\n" not in text:
        text = text.replace("\r", "\n")
    lines = [f"{line}\n" for line in text.split("\n")]
    read = (_read(lines[:_SNIFFED], dialect, asked.columns) for dialect in _dialects(text, asked))
    found = [rows for rows in read if rows is not None]
    best = max(found, key=_merit, default=None)
    if best is None or best.share < _EVEN:
        return Rejected("no delimiter splits its lines into the same two or more columns")
    full = _read(lines, best.dialect, asked.columns) if len(lines) > _SNIFFED else best
    if full is None or full.share < _EVEN or len(full.rows) < asked.rows:
        return Rejected("it has fewer than two rows of two or more columns")
    if asked.delimiter is None and _is_prose(full):
        return Rejected("its lines read as prose, in which commas are no delimiters")
    if not whole and 2 < len(full.rows) <= CSV_RECORDS:
        full.rows.pop()  # the head may end inside a quoted field
    return full


def _dialects(text: str, asked: Asked) -> Iterator[Dialect]:
    quoted = '"' in text
    single = not quoted and "'" in text and _single_quoted(text) is not None
    quote = asked.quote or ("'" if single else '"')
    signs = [asked.delimiter] if asked.delimiter else [sign for sign in DELIMITERS if sign in text and sign != quote]
    for sign in signs or ([DELIMITERS[0]] if asked.columns == 1 else []):
        yield Dialect(sign, quote)
        if f"\\{quote}" in text and "\\" not in (sign, quote):
            yield Dialect(sign, quote, "\\")


def _merit(found: Rows) -> tuple[float, bool, int, int]:
    """What makes one reading of a text better than another."""
    below = found.share * len(found.rows) / (len(found.rows) + found.above)
    clean = not any('"' in cell for row in found.rows[:20] for cell in row) if found.dialect.quote == '"' else True
    return round(below, 2), clean, -found.above, found.width


def _read(lines: list[str], dialect: Dialect, columns: int) -> Rows | None:
    """The lines without comments, read in one dialect. Raises nothing: None if they come to no table."""
    kept: Sequence[int] = range(len(lines))
    if any(line[0] == "#" for line in lines):
        commented = _commented_header(lines, dialect.delimiter)
        places = [place for place, line in enumerate(lines) if line[0] != "#" or place == commented]
        if 2 * len(places) > len(lines):
            kept, lines = places, [lines[place] for place in places]
    found = _rows(lines, dialect, columns)
    return found and replace(found, above=kept[found.above])


def _commented_header(lines: list[str], delimiter: str) -> int | None:
    """Where the comment stands that names the columns: above a row of as many cells, of which one is a number."""
    place = next((place for place, line in enumerate(lines) if line[0] != "#"), 0) - 1
    if place < 0:
        return None
    names, cells = lines[place].split(delimiter), lines[place + 1].split(delimiter)
    numbers = [_is_number(cell) and not _is_number(name) for name, cell in zip(names, cells, strict=False)]
    return place if 2 <= len(names) == len(cells) and any(numbers) else None


def _is_number(cell: str) -> bool:
    return cell.strip().replace(".", "", 1).lstrip("+-").isdigit()


def _rows(lines: list[str], dialect: Dialect, columns: int) -> Rows | None:
    """The lines read in one dialect; None if they do not come to so many columns below a short preamble."""
    escape = dialect.escape or None
    reader = csv.reader(
        lines, delimiter=dialect.delimiter, quotechar=dialect.quote, escapechar=escape, doublequote=escape is None
    )
    read: list[list[str]] = []
    ends: list[int] = []
    try:
        for row in islice(filter(None, reader), CSV_RECORDS + 1):
            read.append(row)
            ends.append(reader.line_num)
    except csv.Error:
        return None
    widths = Counter(map(len, read))
    width = _width(read, widths)
    first = next((place for place, row in enumerate(read) if _fits(row, width)), 0)
    if width < columns or first > _PREAMBLE:
        return None
    rows = read[first:]
    fitting = len(rows) if len(widths) == 1 else sum(_fits(row, width) or _short(row, rows[0], width) for row in rows)
    above = ends[first] - 1 - sum(cell.count("\n") for cell in rows[0])
    return Rows(dialect, width, rows, above, fitting / len(rows))


def _width(read: list[list[str]], widths: Counter[int]) -> int:
    """The width most rows have; that of the first row if it is as wide as any and names what others leave out."""
    if len(widths) == 1:
        return len(read[0])
    width = max(widths, key=lambda width: (widths[width], width), default=0)
    first = len(read[0]) if read else 0
    if first == width - 1 and all(not row[-1] for row in read if len(row) == width):
        return first  # every row but the header ends in a delimiter
    unique = len(set(read[0])) == first if read else False
    if first > width >= 2 and first == max(widths) and unique and all(read[0]):
        return first
    return width


def _fits(row: Sequence[str], width: int) -> bool:
    """Whether a row has the table's width, a trailing delimiter on this row only not counted."""
    return len(row) == width or (len(row) == width + 1 and not row[-1])


def _short(row: Sequence[str], first: Sequence[str], width: int) -> bool:
    """Whether a row leaves out cells at its end that the first row has names for."""
    return 2 <= len(row) < width == len(first)


def _is_prose(found: Rows) -> bool:
    """Sentences that happen to have as many commas each: long cells, most of which begin with a space."""
    if found.dialect.delimiter != ",":
        return False
    cells = [cell for row in found.rows[:50] for cell in row[1:]]
    if not any(cell[:1] == " " for cell in cells):
        return False
    spaced = sum(cell.startswith(" ") and cell[1:2].isalpha() for cell in cells)
    wordy = sum(len(cell.split()) > _WORDS for row in found.rows[:50] for cell in row)
    return spaced > 0.7 * len(cells) and wordy * 2 > len(found.rows[:50])
