"""How a metastore behaves about changing, renaming and dropping partitions."""

from __future__ import annotations

from typing import Any

from api.hive.bindings import hive
from tests.api.hive.behaviours.asking import Asked, behaviour, named, refused, storage

THREE = (("1", "a"), ("1", "b"), ("2", "a"))


def _names(asked: Asked) -> Any:
    return asked.call("get_partition_names", asked.database, "t", -1)


@behaviour
def altering_a_partition(asked: Asked) -> object:
    asked.create_partitioned(*THREE)
    changed = asked.partition("1", "a", parameters={"x": "1"}, sd=storage(asked.place("moved")))
    asked.call("alter_partition", asked.database, "t", changed)
    found = asked.call("get_partition", asked.database, "t", ["1", "a"])
    return [found.parameters.get("x"), found.sd.location.rpartition("/")[2]]


@behaviour
def altering_a_missing_partition(asked: Asked) -> object:
    asked.create_partitioned(*THREE)
    return asked.call("alter_partition", asked.database, "t", asked.partition("9", "a"))


@behaviour
def altering_a_partition_of_a_missing_table(asked: Asked) -> object:
    return asked.call("alter_partition", asked.database, "t", asked.partition("9", "a"))


@behaviour
def altering_partitions_of_which_one_is_missing(asked: Asked) -> object:
    asked.create_partitioned(*THREE)
    parts = [asked.partition("1", "a", parameters={"x": "1"}), asked.partition("9", "a")]
    first = refused(lambda: asked.call("alter_partitions", asked.database, "t", parts))
    return [first, asked.call("get_partition", asked.database, "t", ["1", "a"]).parameters.get("x")]


@behaviour
def altering_a_partition_keeps_its_time_of_creation(asked: Asked) -> object:
    asked.create_partitioned(("1", "a"))
    before = asked.call("get_partition", asked.database, "t", ["1", "a"]).createTime
    asked.call("alter_partition", asked.database, "t", asked.partition("1", "a", createTime=7))
    return asked.call("get_partition", asked.database, "t", ["1", "a"]).createTime in (before, 1_700_000_000)


@behaviour
def altering_a_partition_to_no_location(asked: Asked) -> object:
    asked.create_partitioned(("1", "a"))
    asked.call("alter_partition", asked.database, "t", asked.partition("1", "a", sd=storage(None)))
    return asked.call("get_partition", asked.database, "t", ["1", "a"]).sd.location


def _rename(asked: Asked, old: list[str], *new: str) -> object:
    asked.call("rename_partition", asked.database, "t", old, asked.partition(*new))
    return _names(asked)


@behaviour
def renaming_a_partition(asked: Asked) -> object:
    asked.create_partitioned(*THREE)
    return _rename(asked, ["1", "a"], "5", "x y")


@behaviour
def renaming_a_partition_with_statistics(asked: Asked) -> object:
    asked.create_partitioned(*THREE)
    of = hive.ColumnStatisticsDesc(isTblLevel=False, dbName=asked.database, tableName="t", partName="p=1/s=a")
    data = hive.ColumnStatisticsData(longStats=hive.LongColumnStatsData(lowValue=1, highValue=2, numNulls=0, numDVs=2))
    known = hive.ColumnStatisticsObj(colName="a", colType="int", statsData=data)
    asked.call("update_partition_column_statistics", hive.ColumnStatistics(statsDesc=of, statsObj=[known]))
    _rename(asked, ["1", "a"], "5", "x")
    found = asked.call("get_partition_column_statistics", asked.database, "t", "p=5/s=x", "a")
    return found and [each.colName for each in found.statsObj]


@behaviour
def renaming_a_partition_to_one_that_exists(asked: Asked) -> object:
    asked.create_partitioned(*THREE)
    return _rename(asked, ["1", "a"], "1", "b")


@behaviour
def renaming_a_missing_partition(asked: Asked) -> object:
    asked.create_partitioned(*THREE)
    return _rename(asked, ["9", "a"], "5", "x")


@behaviour
def renaming_a_partition_by_the_wrong_number_of_values(asked: Asked) -> object:
    asked.create_partitioned(*THREE)
    return _rename(asked, ["1", "a"], "5")


@behaviour
def renaming_a_partition_leaves_an_external_place(asked: Asked) -> object:
    asked.create_partitioned(("1", "a"))
    _rename(asked, ["1", "a"], "5", "x")
    return asked.call("get_partition", asked.database, "t", ["5", "x"]).sd.location


