"""How a metastore behaves about altering and renaming tables."""

from __future__ import annotations

from functools import partial
from typing import Any

from api.hive.bindings import hive
from tests.api.hive.behaviours.asking import Asked, behaviour, named, refused, storage


@behaviour
def altering_a_missing_table(asked: Asked) -> object:
    asked.alter(asked.table("none"), "none")
    return "altered"


@behaviour
def altering_a_table_of_a_missing_database(asked: Asked) -> object:
    return asked.call("alter_table", "none", "t", asked.table(dbName="none"))


@behaviour
def altering_the_parameters(asked: Asked) -> object:
    asked.create(parameters={"EXTERNAL": "TRUE", "old": "1"})
    asked.alter(asked.table(parameters={"EXTERNAL": "TRUE", "new": "2"}))
    given = asked.read().parameters
    return [given.get("old"), given.get("new"), "transient_lastDdlTime" in given]


@behaviour
def altering_the_owner_and_the_times(asked: Asked) -> object:
    asked.create()
    asked.alter(asked.table(owner="bob", retention=9, createTime=5, lastAccessTime=6))
    found = asked.read()
    return [found.owner, found.retention, found.lastAccessTime, found.createTime == 5]


for _old, _new in (("int", "bigint"), ("int", "string"), ("string", "int"), ("bigint", "int"), ("int", "date")):

    def _retyped(asked: Asked, old: str = _old, new: str = _new) -> object:
        asked.create(columns=f"a:{old} b:string")
        asked.alter(asked.table(columns=f"a:{new} b:string"))
        return asked.read().sd.cols[0].type

    named(f"changing a column from {_old} to {_new}", _retyped)


@behaviour
def adding_a_field_to_a_struct(asked: Asked) -> object:
    asked.create(columns="a:struct<x:int> b:string")
    asked.alter(asked.table(columns="a:struct<x:int,y:int> b:string"))
    return asked.read().sd.cols[0].type


@behaviour
def dropping_a_column_before_one_of_another_type(asked: Asked) -> object:
    asked.create(columns="a:int b:string c:date")
    asked.alter(asked.table(columns="b:string c:date"))
    return [each.name for each in asked.read().sd.cols]


@behaviour
def adding_a_column(asked: Asked) -> object:
    asked.create()
    asked.alter(asked.table(columns="a:int b:string C:double"))
    return [each.name for each in asked.read().sd.cols]


@behaviour
def dropping_a_column(asked: Asked) -> object:
    asked.create()
    asked.alter(asked.table(columns="b:string"))
    return [each.name for each in asked.read().sd.cols]


@behaviour
def adding_a_column_that_exists(asked: Asked) -> object:
    asked.create()
    asked.alter(asked.table(columns="a:int b:string A:int"))
    return [each.name for each in asked.read().sd.cols]


@behaviour
def adding_a_column_named_as_a_key(asked: Asked) -> object:
    asked.create(keys="p:int")
    asked.alter(asked.table(columns="a:int p:string", keys="p:int"))
    return [each.name for each in asked.read().sd.cols]


for _columns in ("a.b:int", ":int", "a:nonsense", "a:"):

    def _altered_to(asked: Asked, columns: str = _columns) -> object:
        asked.create()
        asked.alter(asked.table(columns=columns))
        return [[each.name, each.type] for each in asked.read().sd.cols]

    named(f"altering to the column {_columns}", _altered_to)


def _rekeyed(asked: Asked, keys: str, partitions: tuple[tuple[str, str], ...] = ()) -> object:
    asked.create_partitioned(*partitions)
    asked.alter(asked.table(keys=keys))
    return [[each.name, each.type] for each in asked.read().partitionKeys]


for _keys in ("p:string s:string", "q:int s:string", "p:int", "p:int s:string d:date", "s:string p:int", ""):
    named(f"altering the keys to {_keys!r}", partial(_rekeyed, keys=_keys))
    named(f"altering the keys of partitions to {_keys!r}", partial(_rekeyed, keys=_keys, partitions=(("1", "a"),)))


@behaviour
def a_comment_of_a_key(asked: Asked) -> object:
    asked.create_partitioned(("1", "a"))
    changed = asked.table(keys="p:int s:string")
    changed.partitionKeys[0].comment = "new"
    asked.alter(changed)
    return [each.comment for each in asked.read().partitionKeys]


