"""The keys that seal secrets: those of ISINGLASS_SECRET_KEY, or of a file in the home that its owner alone may read."""

from __future__ import annotations

import base64
import binascii
import fcntl
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from catalog.errors import SecretUnusable
from catalog.sealing import KEY_BYTES, Sealer

SETTING = "ISINGLASS_SECRET_KEY"


def sealer_of(setting: str | None, file: Path) -> Callable[[], Sealer]:
    """A sealer with the keys as they are at each call: the first seals, those behind it open what they sealed.

    Without a setting the file is made, with a new key, when it is first needed. Calls raise SecretUnusable.
    """
    if setting is not None:
        return lambda: Sealer(_decoded(setting.split(","), SETTING))
    return lambda: Sealer(_kept(file))


def rotate(reseal: Callable[[], int], setting: str | None, file: Path) -> int:
    """Seal all secrets with a new key of the file, or the first of the setting; how many were sealed with another.

    `reseal` seals all secrets with the current key, and says how many another had sealed. The file keeps the key before
    it as well: a process that is sealing just now may still use that. Raises SecretUnusable.
    """
    if setting is not None:
        return reseal()
    with _alone(file.parent):
        before = _kept(file)
        reseal()  # so that of the old keys one alone is needed
        _write(file, [os.urandom(KEY_BYTES), before[0]], os.replace)
        return reseal()


def _kept(file: Path) -> Sequence[bytes]:
    if not file.exists():
        _write(file, [os.urandom(KEY_BYTES)], _placed_once)
    if file.stat().st_mode & 0o077:
        raise SecretUnusable(what=f"The key file {file}", why="others may read it; chmod 600 it, and rotate the key.")
    return _decoded(file.read_text().split(), str(file))


def _decoded(texts: Iterable[str], where: str) -> Sequence[bytes]:
    try:
        keys = [base64.b64decode(text.strip(), validate=True) for text in texts]
    except (binascii.Error, ValueError):
        keys = []
    if not keys or any(len(key) != KEY_BYTES for key in keys):
        why = f"each is to be {KEY_BYTES} random bytes in base64, as of: head -c {KEY_BYTES} /dev/urandom | base64"
        raise SecretUnusable(what=f"The key of {where}", why=f"{why}.")
    return keys


def _write(file: Path, keys: Iterable[bytes], place: Callable[[str, Path], None]) -> None:
    """Write the whole file beside its place, for its owner alone, and put it there."""
    lines = "".join(f"{base64.b64encode(key).decode()}\n" for key in keys)
    number, beside = tempfile.mkstemp(dir=file.parent, prefix=".secret-")
    with os.fdopen(number, "w") as written:
        written.write(lines)
        written.flush()
        os.fsync(number)
    place(beside, file)
    with _opened(file.parent) as folder:
        os.fsync(folder)  # or what it sealed might outlast the key


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Of two that rotate at once, the second would drop the key with which the first has just sealed everything."""
    with _opened(folder) as opened:
        fcntl.flock(opened, fcntl.LOCK_EX)
        yield


@contextmanager
def _opened(folder: Path) -> Iterator[int]:
    number = os.open(folder, os.O_RDONLY)
    try:
        yield number
    finally:
        os.close(number)


def _placed_once(beside: str, file: Path) -> None:
    """Of two processes that make the first key at once, both use the one that came first."""
    try:
        os.link(beside, file)
    except FileExistsError:
        pass
    finally:
        Path(beside).unlink()
