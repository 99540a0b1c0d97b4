"""JDBC targets, over PostgreSQL and SQLite; MariaDB is in test_jdbc_mariadb.py."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.catalog import Catalog
from catalog.db import connect, sqlite_url
from catalog.errors import InvalidInput, NotFound
from catalog.model import Connection, Database, Origin
from catalog.sealing import Sealer
from crawlers.crawl import crawl
from crawlers.errors import StoreUnreachable
from crawlers.jdbc import inspecting, parse_path
from crawlers.jdbc_urls import reach
from crawlers.model import Crawler, DeleteBehavior, JdbcMetadata, JdbcTarget, SchemaChangePolicy
from tests.conftest import Postgres
from tests.crawlers.stores import SQLITE, postgresql_shop

BOTH = (JdbcMetadata.RAWTYPES, JdbcMetadata.COMMENTS)


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    engine = connect(sqlite_url(tmp_path / "catalog.db"))
    opened = Catalog(engine, Origin("test"), sealer=lambda: Sealer([b"k" * 32]))
    opened.create_database(Database("lake"))
    yield opened
    engine.dispose()


@pytest.fixture(scope="module")
def shop(postgres: Postgres) -> Iterator[str]:
    """A PostgreSQL database with the schema, as a JDBC URL."""
    with postgresql_shop(postgres) as url:
        yield url


def _connect(catalog: Catalog, url: str, name: str = "shop") -> str:
    """Make the connection; the database it leads to."""
    properties = {"JDBC_CONNECTION_URL": url, "USERNAME": "postgres", "PASSWORD": "unused-canary"}
    catalog.create_connection(Connection(name, properties=properties))
    return url.rpartition("/")[2]


def _crawler(*targets: JdbcTarget, delete: DeleteBehavior = DeleteBehavior.DEPRECATE_IN_DATABASE) -> Crawler:
    return Crawler("c", "lake", jdbc_targets=targets, schema_change=SchemaChangePolicy(delete=delete))


def _columns(catalog: Catalog, table: str) -> dict[str, str]:
    return {column.name: column.type for column in catalog.get_table("lake", table).storage.columns}


def test_tables_and_views_of_postgresql_are_crawled_with_their_types(catalog: Catalog, shop: str) -> None:
    database = _connect(catalog, shop)
    crawl(_crawler(JdbcTarget("shop", f"{database}/sales/%")), catalog)
    names = [table.name for table in catalog.iter_tables("lake")]
    assert names == [f"{database}_sales_{name}" for name in ("dev_try", "lines", "orders", "recent", "totals")]
    assert _columns(catalog, f"{database}_sales_orders") == {
        "id": "bigint", "small": "smallint", "plain": "int", "money": "decimal(12,2)", "vast": "string",
        "any_digits": "string", "single": "float", "twice": "double", "yes": "boolean", "day": "date",
        "moment": "timestamp", "zoned": "timestamp", "hour": "string", "span": "string", "body": "binary",
        "words": "string", "few": "string", "name": "string", "tree": "string", "key": "string", "address": "string",
        "feeling": "string", "numbers": "array<int>", "grid": "array<string>",
    }  # fmt: skip
    table = catalog.get_table("lake", f"{database}_sales_recent")
    assert table.storage.location == f"{database}.sales.recent"
    expected = {"classification": "postgresql", "connectionName": "shop", "typeOfData": "view"}
    assert expected.items() <= table.parameters.items()
    assert catalog.get_table("lake", f"{database}_sales_totals").parameters["typeOfData"] == "view"
    assert catalog.get_table("lake", f"{database}_sales_lines").parameters["primaryKey"] == "order_id,line"


def test_raw_types_and_comments_are_kept_if_asked_for(catalog: Catalog, shop: str) -> None:
    database = _connect(catalog, shop)
    crawl(_crawler(JdbcTarget("shop", f"{database}/sales/orders", metadata=BOTH)), catalog)
    table = catalog.get_table("lake", f"{database}_sales_orders")
    money = next(column for column in table.storage.columns if column.name == "money")
    assert (table.description, money.comment) == ("What was sold", "in euros")
    assert money.parameters == {"aws:RawType": "numeric(12, 2)"}


@pytest.mark.parametrize(
    ("path", "exclusions", "found"),
    [
        ("", ("sales/[!o]*",), {"sales_orders", "odd_names_mixed_case", "public_loose"}),
        ("/%/%", ("sales/**", "Odd names/*"), {"public_loose"}),
        ("/sales/o%", (), {"sales_orders"}),
        ("/sales/O%", (), set()),
        ("/sales/%", ("sales/dev_*", "sales/{lines,totals}"), {"sales_orders", "sales_recent"}),
        ("/%/loose", (), {"public_loose"}),
    ],
)
def test_a_path_and_its_exclusions_choose_the_tables(
    catalog: Catalog, shop: str, path: str, exclusions: tuple[str, ...], found: set[str]
) -> None:
    database = _connect(catalog, shop)
    crawl(_crawler(JdbcTarget("shop", database + path, exclusions)), catalog)
    assert {table.name for table in catalog.iter_tables("lake")} == {f"{database}_{name}" for name in found}


def test_names_equal_in_lower_case_are_numbered_and_said(catalog: Catalog, shop: str) -> None:
    database = _connect(catalog, shop)
    report = crawl(_crawler(JdbcTarget("shop", f"{database}/Odd names/Mixed Case")), catalog)
    assert _columns(catalog, f"{database}_odd_names_mixed_case") == {"id": "int", "id_1": "int", "a b": "string"}
    assert any("id_1" in line for line in report.log)


def test_a_crawl_of_nothing_new_writes_nothing(catalog: Catalog, shop: str) -> None:
    database = _connect(catalog, shop)
    crawler = _crawler(JdbcTarget("shop", f"{database}/sales/%", metadata=BOTH))
    assert crawl(crawler, catalog).written
    assert not crawl(crawler, catalog).written


def test_a_table_that_is_dropped_is_deprecated_or_deleted_as_the_policy_says(catalog: Catalog, tmp_path: Path) -> None:
    file = tmp_path / "shop.db"
    _sqlite(file, SQLITE)
    _connect(catalog, f"jdbc:sqlite:{file}")
    target = JdbcTarget("shop", "main/%")
    crawl(_crawler(target), catalog)
    _sqlite(file, "DROP TABLE dev_try; ALTER TABLE orders ADD COLUMN late INTEGER;")
    crawl(_crawler(target), catalog)
    assert "DEPRECATED_BY_CRAWLER" in catalog.get_table("lake", "main_dev_try").parameters
    assert _columns(catalog, "main_orders")["late"] == "bigint"
    crawl(_crawler(target, delete=DeleteBehavior.DELETE_FROM_DATABASE), catalog)
    assert [table.name for table in catalog.iter_tables("lake")] == ["main_orders", "main_recent"]


def test_a_table_outside_the_path_is_left_alone(catalog: Catalog, tmp_path: Path) -> None:
    _sqlite(tmp_path / "shop.db", SQLITE)
    _connect(catalog, f"sqlite:///{tmp_path}/shop.db")
    crawl(_crawler(JdbcTarget("shop", "main/%")), catalog)
    policy = DeleteBehavior.DELETE_FROM_DATABASE
    crawl(_crawler(JdbcTarget("shop", "main/orders"), delete=policy), catalog)
    assert [table.name for table in catalog.iter_tables("lake")] == ["main_dev_try", "main_orders", "main_recent"]


def test_sqlite_is_read_and_never_made_or_changed(catalog: Catalog, tmp_path: Path) -> None:
    file = tmp_path / "shop.db"
    _connect(catalog, f"jdbc:sqlite:{file}")
    with pytest.raises(StoreUnreachable, match="shop does not reach"):
        crawl(_crawler(JdbcTarget("shop", "main/%")), catalog)
    assert not file.exists()
    _sqlite(file, SQLITE)
    crawl(_crawler(JdbcTarget("shop", "main/orders")), catalog)
    assert _columns(catalog, "main_orders") == {
        "id": "bigint", "money": "decimal(12,2)", "twice": "double", "words": "string", "body": "binary",
        "day": "date", "x": "string",
    }  # fmt: skip


def test_a_view_that_is_broken_fails_alone_and_keeps_its_table(catalog: Catalog, tmp_path: Path) -> None:
    file = tmp_path / "shop.db"
    _sqlite(file, "create table a (x int); create table b (x int); create view v as select * from b")
    _connect(catalog, f"jdbc:sqlite:{file}")
    crawler = _crawler(JdbcTarget("shop", "main/%"))
    assert [table.name for table in crawl(crawler, catalog).tables] == ["main_a", "main_b", "main_v"]
    _sqlite(file, "drop table b")
    report = crawl(crawler, catalog)
    assert {table.name: str(table.action) for table in report.tables} == {
        "main_a": "unchanged", "main_b": "deprecated", "main_v": "unchanged",
    }  # fmt: skip
    (note,) = report.files.failed.shown
    assert (note.place, "is a view" in note.reason) == ("main.v", True)


def test_a_dry_run_shows_the_types_that_the_store_declares(catalog: Catalog, shop: str) -> None:
    database = _connect(catalog, shop)
    report = crawl(_crawler(JdbcTarget("shop", f"{database}/sales/orders")), catalog, dry_run=True)
    evidence = {each.name: each.by_files[0].type for each in report.tables[0].evidence}
    assert (evidence["money"], evidence["tree"]) == ("numeric(12, 2)", "jsonb")
    assert not list(catalog.iter_tables("lake"))


def test_a_server_that_is_not_there_is_named_without_its_password(catalog: Catalog) -> None:
    _connect(catalog, "jdbc:postgresql://127.0.0.1:1/nothing")
    with pytest.raises(StoreUnreachable) as refused:
        crawl(_crawler(JdbcTarget("shop", "nothing/%/%")), catalog)
    assert "127.0.0.1:1" in str(refused.value)
    assert "canary" not in str(refused.value)


def test_a_connection_that_is_not_there_is_named(catalog: Catalog) -> None:
    with pytest.raises(NotFound, match="absent"):
        crawl(_crawler(JdbcTarget("absent", "db/%/%")), catalog)


@pytest.mark.parametrize(
    "url",
    [
        "jdbc:postgresql://h/db?socketFactory=x", "jdbc:postgresql://h/db?SSLMODE=disable",
        "jdbc:postgresql://h/db?%73slmode=x", "jdbc:mysql://h/db?allowLoadLocalInfile=true",
        "jdbc:mysql://h/db?read_default_file=/etc/passwd", "jdbc:h2:mem:x;INIT=RUNSCRIPT", "jdbc:sqlite:relative.db",
        "jdbc:sqlite:/file.db?enable_load_extension=true", "postgresql://h/db?passfile=/etc/passwd", "nonsense",
        "jdbc:mysql://a,b/db", "jdbc:postgresql://h:99x/db", "",
    ],
)  # fmt: skip
def test_a_url_with_a_setting_that_nobody_let_through_is_refused(catalog: Catalog, url: str) -> None:
    _connect(catalog, url)
    with pytest.raises(InvalidInput, match="JDBC_CONNECTION_URL of connection shop"):
        crawl(_crawler(JdbcTarget("shop", "db/%/%")), catalog)


@pytest.mark.parametrize(("path", "levels"), [("", 3), ("%/x", 2), ("a%/x/y", 3), ("a/b/c", 2), ("a/b/c/d", 3)])
def test_a_path_that_is_none_is_refused(path: str, levels: int) -> None:
    with pytest.raises(InvalidInput, match="JDBC target"):
        parse_path(path, levels)


@pytest.mark.parametrize(
    ("url", "taken"),
    [
        ("jdbc:postgresql://h/db", {"mysql", "sys", "sales"}),
        ("mssql+pyodbc://h/db", {"sales"}),
    ],
)
def test_the_schemas_that_are_hidden_are_the_store_s_own(url: str, taken: set[str]) -> None:
    store = reach("shop", {"JDBC_CONNECTION_URL": url}).store
    include = parse_path("db/%/%", 3, store.system)
    names = ("mysql", "sys", "sales", "information_schema", "pg_catalog")
    assert {name for name in names if include.takes_schema(name)} == taken


def test_a_statement_of_an_inspection_has_a_time_limit(shop: str) -> None:
    properties = {"JDBC_CONNECTION_URL": shop, "USERNAME": "postgres", "PASSWORD": "unused-canary"}
    with inspecting("shop", reach("shop", properties)) as inspector, inspector.engine.connect() as connection:
        assert connection.exec_driver_sql("SHOW statement_timeout").scalar() == "5min"


def _sqlite(file: Path, script: str) -> None:
    opened = sqlite3.connect(file)
    opened.executescript(script)
    opened.close()
