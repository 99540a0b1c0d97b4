"""Glue Studio's visual transforms: each `import gs_…` gives frames the method that its scripts call."""

from __future__ import annotations

import importlib
from typing import Any

import pytest
from awsglue._studio import java_pattern
from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame

COLUMNS = (
    "id int, first string, last string, at string, iso string, tags array<string>, "
    "deep struct<a:int,b:struct<c:string>>, doc string"
)
ROWS = [
    (1, "Ann", "Lee", "1700000000", "2024-01-02 03:04:05", ["x", "y"], (1, ("v",)), '{"k": 5}'),
    (2, "Bob", None, "1700000000123", "none", [], (2, ("w",)), '{"k": 6, "m": "n"}'),
    (None, None, " ", None, None, None, None, None),
]


@pytest.fixture(scope="module")
def frame(glue: GlueContext) -> DynamicFrame:
    return DynamicFrame.fromDF(glue.spark_session.createDataFrame(ROWS, COLUMNS).coalesce(1), glue, "frame")


def called(frame: DynamicFrame, method: str, **arguments: Any) -> DynamicFrame:
    importlib.import_module(method)
    made: DynamicFrame = getattr(frame, method)(**arguments)
    return made


AT = "2023-11-14 22:13:20"
CASES: list[tuple[str, dict[str, Any], str, list[Any]]] = [
    ("gs_derived", {"colName": "new", "expr": "upper(first)"}, "new", ["ANN", "BOB", None]),
    ("gs_concat", {"colName": "new", "colList": ["first", "last"], "spacer": "-"}, "new", ["Ann-Lee", "Bob", " "]),
    ("gs_split", {"colName": "first", "pattern": "n"}, "first", [["A", "", ""], ["Bob"], None]),
    ("gs_split", {"colName": "iso", "pattern": "[- ]", "newColName": "new"}, "get(new, 1)", ["01", None, None]),
    ("gs_array_to_cols", {"colName": "tags", "colList": "new, b"}, "new", ["x", None, None]),
    ("gs_array_to_cols", {"colName": "tags", "colList": "new", "indexes": "2"}, "new", ["y", None, None]),
    ("gs_to_timestamp", {"colName": "at"}, "date_format(at, 'yyyy-MM-dd HH:mm:ss')", [AT, AT, None]),
    (
        "gs_to_timestamp",
        {"colName": "at", "colType": "seconds", "newColName": "new"},
        f"new = timestamp '{AT}'",
        [True, False, None],
    ),
    ("gs_to_timestamp", {"colName": "iso", "colType": "iso"}, "string(iso)", ["2024-01-02 03:04:05", None, None]),
    ("gs_format_timestamp", {"colName": "iso", "dateFormat": "%d/%m/%Y"}, "iso", ["02/01/2024", None, None]),
    ("gs_format_timestamp", {"colName": "iso", "dateFormat": "yyyyMM", "newColName": "n"}, "n", ["202401", None, None]),
    ("gs_explode", {"colName": "tags", "newCol": "new"}, "new", ["x", "y"]),
    ("gs_explode", {"colName": "tags", "newCol": "new", "outer": True}, "new", ["x", "y", None, None]),
    ("gs_null_rows", {}, "id", [1, 2, None]),
    ("gs_null_rows", {"extended": True}, "id", [1, 2]),
    ("gs_flatten", {}, "`deep.b.c`", ["v", "w", None]),
    ("gs_flatten", {"maxLevels": 1, "separator": "_"}, "deep_b.c", ["v", "w", None]),
    ("gs_parse_json", {"colName": "doc"}, "doc.k", [5, 6, None]),
    ("gs_parse_json", {"colName": "doc", "newColName": "new.doc"}, "`new.doc`.m", [None, "n", None]),
    ("gs_regex_extract", {"colName": "iso", "regex": r"^(\d+)-(\d+)", "newCols": "y,m"}, "m", ["01", "", None]),
    ("gs_regex_extract", {"colName": "iso", "regex": r"(\d+)-(\d+)", "newCols": [" ", "m"]}, "m", ["01", "", None]),
    ("gs_regex_extract", {"colName": "first", "regex": "^.", "newCols": "new"}, "new", ["A", "B", None]),
    ("gs_extract_json", {"colName": "doc", "jsonPaths": "m,$.k", "colList": "a, b"}, "a", [None, "n", None]),
    ("gs_uuid", {"colName": "new"}, "length(new)", [36, 36, 36]),
    ("gs_uuid", {}, "length(uuid)", [36, 36, 36]),
    ("gs_sequence_id", {"colName": "new"}, "new", [0, 1, 2]),
    ("gs_sequence_id", {"colName": "new", "unique": True}, "new > 1e34", [True, True, True]),
    ("gs_now", {"colName": "new"}, "new <= current_timestamp()", [True, True, True]),
    ("gs_now", {"colName": "new", "dateFormat": "%Y"}, "new >= '2026'", [True, True, True]),
]


