"""BSON is told from other bytes, so that the log names it; no reader of ours or of Hive's makes a table of it."""

from __future__ import annotations

from crawlers.formats import Head, Options, Rejected

_LARGEST = 16 * 1024 * 1024  # MongoDB's limit for a document
_TYPES = frozenset([*range(0x01, 0x14), 0x7F, 0xFF])
_LONGEST_NAME = 255


def examine(head: Head, _options: Options) -> Rejected:
    """A document's length, an element's type, its name, and a zero where the document ends."""
    data = head.data
    length = int.from_bytes(data[:4], "little")
    if not (8 <= length <= min(head.size, _LARGEST) and data[4] in _TYPES):
        return Rejected("it does not begin as a BSON document")
    name = data[5 : data.find(b"\0", 5, 6 + _LONGEST_NAME)]
    ended = length > len(data) or data[length - 1] == 0
    if not name or not name.isascii() or not name.decode("ascii").isprintable() or not ended:
        return Rejected("it does not begin as a BSON document")
    return Rejected("it is BSON, which is not read here; export it as JSON (bsondump) and crawl that", final=True)
