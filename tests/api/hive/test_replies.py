"""Kept replies are never older than what is stored; and reading waits for nobody who writes."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

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
def client(database_url: str, tmp_path: Path) -> Iterator[Client]:
    """A client of a face over SQLite, and over PostgreSQL."""
    engine = db.connect(database_url)
    server = HiveServer(Catalog(engine, Origin("hive")), "127.0.0.1", 0, f"file:{tmp_path}/warehouse")
    server.start()
    found = Client(server.port)
    yield found
    found.close()
    server.stop()
    engine.dispose()


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
