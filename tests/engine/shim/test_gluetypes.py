"""Types: merging, the words for them, and the paths to fields."""

from __future__ import annotations

import json
import pickle

import pytest
from awsglue import gluetypes as g
from awsglue._paths import PathError, parse_path
from awsglue._showing import schema_text
from awsglue._typetext import TypeTextError, hive_text, parse_type


@pytest.mark.parametrize(
    ("left", "right", "merged"),
    [
        (g.NullType(), g.IntegerType(), g.IntegerType()),
        (g.IntegerType(), g.UnknownType(), g.IntegerType()),
        (g.IntegerType(), g.LongType(), g.ChoiceType([g.IntegerType(), g.LongType()])),
        (g.StringType(), g.StringType(), g.StringType()),
        (g.DecimalType(5, 2), g.DecimalType(7, 1), g.DecimalType(8, 2)),
        (
            g.ArrayType(g.NullType()),
            g.ArrayType(g.StringType()),
            g.ArrayType(g.StringType()),
        ),
        (
            g.StructType([g.Field("a", g.IntegerType())]),
            g.StructType([g.Field("a", g.StringType()), g.Field("b", g.DateType())]),
            g.StructType([g.Field("a", g.ChoiceType([g.IntegerType(), g.StringType()])), g.Field("b", g.DateType())]),
        ),
        (
            g.ChoiceType([g.StringType(), g.IntegerType()]),
            g.LongType(),
            g.ChoiceType([g.IntegerType(), g.LongType(), g.StringType()]),
        ),
    ],
)
def test_types_merge_the_same_from_both_sides(left: g.DataType, right: g.DataType, merged: g.DataType) -> None:
    assert g.mergeDataTypes(left, right) == merged
    if not isinstance(left, g.StructType):
        assert g.mergeDataTypes(right, left) == merged


@pytest.mark.parametrize(
    ("text", "type", "hive"),
    [
        ("BIGINT", g.LongType(), "bigint"),
        ("long", g.LongType(), "bigint"),
        ("varchar(10)", g.StringType(), "string"),
        ("decimal", g.DecimalType(10, 2), "decimal(10,2)"),
        ("decimal(12, 4)", g.DecimalType(12, 4), "decimal(12,4)"),
        ("decimal(12)", g.DecimalType(12, 0), "decimal(12,0)"),
        ("map<string,int>", g.MapType(g.IntegerType()), "map<string,int>"),
        (
            "array<struct<Aa:int, `b c`:array<double>>>",
            g.ArrayType(
                g.StructType([g.Field("Aa", g.IntegerType()), g.Field("b c", g.ArrayType(g.DoubleType()))]),
            ),
            "array<struct<Aa:int,b c:array<double>>>",
        ),
    ],
)
def test_type_texts_are_read_and_written(text: str, type: g.DataType, hive: str) -> None:
    assert parse_type(text) == type
    assert hive_text(type) == hive
    assert g.from_json(json.loads(json.dumps(type.jsonValue()))) == type


@pytest.mark.parametrize("text", ["", "bigint2", "array<int", "array<>", "struct<a>", "int(3)", "decimal(x)", "int>"])
def test_what_is_no_type_is_refused(text: str) -> None:
    with pytest.raises(TypeTextError):
        parse_type(text)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("a", ("a",)),
        ("a.b", ("a", "b")),
        ("`a.b`", ("a.b",)),
        ("a.`b.c`.d", ("a", "b.c", "d")),
        ("l[].price", ("l", "[]", "price")),
        (".zip", (".zip",)),
        ("two words", ("two words",)),
    ],
)
def test_paths_are_read(text: str, path: tuple[str, ...]) -> None:
    assert parse_path(text) == path


@pytest.mark.parametrize("text", ["", "a..b", "a.", "`a", "[]"])
def test_what_is_no_path_is_refused(text: str) -> None:
    with pytest.raises(PathError):
        parse_path(text)


def test_a_schema_prints_choices_arrays_and_structs_level_by_level() -> None:
    inner = g.StructType([g.Field("x", g.DoubleType())])
    schema = g.StructType(
        [
            g.Field("pid", g.ChoiceType([g.StringType(), g.LongType()])),
            g.Field("l", g.ArrayType(inner)),
            g.Field("m", g.ChoiceType([g.StringType(), inner])),
            g.Field("d", g.DecimalType(5, 1)),
        ]
    )
    assert schema_text(schema).splitlines() == [
        "root",
        "|-- pid: choice",
        "|    |-- long",
        "|    |-- string",
        "|-- l: array",
        "|    |-- element: struct",
        "|    |    |-- x: double",
        "|-- m: choice",
        "|    |-- string",
        "|    |-- struct",
        "|    |    |-- x: double",
        "|-- d: decimal(5,1)",
    ]


def test_a_record_answers_to_attributes_and_raises_key_error() -> None:
    record = pickle.loads(pickle.dumps(g.DynamicRecord(a=1)))
    record.b = 2
    assert (record.a, record["b"]) == (1, 2)
    with pytest.raises(KeyError):
        hasattr(record, "c")