@behaviour
def altering_to_no_storage(asked: Asked) -> object:
    asked.create()
    asked.alter(asked.table(sd=None))
    return "altered"


@behaviour
def altering_to_no_location(asked: Asked) -> object:
    asked.create()
    asked.alter(asked.table(sd=storage(None)))
    return asked.read().sd.location


@behaviour
def altering_the_location(asked: Asked) -> object:
    asked.create()
    asked.alter(asked.table(sd=storage(asked.place("moved"))))
    return asked.read().sd.location.rpartition("/")[2]


@behaviour
def altering_to_null_parameters(asked: Asked) -> object:
    asked.create(parameters={"EXTERNAL": "TRUE", "x": "1"})
    asked.alter(asked.table(parameters=None))
    found = asked.read()
    return [found.parameters.get("x"), found.tableType]


@behaviour
def altering_an_external_table_to_a_managed_one(asked: Asked) -> object:
    asked.create()
    asked.alter(asked.table(tableType="MANAGED_TABLE", parameters={}))
    found = asked.read()
    return [found.tableType, found.parameters.get("EXTERNAL")]


@behaviour
def altering_a_view(asked: Asked) -> object:
    view: dict[str, Any] = {"tableType": "VIRTUAL_VIEW", "parameters": {}, "sd": storage(None)}
    asked.create(**view, viewOriginalText="SELECT 1")
    asked.alter(asked.table(**view, viewOriginalText="SELECT 2"))
    return asked.read().viewOriginalText


@behaviour
def renaming_a_table(asked: Asked) -> object:
    asked.create()
    asked.alter(asked.table("U", sd=storage(asked.place("t"))))
    return [asked.call("get_all_tables", asked.database), asked.read("u").sd.location]


@behaviour
def renaming_a_table_to_one_that_exists(asked: Asked) -> object:
    asked.create()
    asked.create("u")
    return [refused(lambda: asked.alter(asked.table("u"))), asked.call("get_all_tables", asked.database)]


@behaviour
def renaming_a_table_by_capitals(asked: Asked) -> object:
    asked.create()
    asked.alter(asked.table("T"))
    return asked.call("get_all_tables", asked.database)


@behaviour
def renaming_a_table_into_another_database(asked: Asked) -> object:
    asked.create()
    asked.call("create_database", hive.Database(name="other_1", locationUri=asked.place("other")))
    asked.alter(asked.table(dbName="other_1"))
    return [asked.call("get_all_tables", each) for each in (asked.database, "other_1")]


@behaviour
def renaming_a_table_into_a_missing_database(asked: Asked) -> object:
    asked.create()
    return [refused(lambda: asked.alter(asked.table(dbName="none"))), asked.read().tableName]


for _name in ("", "a b", "a/b", "ä", "n" * 300, None):

    def _renamed(asked: Asked, name: str | None = _name) -> object:
        asked.create()
        asked.alter(asked.table(tableName=name))
        return asked.call("get_all_tables", asked.database)

    named(f"renaming a table to {(_name or '')[:20]!r} ({'none' if _name is None else len(_name)} signs)", _renamed)


def _commit(asked: Asked, properties: dict[str, str] | None = None) -> object:
    asked.create(parameters={"EXTERNAL": "TRUE", "metadata_location": "v1"})
    context = None if properties is None else hive.EnvironmentContext(properties=properties)
    changed = asked.table(parameters={"EXTERNAL": "TRUE", "metadata_location": "v2"})
    told = "done"
    try:
        asked.call("alter_table_with_environment_context", asked.database, "t", changed, context)
    except hive.MetaException as error:
        told = error.message.partition(", not")[0].partition(". Expected")[0].partition("' is")[0]
    return [told, asked.read().parameters["metadata_location"]]


for _key, _value in (("metadata_location", "v1"), ("metadata_location", "v0"), ("absent", "v1")):
    _demand = {"expected_parameter_key": _key, "expected_parameter_value": _value}
    named(f"a commit that expects {_key} to be {_value}", partial(_commit, properties=_demand))
named("a commit that expects a value of no key", partial(_commit, properties={"expected_parameter_value": "v1"}))
named("a commit that expects no value", partial(_commit, properties={"expected_parameter_key": "metadata_location"}))
named("a commit without a context", _commit)
named("a commit that updates no statistics", partial(_commit, properties={"DO_NOT_UPDATE_STATS": "true"}))
