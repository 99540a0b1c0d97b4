"""Identifier rules and the escaping of partition values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.errors import InvalidInput
from catalog.names import (
    NULL_PARTITION,
    escape_partition_value,
    fold,
    partition_name,
    unescape_partition_value,
)


@given(st.text(min_size=1))
def test_an_escaped_value_is_a_safe_folder_name_and_comes_back_to_the_letter(value: str) -> None:
    escaped = escape_partition_value(value)
    assert not set(escaped) & set("/=:\"'\\*?\n")
    assert unescape_partition_value(escaped) == value


@given(st.lists(st.text(), min_size=2, max_size=2), st.lists(st.text(), min_size=2, max_size=2))
def test_different_values_have_different_names(one: list[str], other: list[str]) -> None:
    same = [value or NULL_PARTITION for value in one] == [value or NULL_PARTITION for value in other]
    keys = ("a", "b")
    assert (partition_name(keys, (one[0], one[1])) == partition_name(keys, (other[0], other[1]))) == same


@given(st.text())
def test_any_text_can_be_unescaped(text: str) -> None:
    assert len(unescape_partition_value(text)) <= len(text)


@pytest.mark.parametrize(
    ("value", "escaped"),
    [
        ("2013-01-01", "2013-01-01"),
        ("a b", "a b"),
        ("a/b", "a%2Fb"),
        ("k=v", "k%3Dv"),
        ("12:30", "12%3A30"),
        ("50%", "50%25"),
        ("it's", "it%27s"),
        ("tab\there", "tab%09here"),
        ("[x]{y}^", "%5Bx%5D%7By}%5E"),
        ("ünï☃", "ünï☃"),
        ("", NULL_PARTITION),
    ],
)
def test_a_value_is_escaped_as_hive_does(value: str, escaped: str) -> None:
    assert escape_partition_value(value) == escaped


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a%2Fb", "a/b"),
        ("a%2fb", "a/b"),
        ("100%", "100%"),
        ("%zz", "%zz"),
        ("%4", "%4"),
        ("%%41", "%A"),
        ("%+1", "%+1"),
    ],
)
def test_a_percent_sign_that_begins_no_escape_is_kept(text: str, value: str) -> None:
    assert unescape_partition_value(text) == value


def test_a_partition_is_named_by_its_keys_and_values_in_order() -> None:
    assert partition_name(("year", "a b"), ("2013", "x/y")) == "year=2013/a b=x%2Fy"


def test_a_partition_needs_a_value_for_each_key() -> None:
    with pytest.raises(ValueError, match="shorter"):
        partition_name(("year", "month"), ("2013",))


@given(st.text())
def test_a_folded_name_folds_to_itself(name: str) -> None:
    try:
        folded = fold("Table", name)
    except InvalidInput:
        return
    assert fold("Table", folded) == folded


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("", "it is empty"),
        (" ", "it is empty"),
        ("x" * 256, "longer than 255"),
        ("a/b", "it holds '/'"),
        ("a\nb", r"it holds '\\n'"),
        ("\ud800", "it holds"),
    ],
    ids=ascii,
)
def test_what_is_no_name_is_refused_with_the_reason(name: str, why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        fold("Table", name)


@pytest.mark.parametrize(
    ("name", "folded"), [("Flights", "flights"), ("ÉTÉ", "été"), ("a b.c-d$", "a b.c-d$"), ("x" * 255, "x" * 255)]
)
def test_a_name_is_kept_in_lower_case(name: str, folded: str) -> None:
    assert fold("Column", name) == folded
