"""The beginning of a file that lies elsewhere, brought here: as much as a preview needs, and never more."""

from __future__ import annotations

import errno
from io import IOBase
from pathlib import Path
from typing import BinaryIO, cast

import pyarrow as pa
import pyarrow.parquet as pq

from crawlers.compression import read_head
from crawlers.places import open_place
from engine.crawling.preview import Remote

MOST_TEXT = 4 * 1024 * 1024  # of a file of text, unpacked
MOST_FETCHED = 64 * 1024 * 1024  # of a file of Parquet
_BUFFER = 256 * 1024


def fetch(remote: Remote, target: Path, format: str, rows: int, most: int = MOST_FETCHED) -> None:
    """Write the file's first `rows`, or of a text as much as is read of one, to `target`; text is unpacked.

    Raises OSError; Unreadable; for the place what open_place raises.
    """
    with open_place(remote.place).open(remote.path) as handle:
        if format == "parquet":
            _fetch_parquet(handle, target, rows, most)
            return
        head, _ = read_head(handle, remote.size, MOST_TEXT)
    end = len(head.data) if head.whole else head.data.rfind(b"\n") + 1
    target.write_bytes(head.data[:end])


def _fetch_parquet(handle: BinaryIO, target: Path, rows: int, most: int) -> None:
    """Page by page: a row group may be larger than all memory."""
    bounded = pa.PythonFile(cast(IOBase, _Bounded(handle, most)), mode="r")
    try:
        with pq.ParquetFile(bounded, buffer_size=_BUFFER, pre_buffer=False) as source:
            first = next(source.iter_batches(batch_size=rows), None)
            found = source.schema_arrow.empty_table() if first is None else pa.Table.from_batches([first])
            pq.write_table(found, target)
    except pa.ArrowException as error:
        raise OSError(errno.EINVAL, f"it is no sound Parquet ({str(error).partition(chr(10))[0]})") from error


class _Bounded:
    """A file that Arrow reads, of which no more than so many bytes are fetched."""

    closed = False

    def __init__(self, handle: BinaryIO, most: int) -> None:
        self.seek, self.tell, self.close = handle.seek, handle.tell, handle.close
        self._handle = handle
        self._most = self._left = most

    def read(self, size: int = -1) -> bytes:
        data = self._handle.read(self._left + 1 if size < 0 else min(size, self._left + 1))
        self._left -= len(data)
        if self._left < 0:
            raise OSError(errno.EFBIG, f"a preview fetches {self._most:,} bytes at most, and its first rows take more")
        return data
