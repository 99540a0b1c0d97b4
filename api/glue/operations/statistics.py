"""Operations on column statistics of tables and partitions."""

from __future__ import annotations

from collections.abc import Iterable

from api.glue.calls import Call, Operation, Shape
from api.glue.failures import EntityNotFound, Invalid
from api.glue.shapes.statistics import statistics_shape, statistics_value
from catalog.model import Partition, Table
from catalog.statistics import ColumnStatistics


def update_column_statistics_for_table(call: Call) -> Shape:
    table = call.catalog.get_table(*_at(call))
    new, errors = _given(call, table)
    call.catalog.put_table_statistics(*_at(call), new)
    return {"Errors": errors}


def get_column_statistics_for_table(call: Call) -> Shape:
    wanted = call.asked["ColumnNames"]
    return _told(wanted, call.catalog.get_table_statistics(*_at(call), [each.lower() for each in wanted]))


def delete_column_statistics_for_table(call: Call) -> Shape:
    column = call.asked["ColumnName"]
    _demand(call.catalog.delete_table_statistics(*_at(call), column), column)
    return {}


def update_column_statistics_for_partition(call: Call) -> Shape:
    table = call.catalog.get_table(*_at(call))
    new, errors = _given(call, table)
    call.catalog.put_partition_statistics(*_at(call), {_partition(call, table): new})
    return {"Errors": errors}


def get_column_statistics_for_partition(call: Call) -> Shape:
    wanted = call.asked["ColumnNames"]
    name = _partition(call, call.catalog.get_table(*_at(call)))
    found = call.catalog.get_partition_statistics(*_at(call), [name], [each.lower() for each in wanted])
    return _told(wanted, found.get(name, ()))


def delete_column_statistics_for_partition(call: Call) -> Shape:
    name, column = _partition(call, call.catalog.get_table(*_at(call))), call.asked["ColumnName"]
    _demand(call.catalog.delete_partition_statistics(*_at(call), name, column), column)
    return {}


def _at(call: Call) -> tuple[str, str]:
    return call.asked["DatabaseName"], call.asked["TableName"]


def _partition(call: Call, table: Table) -> str:
    """The name of the partition that is asked for. Raises NotFound, InvalidInput for a wrong number of values."""
    found: Partition = call.catalog.get_partition(*_at(call), tuple(call.asked["PartitionValues"]))
    return found.name(table)


def _given(call: Call, table: Table) -> tuple[list[ColumnStatistics], list[Shape]]:
    """What is to be kept, and of the rest why not."""
    there = {column.name for column in table.all_columns}
    new: list[ColumnStatistics] = []
    errors: list[Shape] = []
    for shape in call.asked["ColumnStatisticsList"]:
        try:
            if shape["ColumnName"].lower() not in there:
                raise EntityNotFound(f"Column {shape['ColumnName']} not found.")
            new.append(_value(shape))
        except (EntityNotFound, Invalid) as failure:
            errors.append({"ColumnStatistics": shape, "Error": failure.detail()})
    return new, errors


def _value(shape: Shape) -> ColumnStatistics:
    try:
        return statistics_value(shape)
    except KeyError as error:
        raise Invalid(f"StatisticsData of column {shape['ColumnName']} lacks {error.args[0]}.") from error


def _told(wanted: Iterable[str], found: Iterable[ColumnStatistics]) -> Shape:
    by_column = {each.column: each for each in found}
    return {
        "ColumnStatisticsList": [
            statistics_shape(by_column[name.lower()]) for name in wanted if name.lower() in by_column
        ],
        "Errors": [
            {"ColumnName": name, "Error": _missing(name).detail()} for name in wanted if name.lower() not in by_column
        ],
    }


def _demand(deleted: int, column: str) -> None:
    if not deleted:
        raise _missing(column)


def _missing(column: str) -> EntityNotFound:
    return EntityNotFound(f"Statistics of column {column} not found.")


OPERATIONS: dict[str, Operation] = {
    "UpdateColumnStatisticsForTable": update_column_statistics_for_table,
    "GetColumnStatisticsForTable": get_column_statistics_for_table,
    "DeleteColumnStatisticsForTable": delete_column_statistics_for_table,
    "UpdateColumnStatisticsForPartition": update_column_statistics_for_partition,
    "GetColumnStatisticsForPartition": get_column_statistics_for_partition,
    "DeleteColumnStatisticsForPartition": delete_column_statistics_for_partition,
}
