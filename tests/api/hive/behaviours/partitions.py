"""How a metastore behaves about partitions."""

from __future__ import annotations

import time
from typing import Any

from api.hive.bindings import hive
from tests.api.hive.behaviours.asking import Asked, behaviour, named, refused, storage

THREE = (("1", "a"), ("1", "b"), ("2", "a"))
NULL = "__HIVE_DEFAULT_PARTITION__"


def _values(found: list[Any]) -> list[list[str]]:
    return [each.values for each in found]


def _names(asked: Asked) -> Any:
    return asked.call("get_partition_names", asked.database, "t", -1)


@behaviour
def a_missing_partition(asked: Asked) -> object:
    asked.create_partitioned(*THREE)
    return asked.call("get_partition", asked.database, "t", ["9", "a"])


@behaviour
def a_partition_of_a_missing_table(asked: Asked) -> object:
    return asked.call("get_partition", asked.database, "none", ["9", "a"])


for _given in (["1"], ["1", "a", "x"], [], None):

    def _got(asked: Asked, given: list[str] | None = _given) -> object:
        asked.create_partitioned(*THREE)
        return asked.call("get_partition", asked.database, "t", given).values

    def _added(asked: Asked, given: list[str] | None = _given) -> object:
        asked.create_partitioned(*THREE)
        asked.call("add_partition", asked.partition("8", "8", values=given))
        return _names(asked)

    def _dropped(asked: Asked, given: list[str] | None = _given) -> object:
        asked.create_partitioned(*THREE)
        return asked.call("drop_partition", asked.database, "t", given, False)

    def _matched(asked: Asked, given: list[str] | None = _given) -> object:
        asked.create_partitioned(*THREE)
        return asked.call("get_partition_names_ps", asked.database, "t", given, -1)

    named(f"the partition of values {_given}", _got, "three")
    named(f"adding a partition of values {_given}", _added)
    named(f"dropping the partition of values {_given}", _dropped)
    named(f"names of partitions that begin with {_given}", _matched, "three")

for _given in (["", "a"], ["1", ""], ["9", ""], ["", ""], ["01", "a"], ["1", "A"]):

    def _like(asked: Asked, given: list[str] = _given) -> object:
        asked.create_partitioned(*THREE)
        found = asked.call("get_partitions_ps_with_auth", asked.database, "t", given, -1, "ada", [])
        # In no order of Java's: it reads them without one.
        return [sorted(_values(found)), sorted(asked.call("get_partition_names_ps", asked.database, "t", given, -1))]

    named(f"partitions like {_given}", _like, "three")


@behaviour
def a_partition_by_name(asked: Asked) -> object:
    asked.create_partitioned(*THREE)
    return asked.call("get_partition_by_name", asked.database, "t", "p=1/s=a").values


for _text in ("p=1", "s=a/p=1", "P=1/S=a", "p=1/s=z", "1/a", "", None, "p=1/s=a/"):

    def _by_name(asked: Asked, text: str | None = _text) -> object:
        asked.create_partitioned(*THREE)
        return asked.call("get_partition_by_name", asked.database, "t", text).values

    named(f"the partition named {_text!r}", _by_name, "three")


@behaviour
def partitions_by_names_of_which_some_are_missing(asked: Asked) -> object:
    asked.create_partitioned(*THREE)
    names = ["p=2/s=a", "p=9/s=a", "p=1/s=a", "p=1/s=a"]
    return _values(asked.call("get_partitions_by_names", asked.database, "t", names))


@behaviour
def partitions_by_no_names(asked: Asked) -> object:
    asked.create_partitioned(*THREE)
    return _values(asked.call("get_partitions_by_names", asked.database, "t", []))


@behaviour
def partitions_by_names_that_are_none(asked: Asked) -> object:
    asked.create_partitioned(*THREE)
    return _values(asked.call("get_partitions_by_names", asked.database, "t", ["x", "p=1"]))


@behaviour
def partitions_by_names_of_a_missing_table(asked: Asked) -> object:
    return asked.call("get_partitions_by_names", asked.database, "none", ["p=1/s=a"])


@behaviour
def names_of_partitions_of_a_missing_table(asked: Asked) -> object:
    return asked.call("get_partition_names", asked.database, "none", -1)


