"""Iceberg: a table as its newest metadata file has it. The file is plain JSON by a public format, so no library is
needed."""

from __future__ import annotations

import gzip
import re
from contextlib import suppress
from typing import Any

import msgspec

from catalog.model import Column
from catalog.types import (
    BIGINT,
    BINARY,
    BOOLEAN,
    DATE,
    DOUBLE,
    FLOAT,
    INT,
    STRING,
    TIMESTAMP,
    Array,
    HiveType,
    Map,
    Struct,
    parse,
)
from crawlers.errors import Unreadable
from crawlers.logs import METADATA, Lake, LakeFormat, LakeTable, newest_metadata
from crawlers.naming import same_place
from crawlers.places import Place

NEEDS_A_JAR = "Spark reads it with Iceberg's jar (org.apache.iceberg:iceberg-spark-runtime) on its path, not without"
LARGEST = 64 * 1024 * 1024  # bytes of a metadata file, unpacked
_FIGURES = ("total-data-files", "total-files-size", "total-records")
_CLASSES = (
    "org.apache.iceberg.mr.hive.HiveIcebergInputFormat",
    "org.apache.iceberg.mr.hive.HiveIcebergOutputFormat",
    "org.apache.iceberg.mr.hive.HiveIcebergSerDe",
)
_TYPES: dict[str, HiveType] = {
    "boolean": BOOLEAN, "int": INT, "long": BIGINT, "float": FLOAT, "double": DOUBLE, "date": DATE, "time": STRING,
    "timestamp": TIMESTAMP, "timestamptz": TIMESTAMP, "timestamp_ns": TIMESTAMP, "timestamptz_ns": TIMESTAMP,
    "string": STRING, "uuid": STRING, "binary": BINARY,
}  # fmt: skip


def read(place: Place, lake: Lake) -> LakeTable:
    """Raises Unreadable for metadata that cannot be read."""
    folder = "/".join((*lake.path, METADATA))
    newest = newest_metadata(lake.metadata, _hint(place, folder))
    try:
        metadata = msgspec.json.decode(_content(place, f"{folder}/{newest.name}"))
        schema = _schema(metadata)
        columns = tuple(_column(each) for each in schema["fields"])
        summary = _snapshot(metadata).get("summary", {})
        files, size, records = (int(summary.get(name, 0)) for name in _FIGURES)
    except Exception as error:  # such a file may hold anything, and the other tables are to be crawled all the same
        why = (error.strerror if isinstance(error, OSError) else None) or f"{type(error).__name__}: {error}"
        raise Unreadable(why=f"its metadata {newest.name} cannot be read ({why})") from error
    location = place.root + "".join(f"{name}/" for name in lake.path)
    notes = [NEEDS_A_JAR]
    if same_place(str(metadata.get("location", location))) != same_place(location):
        notes.append(f"its metadata say that it lies at {metadata['location']}, so it was copied or moved")
    return LakeTable(
        LakeFormat.ICEBERG,
        columns,
        (),
        _CLASSES,
        {},
        {"table_type": "ICEBERG", "metadata_location": f"{location}{METADATA}/{newest.name}"},
        files,
        size,
        records,
        tuple(notes),
    )


def _hint(place: Place, folder: str) -> int | None:
    with suppress(OSError, ValueError), place.open(f"{folder}/version-hint.text") as handle:
        return int(handle.read(64))
    return None


def _content(place: Place, path: str) -> bytes:
    with place.open(path) as handle:
        packed = handle.read(2) == b"\x1f\x8b"
        handle.seek(0)
        data = gzip.GzipFile(fileobj=handle).read(LARGEST + 1) if packed else handle.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise ValueError(f"it has more than {LARGEST} bytes")
    return data


def _schema(metadata: dict[str, Any]) -> dict[str, Any]:
    """The current one; tables of format version 1 may have but one."""
    if "schemas" not in metadata:
        return dict(metadata["schema"])
    current = metadata["current-schema-id"]
    return next(schema for schema in metadata["schemas"] if schema.get("schema-id", 0) == current)


def _snapshot(metadata: dict[str, Any]) -> dict[str, Any]:
    current = metadata.get("current-snapshot-id")
    return next((each for each in metadata.get("snapshots", ()) if each["snapshot-id"] == current), {})


def _column(shape: dict[str, Any]) -> Column:
    parameters = {
        "iceberg.field.id": str(shape["id"]),
        "iceberg.field.optional": str(not shape["required"]).lower(),
        "iceberg.field.current": "true",
    }
    return Column(shape["name"], str(hive_type(shape["type"])), shape.get("doc"), parameters)


def hive_type(shape: Any) -> HiveType:
    """The type of a schema as Iceberg's metadata spell it: a name, or an object with a `type`."""
    if isinstance(shape, str):
        if shape.startswith("decimal"):
            return parse(re.sub(r"\s", "", shape))
        return _TYPES.get(shape, BINARY if shape.startswith("fixed") else STRING)
    match shape["type"]:
        case "list":
            return Array(hive_type(shape["element"]))
        case "map":
            return Map(hive_type(shape["key"]), hive_type(shape["value"]))
        case "struct":
            return Struct(tuple((each["name"].lower(), hive_type(each["type"])) for each in shape["fields"]))
    return STRING
