"""One file in, one finding out: open, unpack, and ask the formats in order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import BinaryIO

from crawlers.compression import NONE, read_head, warning
from crawlers.compression import codec as codec_of
from crawlers.errors import Unreadable
from crawlers.formats import (
    Finding,
    Format,
    Head,
    Layout,
    Options,
    Recogniser,
    Rejected,
    Schema,
    avro,
    bson,
    csv,
    grok,
    ion,
    json,
    orc,
    parquet,
    xml,
)
from crawlers.formats.binaries import refusal
from crawlers.places import Place
from crawlers.sampling import HEAD_BYTES
from crawlers.zips import NotOne

FORMATS: dict[str, Format] = {each.NAME: each for each in (avro, orc, parquet, json, xml, ion, grok, csv)}
# Glue's order; the first that recognises the file wins.
RECOGNISERS: tuple[Recogniser, ...] = (
    avro.examine,
    orc.examine,
    parquet.examine,
    json.examine,
    bson.examine,
    xml.examine,
    ion.examine,
    grok.examine,
    csv.examine,
)
_UNPACKED_ONLY = {b"PAR1": "Parquet", b"ORC": "ORC", b"Obj\x01": "Avro"}  # their compression is inside


def recognise(place: Place, path: str, size: int, options: Options) -> Finding | Rejected:
    """What the file at `path` is. Raises Unreadable for one that cannot be read or is damaged."""
    return examine(lambda: place.open(path), path, size, lambda head, codec: _ask(head, codec, options))


def examine(
    opened: Callable[[], BinaryIO], path: str, size: int, ask: Callable[[Head, str], Finding | Rejected]
) -> Finding | Rejected:
    """What `ask` makes of a file's head and its codec. Raises Unreadable for one that cannot be read or is damaged."""
    try:
        with opened() as handle:
            head, codec = read_head(handle, size, HEAD_BYTES)
            finding = ask(head, codec)
    except NotOne as error:
        return Rejected(f"it is a zip archive that holds {error}, and only one that holds one file is read")
    except OSError as error:
        raise Unreadable(why=f"it cannot be read: {error.strerror or error}") from error
    except RecursionError as error:
        raise Unreadable(why="what it holds is nested too deep") from error
    if isinstance(finding, Rejected):
        return finding
    return _packed_in(finding, codec, warning(codec, path))


def _packed_in(finding: Finding, codec: str, warned: str | None) -> Finding:
    """The finding, and its opposite if it has one, with the codec as the schema's first trait."""
    notes = (*finding.notes, warned) if warned else finding.notes
    other = finding.other and _packed_in(finding.other, codec, warned)
    return Finding(_schema_in(finding.schema, codec), finding.records, finding.stored, notes, other)


@lru_cache(maxsize=64)
def _schema_in(schema: Schema, codec: str) -> Schema:
    return replace(schema, traits=(("compression", codec), *schema.traits))


def hopeless(head: Head, codec: str) -> Rejected | None:
    """Why no format need be asked; None if they are to be."""
    if not head.data.strip():
        return Rejected("it holds nothing but white space")
    for start, name in _UNPACKED_ONLY.items() if codec != NONE else ():
        if head.data.startswith(start):
            return Rejected(f"it is {name} packed whole with {codec}, which no reader of {name} unpacks")
    return None


def _ask(head: Head, codec: str, options: Options) -> Finding | Rejected:
    nothing = hopeless(head, codec)
    if nothing is not None:
        return nothing
    for recogniser in options.custom:
        found = recogniser(head, options)
        if isinstance(found, Finding):
            return found
    why = refusal(head.data) or (
        f"it is packed twice, with {codec} outside" if codec != NONE and codec_of(head.data) != NONE else None
    )
    return Rejected(why) if why else _built_in(head, options)


def _built_in(head: Head, options: Options) -> Finding | Rejected:
    """The first finding; or the reason that says most: of the format that the file begins like, else of the last."""
    reason = Rejected("no format was asked")
    for recogniser in RECOGNISERS:
        answer = recogniser(head, options)
        if isinstance(answer, Finding) or answer.final:
            return answer
        if not reason.likely:
            reason = answer
    return reason


def conflict(a: Schema, b: Schema) -> str | None:
    """Why files of two schemas cannot be in one table; None if they can."""
    if a.format != b.format:
        return f"the format is {a.format} in one and {b.format} in the other"
    if a.traits != b.traits:
        ours, theirs = dict(a.traits), dict(b.traits)
        for name in ours | theirs:
            if ours.get(name) != theirs.get(name):
                return f"the {name} is {ours.get(name)!r} in one and {theirs.get(name)!r} in the other"
    return FORMATS[a.format].conflict(a, b)


def layout(schema: Schema) -> Layout:
    return FORMATS[schema.format].storage(schema)
