"""DynamoDB JSON: attributes without their type wrappers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.engine.shim.frames import json_frame, kinds, rows, sql_frame

if TYPE_CHECKING:
    from awsglue.context import GlueContext

ITEM: dict[str, Any] = {
    "parentMap": {"M": {"childMap": {"M": {"appName": {"S": "app"}, "updatedAt": {"N": "1.50"}}}}},
    "strings": {"SS": ["a", "b"]},
    "numbers": {"NS": ["1", "2"]},
    "binaries": {"BS": ["AA=="]},
    "isDDBJson": {"BOOL": True},
    "nullValue": {"NULL": True},
    "empty": {"L": []},
    "list": {"L": [{"S": "x"}, {"S": "y"}]},
    "lists": {"L": [{"L": [{"N": "1"}]}]},
    "mixed": {"L": [{"S": "x"}, {"N": "1"}]},
    "maps": {"L": [{"M": {"S": {"S": "x"}}}]},
}


def test_unnest_takes_the_wrappers_off_and_leaves_lists_of_structs(glue: GlueContext, tmp_path: Path) -> None:
    plain = json_frame(glue, tmp_path, {"Item": ITEM}).unnest_ddb_json()
    [row] = rows(plain)
    assert row["parentMap"] == {"childMap": {"appName": "app", "updatedAt": "1.50"}}
    assert (row["strings"], row["numbers"], row["binaries"]) == (["a", "b"], ["1", "2"], ["AA=="])
    assert (row["isDDBJson"], row["nullValue"], row["empty"]) == (True, None, [])
    assert row["list"] == [{"S": "x"}, {"S": "y"}]
    assert plain.schema().getField("nullValue").dataType.typeName() == "null"


def test_simplify_also_takes_them_off_in_lists_of_one_type_but_not_of_maps(glue: GlueContext, tmp_path: Path) -> None:
    [row] = rows(json_frame(glue, tmp_path, {"Item": ITEM}).simplify_ddb_json())
    assert (row["list"], row["lists"]) == (["x", "y"], [["1"]])
    assert row["mixed"] == [{"S": "x", "N": None}, {"S": None, "N": "1"}]
    assert row["maps"] == [{"M": {"S": {"S": "x"}}}]


def test_an_attribute_of_several_types_is_a_choice_and_texts_and_numbers_are_both_text(
    glue: GlueContext, tmp_path: Path
) -> None:
    frame = json_frame(
        glue,
        tmp_path,
        {"Item": {"a": {"S": "x"}, "b": {"S": "x"}}},
        {"Item": {"a": {"N": "1"}, "b": {"BOOL": False}}},
        {"Item": {"a": {"NULL": True}, "b": {"NULL": True}}},
        {"Item": {"a": {"S": "last"}}},
    )
    plain = frame.unnest_ddb_json()
    assert kinds(plain) == "struct<a:string,b:struct<boolean:boolean,string:string>>"
    assert [row["a"] for row in rows(plain)] == ["x", "1", None, "last"]
    assert [row["b"] for row in rows(plain)] == [
        {"boolean": None, "string": "x"},
        {"boolean": False, "string": None},
        None,
        None,
    ]


def test_records_without_an_item_are_attributes_themselves_and_other_fields_stay(glue: GlueContext) -> None:
    frame = sql_frame(glue, "select named_struct('S', 'x') a, 1 plain, named_struct('S', 1, 'other', 2) s")
    assert rows(frame.simplify_ddb_json()) == [{"a": "x", "plain": 1, "s": {"S": 1, "other": 2}}]
