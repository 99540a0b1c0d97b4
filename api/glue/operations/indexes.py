"""Operations on partition indexes."""

from __future__ import annotations

from api.glue.calls import Call, Operation, Shape
from api.glue.shapes.partitions import index_shape, index_value


def create_partition_index(call: Call) -> Shape:
    call.catalog.create_partition_index(*_at(call), index_value(call.asked["PartitionIndex"]))
    return {}


def get_partition_indexes(call: Call) -> Shape:
    """All at once: a table has three at most."""
    table = call.catalog.get_table(*_at(call))
    found = call.catalog.list_partition_indexes(*_at(call))
    return {"PartitionIndexDescriptorList": [index_shape(index, table) for index in found]}


def delete_partition_index(call: Call) -> Shape:
    call.catalog.delete_partition_index(*_at(call), call.asked["IndexName"])
    return {}


def _at(call: Call) -> tuple[str, str]:
    return call.asked["DatabaseName"], call.asked["TableName"]


OPERATIONS: dict[str, Operation] = {
    "CreatePartitionIndex": create_partition_index,
    "GetPartitionIndexes": get_partition_indexes,
    "DeletePartitionIndex": delete_partition_index,
}
