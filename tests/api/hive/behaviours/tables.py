"""How a metastore behaves about reading, creating and dropping tables."""

from __future__ import annotations

import time

from api.hive.bindings import hive
from tests.api.hive.behaviours.asking import Asked, behaviour, fields, named, refused, storage


@behaviour
def a_missing_table(asked: Asked) -> object:
    return asked.read("none")


@behaviour
def a_table_of_a_missing_database(asked: Asked) -> object:
    return asked.call("get_table", "none", "t")


@behaviour
def a_missing_table_by_request(asked: Asked) -> object:
    return asked.call("get_table_req", hive.GetTableRequest(dbName=asked.database, tblName="none"))


@behaviour
def a_table_read_in_capitals(asked: Asked) -> object:
    asked.create()
    found = asked.call("get_table", asked.database.upper(), "T")
    return [found.dbName, found.tableName]


@behaviour
def a_table_created_in_capitals(asked: Asked) -> object:
    asked.create("Capitals", dbName=asked.database.upper())
    return [asked.read("capitals").tableName, asked.call("get_all_tables", asked.database)]


@behaviour
def a_table_created_twice(asked: Asked) -> object:
    asked.create()
    return refused(lambda: asked.create("T"))


@behaviour
def a_table_created_in_a_missing_database(asked: Asked) -> object:
    asked.create(dbName="none")
    return "created"


for _name in (None, "", "a b", "a-b", "a.b", "a/b", "ä", "_a", "1a", "n" * 128, "n" * 256, "n" * 300, "a'b", "a$"):

    def _created(asked: Asked, name: str | None = _name) -> object:
        asked.create("x", tableName=name)
        return asked.call("get_all_tables", asked.database)

    named(f"a table named {(_name or '')[:20]!r} ({'none' if _name is None else len(_name)} signs)", _created)

for _name in ("", "a b", "A", "ä", "a.b", "a:b", "a,b", "n" * 300, "a/b", "`"):

    def _with_column(asked: Asked, name: str = _name) -> object:
        column = hive.FieldSchema(name=name, type="int")
        asked.create(sd=storage(asked.place("t"), cols=[column]))
        return [each.name for each in asked.read().sd.cols]

    def _with_key(asked: Asked, name: str = _name) -> object:
        asked.create(partitionKeys=[hive.FieldSchema(name=name, type="int")])
        return [each.name for each in asked.read().partitionKeys]

    named(f"a column named {_name[:20]!r}", _with_column)
    named(f"a partition key named {_name[:20]!r}", _with_key)

for _kind in ("INT", "integer", "nonsense", "", "array<int>", "struct<A:int,b:string>", "decimal(50,2)", "map<int>"):

    def _of_type(asked: Asked, kind: str = _kind) -> object:
        asked.create(sd=storage(asked.place("t"), cols=[hive.FieldSchema(name="a", type=kind)]))
        return asked.read().sd.cols[0].type

    def _keyed(asked: Asked, kind: str = _kind) -> object:
        asked.create(partitionKeys=[hive.FieldSchema(name="p", type=kind)])
        return asked.read().partitionKeys[0].type

    named(f"a column of type {_kind!r}", _of_type)
    named(f"a partition key of type {_kind!r}", _keyed)


@behaviour
def a_column_without_a_type(asked: Asked) -> object:
    asked.create(sd=storage(asked.place("t"), cols=[hive.FieldSchema(name="a")]))
    return asked.read().sd.cols[0].type


@behaviour
def a_column_that_stands_twice(asked: Asked) -> object:
    asked.create(columns="a:int a:string")
    return [each.name for each in asked.read().sd.cols]


@behaviour
def a_column_that_is_a_partition_key_too(asked: Asked) -> object:
    asked.create(columns="a:int p:int", keys="p:int")
    return [each.name for each in asked.read().sd.cols]


@behaviour
def a_partition_key_that_stands_twice(asked: Asked) -> object:
    asked.create(keys="p:int p:int")
    return [each.name for each in asked.read().partitionKeys]


@behaviour
def a_table_without_columns(asked: Asked) -> object:
    asked.create(sd=storage(asked.place("t"), cols=[]))
    return asked.read().sd.cols


@behaviour
def a_table_whose_columns_are_null(asked: Asked) -> object:
    asked.create(sd=storage(asked.place("t"), cols=None))
    return asked.read().sd.cols


@behaviour
def a_table_without_a_storage(asked: Asked) -> object:
    asked.create(sd=None)
    return asked.read().sd


@behaviour
def a_table_without_a_serde(asked: Asked) -> object:
    asked.create(sd=storage(asked.place("t"), serdeInfo=None))
    return asked.read().sd.serdeInfo


@behaviour
def a_serde_with_nothing_in_it(asked: Asked) -> object:
    asked.create(sd=storage(asked.place("t"), serdeInfo=hive.SerDeInfo()))
    return asked.read().sd.serdeInfo


def _without(asked: Asked, names: tuple[str, ...]) -> object:
    table = asked.table()
    for name in names:
        setattr(table, name, None)
    return table


@behaviour
def a_table_whose_fields_are_null(asked: Asked) -> object:
    nothing = ("owner", "partitionKeys", "createTime", "retention", "lastAccessTime", "viewOriginalText")
    asked.call("create_table", _without(asked, nothing))
    found = asked.read()
    return [getattr(found, name) for name in nothing if name != "createTime"]


@behaviour
def a_table_whose_parameters_are_null(asked: Asked) -> object:
    asked.create(parameters=None)
    return sorted(asked.read().parameters)


@behaviour
def a_table_whose_type_is_null(asked: Asked) -> object:
    asked.create(tableType=None)
    return asked.read().tableType


