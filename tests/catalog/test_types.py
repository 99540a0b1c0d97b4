"""The Hive type language."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.errors import InvalidType
from catalog.types import (
    BIGINT,
    DOUBLE,
    INT,
    STRING,
    Array,
    Decimal,
    HiveType,
    Map,
    Primitive,
    Struct,
    Text,
    Union,
    parse,
)

PRIMITIVES = [
    "boolean",
    "tinyint",
    "smallint",
    "int",
    "bigint",
    "float",
    "double",
    "string",
    "binary",
    "date",
    "timestamp",
    "void",
]
FIELD_NAMES = st.text(st.characters(exclude_characters=":<>,", exclude_categories=["Cs"]), min_size=1).filter(
    lambda name: name == name.strip()
)


def decimals(precision: int) -> st.SearchStrategy[HiveType]:
    return st.integers(0, precision).map(lambda scale: Decimal(precision, scale))


LEAVES: st.SearchStrategy[HiveType] = st.one_of(
    st.sampled_from(PRIMITIVES).map(Primitive),
    st.integers(1, 38).flatmap(decimals),
    st.builds(Text, st.sampled_from(["char", "varchar"]), st.integers(1, 65_535)),
)


def nested(inner: st.SearchStrategy[HiveType]) -> st.SearchStrategy[HiveType]:
    return st.one_of(
        inner.map(Array),
        st.builds(Map, inner, inner),
        st.lists(st.tuples(FIELD_NAMES, inner), max_size=4).map(lambda fields: Struct(tuple(fields))),
        st.lists(inner, max_size=3).map(lambda members: Union(tuple(members))),
    )


TYPES = st.recursive(LEAVES, nested, max_leaves=12)


@given(TYPES)
def test_what_a_type_prints_is_read_as_the_same_type(kind: HiveType) -> None:
    assert parse(str(kind)) == kind


@given(TYPES, st.randoms())
def test_blanks_around_signs_and_the_case_of_words_do_not_matter(kind: HiveType, random: object) -> None:
    if "struct" in str(kind):  # field names keep their case
        return
    spaced = str(kind).upper().replace("<", " <\t").replace(",", " , ").replace(">", "\n>").replace("(", " ( ")
    assert parse(f"  {spaced} ") == kind


@given(st.text())
def test_any_text_is_a_type_or_is_refused_at_a_place_within_it(text: str) -> None:
    position = None
    try:
        parse(text)
    except InvalidType as error:
        position = error.facts["position"]
    assert position is None or (isinstance(position, int) and 0 <= position <= len(text))


@given(
    st.lists(st.sampled_from([*"<>(),: 1²٣a", "int", "decimal", "struct", "array", "map", "char", "x:"]), max_size=12)
)
def test_any_row_of_the_languages_own_words_is_a_type_or_is_refused(words: list[str]) -> None:
    text = "".join(words)
    try:
        kind = parse(text)
    except InvalidType:
        return
    assert parse(str(kind)) == kind


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("integer", INT),
        ("LONG", BIGINT),
        ("double precision", DOUBLE),
        ("decimal", Decimal(10, 0)),
        ("dec(5)", Decimal(5, 0)),
        ("numeric(38,38)", Decimal(38, 38)),
        ("varchar( 20 )", Text("varchar", 20)),
        ("struct<>", Struct(())),
        ("array<struct<a:int,B b:string>>", Array(Struct((("a", INT), ("B b", STRING))))),
        ("map<string,array<int>>", Map(STRING, Array(INT))),
        ("uniontype<int,string>", Union((INT, STRING))),
        ("struct<a:struct<b:int>>", Struct((("a", Struct((("b", INT),))),))),
    ],
)
def test_a_type_may_be_spelled_in_several_ways(text: str, kind: HiveType) -> None:
    assert parse(text) == kind


@pytest.mark.parametrize(
    ("text", "why", "position"),
    [
        ("", "a type was expected", 0),
        ("strng", "'strng' is unknown", 0),
        ("int>", "nothing more was expected", 3),
        ("array", "'<' was expected", 5),
        ("array<int", "'>' was expected", 9),
        ("array<>", "a type was expected", 6),
        ("map<int>", "',' was expected", 7),
        ("struct<a>", "':' was expected", 8),
        ("struct<:int>", "a field's name was expected", 7),
        ("struct<a:int,>", "a field's name was expected", 13),
        ("struct<a:int comment 'x'>", "comments inside a struct are not kept", 24),
        ("decimal(39,0)", "precision of 1 to 38", 0),
        ("decimal(5,6)", "scale no larger", 0),
        ("decimal(1,2,3)", "precision of 1 to 38", 0),
        ("decimal(²)", "a whole number", 9),
        ("decimal(5", "')' was expected", 9),
        (f"char({'9' * 5_000})", "a whole number", 5_005),
        ("char", "char needs one length", 4),
        ("array<" * 200 + "int" + ">" * 200, "nested more than 100 levels", 606),
    ],
    ids=lambda value: str(value)[:25],
)
def test_a_fault_is_named_with_its_place(text: str, why: str, position: int) -> None:
    with pytest.raises(InvalidType, match=why.replace("(", r"\(").replace(")", r"\)")) as failure:
        parse(text)
    assert failure.value.facts["position"] == position
