"""Snappy as a stream: Google's framing and Hadoop's blocks, each unpacked piece by piece and never beyond its limit."""

from __future__ import annotations

from typing import BinaryIO

import cramjam

FRAMED = b"\xff\x06\x00\x00sNaPpY"
_LARGEST_PIECE = 64 * 1024  # unpacked, by Google's format
_LARGEST_BLOCK = 64 * 1024 * 1024  # Hadoop's are 256 KiB unless somebody set them otherwise
_SKIPPABLE = 0x80


class Damaged(ValueError):
    """What was read is not what the format says; the message says where."""


def is_hadoop(start: bytes) -> bool:
    """Whether a file begins as Hadoop's blocks do, which have no magic: two lengths that agree with Snappy's own."""
    if len(start) < 9 or start[0] > 3 or start[4] > 3:
        return False
    block, piece = int.from_bytes(start[:4], "big"), int.from_bytes(start[4:8], "big")
    if not (0 < block <= _LARGEST_BLOCK and 0 < piece <= 32 + block + block // 6):
        return False
    length = 0
    for place, byte in enumerate(start[8:13]):
        length |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            # The first element of Snappy's data is always a literal.
            return 0 < length <= block and start[9 + place : 10 + place] != b"" and start[9 + place] & 3 == 0
    return False


def read_framed(handle: BinaryIO, limit: int) -> bytes:
    """The first `limit` bytes, unpacked. Raises Damaged."""
    found = bytearray()
    while len(found) < limit and (head := handle.read(4)):
        kind, length = head[0], int.from_bytes(head[1:], "little")
        body = _exactly(handle, length) if len(head) == 4 else b""
        if len(head) < 4:
            raise Damaged("it ends inside a frame")
        if kind == 0:
            found += _piece(body[4:], _LARGEST_PIECE)
        elif kind == 1:
            found += body[4:]
        elif kind < _SKIPPABLE:
            raise Damaged(f"it has a frame of the unknown kind {kind}")
    return bytes(found[:limit])


def read_hadoop(handle: BinaryIO, limit: int) -> bytes:
    """The first `limit` bytes, unpacked. Raises Damaged."""
    found = bytearray()
    while len(found) < limit and (head := handle.read(4)):
        block = int.from_bytes(head, "big")
        if len(head) < 4 or block > _LARGEST_BLOCK:
            raise Damaged("it ends inside a block, or a block is too large")
        ends = len(found) + block
        while len(found) < min(ends, limit):
            piece = int.from_bytes(_exactly(handle, 4), "big")
            if piece > _LARGEST_BLOCK:
                raise Damaged("a piece of it is too large")
            found += _piece(_exactly(handle, piece), block)
    return bytes(found[:limit])


def _exactly(handle: BinaryIO, length: int) -> bytes:
    body = handle.read(length)
    if len(body) < length:
        raise Damaged("it is cut short")
    return body


def _piece(packed: bytes, largest: int) -> bytes:
    try:
        if cramjam.snappy.decompress_raw_len(packed) > largest:
            raise Damaged("a piece of it unpacks to more than it says")
        unpacked = bytes(cramjam.snappy.decompress_raw(packed))
    except cramjam.DecompressionError as error:
        raise Damaged(str(error)) from error
    if not unpacked:
        raise Damaged("a piece of it is empty")
    return unpacked
