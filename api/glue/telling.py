"""Answers in the model's shape: each output shape, compiled once into a filter.

What is None, or no member of the shape, is left out; times become seconds since 1970. A part that is JSON already
(orjson.Fragment) is passed on as it is.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import orjson

Tell = Callable[[Any], Any]
_Ready = orjson.Fragment


class Outputs:
    """The output shapes of a model, by name; each is compiled when it is first asked for."""

    def __init__(self, shapes: Mapping[str, Any]) -> None:
        self.shapes = shapes
        self.tells: dict[str, Tell | None] = {}

    def told(self, name: str, value: Any) -> Any:
        return _as_is(self.tell_of(name), value)

    def tell_of(self, name: str) -> Tell | None:
        """None: what is of this shape is told as it is."""
        if name not in self.tells:
            self.tells[name] = lambda value: _as_is(self.tells[name], value)  # a shape may hold itself
            self.tells[name] = self._compile(self.shapes[name])
        return self.tells[name]

    def _compile(self, shape: Mapping[str, Any]) -> Tell | None:
        match shape["type"]:
            case "structure" if shape.get("document"):
                return None
            case "structure":
                members = {name: self.tell_of(member["shape"]) for name, member in shape["members"].items()}
                return _structure(members)
            case "list":
                return _list(self.tell_of(shape["member"]["shape"]))
            case "map":
                return _map(self.tell_of(shape["value"]["shape"]))
            case "timestamp":
                return _iso if shape.get("timestampFormat") == "iso8601" else _seconds
            case "blob":
                return _blob
            case _:
                return None


def _as_is(tell: Tell | None, value: Any) -> Any:
    return value if tell is None else tell(value)


def _structure(members: Mapping[str, Tell | None]) -> Tell:
    plain = frozenset(name for name, tell in members.items() if tell is None)
    shaped = {name: tell for name, tell in members.items() if tell is not None}

    def tell(value: Any) -> Any:
        if type(value) is _Ready:
            return value
        return {
            name: each if name in plain else shaped[name](each)
            for name, each in value.items()
            if each is not None and (name in plain or name in shaped)
        }

    return tell


def _list(member: Tell | None) -> Tell:
    def tell(value: Any) -> Any:
        if type(value) is _Ready:
            return value
        return list(value) if member is None else [member(each) for each in value]

    return tell


def _map(member: Tell | None) -> Tell | None:
    if member is None:
        return None

    def tell(value: Any) -> Any:
        if type(value) is _Ready:
            return value
        return {name: member(each) for name, each in value.items() if each is not None}

    return tell


def _seconds(value: datetime) -> float:
    return round(value.timestamp(), 6)


def _iso(value: datetime | str) -> str:
    return value if isinstance(value, str) else value.isoformat()  # a text is one that was kept as JSON


def _blob(value: bytes) -> str:
    return base64.b64encode(value).decode()
