"""Importing from another metastore: our own second service, one that fails, and Hive's own in Java."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from api.hive import connection
from api.hive.bindings import hive
from api.hive.client import Client
from api.hive.handlers import HANDLERS
from api.hive.methods import NAMES
from api.hive.server import HiveServer
from api.hive.statistics import statistics_struct
from api.moving.errors import SourceUnavailable
from api.moving.hive_source import metastore, read_metastore
from api.moving.importing import Importing
from api.moving.records import AT_ONCE, Partitions, Untold, wanted
from benchmarks.peers.java_metastore import java_metastore
from catalog.catalog import Catalog
from catalog.errors import InvalidInput
from catalog.model import Column, SerDe, StorageDescriptor, Table
from tests.api.moving.conftest import OF_COLUMNS, PARTITIONS, exported, told

EVERYTHING = wanted([])


@pytest.fixture
def second(full: Catalog, tmp_path: Path) -> Iterator[HiveServer]:
    """A second service's metastore, over a catalog that holds one of everything."""
    server = HiveServer(full, "127.0.0.1", 0, f"file:{tmp_path}/warehouse")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def client(second: HiveServer) -> Iterator[Client]:
    with metastore(f"thrift://127.0.0.1:{second.port}") as client:
        yield client


def test_all_of_a_second_service_is_imported_once_and_is_equal_after(client: Client, empty: Catalog) -> None:
    counts = told(empty, read_metastore(client, EVERYTHING))
    assert counts == {
        ("database", "created"): 3,
        ("table", "created"): 2,
        ("function", "created"): 1,
        ("partition", "created"): PARTITIONS,
        ("column statistics", "created"): 15,
    }
    assert {action for _, action in told(empty, read_metastore(client, EVERYTHING))} == {"unchanged"}
    assert len(empty.list_versions("shop", "orders").items) == 1


def test_what_hive_can_tell_arrives_to_the_byte(client: Client, empty: Catalog, full: Catalog) -> None:
    told(empty, read_metastore(client, EVERYTHING))
    for name in ("orders", "a_view"):
        before, after = full.get_table("shop", name), empty.get_table("shop", name)
        assert before.parameters.items() <= after.parameters.items()
        assert before.storage.serde == after.storage.serde
        assert before.view_original_text == after.view_original_text
        assert [(c.name, c.type, c.comment) for c in before.all_columns] == [
            (c.name, c.type, c.comment) for c in after.all_columns
        ]
    members = [list(each.iter_partitions("shop", "orders")) for each in (full, empty)]
    assert [p.values for p in members[0]] == [p.values for p in members[1]]
    assert [p.storage.location for p in members[0]] == [p.storage.location for p in members[1]]
    assert full.get_function("shop", "f").resources == empty.get_function("shop", "f").resources
    statistics = [[s.values for s in each.get_table_statistics("shop", "orders")] for each in (full, empty)]
    assert statistics[0] == statistics[1]


def test_a_table_that_is_shown_to_spark_otherwise_arrives_as_it_is_stored(
    client: Client, full: Catalog, empty: Catalog
) -> None:
    serde = SerDe("org.apache.hadoop.hive.serde2.OpenCSVSerde", {"separatorChar": ";"})
    table = Table("empty", "csv", StorageDescriptor((Column("a", "string"),), "s3://lake/csv", serde=serde))
    full.create_table(table)
    assert "sep" in client.call("get_table", "empty", "csv").sd.serdeInfo.parameters
    told(empty, read_metastore(client, wanted(["empty"])))
    imported = empty.get_table("empty", "csv")
    assert imported.storage.serde == serde
    assert not any(name.startswith("spark.sql") for name in imported.parameters)


