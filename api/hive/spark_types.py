"""Hive types as Spark writes them in the JSON of a schema, and back. Pure.

The JSON is the one of `pyspark.sql.types.StructType.json()`. It has no type for char(n) and varchar(n): Spark writes
string, and the Hive type into the field's metadata.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import msgspec

from catalog import types
from catalog.errors import InvalidType
from catalog.model import Column

_NAMES = {
    "tinyint": "byte",
    "smallint": "short",
    "int": "integer",
    "bigint": "long",
    **{
        name: name
        for name in ["boolean", "float", "double", "string", "binary", "date", "timestamp", "timestamp_ntz", "void"]
    },
}
_HIVE_NAMES = {spark: hive for hive, spark in _NAMES.items()}
_TEXT = "__CHAR_VARCHAR_TYPE_STRING"

Json = dict[str, Any]


def schema_json(columns: Iterable[Column]) -> str:
    """Raises InvalidType for a type that Spark has no word for."""
    return _schema_json(tuple((column.name, column.type, column.comment) for column in columns))


@lru_cache(maxsize=1024)  # Spark asks for a table several times in each statement
def _schema_json(columns: tuple[tuple[str, str, str | None], ...]) -> str:
    fields = [_field(name, types.parse(kind), comment) for name, kind, comment in columns]
    return msgspec.json.encode(_struct(fields)).decode()


def schema_columns(text: str) -> tuple[Column, ...]:
    """The columns that a schema's JSON describes. Raises InvalidType for a type that Hive has no word for."""
    return tuple(_column(field) for field in msgspec.json.decode(text)["fields"])


def _struct(fields: list[Json]) -> Json:
    return {"type": "struct", "fields": fields}


def _field(name: str, kind: types.HiveType, comment: str | None = None) -> Json:
    metadata = {"comment": comment} if comment else {}
    if isinstance(kind, types.Text):
        metadata[_TEXT] = str(kind)
    return {"name": name, "type": _spark(kind), "nullable": True, "metadata": metadata}


def _spark(kind: types.HiveType) -> str | Json:
    match kind:
        case types.Primitive(name) if name in _NAMES:
            return _NAMES[name]
        case types.Text():
            return "string"
        case types.Decimal():
            return str(kind)
        case types.Array(element):
            return {"type": "array", "elementType": _spark(element), "containsNull": True}
        case types.Map(key, value):
            return {"type": "map", "keyType": _spark(key), "valueType": _spark(value), "valueContainsNull": True}
        case types.Struct(fields):
            return _struct([_field(name, member) for name, member in fields])
        case _:
            raise InvalidType(text=str(kind), why="Spark cannot read it", position=0)


def _column(field: Json) -> Column:
    metadata = field["metadata"]
    return Column(field["name"].lower(), metadata.get(_TEXT) or _hive(field["type"]), metadata.get("comment"))


def _hive(kind: str | Json) -> str:
    if isinstance(kind, str):
        if kind not in _HIVE_NAMES and not re.fullmatch(r"decimal\(\d+,\s*-?\d+\)", kind):
            raise InvalidType(text=kind, why="it is a type of Spark only", position=0)
        return _HIVE_NAMES.get(kind, kind)
    if kind["type"] == "array":
        return f"array<{_hive(kind['elementType'])}>"
    if kind["type"] == "map":
        return f"map<{_hive(kind['keyType'])},{_hive(kind['valueType'])}>"
    if kind["type"] == "struct":
        members = [
            f"{field['name']}:{field['metadata'].get(_TEXT) or _hive(field['type'])}" for field in kind["fields"]
        ]
        return f"struct<{','.join(members)}>"
    raise InvalidType(text=str(kind["type"]), why="it is a type of Spark only", position=0)
