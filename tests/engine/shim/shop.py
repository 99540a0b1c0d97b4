"""A PostgreSQL database that jobs read through its JDBC driver, which the operating system brings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, make_url

from tests.conftest import Postgres
from tests.crawlers.stores import on_a_port

JAR = Path("/usr/share/java/postgresql.jar")
INSTALL = "apt-get install libpostgresql-jdbc-java"
ORDERS = """
    CREATE SCHEMA sales;
    CREATE TABLE sales.orders (id bigint PRIMARY KEY, who text, amount numeric(8, 2), day date, "Odd name" int);
    INSERT INTO sales.orders SELECT n, CASE WHEN mod(n, 5) <> 0 THEN 'w' || n END, n * 1.5, DATE '2026-01-01' + n, -n
    FROM generate_series(1, 40) AS n
"""


class Shop:
    """A database with sales.orders: 40 rows, who is null in each fifth, "Odd name" is below zero."""

    def __init__(self, url: str, engine: Engine) -> None:
        self.url = url
        self.engine = engine
        self.name = url.rpartition("/")[2]

    @property
    def options(self) -> dict[str, Any]:
        return {"url": self.url, "user": "postgres", "password": "canary-5d1c", "dbtable": "sales.orders"}

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(query)]

    def run(self, statement: str) -> None:
        with self.engine.begin() as connection:
            connection.exec_driver_sql(statement)


@contextmanager
def open_shop(postgres: Postgres) -> Iterator[Shop]:
    if not JAR.exists():
        pytest.fail(f"PostgreSQL's JDBC driver is not there; install it: {INSTALL}", pytrace=False)
    database = postgres.create("template0")
    url = make_url(database)
    engine = create_engine(url)
    socket = Path(str(url.query["host"])) / f".s.PGSQL.{url.query.get('port', url.port or 5432)}"
    with on_a_port(socket) as port:
        shop = Shop(f"jdbc:postgresql://127.0.0.1:{port}/{url.database}", engine)
        shop.run(ORDERS)
        yield shop
    engine.dispose()
    postgres.drop(database)