class Calls(logging.Handler):
    """The calls that the server answered, with their arguments."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.made: list[tuple[str, Any]] = []

    def emit(self, record: logging.LogRecord) -> None:
        name, arguments = record.args  # type: ignore[misc]
        self.made.append((str(name), arguments))


def test_partitions_are_asked_for_a_part_at_a_time_and_only_when_wanted(client: Client) -> None:
    recorder = Calls()
    connection.calls.addHandler(recorder)
    connection.calls.setLevel(logging.DEBUG)
    try:
        records = read_metastore(client, EVERYTHING)
        first = next(each for each in records if isinstance(each, Partitions))
        asked = [arguments.names for name, arguments in recorder.made if name == "get_partitions_by_names"]
        assert [len(names) for names in asked] == [len(first.items)] == [AT_ONCE]
        list(records)
        asked = [arguments.names for name, arguments in recorder.made if name == "get_partitions_by_names"]
        assert [len(names) for names in asked] == [AT_ONCE, AT_ONCE, PARTITIONS - 2 * AT_ONCE]
    finally:
        connection.calls.removeHandler(recorder)
        connection.calls.setLevel(logging.NOTSET)


def test_a_table_that_the_source_cannot_tell_is_one_failure_and_the_rest_arrives(
    client: Client, empty: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    handler = HANDLERS["get_table_objects_by_name_req"]

    def fails(session: Any, call: Any) -> Any:
        if "orders" in call.req.tblNames:
            raise hive.MetaException("its row is broken")
        return handler(session, call)

    monkeypatch.setitem(HANDLERS, "get_table_objects_by_name_req", fails)
    found = list(Importing(empty).take(read_metastore(client, wanted(["shop"]))))
    failed = [each for each in found if each.action == "failed"]
    assert [(each.name, each.why) for each in failed] == [("shop.orders", "MetaException: its row is broken")]
    assert empty.list_table_names("shop") == ["a_view"]


def test_an_older_metastore_is_asked_by_the_older_method(
    client: Client, empty: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = NAMES - {"get_table_objects_by_name_req", "getName"}
    monkeypatch.setattr("api.hive.connection.NAMES", older)
    told(empty, read_metastore(client, wanted(["shop"])))
    assert empty.list_table_names("shop") == ["a_view", "orders"]


def test_a_source_that_goes_away_ends_the_import_and_says_so(second: HiveServer, empty: Catalog) -> None:
    uri = f"thrift://127.0.0.1:{second.port}"

    def interrupted() -> None:
        with metastore(uri) as client:
            records = read_metastore(client, EVERYTHING)
            next(records)
            second.stop()
            told(empty, records)

    with pytest.raises(SourceUnavailable, match=rf"{uri} cannot be read"):
        interrupted()
    second.start()


def test_a_connection_that_breaks_costs_one_thing(second: HiveServer, monkeypatch: pytest.MonkeyPatch) -> None:
    handler, broken = HANDLERS["get_function"], list[bool]()

    def breaks(session: Any, call: Any) -> Any:
        if not broken:
            broken.append(True)
            for peer in list(second._peers):
                peer.shutdown(socket.SHUT_RDWR)
        return handler(session, call)

    monkeypatch.setitem(HANDLERS, "get_function", breaks)
    with metastore(f"thrift://127.0.0.1:{second.port}") as client:
        records = list(read_metastore(client, wanted(["shop"])))
    [lost] = [each for each in records if isinstance(each, Untold)]
    assert lost.name == "shop.f"
    assert [each.name for each in records if isinstance(each, Table)] == ["a_view", "orders"]


@pytest.mark.parametrize("uri", ["http://here:1", "here:9083", "thrift://", "thrift://here:port", "file"])
def test_what_is_no_address_of_a_metastore_is_refused(uri: str) -> None:
    with pytest.raises(InvalidInput, match="no URI such as thrift://"), metastore(uri):
        pytest.fail("it was opened")


def answering(answer: bytes) -> Callable[[socket.socket], None]:
    def serve(listener: socket.socket) -> None:
        peer, _ = listener.accept()
        with peer:
            peer.recv(1000)
            peer.sendall(answer)

    return serve


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x80\x01\x00\x02\x7f\xff\xff\xffabc"])
def test_what_speaks_no_thrift_is_refused_by_its_address(answer: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=answering(answer), args=(listener,))
        thread.start()
        uri = f"thrift://127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(SourceUnavailable, match="cannot be read"), metastore(uri) as client:
            list(read_metastore(client, EVERYTHING))
        thread.join()


def java_columns(*columns: str) -> list[Any]:
    return [hive.FieldSchema(name=name, type=kind) for name, kind in (column.split(":") for column in columns)]


def fill_java(client: Client, root: str) -> None:
    client.call("create_database", hive.Database(name="web", description="ünï", locationUri=f"{root}/web"))
    storage = hive.StorageDescriptor(
        cols=java_columns("id:bigint", "price:decimal(10,2)", "name:string"),
        location=f"{root}/visits",
        inputFormat="org.apache.hadoop.mapred.TextInputFormat",
        outputFormat="org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
        serdeInfo=hive.SerDeInfo(
            serializationLib="org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe", parameters={"field.delim": "\t"}
        ),
        numBuckets=-1,
        bucketCols=[],
        sortCols=[],
        parameters={},
    )
    table = hive.Table(
        tableName="visits",
        dbName="web",
        owner="ada",
        sd=storage,
        partitionKeys=java_columns("day:string"),
        parameters={"EXTERNAL": "TRUE", "long": "x" * 3_000, "line": "a\nb"},
        tableType="EXTERNAL_TABLE",
    )
    client.call("create_table", table)
    view = {**vars(table), "tableName": "v", "partitionKeys": [], "tableType": "VIRTUAL_VIEW", "parameters": {"c": "d"}}
    client.call("create_table", hive.Table(**view, viewOriginalText="select 1", viewExpandedText="select 1 as x"))
    days = ["2026-01-01", "a b/c=d", "__HIVE_DEFAULT_PARTITION__"]
    parts = [
        hive.Partition(
            values=[day],
            dbName="web",
            tableName="visits",
            sd=hive.StorageDescriptor(**{**vars(storage), "location": f"{root}/visits/{number}"}),
            parameters={"n": str(number)},
        )
        for number, day in enumerate(days)
    ]
    client.call("add_partitions", parts)
    jar = hive.ResourceUri(resourceType=1, uri="s3://lib/a.jar")
    client.call(
        "create_function",
        hive.Function(
            functionName="f",
            dbName="web",
            className="com.acme.F",
            ownerName="ada",
            ownerType=1,
            functionType=1,
            resourceUris=[jar],
        ),
    )
    of_columns = [statistics_struct(each) for each in OF_COLUMNS if each.column in ("id", "name")]
    for partition in (None, "day=2026-01-01"):
        of = hive.ColumnStatisticsDesc(
            isTblLevel=partition is None, dbName="web", tableName="visits", partName=partition
        )
        method = "update_partition_column_statistics" if partition else "update_table_column_statistics"
        client.call(method, hive.ColumnStatistics(statsDesc=of, statsObj=of_columns))


def test_a_java_metastore_is_imported_whole_and_the_second_time_unchanged(tmp_path: Path, empty: Catalog) -> None:
    hasty = ["-XX:TieredStopAtLevel=1", "-Dderby.system.durability=test"]
    with java_metastore(tmp_path, heap="1g", java_options=hasty) as peer, Client(peer.port) as client:
        fill_java(client, (tmp_path / "lake").as_uri())
        counts = told(empty, read_metastore(client, wanted(["web"])))
        first = exported(empty)
        again = told(empty, read_metastore(client, wanted(["web"])))
    assert counts == {
        ("database", "created"): 1,
        ("function", "created"): 1,
        ("table", "created"): 2,
        ("partition", "created"): 3,
        ("column statistics", "created"): 4,
    }
    assert {action for _, action in again} == {"unchanged"}
    assert exported(empty) == first
    assert empty.get_database("web").description == "ünï"
    table = empty.get_table("web", "visits")
    assert (table.parameters["long"], table.parameters["line"], table.owner) == ("x" * 3_000, "a\nb", "ada")
    assert empty.get_table("web", "v").view_expanded_text == "select 1 as x"
    assert {each.values: each.parameters["n"] for each in empty.iter_partitions("web", "visits")} == {
        ("2026-01-01",): "0",
        ("a b/c=d",): "1",
        ("__HIVE_DEFAULT_PARTITION__",): "2",
    }
    assert empty.get_function("web", "f").class_name == "com.acme.F"
    of_partition = empty.get_partition_statistics("web", "visits", ["day=2026-01-01"])
    assert [each.values for each in of_partition["day=2026-01-01"]] == [OF_COLUMNS[0].values, OF_COLUMNS[5].values]
