"""Answers about files as plain values for JSON, and back. Types keep their structure: odd names would break a text."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, assert_never, get_type_hints

import msgspec

from catalog.types import Array, Decimal, HiveType, Map, Primitive, Struct, Text, Union
from crawlers.formats import Field, Finding, Rejected, Schema


def answer_out(answer: Finding | Rejected) -> dict[str, Any]:
    """All of an answer but its `records` and `stored`, in which otherwise equal files differ."""
    if isinstance(answer, Rejected):
        return {"rejected": answer.why}
    other = answer.other
    return _plain(answer, "schema", "other", "records", "stored") | {
        "schema": _schema_out(answer.schema),
        "other": other
        and {
            "finding": answer_out(other),
            "records": other.records - answer.records,
            "stored": other.stored - answer.stored,
        },
    }


def answer_in(shape: dict[str, Any], records: int, stored: int) -> Finding | Rejected:
    if "rejected" in shape:
        return Rejected(shape["rejected"])
    other = shape["other"]
    opposite = other and answer_in(other["finding"], records + other["records"], stored + other["stored"])
    given = {"schema": _schema_in(shape["schema"]), "records": records, "stored": stored, "other": opposite}
    return Finding(**(_converted(Finding, shape, given)))


def _schema_out(schema: Schema) -> dict[str, Any]:
    members = [_plain(each, "type") | {"type": _type_out(each.type)} for each in schema.fields]
    return _plain(schema, "fields") | {"fields": members}


def _schema_in(shape: dict[str, Any]) -> Schema:
    members = tuple(Field(**_converted(Field, each, {"type": _type_in(each["type"])})) for each in shape["fields"])
    return Schema(**_converted(Schema, shape, {"fields": members}))


def _plain(value: Any, *without: str) -> dict[str, Any]:
    names = [each.name for each in fields(value) if each.name not in without]
    return {name: msgspec.to_builtins(getattr(value, name), order="deterministic") for name in names}


def _converted(kind: type, shape: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    hints = get_type_hints(kind)
    names = [each.name for each in fields(kind) if each.name not in given]
    return given | {name: msgspec.convert(shape[name], hints[name]) for name in names}


def _type_out(kind: HiveType) -> Any:
    match kind:
        case Primitive(name):
            return name
        case Decimal(precision, scale):
            return ["decimal", precision, scale]
        case Text(name, length):
            return ["text", name, length]
        case Array(element):
            return ["array", _type_out(element)]
        case Map(key, value):
            return ["map", _type_out(key), _type_out(value)]
        case Struct(members):
            return ["struct", [[name, _type_out(member)] for name, member in members]]
        case Union(branches):
            return ["union", [_type_out(branch) for branch in branches]]
        case _:
            assert_never(kind)


def _type_in(shape: Any) -> HiveType:
    match shape:
        case str():
            return Primitive(shape)
        case ["decimal", precision, scale]:
            return Decimal(precision, scale)
        case ["text", name, length]:
            return Text(name, length)
        case ["array", element]:
            return Array(_type_in(element))
        case ["map", key, value]:
            return Map(_type_in(key), _type_in(value))
        case ["struct", members]:
            return Struct(tuple((name, _type_in(member)) for name, member in members))
        case ["union", branches]:
            return Union(tuple(_type_in(branch) for branch in branches))
        case _:
            raise ValueError(f"no type is written as {shape!r}")