@pytest.mark.parametrize(("method", "arguments", "shown", "expected"), CASES)
def test_a_visual_transform_is_a_method_of_frames(
    frame: DynamicFrame, method: str, arguments: dict[str, Any], shown: str, expected: list[Any]
) -> None:
    rows = called(frame, method, **arguments).toDF().selectExpr(f"{shown} as shown").collect()
    assert [row["shown"] for row in rows] == expected


def test_rows_become_columns(frame: DynamicFrame) -> None:
    few = frame.select_fields(["id", "first"]).filter(lambda row: row["id"] is not None)
    found = called(few, "gs_pivot", aggCol="id", aggFunction="sum", colList=["first"]).toDF()
    assert [row.asDict() for row in found.collect()] == [{"Ann": 1, "Bob": 2}]


def test_columns_become_rows_whatever_the_arguments_are_called(frame: DynamicFrame) -> None:
    few = frame.select_fields(["id", "first", "last"])
    found = called(few, "gs_unpivot", a="kind", b=["first", "last"], c="name").toDF().where("id = 2").collect()
    assert [tuple(row) for row in found] == [(2, "first", "Bob"), (2, "last", None)]


def test_sparks_own_frames_have_the_methods_too(frame: DynamicFrame) -> None:
    called(frame, "gs_parse_json", colName="doc")
    called(frame, "gs_concat", colName="new", colList="first,id")
    rows: Any = frame.toDF()
    assert rows.gs_parse_json(colName="doc").first()["doc"]["k"] == 5
    assert rows.gs_concat("new", "first,id", "-").first()["new"] == "Ann-1"


def test_a_frame_without_columns_stays_as_it_is(glue: GlueContext) -> None:
    empty = glue._empty_frame("nothing")
    for method, arguments, _, _ in CASES:
        assert called(empty, method, **arguments).toDF().columns == []


def test_rows_are_spread_over_partitions(frame: DynamicFrame) -> None:
    assert called(frame, "gs_repartition", numPartitionsStr="3").getNumPartitions() == 3


def test_entries_of_a_map_become_rows(glue: GlueContext) -> None:
    rows = glue.spark_session.sql("select map('a', 1, 'b', 2) as m")
    found = called(DynamicFrame.fromDF(rows, glue, "m"), "gs_explode", colName="m", newCol="e").toDF()
    assert [(row["e"]["key"], row["e"]["value"]) for row in found.collect()] == [("a", 1), ("b", 2)]


@pytest.mark.parametrize(
    ("method", "arguments", "message"),
    [
        ("gs_array_to_cols", {"colName": "tags", "colList": "a,b", "indexes": "1"}, "one index, from 1"),
        ("gs_regex_extract", {"colName": "iso", "regex": "(.)", "newCols": "a,b"}, "a column for each group: .* has 1"),
        ("gs_extract_json", {"colName": "doc", "jsonPaths": "a,b", "colList": "a"}, "one column for each path"),
        ("gs_unpivot", {"names": "n", "values": "v", "columns": "first,nowhere"}, "columns that are there"),
        ("gs_lookup", {"table": "t", "keys": "id", "take": "x"}, "takes database.table"),
        ("gs_to_timestamp", {"colName": "at", "colType": "days"}, "colType is 'days'"),
        ("gs_now", {"colName": "n", "dateFormat": "%Q"}, "has %Q"),
    ],
)
def test_a_wrong_argument_says_what_it_may_be(
    frame: DynamicFrame, method: str, arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        called(frame, method, **arguments)


@pytest.mark.parametrize(
    ("format", "pattern"),
    [("%Y-%m-%dT%H:%M", "yyyy'-'MM'-'dd'T'HH':'mm"), ("%d o'clock", "dd' o''clock'"), ("yyyy", "yyyy")],
)
def test_formats_of_times_are_sparks_or_of_strftime(format: str, pattern: str) -> None:
    assert java_pattern(format) == pattern
