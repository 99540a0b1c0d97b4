"""How a metastore behaves about lists of tables."""

from __future__ import annotations

from api.hive.bindings import hive
from tests.api.hive.behaviours.asking import Asked, behaviour, named, storage


def _four(asked: Asked) -> None:
    if asked.call("get_all_tables", asked.database):
        return
    asked.create("one", parameters={"EXTERNAL": "TRUE", "color": "red", "comment": "a comment"})
    asked.create("two", owner="bob", keys="p:int")
    asked.create("x_y", parameters={"EXTERNAL": "TRUE", "color": "Red"})
    asked.create("view", tableType="VIRTUAL_VIEW", parameters={}, sd=storage(None), viewOriginalText="SELECT 1")


PATTERNS = (
    "*",
    "o*",
    "O*",
    "one|two",
    "o*|t*",
    ".*",
    "o.*",
    "on.",
    "o?e",
    "",
    None,
    "x_y",
    "x%",
    "[ot].*",
    "*e*",
    "(one)",
)
for _pattern in PATTERNS:

    def _like(asked: Asked, pattern: str | None = _pattern) -> object:
        _four(asked)
        return sorted(asked.call("get_tables", asked.database, pattern))

    named(f"tables like {_pattern!r}", _like, "four")

for _kind in ("VIRTUAL_VIEW", "EXTERNAL_TABLE", "MANAGED_TABLE", "NONSENSE", "", None):

    def _of_type(asked: Asked, kind: str | None = _kind) -> object:
        _four(asked)
        return sorted(asked.call("get_tables_by_type", asked.database, "*", kind))

    named(f"tables of type {_kind!r}", _of_type, "four")


@behaviour
def all_tables_in_order(asked: Asked) -> object:
    _four(asked)
    return asked.call("get_all_tables", asked.database)


@behaviour
def all_tables_of_a_missing_database(asked: Asked) -> object:
    return asked.call("get_all_tables", "none")


@behaviour
def tables_like_a_pattern_of_a_missing_database(asked: Asked) -> object:
    return asked.call("get_tables", "none", "*")


@behaviour
def tables_of_a_type_of_a_missing_database(asked: Asked) -> object:
    return asked.call("get_tables_by_type", "none", "*", "VIRTUAL_VIEW")


@behaviour
def tables_of_a_database_without_a_name(asked: Asked) -> object:
    return asked.call("get_all_tables", None)


for _names in (["one", "none", "TWO"], [], None, [""], ["one", "one"]):

    def _objects(asked: Asked, names: list[str] | None = _names) -> object:
        _four(asked)
        return sorted(each.tableName for each in asked.call("get_table_objects_by_name", asked.database, names))

    named(f"table objects of {_names}", _objects, "four")


@behaviour
def table_objects_of_a_missing_database(asked: Asked) -> object:
    return asked.call("get_table_objects_by_name", "none", ["t"])


@behaviour
def table_objects_of_a_database_without_a_name(asked: Asked) -> object:
    return asked.call("get_table_objects_by_name", "", ["t"])


@behaviour
def table_objects_by_request(asked: Asked) -> object:
    _four(asked)
    request = hive.GetTablesRequest(dbName=asked.database, tblNames=["one", "none"])
    return [each.tableName for each in asked.call("get_table_objects_by_name_req", request).tables]


@behaviour
def table_objects_by_request_without_names(asked: Asked) -> object:
    _four(asked)
    found = asked.call("get_table_objects_by_name_req", hive.GetTablesRequest(dbName=asked.database)).tables
    return [each.tableName for each in found]


METAS: list[tuple[str, list[str] | None]] = [
    ("*", None), ("*", []), ("o*", ["EXTERNAL_TABLE"]), ("*", ["VIRTUAL_VIEW", "MANAGED_TABLE"]), ("none", None),
]  # fmt: skip
for _tables, _kinds in METAS:

    def _meta(asked: Asked, tables: str = _tables, kinds: list[str] | None = _kinds) -> object:
        _four(asked)
        found = asked.call("get_table_meta", asked.database, tables, kinds)
        return sorted([each.dbName, each.tableName, each.tableType, str(each.comments)] for each in found)

    named(f"meta of tables like {_tables!r} of types {_kinds}", _meta, "four")

FILTERS = (
    'hive_filter_field_owner__ = "bob"', 'hive_filter_field_owner__ like "a.*"', "hive_filter_field_last_access__ = 0",
    'hive_filter_field_params__color = "red"', 'hive_filter_field_params__color like "re.*"',
    'hive_filter_field_params__color != "red"', 'hive_filter_field_params__color <> "red"',
    'hive_filter_field_params__color = "red" or hive_filter_field_owner__ = "bob"', "nonsense", 'color = "red"', "",
)  # fmt: skip
for _filter in FILTERS:

    def _filtered(asked: Asked, filter: str = _filter) -> object:
        _four(asked)
        return sorted(asked.call("get_table_names_by_filter", asked.database, filter, -1))

    named(f"names of tables with {_filter!r}", _filtered, "four")