@behaviour
def partitions_of_a_missing_table(asked: Asked) -> object:
    return asked.call("get_partitions", asked.database, "none", -1)


@behaviour
def partitions_of_a_table_without_keys(asked: Asked) -> object:
    asked.create()
    found = [refused(lambda: asked.call("get_partitions", asked.database, "t", -1))]
    return [*found, refused(lambda: _names(asked)), refused(lambda: asked.call("add_partition", asked.partition("1")))]


for _most in (-1, 0, 1, 2, 100, None):

    def _limited(asked: Asked, most: int | None = _most) -> object:
        asked.create_partitioned(*THREE)
        of = (asked.database, "t")
        return [
            _values(asked.call("get_partitions", *of, most)),
            asked.call("get_partition_names", *of, most),
            _values(asked.call("get_partitions_by_filter", *of, "p > 0", most)),
            asked.call("get_partition_names_ps", *of, ["1"], most),
        ]

    named(f"at most {_most} partitions", _limited, "three")


@behaviour
def the_number_of_partitions_that_fit_a_filter(asked: Asked) -> object:
    asked.create_partitioned(*THREE)
    return [asked.call("get_num_partitions_by_filter", asked.database, "t", each) for each in ("p = 1", "")]


@behaviour
def partitions_as_a_spec(asked: Asked) -> object:
    asked.create_partitioned(*THREE)
    of = (asked.database, "t")
    found = [*asked.call("get_partitions_pspec", *of, 2), *asked.call("get_part_specs_by_filter", *of, "p = 1", -1)]
    return [[each.rootPath, each.tableName, _values(each.partitionList.partitions)] for each in found]


@behaviour
def partitions_added_as_a_spec(asked: Asked) -> object:
    asked.create_partitioned()
    bare = hive.PartitionWithoutSD(values=["1", "a"], relativePath="/x", parameters={}, createTime=0, lastAccessTime=0)
    shared = hive.PartitionSpecWithSharedSD(partitions=[bare], sd=storage(asked.place("t")))
    spec = hive.PartitionSpec(
        dbName=asked.database, tableName="t", rootPath=asked.place("t"), sharedSDPartitionSpec=shared
    )
    added = asked.call("add_partitions_pspec", [spec])
    return [added, asked.call("get_partition", asked.database, "t", ["1", "a"]).sd.location]


def _key_values(asked: Asked, keys: str, **others: object) -> object:
    asked.create_partitioned(*THREE)
    wanted = [hive.FieldSchema(name=key, type="string") for key in keys.split()]
    request = hive.PartitionValuesRequest(
        dbName=asked.database, tblName="t", partitionKeys=wanted, **{"maxParts": -1, **others}
    )
    return [each.row for each in asked.call("get_partition_values", request).partitionValues]


@behaviour
def the_values_of_partitions(asked: Asked) -> object:
    return _key_values(asked, "p s")


@behaviour
def the_values_of_partitions_of_one_key_once_each(asked: Asked) -> object:
    return _key_values(asked, "p", applyDistinct=True)


@behaviour
def the_values_of_partitions_that_fit_a_filter(asked: Asked) -> object:
    return _key_values(asked, "s p", filter="p = 1", maxParts=1)


@behaviour
def the_order_of_partitions(asked: Asked) -> object:
    asked.create_partitioned(("10", "a"), ("9", "b"), ("9", "B"), ("9", "ä"))
    return [_names(asked), _values(asked.call("get_partitions", asked.database, "t", -1))]


@behaviour
def a_partition_added_twice(asked: Asked) -> object:
    asked.create_partitioned(*THREE)
    return asked.call("add_partition", asked.partition("1", "a"))


@behaviour
def a_partition_that_stands_twice_in_a_batch(asked: Asked) -> object:
    asked.create_partitioned()
    first = refused(lambda: asked.call("add_partitions", [asked.partition("1", "a"), asked.partition("1", "a")]))
    return [first, _names(asked)]


@behaviour
def a_batch_with_a_partition_that_exists(asked: Asked) -> object:
    asked.create_partitioned(*THREE)
    first = refused(lambda: asked.call("add_partitions", [asked.partition("7", "a"), asked.partition("1", "a")]))
    return [first, _names(asked)]


