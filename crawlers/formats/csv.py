"""CSV: delimiter, header and column types, from the bytes alone.

Delimiters, the header rule and the types written are those of Glue's built-in classifier; `improved` header detection,
byte-order marks, preambles and ragged rows are ours.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from catalog.types import STRING, HiveType
from crawlers.formats import TEXT_INPUT, TEXT_OUTPUT, Field, Finding, Head, Layout, Options, Rejected, Schema
from crawlers.formats.dialects import Rows, Text, decode, split
from crawlers.formats.headers import Row, cell_type, column_types, could_name, has_header
from crawlers.lattice import VOID
from crawlers.model import CsvSerde
from crawlers.sampling import CSV_RECORDS, TEXT_BYTES

__all__ = ["NAME", "cell_type", "conflict", "described", "examine", "is_nameless", "settle", "storage"]
NAME = "csv"
# A quote inside a quoted field is doubled, and a doubled quote is no other thing unless the field is empty.
_doubled = re.compile(r'[^",|\t;\x01\n]""|""[^",|\t;\x01\r\n]').search
_OPEN_CSV = "org.apache.hadoop.hive.serde2.OpenCSVSerde"
_LAZY_SIMPLE = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
_QUOTED = "its fields are quoted, and the LazySimpleSerDe that its classifier asks for leaves the quotes on"
_ENCODINGS = {"utf-16-le": "UTF-16LE", "utf-16-be": "UTF-16BE"}


def examine(head: Head, options: Options) -> Finding | Rejected:
    """CSV if at least two rows split into the same two or more columns by one of the delimiters."""
    if not head.whole and head.data.count(b"\n") <= CSV_RECORDS:
        head = head.more(TEXT_BYTES)
    decoded = decode(head.data, head.whole)
    if isinstance(decoded, Rejected):
        return decoded
    found = split(decoded.text, head.whole)
    if isinstance(found, Rejected):
        return found
    rows = found.even()
    header = has_header(rows, options.header_detection)
    finding = described(head, decoded, found, header)
    if all(field.type in (STRING, VOID) for field in finding.schema.fields) and could_name(rows[0]):
        return replace(finding, other=described(head, decoded, found, not header))
    return finding


def described(
    head: Head,
    decoded: Text,
    found: Rows,
    header: bool,
    types_of: Callable[[Sequence[Row], int], list[HiveType]] = column_types,
) -> Finding:
    """The rows as a table, whose first row names the columns if there is a `header`."""
    first = found.rows[0]
    body = found.rows[1:] if header else found.rows
    # A footer or a comment is no reason to call a column of numbers text: it reads as NULL there.
    even = found.even()
    types = types_of(even[1:] if header else even, found.width)
    names = [*first[: found.width], *[""] * (found.width - len(first))] if header else [""] * found.width
    if header:
        names[0] = names[0].lstrip("#")
    fields = tuple(
        Field(name.strip() or f"col{place}", kind) for place, (name, kind) in enumerate(zip(names, types, strict=True))
    )
    notes = []
    if found.above:
        notes.append(f"its first {found.above} lines are a preamble and are skipped")
    if found.share < 1:
        notes.append(f"{(1 - found.share) * 100:.1f}% of its sampled rows do not have {found.width} cells")
    schema = Schema(NAME, _traits(decoded, found, header), fields, decoded.marks | _quoting(decoded.text, found))
    return Finding(schema, len(body), _stored(head, decoded.text, found), tuple(notes))


def _traits(decoded: Text, found: Rows, header: bool) -> tuple[tuple[str, str], ...]:
    """What must be the same in all files of a table; what is as nearly everywhere is left out."""
    dialect = found.dialect
    traits = [("delimiter", dialect.delimiter), ("header lines", str(found.above + header))]
    if decoded.encoding in _ENCODINGS:
        traits.append(("encoding", decoded.encoding))
    if dialect.quote != '"':
        traits.append(("quote", dialect.quote))
    if dialect.escape:
        traits.append(("escape", dialect.escape))
    return tuple(traits)


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


def is_nameless(schema: Schema) -> bool:
    """Whether the column names are ours (col0, col1, …) because the file has none."""
    return schema.format == NAME and all(field.name == f"col{place}" for place, field in enumerate(schema.fields))


def _stored(head: Head, text: str, found: Rows) -> int:
    """How many bytes of the file the sampled rows took, by the share of lines they are."""
    if head.whole and len(found.rows) <= CSV_RECORDS:
        return head.size
    return max(1, head.stored * min(len(found.rows), lines := text.count("\n") + 1) // lines)


def _quoting(text: str, found: Rows) -> frozenset[str]:
    """What the quotes in the text demand of a reader."""
    dialect = found.dialect
    if dialect.quote not in text:
        return frozenset()
    sign, quote = re.escape(dialect.delimiter), re.escape(dialect.quote)
    if re.search(rf"(?:^|{sign}){quote}", text, re.MULTILINE) is None:
        return frozenset()
    marks = {"quoted"}
    cells = [cell for row in found.rows for cell in row]
    if any("\n" in cell for cell in cells):
        marks |= {"multi-line", "needs quotes"}
    if dialect.escape or dialect.quote != '"' or any(dialect.delimiter in cell for cell in cells) or _doubled(text):
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
    """LazySimpleSerDe as Glue writes it; OpenCSVSerde where fields hold what only a reader of quotes gets right.

    A classifier may settle which of the two.
    """
    delimiter, skipped = schema.trait("delimiter"), schema.trait("header lines")
    parameters = {
        "delimiter": delimiter,
        "areColumnsQuoted": "true" if "quoted" in schema.marks else "false",
        "columnsOrdered": "true",
    }
    if skipped != "0":
        parameters["skip.header.line.count"] = skipped
    encoding = _ENCODINGS.get(schema.trait("encoding"), "")
    if "multi-line" in schema.marks or encoding:
        parameters["multiLine"] = "true"  # a reader that goes by lines would cut UTF-16 inside a sign
    if not encoding and schema.marks & {"latin-1", "utf-8"} == {"latin-1"}:
        encoding = "ISO-8859-1"
    encoded = {"serialization.encoding": encoding} if encoding else {}
    serde = schema.trait("serde") or (CsvSerde.OPEN_CSV if "needs quotes" in schema.marks else CsvSerde.LAZY_SIMPLE)
    if serde == CsvSerde.OPEN_CSV:
        settings = {"separatorChar": delimiter, "quoteChar": schema.trait("quote") or '"', "escapeChar": "\\"}
        if schema.trait("escape"):
            settings["escape"] = schema.trait("escape")  # Spark's option: here the sign is really used
        return Layout(TEXT_INPUT, TEXT_OUTPUT, _OPEN_CSV, settings | encoded, parameters, untyped=True)
    caveat = _QUOTED if "needs quotes" in schema.marks else ""
    return Layout(TEXT_INPUT, TEXT_OUTPUT, _LAZY_SIMPLE, {"field.delim": delimiter} | encoded, parameters, caveat)
