"""Unnest, split, merge, union and the like: frames in another shape."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from awsglue.transforms import (
    Coalesce,
    DropNullFields,
    Repartition,
    Spigot,
    SplitFields,
    SplitRows,
    Union,
    UnnestFrame,
)

from tests.engine.shim.frames import json_frame, kinds, rows, sql_frame, values

if TYPE_CHECKING:
    from awsglue.context import GlueContext
    from awsglue.dynamicframe import DynamicFrame


def test_unnest_flattens_structs_and_leaves_arrays(glue: GlueContext, tmp_path: Path) -> None:
    frame = json_frame(glue, tmp_path, {"a": {"b": 1, "c": {"d": "x"}}, "l": [{"e": 1}]}, {"a": None})
    flat = UnnestFrame.apply(frame=frame)
    assert kinds(flat) == "struct<a.b:int,a.c.d:string,l:array<struct<e:int>>>"
    assert rows(flat)[1] == {"a.b": None, "a.c.d": None, "l": None}
    assert rows(flat.apply_mapping([("`a.c.d`", "string", "d", "string")]))[0] == {"d": "x"}


def test_split_fields_makes_two_frames_of_the_named_fields_and_the_rest(glue: GlueContext) -> None:
    frame = sql_frame(glue, "select 1 id, named_struct('x', 1, 'y', 2) s, 'n' name", "people")
    split = frame.split_fields(["id", "s.x"], "left", "right")
    assert list(split.keys()) == ["left", "right"]
    assert kinds(split["left"]) == "struct<id:int,s:struct<x:int>>"
    assert kinds(split["right"]) == "struct<s:struct<y:int>,name:string>"
    assert list(SplitFields.apply(frame, "id").keys()) == ["people1", "people2"]
    assert list(SplitFields.apply(sql_frame(glue, "select 1 id"), "id").keys()) == ["frame1", "frame2"]


@pytest.mark.parametrize(
    ("comparisons", "first"),
    [
        ({"n": {">": 10, "<": 30}}, [2]),
        ({"n": {">": "10", "<=": "30.0"}}, [2, 3]),
        ({"n": {">=": 10}, "t": {"=": "b"}}, [2]),
        ({"n": {"!=": 20}}, [1, 3]),
        ({"t": {"<": "b"}}, [1, 3]),
        ({"t": {">": 0}}, [3]),
        ({"d": {">": "2026-01-01"}}, [2]),
        ({"b": {"=": True}}, [1]),
        ({"b": {"=": "false"}}, [2]),
        ({"n": {"=": "ten"}}, []),
        ({"s.x": {"=": 1}}, [1]),
        ({"nowhere": {"=": 1}}, []),
        ({"m": {">": 5}}, []),
        ({"n": {">": 9.5}}, [1, 2, 3]),
        ({}, [1, 2, 3, 4]),
    ],
)
def test_split_rows_compares_each_column_as_its_type_is(
    glue: GlueContext, comparisons: dict[str, dict[str, Any]], first: list[int]
) -> None:
    frame = sql_frame(
        glue,
        "select * from values (1, 10, 'a', date'2026-01-01', true, named_struct('x', 1), map('a', 6)),"
        " (2, 20, 'b', date'2026-01-02', false, null, null), (3, 30, '7', null, null, null, null),"
        " (4, null, null, null, null, null, null) as t(id, n, t, d, b, s, m)",
    )
    split = SplitRows.apply(frame, comparisons, "first", "rest")
    assert [row["id"] for row in rows(split["first"])] == first
    assert [row["id"] for row in rows(split["rest"])] == [at for at in (1, 2, 3, 4) if at not in first]


def test_split_rows_compares_whichever_member_of_a_choice_is_there(glue: GlueContext, tmp_path: Path) -> None:
    frame = json_frame(glue, tmp_path, {"id": 1, "v": 150}, {"id": 2, "v": "200"}, {"id": 3, "v": "x"}, {"id": 4})
    split = frame.split_rows({"v": {">": 100}}, "big", "rest")
    assert [row["id"] for row in rows(split["big"])] == [1, 2]
    assert [row["id"] for row in rows(split["rest"])] == [3, 4]


def test_an_operator_split_rows_does_not_know_is_refused_at_once(glue: GlueContext) -> None:
    with pytest.raises(ValueError, match="~"):
        sql_frame(glue, "select 1 id").split_rows({"id": {"~": 1}}, "a", "b")


def test_drop_null_fields_drops_what_no_record_has_a_value_for(glue: GlueContext, tmp_path: Path) -> None:
    frame = json_frame(glue, tmp_path, {"a": 1, "n": None, "s": {"x": None, "y": 1}, "o": {"x": None}, "l": [None]})
    assert kinds(DropNullFields.apply(frame)) == "struct<a:int,s:struct<y:int>>"
    typed = sql_frame(glue, "select cast(null as string) s, null n")
    assert kinds(DropNullFields.apply(frame=typed)) == "struct<s:string>"


def test_union_keeps_all_records_and_makes_a_choice_of_unlike_types(glue: GlueContext) -> None:
    both = Union.apply(frame1=sql_frame(glue, "select 1 id, 'a' t"), frame2=sql_frame(glue, "select 'x' id, 2D d"))
    assert both.count() == 2
    assert sorted(both.schema().field_map) == ["d", "id", "t"]
    assert [row["id"] for row in rows(both)] == [{"int": 1, "string": None}, {"int": None, "string": "x"}]


def test_merge_takes_every_staged_record_and_the_others_whose_keys_are_not_staged(glue: GlueContext) -> None:
    source = sql_frame(
        glue, "select * from values (1, 'a', 'old'), (2, 'a', 'old'), (2, 'a', 'twin'), (3, 'b', 'old') as t(id, k, v)"
    )
    stage = sql_frame(
        glue, "select * from values (3, 'b', 'new', 1), (3, 'b', 'twin', 2), (4, 'a', 'new', 3) as t(id, k, v, extra)"
    )
    merged = source.mergeDynamicFrame(stage, ["id", "k"])
    assert sorted((row["id"], row["v"], row["extra"]) for row in rows(merged) if row["extra"]) == [
        (3, "new", 1),
        (3, "twin", 2),
        (4, "new", 3),
    ]
    assert sorted((row["id"], row["v"]) for row in rows(merged) if not row["extra"]) == [
        (1, "old"),
        (2, "old"),
        (2, "twin"),
    ]
    assert sorted(row["id"] for row in rows(source.mergeDynamicFrame(stage, "id"))) == [1, 2, 2, 3, 3, 4]


def test_merge_keeps_records_without_a_key(glue: GlueContext) -> None:
    source, stage = sql_frame(glue, "select null id, 1 v"), sql_frame(glue, "select cast(null as int) id, 2 v")
    assert sorted(row["v"] for row in rows(source.mergeDynamicFrame(stage, ["id"]))) == [1, 2]


def test_a_spigot_writes_a_sample_when_the_frame_is_computed_and_changes_nothing(
    glue: GlueContext, tmp_path: Path
) -> None:
    frame = json_frame(glue, tmp_path, *[{"id": at, "v": at if at % 2 else str(at)} for at in range(20)])
    path = tmp_path / "sample"
    tapped = Spigot.apply(frame, str(path), {"topk": 3})
    assert not path.exists()
    assert values(tapped) == values(frame)
    assert tapped.count() == 20
    lines = [line for file in path.glob("*.json") for line in file.read_text().splitlines()]
    assert lines == ['{"id":0,"v":"0"}', '{"id":1,"v":1}', '{"id":2,"v":"2"}']


@pytest.mark.parametrize(("options", "count"), [({"prob": 0}, 0), ({"prob": "1.0"}, 150), (None, 100), ({}, 100)])
def test_a_spigot_takes_records_by_chance_or_the_first_hundred(
    glue: GlueContext, tmp_path: Path, options: dict[str, Any] | None, count: int
) -> None:
    tapped: DynamicFrame = sql_frame(glue, "select id from range(150)").spigot(str(tmp_path / "s"), options)
    assert tapped.count() == 150
    assert sum(len(file.read_text().splitlines()) for file in (tmp_path / "s").glob("*.json")) == count


def test_a_spigot_that_cannot_be_is_refused_at_once(glue: GlueContext) -> None:
    with pytest.raises(ValueError, match="prob"):
        sql_frame(glue, "select 1 id").spigot("/nowhere", {"prob": 2})
    with pytest.raises(ValueError, match="topk"):
        sql_frame(glue, "select 1 id").spigot("/nowhere", {"topk": "few"})


def test_partitions_can_be_fewer_or_more(glue: GlueContext) -> None:
    frame = sql_frame(glue, "select id from range(0, 10, 1, 4)")
    assert Coalesce.apply(frame, 2).getNumPartitions() == 2
    assert Coalesce.apply(frame, 6, shuffle=True).getNumPartitions() == 6
    assert Repartition.apply(frame, 3).getNumPartitions() == 3
