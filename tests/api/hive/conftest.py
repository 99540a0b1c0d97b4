"""A real catalog on SQLite, the Hive face over it, and a Thrift client."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from api.hive import connection
from api.hive.client import Client
from api.hive.server import HiveServer
from catalog import db
from catalog.catalog import Catalog
from catalog.model import Origin


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    engine = db.connect(db.sqlite_url(tmp_path / "catalog.db"))
    yield Catalog(engine, Origin(face="test"))
    engine.dispose()


@pytest.fixture
def server(catalog: Catalog, tmp_path: Path) -> Iterator[HiveServer]:
    server = HiveServer(catalog, "127.0.0.1", 0, f"file:{tmp_path}/warehouse")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def connect(server: HiveServer) -> Iterator[Callable[[], Client]]:
    """Opens a connection; all are closed in the end."""
    opened: list[Client] = []

    def one() -> Client:
        opened.append(Client(server.port))
        return opened[-1]

    yield one
    for client in opened:
        client.close()


@pytest.fixture
def client(connect: Callable[[], Client]) -> Client:
    return connect()


@pytest.fixture
def raw(server: HiveServer) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as peer:
        yield peer


class Calls(logging.Handler):
    """The calls that the server answered: names in order, and each with its arguments."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.made: list[tuple[str, Any]] = []

    def emit(self, record: logging.LogRecord) -> None:
        name, arguments = record.args  # type: ignore[misc]
        self.made.append((str(name), arguments))

    def of(self, name: str) -> list[Any]:
        return [arguments for called, arguments in self.made if called == name]


@pytest.fixture
def calls() -> Iterator[Calls]:
    recorder = Calls()
    connection.calls.addHandler(recorder)
    connection.calls.setLevel(logging.DEBUG)
    yield recorder
    connection.calls.removeHandler(recorder)
    connection.calls.setLevel(logging.NOTSET)
