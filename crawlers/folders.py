"""Folders: made, moved and deleted, whatever the scheme. An object store has no folders, only what is in them."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import fsspec

from crawlers.errors import FolderRefused
from crawlers.places import S3, local_name, local_path, scheme_of, shown

Done = TypeVar("Done")


def make_folder(place: str) -> None:
    """Make the folder with those above it; one that is there stays. Raises FolderRefused."""
    if scheme_of(place) == "file":
        doing("made", place, lambda: _make_local(local_name(place)))
    elif scheme_of(place) not in S3:
        doing("made", place, lambda: _remote(place, lambda files, inner: files.makedirs(inner, exist_ok=True)))


def delete_folder(place: str) -> None:
    """Delete the folder with all in it; links in it are not followed. None is there: nothing happens.

    Raises FolderRefused, then a part may be gone.
    """
    path = local_path(place)
    if path is not None:
        doing("deleted", place, lambda: _delete_local(path))
    elif scheme_of(place) in S3:
        from crawlers.places.s3_folders import delete_all

        doing("deleted", place, lambda: delete_all(place))
    else:
        doing("deleted", place, lambda: _remote(place, _delete_remote))


def delete_empty_folder(place: str) -> None:
    """Delete the folder if nothing is in it. Raises FolderRefused."""
    path = local_path(place)
    if path is not None:
        doing("deleted", place, lambda: _delete_empty(path))


def move_folder(place: str, target: str) -> None:
    """Give the folder another place: at once on this machine's disks, file by file elsewhere.

    A folder that is not there but already at `target` was moved before, by one who was killed; nothing happens then,
    and a folder that is nowhere is made. Raises FolderRefused if something lies at `target`.
    """
    source, path = local_path(place), local_path(target)
    if source is not None and path is not None:
        doing("moved", place, lambda: _move_local(source, path))
    elif scheme_of(place) in S3 and scheme_of(target) in S3:
        from crawlers.places.s3_folders import move_all

        doing("moved", place, lambda: move_all(place, target))
    else:
        doing("moved", place, lambda: _remote(place, lambda files, inner: _move_remote(files, inner, target)))


def doing(done: str, place: str, work: Callable[[], Done]) -> Done:
    """Do `work` on the folder, telling its failure as FolderRefused: it cannot be `done`."""
    try:
        return work()
    except Exception as error:  # each driver raises errors of its own
        why = (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
        raise FolderRefused(place=shown(place), done=done, why=why) from error


def _make_local(name: str) -> None:
    if os.path.isdir(name):  # noqa: PTH112 — a refused mkdir takes longer than this, and a table's is mostly there
        return
    try:
        os.mkdir(name)  # noqa: PTH102 — a metastore makes one for each of ten thousands of partitions
    except FileExistsError:
        if not os.path.isdir(name):  # noqa: PTH112
            raise
    except FileNotFoundError:
        Path(name).mkdir(parents=True, exist_ok=True)


def _delete_local(path: Path) -> None:
    try:
        shutil.rmtree(path)
    except FileNotFoundError:
        if path.exists():  # something in it went meanwhile
            _delete_local(path)


def _delete_empty(path: Path) -> None:
    try:
        path.rmdir()
    except FileNotFoundError:
        return
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise


def _move_local(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.rename(source, target)  # noqa: PTH104 — of Path's, none fails if `target` has something in it
    except FileNotFoundError:
        target.mkdir(exist_ok=True)


def _remote(place: str, work: Callable[[Any, str], None]) -> None:
    files, inner = fsspec.core.url_to_fs(place)
    files.invalidate_cache()
    work(files, str(inner))


def _delete_remote(files: Any, inner: str) -> None:
    if files.exists(inner):
        files.rm(inner, recursive=True)


def _move_remote(files: Any, inner: str, target: str) -> None:
    other, place = fsspec.core.url_to_fs(target)
    if not files.exists(inner):
        other.makedirs(place, exist_ok=True)
        return
    if other is not files:
        raise OSError(errno.EXDEV, "the two lie in different stores")
    if files.exists(place) and files.find(place):
        raise FileExistsError(errno.EEXIST, f"something lies at {target}")
    files.makedirs(place.rstrip("/").rpartition("/")[0], exist_ok=True)
    files.mv(inner.rstrip("/"), place.rstrip("/"), recursive=True)
