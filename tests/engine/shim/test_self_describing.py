"""Records that describe themselves: which fields a frame has, what a union makes of two, and what is no record."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from awsglue._errors import ErrorThresholdError
from awsglue.dynamicframe import DynamicFrame
from awsglue.gluetypes import Field, IntegerType, StringType, StructType
from awsglue.transforms import Filter, Map

if TYPE_CHECKING:
    from awsglue.context import GlueContext
    from pyspark.sql import SparkSession

Read = Callable[..., DynamicFrame]


@pytest.fixture
def read(glue: GlueContext, tmp_path: Path) -> Read:
    """A frame of JSON lines, given as records or as the very bytes."""

    def make(*lines: dict[str, Any] | bytes) -> DynamicFrame:
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        folder.mkdir()
        texts = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
        (folder / "in.json").write_bytes(b"\n".join(texts))
        return glue.create_dynamic_frame.from_options("s3", {"paths": [str(folder)]}, "json")

    return make


def kinds(frame: DynamicFrame) -> str:
    return frame.toDF().schema.simpleString()


def rows(frame: DynamicFrame) -> list[dict[str, Any]]:
    return [row.asDict(recursive=True) for row in frame.toDF().collect()]


def without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: without_nulls(inner) for name, inner in value.items() if inner is not None}
    return value


def test_a_field_that_no_record_has_any_more_is_not_in_the_schema(read: Read) -> None:
    frame = read({"id": 1, "s": {"a": 1}, "l": [{"p": 1, "q": 2}]}, {"id": 2, "s": {"b": 1}, "l": [{"p": 1}], "x": 1})
    assert kinds(frame.filter(lambda r: r["id"] == 2)) == "struct<id:int,s:struct<b:int>,l:array<struct<p:int>>,x:int>"
    assert kinds(frame.filter(lambda r: r["id"] == 1)) == "struct<id:int,s:struct<a:int>,l:array<struct<p:int,q:int>>>"


def test_a_choice_of_which_one_kind_is_left_is_none_any_more(read: Read) -> None:
    frame = read({"id": 1, "v": 1}, {"id": 2, "v": "x"}).filter(lambda r: r["id"] == 1)
    assert kinds(frame.resolveChoice(choice="make_cols")) == "struct<id:int,v:int>"


def test_a_field_that_is_always_null_has_the_type_null_and_none_in_records(read: Read) -> None:
    frame = read({"id": 1, "n": None}, {"id": 2, "n": None})
    assert kinds(frame.filter(lambda r: r["n"] is None)) == "struct<id:int,n:void>"


def test_an_explicit_null_is_none_where_every_record_has_the_field_and_an_absent_field_is_no_key(read: Read) -> None:
    frame = read({"id": 1, "a": None, "b": 1}, {"id": 2, "a": 1})
    assert [row["id"] for row in rows(frame.filter(lambda r: r["a"] is None))] == [1]
    assert [row["id"] for row in rows(frame.filter(lambda r: r["b"] != 0))] == [1]


def test_whole_numbers_past_the_signed_64_bits_reach_a_function_as_decimals(read: Read) -> None:
    frame = read({"id": 2**63 + 1}, {"id": 2**63 + 2})
    assert len(rows(frame.filter(lambda r: r["id"].as_tuple() and r["id"] == 2**63 + 1))) == 1


def test_whole_numbers_past_64_bits_stay_exact(read: Read) -> None:
    frame = read({"id": 2**70 + 1}, {"id": 2**70 + 3})
    assert [int(row["id"]) for row in rows(frame)] == [2**70 + 1, 2**70 + 3]


def test_hundreds_of_steps_are_looked_through_once_each(read: Read) -> None:
    frame = read({"id": 1})
    for _ in range(800):
        frame = frame.drop_fields(["not there"])
    assert (frame.count(), frame.errorsCount(), len(frame._node.all_stages())) == (1, 0, 801)


def test_joined_records_have_a_field_once_when_only_one_side_carries_it(read: Read) -> None:
    people = read({"id": 1, "image": "i"}, {"id": 2, "image": "k"})
    groups = read({"group": 1}, {"group": 3, "image": "none of ours"})
    assert kinds(groups.join("group", "id", people)) == "struct<group:int,id:int,image:string>"


@pytest.mark.parametrize(
    ("bad", "message"),
    [(b'{"id": 2', "Expecting"), (b'{"id": "\xff"}', "codec"), (b'{"id": 2} x', "Extra data"), (b"5", "int is not")],
)
def test_a_broken_line_is_an_error_record_and_the_others_are_kept(read: Read, bad: bytes, message: str) -> None:
    frame = read({"id": 1}, bad, b"", {"id": 3}, {"id": 4})
    assert (frame.count(), frame.errorsCount(), frame.stageErrorsCount()) == (3, 1, 1)
    assert [row["id"] for row in rows(frame)] == [1, 3, 4]
    [error] = [row["error"] for row in rows(frame.errorsAsDynamicFrame())]
    assert (message in error["msg"], error["input"], error["bytesread"]) == (
        True,
        bad.decode(errors="replace"),
        len(bad),
    )


def test_what_a_map_fails_on_is_an_error_record_with_its_call_and_the_function_runs_once(
    read: Read, spark: SparkSession
) -> None:
    calls = spark.sparkContext.accumulator(0)

    def change(record: Any) -> Any:
        calls.add(1)
        return {1: record, 2: None, 3: {}}.get(record["id"]) if record["id"] < 4 else 1 / 0

    frame = Map.apply(frame=read(*({"id": at} for at in (1, 2, 3, 4))), f=change, info="here")
    assert (frame.count(), frame.stageErrorsCount(), len(rows(frame)), calls.value) == (1, 3, 1, 4)
    errors = [row["error"] for row in rows(frame.errorsAsDynamicFrame())]
    assert [(error["msg"].partition(":")[0], error["dynamicRecord"]) for error in errors] == [
        ("ValueError", {"id": 2}),
        ("ValueError", {"id": 3}),
        ("ZeroDivisionError", {"id": 4}),
    ]
    assert errors[0]["callsite"] == {"site": "map", "info": "here"}
    assert "1 / 0" in errors[2]["stackTrace"]


def test_a_filter_drops_what_lacks_a_key_and_tells_of_what_else_fails(read: Read) -> None:
    frame = read({"id": 1, "v": 2}, {"id": 2}, {"id": 3, "v": 0}, {"id": 4, "v": "x"})
    kept = Filter.apply(frame, lambda r: 1 / r["v"])
    assert ([row["id"] for row in rows(kept)], kept.errorsCount()) == ([1], 1)
    assert kept.select_fields(["id"]).stageErrorsCount() == 0
    assert kept.select_fields(["id"]).errorsCount() == 1


@pytest.mark.parametrize(
    ("stage", "total", "fails"), [(0, 0, False), (2, 0, False), (1, 0, True), (0, 2, True), (0, 3, False)]
)
def test_an_action_fails_when_errors_reach_a_threshold(read: Read, stage: int, total: int, fails: bool) -> None:
    frame = read({"id": 1}, b"broken").map(lambda r: None if r else r, stageThreshold=stage, totalThreshold=total)
    later = frame.select_fields(["id"])
    if not fails:
        later.assertErrorThreshold()
        assert (later.count(), later.errorsCount()) == (0, 2)
        return
    for act in (later.count, later.toDF, later.show, later.assertErrorThreshold):
        with pytest.raises(ErrorThresholdError, match="map has"):
            act()


def test_a_frame_without_errors_has_an_empty_frame_of_them(read: Read) -> None:
    assert read({"id": 1}).errorsAsDynamicFrame().count() == 0


def test_a_union_has_all_records_and_unlike_types_become_a_choice(read: Read, glue: GlueContext) -> None:
    left = read({"id": 1, "s": {"a": 1}, "l": [1]}, {"id": 2, "only": "x"})
    right = DynamicFrame.fromDF(glue.spark_session.sql("select 'y' id, named_struct('b', 2) s, array('z') l"), glue)
    both = left.union(right)
    assert kinds(both) == (
        "struct<id:struct<int:int,string:string>,s:struct<a:int,b:int>,"
        "l:array<struct<int:int,string:string>>,only:string>"
    )
    found = [without_nulls(row) for row in rows(both.resolveChoice(choice="cast:string"))]
    assert found == [
        {"id": "1", "s": {"a": 1}, "l": ["1"]},
        {"id": "2", "only": "x"},
        {"id": "y", "s": {"b": 2}, "l": ["z"]},
    ]


def test_partitions_are_mapped_as_a_whole(read: Read) -> None:
    frame = read({"id": 1}, {"id": 2})
    assert rows(frame.mapPartitions(lambda records: [{"sum": sum(r["id"] for r in records)}])) == [{"sum": 3}]
    assert rows(frame.mapPartitionsWithIndex(lambda at, records: ({"n": at, "id": r["id"]} for r in records))) == [
        {"n": 0, "id": 1},
        {"n": 0, "id": 2},
    ]


def test_a_given_schema_says_what_the_fields_are(read: Read) -> None:
    schema = StructType([Field("more", StringType()), Field("id", IntegerType())])
    assert rows(read({"id": "1", "x": 1}).with_frame_schema(schema)) == [{"more": None, "id": 1}]


def test_a_field_moves_to_another_struct(read: Read) -> None:
    frame = read({"id": 1, "s": {"a": 1, "b": 2}})
    assert rows(frame.rename_field("s.a", "t.u.a")) == [{"id": 1, "s": {"b": 2}, "t": {"u": {"a": 1}}}]


def test_a_mixed_value_becomes_the_json_text_it_was(read: Read) -> None:
    frame = read({"l": [1, "x", {"q": 1.5}]}, {"l": [{"q": 2}]})
    assert rows(frame.apply_mapping([("l", "array", "l", "string")])) == [
        {"l": '[1,"x",{"q":1.5}]'},
        {"l": '[{"q":2}]'},
    ]
