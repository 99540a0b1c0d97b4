"""Tables and their versions in Glue's shape."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from api.glue.shapes.storage import columns_shape, columns_value, storage_shape, storage_value
from catalog.model import EXTERNAL_TABLE, Table, TableVersion

Shape = Mapping[str, Any]


def table_value(database: str, shape: Shape) -> Table:
    return Table(
        database=database,
        name=shape["Name"],
        storage=storage_value(shape.get("StorageDescriptor") or {}),
        partition_keys=columns_value(shape.get("PartitionKeys")),
        table_type=shape.get("TableType") or EXTERNAL_TABLE,
        parameters=dict(shape.get("Parameters") or {}),
        description=shape.get("Description"),
        owner=shape.get("Owner"),
        retention=shape.get("Retention") or 0,
        view_original_text=shape.get("ViewOriginalText"),
        view_expanded_text=shape.get("ViewExpandedText"),
        last_accessed_at=in_utc(shape.get("LastAccessTime")),
    )


def table_shape(table: Table, account: str) -> dict[str, Any]:
    return {
        "Name": table.name,
        "DatabaseName": table.database,
        "Description": table.description,
        "Owner": table.owner,
        "CreateTime": table.created_at,
        "UpdateTime": table.updated_at,
        "LastAccessTime": table.last_accessed_at,
        "Retention": table.retention,
        "StorageDescriptor": storage_shape(table.storage),
        "PartitionKeys": columns_shape(table.partition_keys),
        "ViewOriginalText": table.view_original_text,
        "ViewExpandedText": table.view_expanded_text,
        "TableType": table.table_type,
        "Parameters": table.parameters,
        "IsRegisteredWithLakeFormation": False,
        "CatalogId": account,
        "VersionId": str(table.version),
    }


def version_shape(version: TableVersion, account: str) -> dict[str, Any]:
    return {"Table": table_shape(version.table, account), "VersionId": str(version.version)}


def link_of(shape: Shape) -> str | None:
    """What a database or table that is only a link to another stands for."""
    target = shape.get("TargetDatabase") or shape.get("TargetTable")
    if not target:
        return None
    return ".".join(target[name] for name in ("CatalogId", "DatabaseName", "Name") if name in target)


def in_utc(value: datetime | None) -> datetime | None:
    return value and value.astimezone(UTC)
