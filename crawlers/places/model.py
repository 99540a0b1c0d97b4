"""What every place is: the files and folders it tells of, and how a location is spelled."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

import msgspec

SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_FILE = re.compile(r"^file:(//(?=/))?", re.IGNORECASE)
_UNTIDY = re.compile(r"/[/.]|/$")  # what an absolute path's normal form may lack
# What stands before an @ is a user, but in Azure's schemes the container, unless a password follows it.
_SECRETS = re.compile(r"(\b(?i:abfss?|wasbs?)://[^/@:]*@)|(?<=://)[^/@]*@|[?#].*", re.DOTALL)
FolderPath = tuple[str, ...]


class FileEntry(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A file directly in a folder: its name, its size in bytes, and its last change in ms since 1970 (0: not told).

    `etag` is the store's own sign of the content, where it has one. Not a dataclass: a listing makes a million of them,
    ten times faster this way, and the garbage collector need not walk them.
    """

    name: str
    size: int
    modified_ms: int = 0
    etag: str = ""


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder's own files. `path` is relative to the place; `faults` are entries that cannot be listed."""

    path: FolderPath
    files: tuple[FileEntry, ...]
    faults: tuple[tuple[str, str], ...] = ()


class Place(Protocol):
    """`root` is the folder's location: a URI with a slash at the end. `only` names the file if the place is one file.

    `concurrency` is how many files are worth reading at once.
    """

    root: str
    only: str | None
    concurrency: int

    def walk(self, enter: Callable[[FolderPath], bool]) -> Iterator[Folder]:
        """Every folder with files in it, as the listing comes to it; folders that `enter` refuses are left out.

        A folder comes in several parts if the store lists its files with those of other folders between them.
        Raises PlaceDenied and PlaceFailing: half a listing is none.
        """
        ...

    def look(self, path: FolderPath) -> Folder:
        """One folder's own files, without those below it; no files if it is not there."""
        ...

    def open(self, path: str) -> BinaryIO:
        """The file at `path`, relative to the root, for reading and seeking.

        It and the file's methods raise OSError: a PermissionError if the store refuses, a FileNotFoundError if the
        file is gone, a ConnectionError if the store itself fails.
        """
        ...


def scheme_of(place: str) -> str:
    """In lower case; `file` for a path."""
    found = SCHEME.match(place)
    return "file" if found is None else found[1].lower()


def shown(place: str) -> str:
    """`place` as it may stand in a message: without user, password and query, which may hold keys."""
    return _SECRETS.sub(r"\1", place) if "://" in place and scheme_of(place) != "file" else place


def local_path(place: str) -> Path | None:
    """Where `place` is on this machine's disks, links not followed; None for another scheme. Raises RuntimeError for
    the home of an unknown user."""
    return Path(local_name(place)) if scheme_of(place) == "file" else None


def local_name(place: str) -> str:
    """As local_path, of a place whose scheme is `file`, and as text."""
    text = _FILE.sub("", place)
    if text.startswith("/") and not _UNTIDY.search(text):
        return text
    full = Path(text).expanduser() if text.startswith("~") else text
    return os.path.abspath(full)  # noqa: PTH100 — without following links, unlike resolve()


def segments(location: str) -> list[str]:
    """The levels of a location: its bucket and folders, or the folders of a local path."""
    scheme = None if location.startswith("/") else SCHEME.match(location)
    path = location[scheme.end() :] if scheme else location
    return [part for part in path.split("/") if part]


def reason(error: Exception) -> str:
    """The first line of what an error says."""
    said = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return said.partition("\n")[0] or type(error).__name__
