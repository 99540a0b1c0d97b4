"""Page tokens."""

from __future__ import annotations

import base64
from functools import partial

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.catalog import Catalog
from catalog.errors import InvalidInput, InvalidPageToken
from catalog.model import Column, Database, Table
from catalog.paging import by_name, by_number, newest_first

LETTERS = by_name("letters")
NAMES = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1)


def forged(listing: str, key: str) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode((listing, key))).decode()


@given(st.lists(NAMES, unique=True).map(sorted), st.integers(1, 7))
def test_pages_put_together_are_the_whole_list(items: list[str], limit: int) -> None:
    seen: list[str] = []
    token = None
    while True:
        last = LETTERS.after(token)
        found = LETTERS.page([item for item in items if item > last][: limit + 1], limit, lambda item: item)
        assert len(found.items) <= limit
        seen += found.items
        token = found.next_token
        if token is None:
            break
    assert seen == items


@given(st.text())
def test_any_text_is_a_token_of_the_list_or_is_refused(text: str) -> None:
    with pytest.raises(InvalidPageToken):
        LETTERS.after(text)


def test_a_token_of_another_list_is_refused() -> None:
    token = LETTERS.page(["a", "b"], 1, lambda item: item).next_token
    assert LETTERS.after(token) == "a"
    with pytest.raises(InvalidPageToken, match="not one of this list"):
        by_name("numbers").after(token)


@pytest.mark.parametrize("key", ["x", "", "-1", "1.0", str(2**31), "9" * 30, "9" * 5000, "\0"])
def test_a_token_of_numbers_whose_key_no_column_holds_is_refused(key: str) -> None:
    with pytest.raises(InvalidPageToken):
        by_number("numbers", 0).after(forged("numbers", key))


@pytest.mark.parametrize("key", ["", "x y", "99999-01-01T00:00:00+00:00 a", "\0"])
def test_a_token_of_times_whose_key_is_no_time_is_refused(key: str) -> None:
    with pytest.raises(InvalidPageToken):
        newest_first("runs").after(forged("runs", key))


@pytest.mark.parametrize("key", ["x", "", "-1", "²", "1.0", "9" * 30, "\0"])
def test_a_token_of_versions_whose_key_is_no_version_is_refused(catalog: Catalog, key: str) -> None:
    catalog.create_database(Database("d"))
    catalog.create_table(Table("d", "t"))
    with pytest.raises(InvalidPageToken):
        catalog.list_versions("d", "t", token=forged("versions", key))


@pytest.mark.parametrize("key", ["", "0", "'", "\x01", "\N{SNOWMAN}", "\uffff", "\U0010ffff", "x" * 100_000])
def test_a_forged_name_is_a_place_in_the_list(catalog: Catalog, key: str) -> None:
    catalog.create_database(Database("d"))
    catalog.create_table(Table("d", "t", partition_keys=(Column("k", "string"),)))
    for listing, part in (
        ("databases", catalog.list_databases),
        ("tables", partial(catalog.list_tables, "d")),
        ("partitions", partial(catalog.list_partitions, "d", "t")),
    ):
        assert part(token=forged(listing, key)).next_token is None


def test_a_forged_name_that_postgresql_could_not_compare_is_refused(catalog: Catalog) -> None:
    with pytest.raises(InvalidPageToken):
        catalog.list_databases(token=forged("databases", "a\0"))


@pytest.mark.parametrize("limit", [0, -1])
def test_a_page_of_no_items_is_refused(catalog: Catalog, limit: int) -> None:
    catalog.create_database(Database("d"))
    with pytest.raises(InvalidInput):
        catalog.list_databases(limit)
