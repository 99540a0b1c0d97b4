"""Many Avro schemas to the one that reads all their files, by Avro's rules of schema resolution. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from fastavro.schema import SchemaParseException, UnknownType, parse_schema

_WIDTH = {"int": 1, "long": 2, "float": 3, "double": 4}


def united(sources: Sequence[str]) -> str:
    """The first of the schemas with the fields that only others have, which may be missing, and wider numbers.

    The first as it is, if they cannot be put together: two of them use one name for different records.
    """
    if len(sources) < 2:
        return "".join(sources)
    merged = json.loads(sources[0])
    for source in sources[1:]:
        merged = _both(merged, json.loads(source))
    try:
        parse_schema(merged)
    except (SchemaParseException, UnknownType):
        return sources[0]
    return json.dumps(merged, separators=(",", ":"))


def _both(a: Any, b: Any) -> Any:
    if a == b:
        return a
    if isinstance(a, list) or isinstance(b, list):
        return _either(a if isinstance(a, list) else [a], b if isinstance(b, list) else [b])
    if _WIDTH.get(_name(a), 0) and _WIDTH.get(_name(b), 0):
        return max(a, b, key=lambda each: _WIDTH[_name(each)])
    if _name(a) == _name(b) == "record":
        return {**a, "fields": _fields(a["fields"], b["fields"])}
    if _name(a) == _name(b) == "array":
        return {**a, "items": _both(a["items"], b["items"])}
    if _name(a) == _name(b) == "map":
        return {**a, "values": _both(a["values"], b["values"])}
    return a


def _name(schema: Any) -> str:
    kind = schema.get("type") if isinstance(schema, dict) else schema
    return kind if isinstance(kind, str) else ""


def _either(a: list[Any], b: list[Any]) -> Any:
    """A union with null that takes what either takes; one with two shapes stays as it is first met."""
    one, two = ([each for each in branches if each != "null"] for branches in (a, b))
    if len(one) > 1 or len(two) > 1:
        return a if len(one) >= len(two) else b
    inner = [_both(one[0], two[0])] if one and two else one or two
    return ["null", *inner] if "null" in (*a, *b) else inner[0]


def _fields(a: list[Any], b: list[Any]) -> list[Any]:
    others = {each["name"]: each for each in b}
    known = {each["name"] for each in a}
    merged = []
    for each in a:
        other = others.get(each["name"])
        merged.append(_optional(each) if other is None else _same(each, other))
    return merged + [_optional(each) for each in b if each["name"] not in known]


def _same(a: dict[str, Any], b: dict[str, Any]) -> dict[str, Any]:
    kind = _both(a["type"], b["type"])
    kept = {**a, "type": kind}
    if isinstance(kind, list) and kind[0] == "null" and kept.get("default") is not None:
        kept["default"] = None
    return kept


def _optional(each: dict[str, Any]) -> dict[str, Any]:
    """A field that some files lack: null there, whatever its default was."""
    kind = each["type"]
    branches = [branch for branch in (kind if isinstance(kind, list) else [kind]) if branch != "null"]
    return {**each, "type": ["null", *branches], "default": None}
