"""A remote object as a file: each piece that is read is one request, and is kept."""

from __future__ import annotations

import io
from collections.abc import Callable

FIRST = 64 * 1024
LARGEST = 4 * 1024 * 1024
# Bytes from `start` to `end` (fewer at the object's end) and the object's size.
Fetch = Callable[[int, int], tuple[bytes, int]]


class RangeFile(io.RawIOBase):
    """Reading on fetches twice as much each time, so that a long head takes few requests."""

    def __init__(self, fetch: Fetch) -> None:
        super().__init__()
        self._fetch = fetch
        self._at = 0
        self._size: int | None = None
        self._pieces: list[tuple[int, bytes]] = []
        self._window = FIRST

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at}.get(whence)
        self._at = max(0, (self.size if base is None else base) + offset)
        return self._at

    @property
    def size(self) -> int:
        if self._size is None:
            self._load(0, FIRST)
        return self._size or 0

    def read(self, size: int = -1) -> bytes:
        end = self.size if size is None or size < 0 else self._at + size
        if self._size is not None:
            end = min(end, self._size)
        parts: list[bytes] = []
        while self._at < end:
            found = self._piece(self._at) or self._load(self._at, end)
            start, data = found
            part = data[self._at - start : end - start]
            if not part:
                break
            parts.append(part)
            self._at += len(part)
            end = min(end, self._size or 0)
        return b"".join(parts)

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def _piece(self, at: int) -> tuple[int, bytes] | None:
        return next((each for each in self._pieces if each[0] <= at < each[0] + len(each[1])), None)

    def _load(self, start: int, end: int) -> tuple[int, bytes]:
        """Fetch at least up to `end`: more where reading goes on from what was fetched before."""
        if any(begin + len(data) == start for begin, data in self._pieces):
            self._window = min(self._window * 2, LARGEST)
            end = max(end, start + self._window)
        data, self._size = self._fetch(start, max(end, start + 1))
        self._pieces.append((start, data))
        return start, data
