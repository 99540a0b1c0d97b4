"""Partitions and partition indexes in Glue's shape."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.glue.shapes.storage import storage_shape, storage_value
from api.glue.shapes.tables import in_utc
from catalog.model import Partition, PartitionIndex, Table

Shape = Mapping[str, Any]


def partition_value(shape: Shape) -> Partition:
    return Partition(
        tuple(shape.get("Values") or ()),
        storage_value(shape.get("StorageDescriptor") or {}),
        dict(shape.get("Parameters") or {}),
        in_utc(shape.get("CreationTime")),
    )


def partition_shape(
    partition: Partition, database: str, table: str, account: str, with_columns: bool = True
) -> dict[str, Any]:
    return {
        "Values": partition.values,
        "DatabaseName": database,
        "TableName": table,
        "CreationTime": partition.created_at,
        "StorageDescriptor": storage_shape(partition.storage, with_columns),
        "Parameters": partition.parameters,
        "CatalogId": account,
    }


def index_value(shape: Shape) -> PartitionIndex:
    return PartitionIndex(shape["IndexName"], tuple(shape["Keys"]))


def index_shape(index: PartitionIndex, table: Table) -> dict[str, Any]:
    """Filters are served by an index from the call on that made it: it is never in the making."""
    types = {key.name: key.type for key in table.partition_keys}
    return {
        "IndexName": index.name,
        "Keys": [{"Name": key, "Type": types.get(key, "string")} for key in index.keys],
        "IndexStatus": "ACTIVE",
    }
