"""Columns and storage descriptors in Glue's shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from catalog.model import Column, SerDe, Skew, SortColumn, StorageDescriptor
from catalog.once import Once

Shape = Mapping[str, Any]


def storage_value(shape: Shape) -> StorageDescriptor:
    serde = shape.get("SerdeInfo") or {}
    order = shape.get("SortColumns") or ()
    return StorageDescriptor(
        columns=columns_value(shape.get("Columns")),
        location=shape.get("Location"),
        input_format=shape.get("InputFormat"),
        output_format=shape.get("OutputFormat"),
        serde=SerDe(serde.get("SerializationLibrary"), dict(serde.get("Parameters") or {}), serde.get("Name")),
        compressed=bool(shape.get("Compressed")),
        number_of_buckets=shape.get("NumberOfBuckets") or 0,
        bucket_columns=tuple(shape.get("BucketColumns") or ()),
        sort_columns=tuple(SortColumn(each["Column"], each["SortOrder"] != 0) for each in order),
        parameters=dict(shape.get("Parameters") or {}),
        stored_as_sub_directories=bool(shape.get("StoredAsSubDirectories")),
        skew=_skew_value(shape.get("SkewedInfo")),
    )


def storage_shape(storage: StorageDescriptor, with_columns: bool = True) -> dict[str, Any]:
    skew = storage.skew
    return {
        "Columns": columns_shape(storage.columns) if with_columns else None,
        "Location": storage.location,
        "InputFormat": storage.input_format,
        "OutputFormat": storage.output_format,
        "Compressed": storage.compressed,
        "NumberOfBuckets": storage.number_of_buckets,
        "SerdeInfo": _serde_shape(storage.serde),
        "BucketColumns": storage.bucket_columns,
        "SortColumns": [{"Column": each.name, "SortOrder": int(each.ascending)} for each in storage.sort_columns],
        "Parameters": storage.parameters,
        "SkewedInfo": skew
        and {
            "SkewedColumnNames": skew.columns,
            "SkewedColumnValues": skew.values,
            "SkewedColumnValueLocationMaps": skew.locations,
        },
        "StoredAsSubDirectories": storage.stored_as_sub_directories,
    }


def _columns(shapes: Sequence[Shape]) -> tuple[Column, ...]:
    return tuple(
        Column(each["Name"], each.get("Type") or "", each.get("Comment"), dict(each.get("Parameters") or {}))
        for each in shapes
    )


_made_once = Once(_columns)


def columns_value(shapes: Sequence[Shape] | None) -> tuple[Column, ...]:
    return _made_once(shapes) if shapes else ()


def _columns_json(columns: tuple[Column, ...]) -> orjson.Fragment:
    """Most of a table's answer, and the same list each time that a table is read: it is written once."""
    return orjson.Fragment(orjson.dumps([_column_shape(column) for column in columns]))


columns_shape = Once(_columns_json)


def _column_shape(column: Column) -> dict[str, Any]:
    shape: dict[str, Any] = {"Name": column.name, "Type": column.type}
    if column.comment is not None:
        shape["Comment"] = column.comment
    if column.parameters:
        shape["Parameters"] = column.parameters
    return shape


def _serde_shape(serde: SerDe) -> dict[str, Any] | None:
    if serde.library is None and serde.name is None and not serde.parameters:
        return None
    return {"Name": serde.name, "SerializationLibrary": serde.library, "Parameters": serde.parameters}


def _skew_value(shape: Shape | None) -> Skew | None:
    if shape is None:
        return None
    return Skew(
        tuple(shape.get("SkewedColumnNames") or ()),
        tuple(shape.get("SkewedColumnValues") or ()),
        dict(shape.get("SkewedColumnValueLocationMaps") or {}),
    )
