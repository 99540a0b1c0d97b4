"""Requests against the model: what an input shape demands, compiled once into functions.

Demanded are types, required members, lengths, ranges and enums; not the patterns, which real clients break. Members
that the model does not have are left out. Times become datetimes, blobs bytes.
"""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import GenericAlias
from typing import Annotated, Any

import msgspec

from api.glue.bodies import whole
from api.glue.complaints import Path, Problems, refusal, told, unfit

Check = Callable[[Any, Path, Problems], Any]
_WORTH_REMEMBERING = 4  # elements of a list
_INNER = ("member", "key", "value")
_INTEGERS = {"integer": (-(2**31), 2**31 - 1), "long": (-(2**63), 2**63 - 1)}


class Inputs:
    """The input shapes of a model, by name; each is compiled when it is first asked for."""

    def __init__(self, shapes: Mapping[str, Any]) -> None:
        self.shapes = shapes
        self.checks: dict[str, Check] = {}

    def check_of(self, name: str) -> Check:
        found = self.checks.get(name)
        if found is None:
            # A shape may hold itself: by then it is asked for by its name.
            self.checks[name] = lambda value, path, problems: self.checks[name](value, path, problems)
            found = self.checks[name] = self._compile(self.shapes[name])
        return found

    def validate(self, name: str, request: Any) -> dict[str, Any]:
        """The request in wire form. Raises Serialization, Validation."""
        problems: Problems = []
        checked: dict[str, Any] = self.check_of(name)(request, (), problems)
        if problems:
            raise refusal(problems)
        return checked

    def is_of_texts(self, name: str) -> bool:
        """Whether the shape is a list of structures of nothing but texts."""
        shape = self.shapes[name]
        member = shape.get("member", {}).get("shape")
        return member is not None and self.shapes[member]["type"] == "structure" and bool(self._quick_type(member))

    def _compile(self, shape: Mapping[str, Any]) -> Check:
        match shape["type"]:
            case "structure" if shape.get("document"):
                return lambda value, _path, _problems: value
            case "structure":
                return self._structure(shape)
            case "list":
                return self._list(shape)
            case "map":
                return self._map(shape)
            case "string":
                return _string(shape)
            case "integer" | "long" as kind:
                return _whole(shape, *_INTEGERS[kind])
            case "double" | "float":
                return _double(shape)
            case "boolean":
                return _boolean
            case "timestamp":
                return _timestamp
            case "blob":
                return _blob
            case unknown:
                raise NotImplementedError(f"the model's type {unknown}")

    def _structure(self, shape: Mapping[str, Any]) -> Check:
        members = {name: self.check_of(member["shape"]) for name, member in shape["members"].items()}
        required = tuple(shape.get("required", ()))

        def check(value: Any, path: Path, problems: Problems) -> dict[str, Any]:
            if type(value) is not dict:
                raise unfit(value, "structure", path)
            for name in required:
                if value.get(name) is None:
                    problems.append(("null", "Member must not be null", (path, name)))
            return {
                name: members[name](given, (path, name), problems)
                for name, given in value.items()
                if given is not None and name in members
            }

        return check

    def _list(self, shape: Mapping[str, Any]) -> Check:
        member = self.check_of(shape["member"]["shape"])
        bounded = _bounds(shape, "length")

        def check(value: Any, path: Path, problems: Problems) -> list[Any]:
            if type(value) is not list:
                raise unfit(value, "list", path)
            if bounded:
                bounded(len(value), value, path, problems)
            if None in value:
                problems.append(("null", "Member must not be null", (path, value.index(None) + 1)))
            return [member(each, (path, at), problems) for at, each in enumerate(value, 1) if each is not None]

        quick = None if _is_bounded(shape) else self._quick_type(shape["member"]["shape"])
        return check if quick is None else _remembering(check, GenericAlias(list, (quick,)))

    def _quick_type(self, name: str, within: tuple[str, ...] = ()) -> Any:
        """What msgspec takes for a shape of nothing but texts, and None for others.

        Texts need no conversion, and are equal only to texts: a 1 would be equal to a true.
        """
        shape = self.shapes[name]
        if name in within or shape.get("document"):
            return None
        inner = {
            part: self._quick_type(of["shape"], (*within, name))
            for part, of in {
                **shape.get("members", {}),
                **{each: shape[each] for each in _INNER if each in shape},
            }.items()
        }
        if None in inner.values():
            return None
        match shape["type"]:
            case "structure":
                required = shape.get("required", ())
                fields = [(each, of) if each in required else (each, of, msgspec.UNSET) for each, of in inner.items()]
                return msgspec.defstruct(name, fields, forbid_unknown_fields=True, kw_only=True)
            case "list" if not _is_bounded(shape):
                return GenericAlias(list, (inner["member"],))
            case "map" if not _is_bounded(shape):
                return GenericAlias(dict, (inner["key"], inner["value"]))
            case "string" if "enum" not in shape:
                return Annotated[str, msgspec.Meta(min_length=shape.get("min"), max_length=shape.get("max"))]
            case _:
                return None

    def _map(self, shape: Mapping[str, Any]) -> Check:
        # AWS takes other keys than the model's: its own guide for Snowflake writes WAREHOUSE into a connection.
        key = self._compile({each: of for each, of in self.shapes[shape["key"]["shape"]].items() if each != "enum"})
        member = self.check_of(shape["value"]["shape"])
        bounded = _bounds(shape, "length")

        def check(value: Any, path: Path, problems: Problems) -> dict[str, Any]:
            if type(value) is not dict:
                raise unfit(value, "map", path)
            if bounded:
                bounded(len(value), value, path, problems)
            return {
                key(name, (path, "key"), problems): member(each, (path, name), problems)
                for name, each in value.items()
                if each is not None
            }

        return check


