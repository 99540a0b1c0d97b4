"""The wire: what any Thrift client may send, and what it is owed."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable
from typing import Any

import pytest
from thriftpy2.thrift import TApplicationException, TMessageType

from api.hive.bindings import hive, make
from api.hive.client import Client
from api.hive.handlers import HANDLERS
from api.hive.methods import NAMES, method
from api.hive.server import HiveServer
from catalog.catalog import Catalog
from catalog.model import Database


def test_every_listed_method_is_served_and_no_other() -> None:
    assert set(HANDLERS) == NAMES
    assert all(method(name).arguments for name in NAMES)


def test_a_user_is_told_their_groups_and_is_recorded_as_the_one_who_changes(client: Client, catalog: Catalog) -> None:
    catalog.create_database(Database("shop"))
    assert client.call("set_ugi", "ada", ["staff"]) == ["staff"]
    client.call("create_table", external("shop", "t"))
    [version] = catalog.list_versions("shop", "t").items
    assert (version.origin.face, version.origin.principal) == ("hive", "ada")


def test_an_unknown_method_is_told_by_code_one_and_the_connection_goes_on(client: Client) -> None:
    with pytest.raises(TApplicationException) as told:
        client.receive(
            "get_runtime_stats", client.send("get_runtime_stats", hive.EnvironmentContext(properties={"a": "b"}))
        )
    assert told.value.type == TApplicationException.UNKNOWN_METHOD == 1
    assert client.call("getStatus") == 2


def test_a_oneway_call_gets_no_reply(client: Client) -> None:
    client.send("shutdown", hive.EnvironmentContext(), TMessageType.ONEWAY)
    assert client.call("get_all_databases") == ["default"]


def test_fields_of_later_hives_are_skipped(client: Client, catalog: Catalog) -> None:
    catalog.create_database(Database("shop"))
    client.call("create_table", external("shop", "t"))
    fields = {1: "dbName:string", 2: "tblName:string", 4: "catName:string", 5: "columns:list<Order>"}
    later: Any = make("GetTableRequest", {**fields, 6: "context:EnvironmentContext", 7: "more:map<string,string>"})
    request = later(dbName="shop", tblName="t", catName="hive", columns=[hive.Order(col="a")], more={"a": "b"})
    assert client.call("get_table_req", request).table.tableName == "t"


def test_texts_longer_than_any_buffer_pass_both_ways(client: Client) -> None:
    text = "ä" * 300_000
    client.call("create_database", hive.Database(name="shop", description=text, parameters={"schema": text}))
    found = client.call("get_database", "shop")
    assert found.description == text
    assert found.parameters == {"schema": text}


def test_what_is_no_thrift_ends_the_connection_and_is_logged(
    raw: socket.socket, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    raw.sendall(b"GET / HTTP/1.1\r\n\r\n")
    assert raw.recv(100) == b""
    assert client.call("getName") == "Isinglass"
    assert "cannot be read" in caplog.text


def test_a_failure_of_ours_is_answered_and_logged(
    client: Client, server: HiveServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(HANDLERS, "getName", lambda *_: 1 / 0)
    with pytest.raises(TApplicationException) as told:
        client.call("getName")
    assert told.value.type == TApplicationException.INTERNAL_ERROR
    assert "ZeroDivisionError" in caplog.text
    assert client.call("getStatus") == 2


def test_an_answer_that_cannot_be_written_is_replaced_whole(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(HANDLERS, "get_all_databases", lambda *_: ["a" * 200_000, object()])
    with pytest.raises(TApplicationException):
        client.call("get_all_databases")
    assert "cannot be written" in caplog.text
    assert client.call("getStatus") == 2


def test_clients_are_served_side_by_side(connect: Callable[[], Client]) -> None:
    clients = [connect() for _ in range(8)]
    assert [client.call("getStatus") for client in clients for _ in range(3)] == [2] * 24


def test_stopping_ends_every_connection(catalog: Catalog, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    server = HiveServer(catalog, "127.0.0.1", 0, "/warehouse")
    server.start()
    client = Client(server.port)
    client.call("getStatus")
    server.stop()
    with pytest.raises(ConnectionError):
        client.call("getStatus")
    client.close()
    with pytest.raises(OSError):  # noqa: PT011 - which of its kinds is the system's to say
        socket.create_connection(("127.0.0.1", server.port), timeout=10)
    assert not caplog.records


def test_an_address_in_use_is_named(server: HiveServer, catalog: Catalog) -> None:
    with pytest.raises(OSError, match=rf"cannot listen on 127\.0\.0\.1:{server.port}: Address already in use"):
        HiveServer(catalog, "127.0.0.1", server.port, "/warehouse").start()


def external(database: str, name: str) -> object:
    storage = hive.StorageDescriptor(cols=[hive.FieldSchema(name="a", type="int")], location="file:///lake/t/")
    return hive.Table(dbName=database, tableName=name, sd=storage, tableType="EXTERNAL_TABLE")
