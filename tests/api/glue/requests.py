"""Requests made from the model: a small valid one of each shape, and the ways in which one is broken."""

from __future__ import annotations

import json
from collections.abc import Iterator
from random import Random
from typing import Any

from api.glue.model import glue_model

Shape = dict[str, Any]
HOSTILE_NAMES = (
    "",
    " ",
    "a/b",
    "../../etc/passwd",
    "a\nb",
    "x" * 10_000,
    "'; DROP TABLE tables; --",
    "\u202e",
    "💥",
    "%00",
)
TEXTS = (*"aabb12", "string", "int", "array<int>", "s3://b/x/", "cron(0 * * * ? *)", "a = 1", "{}", "é", "2020-01-01")


def input_of(operation: str) -> str:
    name: str = glue_model().operations[operation]["input"]["shape"]
    return name


def valid(name: str, within: tuple[str, ...] = ()) -> Any:
    """The least value of a shape: its required members alone."""
    shape = glue_model().shapes[name]
    match shape["type"]:
        case "structure":
            members = shape["members"]
            inner = (*within, name)
            return {each: valid(members[each]["shape"], inner) for each in shape.get("required", ())}
        case "list":
            return [valid(shape["member"]["shape"], within)] * shape.get("min", 0)
        case "map":
            return {}
        case "string":
            return shape["enum"][0] if "enum" in shape else "n" * max(1, shape.get("min", 1))
        case "boolean":
            return False
        case "blob":
            return ""
        case _:
            return max(0, shape.get("min", 0))


def drawn(name: str, draw: Random, depth: int = 0) -> Any:
    """A value of a shape, with some of what it may leave out; names are few, so that requests meet on one thing."""
    shape = glue_model().shapes[name]
    match shape["type"]:
        case "structure":
            chance, required = max(0.0, 0.5 - depth / 12), shape.get("required", ())
            inner = {member: of["shape"] for member, of in shape["members"].items()}
            wanted = [member for member in inner if member in required or draw.random() < chance]
            return {member: drawn(inner[member], draw, depth + 1) for member in wanted}
        case "list":
            least = shape.get("min", 0)
            size = draw.randint(least, least + (2 if depth < 6 else 0))
            return [drawn(shape["member"]["shape"], draw, depth + 1) for _ in range(size)]
        case "map":
            pairs = range(draw.randint(0, 2) if depth < 6 else 0)
            return {drawn(shape["key"]["shape"], draw): drawn(shape["value"]["shape"], draw, depth + 1) for _ in pairs}
        case "string":
            return draw.choice(shape.get("enum") or TEXTS)
        case "boolean":
            return draw.random() < 0.5
        case "blob":
            return "aGVsbG8="
        case _:
            return draw.choice([max(0, shape.get("min", 0)), shape.get("max", 2**31 - 1)])


def paths(name: str, kinds: tuple[str, ...], depth: int = 4) -> Iterator[tuple[tuple[str, ...], str]]:
    """The members of these types, of the shape and the structures in it: where they are, and their shapes."""
    shapes = glue_model().shapes
    for member, of in shapes[name].get("members", {}).items():
        shape = shapes[of["shape"]]
        if shape["type"] in kinds:
            yield (member,), of["shape"]
        if shape["type"] == "structure" and depth:
            yield from (((member, *path), found) for path, found in paths(of["shape"], kinds, depth - 1))


def put(asked: Any, name: str, path: tuple[str, ...], value: Any) -> Any:
    """`asked`, which is of shape `name`, with `value` at the path; the structures on the way are made."""
    member, *rest = path
    of = glue_model().shapes[name]["members"][member]["shape"]
    inner = put(asked.get(member) or valid(of), of, tuple(rest), value) if rest else value
    return {**asked, member: inner}


def broken(operation: str, way: str) -> list[bytes]:
    """Bodies of requests broken in one way; none where the operation cannot be broken so."""
    name = input_of(operation)
    least = valid(name)
    shapes = glue_model().shapes
    match way:
        case "an empty body":
            return [b""]
        case "no JSON":
            return [b"{", b"\xff\xfe", b'"\\ud800"', json.dumps(least).encode() + b"}"]
        case "another type":
            whole = [b"[]", b"7", b"null", b'"x"']
            every = paths(name, ("structure", "list", "map", "string", "integer", "long", "boolean", "double"))
            parts = [put(least, name, path, _of_another_type(shapes[of]["type"])) for path, of in every]
            return whole + [json.dumps(part).encode() for part in parts]
        case "missing members":
            return [
                json.dumps({each: value for each, value in least.items() if each != gone}).encode() for gone in least
            ]
        case "an unknown word":
            words = [(path, of) for path, of in paths(name, ("string",)) if "enum" in shapes[of]]
            return [json.dumps(put(least, name, path, "NO_SUCH_WORD")).encode() for path, _ in words]
        case "too long a text":
            long = [(path, shapes[of].get("max", 0)) for path, of in paths(name, ("string",))]
            return [
                json.dumps(put(least, name, path, "x" * (most + 1))).encode() for path, most in long if 0 < most < 5_000
            ]
        case "deep nesting":
            deep = b"[" * 100_000 + b"]" * 100_000
            return [deep, b'{"a":' * 5_000 + b"1" + b"}" * 5_000]
        case _:
            raise ValueError(way)


def _of_another_type(kind: str) -> Any:
    return {"structure": "x", "list": {"a": 1}, "map": [1], "string": {"a": 1}}.get(kind, "x")


def hostile(operation: str) -> list[bytes]:
    """Requests that are of the model's types, and have odd texts for names."""
    name = input_of(operation)
    least = valid(name)
    texts = [path for path, of in paths(name, ("string",), depth=2) if "enum" not in glue_model().shapes[of]]
    return [
        json.dumps(put(least, name, path, HOSTILE_NAMES[at % len(HOSTILE_NAMES)])).encode()
        for number, path in enumerate(texts)
        for at in (number, number + 3, number + 5)
    ]