def _remembering(check: Check, quick: Any) -> Check:
    """`check`, which gives one object for lists that are equal and follow each other, as columns of a batch do; what
    msgspec finds to be of the type `quick` is given as it is. A list may be given as it is written."""
    known: tuple[Any, Any] = (None, None)
    written: tuple[bytes, Any] = (b"", None)

    def remembering(value: Any, path: Path, problems: Problems) -> Any:
        nonlocal known, written
        if type(value) is msgspec.Raw:
            text = bytes(value)
            if text == b"null":
                return None
            before, checked = written  # at once: requests of other threads write it, too
            if text != before:
                count = len(problems)
                checked = remembering(whole(text), path, problems)
                if len(problems) == count:
                    written = text, checked
            return checked
        if type(value) is not list or len(value) < _WORTH_REMEMBERING:  # a table's keys come after its columns
            return check(value, path, problems)
        before, checked = known
        if value == before:
            return checked
        count = len(problems)
        try:
            msgspec.convert(value, quick)
            checked = value
        except msgspec.ValidationError:  # which `check` tells in AWS's words, or does not mind
            checked = check(value, path, problems)
        if len(problems) == count:
            known = value, checked
        return checked

    return remembering


def _is_bounded(shape: Mapping[str, Any]) -> bool:
    return "min" in shape or "max" in shape


def _string(shape: Mapping[str, Any]) -> Check:
    least, most = shape.get("min", 0), shape.get("max", math.inf)
    allowed = frozenset(shape.get("enum", ()))
    words = f"Member must satisfy enum value set: [{', '.join(shape.get('enum', ()))}]"
    bounded = _bounds(shape, "length")

    def check(value: Any, path: Path, problems: Problems) -> str:
        if type(value) is not str:
            raise unfit(value, "string", path)
        if bounded and not least <= len(value) <= most:
            bounded(len(value), value, path, problems)
        if allowed and value not in allowed:
            problems.append((told(value), words, path))
        return value

    return check


def _whole(shape: Mapping[str, Any], least: int, most: int) -> Check:
    bounded = _bounds(shape, "value")
    kind = "Long" if most > 2**31 else "Integer"

    def check(value: Any, path: Path, problems: Problems) -> int:
        if type(value) is float and value.is_integer():
            value = int(value)
        if type(value) is not int or not least <= value <= most:
            raise unfit(value, kind, path)
        if bounded:
            bounded(value, value, path, problems)
        return int(value)

    return check


def _double(shape: Mapping[str, Any]) -> Check:
    bounded = _bounds(shape, "value")

    def check(value: Any, path: Path, problems: Problems) -> float:
        if value in ("NaN", "Infinity", "-Infinity"):
            value = float(value)
        if type(value) not in (int, float):
            raise unfit(value, "Double", path)
        if bounded:
            bounded(value, value, path, problems)
        return float(value)

    return check


def _boolean(value: Any, path: Path, _problems: Problems) -> bool:
    if type(value) is not bool:
        raise unfit(value, "Boolean", path)
    return value


def _timestamp(value: Any, path: Path, _problems: Problems) -> datetime:
    try:
        if type(value) in (int, float):
            return datetime.fromtimestamp(value, UTC)
        if type(value) is str:
            read = datetime.fromisoformat(value)
            return read if read.tzinfo else read.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise unfit(value, "timestamp", path) from error
    raise unfit(value, "timestamp", path)


def _blob(value: Any, path: Path, _problems: Problems) -> bytes:
    if type(value) is not str:
        raise unfit(value, "blob", path)
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise unfit(value, "blob", path) from error


def _bounds(shape: Mapping[str, Any], of: str) -> Callable[[float, Any, Path, Problems], None] | None:
    """Whether a length or a value lies within the shape's bounds; None if it has none."""
    least, most = shape.get("min"), shape.get("max")
    if least is None and most is None:
        return None

    def check(measured: float, value: Any, path: Path, problems: Problems) -> None:
        if least is not None and measured < least:
            problems.append((told(value), f"Member must have {of} greater than or equal to {least}", path))
        if most is not None and measured > most:
            problems.append((told(value), f"Member must have {of} less than or equal to {most}", path))

    return check
