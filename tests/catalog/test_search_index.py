"""The search index: made for catalogs of older releases, shared by tables that are alike, and safe among many."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, func, select, text

from catalog import db, rows
from catalog.catalog import Catalog
from catalog.model import Column, Database, Function, Origin, StorageDescriptor, Table
from catalog.search import index as search_index
from catalog.search import rows as search_rows
from tests.catalog.test_db import MIGRATIONS

COLUMNS = StorageDescriptor((Column("price", "int", "in euro"), Column("customer_id", "bigint")))


def names(catalog: Catalog, wanted: str) -> list[str]:
    return [hit.full_name for hit in catalog.search(wanted).items]


def count(store: Engine, table: str) -> int:
    with db.reading(store) as connection:
        of = rows.metadata.tables[f"search_{table}"]
        return connection.execute(select(func.count()).select_from(of)).scalar_one()


def test_what_an_older_release_kept_is_found_after_the_migration(empty_database_url: str) -> None:
    store = db.connect(empty_database_url)
    catalog = Catalog(store, Origin("test"))
    catalog.create_database(Database("shop"))
    catalog.create_table(Table("shop", "orders", COLUMNS))
    catalog.create_function(Function("shop", "tax", "org.example.Tax"))
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with store.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0005")
        connection.execute(text("UPDATE databases SET body = body"))  # no trigger is left that would fail
    store.dispose()
    newer = db.connect(empty_database_url)
    catalog = Catalog(newer, Origin("test"))
    assert [names(catalog, wanted) for wanted in ("euro", "example", "shop")] == [
        ["shop.orders"],
        ["shop.tax"],
        ["shop", "shop.orders", "shop.tax"],
    ]
    newer.dispose()


def test_columns_that_tables_have_in_common_are_indexed_once_and_go_with_the_last_of_them(catalog: Catalog) -> None:
    catalog.create_database(Database("shop"))
    for name in ("orders", "returns", "gifts"):
        catalog.create_table(Table("shop", name, COLUMNS))
    assert names(catalog, "euro") == ["shop.gifts", "shop.orders", "shop.returns"]
    parts, postings = count(catalog.engine, "parts"), count(catalog.engine, "postings")
    assert (parts, postings) == (1 + 3 + 1, 1 + 3 * 2 + 5)
    catalog.delete_table("shop", "orders")
    assert names(catalog, "euro") == ["shop.gifts", "shop.returns"]
    catalog.delete_database("shop", cascade=True)
    assert names(catalog, "euro") == []
    assert [count(catalog.engine, table) for table in ("pending", "things", "members", "parts", "postings")] == [0] * 5


def test_an_update_that_only_counts_is_not_taken_in(catalog: Catalog) -> None:
    catalog.create_database(Database("shop"))
    made = catalog.create_table(Table("shop", "orders", COLUMNS))
    names(catalog, "orders")
    catalog.update_table(Table("shop", "orders", COLUMNS, parameters={"recordCount": "7"}))
    catalog.revise_table("shop", "orders", lambda table: table)
    assert (catalog.get_table("shop", "orders").version, count(catalog.engine, "pending")) == (made.version, 0)


def test_more_than_one_batch_is_taken_in_by_one_search(catalog: Catalog) -> None:
    catalog.create_database(Database("shop"))
    wide = search_index.AT_ONCE + 20
    with db.writing(catalog.engine) as connection:
        connection.execute(
            search_rows.search_pending.insert(), [{"kind": "TABLE", "ref": str(-at)} for at in range(wide)]
        )
    catalog.create_table(Table("shop", "last"))
    assert names(catalog, "last") == ["shop.last"]
    assert count(catalog.engine, "pending") == 0


def test_many_that_write_and_search_at_once_leave_an_index_that_has_it_all(catalog: Catalog) -> None:
    catalog.create_database(Database("shop"))

    def work(number: int) -> list[str]:
        catalog.create_table(Table("shop", f"table_{number}", StorageDescriptor((Column(f"only{number}x", "int"),))))
        found = names(catalog, f"only{number}x")
        if number % 3 == 0:
            catalog.delete_table("shop", f"table_{number}")
        return found

    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(work, range(24)))
    assert found == [[f"shop.table_{number}"] for number in range(24)]
    left = {f"shop.table_{number}" for number in range(24) if number % 3}
    assert set(names(catalog, "table")) == left
