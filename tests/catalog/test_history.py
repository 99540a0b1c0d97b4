"""What each version of a table, or of one of its columns, changed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from catalog.catalog import Catalog
from catalog.changes import Difference
from catalog.errors import InvalidPageToken, NotFound
from catalog.model import Column, Database, Origin, StorageDescriptor, Table

ID, PRICE = Column("id", "int"), Column("price", "int")


@pytest.fixture
def orders(catalog: Catalog) -> Catalog:
    """Of shop.orders, five versions: `price` comes, is made wider, commented and goes; `id` stays."""
    catalog.create_database(Database("shop"))
    catalog.create_table(table(ID))
    for run, column in enumerate([PRICE, replace(PRICE, type="bigint"), Column("price", "bigint", "in cents")]):
        catalog.acting_as(Origin("crawler", "lake", f"cr_{run}")).update_table(table(ID, column))
    catalog.acting_as(Origin("hive", "ada")).update_table(table(ID))
    return catalog


def table(*columns: Column) -> Table:
    return Table("shop", "orders", StorageDescriptor(columns=columns), (Column("day", "date"),))


def test_a_column_s_history_says_what_was_done_to_it_and_by_whom(orders: Catalog) -> None:
    changes = orders.list_changes("shop", "orders", "PRICE").items
    assert [(each.version.version, each.version.origin) for each in changes] == [
        (4, Origin("hive", "ada")),
        (3, Origin("crawler", "lake", "cr_2")),
        (2, Origin("crawler", "lake", "cr_1")),
        (1, Origin("crawler", "lake", "cr_0")),
    ]
    assert [each.differences for each in changes] == [
        (Difference("columns.price", "bigint", None, True),),
        (Difference("columns.price.comment", None, "in cents", False),),
        (Difference("columns.price", "int", "bigint", False),),
        (Difference("columns.price", None, "int", False),),
    ]
    assert all(each.exact for each in changes)


@pytest.mark.parametrize(("column", "path"), [("id", "columns.id"), ("day", "partitionKeys.day")])
def test_a_column_that_stayed_was_made_with_the_table(orders: Catalog, column: str, path: str) -> None:
    [made] = orders.list_changes("shop", "orders", column).items
    assert (made.version.version, [each.path for each in made.differences]) == (0, [path])


def test_of_a_column_that_never_was_there_is_no_history(orders: Catalog) -> None:
    assert orders.list_changes("shop", "orders", "cost").items == ()


def test_a_table_s_history_has_each_version_and_comes_in_parts(orders: Catalog) -> None:
    first = orders.list_changes("shop", "orders", limit=3)
    rest = orders.list_changes("shop", "orders", limit=3, token=first.next_token)
    assert [each.version.version for each in (*first.items, *rest.items)] == [4, 3, 2, 1, 0]
    assert rest.next_token is None
    assert all(each.differences for each in (*first.items, *rest.items))
    with pytest.raises(InvalidPageToken):
        orders.list_changes("shop", "orders", token="nonsense")


def test_what_a_deleted_version_may_have_done_is_not_told_of_the_next(orders: Catalog) -> None:
    orders.delete_versions("shop", "orders", [0, 2])
    changes = orders.list_changes("shop", "orders", "price").items
    assert [(each.version.version, each.exact) for each in changes] == [(4, True), (3, False), (1, False)]
    assert {each.path for each in changes[1].differences} == {"columns.price", "columns.price.comment"}


def test_a_table_that_is_not_there_has_no_history(orders: Catalog) -> None:
    with pytest.raises(NotFound):
        orders.list_changes("shop", "returns")
