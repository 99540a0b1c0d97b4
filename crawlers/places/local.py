"""Places on this machine's disks, walked with `os.scandir`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import FileIO
from operator import attrgetter
from pathlib import Path
from typing import BinaryIO, cast

from crawlers.errors import PlaceNotFound
from crawlers.places.model import FileEntry, Folder, FolderPath, local_path, reason

_name_of = attrgetter("name")
_Inner = tuple[FolderPath, frozenset[str]]  # a folder to be walked, and the links passed on the way into it


class LocalPlace:
    """A folder or file on this machine's disks."""

    concurrency = 1

    def __init__(self, place: str) -> None:
        try:
            path = cast(Path, local_path(place))
            is_folder = path.is_dir()
            if is_folder:
                os.scandir(path).close()
            else:
                path.stat()
        except (OSError, RuntimeError) as error:
            raise PlaceNotFound(place=place, why=reason(error)) from error
        self.only = None if is_folder else path.name
        self._path = path if is_folder else path.parent
        self._above = str(self._path).rstrip("/")
        self.root = f"file://{self._above}/"

    def walk(self, enter: Callable[[FolderPath], bool]) -> Iterator[Folder]:
        if self.only is not None:
            status = (self._path / self.only).stat()
            yield Folder((), (FileEntry(self.only, status.st_size, status.st_mtime_ns // 1_000_000),))
            return
        waiting: list[_Inner] = [((), frozenset())]
        nested: set[str] = set()
        while waiting:
            path, followed = waiting.pop()
            folder, inner = self._scan(path, followed)
            if folder.files or folder.faults:
                yield folder
            # Links behind links lead to each real folder once: n folders with links to one another have n! ways.
            if followed:
                inner = [item for item in sorted(inner) if _is_first(item[1] - followed, nested)]
            waiting.extend(sorted((item for item in inner if enter(item[0])), reverse=True))

    def look(self, path: FolderPath) -> Folder:
        try:
            return self._scan(path, frozenset())[0] if self._path.joinpath(*path).is_dir() else Folder(path, ())
        except OSError as error:
            return Folder(path, (), (("", f"the folder cannot be listed: {reason(error)}"),))

    def _scan(self, path: FolderPath, followed: frozenset[str]) -> tuple[Folder, list[_Inner]]:
        above = "/".join((self._above, *path)) or "/"  # a Path takes longer than the scan
        try:
            with _entries(above) as entries:
                return _look_at(entries, path, above, followed)
        except OSError as error:
            return Folder(path, (), (("", f"the folder cannot be listed: {reason(error)}"),)), []

    def open(self, path: str) -> BinaryIO:
        return cast(BinaryIO, FileIO(f"{self._above}/{path}"))


@contextmanager
def _entries(path: str) -> Iterator[Iterator[os.DirEntry[str]]]:
    """As os.scandir, but each entry is looked at from its folder on, not from the root of the disk. Raises OSError."""
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with os.scandir(folder) as entries:
            yield entries
    finally:
        os.close(folder)


def _look_at(
    entries: Iterator[os.DirEntry[str]], path: FolderPath, above: str, followed: frozenset[str]
) -> tuple[Folder, list[_Inner]]:
    files: list[FileEntry] = []
    faults: list[tuple[str, str]] = []
    inner: list[_Inner] = []
    for entry in entries:
        name = entry.name
        try:
            if not (name.isascii() or _is_text(name)):
                faults.append((_shown(name), "its name is not UTF-8, so no catalog can hold it"))
            elif entry.is_file():  # asked first, and with no calls into Python: there may be a million
                status = entry.stat()
                files.append(FileEntry(name, status.st_size, status.st_mtime_ns // 1_000_000))
            elif entry.is_dir():
                trail = _follow(entry, above, followed)
                if trail is not None:
                    inner.append(((*path, name), trail))
            else:
                faults.append((name, "it is neither a file nor a folder, or a link that leads nowhere"))
        except OSError as error:
            faults.append((name, f"it cannot be looked at: {reason(error)}"))
    files.sort(key=_name_of)
    return Folder(path, tuple(files), tuple(faults)), inner


def _follow(entry: os.DirEntry[str], above: str, followed: frozenset[str]) -> frozenset[str] | None:
    """The links passed on the way into `entry` of the folder `above`; None if it would go round in a circle."""
    if not entry.is_symlink():
        return followed
    real, here = Path(above, entry.name).resolve(), Path(above).resolve()
    if str(real) in followed or here.is_relative_to(real):
        return None
    return followed | {str(real)}


def _is_first(link: frozenset[str], nested: set[str]) -> bool:
    """Whether no link of this walk behind another led where `link` leads (nowhere: it is no link); noted for others."""
    known = bool(link) and link <= nested
    nested |= link
    return not known


def _is_text(name: str) -> bool:
    """Whether a file name is text; Python smuggles other bytes through as lone surrogates."""
    return not any("\ud800" <= sign <= "\udfff" for sign in name)


def _shown(name: str) -> str:
    return name.encode("utf-8", "backslashreplace").decode()
