"""A real catalog on SQLite, the Hive face over it, and a Thrift client made from the same table of methods."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from thriftpy2.protocol import TCyBinaryProtocol
from thriftpy2.thrift import TApplicationException, TMessageType
from thriftpy2.transport import TCyBufferedTransport, TSocket

from api.hive import connection
from api.hive.methods import method
from api.hive.server import HiveServer
from catalog import db
from catalog.catalog import Catalog
from catalog.model import Origin

# thriftpy2's methods carry no types.
_SOCKET: Any = TSocket
_PROTOCOL: Any = TCyBinaryProtocol


class Client:
    """Calls a method with its arguments in order; returns the result or raises the exception it was answered with."""

    def __init__(self, port: int) -> None:
        self.socket = _SOCKET("127.0.0.1", port, socket_timeout=30_000)
        self.transport = TCyBufferedTransport(self.socket)
        self.transport.open()
        self.protocol = _PROTOCOL(self.transport)
        self.number = 0

    def call(self, name: str, *arguments: object) -> Any:
        called = method(name)
        request: Any = called.arguments()
        for field, argument in zip(request.thrift_spec.values(), arguments, strict=True):
            setattr(request, field[1], argument)
        return self.receive(name, self.send(name, request))

    def send(self, name: str, request: Any, kind: int = TMessageType.CALL) -> int:
        self.number += 1
        self.protocol.write_message_begin(name, kind, self.number)
        self.protocol.write_struct(request)
        self.transport.flush()
        return self.number

    def receive(self, name: str, number: int) -> Any:
        answered, kind, echoed = self.protocol.read_message_begin()
        assert (answered, echoed) == (name, number)
        if kind == TMessageType.EXCEPTION:
            failure = TApplicationException()
            self.protocol.read_struct(failure)
            raise failure
        called = method(name)
        answer = called.answer()
        self.protocol.read_struct(answer)
        for exception in called.exceptions:
            if getattr(answer, exception) is not None:
                raise getattr(answer, exception)
        return answer.success if called.answers else None


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
        client.transport.close()


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
