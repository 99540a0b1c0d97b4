"""Whole-file compression: told by the first bytes, never by the name, and unpacked no further than is read."""

from __future__ import annotations

from io import IOBase
from typing import BinaryIO, Literal, cast

import pyarrow as pa

from crawlers import snappy, zips, zstd
from crawlers.errors import Unreadable
from crawlers.formats import Head

NONE = "none"
_MAGIC = {
    b"\x1f\x8b\x08": "gzip",
    b"BZh": "bzip2",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"\x04\x22\x4d\x18": "lz4",
    snappy.FRAMED: "snappy",
    zips.MAGIC: "zip",
}
# By what Hadoop's readers, and so Spark's, tell a codec: the ending of the name.
_ENDINGS = {
    "gzip": ".gz",
    "bzip2": ".bz2",
    "zstd": ".zst",
    "lz4": ".lz4",
    "snappy": ".snappy",
}
_ARROW: dict[str, Literal["bz2", "gzip", "lz4", "zstd"]] = {
    "gzip": "gzip",
    "bzip2": "bz2",
    "zstd": "zstd",
    "lz4": "lz4",
}


def codec(start: bytes) -> str:
    """The name of the codec, as the table parameter compressionType has it."""
    name = next((name for magic, name in _MAGIC.items() if start.startswith(magic)), NONE)
    return "snappy" if name == NONE and snappy.is_hadoop(start) else name


def warning(codec: str, file: str) -> str | None:
    """What readers will not make of the file, if they go by its name or lack the codec."""
    if codec == "zip":
        return "it is packed as zip, which neither Hive nor Spark unpacks"
    ending = _ENDINGS.get(codec, "")
    if not ending or file.lower().endswith(ending):
        return None
    return f"it is packed with {codec} but its name does not end in {ending}, by which Hive and Spark would know"


def read_head(handle: BinaryIO, size: int, limit: int) -> tuple[Head, str]:
    """Up to `limit` unpacked bytes of the beginning of a file of `size` bytes, and its codec.

    Raises Unreadable if the packed stream is broken, cut short or wants too much memory, zips.NotOne for an archive of
    several files.
    """
    data = handle.read(limit)
    name = codec(data)
    if name == NONE:
        return _plain(handle, size, data, limit), name
    if name == "zstd" and (window := zstd.window(data)) > zstd.LARGEST_WINDOW:
        most = zstd.LARGEST_WINDOW >> 20
        raise Unreadable(why=f"it is zstd with a window of {window >> 20:,} MiB, and at most {most} MiB are allowed")
    return _unpacked(handle, size, limit, name), name


def _plain(handle: BinaryIO, size: int, data: bytes, limit: int) -> Head:
    def more(limit: int) -> Head:
        handle.seek(0)
        return _plain(handle, size, handle.read(limit), limit)

    # A file can have grown or shrunk since it was listed: what is read counts.
    whole = len(data) < limit or len(data) >= size
    return Head(data, whole, len(data), size, handle, more)


def _unpacked(handle: BinaryIO, size: int, limit: int, name: str) -> Head:
    handle.seek(0)
    try:
        data = _read(handle, size, limit + 1, name)
        stored = min(handle.tell(), size)
    except (OSError, pa.ArrowException, snappy.Damaged, zips.Damaged) as error:
        raise Unreadable(why=f"it is {name} that cannot be unpacked: cut short or damaged ({error})") from error
    whole = len(data) <= limit
    return Head(
        data[:limit],
        whole,
        size if whole else max(1, stored),
        size,
        handle,
        lambda more: _unpacked(handle, size, more, name),
    )


def _read(handle: BinaryIO, size: int, limit: int, name: str) -> bytes:
    """The first `limit` bytes, unpacked; `handle` is at the file's beginning."""
    if name == "zip":
        return zips.read(handle, size, limit)
    if name == "snappy":
        framed = handle.read(len(snappy.FRAMED)) == snappy.FRAMED
        handle.seek(0)
        return snappy.read_framed(handle, limit) if framed else snappy.read_hadoop(handle, limit)
    stream = pa.CompressedInputStream(pa.PythonFile(cast(IOBase, _Kept(handle)), mode="r"), _ARROW[name])
    return stream.read(limit)


class _Kept:
    """A file that Arrow reads and may not close: it would close what it wraps, and the head may be read again."""

    closed = False

    def __init__(self, handle: BinaryIO) -> None:
        self.read = handle.read
        self.tell = handle.tell
        self.seek = handle.seek

    def close(self) -> None:
        """The opener closes it."""
