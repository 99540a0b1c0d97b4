"""Answers as bytes of the wire, made without a struct for each value in them.

Thrift's structs end by a mark and take their fields in any order, so a partition is its values, then what it shares
with its neighbours, then its location and parameters: the shared part is encoded once, the rest by hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from struct import Struct
from typing import Any

from thriftpy2.protocol import TCyBinaryProtocolFactory
from thriftpy2.thrift import TMessageType, TType
from thriftpy2.utils import serialize

from api.hive.translate import seconds, storage_struct
from catalog.model import StorageDescriptor, Table
from catalog.partitions import StoredPartition

# thriftpy2's functions carry no types.
_serialize: Any = serialize
_PROTOCOLS: Any = TCyBinaryProtocolFactory
_FACTORY = _PROTOCOLS()
_VERSION = 0x80010000
_number = Struct(">i").pack
_field = Struct(">bh").pack
_STOP = b"\0"
_PAIRS = bytes((TType.STRING, TType.STRING))


@dataclass(frozen=True, slots=True)
class Encoded:
    """A method's result: a wire type, and the pieces of a value of that type."""

    kind: int
    pieces: Sequence[bytes]

    def message(self, name: str, number: int) -> bytes:
        """The reply to call `number` of the method `name`."""
        version = (_VERSION | TMessageType.REPLY).to_bytes(4, "big")
        return b"".join((version, _text(name), _number(number), _field(self.kind, 0), *self.pieces, _STOP))


def encoded(struct: Any) -> Encoded:
    return Encoded(TType.STRUCT, (_serialize(struct, _FACTORY),))


def encoded_partition(table: Table, partition: StoredPartition) -> Encoded:
    return Encoded(TType.STRUCT, _pieces(table, [partition]))


def encoded_partitions(table: Table, partitions: list[StoredPartition]) -> Encoded:
    head = bytes((TType.STRUCT,)) + _number(len(partitions))
    return Encoded(TType.LIST, [head, *_pieces(table, partitions)])


def _pieces(table: Table, partitions: Iterable[StoredPartition]) -> list[bytes]:
    values_head = _field(TType.LIST, 1) + bytes((TType.STRING,)) + _number(len(table.partition_keys))
    location_head = _field(TType.STRING, 2)
    created_head = _STOP + _field(TType.I32, 4)
    parameters_head = _field(TType.MAP, 7) + _PAIRS
    shared: dict[int, bytes] = {}
    out: list[bytes] = []
    for values, location, parameters, created_at, storage in partitions:
        neighbours = shared.get(id(storage))
        if neighbours is None:
            neighbours = shared[id(storage)] = _shared(table, storage)
        out += (values_head, *map(_text, values), neighbours)
        if location is not None:
            out += (location_head, _text(location))
        out += (created_head, _number(seconds(created_at)), parameters_head, _number(len(parameters)))
        out += map(_text, chain.from_iterable(parameters.items()))
        out.append(_STOP)
    return out


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
