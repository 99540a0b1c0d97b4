"""The logs of a run: bounded while they are written, and read part by part while they grow."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

OUTPUT_LOG, ERROR_LOG = "output.log", "error.log"
EXECUTORS = "executors"
PART_BYTES = 1 << 18
_BLOCK = 4096
_PUNCH = 0x01 | 0x02  # FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE


class BoundedLog:
    """A file that a run's processes append to, of which the beginning and the end are kept: at most `limit` bytes.

    The processes write into the file itself, so that it costs them nothing. What lies between is given back to the disk
    as a hole, before which a line says how much that is; what is written next keeps its place.
    """

    def __init__(self, path: Path, limit: int) -> None:
        self.file = os.open(path, os.O_RDWR)
        self.limit = limit
        self.begin = limit // 2 // _BLOCK * _BLOCK
        self.end = self.begin

    def shorten(self) -> None:
        """Give back what is too much; called now and then."""
        size = os.fstat(self.file).st_size
        if size - self.end <= self.limit - self.begin:
            return
        self.end = (size - self.limit // 4) // _BLOCK * _BLOCK
        told = (
            f"\n[isinglass: {self.end - self.begin:,} bytes are left out here. A run's log keeps {self.limit:,}: "
            "ISINGLASS_RUN_LOG_LIMIT]\n"
        )
        os.pwrite(self.file, told.encode().rjust(_BLOCK, b"\0"), self.begin)
        begin = self.begin + _BLOCK
        try:
            _punch(self.file, begin, self.end - begin)
        except OSError:  # this file system has no holes: only what comes from now on can be the end
            os.ftruncate(self.file, begin)
            self.end = begin


def _punch(file: int, begin: int, length: int) -> None:
    """Raises OSError."""
    import ctypes  # few runs need it, and each would wait for it

    library = ctypes.CDLL(None, use_errno=True)
    if not hasattr(library, "fallocate"):
        raise OSError("no holes on this system")
    if library.fallocate(file, _PUNCH, ctypes.c_int64(begin), ctypes.c_int64(length)) != 0:
        raise OSError(ctypes.get_errno(), "fallocate")


@dataclass(frozen=True)
class RunLog:
    """A log of a run by its name: `output`, `error`, or that of an executor. `size` counts what was left out, too."""

    name: str
    size: int


@dataclass(frozen=True)
class LogPart:
    """A piece of a log; the next one begins at `end`."""

    text: str
    end: int


def list_logs(folder: Path) -> list[RunLog]:
    """The logs in a run's folder; none before it began."""
    return [RunLog(name, path.stat().st_size) for name, path in _paths(folder).items()]


def find_log(folder: Path, name: str) -> Path | None:
    return _paths(folder).get(name)


def _paths(folder: Path) -> dict[str, Path]:
    ours = {"output": folder / OUTPUT_LOG, "error": folder / ERROR_LOG}
    found = {name: path for name, path in ours.items() if path.exists()}
    places = sorted(path for path in (folder / EXECUTORS).glob("**/*") if path.is_file())
    return found | {str(path.relative_to(folder)): path for path in places}


def read_log(path: Path, begin: int = 0, whole_lines: bool = False, most: int = PART_BYTES) -> LogPart:
    """The text from byte `begin` on, at most `most` bytes; empty where the log ends now.

    With `whole_lines` a last line that has no end yet is left for the next part. A sign is never cut.
    """
    begin, content = read_bytes(path, begin, whole_lines, most)
    return LogPart(text_of(content), begin + len(content))


def read_bytes(path: Path, begin: int, whole_lines: bool, most: int = PART_BYTES) -> tuple[int, bytes]:
    """As read_log: what is in the file after what was left out, and where that begins."""
    with path.open("rb") as file:
        while True:
            begin, end = _data_from(file.fileno(), begin)
            wanted = min(most, end - begin)
            file.seek(begin)
            content = file.read(wanted)
            content = content[: _length(content, whole_lines, full=wanted == most)]
            if text_of(content) or not content:
                return begin, content
            begin += len(content)


def text_of(content: bytes) -> str:
    """Without the zeros that lie before what was left out."""
    return content.replace(b"\0", b"").decode(errors="replace")


def _data_from(file: int, begin: int) -> tuple[int, int]:
    """Where the next data begin that are not left out, and where they end."""
    size = os.fstat(file).st_size
    if begin >= size:
        return size, size
    try:
        begin = os.lseek(file, begin, os.SEEK_DATA)
        return begin, os.lseek(file, begin, os.SEEK_HOLE)
    except OSError:  # a hole up to the end
        return size, size


def _length(content: bytes, whole_lines: bool, full: bool) -> int:
    """How much of `content` to take: it ends with a line, or with a sign."""
    line = content.rfind(b"\n") + 1
    if line and (whole_lines or full):
        return line
    if whole_lines and not full:
        return 0
    for back in range(1, min(4, len(content)) + 1):
        if content[-back] & 0xC0 == 0xC0:  # the first byte of a sign of several
            wanted = 2 if content[-back] < 0xE0 else 3 if content[-back] < 0xF0 else 4
            return len(content) if back >= wanted else len(content) - back
        if content[-back] < 0x80:
            break
    return len(content)
