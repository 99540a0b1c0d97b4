"""Places: where data lies, whatever the scheme. A place lists its folders and opens its files.

Local disks are walked with `os.scandir`; every other scheme goes through fsspec and whichever driver is installed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from io import FileIO
from pathlib import Path
from typing import Any, BinaryIO, Protocol, cast

import fsspec

from crawlers.errors import DriverMissing, PlaceNotFound, UnknownScheme

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
FolderPath = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A file directly in a folder: its name, its size in bytes, and its last change in ms since 1970 (0: not told)."""

    name: str
    size: int
    modified_ms: int = 0


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder's own files by name. `path` is relative to the place; `faults` are entries that cannot be listed."""

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
        """Every folder with files in it, parents first; folders that `enter` refuses are not opened."""
        ...

    def open(self, path: str) -> BinaryIO:
        """The file at `path`, relative to the root, for reading and seeking."""
        ...


def open_place(place: str) -> Place:
    """The place that `place` spells: a local path, or a URI.

    Raises PlaceNotFound, DriverMissing or UnknownScheme.
    """
    scheme = _SCHEME.match(place)
    if scheme is None or scheme[1].lower() == "file":
        return LocalPlace(place)
    return RemotePlace(place, scheme[1].lower())


def local_path(place: str) -> Path | None:
    """Where `place` is on this machine's disks, links not followed; None for another scheme. Raises RuntimeError for
    the home of an unknown user."""
    scheme = _SCHEME.match(place)
    if scheme is not None and scheme[1].lower() != "file":
        return None
    text = re.sub(r"^file:(//(?=/))?", "", place, flags=re.IGNORECASE)
    full = Path(text).expanduser() if text.startswith("~") else text
    return Path(os.path.abspath(full))  # noqa: PTH100 — without following links, unlike resolve()


def segments(location: str) -> list[str]:
    """The levels of a location: its bucket and folders, or the folders of a local path."""
    return [part for part in re.sub(r"^[A-Za-z][A-Za-z0-9+.-]*:", "", location).split("/") if part]


class LocalPlace:
    """A folder or file on this machine's disks."""

    concurrency = 1

    def __init__(self, place: str) -> None:
        text = re.sub(r"^file:(//(?=/))?", "", place, flags=re.IGNORECASE)
        try:
            path = Path(os.path.abspath(Path(text).expanduser()))  # noqa: PTH100 — without following links, unlike resolve()
            is_folder = path.is_dir()
            if is_folder:
                os.scandir(path).close()
            else:
                path.stat()
        except (OSError, RuntimeError) as error:
            raise PlaceNotFound(place=place, why=_reason(error)) from error
        self.only = None if is_folder else path.name
        self._path = path if is_folder else path.parent
        self.root = f"file://{str(self._path).rstrip('/')}/"

    def walk(self, enter: Callable[[FolderPath], bool]) -> Iterator[Folder]:
        if self.only is not None:
            yield Folder((), (_entry(self.only, (self._path / self.only).stat()),))
            return
        waiting: list[tuple[FolderPath, frozenset[str]]] = [((), frozenset())]
        while waiting:
            path, followed = waiting.pop()
            folder, inner = self._scan(path, followed)
            if folder.files or folder.faults:
                yield folder
            waiting.extend(sorted((item for item in inner if enter(item[0])), reverse=True))

    def _scan(
        self, path: FolderPath, followed: frozenset[str]
    ) -> tuple[Folder, list[tuple[FolderPath, frozenset[str]]]]:
        files: list[FileEntry] = []
        faults: list[tuple[str, str]] = []
        inner: list[tuple[FolderPath, frozenset[str]]] = []
        try:
            entries = os.scandir(self._path.joinpath(*path))
        except OSError as error:
            return Folder(path, (), (("", f"the folder cannot be listed: {_reason(error)}"),)), []
        with entries:
            for entry in entries:
                try:
                    if not _is_text(entry.name):
                        faults.append((_shown(entry.name), "its name is not UTF-8, so no catalog can hold it"))
                    elif entry.is_dir():
                        trail = self._follow(entry, followed)
                        if trail is not None:
                            inner.append(((*path, entry.name), trail))
                    elif entry.is_file():
                        files.append(_entry(entry.name, entry.stat()))
                    else:
                        faults.append((entry.name, "it is neither a file nor a folder, or a link that leads nowhere"))
                except OSError as error:
                    faults.append((entry.name, f"it cannot be looked at: {_reason(error)}"))
        files.sort(key=lambda file: file.name)
        return Folder(path, tuple(files), tuple(faults)), inner

    def _follow(self, entry: os.DirEntry[str], followed: frozenset[str]) -> frozenset[str] | None:
        """The links passed on the way into `entry`; None if entering it would go round in a circle."""
        if not entry.is_symlink():
            return followed
        real, here = Path(entry.path).resolve(), Path(entry.path).parent.resolve()
        if str(real) in followed or here.is_relative_to(real):
            return None
        return followed | {str(real)}

    def open(self, path: str) -> BinaryIO:
        return cast(BinaryIO, FileIO(f"{self._path}/{path}"))


