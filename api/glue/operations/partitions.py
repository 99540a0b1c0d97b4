"""Operations on partitions."""

from __future__ import annotations

from collections import Counter

from api.glue.batches import failures_of
from api.glue.calls import Call, Operation, Shape
from api.glue.expressions import demand_typed
from api.glue.failures import AlreadyThere, EntityNotFound, Invalid
from api.glue.refusals import refuse_members
from api.glue.shapes.partitions import partition_shape, partition_value
from catalog.model import Partition, Table
from catalog.partitions import Segment


def create_partition(call: Call) -> Shape:
    given = call.asked["PartitionInput"]
    refuse_members(given)
    call.catalog.create_partitions(*_at(call), [partition_value(given)])
    return {}


def batch_create_partition(call: Call) -> Shape:
    """All that can be, at once; those that exist already, and what does not fit the table, are told."""
    table = call.catalog.get_table(*_at(call))
    given = call.asked["PartitionInputList"]
    for each in given:
        refuse_members(each)
    new = [partition_value(each) for each in given]
    fitting = [each for each in new if len(each.values) == len(table.partition_keys)]
    added = Counter(each.values for each in call.catalog.create_partitions(*_at(call), fitting, if_not_exists=True))
    errors: list[Shape] = []
    for each in new:
        if added[each.values] > 0:
            added[each.values] -= 1
        else:
            failure = _misfit(table, each.values) or AlreadyThere("Partition already exists.")
            errors.append({"PartitionValues": each.values, "ErrorDetail": failure.detail()})
    return {"Errors": errors}


def get_partition(call: Call) -> Shape:
    found = call.catalog.get_partition(*_at(call), tuple(call.asked["PartitionValues"]))
    return {"Partition": _told(call, found)}


def get_partitions(call: Call) -> Shape:
    asked = call.asked
    refuse_members(asked)
    expression = asked.get("Expression")
    if expression and expression.strip():
        demand_typed(expression, call.catalog.get_table(*_at(call)))
    page = call.catalog.list_partitions(
        *_at(call), expression, asked.get("MaxResults", 1_000), asked.get("NextToken"), _segment(asked)
    )
    with_columns = not asked.get("ExcludeColumnSchema", False)
    found = [_told(call, partition, with_columns) for partition in page.items]
    return {"Partitions": found, "NextToken": page.next_token}


def batch_get_partition(call: Call) -> Shape:
    """Those that are there; all keys are processed."""
    wanted = [tuple(each["Values"]) for each in call.asked["PartitionsToGet"]]
    found = call.catalog.get_partitions(*_at(call), wanted)
    return {"Partitions": [_told(call, partition) for partition in found], "UnprocessedKeys": []}


def update_partition(call: Call) -> Shape:
    _update(call, call.asked)
    return {}


def batch_update_partition(call: Call) -> Shape:
    call.catalog.get_table(*_at(call))
    failed = failures_of(call.asked["Entries"], lambda entry: _update(call, entry), call.asked)
    return {
        "Errors": [
            {"PartitionValueList": entry["PartitionValueList"], "ErrorDetail": failure.detail()}
            for entry, failure in failed
        ]
    }


def delete_partition(call: Call) -> Shape:
    _delete(call, tuple(call.asked["PartitionValues"]))
    return {}


def batch_delete_partition(call: Call) -> Shape:
    call.catalog.get_table(*_at(call))
    wanted = [tuple(each["Values"]) for each in call.asked["PartitionsToDelete"]]
    failed = failures_of(wanted, lambda values: _delete(call, values), call.asked)
    return {"Errors": [{"PartitionValues": values, "ErrorDetail": failure.detail()} for values, failure in failed]}


def _at(call: Call) -> tuple[str, str]:
    return call.asked["DatabaseName"], call.asked["TableName"]


def _told(call: Call, partition: Partition, with_columns: bool = True) -> Shape:
    database, table = _at(call)
    return partition_shape(partition, database.lower(), table.lower(), call.account, with_columns)


def _update(call: Call, given: Shape) -> None:
    """Put what is given in the place of the partition named, with other values if it has others."""
    refuse_members(given["PartitionInput"])
    values = tuple(given["PartitionValueList"])
    call.catalog.rename_partition(*_at(call), values, partition_value({"Values": values, **given["PartitionInput"]}))


def _delete(call: Call, values: tuple[str, ...]) -> None:
    if not call.catalog.delete_partitions(*_at(call), [values]):
        raise EntityNotFound("Cannot find partition.")


def _misfit(table: Table, values: tuple[str, ...]) -> Invalid | None:
    if len(values) == len(table.partition_keys):
        return None
    return Invalid("The number of partition keys do not match the number of partition values.")


def _segment(asked: Shape) -> Segment | None:
    given = asked.get("Segment")
    if given is None:
        return None
    if given["SegmentNumber"] >= given["TotalSegments"]:
        raise Invalid(f"SegmentNumber {given['SegmentNumber']} is not below TotalSegments {given['TotalSegments']}.")
    return Segment(given["SegmentNumber"], given["TotalSegments"])


OPERATIONS: dict[str, Operation] = {
    "CreatePartition": create_partition,
    "BatchCreatePartition": batch_create_partition,
    "GetPartition": get_partition,
    "GetPartitions": get_partitions,
    "BatchGetPartition": batch_get_partition,
    "UpdatePartition": update_partition,
    "BatchUpdatePartition": batch_update_partition,
    "DeletePartition": delete_partition,
    "BatchDeletePartition": batch_delete_partition,
}
