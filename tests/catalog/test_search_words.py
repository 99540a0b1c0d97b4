"""How texts fall into words, and which words are one slip apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.search.words import alternatives_of, one_slip, places_of, words_of

LETTERS = st.text("abcde", min_size=1, max_size=8)

SPLITS = [
    ("customer_order-lines.2024", {"customer", "order", "lines", "2024"}),
    ("customerId", {"customerid", "customer", "id"}),
    ("loadHTTPLogs2", {"loadhttplogs2", "load", "http", "logs2"}),
    ("s3://Lake/été", {"s3", "lake", "été"}),
    ("__", set()),
]


@pytest.mark.parametrize(("text", "words"), SPLITS)
def test_a_text_falls_into_words_at_signs_and_in_camel_case(text: str, words: set[str]) -> None:
    assert words_of(text) == words


def test_a_word_in_camel_case_is_looked_for_by_its_parts_and_as_one() -> None:
    assert alternatives_of("customerId paid paid") == [("customer", "customerid"), ("id", "customerid"), ("paid",)]


@given(st.text(max_size=40))
def test_a_word_stands_where_its_place_says(text: str) -> None:
    for place in places_of(text):
        assert place.word == text[place.start : place.start + place.length].lower().casefold()[:64]


SLIPS = [("custmer", True), ("customeer", True), ("custimer", True), ("cusotmer", True), ("customre", True)]
OTHERS = [("customer", False), ("cstmer", False), ("customers_", False), ("cusmoter", False)]


@pytest.mark.parametrize(("typed", "is_slip"), SLIPS + OTHERS)
def test_one_slip_is_a_letter_missing_too_many_wrong_or_changed_with_its_neighbour(typed: str, is_slip: bool) -> None:
    assert one_slip(typed, "customer") is is_slip


@given(LETTERS, LETTERS)
def test_a_slip_goes_both_ways(one: str, other: str) -> None:
    assert one_slip(one, other) == one_slip(other, one)


@given(LETTERS, st.integers(0, 8), st.sampled_from("abcxyz"))
def test_a_letter_put_in_or_over_another_is_a_slip(word: str, at: int, letter: str) -> None:
    assert one_slip(word, word[:at] + letter + word[at:])
    replaced = word[:at] + letter + word[at + 1 :]
    assert one_slip(word, replaced) is (replaced != word)


def test_a_number_is_never_taken_for_another() -> None:
    assert not one_slip("sales2023", "sales2024")
    assert one_slip("saels2024", "sales2024")
