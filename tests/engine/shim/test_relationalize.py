"""Relationalize: nested records as tables with keys."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from awsglue.transforms import Relationalize
from awsglue.transforms.unnest import SameNameError
from awsglue.utils import getResolvedOptions

from tests.engine.shim.frames import json_frame, kinds, rows, sql_frame, values
from tests.engine.shim.peer import Peer

if TYPE_CHECKING:
    from awsglue.context import GlueContext


def test_an_array_of_structs_becomes_a_table_that_refers_to_the_root_by_a_key(
    glue: GlueContext, tmp_path: Path
) -> None:
    frame = json_frame(
        glue,
        tmp_path,
        {"z": 1, "customers": [{"id": 343, "address": "66 P"}]},
        {"z": 2, "customers": [{"id": 1}, {"id": 2}]},
    )
    tables = frame.relationalize("root", str(tmp_path / "stage"))
    assert list(tables.keys()) == ["root", "root_customers"]
    assert values(tables["root"]) == [(1, 1), (2, 2)]
    assert values(tables.select("root_customers")) == [(1, 0, 343, "66 P"), (2, 0, 1, None), (2, 1, 2, None)]
    assert kinds(tables["root"]) == "struct<z:int,customers:bigint>"
    assert kinds(tables["root_customers"]) == (
        "struct<id:bigint,index:int,customers.val.id:int,customers.val.address:string>"
    )


def test_structs_are_flattened_to_dotted_names_and_scalars_lie_in_val(glue: GlueContext, tmp_path: Path) -> None:
    frame = json_frame(glue, tmp_path, {"a": {"b": {"c": 1}, "tags": ["x", None]}, "n": "t"})
    tables = Relationalize.apply(frame=frame, staging_path=str(tmp_path / "stage"), name="r")
    assert rows(tables["r"]) == [{"a.b.c": 1, "a.tags": 1, "n": "t"}]
    assert rows(tables["r_a.tags"]) == [
        {"id": 1, "index": 0, "a.tags.val": "x"},
        {"id": 1, "index": 1, "a.tags.val": None},
    ]


def test_arrays_in_arrays_get_tables_and_keys_of_their_own(glue: GlueContext, tmp_path: Path) -> None:
    frame = json_frame(
        glue,
        tmp_path,
        {"l": [{"n": 1, "tags": ["a", "b"]}, {"n": 2}, {"n": 3, "tags": []}], "m": [[1, 2], [3]]},
        {"l": [{"n": 4, "tags": ["c"]}]},
    )
    tables = frame.relationalize("r", str(tmp_path / "stage"))
    assert list(tables.keys()) == ["r", "r_l", "r_l.val.tags", "r_m", "r_m.val"]
    assert values(tables["r"]) == [(1, 1), (2, None)]
    assert values(tables["r_l"]) == [(1, 0, 1, 1), (1, 1, 2, None), (1, 2, 3, 3), (2, 0, 4, 4)]
    assert values(tables["r_l.val.tags"]) == [(1, 0, "a"), (1, 1, "b"), (4, 0, "c")]
    assert kinds(tables["r_l.val.tags"]) == "struct<id:bigint,index:int,l.val.tags.val:string>"
    assert values(tables["r_m"]) == [(1, 0, 1), (1, 1, 2)]
    assert values(tables["r_m.val"]) == [(1, 0, 1), (1, 1, 2), (2, 0, 3)]
    assert kinds(tables["r_m.val"]) == "struct<id:bigint,index:int,m.val.val:int>"


def test_a_missing_array_has_no_key_and_an_empty_one_a_key_without_rows(glue: GlueContext, tmp_path: Path) -> None:
    frame = json_frame(glue, tmp_path, {"n": 1, "l": [1]}, {"n": 2, "l": []}, {"n": 3, "l": None}, {"n": 4})
    tables = frame.relationalize("r", str(tmp_path / "stage"))
    assert values(tables["r"]) == [(1, 1), (2, 2), (3, None), (4, None)]
    assert values(tables["r_l"]) == [(1, 0, 1)]


def test_keys_hold_however_often_and_in_whatever_order_the_tables_are_read(glue: GlueContext, tmp_path: Path) -> None:
    query = (
        "select id, transform(sequence(1, 3), i -> named_struct('of', id, 'l', array(id * 10 + i))) a from range(40)"
    )
    shuffled = sql_frame(glue, f"{query} order by rand()").repartition(5)
    tables = shuffled.relationalize("r", str(tmp_path / "stage"))
    root, child, deep = (tables[name].toDF() for name in ("r", "r_a", "r_a.val.l"))
    records = root.toDF("record", "a_key").join(child.toDF("a_key", "index", "of", "l_key"), "a_key")
    elements = records.join(deep.toDF("l_key", "l_index", "value"), "l_key")
    assert elements.where("of = record and floor(value / 10) = record").count() == 120


def test_a_choice_is_taken_apart_by_type(glue: GlueContext, tmp_path: Path) -> None:
    frame = json_frame(glue, tmp_path, {"c": 1, "l": [1, "x"]}, {"c": "a"}, {"c": [5]})
    tables = frame.relationalize("r", str(tmp_path / "stage"))
    assert list(tables.keys()) == ["r", "r_c.array", "r_l"]
    assert kinds(tables["r"]) == "struct<c.array:bigint,c.int:int,c.string:string,l:bigint>"
    assert values(tables["r_c.array"]) == [(3, 0, 5)]
    assert rows(tables["r_l"])[1] == {"id": 1, "index": 1, "l.val.int": None, "l.val.string": "x"}


def test_a_map_is_the_array_of_its_entries(glue: GlueContext, tmp_path: Path) -> None:
    tables = sql_frame(glue, "select map('k', array(1, 2)) m").relationalize("r", str(tmp_path / "stage"))
    assert list(tables.keys()) == ["r", "r_m", "r_m.val.value"]
    assert values(tables["r_m"]) == [(1, 0, "k", 1)]
    assert kinds(tables["r_m"]) == "struct<id:bigint,index:int,m.val.key:string,m.val.value:bigint>"
    assert values(tables["r_m.val.value"]) == [(1, 0, 1), (1, 1, 2)]


def test_fields_that_are_always_null_and_empty_structs_stay_null_fields(glue: GlueContext, tmp_path: Path) -> None:
    frame = json_frame(glue, tmp_path, {"n": None, "e": {}, "l": [None], "s": {"x": None, "y": 1}})
    tables = frame.relationalize("r", str(tmp_path / "stage"))
    assert kinds(tables["r"]) == "struct<n:void,e:void,l:bigint,s.x:void,s.y:int>"
    assert kinds(tables["r_l"]) == "struct<id:bigint,index:int,l.val:void>"


def test_a_frame_without_records_has_an_empty_root(glue: GlueContext, tmp_path: Path) -> None:
    tables = glue._empty_frame("x").relationalize("r", str(tmp_path / "stage"))
    assert (list(tables.keys()), tables["r"].count()) == (["r"], 0)


def test_two_fields_that_flatten_to_one_name_are_refused(glue: GlueContext, tmp_path: Path) -> None:
    frame = sql_frame(glue, "select 1 `a.b`, named_struct('b', 2) a")
    with pytest.raises(SameNameError, match=r"a\.b"):
        frame.relationalize("r", str(tmp_path))
    with pytest.raises(SameNameError, match=r"a\.b"):
        frame.unnest().toDF()


def test_nothing_is_staged_before_a_table_is_used_and_then_only_once(glue: GlueContext, tmp_path: Path) -> None:
    stage = tmp_path / "stage"
    tables = sql_frame(glue, "select array(1) l").relationalize("r", str(stage))
    assert not stage.exists()
    assert [tables[name].count() for name in tables.keys()] == [1, 1]  # noqa: SIM118 - a collection is no dict
    assert len(list(stage.iterdir())) == 1


def test_the_staging_path_may_be_left_to_the_jobs_temp_dir(
    glue: GlueContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("awsglue.utils._latest", {})
    frame = sql_frame(glue, "select array(1) l")
    with pytest.raises(RuntimeError, match="TempDir"):
        Relationalize.apply(frame)
    getResolvedOptions(["job.py", "--TempDir", str(tmp_path / "temp")], [])
    assert Relationalize.apply(frame)["roottable_l"].count() == 1
    assert (tmp_path / "temp").is_dir()


def test_with_a_bookmark_keys_go_on_where_the_last_run_ended(glue: GlueContext, tmp_path: Path, peer: Peer) -> None:
    peer.give("POST", "bookmark/count", {"count": 5000})
    frame = sql_frame(glue, "select array(id) l from range(0, 4, 1, 2)")
    tables = frame.relationalize("r", str(tmp_path / "stage"), transformation_ctx="rel")
    assert peer.calls == []
    keys = [row["l"] for row in rows(tables["r"])]
    assert keys == [5001, 5002, 5001 + 2**33, 5002 + 2**33]
    asked, noted = peer.bodies("bookmark/count")
    assert asked == {"transformation_ctx": "rel"}
    assert noted == {"transformation_ctx": "rel", "count": 5000 + 2 * 2**33}
    frame.relationalize("r", str(tmp_path / "stage"))["r"].count()
    assert len(peer.calls) == 2
