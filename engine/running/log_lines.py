"""Lines of a run's log, in pages that go on in both directions: each page says where it begins and ends."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from engine.running.logs import PART_BYTES, read_bytes, text_of

_LINE = re.compile(rb"[^\n]*\n|[^\n]+")


@dataclass(frozen=True)
class Line:
    """`at` is the byte at which it begins, so that a line is known by it."""

    at: int
    text: str


@dataclass(frozen=True)
class Lines:
    """What lies between two bytes of a log. `written_at` is when the log was last written, in seconds since 1970."""

    lines: tuple[Line, ...]
    begin: int
    end: int
    written_at: float


def lines_after(path: Path, begin: int, most: int, ended: bool) -> Lines:
    """At most `most` lines from byte `begin` on; none where the log ends now.

    A last line without an end counts once the run has ended; one that is longer than a part comes in pieces.
    """
    written_at = path.stat().st_mtime
    start, content = read_bytes(path, begin, whole_lines=not ended)
    found = _lines(start, content)
    if len(found) > most:
        content = content[: found[most].at - start]
    return Lines(tuple(found[:most]), begin, start + len(content), written_at)


def lines_before(path: Path, end: int | None, most: int, ended: bool) -> Lines:
    """The last `most` lines, or fewer, before byte `end`; None: before the end of the log."""
    written_at = path.stat().st_mtime
    with path.open("rb") as file:
        start, content = _part_before(file.fileno(), end)
    if end is None and not ended:
        content = content[: content.rfind(b"\n") + 1]
    first_end = content.find(b"\n") + 1
    if start and 0 < first_end < len(content):  # the line before may have begun earlier
        start, content = start + first_end, content[first_end:]
    found = _lines(start, content)[-most:]
    return Lines(tuple(found), found[0].at if found else start, start + len(content), written_at)


def _part_before(file: int, end: int | None) -> tuple[int, bytes]:
    """What lies before `end`, from where on; past what was left out."""
    size = os.fstat(file).st_size
    end = size if end is None else min(end, size)
    while True:
        start = max(0, end - PART_BYTES)
        content = os.pread(file, end - start, start)
        if text_of(content) or not start:
            return start, content
        end = start


def _lines(start: int, content: bytes) -> list[Line]:
    found, at = [], start
    for line in _LINE.findall(content):
        if text := text_of(line):
            found.append(Line(at, text))
        at += len(line)
    return found
