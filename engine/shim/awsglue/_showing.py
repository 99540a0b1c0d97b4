"""Schemas and records as text, in the form Glue's printSchema and show have."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

from awsglue.gluetypes import ArrayType, ChoiceType, DataType, DecimalType, Field, MapType, SetType, StructType

_STEP = "|    "


def schema_text(type: StructType) -> str:
    """`root`, then one line per field, deeper levels behind bars; ends with a line feed of its own."""
    return "\n".join(["root", *_fields(type.fields, ""), ""])


def _fields(fields: list[Field], indent: str) -> Iterator[str]:
    for field in fields:
        yield f"{indent}|-- {field.name}: {_name(field.dataType)}"
        yield from _inside(field.dataType, indent + _STEP)


def _inside(type: DataType, indent: str) -> Iterator[str]:
    if isinstance(type, StructType):
        yield from _fields(type.fields, indent)
    elif isinstance(type, ArrayType):
        yield from _fields([Field("element", type.elementType)], indent)
    elif isinstance(type, SetType):
        yield from _fields([Field("element", type.itemType)], indent)
    elif isinstance(type, MapType):
        yield from _fields([Field("keyType", type.keyType), Field("valueType", type.valueType)], indent)
    elif isinstance(type, ChoiceType):
        for member in type.choices.values():
            yield f"{indent}|-- {_name(member)}"
            yield from _inside(member, indent + _STEP)


def _name(type: DataType) -> str:
    if isinstance(type, DecimalType):
        return f"decimal({type.precision},{type.scale})"
    return type.typeName()


def record_text(record: dict[str, Any]) -> str:
    """A record as one line of JSON; what JSON has no word for is text (bytes as base64)."""
    return json.dumps(record, default=_plain_text, ensure_ascii=False)


def _plain_text(value: object) -> str:
    if isinstance(value, bytes | bytearray):
        return base64.b64encode(value).decode("ascii")
    return str(value)
