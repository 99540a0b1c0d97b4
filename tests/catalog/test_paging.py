"""Page tokens."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog import paging
from catalog.catalog import Catalog
from catalog.errors import InvalidInput, InvalidPageToken
from catalog.model import Database, Table


@given(st.lists(st.text(min_size=1), unique=True).map(sorted), st.integers(1, 7))
def test_pages_put_together_are_the_whole_list(items: list[str], limit: int) -> None:
    seen: list[str] = []
    token = None
    while True:
        last = paging.after("letters", token)
        found = paging.page("letters", [item for item in items if item > last][: limit + 1], limit, lambda item: item)
        assert len(found.items) <= limit
        seen += found.items
        token = found.next_token
        if token is None:
            break
    assert seen == items


@given(st.text())
def test_any_text_is_a_token_of_the_list_or_is_refused(text: str) -> None:
    with pytest.raises(InvalidPageToken):
        paging.after("letters", text)


def test_a_token_of_another_list_is_refused() -> None:
    token = paging.page("letters", ["a", "b"], 1, lambda item: item).next_token
    assert paging.after("letters", token) == "a"
    with pytest.raises(InvalidPageToken, match="not one of this list"):
        paging.after("numbers", token)


@pytest.mark.parametrize("forged", ["x", "-1", "²", "9" * 30])
def test_a_forged_token_of_versions_is_refused(catalog: Catalog, forged: str) -> None:
    catalog.create_database(Database("d"))
    catalog.create_table(Table("d", "t"))
    token = base64.urlsafe_b64encode(f'["versions","{forged}"]'.encode()).decode()
    with pytest.raises(InvalidPageToken):
        catalog.list_versions("d", "t", token=token)


@pytest.mark.parametrize("limit", [0, -1])
def test_a_page_of_no_items_is_refused(catalog: Catalog, limit: int) -> None:
    catalog.create_database(Database("d"))
    with pytest.raises(InvalidInput):
        catalog.list_databases(limit)
