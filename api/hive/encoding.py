"""Answers as bytes of the wire, made without a struct for each value in them.

Thrift's structs end by a mark and take their fields in any order, so a partition is its values, then what it shares
with its neighbours, then its location and parameters: the shared part is encoded once. The rest is encoded column by
column into a list that has so many places for each partition, because a comprehension over a column takes a third of
what a loop over the partitions takes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain
from struct import Struct
from typing import Any

from thriftpy2.protocol import TCyBinaryProtocolFactory
from thriftpy2.thrift import TMessageType, TType
from thriftpy2.utils import serialize

from api.hive.translate import seconds, storage_struct
from catalog.model import Parameters, StorageDescriptor, Table
from catalog.partition_rows import StoredPartition

# thriftpy2's functions carry no types.
_serialize: Any = serialize
_PROTOCOLS: Any = TCyBinaryProtocolFactory
_FACTORY = _PROTOCOLS()
_VERSION = 0x80010000
_number = Struct(">i").pack
_field = Struct(">bh").pack
_STOP = b"\0"
_TEXTS = bytes((TType.STRING,))
_LOCATION = _field(TType.STRING, 2)
_CREATED = _STOP + _field(TType.I32, 4)
_PARAMETERS = _field(TType.MAP, 7) + 2 * _TEXTS
_PIECE = 4_000_000  # bytes of a long answer that are made, and then sent, at a time


@dataclass(frozen=True, slots=True)
class Encoded:
    """A method's result: a wire type, and the pieces of a value of that type, which may be made as they are sent."""

    kind: int
    pieces: Iterable[bytes]

    def message(self, name: str, number: int) -> Iterator[bytes]:
        """The reply to call `number` of the method `name`, in pieces to be sent one after the other."""
        return _between(_begin(name) + _number(number) + _field(self.kind, 0), self.pieces, _STOP)


def done(name: str, number: int) -> bytes:
    """The reply to call `number` of the method `name`, which yields nothing."""
    return _begin(name) + _number(number) + _STOP


def encoded(struct: Any) -> Encoded:
    return Encoded(TType.STRUCT, (_serialize(struct, _FACTORY),))


def wrapped(value: Encoded) -> Encoded:
    """A struct whose field 1 is the value."""
    return Encoded(TType.STRUCT, _between(_field(value.kind, 1), value.pieces, _STOP))


def encoded_texts(texts: Sequence[str]) -> Encoded:
    return Encoded(TType.LIST, (b"".join((_TEXTS, _number(len(texts)), *map(_text, texts))),))


def encoded_partition(table: Table, partition: StoredPartition) -> Encoded:
    return Encoded(TType.STRUCT, _pieces(table, [partition]))


def encoded_partitions(table: Table, partitions: list[StoredPartition]) -> Encoded:
    head = bytes((TType.STRUCT,)) + _number(len(partitions))
    return Encoded(TType.LIST, _between(head, _pieces(table, partitions), b""))


def _between(head: bytes, pieces: Iterable[bytes], tail: bytes) -> Iterator[bytes]:
    """The pieces with `head` before the first and `tail` after the last: one piece stays one."""
    following = iter(pieces)
    last = head + next(following, b"")
    for piece in following:
        yield last
        last = piece
    yield last + tail


@lru_cache(maxsize=1_024)
def _begin(method: str) -> bytes:
    return (_VERSION | TMessageType.REPLY).to_bytes(4, "big") + _text(method)


def _pieces(table: Table, partitions: Sequence[StoredPartition]) -> Iterator[bytes]:
    """Of `_PIECE` bytes or so each, reckoned by the first partition in it."""
    shared: dict[int, bytes] = {}  # by the descriptor's identity: those that are alike are one object
    start = 0
    while start < len(partitions):
        storage = partitions[start].storage
        if id(storage) not in shared:
            shared[id(storage)] = _shared(table, storage)
        end = start + max(1, _PIECE // (len(shared[id(storage)]) + 256))
        yield _piece(table, partitions[start:end], shared)
        start = end


def _piece(table: Table, partitions: Sequence[StoredPartition], shared: dict[int, bytes]) -> bytes:
    """`shared` holds what was encoded of the descriptors so far, and is added to."""
    keys = len(table.partition_keys)
    values, locations, parameters, created, storages = zip(*partitions, strict=True)
    for storage in storages:
        if id(storage) not in shared:
            shared[id(storage)] = _shared(table, storage)
    times = {each: _CREATED + _number(seconds(each)) + _PARAMETERS for each in set(created)}
    width = 2 * keys + 5
    out = [b""] * (width * len(partitions))
    out[::width] = [_field(TType.LIST, 1) + _TEXTS + _number(keys)] * len(partitions)
    for at, column in enumerate(zip(*values, strict=True)):
        texts = [value.encode() for value in column]
        out[2 * at + 1 :: width] = map(_number, map(len, texts))
        out[2 * at + 2 :: width] = texts
    out[width - 4 :: width] = [shared[id(each)] for each in storages]
    out[width - 3 :: width] = [b"" if each is None else _LOCATION + _text(each) for each in locations]
    out[width - 2 :: width] = [times[each] for each in created]
    out[width - 1 :: width] = _parameters(parameters)
    return b"".join(out)


def _parameters(each: Sequence[Parameters]) -> Iterator[bytes]:
    """The parameters of each partition, and the end of the partition."""
    names = {name: _text(name) for name in set(chain.from_iterable(each))}
    texts = [value.encode() for parameters in each for value in parameters.values()]
    pairs = [b""] * (3 * len(texts))
    pairs[::3] = [names[name] for name in chain.from_iterable(each)]
    pairs[1::3] = map(_number, map(len, texts))
    pairs[2::3] = texts
    end = 0
    for parameters in each:
        start, end = end, end + 3 * len(parameters)
        yield b"%b%b\0" % (_number(len(parameters)), b"".join(pairs[start:end]))


def _shared(table: Table, storage: StorageDescriptor) -> bytes:
    """The fields that partitions of `table` with this descriptor have alike; the descriptor's, the last, is not ended.

    A partition that names no columns of its own has the table's.
    """
    descriptor = storage_struct(replace(storage, columns=storage.columns or table.storage.columns))
    names = _field(TType.STRING, 2) + _text(table.database) + _field(TType.STRING, 3) + _text(table.name)
    opened: bytes = _serialize(descriptor, _FACTORY)[: -len(_STOP)]
    return names + _field(TType.I32, 5) + _number(0) + _field(TType.STRUCT, 6) + opened


def _text(text: str) -> bytes:
    data = text.encode()
    return _number(len(data)) + data
