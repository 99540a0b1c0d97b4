"""Clients that come in crowds, say half and stay, or do not listen: they leave nothing, and others are served."""

from __future__ import annotations

import logging
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from struct import pack

import pytest
from thriftpy2.thrift import TMessageType

from api.hive.client import Client
from api.hive.connection import Bounds
from api.hive.server import HiveServer
from catalog.catalog import Catalog
from catalog.model import Column, Database, StorageDescriptor, Table
from tests.api.hive.bad_clients import Witness, call, head, nothing_left, peers, reaction

CONNECTIONS = 10_000
AT_ONCE = 4
# Serves a new catalog with few files to open, until its input ends.
SERVICE = """
import resource, sys
from pathlib import Path
from api.hive.server import HiveServer
from catalog import db
from catalog.catalog import Catalog
from catalog.model import Origin

server = HiveServer(Catalog(db.connect(db.sqlite_url(Path(sys.argv[1]) / "catalog.db")), Origin("test")),
                    "127.0.0.1", 0, f"file:{sys.argv[1]}/warehouse")
server.start()
resource.setrlimit(resource.RLIMIT_NOFILE, (40, 40))
print(server.port, flush=True)
sys.stdin.read()
server.stop()
"""


@pytest.fixture
def server(catalog: Catalog, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Iterator[HiveServer]:
    """With a client's patience of one second."""
    caplog.set_level(logging.CRITICAL, "api.hive")
    catalog.create_database(Database("quiet"))
    columns = (Column("id", "int"), Column("page", "string", "x" * 100_000))
    catalog.create_table(Table("quiet", "corner", StorageDescriptor(columns)))
    server = HiveServer(catalog, "127.0.0.1", 0, f"file:{tmp_path}/warehouse", Bounds(seconds=1))
    server.start()
    assert reaction(server.port, call("get_table", dbname="quiet", tbl_name="corner"))
    for thread in peers(server):
        thread.join()
    yield server
    server.stop()


def test_ten_thousand_connections_that_are_dropped_leave_nothing(server: HiveServer) -> None:
    sent = [b"", call("getStatus"), call("getStatus")[:20], b"GET / HTTP/1.1\r\n\r\n", call("get_all_databases") * 3]

    def come_and_go(number: int) -> None:
        for _ in range(CONNECTIONS // AT_ONCE // len(sent)):
            for data in sent:
                with socket.create_connection(("127.0.0.1", server.port), timeout=30) as peer:
                    if number % 2:  # hang up as a killed process does
                        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, pack("ii", 1, 0))
                    if data:
                        peer.sendall(data)

    with nothing_left(server, megabytes=60), Witness(server.port), ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(come_and_go, range(AT_ONCE)))


def test_a_client_that_stops_half_way_is_hung_up_on_and_one_that_is_idle_is_not(server: HiveServer) -> None:
    with Client(server.port, timeout=30) as idle, Witness(server.port):
        assert idle.call("getStatus") == 2
        halves = [b"", b"\x80", call("getStatus")[:-1], call("getStatus") + b"\x80\x01", head()]
        waiting = [socket.create_connection(("127.0.0.1", server.port), timeout=30) for _ in halves]
        for peer, half in zip(waiting, halves, strict=True):
            peer.sendall(half)
        for peer in waiting:
            while peer.recv(1_000):
                pass
            peer.close()
        assert idle.call("getName") == "Isinglass"


def test_a_client_that_does_not_read_its_answers_is_hung_up_on(server: HiveServer) -> None:
    with nothing_left(server, megabytes=60), Witness(server.port):
        asked = call("get_table", dbname="quiet", tbl_name="corner") * 300_000
        deaf = socket.create_connection(("127.0.0.1", server.port), timeout=30)
        with deaf, pytest.raises(ConnectionError):
            deaf.sendall(asked)


def test_a_process_without_free_files_goes_on_when_it_has_some_again(tmp_path: Path) -> None:
    command = [sys.executable, "-c", SERVICE, str(tmp_path)]
    service = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert service.stdout
    assert service.stderr
    port = int(service.stdout.readline())
    with Client(port, timeout=30) as first:
        assert first.call("get_all_databases") == ["default"]
        crowd = [socket.create_connection(("127.0.0.1", port), timeout=30) for _ in range(100)]
        assert "cannot take more clients now: Too many open files" in service.stderr.readline()
        assert first.call("getStatus") == 2
        for peer in crowd:
            peer.close()
        assert reaction(port, call("get_all_databases")) == [("get_all_databases", TMessageType.REPLY)]
    _, errors = service.communicate(timeout=60)
    assert service.returncode == 0
    assert "Traceback" not in errors
