"""The lattice of types: laws for all types, and the joins that Glue's users meet."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog import types
from catalog.types import STRING, Array, Decimal, HiveType, Map, Struct
from crawlers.lattice import VOID, arrange, canonical, join, join_all, settle, shorten

NAMES = ("boolean", "tinyint", "smallint", "int", "bigint", "float", "double", "string", "binary", "date", "timestamp")
SCALARS = [VOID, *map(types.parse, (*NAMES, "char(3)", "char(9)", "varchar(3)"))]

scalars = st.one_of(
    st.sampled_from(SCALARS),
    st.integers(1, 38).flatmap(lambda precision: st.builds(Decimal, st.just(precision), st.integers(0, precision))),
)


def nested(inner: st.SearchStrategy[HiveType]) -> st.SearchStrategy[HiveType]:
    fields = st.lists(st.tuples(st.sampled_from(["a", "A", "b", "cD", "Cd", "e f"]), inner), max_size=4)
    return st.one_of(inner.map(Array), st.builds(Map, scalars, inner), fields.map(lambda found: Struct(tuple(found))))


hive_types = st.recursive(scalars, nested, max_leaves=8)


@given(hive_types, hive_types)
def test_join_does_not_depend_on_the_order_of_two(a: HiveType, b: HiveType) -> None:
    assert join(a, b) == join(b, a)


@given(hive_types, hive_types, hive_types)
def test_join_does_not_depend_on_how_three_are_paired(a: HiveType, b: HiveType, c: HiveType) -> None:
    assert join(join(a, b), c) == join(a, join(b, c))


@given(hive_types)
def test_join_of_a_type_with_itself_is_that_type(a: HiveType) -> None:
    assert join(a, a) == canonical(a)
    assert join(canonical(a), canonical(a)) == canonical(a)


@given(hive_types)
def test_void_is_below_and_string_above_every_type(a: HiveType) -> None:
    assert join(a, VOID) == canonical(a)
    assert join(a, STRING) == STRING


@given(hive_types, hive_types)
def test_a_join_holds_both_its_parts(a: HiveType, b: HiveType) -> None:
    assert join(join(a, b), a) == join(a, b)


@given(st.lists(hive_types, min_size=1, max_size=4))
def test_arranging_moves_fields_and_changes_nothing_else(kinds: list[HiveType]) -> None:
    joined = join_all(kinds)
    assert canonical(arrange(joined, kinds)) == joined


@given(hive_types)
def test_a_settled_type_can_be_printed_and_parsed_again(a: HiveType) -> None:
    settled = settle(canonical(a))
    assert types.parse(str(settled)) == settled


@pytest.mark.parametrize(
    ("one", "two", "joined"),
    [
        ("int", "bigint", "bigint"),
        ("bigint", "double", "double"),
        ("tinyint", "smallint", "smallint"),
        ("float", "double", "double"),
        ("float", "int", "double"),
        ("int", "decimal(5,2)", "decimal(12,2)"),
        ("bigint", "decimal(38,30)", "double"),
        ("decimal(10,2)", "decimal(8,4)", "decimal(12,4)"),
        ("decimal(5,2)", "double", "double"),
        ("double", "string", "string"),
        ("boolean", "int", "string"),
        ("date", "timestamp", "timestamp"),
        ("date", "int", "string"),
        ("int", "array<int>", "string"),
        ("string", "struct<a:int>", "string"),
        ("array<int>", "array<double>", "array<double>"),
        ("array<void>", "array<struct<a:int>>", "array<struct<a:int>>"),
        ("struct<a:int>", "map<string,int>", "string"),
        ("struct<b:int,a:int>", "struct<c:string,a:bigint>", "struct<a:bigint,b:int,c:string>"),
        ("struct<Id:int>", "struct<id:bigint>", "struct<Id:bigint>"),
        ("map<string,int>", "map<string,double>", "map<string,double>"),
    ],
)
def test_two_types_join_to_the_least_that_holds_both(one: str, two: str, joined: str) -> None:
    assert str(join(types.parse(one), types.parse(two))) == joined


def test_fields_are_arranged_in_the_order_first_seen() -> None:
    seen = [types.parse("struct<z:int,a:int>"), types.parse("struct<m:array<struct<y:int,x:int>>,a:int>")]
    assert str(arrange(join_all(seen), seen)) == "struct<z:int,a:int,m:array<struct<y:int,x:int>>>"


@pytest.mark.parametrize(
    ("found", "declared"),
    [
        (VOID, "string"),
        (Array(VOID), "array<string>"),
        (Struct(()), "string"),
        (Struct((("a:b", types.INT),)), "string"),
        (Struct((("a b", types.INT),)), "string"),
        (Struct((("a", Struct(())), ("b", VOID))), "struct<a:string,b:string>"),
    ],
)
def test_what_no_reader_can_parse_is_declared_as_string(found: HiveType, declared: str) -> None:
    assert str(settle(found)) == declared


def test_what_is_nested_deeper_than_types_may_be_is_declared_as_string() -> None:
    kind: HiveType = types.INT
    for _ in range(150):
        kind = Array(kind)
    settled = settle(kind)
    assert types.parse(str(settled)) == settled
    assert str(settled).count("array") == types.DEEPEST


def test_a_type_too_long_collapses_its_widest_struct_into_a_map() -> None:
    wide = Struct(tuple((f"key{number}", types.INT) for number in range(50)))
    kind = Struct((("id", types.INT), ("data", wide)))
    assert str(shorten(kind, 100)) == "struct<id:int,data:map<string,string>>"