@behaviour
def a_table_of_an_unknown_type(asked: Asked) -> object:
    asked.create(tableType="NONSENSE")
    return asked.read().tableType


@behaviour
def an_external_table_without_the_parameter(asked: Asked) -> object:
    asked.create(parameters={})
    found = asked.read()
    return [found.tableType, found.parameters.get("EXTERNAL")]


@behaviour
def a_managed_table_with_the_parameter_external(asked: Asked) -> object:
    asked.create(tableType="MANAGED_TABLE")
    found = asked.read()
    return [found.tableType, found.parameters.get("EXTERNAL")]


@behaviour
def the_parameter_external_in_small_letters(asked: Asked) -> object:
    asked.create(parameters={"EXTERNAL": "true"})
    found = asked.read()
    return [found.tableType, found.parameters.get("EXTERNAL")]


@behaviour
def a_managed_table(asked: Asked) -> object:
    asked.create(tableType="MANAGED_TABLE", parameters={}, sd=storage(None))
    found = asked.read()
    return [found.tableType, found.sd.location.rpartition("/")[2]]


@behaviour
def an_external_table_without_a_location(asked: Asked) -> object:
    asked.create(sd=storage(None))
    return asked.read().sd.location.rpartition("/")[2]


@behaviour
def a_view(asked: Asked) -> object:
    asked.create(
        tableType="VIRTUAL_VIEW", parameters={}, sd=storage(None), viewOriginalText="SELECT 1", viewExpandedText="S"
    )
    found = asked.read()
    return [found.tableType, found.sd.location, found.viewOriginalText, found.viewExpandedText]


@behaviour
def the_parameters_that_a_metastore_adds(asked: Asked) -> object:
    asked.create(parameters={"EXTERNAL": "TRUE", "Mixed": "Case", "empty": ""})
    return sorted(asked.read().parameters)


@behaviour
def a_parameter_of_five_thousand_signs(asked: Asked) -> object:
    asked.create(parameters={"EXTERNAL": "TRUE", "long": "é" * 5_000})
    return len(asked.read().parameters["long"])


@behaviour
def a_time_of_creation_that_is_given(asked: Asked) -> object:
    begun = int(time.time())
    asked.create(createTime=5)
    return begun <= asked.read().createTime <= time.time()


@behaviour
def a_table_s_fields(asked: Asked) -> object:
    asked.create(keys="p:int", owner="Ada", retention=7, lastAccessTime=9)
    found = asked.read()
    return [found.owner, found.retention, found.lastAccessTime, found.partitionKeys]


@behaviour
def a_table_s_storage(asked: Asked) -> object:
    sorting = [hive.Order(col="b", order=0), hive.Order(col="a", order=1)]
    others = {"compressed": True, "numBuckets": 4, "bucketCols": ["a"], "sortCols": sorting, "parameters": {"x": "y"}}
    asked.create(sd=storage(asked.place("t"), "a:int b:string", **others))
    return asked.read().sd


@behaviour
def a_comment_of_a_column(asked: Asked) -> object:
    columns = [hive.FieldSchema(name="a", type="int", comment=each) for each in ("é", "", None)]
    for at, column in enumerate(columns):
        column.name = f"a{at}"
    asked.create(sd=storage(asked.place("t"), cols=columns))
    return [each.comment for each in asked.read().sd.cols]


@behaviour
def a_location_as_it_is_spelled(asked: Asked) -> object:
    found = []
    for at, tail in enumerate(("x/", "x//y", "x y", "x%20y", "é")):
        asked.create(f"t{at}", sd=storage(asked.place(tail)))
        found.append(asked.read(f"t{at}").sd.location)
    return found


@behaviour
def a_location_with_three_slashes(asked: Asked) -> object:
    asked.create(sd=storage(asked.place("t").replace("file:/", "file:///")))
    return asked.read().sd.location.partition(":")[2][:3].count("/")


@behaviour
def a_location_without_a_scheme(asked: Asked) -> object:
    asked.create(sd=storage(asked.place("t").removeprefix("file:")))
    return asked.read().sd.location


@behaviour
def dropping_a_table(asked: Asked) -> object:
    asked.create()
    asked.call("drop_table", asked.database.upper(), "T", False)
    return asked.read()


@behaviour
def dropping_an_external_table_with_its_data(asked: Asked) -> object:
    asked.create()
    asked.call("drop_table", asked.database, "t", True)
    return asked.read()


@behaviour
def dropping_a_missing_table(asked: Asked) -> object:
    return asked.call("drop_table", asked.database, "none", False)


@behaviour
def dropping_a_table_of_a_missing_database(asked: Asked) -> object:
    return asked.call("drop_table", "none", "t", False)


@behaviour
def dropping_a_table_with_partitions(asked: Asked) -> object:
    asked.create_partitioned(("1", "a"))
    asked.call("drop_table", asked.database, "t", False)
    return asked.call("get_partition_names", asked.database, "t", -1)


@behaviour
def the_fields_and_the_schema(asked: Asked) -> object:
    asked.create(keys="p:int s:string")
    of = (asked.database, "T")
    return [[each.name for each in asked.call(method, *of)] for method in ("get_fields", "get_schema")]


@behaviour
def the_fields_of_a_missing_table(asked: Asked) -> object:
    return [refused(asked.call, "get_fields", *of) for of in ((asked.database, "none"), ("none", "t"))]


@behaviour
def the_schema_of_a_missing_table(asked: Asked) -> object:
    return [refused(asked.call, "get_schema", *of) for of in ((asked.database, "none"), ("none", "t"))]


@behaviour
def a_null_in_a_list_of_columns_names(asked: Asked) -> object:
    asked.create(sd=storage(asked.place("t"), cols=[*fields("a:int"), hive.FieldSchema(type="int")]))
    return [each.name for each in asked.read().sd.cols]
