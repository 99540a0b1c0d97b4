"""Requests' bodies: JSON, read as far as is needed to look at it.

The entries of a batch mostly repeat one list of columns, which is nine tenths of what they say. Such lists are left as
they are written: whoever checks them against the model reads each different one once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from types import GenericAlias
from typing import Any, TypedDict

import msgspec
import orjson

from api.glue.failures import Serialization, Validation

Read = Callable[[bytes], Any]
_FEW = 10_000  # bytes, of which a second way to read them would save nothing


class Bodies:
    """Reads the bodies of requests of each input shape of a model; `repeated` says of a list whether it may recur."""

    def __init__(self, shapes: Mapping[str, Any], repeated: Callable[[str], bool]) -> None:
        self.shapes = shapes
        self.repeated = repeated
        self.batches: dict[str, Read | None] = {}

    def read(self, name: str, body: bytes) -> Any:
        """Raises Serialization for what is no JSON; Validation for a NUL, which PostgreSQL cannot keep, and no name
        has."""
        if len(body) > _FEW and (batch := self._batch_of(name)) and not _may_hold_nul(body):
            with suppress(msgspec.MsgspecError, RecursionError):  # what is wrong with it, a look at the whole tells
                return batch(body)
        return whole(body)

    def _batch_of(self, name: str) -> Read | None:
        if name not in self.batches:
            kind = self._batch_type(name, in_list=False, within=())
            self.batches[name] = msgspec.json.Decoder(kind).decode if kind else None
        return self.batches[name]

    def _batch_type(self, name: str, in_list: bool, within: tuple[str, ...]) -> Any:
        """What msgspec takes for a shape that has lists to be left unread; None for others."""
        shape = self.shapes[name]
        if name in within or shape.get("document"):
            return None
        inner = (*within, name)
        match shape["type"]:
            case "structure":
                members = {each: of["shape"] for each, of in shape["members"].items()}
                kinds = {each: self._batch_type(of, in_list, inner) for each, of in members.items()}
                if not any(kinds.values()):
                    return None
                return TypedDict(name, {each: kind or Any for each, kind in kinds.items()}, total=False)  # type: ignore[operator]
            case "list" if in_list and self.repeated(name):
                return msgspec.Raw
            case "list":
                member = self._batch_type(shape["member"]["shape"], True, inner)
                return GenericAlias(list, (member,)) if member else None
            case _:
                return None


def whole(body: bytes) -> Any:
    """Raises as Bodies.read."""
    try:
        parsed = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Serialization(f"The request is no JSON: {error}.") from error
    if _may_hold_nul(body) and _holds_nul(parsed):
        raise Validation("1 validation error detected: a text of the request holds the sign NUL.")
    return parsed


def _may_hold_nul(body: bytes) -> bool:
    return b"\\" in body and b"\\u0000" in body  # a single sign is found ten times as fast


def _holds_nul(value: Any) -> bool:
    match value:
        case str():
            return "\0" in value
        case dict():
            return any(_holds_nul(each) for pair in value.items() for each in pair)
        case list():
            return any(map(_holds_nul, value))
        case _:
            return False
