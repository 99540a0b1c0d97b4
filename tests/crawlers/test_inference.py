"""Schemas to columns, and locations to names."""

from __future__ import annotations

import pytest

from catalog import types
from crawlers.formats import Field, Schema
from crawlers.inference import columns, merge, similarity
from crawlers.naming import base_name, concerns, is_below, same_place, unique_name
from crawlers.recognition import layout


def schema(form: str, *fields: tuple[str, str], marks: frozenset[str] = frozenset()) -> Schema:
    traits = (("delimiter", ","), ("header lines", "1")) if form == "csv" else ()
    return Schema(form, traits, tuple(Field(name, types.parse(kind)) for name, kind in fields), marks)


def declared(found: Schema, *keys: str) -> dict[str, str]:
    return {column.name: column.type for column in columns(found, keys, layout(found))[0]}


def test_names_are_lower_cased_and_doubles_get_a_number() -> None:
    found = schema("csv", ("Id", "bigint"), ("ID", "bigint"), ("net quantity", "double"), ("a/b,c", "string"))
    assert list(declared(found)) == ["id", "id_1", "net quantity", "a_b_c"]


def test_a_key_that_is_also_a_column_is_left_out_where_columns_go_by_name() -> None:
    found = schema("parquet", ("id", "int"), ("Year", "int"))
    assert declared(found, "year") == {"id": "int"}


def test_a_key_that_is_also_a_column_is_renamed_where_columns_go_by_position() -> None:
    found = schema("csv", ("id", "bigint"), ("year", "bigint"), ("price", "double"))
    assert declared(found, "year") == {"id": "bigint", "year_1": "bigint", "price": "double"}


def test_columns_without_a_value_are_string() -> None:
    assert declared(schema("json", ("a", "void"), ("b", "array<void>"))) == {"a": "string", "b": "array<string>"}


def test_open_csv_columns_are_string_and_remember_the_type_found() -> None:
    found = schema("csv", ("id", "bigint"), ("name", "string"), marks=frozenset({"needs quotes"}))
    (number, name), _ = columns(found, (), layout(found))
    assert (number.type, number.parameters) == ("string", {"inferredType": "bigint"})
    assert (name.type, name.parameters) == ("string", {})


def test_json_schemas_merge_by_name_and_csv_by_position() -> None:
    merged = merge([schema("json", ("a", "int"), ("b", "string")), schema("json", ("c", "int"), ("A", "bigint"))])
    assert [(field.name, str(field.type)) for field in merged.fields] == [
        ("a", "bigint"),
        ("b", "string"),
        ("c", "int"),
    ]
    merged = merge([schema("csv", ("a", "bigint")), schema("csv", ("z", "double"), ("b", "string"))])
    assert [(field.name, str(field.type)) for field in merged.fields] == [("a", "double"), ("b", "string")]


def test_unnamed_columns_are_alike_only_if_their_types_agree() -> None:
    one, two = (
        schema("csv", ("col0", "bigint"), ("col1", "string")),
        schema("csv", ("col0", "string"), ("col1", "string")),
    )
    assert similarity(one, two) == 0.5
    named = schema("csv", ("id", "bigint"), ("x", "string")), schema("csv", ("id", "string"), ("x", "string"))
    assert similarity(*named) == 1.0


@pytest.mark.parametrize(
    ("location", "prefix", "name"),
    [
        ("file:///lake/Sales/", "", "sales"),
        ("file:///lake/airlines.csv", "raw_", "raw_airlines"),
        ("file:///lake/air.2024.csv.gz", "", "air_2024"),
        ("file:///lake/noending", "", "noending"),
        ("s3://bucket/year=2017/", "", "year_2017"),
        ("s3://my-bucket/", "", "my_bucket"),
        ("file:///", "", "table"),
        ("file:///lake/" + "x" * 200 + "/", "p_", "p_" + "x" * 126),
    ],
)
def test_a_table_is_called_after_its_folder_or_file(location: str, prefix: str, name: str) -> None:
    assert base_name(location, prefix) == name


def test_a_name_that_is_taken_gets_a_hash_of_the_location_that_stays() -> None:
    name = unique_name("sales", "file:///b/sales/", {"sales"})
    assert name.startswith("sales_")
    assert len(name) == len("sales_") + 32
    assert name == unique_name("sales", "file:///b/sales/", {"sales"})
    assert len(unique_name("x" * 128, "file:///" + "x" * 128 + "/", {"x" * 128})) == 128


@pytest.mark.parametrize(
    ("one", "two"),
    [("/lake/a", "file:///lake/a/"), ("file:/lake/a", "file:///lake//a"), ("s3a://b/k/", "s3://b/k")],
)
def test_two_spellings_of_a_place_are_the_same(one: str, two: str) -> None:
    assert same_place(one) == same_place(two)


def test_a_place_lies_in_another_by_whole_folders() -> None:
    assert is_below("file:///lake/a/b/", ["file:///lake/a/"])
    assert not is_below("file:///lake/ab/", ["file:///lake/a/"])
    assert concerns("file:///lake/a/x.csv", "file:///lake/a/")
    assert concerns("file:///lake/", "file:///lake/a/")
    assert not concerns("file:///lake/a", "file:///lake/a/b/")
