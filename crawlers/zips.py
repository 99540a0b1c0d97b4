"""Zip as one packed file: only an archive of a single member is one."""

from __future__ import annotations

import zipfile
import zlib
from typing import BinaryIO

MAGIC = b"PK\x03\x04"
_END = b"PK\x05\x06"
_LARGE = b"PK\x06\x07"  # stands before it if the true figures are elsewhere
_END_SIZE = 22
_LOCATOR_SIZE = 20
_LARGE_SIZE = 56
_TAIL = _END_SIZE + 65_535  # the record at the end, and the longest comment after it
_MOST_ENTRIES = 16  # folders have entries too
_LARGEST_DIRECTORY = 1024 * 1024
# Of these alone does zipfile unpack no more than is asked for: a few bytes of bzip2 could fill the memory.
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_FAILURES = (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError, zlib.error)


class Damaged(ValueError):
    """It is no sound zip; the message says why."""


class NotOne(ValueError):
    """It holds no single file; the message says what it holds."""


def read(handle: BinaryIO, size: int, limit: int) -> bytes:
    """The first `limit` bytes of the only member, unpacked. Raises Damaged, NotOne."""
    _demand_small(handle, size)
    try:
        archive = zipfile.ZipFile(handle)
        members = [member for member in archive.infolist() if not member.is_dir()]
        if len(members) != 1:
            raise NotOne(_told([member.filename for member in members]))
        if members[0].flag_bits & 1:
            raise Damaged("its member is encrypted")
        if members[0].compress_type not in _METHODS:
            raise Damaged("its member is packed by another method than deflate")
        with archive.open(members[0]) as member:
            return member.read(limit)
    except _FAILURES as error:
        if isinstance(error, NotOne | Damaged):
            raise
        raise Damaged(str(error) or type(error).__name__) from error


def _demand_small(handle: BinaryIO, size: int) -> None:
    """The directory is read whole, so it must be small before it is read."""
    handle.seek(max(0, size - _TAIL))
    tail = handle.read(_TAIL)
    at = tail.rfind(_END)
    if at < 0 or len(tail) < at + _END_SIZE:
        raise Damaged("it has no directory at its end")
    entries = int.from_bytes(tail[at + 10 : at + 12], "little")
    directory = int.from_bytes(tail[at + 12 : at + 16], "little")
    if tail[max(0, at - _LOCATOR_SIZE) : at].startswith(_LARGE):
        handle.seek(int.from_bytes(tail[at - _LOCATOR_SIZE + 8 : at - _LOCATOR_SIZE + 16], "little"))
        large = handle.read(_LARGE_SIZE)
        entries = int.from_bytes(large[32:40], "little")
        directory = int.from_bytes(large[40:48], "little")
    if entries > _MOST_ENTRIES or directory > _LARGEST_DIRECTORY:
        raise NotOne(f"{entries} entries" if entries < 0xFFFF else "65,535 entries or more")


def _told(names: list[str]) -> str:
    if any(name == "[Content_Types].xml" for name in names):
        return "the parts of an Office document"
    return f"{len(names)} files" if names else "no file"
