"""What a found table is called, so that a re-crawl calls it the same."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from hashlib import md5

from crawlers.places import FolderPath, segments

LONGEST = 128
_ENDINGS = re.compile(r"(?<=.)\.(gz|gzip|bz2|zst|zstd|lz4)$", re.IGNORECASE)


def base_name(location: str, prefix: str) -> str:
    """The name that a location asks for: its last folder, or its file's name without the ending.

    Lower-cased; letters, digits and underscores stay and any other sign becomes an underscore; the prefix comes first.
    """
    parts = segments(location)
    last = parts[-1] if parts else "table"
    if not location.endswith("/"):
        last = _ENDINGS.sub("", last)
        last = last.rpartition(".")[0] or last
    return re.sub(r"\W", "_", f"{prefix}{last}".lower())[:LONGEST]


def unique_name(name: str, location: str, taken: Container[str]) -> str:
    """`name`, with a hash of the location after it if another location has that name."""
    if name not in taken:
        return name
    digest = md5(location.encode("utf-8", "surrogateescape"), usedforsecurity=False).hexdigest()
    return f"{name[: LONGEST - len(digest) - 1]}_{digest}"


def same_place(a: str) -> str:
    """A location in the form in which two spellings of one place are equal."""
    scheme, sign, rest = a.partition(":")
    if not sign or "/" in scheme:
        scheme, rest = "file", a
    scheme = "s3" if scheme.lower() in ("s3a", "s3n") else scheme.lower()
    return f"{scheme}:/{re.sub('/+', '/', '/' + rest).rstrip('/')}"


def path_below(location: str, root: str) -> FolderPath | None:
    """The folders between `root` and a location, of which the last is its own; None if it lies elsewhere."""
    place, above = same_place(location), same_place(root)
    if not location or not f"{place}/".startswith(f"{above}/"):
        return None
    return tuple(part for part in place[len(above) :].split("/") if part)


def concerns(note: str, location: str) -> bool:
    """Whether a fault at the place `note` (a file, or a folder with a slash at the end) hides part of a location."""
    return is_below(note, [location]) or (note.endswith("/") and is_below(location, [note]))


def is_below(location: str, roots: Sequence[str]) -> bool:
    """Whether a location is one of `roots` or lies in one of them."""
    place = same_place(location) + "/"
    return any(place.startswith(same_place(root) + "/") for root in roots)
