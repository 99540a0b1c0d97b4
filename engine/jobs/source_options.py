"""What a script's connection_options ask of a source's files: which to leave out, and how many to take at once. Pure.

Names are Glue's and ignore case; numbers and switches may come as text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from catalog.errors import InvalidInput
from crawlers.listing import compile_glob

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:/+")


@dataclass(frozen=True)
class SourceOptions:
    """`recurse` None: as the kind of source does by itself. Bounds and band are for bookmarks; None is their default.

    `bounded_files` and `bounded_bytes`: the most to take in one run. `max_band_ms`: how long before its listing a file
    may come late. `max_files_in_band`: how many such files are remembered. `partition_predicate` selects partitions.
    """

    recurse: bool | None = None
    exclusions: tuple[str, ...] = ()
    partition_predicate: str = ""
    bounded_files: int | None = None
    bounded_bytes: int | None = None
    max_band_ms: int | None = None
    max_files_in_band: int | None = None

    def takes(self, location: str, below: str) -> bool:
        """Whether a file is read: `below` is its path under `location`, both as their store spells them.

        A pattern is held against the path below the location and against the whole one, with its scheme and without.
        """
        if not self.exclusions:
            return True
        whole = location.rstrip("/") + "/" + below
        spelled = (below, whole, _SCHEME.sub("", whole), "/" + _SCHEME.sub("", whole))
        patterns = [compile_glob(_plain(text)) for text in self.exclusions]
        return not any(pattern.fullmatch(each) for pattern in patterns for each in spelled)


def _plain(pattern: str) -> str:
    """s3a and s3 are one scheme, as are file:/ and file:///."""
    return re.sub(r"^file:/+", "file:///", re.sub(r"^s3[an]://", "s3://", pattern))


def parse_options(given: Mapping[str, Any]) -> SourceOptions:
    """Raises InvalidInput, naming the option that cannot be read, or two that exclude each other."""
    options = {name.lower(): value for name, value in given.items() if value not in (None, "")}
    if "boundedfiles" in options and "boundedsize" in options:
        raise InvalidInput(what="boundedFiles and boundedSize", why="only one of them can bound a run.")
    return SourceOptions(
        recurse=_switch("recurse", options["recurse"]) if "recurse" in options else None,
        exclusions=_globs(options.get("exclusions")),
        partition_predicate=str(options.get("catalogpartitionpredicate", "")),
        bounded_files=_number("boundedFiles", options),
        bounded_bytes=_number("boundedSize", options),
        max_band_ms=_number("maxBand", options),
        max_files_in_band=_number("maxFilesInBand", options),
    )


def _switch(name: str, value: object) -> bool:
    text = str(value).lower()
    if text not in ("true", "false", "1", "0"):
        raise InvalidInput(what=f"the option {name}={value!r}", why="it is true or false.")
    return text in ("true", "1")


def _number(name: str, options: Mapping[str, Any]) -> int | None:
    value = options.get(name.lower())
    if value is None:
        return None
    if not re.fullmatch(r"\d{1,18}", str(value).strip()):
        raise InvalidInput(what=f"the option {name}={value!r}", why="it is a whole number.")
    return int(str(value))


def _globs(value: object) -> tuple[str, ...]:
    """A list, or the JSON text of one. Each is compiled here, so that one that is no glob is told of at once."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError as error:
            raise InvalidInput(what=f"the option exclusions={value!r}", why=f"it is no JSON list: {error}.") from error
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise InvalidInput(what=f"the option exclusions={value!r}", why='it is a JSON list of globs, as ["**.pdf"].')
    for each in value:
        compile_glob(each)
    return tuple(value)
