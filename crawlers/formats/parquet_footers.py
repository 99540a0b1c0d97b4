"""What a Parquet footer begins with: its schema, the same bytes in all files that were written alike, then its rows.

A footer is a struct in Thrift's compact protocol: 1 the version, 2 the list of schema elements, 3 the number of rows,
then the row groups. (https://github.com/apache/parquet-format, parquet.thrift)
"""

from __future__ import annotations

from io import SEEK_END

from crawlers.formats import Head

_MAGIC = b"PAR1"
_STOP = b"\0"
_TRAILER = 8  # the footer's length, and the magic once more
_TAIL = 64 * 1024  # what readers of Parquet fetch at first
_SCHEMA, _ROWS = 2, 0x16  # field 2; the header of field 3 after it, a 64-bit number
_FIXED = {1: 0, 2: 0, 3: 1, 7: 8}  # true and false are said by the header; a byte, a double
_VARINTS = (4, 5, 6)
_BINARY, _LIST, _STRUCT = 8, 9, 12


class _Odd(ValueError):
    """It is not laid out as expected."""


def footer_of(head: Head) -> bytes | None:
    """The file's footer; None if it has none, or one so long that its beginning is not in the file's tail."""
    tail = head.data if head.whole else _tail_of(head)
    if not tail.endswith(_MAGIC) or len(tail) < len(_MAGIC) + _TRAILER:
        return None
    length = int.from_bytes(tail[-_TRAILER : -len(_MAGIC)], "little")
    start = len(tail) - _TRAILER - length
    footer = tail[start:-_TRAILER] if start >= 0 else b""
    return footer if footer.endswith(_STOP) else None


def _tail_of(head: Head) -> bytes:
    end = head.handle.seek(0, SEEK_END)
    head.handle.seek(max(0, end - _TAIL))
    return head.handle.read(_TAIL)


def schema_part(footer: bytes) -> bytes | None:
    """The footer up to its number of rows; None if it is laid out in a way that is not expected."""
    try:
        at = field = 0
        while field != _SCHEMA:
            header, at = footer[at], at + 1
            field += header >> 4
            if header >> 4 == 0 or field > _SCHEMA:
                return None
            at = _after(footer, at, header & 0x0F)
        return footer[: at + 1] if footer[at] == _ROWS else None
    except (IndexError, RecursionError, _Odd):
        return None


def rows_after(footer: bytes, start: int) -> int | None:
    """The number of rows that follows the schema's part, which is `start` bytes long."""
    value = shift = 0
    for byte in footer[start : start + 10]:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return None if value & 1 else value >> 1  # zigzag: odd ones are negative
    return None


def _after(data: bytes, at: int, kind: int) -> int:
    """Where a value of Thrift's type `kind` that begins at `at` ends. Raises IndexError, _Odd."""
    if kind in _VARINTS:
        while data[at] >= 0x80:
            at += 1
        return at + 1
    if kind in _FIXED:
        return at + _FIXED[kind]
    if kind == _BINARY:
        length, at = _varint(data, at)
        return at + length
    if kind == _LIST:
        return _after_list(data, at)
    if kind == _STRUCT:
        return _after_struct(data, at)
    raise _Odd


def _after_struct(data: bytes, at: int) -> int:
    while header := data[at]:
        at += 1
        if header >> 4 == 0:  # the field's number is written out
            _, at = _varint(data, at)
        at = _after(data, at, header & 0x0F)
    return at + 1


def _after_list(data: bytes, at: int) -> int:
    header, at = data[at], at + 1
    count, kind = header >> 4, header & 0x0F
    if count == 15:
        count, at = _varint(data, at)
    if count > len(data) or kind in (1, 2):
        raise _Odd
    for _ in range(count):
        at = _after(data, at, kind)
    return at


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte, at = data[at], at + 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
