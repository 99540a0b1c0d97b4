"""Folders that a table format's own log rules: Delta, Iceberg and Hudi. Told by their names alone; pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from catalog.model import Column, Parameters, Partition
from crawlers.listing import Listed
from crawlers.places import FileEntry, FolderPath

METADATA = "metadata"
_ENDING = re.compile(r"\.metadata\.json(\.gz)?")
_NUMBER = re.compile(r"v?(\d+)")


class LakeFormat(StrEnum):
    DELTA = "delta"
    ICEBERG = "iceberg"
    HUDI = "hudi"


_LOGS = {"_delta_log": LakeFormat.DELTA, ".hoodie": LakeFormat.HUDI}


@dataclass(frozen=True)
class Lake:
    """A table's folder. `metadata` are Iceberg's metadata files, by name."""

    path: FolderPath
    format: LakeFormat
    metadata: tuple[FileEntry, ...] = ()


@dataclass(frozen=True)
class LakeTable:
    """What a log says of its table. `classes` are input format, output format and SerDe.

    `location` is where readers look, if not at the table's own folder; `partitions` only have values and a location.
    """

    format: LakeFormat
    columns: tuple[Column, ...]
    keys: tuple[Column, ...]
    classes: tuple[str | None, str | None, str | None]
    serde_parameters: Parameters
    parameters: Parameters
    files: int
    size: int
    records: int
    notes: tuple[str, ...] = ()
    location: str | None = None
    partitions: tuple[Partition, ...] = field(default=())


def find_lakes(folders: Iterable[Listed], hidden: Iterable[FolderPath]) -> list[Lake]:
    """The outermost folders that a log rules, by path; `hidden` are folders that the listing passed by."""
    found = {path[:-1]: Lake(path[:-1], _LOGS[path[-1]]) for path in hidden if path[-1] in _LOGS}
    for folder in folders:
        if folder.path[-1:] == (METADATA,):
            metadata = tuple(file for file in folder.files if is_metadata(file.name))
            if metadata:
                found.setdefault(folder.path[:-1], Lake(folder.path[:-1], LakeFormat.ICEBERG, metadata))
    lakes: list[Lake] = []
    for path in sorted(found):
        if not is_in_lake(path, lakes):
            lakes.append(found[path])
    return lakes


def is_in_lake(path: FolderPath, lakes: Sequence[Lake]) -> bool:
    roots = {lake.path for lake in lakes}
    return bool(roots) and any(path[:depth] in roots for depth in range(len(path) + 1))


def may_be_log(path: FolderPath) -> bool:
    """Whether a folder of this path could belong to a log."""
    return any(name in _LOGS or name == METADATA for name in path)


def is_metadata(name: str) -> bool:
    """Iceberg's two spellings of a packed one are `x.metadata.json.gz` and `x.gz.metadata.json`."""
    return _ENDING.search(name) is not None and _NUMBER.match(name) is not None


def newest_metadata(metadata: Sequence[FileEntry], hint: int | None) -> FileEntry:
    """The current one of an Iceberg table's metadata files.

    Catalogs number them from 0 (`00003-….metadata.json`), Hadoop tables from 1 (`v3.metadata.json`). `hint` is what
    version-hint.text says; it may lag behind, so later versions without a gap count.
    """
    ordered = sorted(metadata, key=lambda file: (_number(file.name), file.modified_ms, file.name))
    by_number = {_number(file.name): file for file in ordered}
    if hint in by_number:
        while hint + 1 in by_number:
            hint += 1
        return by_number[hint]
    return ordered[-1]


def _number(name: str) -> int:
    found = _NUMBER.match(name)
    return int(found[1]) if found else -1
