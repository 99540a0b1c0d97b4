"""How much memory a zstd frame asks for, told by its header (RFC 8878, 3.1.1.1). Pure."""

from __future__ import annotations

# What zstd itself unpacks without being asked twice. Of a window only what was unpacked is ever touched, and of a file
# no more is unpacked than its head: sixteen readers of such frames together stay far below one window.
LARGEST_WINDOW = 128 * 1024 * 1024
_CONTENT_SIZES = (1, 2, 4, 8)
_DICTIONARY_SIZES = (0, 1, 2, 4)


def window(start: bytes) -> int:
    """The window of the frame that `start` begins, in bytes; 0 if its header is cut short."""
    header = start[4:18]
    if len(header) < 2:
        return 0
    flags = header[0]
    if not flags & 0x20:
        base = 1 << (10 + (header[1] >> 3))
        return base + (base >> 3) * (header[1] & 7)
    at, width = 1 + _DICTIONARY_SIZES[flags & 3], _CONTENT_SIZES[flags >> 6]
    size = header[at : at + width]
    return int.from_bytes(size, "little") + (256 if width == 2 else 0) if len(size) == width else 0
