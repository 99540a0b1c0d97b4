"""Which files of a folder are read, and how much of each."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import nsmallest
from zlib import crc32

from crawlers.places import FileEntry, FolderPath

HEAD_BYTES = 64 * 1024  # enough to know a format, and the whole of most small files
TEXT_BYTES = 1024 * 1024  # Glue reads the first megabyte of a text file
JSON_BYTES = 10 * TEXT_BYTES  # … and goes on up to ten while no JSON record was complete
CSV_RECORDS = 1000
_SPREAD = 0x9E3779B97F4A7C15


def choose(folder: FolderPath, files: Sequence[FileEntry], size: int | None) -> list[FileEntry]:
    """`size` of the folder's files, picked at random but the same ones at every crawl; all if `size` is None.

    Each file draws a number from its own path and the lowest are read: a new file moves at most one other out.
    """
    if size is None or len(files) <= size:
        return list(files)
    above = crc32("".join(f"{name}/" for name in folder).encode("utf-8", "surrogateescape"))

    def lot(file: FileEntry) -> int:
        # A checksum, as there may be a million files; the factor takes away what those of like names have in common.
        return crc32(file.name.encode("utf-8", "surrogateescape"), above) * _SPREAD % 2**64

    return sorted(nsmallest(size, files, key=lot), key=lambda file: file.name)