@behaviour
def an_empty_batch(asked: Asked) -> object:
    asked.create_partitioned()
    return asked.call("add_partitions", [])


@behaviour
def a_batch_for_two_tables(asked: Asked) -> object:
    asked.create_partitioned()
    asked.create("other", keys="p:int s:string")
    return asked.call("add_partitions", [asked.partition("1", "a"), asked.partition("1", "b", tableName="other")])


def _request(asked: Asked, if_not_exists: bool, result: bool | None, *values: tuple[str, str]) -> Any:
    parts = [asked.partition(*each) for each in values]
    request = hive.AddPartitionsRequest(
        dbName=asked.database, tblName="t", parts=parts, ifNotExists=if_not_exists, needResult=result
    )
    return asked.call("add_partitions_req", request).partitions


@behaviour
def a_request_for_partitions_of_which_some_exist(asked: Asked) -> object:
    asked.create_partitioned(*THREE)
    return _values(_request(asked, True, True, ("1", "a"), ("5", "a")))


@behaviour
def a_request_for_partitions_without_a_result(asked: Asked) -> object:
    asked.create_partitioned()
    return _request(asked, True, False, ("1", "a"))


@behaviour
def a_request_for_partitions_that_exist(asked: Asked) -> object:
    asked.create_partitioned(*THREE)
    return _request(asked, False, True, ("1", "a"))


@behaviour
def adding_to_a_missing_table(asked: Asked) -> object:
    return asked.call("add_partition", asked.partition("1", "a"))


@behaviour
def a_partition_without_a_location(asked: Asked) -> object:
    asked.create_partitioned()
    added = asked.call("add_partition", asked.partition("1", "a b/c=d%é", sd=storage(None)))
    return [added.sd.location, _names(asked)]


@behaviour
def a_partition_without_a_storage(asked: Asked) -> object:
    asked.create_partitioned()
    asked.call("add_partition", asked.partition("1", "a", sd=None))
    return asked.call("get_partition", asked.database, "t", ["1", "a"]).sd.location


@behaviour
def a_partition_with_columns_of_its_own(asked: Asked) -> object:
    asked.create_partitioned()
    asked.call("add_partition", asked.partition("1", "a", sd=storage(asked.place("x"), "a:int")))
    found = asked.call("get_partition", asked.database, "t", ["1", "a"])
    return [[column.name for column in found.sd.cols], found.sd.location.rpartition("/")[2]]


@behaviour
def a_partition_s_fields(asked: Asked) -> object:
    asked.create_partitioned()
    asked.call("add_partition", asked.partition("1", "a", parameters={"A": "b"}, createTime=5))
    found = asked.call("get_partition", asked.database, "t", ["1", "a"])
    others = {name: value for name, value in found.parameters.items() if name != "transient_lastDdlTime"}
    made_now = abs(found.createTime - time.time()) < 3_600
    return [found.dbName, found.tableName, others, found.lastAccessTime, made_now]


@behaviour
def a_partition_gets_the_time_of_its_last_change(asked: Asked) -> object:
    asked.create_partitioned(("1", "a"))
    return "transient_lastDdlTime" in asked.call("get_partition", asked.database, "t", ["1", "a"]).parameters


for _value in ("", NULL, "a/b", "a b", "a=b", "a%b", "é", "a:b", "a'b", 'a"b', "A", "a\\b", "a\nb", " a ", "{a}[b]"):

    def _odd(asked: Asked, value: str = _value) -> object:
        asked.create_partitioned()
        asked.call("add_partition", asked.partition("1", value, sd=storage(None)))
        return [_names(asked), _values(asked.call("get_partitions", asked.database, "t", -1))]

    named(f"a partition of the value {_value!r}", _odd)

for _value in ("abc", "01", "1.5", "", NULL, "-1", "+1", " 1"):

    def _number(asked: Asked, value: str = _value) -> object:
        asked.create_partitioned()
        asked.call("add_partition", asked.partition(value, "a", sd=storage(None)))
        return _names(asked)

    named(f"an int key of the value {_value!r}", _number)
