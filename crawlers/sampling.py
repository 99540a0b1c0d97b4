"""Which files of a folder are read, and how much of each."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

from crawlers.places import FileEntry, FolderPath

HEAD_BYTES = 64 * 1024  # enough to know a format, and the whole of most small files
TEXT_BYTES = 1024 * 1024  # Glue reads the first megabyte of a text file
JSON_BYTES = 10 * TEXT_BYTES  # … and goes on up to ten while no JSON record was complete
CSV_RECORDS = 1000


def choose(folder: FolderPath, files: Sequence[FileEntry], size: int | None) -> list[FileEntry]:
    """`size` of the folder's files, picked at random but the same ones at every crawl; all if `size` is None.

    Each file draws a number from its own path and the lowest are read: a new file moves at most one other out.
    """
    if size is None or len(files) <= size:
        return list(files)
    above = "/".join(folder)

    def lot(file: FileEntry) -> bytes:
        return blake2b(f"{above}/{file.name}".encode("utf-8", "surrogateescape"), digest_size=8).digest()

    drawn = sorted(files, key=lot)
    return sorted(drawn[:size], key=lambda file: file.name)
