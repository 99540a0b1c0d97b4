"""What is read of many tables at once, and what a deletion takes with it, meant or rehearsed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from catalog.catalog import Catalog
from catalog.errors import DatabaseNotEmpty, NotFound
from catalog.model import Column, Database, Origin, Partition, Table
from catalog.removals import Removal

CRAWL = Origin("crawler", "lake", "cr_1")


@pytest.fixture
def shop(catalog: Catalog) -> Catalog:
    catalog.create_database(Database("shop"))
    orders = Table("shop", "orders", partition_keys=(Column("day", "date"),))
    for name in ("orders", "returns", "views"):
        catalog.create_table(replace(orders, name=name))
    catalog.acting_as(CRAWL).update_table(replace(orders, description="crawled"))
    catalog.create_partitions("shop", "orders", [Partition(("2026-09-01",)), Partition(("2026-09-02",))])
    catalog.create_partitions("shop", "returns", [Partition(("2026-09-01",))])
    return catalog


def test_of_many_tables_each_has_its_origin_and_its_partitions(shop: Catalog) -> None:
    asked = [("shop", name) for name in ("orders", "views", "returns", "ghost")] + [("ghosts", "orders")]
    assert shop.batch_get_origins(asked) == {
        ("shop", "orders"): CRAWL,
        ("shop", "returns"): shop.origin,
        ("shop", "views"): shop.origin,
    }
    assert shop.batch_count_partitions(asked) == {
        ("shop", "orders"): 2,
        ("shop", "returns"): 1,
        ("shop", "views"): 0,
    }
    assert shop.batch_get_origins([]) == {}
    assert shop.batch_count_partitions([]) == {}


def test_a_deletion_says_what_went_with_it(shop: Catalog) -> None:
    assert shop.delete_table("Shop", "ORDERS") == Removal(("orders",), partitions=2, versions=2)
    assert shop.delete_database("shop", cascade=True) == Removal(("returns", "views"), partitions=1, versions=2)


def test_a_rehearsed_verb_answers_and_refuses_as_it_would_and_leaves_nothing(shop: Catalog) -> None:
    rehearsed = shop.rehearsing()
    assert rehearsed.delete_database("shop", cascade=True).tables == ("orders", "returns", "views")
    assert rehearsed.create_database(Database("new")).name == "new"
    with pytest.raises(DatabaseNotEmpty):
        rehearsed.delete_database("shop")
    with pytest.raises(NotFound):
        rehearsed.delete_table("shop", "ghost")
    assert [database.name for database in shop.iter_databases()] == ["shop"]
    assert shop.count_partitions("shop", "orders") == 2
    shop.create_database(Database("new"))
    assert shop.find_database("new") is not None
