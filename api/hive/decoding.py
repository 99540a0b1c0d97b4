"""Calls read from a connection: Thrift's binary protocol into structs, believing nothing that the sender says.

Our own reader, because thriftpy2's believes lengths: for 12 bytes that announce 2³¹ elements of no size it counts to
2³¹ with the interpreter locked, and a text grows a buffer to its announced size before a byte of it has come. Here
memory follows the bytes that arrive, and a call is refused when it is, or says it is, larger than it may be.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from struct import Struct
from typing import Any

from thriftpy2.thrift import TType

from api.hive.bindings import hive

DEEPEST = 64  # of structs and containers in each other, as Thrift has it
_ELEMENT = 64  # bytes that an element counts for at least: as an object it takes that much
_HEAD = 4  # bytes that a message begins with
_CALL_HEAD = 8  # bytes before its method's name: version, kind, size of the name
_FIELD_HEAD = 3  # bytes before a field's value: type, identity
_TEXT_HEAD = 7  # bytes before a field's text: type, identity, size
_KEPT, _MOST = 1 << 16, 16  # bytes and number of the lists that are kept to be recognised
_VERSION = 0x8001
TEXT = int(TType.STRING)
_TEXTS = (TEXT, 16, TType.BINARY)  # 16: UTF8, which no client of today sends
_FIXED = {
    TType.BOOL: Struct(">?"),
    TType.BYTE: Struct(">b"),
    TType.I16: Struct(">h"),
    TType.I32: Struct(">i"),
    TType.I64: Struct(">q"),
    TType.DOUBLE: Struct(">d"),
}
# The field in which the structs of one call differ: a partition has its own location, and its table's formats.
OWN = {hive.StorageDescriptor: 2}
_head = Struct(">HxB").unpack_from
_call_head = Struct(">HxBi").unpack_from
_number = Struct(">i").unpack_from
_text_head = Struct(">BHi").unpack_from


class Unreadable(ValueError):
    """What a client sent is no call, or a larger one than is read."""


class Reader:
    """The calls on one connection.

    `wait` yields the first bytes of a call and `receive` more of it; both yield b"" at the end of the connection. A
    call of more than `largest` bytes is not read.
    """

    def __init__(self, wait: Callable[[], bytes], receive: Callable[[], bytes], largest: int) -> None:
        self._wait = wait
        self._receive = receive
        self._largest = largest
        self._data = b""
        self._at = 0
        self._left = 0
        self._refills = 0
        self._lists: dict[tuple[type, bytes], tuple[bytes, list[Any]]] = {}
        self._tails: dict[type, tuple[bytes, dict[str, Any]]] = {}

    def begin(self) -> tuple[str, int, int]:
        """The next call's method, kind of message and number. Raises EOFError at the end of the connection."""
        self.ahead()
        self._left = self._largest - (len(self._data) - self._at)
        data, at = self._data, self._at
        if at + _CALL_HEAD <= len(data):  # it mostly has come whole
            version, kind, size = _call_head(data, at)
            begin = at + _CALL_HEAD
            end = begin + size
            if version == _VERSION and begin <= end <= len(data) - _HEAD:
                self._at = end + _HEAD
                return data[begin:end].decode(), kind, _number(data, end)[0]
        at = self._take(_HEAD)
        version, kind = _head(self._data, at)
        if version != _VERSION:
            raise Unreadable(f"it begins with {self._data[at : at + _HEAD].hex()}, and a call of Thrift with 8001")
        name = self._text()
        return name, kind, self._i32()

    def ahead(self) -> bytes:
        """What has come of the next call and those behind it. Raises EOFError at the end of the connection."""
        if self._at == len(self._data):
            self._data, self._at = self._wait(), 0
            if not self._data:
                raise EOFError
        return self._data if self._at == 0 else self._data[self._at :]

    def drop(self) -> None:
        """Forget what has come."""
        self._at = len(self._data)

    def has_read(self, call: bytes) -> bool:
        """Whether `call`, which was ahead, was one whole call and nothing else, and is behind us."""
        return self._data is call and self._at == len(call)

    def struct(self, made: Any, depth: int = DEEPEST) -> Any:
        """A value of the class `made`. Fields that it does not have, or that come with another type, are skipped.

        What follows the text that is a struct's own (see `OWN`) is recognised if its bytes are those of the last one.
        """
        depth = _deeper(depth)
        texts, fixed = _texts(made), _fixed(made)
        value = made.__new__(made)
        found = value.__dict__
        own = OWN.get(made)
        tail, refills = -1, self._refills
        while True:
            # Texts and numbers that have come whole, nearly all there is, without a call for each of their parts.
            data, at = self._data, self._at
            last = len(data)
            while at + _TEXT_HEAD <= last:
                kind, number, size = _text_head(data, at)
                if kind != TEXT:
                    sized = fixed.get((kind, number))
                    if sized is None or at + sized[2] > last:
                        break
                    [found[sized[0]]] = sized[1](data, at + _FIELD_HEAD)
                    at += sized[2]
                    continue
                field = texts.get(number)
                begin = at + _TEXT_HEAD
                end = begin + size
                if field is None or not begin <= end <= last:
                    break
                found[field] = data[begin:end].decode()
                at = end
                if number == own:
                    known = self._tails.get(made)
                    if known is not None and data.startswith(known[0], at):
                        value.__dict__.update(known[1])
                        self._at = at + len(known[0])
                        return value
                    tail, found = at, {}
            if at + _TEXT_HEAD <= last:
                kind, number, _ = _text_head(data, at)
                self._at = at + (_FIELD_HEAD if kind else 1)
            else:
                self._at = at
                kind = self._byte()
                number = self._identity() if kind else 0
            if not kind:
                if tail >= 0:
                    value.__dict__.update(found)
                    if refills == self._refills and self._at - tail <= _KEPT:
                        self._tails[made] = self._data[tail : self._at], found
                return value
            spec = made.thrift_spec.get(number)
            if spec is None or (spec[0] != kind and not (kind in _TEXTS and spec[0] in _TEXTS)):
                self.skip(kind, depth)
            else:
                found[spec[1]] = self._value(spec[0], spec[2], depth)

    def skip(self, kind: int, depth: int = DEEPEST) -> None:
        if kind in _FIXED:
            self._take(_FIXED[kind].size)
        elif kind in _TEXTS:
            self._bytes()
        elif kind == TType.STRUCT:
            depth = _deeper(depth)
            while inner := self._byte():
                self._take(2)
                self.skip(inner, depth)
        elif kind in (TType.LIST, TType.SET, TType.MAP):
            kinds = [self._byte() for _ in range(2 if kind == TType.MAP else 1)]
            self._skip_all(kinds, self._size(), _deeper(depth))
        else:
            raise Unreadable(f"it holds a value of the unknown type {kind}")

    def _skip_all(self, kinds: list[int], size: int, depth: int) -> None:
        for _ in range(size):
            for kind in kinds:
                self.skip(kind, depth)

    def _value(self, kind: int, spec: Any, depth: int) -> Any:
        if kind == TEXT:
            return self._text()
        if kind == TType.STRUCT:
            return self.struct(spec, depth)
        if kind == TType.LIST:
            return self._list(spec, _deeper(depth))
        if kind == TType.MAP:
            return self._map(spec, _deeper(depth))
        if kind == TType.BINARY:
            return self._bytes()
        fixed = _FIXED[kind]
        at = self._take(fixed.size)
        return fixed.unpack_from(self._data, at)[0]

    def _list(self, spec: Any, depth: int) -> list[Any]:
        kind, inner = spec if isinstance(spec, tuple) else (spec, None)
        if kind == TType.STRUCT:
            return self._structs(inner, depth)
        found = self._byte()
        size = self._size()
        if found != kind and not (found in _TEXTS and kind in _TEXTS):
            self._skip_all([found], size, depth)
            return []
        return self._run(size) if kind == TEXT else [self._value(kind, inner, depth) for _ in range(size)]

    def _structs(self, made: type, depth: int) -> list[Any]:
        """A list of structs. One of the same bytes as the last of its kind and length is that one.

        The partitions of a call mostly repeat the columns of their neighbour, which are most of what they are.
        """
        begin, refills = self._at, self._refills
        key = made, self._data[begin : begin + 5]
        known = self._lists.get(key)
        if known is not None and self._data.startswith(known[0], begin):
            self._at += len(known[0])
            return known[1]
        found = self._byte()
        size = self._size()
        if found != TType.STRUCT:
            self._skip_all([found], size, depth)
            return []
        values = [self.struct(made, depth) for _ in range(size)]
        if refills == self._refills and self._at - begin <= _KEPT:
            if len(self._lists) == _MOST:
                self._lists.clear()
            self._lists[key] = self._data[begin : self._at], values
        return values

    def _map(self, spec: Any, depth: int) -> dict[str, Any]:
        """A map from texts: Hive has no other."""
        kind, inner = spec[1] if isinstance(spec[1], tuple) else (spec[1], None)
        keys, values = self._byte(), self._byte()
        size = self._size()
        if size and not (keys in _TEXTS and (values == kind or (values in _TEXTS and kind in _TEXTS))):
            self._skip_all([keys, values], size, depth)
            return {}
        if kind == TEXT:
            texts = self._run(2 * size)
            return dict(zip(texts[::2], texts[1::2], strict=True))
        return {self._text(): self._value(kind, inner, depth) for _ in range(size)}

    def _run(self, size: int) -> list[str]:
        """So many texts, one after the other; those that have come whole without a call for each."""
        texts: list[str] = []
        data, at = self._data, self._at
        last = len(data)
        while len(texts) < size and at + 4 <= last:
            begin = at + 4
            end = begin + _number(data, at)[0]
            if not begin <= end <= last:
                break
            texts.append(data[begin:end].decode())
            at = end
        self._at = at
        texts.extend(self._text() for _ in range(size - len(texts)))
        return texts

    def _byte(self) -> int:
        at = self._take(1)
        return self._data[at]

    def _identity(self) -> int:
        at = self._take(2)
        return int.from_bytes(self._data[at : at + 2], "big")

    def _i32(self) -> int:
        at = self._take(4)
        value: int = _number(self._data, at)[0]
        return value

    def _size(self) -> int:
        """How many elements a container says it has."""
        size = self._i32()
        self._left -= size * _ELEMENT
        if size < 0 or self._left < 0:
            raise Unreadable(f"it announces {size} elements; {self._largest} bytes are read at most")
        return size

    def _bytes(self) -> bytes:
        size = self._i32()
        if size < 0:
            raise Unreadable(f"it announces a text of {size} bytes")
        at = self._take(size)
        return self._data[at : at + size]

    def _text(self) -> str:
        at = self._take(4)
        [size] = _number(self._data, at)
        if size < 0:
            raise Unreadable(f"it announces a text of {size} bytes")
        at = self._take(size)
        return self._data[at : at + size].decode()

    def _take(self, size: int) -> int:
        """Where the next `size` bytes are in `_data`; they are then behind us."""
        at = self._at
        if at + size > len(self._data):
            self._fill(size)
            at = 0
        self._at = at + size
        return at

    def _fill(self, size: int) -> None:
        """Receive until `size` bytes lie before us; what is behind us is forgotten."""
        pieces = [self._data[self._at :]]
        missing = size - len(pieces[0])
        if missing > self._left:
            raise Unreadable(f"it is larger than {self._largest} bytes, which are read at most")
        while missing > 0:
            piece = self._receive()
            if not piece:
                raise EOFError
            pieces.append(piece)
            missing -= len(piece)
            self._left -= len(piece)
        self._data, self._at = b"".join(pieces), 0
        self._refills += 1


@cache
def _texts(made: Any) -> dict[int, str]:
    """The names of the fields that are texts."""
    return {number: field[1] for number, field in made.thrift_spec.items() if field[0] == TEXT}


@cache
def _fixed(made: Any) -> dict[tuple[int, int], tuple[str, Callable[..., Any], int]]:
    """Of the fields of fixed size, by type and number, their names, what reads them and their size with their head."""
    return {
        (int(field[0]), number): (field[1], form.unpack_from, _FIELD_HEAD + form.size)
        for number, field in made.thrift_spec.items()
        if (form := _FIXED.get(field[0])) is not None
    }


def _deeper(depth: int) -> int:
    if not depth:
        raise Unreadable(f"its values lie in each other more than {DEEPEST} deep")
    return depth - 1