@behaviour
def dropping_a_partition(asked: Asked) -> object:
    asked.create_partitioned(*THREE)
    return [asked.call("drop_partition", asked.database, "t", ["1", "a"], False), _names(asked)]


@behaviour
def dropping_a_partition_with_its_data(asked: Asked) -> object:
    asked.create_partitioned(*THREE)
    return [asked.call("drop_partition", asked.database, "t", ["1", "a"], True), _names(asked)]


@behaviour
def dropping_a_missing_partition(asked: Asked) -> object:
    asked.create_partitioned(*THREE)
    return asked.call("drop_partition", asked.database, "t", ["9", "a"], False)


@behaviour
def dropping_a_partition_of_a_missing_table(asked: Asked) -> object:
    return asked.call("drop_partition", asked.database, "none", ["9", "a"], False)


@behaviour
def dropping_a_partition_by_name(asked: Asked) -> object:
    asked.create_partitioned(*THREE)
    return [asked.call("drop_partition_by_name", asked.database, "t", "p=1/s=a", False), _names(asked)]


def _drop(asked: Asked, if_exists: bool, *names: str) -> object:
    asked.create_partitioned(*THREE)
    parts = hive.RequestPartsSpec(names=names)
    request = hive.DropPartitionsRequest(
        dbName=asked.database, tblName="t", parts=parts, deleteData=False, ifExists=if_exists
    )
    dropped = asked.call("drop_partitions_req", request).partitions
    return [[each.values for each in dropped or ()], _names(asked)]


@behaviour
def dropping_partitions_of_which_one_is_missing(asked: Asked) -> object:
    return _drop(asked, False, "p=1/s=a", "p=9/s=a")


@behaviour
def dropping_partitions_if_they_exist(asked: Asked) -> object:
    return _drop(asked, True, "p=1/s=a", "p=9/s=a")


@behaviour
def appending_a_partition(asked: Asked) -> object:
    asked.create_partitioned()
    added = asked.call("append_partition", asked.database, "t", ["1", "a b"])
    return [added.sd.location, [column.name for column in added.sd.cols], _names(asked)]


@behaviour
def appending_a_partition_that_exists(asked: Asked) -> object:
    asked.create_partitioned(*THREE)
    return asked.call("append_partition", asked.database, "t", ["1", "a"])


@behaviour
def appending_a_partition_by_name(asked: Asked) -> object:
    asked.create_partitioned()
    asked.call("append_partition_by_name", asked.database, "t", "p=1/s=a%2Fb")
    return _names(asked)


for _name in ("p=1/s=a", "p=1/s=a%2Fb%3D", "p=1", "", "x", "p=/s=a"):

    def _to_values(asked: Asked, name: str = _name) -> object:
        return asked.call("partition_name_to_vals", name)

    def _to_spec(asked: Asked, name: str = _name) -> object:
        return asked.call("partition_name_to_spec", name)

    named(f"the values in the name {_name!r}", _to_values)
    named(f"the keys and values in the name {_name!r}", _to_spec)


@behaviour
def valid_signs_of_partition_values(asked: Asked) -> object:
    return [
        asked.call("partition_name_has_valid_characters", values, False) for values in (["a", "b/c"], ["é"], ["a,b"])
    ]


@behaviour
def partitions_of_a_table_that_was_dropped_and_made_again(asked: Asked) -> object:
    asked.create_partitioned(*THREE)
    asked.call("drop_table", asked.database, "t", False)
    asked.create_partitioned()
    return _names(asked)


@behaviour
def partitions_of_a_table_that_was_renamed(asked: Asked) -> object:
    asked.create_partitioned(*THREE)
    asked.alter(asked.table("u", keys="p:int s:string", sd=storage(asked.place("t"))))
    found = asked.call("get_partitions", asked.database, "u", -1)
    return [[each.tableName, each.values, each.sd.location] for each in found]


@behaviour
def partitions_of_a_table_that_got_a_column(asked: Asked) -> object:
    asked.create_partitioned(("1", "a"))
    asked.alter(asked.table("t", "a:int b:string c:int", "p:int s:string"))
    found = asked.call("get_partition", asked.database, "t", ["1", "a"])
    return [column.name for column in found.sd.cols]
