"""What is read of many tables at once, and what a deletion takes with it, meant or rehearsed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from catalog.catalog import Catalog
from catalog.errors import DatabaseNotEmpty, InvalidPredicate, NotFound
from catalog.model import Column, Database, Origin, Page, Partition, PartitionIndex, Table
from catalog.removals import Removal
from catalog.statistics import ColumnStatistics, DateValues

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


def test_parts_of_the_lists_of_many_tables_are_those_of_each(shop: Catalog) -> None:
    names = ("orders", "returns", "views")
    for name in names:
        for description in ("one", "two", "three"):
            shop.update_table(replace(shop.get_table("shop", name), description=f"{name} {description}"))
        shop.create_partitions("shop", name, [Partition((f"2026-10-0{day}",)) for day in range(1, 6)])
        shop.create_partition_index("shop", name, PartitionIndex("by_day", ("day",)))
        shop.put_table_statistics("shop", name, [ColumnStatistics("day", "date", DateValues(1, 2, 0, 2))])
        gathered = {"day=2026-10-01": [ColumnStatistics("day", "date", DateValues(3, 3, 0, 1))]}
        shop.put_partition_statistics("shop", name, gathered)
    keys = [("shop", name) for name in names]
    asked = [*keys, ("shop", "ghost")]
    second = shop.list_versions("shop", "orders", 2).next_token
    for token in (None, second):
        assert shop.batch_list_versions(asked, 2, token) == {key: shop.list_versions(*key, 2, token) for key in keys}
        assert shop.batch_list_changes(asked, None, 2, token) == {
            key: shop.list_changes(*key, None, 2, token) for key in keys
        }
    for condition in (None, "day > '2026-10-02'"):
        token = shop.list_partitions(*keys[0], condition, 2).next_token
        assert shop.batch_list_partitions(asked, condition, 2, token) == {
            key: shop.list_partitions(*key, condition, 2, token) for key in keys
        }
    assert shop.batch_list_partition_indexes(asked) == {key: shop.list_partition_indexes(*key) for key in keys}
    assert shop.batch_get_table_statistics(asked, ["day"]) == {key: shop.get_table_statistics(*key) for key in keys}
    found = shop.batch_get_partition_statistics({key: [("2026-10-01",), ("2026-10-02",)] for key in asked}, None)
    assert {key: len(each) for key, each in found.items()} == {(key, ("2026-10-01",)): 1 for key in keys}
    then = shop.get_version("shop", "orders", 2).created_at
    wanted = {key: shop.get_table_as_of(*key, then) for key in keys}
    assert shop.batch_get_tables_as_of(asked, then) == wanted
    numbers = shop.batch_get_versions(dict.fromkeys(asked, (0, 2, 99)))
    assert {key: sorted(each) for key, each in numbers.items()} == {key: [0, 2] for key in keys}
    shop.create_database(Database("other"))
    shop.create_table(Table("other", "alone"))
    assert shop.batch_list_tables(["shop", "other", "ghosts"], 2, None) == {
        name: shop.list_tables(name, 2) for name in ("shop", "other")
    }


def test_a_filter_that_does_not_fit_one_table_is_refused_for_that_one(shop: Catalog) -> None:
    shop.create_table(Table("shop", "plain"))
    found = shop.batch_list_partitions([("shop", "orders"), ("shop", "plain")], "day = '2026-09-01'", 5, None)
    assert isinstance(found["shop", "plain"], InvalidPredicate)
    page = found["shop", "orders"]
    assert isinstance(page, Page)
    assert [each.values for each in page.items] == [("2026-09-01",)]
