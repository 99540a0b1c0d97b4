"""Answers of the AWS Glue API, as boto3 gives them, as the catalog's values. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from catalog.model import (
    EXTERNAL_TABLE,
    Column,
    Database,
    Function,
    Partition,
    Resource,
    SerDe,
    SortColumn,
    StorageDescriptor,
    Table,
)
from catalog.statistics import KINDS, ColumnStatistics

Shape = Mapping[str, Any]
_EPOCH = date(1970, 1, 1)
# The members of each kind of statistics, in the order of the fields of the catalog's.
_MEMBERS = {
    "boolean": ("NumberOfTrues", "NumberOfFalses", "NumberOfNulls"),
    "string": ("MaximumLength", "AverageLength", "NumberOfNulls", "NumberOfDistinctValues"),
    "binary": ("MaximumLength", "AverageLength", "NumberOfNulls"),
}
_BOUNDED = ("MinimumValue", "MaximumValue", "NumberOfNulls", "NumberOfDistinctValues")


def database_value(shape: Shape) -> Database:
    return Database(
        shape["Name"], shape.get("Description"), shape.get("LocationUri"), dict(shape.get("Parameters") or {})
    )


def table_value(database: str, shape: Shape) -> Table:
    return Table(
        database=database,
        name=shape["Name"],
        storage=storage_value(shape.get("StorageDescriptor") or {}),
        partition_keys=_columns(shape.get("PartitionKeys")),
        table_type=shape.get("TableType") or EXTERNAL_TABLE,
        parameters=dict(shape.get("Parameters") or {}),
        description=shape.get("Description"),
        owner=shape.get("Owner"),
        retention=shape.get("Retention") or 0,
        view_original_text=shape.get("ViewOriginalText"),
        view_expanded_text=shape.get("ViewExpandedText"),
        last_accessed_at=_instant(shape.get("LastAccessTime")),
    )


def storage_value(shape: Shape) -> StorageDescriptor:
    serde = shape.get("SerdeInfo") or {}
    order = shape.get("SortColumns") or ()
    buckets = shape.get("NumberOfBuckets")
    return StorageDescriptor(
        columns=_columns(shape.get("Columns")),
        location=shape.get("Location"),
        input_format=shape.get("InputFormat"),
        output_format=shape.get("OutputFormat"),
        serde=SerDe(serde.get("SerializationLibrary"), dict(serde.get("Parameters") or {}), serde.get("Name")),
        compressed=bool(shape.get("Compressed")),
        number_of_buckets=-1 if buckets is None else buckets,
        bucket_columns=tuple(shape.get("BucketColumns") or ()),
        sort_columns=tuple(SortColumn(each["Column"], each["SortOrder"] != 0) for each in order),
        parameters=dict(shape.get("Parameters") or {}),
        stored_as_sub_directories=bool(shape.get("StoredAsSubDirectories")),
    )


def partition_value(shape: Shape) -> Partition:
    return Partition(
        tuple(shape.get("Values") or ()),
        storage_value(shape.get("StorageDescriptor") or {}),
        dict(shape.get("Parameters") or {}),
        _instant(shape.get("CreationTime")),
    )


def function_value(database: str, shape: Shape) -> Function:
    return Function(
        database,
        shape["FunctionName"],
        shape.get("ClassName") or "",
        owner=shape.get("OwnerName"),
        owner_type=shape.get("OwnerType") or "USER",
        function_type=shape.get("FunctionType") or "JAVA",
        resources=tuple(Resource(each["ResourceType"], each["Uri"]) for each in shape.get("ResourceUris") or ()),
    )


def statistics_value(shape: Shape) -> ColumnStatistics:
    """Raises KeyError for statistics of a kind that the catalog does not know."""
    data = shape["StatisticsData"]
    kind = data["Type"].lower()
    members = data[f"{kind.capitalize()}ColumnStatisticsData"]
    values = [_number(members.get(name), name) for name in _MEMBERS.get(kind, _BOUNDED)]
    return ColumnStatistics(shape["ColumnName"], shape["ColumnType"], KINDS[kind](*values))


def link_of(shape: Shape) -> str | None:
    """What a database or table that is only a link to another stands for."""
    target = shape.get("TargetDatabase") or shape.get("TargetTable")
    if not target:
        return None
    return ".".join(target[name] for name in ("CatalogId", "DatabaseName", "Name") if name in target)


def _columns(shapes: Iterable[Shape] | None) -> tuple[Column, ...]:
    return tuple(
        Column(each["Name"], each.get("Type") or "", each.get("Comment"), dict(each.get("Parameters") or {}))
        for each in shapes or ()
    )


def _number(value: Any, member: str) -> Any:
    """Of a column without values there are no bounds; all else is a number."""
    if value is None:
        return None if member in ("MinimumValue", "MaximumValue") else 0
    if isinstance(value, datetime):
        return (value.astimezone(UTC).date() - _EPOCH).days
    if isinstance(value, Mapping):
        unscaled = int.from_bytes(value["UnscaledValue"], "big", signed=True)
        return Decimal((int(unscaled < 0), tuple(map(int, str(abs(unscaled)))), -value["Scale"]))
    return value


def _instant(value: datetime | None) -> datetime | None:
    return value and value.astimezone(UTC)
