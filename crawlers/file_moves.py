"""Files moved one by one from a folder to another: at once on this machine's disks, by copying in an object store.

A repeat completes what one who was killed had begun: a file that is not in the folder any more, but in the other, was
moved before.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import fsspec

from crawlers.errors import FolderRefused, PlaceNotFound
from crawlers.folders import doing
from crawlers.listing import list_files
from crawlers.places import S3, local_path, open_place, scheme_of, shown


def file_names(folder: str) -> list[str]:
    """The data files below the folder, by their path below it; none if it is not there.

    Raises FolderRefused if a part of it cannot be listed, and the failures of open_place.
    """
    try:
        place = open_place(folder)
    except PlaceNotFound:
        return []
    names = []
    for found in list_files(place, ()):
        if found.faults:
            raise FolderRefused(place=shown(folder), done="listed", why=found.faults[0][1])
        names += ["/".join((*found.path, file.name)) for file in found.files]
    return names


def move_files(folder: str, target: str, names: Sequence[str]) -> list[str]:
    """Move the named files to the same paths below `target`, replacing what lies there. Raises FolderRefused.

    Returns those that are in neither: they have been deleted. The files' time of change is that of the move: readers
    who go by it take for read what is older than they are.
    """
    source, goal = local_path(folder), local_path(target)
    if source is not None and goal is not None:
        return doing("published", folder, lambda: _move_local(source, goal, names))
    if scheme_of(folder) in S3 and scheme_of(target) in S3:
        from crawlers.places.s3_folders import move_named

        return doing("published", folder, lambda: move_named(folder, target, names))
    return doing("published", folder, lambda: _move_remote(folder, target, names))


def put_files(files: Sequence[Path], target: str) -> None:
    """Copy files of this machine into the folder `target`, which is made if need be. Raises FolderRefused."""
    goal = local_path(target)
    if goal is not None:
        doing("written to", target, lambda: _put_local(files, goal))
    elif scheme_of(target) in S3:
        from crawlers.places import s3_folders

        doing("written to", target, lambda: s3_folders.put_files(target, files))
    else:
        doing("written to", target, lambda: _put_remote(files, target))


def _put_local(files: Sequence[Path], goal: Path) -> None:
    goal.mkdir(parents=True, exist_ok=True)
    for file in files:
        shutil.copyfile(file, goal / file.name)


def _put_remote(files: Sequence[Path], target: str) -> None:
    there: Any
    there, goal = fsspec.core.url_to_fs(target)
    there.makedirs(goal, exist_ok=True)
    for file in files:
        there.put_file(str(file), f"{goal.rstrip('/')}/{file.name}")


def _move_local(source: Path, goal: Path, names: Sequence[str]) -> list[str]:
    if names and not goal.is_dir():  # a disk that is not mounted must not pass for files that were moved before
        why = "it is not there: if its disk is not mounted, mount it; if it was deleted, make it again"
        raise FileNotFoundError(errno.ENOENT, why)
    lost = []
    for name in names:
        place = goal / name
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.utime(source / name)  # before the move: a repeat does not find the file again
            os.replace(source / name, place)  # noqa: PTH105 — as atomic, and says what it does
        except FileNotFoundError:
            if not place.exists():
                lost.append(name)
    return lost


def _move_remote(folder: str, target: str, names: Sequence[str]) -> list[str]:
    files: Any
    files, inner = fsspec.core.url_to_fs(folder)
    _, goal = fsspec.core.url_to_fs(target)
    files.invalidate_cache()
    lost = []
    for name in names:
        here, there = f"{inner.rstrip('/')}/{name}", f"{goal.rstrip('/')}/{name}"
        if files.exists(here):
            files.makedirs(there.rpartition("/")[0], exist_ok=True)
            files.cp_file(here, there)  # a move would keep the time of change
            files.rm_file(here)
        elif not files.exists(there):
            lost.append(name)
    return lost
