"""Whether the first row of delimited text names the columns, and what types the cells below have. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import islice, pairwise, zip_longest

from catalog.types import BIGINT, DOUBLE, STRING, HiveType
from crawlers.lattice import VOID
from crawlers.model import HeaderDetection

# Texts that stand for a missing value and read as NULL from a numeric column.
MISSING = frozenset(("", "\\N", "NULL", "null", "NA", "N/A", "NaN", "nan", "None", "#N/A", "<NA>"))
_LONGEST = 150
_whole = re.compile(r"[+-]?[0-9]+").fullmatch
_code = re.compile(r"0[0-9]+").fullmatch  # a postal code, say: as a number it would lose its zeros
_number = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?").fullmatch
_name_like = re.compile(r"[^\W\d][\w .\-/()%#$&:]*").fullmatch
_label_like = re.compile(r"(?=.*[^\W\d_])[^\n]*").fullmatch  # a name in the wide sense: it has a letter
_year = re.compile(r"(?:19|20)[0-9]{2}").fullmatch
# Shapes of text that a column's values share, and its name has not.
_SHAPES = tuple(
    re.compile(shape).fullmatch
    for shape in (
        r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[T ].*)?",
        r"\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?",
        r"(?i:true|false|yes|no|t|f|y|n)",
        r"[^@\s]+@[^@\s]+\.\w+",
        r"(?i:https?|ftp|s3)://\S+",
        r"[0-9A-Fa-f]{8}-[0-9A-Fa-f-]{27}",
        r"[$€£]?[+-]?[\d.,]*\d\s?[%$€£]?",
        r"(?:\d{1,3}\.){3}\d{1,3}",
        r"[A-Za-z]{0,4}[-_]?\d+",
    )
)
Row = Sequence[str]


def has_header(rows: Sequence[Row], detection: HeaderDetection) -> bool:
    """Whether the first row names the columns.

    Glue's rule: every cell is text, under 150 characters and like a name (the last may be empty), and some later row
    has a cell that is not text. Improved: names may have any signs and years may be names, if values below are not
    text; where all is text, the names must be unique, like names and not occur again in their columns, and the values
    below must not look the same as they do.
    """
    first, body = rows[0], rows[1:]
    if not body:
        return False
    types = column_types(body, len(first))
    typed = [kind not in (STRING, VOID) for kind in types]
    cells = [cell.strip() for cell in (first[:-1] if not first[-1].strip() else first)]
    if detection is HeaderDetection.GLUE:
        return any(typed) and all(_is_name(cell, _name_like) for cell in cells)
    if len(cells) > 1 and not cells[0]:
        cells = cells[1:]  # the unnamed row numbers that data frames write
    if any(typed):
        return _are_labels(cells)
    return _are_names(cells) and not _recur(first, body) and _votes(first, body) >= 0


def could_name(row: Row) -> bool:
    return _are_names([cell.strip() for cell in row])


def _are_names(cells: Sequence[str]) -> bool:
    folded = {cell.lower() for cell in cells}
    return len(folded) == len(cells) and all(_is_name(cell, _name_like) for cell in cells)


def _are_labels(cells: Sequence[str]) -> bool:
    """Names in the wide sense: no number but years in a row of years, and not more than a few cells empty."""
    named = [cell for cell in cells if cell]
    years = [int(cell) for cell in named if _year(cell)]
    if any(later <= earlier for earlier, later in pairwise(years)) or len(years) == 1:
        return False
    words = [cell for cell in named if not _year(cell)]
    shaped = any(_SHAPES[0](cell) or _SHAPES[1](cell) or _SHAPES[3](cell) for cell in words)
    enough = 2 * len(named) > len(cells) and bool(words)
    return enough and not shaped and all(_is_name(cell, _label_like) for cell in words)


def _is_name(cell: str, like: Callable[[str], object]) -> bool:
    return bool(cell) and len(cell) < _LONGEST and cell not in MISSING and like(cell) is not None


def _recur(first: Row, body: Sequence[Row]) -> bool:
    return any(
        cell.strip() and any(len(row) > place and row[place] == cell for row in body)
        for place, cell in enumerate(first)
    )


def _votes(first: Row, body: Sequence[Row]) -> int:
    """Columns whose values share a look that their first cell has not, less those where it has it too."""
    votes = 0
    for place, cell in enumerate(first):
        values = [row[place].strip() for row in islice(body, 100) if len(row) > place and row[place].strip()]
        if not values:
            continue
        shape = next((shape for shape in _SHAPES if all(map(shape, values))), None)
        if shape is not None:
            votes += -1 if shape(cell.strip()) else 1
        elif len(values) > 1 and len({_cut_of(value) for value in values}) == 1:
            votes += -1 if _cut_of(cell.strip()) == _cut_of(values[0]) else 1
    return votes


def _cut_of(value: str) -> tuple[int, bool, bool]:
    """What codes of one kind share: their length and their case."""
    return len(value), value.isupper(), value.istitle()


def column_types(rows: Sequence[Row], width: int) -> list[HiveType]:
    """bigint, double or string for each of `width` columns; void for one without a value."""
    columns = list(islice(zip_longest(*rows, fillvalue=""), width))
    return [cell_type(column) for column in columns] + [VOID] * (width - len(columns))


def cell_type(cells: Sequence[str]) -> HiveType:
    """The type that reads every cell: LazySimpleSerDe reads a padded double, but a padded bigint as NULL.

    Whole numbers of which some begin with a zero are codes, and stay text.
    """
    values = set(cells) - MISSING
    if not values:
        return VOID
    if all(map(_whole, values)):
        if any(map(_code, values)):
            return STRING
        return BIGINT if all(len(cell) < 19 or -(2**63) <= int(cell) < 2**63 for cell in values) else STRING
    stripped = {cell.strip(" ") for cell in values}
    return DOUBLE if all(map(_number, stripped)) and not all(map(_whole, stripped)) else STRING
