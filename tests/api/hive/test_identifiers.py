"""Names as Hive clients spell them."""

from __future__ import annotations

import pytest

from api.hive.identifiers import database_name, pattern


@pytest.mark.parametrize(
    ("text", "name"),
    [("Shop", "shop"), ("@hive#Shop", "shop"), ("@spark_catalog#a#b", "a#b"), ("@hive#!", ""), ("@hive#db!", "db")],
)
def test_the_catalog_in_front_of_a_database_is_taken_off(text: str, name: str) -> None:
    assert database_name(text) == name


@pytest.mark.parametrize(
    ("text", "name", "fits"),
    [
        ("*", "anything", True),
        ("", "anything", True),
        (None, "anything", True),
        (".*", "anything", True),
        ("a*", "abc", True),
        ("A*", "abc", True),
        ("a*", "bab", False),
        ("a|b", "b", True),
        ("a|b", "ab", False),
        ("a.c", "abc", True),
        ("a.c", "ac", False),
        ("a(", "a(", True),
    ],
)
def test_a_pattern_knows_stars_dots_and_bars_only(text: str | None, name: str, fits: bool) -> None:
    assert bool(pattern(text).fullmatch(name)) is fits
