"""Databases for JDBC targets to crawl: a schema with every type that matters, in PostgreSQL, MariaDB and SQLite."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import create_engine, make_url

from tests.conftest import Postgres

POSTGRESQL = """
CREATE SCHEMA sales;
CREATE SCHEMA "Odd names";
CREATE TYPE sales.mood AS ENUM ('good', 'bad');
CREATE TABLE sales.orders (
    id bigint PRIMARY KEY, small smallint, plain integer, money numeric(12,2), vast numeric(60,2), any_digits numeric,
    single real, twice double precision, yes boolean, day date, moment timestamp, zoned timestamptz, hour time,
    span interval, body bytea, words text, few char(3), name varchar(20), tree jsonb, key uuid, address inet,
    feeling sales.mood, numbers integer[], grid text[][]
);
COMMENT ON TABLE sales.orders IS 'What was sold';
COMMENT ON COLUMN sales.orders.money IS 'in euros';
CREATE TABLE sales.lines (order_id bigint, line integer, PRIMARY KEY (order_id, line));
CREATE TABLE sales.dev_try (id integer);
CREATE VIEW sales.recent AS SELECT id, day FROM sales.orders;
CREATE MATERIALIZED VIEW sales.totals AS SELECT sum(money) AS total FROM sales.orders;
CREATE TABLE "Odd names"."Mixed Case" ("Id" integer, "ID" integer, "a b" text);
CREATE TABLE public.loose (a integer);
"""
MARIADB = """
CREATE TABLE orders (
    id bigint unsigned PRIMARY KEY, tiny tinyint, yes boolean, small smallint unsigned, plain int, big int unsigned,
    money decimal(12,2) COMMENT 'in euros', single float, twice double, day date, moment datetime, stamp timestamp,
    hour time, season year, body blob, words text, name varchar(20), tree json, feeling enum('good','bad'), bits bit(1)
) COMMENT 'What was sold';
CREATE TABLE dev_try (id int);
CREATE VIEW recent AS SELECT id, day FROM orders;
"""
SQLITE = """
CREATE TABLE orders (id INTEGER PRIMARY KEY, money DECIMAL(12,2), twice REAL, words TEXT, body BLOB, day DATE, x);
CREATE TABLE dev_try (id INTEGER);
CREATE VIEW recent AS SELECT id, day FROM orders;
"""


@contextmanager
def postgresql_shop(server: Postgres) -> Iterator[str]:
    """A PostgreSQL database with the schema, as a JDBC URL; its user is `postgres`, with any password."""
    url = make_url(server.create("template0"))
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql(POSTGRESQL)
    engine.dispose()
    folder = Path(str(url.query["host"]))
    with on_a_port(folder / f".s.PGSQL.{url.query.get('port', url.port or 5432)}") as port:
        yield f"jdbc:postgresql://127.0.0.1:{port}/{url.database}"
    server.drop(url.render_as_string(hide_password=False))


@contextmanager
def on_a_port(unix_socket: Path) -> Iterator[int]:
    """A port on the loopback that leads to a server's socket, which itself is on no network."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_serve, args=(server, unix_socket), daemon=True).start()
        yield server.getsockname()[1]
        with suppress(OSError):  # it is not connected, and so cannot be shut down on some systems
            server.shutdown(socket.SHUT_RDWR)


def _serve(server: socket.socket, unix_socket: Path) -> None:
    while True:
        try:
            client, _ = server.accept()
        except OSError:  # closed: nobody needs the port any more
            return
        store = socket.socket(socket.AF_UNIX)
        store.connect(str(unix_socket))
        for source, sink in ((client, store), (store, client)):
            threading.Thread(target=_pour, args=(source, sink), daemon=True).start()


def _pour(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):  # the other side hung up
        while piece := source.recv(65536):
            sink.sendall(piece)
    for end in (source, sink):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()
