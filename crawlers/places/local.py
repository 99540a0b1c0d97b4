"""Places on this machine's disks, walked with `os.scandir`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from io import FileIO
from operator import attrgetter
from pathlib import Path
from typing import BinaryIO, cast

from crawlers.errors import PlaceNotFound
from crawlers.places.model import FileEntry, Folder, FolderPath, local_path, reason

_name_of = attrgetter("name")


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
            yield Folder((), (_entry(self.only, (self._path / self.only).stat()),))
            return
        waiting: list[tuple[FolderPath, frozenset[str]]] = [((), frozenset())]
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

    def _scan(
        self, path: FolderPath, followed: frozenset[str]
    ) -> tuple[Folder, list[tuple[FolderPath, frozenset[str]]]]:
        files: list[FileEntry] = []
        faults: list[tuple[str, str]] = []
        inner: list[tuple[FolderPath, frozenset[str]]] = []
        try:
            entries = os.scandir("/".join((self._above, *path)) or "/")  # a Path takes longer than the scan
        except OSError as error:
            return Folder(path, (), (("", f"the folder cannot be listed: {reason(error)}"),)), []
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
                    faults.append((entry.name, f"it cannot be looked at: {reason(error)}"))
        files.sort(key=_name_of)
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
        return cast(BinaryIO, FileIO(f"{self._above}/{path}"))


def _is_first(link: frozenset[str], nested: set[str]) -> bool:
    """Whether no link of this walk behind another led where `link` leads (nowhere: it is no link); noted for others."""
    known = bool(link) and link <= nested
    nested |= link
    return not known


def _is_text(name: str) -> bool:
    """Whether a file name is text; Python smuggles other bytes through as lone surrogates."""
    return name.isascii() or not any("\ud800" <= sign <= "\udfff" for sign in name)


def _shown(name: str) -> str:
    return name.encode("utf-8", "backslashreplace").decode()


def _entry(name: str, status: os.stat_result) -> FileEntry:
    return FileEntry(name, status.st_size, status.st_mtime_ns // 1_000_000)
