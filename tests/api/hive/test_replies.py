"""Kept replies are never older than what is stored; and reading waits for nobody who writes."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from struct import pack

import pytest
from sqlalchemy import Engine

from api.hive.bindings import hive
from api.hive.client import Client
from api.hive.server import HiveServer
from catalog import databases, db
from catalog.catalog import Catalog
from catalog.db import writing
from catalog.model import Column, Database, Origin, Partition, StorageDescriptor, Table


@pytest.fixture
def port(database_url: str, tmp_path: Path) -> Iterator[int]:
    """Of a face over SQLite, and over PostgreSQL."""
    engine = db.connect(database_url)
    server = HiveServer(Catalog(engine, Origin("hive")), "127.0.0.1", 0, f"file:{tmp_path}/warehouse")
    server.start()
    yield server.port
    server.stop()
    engine.dispose()


@pytest.fixture
def client(port: int) -> Iterator[Client]:
    found = Client(port)
    yield found
    found.close()


@pytest.fixture
def elsewhere(store: Engine) -> Catalog:
    """The same database as another process has it: through connections of its own."""
    catalog = Catalog(store, Origin("test"))
    catalog.create_database(Database("d", location="file:/lake/d"))
    catalog.create_table(
        Table("d", "t", StorageDescriptor((Column("a", "int"),)), partition_keys=(Column("p", "int"),))
    )
    return catalog


def test_a_table_that_another_changes_or_replaces_is_told_anew_at_once(client: Client, elsewhere: Catalog) -> None:
    assert client.call("get_table", "d", "t").parameters == client.call("get_table", "D", "T").parameters
    for number in range(3):
        table = elsewhere.get_table("d", "t")
        elsewhere.update_table(Table("d", "t", table.storage, table.partition_keys, parameters={"n": str(number)}))
        assert client.call("get_table", "d", "t").parameters["n"] == str(number)
    elsewhere.rename_table("d", "t", "d", "u")
    with pytest.raises(Exception, match="t"):
        client.call("get_table", "d", "t")
    elsewhere.create_table(Table("d", "t", parameters={"new": "yes"}))
    assert client.call("get_table", "d", "t").parameters["new"] == "yes"
    elsewhere.delete_table("d", "t")
    elsewhere.create_table(Table("d", "t", parameters={"new": "again"}))
    assert client.call("get_table", "d", "t").parameters["new"] == "again"


def test_a_database_that_another_changes_is_told_anew_at_once(client: Client, elsewhere: Catalog) -> None:
    assert client.call("get_database", "d").description is None
    elsewhere.update_database(Database("d", "changed", "file:/lake/d"))
    assert client.call("get_database", "d").description == "changed"


def test_what_was_missing_is_told_as_soon_as_it_is_there_and_no_longer_when_it_is_gone(
    client: Client, elsewhere: Catalog
) -> None:
    for _ in range(2):
        for call in (("get_database", "later"), ("get_table", "d", "later")):
            for _ in range(2):
                with pytest.raises(hive.NoSuchObjectException, match="later"):
                    client.call(*call)
        elsewhere.create_database(Database("later"))
        elsewhere.create_table(Table("d", "later"))
        assert client.call("get_database", "later").name == client.call("get_table", "d", "later").tableName == "later"
        elsewhere.delete_table("d", "later")
        elsewhere.delete_database("later")


def test_what_a_client_changes_it_reads_at_once(client: Client, elsewhere: Catalog) -> None:
    for number in range(3):
        table = client.call("get_table", elsewhere.get_table("d", "t").database, "t")
        table.parameters = {**table.parameters, "n": str(number)}
        client.call("alter_table", "d", "t", table)
        assert client.call("get_table", "d", "t").parameters["n"] == str(number)


def test_reading_does_not_wait_for_a_writer(client: Client, elsewhere: Catalog) -> None:
    elsewhere.create_partitions("d", "t", [Partition(("1",), StorageDescriptor(location="file:/lake/d/t/p=1"))])
    with writing(elsewhere.engine) as connection, ThreadPoolExecutor(1) as reader:
        databases.update_database(connection, Database("d", "not yet told", "file:/lake/d"))
        for call in (("get_database", "d"), ("get_table", "d", "t"), ("get_partitions", "d", "t", -1)):
            assert reader.submit(client.call, *call).result(timeout=10)  # a writer is waited for up to 30 seconds
        assert client.call("get_database", "d").description is None
    assert client.call("get_database", "d").description == "not yet told"


def test_partitions_are_told_with_columns_of_their_own_or_the_tables(client: Client, elsewhere: Catalog) -> None:
    own = StorageDescriptor(
        (Column("ü", "string", "ünï☃"),), "file:/x y", serde=elsewhere.get_table("d", "t").storage.serde
    )
    elsewhere.create_partitions(
        "d", "t", [Partition(("1",), own, {"k": "☃", "": ""}), Partition(("2",)), Partition(("3",), own)]
    )
    first, second, third = client.call("get_partitions", "d", "t", -1)
    assert [column.name for column in first.sd.cols + second.sd.cols + third.sd.cols] == ["ü", "a", "ü"]
    assert (first.values, first.dbName, first.tableName, first.sd.location) == (["1"], "d", "t", "file:/x y")
    assert (first.parameters, second.parameters) == ({"k": "☃", "": ""}, {})
    assert second.sd.location is None
    assert second.createTime == int(elsewhere.get_partition("d", "t", ("2",)).created_at.timestamp())  # type: ignore[union-attr]
    assert client.call("get_partition", "d", "t", ["3"]) == third
    assert client.call("get_partitions_by_names", "d", "t", ["p=3", "p=9", "p=1"]) == [first, third]
    assert client.call("get_partitions", "d", "t", 1) == [first]
    assert client.call("get_partition_names", "d", "t", 2) == ["p=1", "p=2"]


def test_the_same_bytes_again_are_answered_with_their_own_number(port: int, elsewhere: Catalog) -> None:
    with socket.create_connection(("127.0.0.1", port)) as peer:
        first, again = _asked(peer, _call(7)), _asked(peer, _call(4_660))
        assert first.replace(pack(">i", 7), pack(">i", 4_660), 1) == again
        elsewhere.update_database(Database("d", "told", location="file:/lake/d"))
        assert b"told" in _asked(peer, _call(8))


def test_calls_that_come_together_are_all_answered_in_order(port: int, elsewhere: Catalog) -> None:
    elsewhere.get_database("d")
    with socket.create_connection(("127.0.0.1", port)) as peer:
        alone = [_asked(peer, _call(number)) for number in (1, 1, 1)]
        assert alone[0] == alone[1] == alone[2]
        together = _asked(peer, _call(1) + _call(1) + _call(1)[:20], len(alone[0]) * 2)
        assert together == alone[0] * 2
        assert _asked(peer, _call(1)[20:]) == alone[0]


def _call(number: int) -> bytes:
    """`get_database("d")`."""
    head = pack(">Ii", 0x80010001, 12) + b"get_database" + pack(">i", number)
    return head + pack(">bhi", 11, 1, 1) + b"d\0"


def _asked(peer: socket.socket, call: bytes, size: int = 0) -> bytes:
    """The answer, of `size` bytes or as much as comes at once."""
    peer.sendall(call)
    answer = peer.recv(65_536)
    while len(answer) < size:
        answer += peer.recv(65_536)
    return answer
