"""Folders in S3: deleted and moved object by object. There is none to make: a folder is there while an object is."""

from __future__ import annotations

import errno
import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import obstore
from obstore.store import S3Store

from crawlers.places.aws import find_access
from crawlers.places.model import shown
from crawlers.places.s3 import CLIENT, RETRIES, file_failure, store_options

AT_ONCE = 1_000  # keys in one request to delete
COPIES = 16  # objects copied at the same time


Done = TypeVar("Done")


def delete_all(place: str) -> None:
    """Raises OSError; then a part may be gone."""
    store, _, prefix = _opened(place)
    _tried(lambda: _delete(store, prefix, list(_objects(store, prefix))))


def move_all(place: str, target: str) -> None:
    """Copy all objects, then delete the old ones; a repeat completes what one who was killed had begun.

    Raises FileExistsError if other objects lie at `target`, OSError if the two are in different buckets.
    """
    store, bucket, source = _opened(place)
    _, other, goal = _opened(target)
    if bucket != other:
        raise OSError(errno.EXDEV, "the two lie in different buckets")
    _tried(lambda: _move(store, source, goal, target))


def move_named(place: str, target: str, names: Sequence[str]) -> list[str]:
    """Copy the named objects, then delete the old ones; those that lie at `target` alone were moved before.

    Returns those that are in neither. Raises OSError.
    """
    store, bucket, source = _opened(place)
    _, other, goal = _opened(target)
    if bucket != other:
        raise OSError(errno.EXDEV, "the two lie in different buckets")

    def move(name: str) -> bool:
        try:
            obstore.copy(store, source + name, goal + name)
        except FileNotFoundError:
            return _is_there(store, goal + name)
        return True

    def work() -> list[str]:
        with ThreadPoolExecutor(COPIES) as pool:
            moved = list(pool.map(move, names))
        _delete(store, source, list(names))
        return [name for name, done in zip(names, moved, strict=True) if not done]

    return _tried(work)


def put_files(place: str, files: Sequence[Path]) -> None:
    """Copy files of this machine into the folder. Raises OSError."""
    store, _, prefix = _opened(place)

    def work() -> None:
        for file in files:
            obstore.put(store, prefix + file.name, file)

    _tried(work)


def _move(store: S3Store, source: str, goal: str, target: str) -> None:
    here = _objects(store, source)
    if not here:
        return
    there = _objects(store, goal)
    # Cut off while copying, there is a part of what is here; cut off while deleting, here is a part of what is there.
    if there and not (there.items() <= here.items() or here.items() <= there.items()):
        raise FileExistsError(errno.EEXIST, f"something lies at {shown(target)}")
    with ThreadPoolExecutor(COPIES) as pool:
        missing = [name for name in here if name not in there]
        list(pool.map(lambda name: obstore.copy(store, source + name, goal + name), missing))
    _delete(store, source, list(here))


def _opened(place: str) -> tuple[S3Store, str, str]:
    """The bucket's store and name, and what the keys of the folder begin with."""
    bucket, _, key = re.sub(r"^[^:]+:(//)?", "", place).partition("/")
    prefix = "".join(f"{part}/" for part in key.split("/") if part)
    if not prefix:
        raise OSError(errno.EINVAL, "it is a whole bucket")
    options = store_options(bucket, find_access())
    return S3Store(bucket, config=options, client_options=CLIENT, retry_config=RETRIES), bucket, prefix


def _is_there(store: S3Store, key: str) -> bool:
    try:
        obstore.head(store, key)
    except FileNotFoundError:
        return False
    return True


def _objects(store: S3Store, prefix: str) -> dict[str, int]:
    """The sizes of the folder's objects, by their names below it."""
    pages: Any = obstore.list(store, prefix.rstrip("/"), chunk_size=AT_ONCE)
    return {found["path"][len(prefix) :]: found["size"] for page in pages for found in page}


def _delete(store: S3Store, prefix: str, names: list[str]) -> None:
    for at in range(0, len(names), AT_ONCE):
        obstore.delete(store, [prefix + name for name in names[at : at + AT_ONCE]])


def _tried(work: Callable[[], Done]) -> Done:
    try:
        return work()
    except FileExistsError:
        raise
    except OSError as error:
        if error.strerror:
            raise
        raise file_failure(error) from error
    except Exception as error:  # obstore's own kinds
        raise file_failure(error) from error
