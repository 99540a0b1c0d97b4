"""JDBC targets over the operating system's MariaDB."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.catalog import Catalog
from catalog.db import connect, sqlite_url
from catalog.model import Connection, Database, Origin
from catalog.sealing import Sealer
from crawlers.crawl import crawl
from crawlers.errors import StoreUnreachable
from crawlers.model import Crawler, JdbcMetadata, JdbcTarget
from tests import mariadb
from tests.crawlers.stores import MARIADB

PASSWORD = "canary-9f2c"

pytestmark = pytest.mark.system


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a server with a database `shop`, whose user crawler has a password."""
    with mariadb.running(tmp_path_factory.mktemp("mariadb")) as port:
        _fill(port)
        yield port


def _fill(port: int) -> None:
    with mariadb.root(port) as connection:
        connection.exec_driver_sql("CREATE DATABASE shop")
        connection.exec_driver_sql(f"CREATE USER crawler@localhost IDENTIFIED BY '{PASSWORD}'")
        connection.exec_driver_sql("GRANT SELECT, SHOW VIEW ON shop.* TO crawler@localhost")
        connection.exec_driver_sql("USE shop")
        for statement in filter(str.strip, MARIADB.split(";\n")):
            connection.exec_driver_sql(statement)


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    engine = connect(sqlite_url(tmp_path / "catalog.db"))
    opened = Catalog(engine, Origin("test"), sealer=lambda: Sealer([b"k" * 32]))
    opened.create_database(Database("lake"))
    yield opened
    engine.dispose()


def _connect(catalog: Catalog, port: int, password: str = PASSWORD) -> None:
    url = f"jdbc:mariadb://127.0.0.1:{port}/shop?useSSL=false"
    given = {"JDBC_CONNECTION_URL": url, "USERNAME": "crawler", "PASSWORD": password}
    catalog.create_connection(Connection("shop", properties=given))


def test_tables_and_views_of_mariadb_are_crawled_with_their_types(catalog: Catalog, shop: int) -> None:
    _connect(catalog, shop)
    target = JdbcTarget("shop", "shop/%", ("dev_*",), tuple(JdbcMetadata))
    report = crawl(Crawler("c", "lake", jdbc_targets=(target,)), catalog)
    assert [table.name for table in catalog.iter_tables("lake")] == ["shop_orders", "shop_recent"]
    table = catalog.get_table("lake", "shop_orders")
    assert {column.name: column.type for column in table.storage.columns} == {
        "id": "decimal(20,0)", "tiny": "tinyint", "yes": "boolean", "small": "int", "plain": "int", "big": "bigint",
        "money": "decimal(12,2)", "single": "float", "twice": "double", "day": "date", "moment": "timestamp",
        "stamp": "timestamp", "hour": "string", "season": "int", "body": "binary", "words": "string",
        "name": "string", "tree": "string", "feeling": "string", "bits": "boolean",
    }  # fmt: skip
    assert (table.description, table.parameters["classification"]) == ("What was sold", "mysql")
    assert next(column.comment for column in table.storage.columns if column.name == "money") == "in euros"
    assert catalog.get_table("lake", "shop_recent").parameters["typeOfData"] == "view"
    assert [note.place for note in report.files.skipped.shown] == ["shop/dev_try"]


def test_a_wrong_password_is_told_without_it(catalog: Catalog, shop: int) -> None:
    _connect(catalog, shop, password="wrong-canary")
    with pytest.raises(StoreUnreachable, match="Access denied") as refused:
        crawl(Crawler("c", "lake", jdbc_targets=(JdbcTarget("shop", "shop/%"),)), catalog)
    assert "canary" not in str(refused.value)
