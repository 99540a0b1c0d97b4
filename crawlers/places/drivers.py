"""Places of any other scheme, through fsspec and whichever of its drivers is installed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, BinaryIO, cast

import fsspec
from fsspec.asyn import AsyncFileSystem
from fsspec.spec import AbstractFileSystem

from crawlers.errors import DriverMissing, PlaceFailing, PlaceNotFound, UnknownScheme
from crawlers.places.model import FileEntry, Folder, FolderPath, reason, scheme_of, shown

# What to install, where the driver is not named like the scheme.
_PACKAGES = {
    "gs": "gcsfs", "gcs": "gcsfs", "az": "adlfs", "abfs": "adlfs", "abfss": "adlfs", "adl": "adlfs",
    "http": "aiohttp", "https": "aiohttp", "sftp": "paramiko", "ssh": "paramiko", "smb": "smbprotocol",
}  # fmt: skip


class DriverPlace:
    """A folder or object that an fsspec driver reaches."""

    concurrency = 16

    def __init__(self, place: str) -> None:
        scheme = scheme_of(place)
        try:
            filesystem, path = fsspec.core.url_to_fs(place)
        except ImportError as error:
            package = _PACKAGES.get(scheme)
            why = f"pip install {package}" if package else reason(error)
            raise DriverMissing(place=shown(place), scheme=scheme, why=why) from error
        except ValueError as error:
            raise UnknownScheme(place=shown(place), scheme=scheme) from error
        except Exception as error:  # some connect at once, or load what is not there, with errors of their own
            raise PlaceNotFound(place=shown(place), why=shown(reason(error))) from error
        self._place = shown(place)
        self._filesystem: Any = filesystem
        self._path = str(path).rstrip("/")
        self._filesystem.invalidate_cache()
        try:
            kind = self._filesystem.info(self._path)["type"]
        except Exception as error:  # each driver raises errors of its own
            raise PlaceNotFound(place=self._place, why=shown(reason(error))) from error
        self.only = self._path.rpartition("/")[2] if kind == "file" else None
        if self.only is not None:
            self._path = self._path.rpartition("/")[0]
        self.root = f"{scheme}://{self._path.lstrip('/')}/" if "://" not in self._path else f"{shown(self._path)}/"

    def walk(self, enter: Callable[[FolderPath], bool]) -> Iterator[Folder]:
        try:
            if self.only is not None:
                yield Folder((), (_entry(self.only, self._filesystem.info(f"{self._path}/{self.only}")),))
                return
            listed = self._find()
        except Exception as error:  # each driver raises errors of its own
            raise PlaceFailing(place=self._place, why=shown(reason(error))) from error
        found: dict[FolderPath, list[FileEntry]] = {}
        for path, entry in listed.items():
            *folders, name = str(path)[len(self._path) :].strip("/").split("/")
            found.setdefault(tuple(folders), []).append(_entry(name, entry))
        for folder in sorted(found):
            if all(enter(folder[:depth]) for depth in range(1, len(folder) + 1)):
                yield Folder(folder, tuple(sorted(found[folder], key=lambda file: file.name)))

    def _find(self) -> dict[str, Any]:
        """All files below the place, by path.

        fsspec's own walk leaves out folders that cannot be listed, and half a listing would look like tables gone.
        """
        if _has_own_listing(self._filesystem):
            return cast("dict[str, Any]", self._filesystem.find(self._path, detail=True))
        found: dict[str, Any] = {}
        waiting = [self._path]
        while waiting:
            above = waiting.pop()
            for entry in self._filesystem.ls(above, detail=True):
                path = str(entry["name"]).rstrip("/")
                if entry["type"] != "directory":
                    found[path] = entry
                elif path.startswith(f"{above}/"):
                    waiting.append(path)
        return found

    def look(self, path: FolderPath) -> Folder:
        try:
            listed = self._filesystem.ls("/".join((self._path, *path)), detail=True, refresh=True)
        except FileNotFoundError:
            return Folder(path, ())
        except Exception as error:  # each driver raises errors of its own
            raise PlaceFailing(place=self._place, why=shown(reason(error))) from error
        files = [_entry(str(each["name"]).rpartition("/")[2], each) for each in listed if each["type"] == "file"]
        return Folder(path, tuple(sorted(files, key=lambda file: file.name)))

    def open(self, path: str) -> BinaryIO:
        return cast(BinaryIO, self._filesystem.open(f"{self._path}/{path}", "rb"))


def _has_own_listing(filesystem: Any) -> bool:
    """Whether the driver asks its store for all files at once, rather than walk by fsspec's ways."""
    if isinstance(filesystem, AsyncFileSystem):
        return type(filesystem)._find is not AsyncFileSystem._find
    return type(filesystem).find is not AbstractFileSystem.find


def _entry(name: str, info: dict[str, Any]) -> FileEntry:
    """Drivers name the time of change as their store does: as a datetime, or seconds since 1970."""
    keys = ("LastModified", "mtime", "modified", "last_modified", "created")
    changed = next((info[key] for key in keys if info.get(key)), 0)
    seconds = changed.timestamp() if isinstance(changed, datetime) else changed
    modified_ms = int(seconds * 1000) if isinstance(seconds, (int, float)) else 0
    etag = info.get("etag") or info.get("ETag") or info.get("e_tag") or ""
    return FileEntry(name, int(info["size"] or 0), modified_ms, str(etag))
