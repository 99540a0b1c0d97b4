"""One file in, one finding out: open, unpack, and ask the formats in order."""

from __future__ import annotations

from dataclasses import replace

from crawlers.compression import NONE, read_head
from crawlers.errors import Unreadable
from crawlers.formats import Finding, Format, Head, Layout, Options, Rejected, Schema, csv, json, parquet
from crawlers.places import Place
from crawlers.sampling import HEAD_BYTES

# Glue's order; the first that recognises the file wins.
FORMATS: dict[str, Format] = {parquet.NAME: parquet, json.NAME: json, csv.NAME: csv}


def recognise(place: Place, path: str, size: int, options: Options) -> Finding | Rejected:
    """What the file at `path` is. Raises Unreadable for one that cannot be read or is damaged."""
    try:
        with place.open(path) as handle:
            head, codec = read_head(handle, size, HEAD_BYTES)
            finding = _ask(head, codec, options)
    except OSError as error:
        raise Unreadable(why=f"it cannot be read: {error.strerror or error}") from error
    if isinstance(finding, Rejected):
        return finding
    return replace(finding, schema=replace(finding.schema, traits=(("compression", codec), *finding.schema.traits)))


def _ask(head: Head, codec: str, options: Options) -> Finding | Rejected:
    if not head.data.strip():
        return Rejected("it holds nothing but white space")
    if codec != NONE and head.data.startswith(b"PAR1"):
        return Rejected(f"it is Parquet packed whole with {codec}, which no reader of Parquet unpacks")
    answer: Finding | Rejected = Rejected("no format was asked")
    for name, form in FORMATS.items():
        answer = form.examine(head, options)
        if isinstance(answer, Finding):
            return answer
        if name == json.NAME and head.data.lstrip()[:1] == b"{":
            return answer  # its reason says more than that of CSV would
    return answer


def conflict(a: Schema, b: Schema) -> str | None:
    """Why files of two schemas cannot be in one table; None if they can."""
    if a.format != b.format:
        return f"the format is {a.format} in one and {b.format} in the other"
    if a.traits != b.traits:
        theirs = dict(b.traits)
        for name, value in a.traits:
            if theirs.get(name) != value:
                return f"the {name} is {value!r} in one and {theirs.get(name)!r} in the other"
    return FORMATS[a.format].conflict(a, b)


def layout(schema: Schema) -> Layout:
    return FORMATS[schema.format].storage(schema)