class RemotePlace:
    """A folder or object that an fsspec driver reaches."""

    concurrency = 16

    def __init__(self, place: str, scheme: str) -> None:
        try:
            filesystem, path = fsspec.core.url_to_fs(place)
        except ImportError as error:
            raise DriverMissing(place=place, scheme=scheme, why=str(error)) from error
        except ValueError as error:
            raise UnknownScheme(place=place, scheme=scheme) from error
        self._filesystem: Any = filesystem
        self._path = str(path).rstrip("/")
        try:
            kind = self._filesystem.info(self._path)["type"]
        except Exception as error:  # each driver raises errors of its own
            raise PlaceNotFound(place=place, why=_reason(error)) from error
        self.only = self._path.rpartition("/")[2] if kind == "file" else None
        if self.only is not None:
            self._path = self._path.rpartition("/")[0]
        self.root = f"{scheme}://{self._path.lstrip('/')}/"

    def walk(self, enter: Callable[[FolderPath], bool]) -> Iterator[Folder]:
        if self.only is not None:
            yield Folder((), (_remote_entry(self.only, self._filesystem.info(f"{self._path}/{self.only}")),))
            return
        found: dict[FolderPath, list[FileEntry]] = {}
        for path, entry in self._filesystem.find(self._path, detail=True).items():
            *folders, name = str(path)[len(self._path) :].strip("/").split("/")
            found.setdefault(tuple(folders), []).append(_remote_entry(name, entry))
        for folder in sorted(found):
            if all(enter(folder[:depth]) for depth in range(1, len(folder) + 1)):
                yield Folder(folder, tuple(sorted(found[folder], key=lambda file: file.name)))

    def open(self, path: str) -> BinaryIO:
        return cast(BinaryIO, self._filesystem.open(f"{self._path}/{path}", "rb"))


def _is_text(name: str) -> bool:
    """Whether a file name is text; Python smuggles other bytes through as lone surrogates."""
    return name.isascii() or not any("\ud800" <= sign <= "\udfff" for sign in name)


def _shown(name: str) -> str:
    return name.encode("utf-8", "backslashreplace").decode()


def _entry(name: str, status: os.stat_result) -> FileEntry:
    return FileEntry(name, status.st_size, status.st_mtime_ns // 1_000_000)


def _remote_entry(name: str, info: dict[str, Any]) -> FileEntry:
    """Drivers name the time of change as their store does: as a datetime, or seconds since 1970."""
    changed = next((info[key] for key in ("LastModified", "mtime", "modified", "last_modified") if info.get(key)), 0)
    seconds = changed.timestamp() if isinstance(changed, datetime) else changed
    return FileEntry(name, int(info["size"] or 0), int(seconds * 1000) if isinstance(seconds, (int, float)) else 0)


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
