"""Transforms: what becomes of fields and records."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from awsglue import transforms
from awsglue.dynamicframe import DynamicFrame, ResolveOption
from awsglue.gluetypes import LongType, StringType
from awsglue.transforms import (
    ApplyMapping,
    DropFields,
    Filter,
    Join,
    Map,
    RenameField,
    ResolveChoice,
    SelectFields,
)
from pyspark.sql import types as spark_types

from tests.engine.shim.peer import Peer, declared, plan

if TYPE_CHECKING:
    from awsglue.context import GlueContext
    from pyspark.sql import SparkSession

MIXED = """\
{"id": 1, "pid": 10001, "s": {"v": 1, "keep": "k"}, "l": [{"price": 1}, {"price": "x"}]}
{"id": 2, "pid": "abc", "s": {"v": "one", "keep": "k"}, "l": []}
{"id": 3, "pid": "12"}
"""


@pytest.fixture(scope="module")
def mixed(glue: GlueContext, tmp_path_factory: pytest.TempPathFactory) -> DynamicFrame:
    """JSON in which pid, s.v and l[].price are choices of int and string."""
    folder = tmp_path_factory.mktemp("mixed")
    (folder / "in.json").write_text(MIXED)
    return glue.create_dynamic_frame.from_options("s3", {"paths": [str(folder)]}, "json")


@pytest.fixture(scope="module")
def people(glue: GlueContext, spark: SparkSession) -> DynamicFrame:
    """A DataFrame-born frame with nested fields and a literal dot in a name."""
    rows = spark.sql(
        "select * from values"
        " (1, 'Ada', named_struct('city', 'Rom', 'zip', '00100'), array(named_struct('a', 1, 'b', 2)), 'x'),"
        " (2, null, null, null, null) as t(id, Name, home, list, `a.b`)"
    )
    return DynamicFrame.fromDF(rows, glue, "people")


def rows(frame: DynamicFrame) -> list[dict[str, Any]]:
    return [row.asDict(recursive=True) for row in frame.toDF().collect()]


def _pair(number: int | None, text: str | None) -> dict[str, Any]:
    return {"int": number, "string": text}


def kinds(frame: DynamicFrame) -> str:
    return frame.toDF().schema.simpleString()


@pytest.mark.parametrize(
    ("specs", "column", "values"),
    [
        ([("pid", "cast:long")], "pid", [10001, None, 12]),
        (("pid", "cast:string"), "pid", ["10001", "abc", "12"]),
        ([("pid", "project:int")], "pid", [10001, None, None]),
        ([("pid", "project:string")], "pid", [None, "abc", "12"]),
        ([("pid", "project:double")], "pid", [None, None, None]),
        ([("pid", "make_cols")], "pid_int", [10001, None, None]),
        ([("pid", "make_cols")], "pid_string", [None, "abc", "12"]),
        ([("pid", "make_struct")], "pid", [_pair(10001, None), _pair(None, "abc"), _pair(None, "12")]),
        ([("id", "cast:string")], "id", ["1", "2", "3"]),
        ([("id", "make_cols")], "id", [1, 2, 3]),
        ([("nowhere", "cast:int")], "id", [1, 2, 3]),
        ([("s.v", "cast:string")], "s", [{"v": "1", "keep": "k"}, {"v": "one", "keep": "k"}, None]),
        (
            [("s.v", "make_cols")],
            "s",
            [{"v_int": 1, "v_string": None, "keep": "k"}, {"v_int": None, "v_string": "one", "keep": "k"}, None],
        ),
        ([("l[].price", "cast:int")], "l", [[{"price": 1}, {"price": None}], [], None]),
    ],
)
def test_a_choice_is_resolved_as_its_spec_says(mixed: DynamicFrame, specs: Any, column: str, values: list[Any]) -> None:
    assert [row[column] for row in rows(ResolveChoice.apply(frame=mixed, specs=specs))] == values


@pytest.mark.parametrize(
    ("choice", "schema"),
    [
        ("cast:string", "struct<id:int,pid:string,s:struct<v:string,keep:string>,l:array<struct<price:string>>>"),
        ("project:int", "struct<id:int,pid:int,s:struct<v:int,keep:string>,l:array<struct<price:int>>>"),
        (
            "make_struct",
            "struct<id:int,pid:struct<int:int,string:string>,s:struct<v:struct<int:int,string:string>,keep:string>,"
            "l:array<struct<price:struct<int:int,string:string>>>>",
        ),
        (
            "make_cols",
            "struct<id:int,pid_int:int,pid_string:string,s:struct<v_int:int,v_string:string,keep:string>,"
            "l:array<struct<price_int:int,price_string:string>>>",
        ),
    ],
)
def test_one_choice_action_resolves_every_choice_at_any_depth(mixed: DynamicFrame, choice: str, schema: str) -> None:
    assert kinds(mixed.resolveChoice(choice=choice)) == schema


def test_match_catalog_casts_choices_to_the_declared_types_and_leaves_the_rest(mixed: DynamicFrame, peer: Peer) -> None:
    table = {"database": "d", "table": "t", "location": "", "format": "json", "options": {}, "partition_keys": []}
    peer.give("GET", "tables/d/t", {**table, "columns": declared("ID:string PID:bigint l:array<struct<price:double>>")})
    resolved = mixed.resolveChoice(choice="match_catalog", database="d", table_name="t")
    assert kinds(resolved) == (
        "struct<id:int,pid:bigint,s:struct<v:struct<int:int,string:string>,keep:string>,l:array<struct<price:double>>>"
    )


@pytest.mark.parametrize("ansi", ["true", "false"])
def test_casting_open_csv_columns_needs_no_look_at_the_data(
    glue: GlueContext, peer: Peer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ansi: str
) -> None:
    glue.spark_session.conf.set("spark.sql.ansi.enabled", ansi)
    (tmp_path / "in.csv").write_text("1,2\nx,3\n")
    peer.give("POST", "read-plan", plan(([], tmp_path, [tmp_path / "in.csv"]), columns="a:bigint b:int"))
    monkeypatch.setattr("awsglue._settling.schema_jobs", _no_schema_jobs)
    frame = glue.create_dynamic_frame.from_catalog("db", "t")
    mapped = frame.resolveChoice(specs=[("b", "cast:double")]).apply_mapping([("a", "long", "a", "bigint"), ("b", "b")])
    assert rows(mapped) == [{"a": 1, "b": 2.0}, {"a": None, "b": 3.0}]
    glue.spark_session.conf.unset("spark.sql.ansi.enabled")


@pytest.mark.parametrize(
    ("text", "source", "target", "values"),
    [
        ("1.5\n2.5\n", "int", "double", [1.5, 2.5]),
        ("1\n2.5\n", "int", "double", [1.0, None]),
        ("1\n2.5\n", "string", "string", [None, "2.5"]),
        ("1\n2\n", "string", "string", ["1", "2"]),
    ],
)
def test_a_mapping_of_a_csv_column_goes_by_what_its_values_turn_out_to_be(
    glue: GlueContext, peer: Peer, tmp_path: Path, text: str, source: str, target: str, values: list[Any]
) -> None:
    (tmp_path / "in.csv").write_text(text)
    peer.give("POST", "read-plan", plan(([], tmp_path, [tmp_path / "in.csv"]), columns="a:int"))
    frame = glue.create_dynamic_frame.from_catalog("db", "t")
    assert [row["a"] for row in rows(frame.apply_mapping([("a", source, "a", target)]))] == values


def _no_schema_jobs(context: object) -> None:
    raise AssertionError("a job was run to learn a schema")


@pytest.mark.parametrize(
    ("kwargs", "error"),
    [
        ({}, ValueError),
        ({"specs": [("a", "cast:int")], "choice": "make_cols"}, ValueError),
        ({"specs": [("a", "explode")]}, ValueError),
        ({"specs": [("a", "cast:nothing")]}, ValueError),
        ({"choice": "match_catalog"}, ValueError),
    ],
)
def test_a_resolution_that_cannot_be_is_refused_at_once(
    people: DynamicFrame, kwargs: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        people.resolveChoice(**kwargs)


@pytest.mark.parametrize(
    "option",
    [
        ResolveOption("pid", "Project", LongType()),
        ResolveOption("pid", "Cast", LongType()),
        ResolveOption("pid", "Cast", spark_types.LongType()),
    ],
)
def test_to_df_takes_resolve_options(mixed: DynamicFrame, option: ResolveOption) -> None:
    assert dict(mixed.toDF([option]).dtypes)["pid"] == "bigint"
    assert dict(mixed.toDF([ResolveOption("pid", "KeepAsStruct")]).dtypes)["pid"].startswith("struct")


@pytest.mark.parametrize(
    ("mappings", "schema", "first"),
    [
        ([("id", "int", "n", "string")], "struct<n:string>", {"n": "1"}),
        (("id", "int", "n", "string"), "struct<n:string>", {"n": "1"}),
        ([("id", "n"), ("id", "m", "double")], "struct<n:int,m:double>", {"n": 1, "m": 1.0}),
        ([("ID", "int", "x.y.id", "long"), ("name", "string", "x.name", "string")], None, None),
        ([("`a.b`", "string", "`c.d`", "string")], "struct<c.d:string>", {"c.d": "x"}),
        ([("home.zip", "string", "zip", "int")], "struct<zip:int>", {"zip": 100}),
        ([("Name", "string", "n", "int")], "struct<n:int>", {"n": None}),
        ([("nowhere", "string", "n", "date")], "struct<n:date>", {"n": None}),
        ([("home", "struct", "h", "string")], "struct<h:string>", {"h": '{"city":"Rom","zip":"00100"}'}),
        ([("home", "struct", "h", "struct")], "struct<h:struct<city:string,zip:string>>", None),
        ([("list[].b", "array", "bs", "array")], "struct<bs:array<int>>", {"bs": [2]}),
    ],
)
def test_fields_are_mapped(people: DynamicFrame, mappings: Any, schema: str | None, first: Any) -> None:
    mapped = ApplyMapping.apply(frame=people, mappings=mappings)
    assert kinds(mapped) == (schema or "struct<x:struct<y:struct<id:bigint>,name:string>>")
    if first is not None:
        assert rows(mapped)[0] == first


def test_a_mapping_picks_the_choice_member_its_source_type_names(mixed: DynamicFrame) -> None:
    mapped = mixed.apply_mapping(
        [("pid", "string", "text", "string"), ("pid", "int", "number", "long"), ("gone", "int", "g", "int")]
    )
    assert rows(mapped) == [
        {"text": None, "number": 10001},
        {"text": "abc", "number": None},
        {"text": "12", "number": None},
    ]


@pytest.mark.parametrize(
    ("mappings", "error"),
    [([("a",)], ValueError), (["a"], TypeError), ([("a", "int", "b", "nothing")], ValueError)],
)
def test_mappings_that_cannot_be_read_are_refused_at_once(
    people: DynamicFrame, mappings: Any, error: type[Exception]
) -> None:
    with pytest.raises(error):
        people.apply_mapping(mappings)


@pytest.mark.parametrize("targets", [("b.c", "b"), ("b", "b.c")])
def test_no_mapping_loses_what_another_put_into_a_struct(people: DynamicFrame, targets: tuple[str, str]) -> None:
    mapped = people.apply_mapping([("id", target) for target in targets])
    with pytest.raises(ValueError, match="makes 'b' a plain field"):
        mapped.toDF()


@pytest.mark.parametrize(
    ("value", "target", "expected"),
    [
        ("date'2026-01-02'", "int", None),
        ("date'2026-01-02'", "string", "2026-01-02"),
        ("date'2026-01-02'", "timestamp", datetime.datetime.fromisoformat("2026-01-02")),
        ("timestamp'1970-01-01 00:01:00'", "long", 60),
        ("60L", "timestamp", datetime.datetime.fromisoformat("1970-01-01 00:01:00")),
        ("300", "byte", None),
        ("1.7D", "int", 1),
        ("true", "date", None),
        ("X'41'", "string", "A"),
        ("X'41'", "double", None),
        ("array(1)", "int", None),
        ("map('a', 1)", "string", '{"a":1}'),
    ],
)
def test_a_value_that_does_not_convert_is_null(
    glue: GlueContext, spark: SparkSession, value: str, target: str, expected: Any
) -> None:
    frame = DynamicFrame.fromDF(spark.sql(f"select {value} v"), glue)
    assert rows(frame.apply_mapping([("v", "string", "v", target)])) == [{"v": expected}]


def test_names_can_be_matched_with_case(people: DynamicFrame) -> None:
    assert rows(people.apply_mapping([("name", "n")], case_sensitive=True))[0] == {"n": None}


@pytest.mark.parametrize(
    ("change", "schema"),
    [
        (
            lambda frame: SelectFields.apply(frame, ["home.zip", "id", "nowhere"]),
            "struct<home:struct<zip:string>,id:int>",
        ),
        (lambda frame: frame.select_fields("Name"), "struct<Name:string>"),
        (
            lambda frame: DropFields.apply(frame, ["list.b", "home.city", "home.zip", "`a.b`", "no.where"]),
            "struct<id:int,Name:string,list:array<struct<a:int>>>",
        ),
        (
            lambda frame: RenameField.apply(frame, "home.zip", "home.code").drop_fields(["list", "Name", "`a.b`"]),
            "struct<id:int,home:struct<city:string,code:string>>",
        ),
        (lambda frame: frame.rename_field("`a.b`", "c").select_fields(["c"]), "struct<c:string>"),
        (lambda frame: frame.rename_field("nowhere", "c").select_fields(["id"]), "struct<id:int>"),
    ],
)
def test_fields_are_kept_dropped_and_renamed(
    people: DynamicFrame, change: Callable[[DynamicFrame], DynamicFrame], schema: str
) -> None:
    assert kinds(change(people)) == schema


def test_a_null_struct_stays_null_when_a_member_goes(people: DynamicFrame) -> None:
    assert [row["home"] for row in rows(people.drop_fields(["home.city"]))] == [{"zip": "00100"}, None]


def test_join_keeps_both_keys_and_dots_the_first_frames_copy(glue: GlueContext, spark: SparkSession) -> None:
    left = DynamicFrame.fromDF(spark.sql("select * from values (1, 2, 'l'), (2, 1, 'm') as t(a, b, v)"), glue, "l")
    right = DynamicFrame.fromDF(spark.sql("select * from values (1L, 2, 'r'), (null, 5, 's') as t(a, k, v)"), glue, "r")
    joined = Join.apply(left, right, ["a", "b"], ["a", "k"])
    assert joined.name == "lr"
    assert rows(joined) == [{".a": 1, "b": 2, ".v": "l", "a": 1, "k": 2, "v": "r"}]
    assert rows(joined.apply_mapping([(".v", "string", "x", "string")])) == [{"x": "l"}]


def test_a_frame_joins_itself_and_null_keys_never_match(people: DynamicFrame) -> None:
    named = people.select_fields(["id", "Name", "home"])
    assert [row["id"] for row in rows(named.join("Name", "Name", named))] == [1]
    assert [row[".id"] for row in rows(named.join(["home.zip"], ["home.zip"], named))] == [1]


def test_a_choice_joins_by_its_text(mixed: DynamicFrame, glue: GlueContext, spark: SparkSession) -> None:
    other = DynamicFrame.fromDF(spark.sql("select * from values (10001L), (12L) as t(n)"), glue)
    assert sorted(row["id"] for row in rows(mixed.join("pid", "n", other))) == [1, 3]


def test_a_join_on_a_missing_field_names_it(people: DynamicFrame) -> None:
    with pytest.raises(KeyError, match="nowhere"):
        people.join("nowhere", "id", people).toDF()


def test_filter_sees_plain_values_and_no_absent_fields(mixed: DynamicFrame, people: DynamicFrame) -> None:
    assert [row["id"] for row in rows(Filter.apply(mixed, lambda r: r["pid"] in (10001, "12")))] == [1, 3]
    assert [row["id"] for row in rows(mixed.filter(lambda r: r["s"]["v"] != 1))] == [2]
    assert [row["id"] for row in rows(mixed.filter(lambda r: int(r.pid) > 0))] == [1, 3]
    assert [row["id"] for row in rows(people.filter(lambda r: r["Name"] is None))] == [2]


def test_a_frame_without_records_passes_through_every_transform(glue: GlueContext, peer: Peer, tmp_path: Path) -> None:
    peer.give("POST", "read-plan", plan(format="json", columns="id:int", keys="k:string"))
    empty = glue.create_dynamic_frame.from_catalog("db", "t")
    other = DynamicFrame.fromDF(glue.spark_session.sql("select 1 id"), glue)
    through = empty.filter(lambda r: r["id"]).map(lambda r: r).apply_mapping([("id", "int", "n", "long")])
    joined = through.join("n", "id", other).resolveChoice(choice="make_cols")
    assert (kinds(through), kinds(joined), joined.count()) == ("struct<>", "struct<id:int>", 0)
    sink = glue.getSink("s3", "csv", path=f"{tmp_path}/out", partitionKeys=["n"], enableUpdateCatalog=True)
    sink.writeFrame(through)
    assert not (tmp_path / "out").exists()
    [body] = peer.bodies("written")
    assert (body["rows"], body["update_catalog"], body["columns"]) == (0, False, [])


def test_filter_and_map_take_fields_that_are_always_null(glue: GlueContext, spark: SparkSession) -> None:
    frame = DynamicFrame.fromDF(spark.sql("select null n, timestamp'2026-01-01 10:00:00' t, map('a', 1) m"), glue)
    kept = frame.filter(lambda r: r["n"] is None and r["t"].hour == 10 and r["t"].tzinfo is None and r["m"]["a"] == 1)
    assert kept.count() == 1
    assert kinds(kept.map(lambda r: {"n": r["n"], "m": r["m"]})) == "struct<n:void,m:struct<a:int>>"


def test_map_learns_the_types_of_what_the_function_returns(people: DynamicFrame) -> None:
    def change(record: Any) -> dict[str, Any]:
        first = record["id"] == 1
        return {
            "mix": 1 if first else "one",
            "day": datetime.date(2026, 1, record["id"]),
            "at": datetime.datetime.fromisoformat("2026-01-01T12:30:00.000005"),
            "price": Decimal("1.50"),
            "raw": b"\x01",
            "list": [{"n": record["id"]}],
            **({"only": True} if first else {}),
        }

    mapped = Map.apply(frame=people, f=change)
    assert kinds(mapped) == (
        "struct<mix:struct<int:int,string:string>,day:date,at:timestamp,price:decimal(3,2),raw:binary,"
        "list:array<struct<n:int>>,only:boolean>"
    )
    second = rows(mapped)[1]
    assert second == {
        "mix": {"int": None, "string": "one"},
        "day": datetime.date(2026, 1, 2),
        "at": datetime.datetime.fromisoformat("2026-01-01T12:30:00.000005"),
        "price": Decimal("1.50"),
        "raw": bytearray(b"\x01"),
        "list": [{"n": 2}],
        "only": None,
    }
    assert [row["id"] for row in rows(mapped.filter(lambda r: r["only"]).map(lambda r: {"id": r["list"][0]["n"]}))] == [
        1
    ]


def test_every_public_transform_is_there() -> None:
    assert transforms.get_transform("applymapping") is ApplyMapping
    assert len(transforms.get_transforms()) == 22


def test_a_method_a_script_adds_to_the_class_works(people: DynamicFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DynamicFrame, "only", lambda self, name: self.select_fields([name]), raising=False)
    assert kinds(people.only("id")) == "struct<id:int>"  # type: ignore[attr-defined]


def test_schema_of_a_spark_frame_is_in_glue_types(people: DynamicFrame) -> None:
    assert people.schema().getField("Name").dataType == StringType()
