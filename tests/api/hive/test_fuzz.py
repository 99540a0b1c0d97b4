"""The Hive port answers or hangs up, whatever it is sent, and others are served all the while."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from struct import pack

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from thriftpy2.thrift import TMessageType, TType

from api.hive.bindings import hive
from api.hive.client import Client
from api.hive.connection import Bounds
from api.hive.methods import NAMES, method
from api.hive.server import HiveServer
from catalog import db
from catalog.catalog import Catalog
from catalog.model import Column, Database, Origin, StorageDescriptor, Table
from tests.api.hive.bad_clients import Witness, call, good_calls, head, message, nothing_left, reaction
from tests.api.hive.thrift_values import values

MOST = 2**31 - 1
LARGEST = 1 << 20
OFTEN = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HiveServer]:
    folder = tmp_path_factory.mktemp("fuzz")
    engine = db.connect(db.sqlite_url(folder / "catalog.db"))
    catalog = Catalog(engine, Origin(face="test"))
    catalog.create_database(Database("shop"))
    columns = (Column("id", "int"), Column("page", "string"))
    catalog.create_table(Table("shop", "visits", StorageDescriptor(columns), (Column("p", "int"),)))
    catalog.create_database(Database("quiet"))
    catalog.create_table(Table("quiet", "corner", StorageDescriptor(columns)))
    server = HiveServer(catalog, "127.0.0.1", 0, f"file:{folder}/warehouse", Bounds(largest=LARGEST, seconds=30))
    server.start()
    yield server
    server.stop()
    engine.dispose()


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    """What is broken is answered as such and logged; thousands of such records are of no use to anyone."""
    caplog.set_level(logging.CRITICAL, "api.hive")


@pytest.fixture(autouse=True)
def others(server: HiveServer) -> Iterator[None]:
    with Witness(server.port):
        yield


@given(st.binary(max_size=300))
@OFTEN
def test_random_bytes_end_the_connection(server: HiveServer, data: bytes) -> None:
    reaction(server.port, data)


@given(st.sampled_from(sorted(NAMES)), st.binary(max_size=200))
@OFTEN
def test_random_bytes_in_the_place_of_arguments_end_the_connection_or_are_answered(
    server: HiveServer, name: str, data: bytes
) -> None:
    reaction(server.port, head(name) + data)


@given(st.data(), st.sampled_from(sorted(NAMES - {"shutdown"})))
@OFTEN
def test_every_method_answers_whatever_its_arguments_hold(server: HiveServer, data: st.DataObject, name: str) -> None:
    arguments = data.draw(values(method(name).arguments))
    assert [answered for answered, _ in reaction(server.port, message(name, arguments))] == [name]


@pytest.mark.parametrize("name", good_calls())
def test_a_call_cut_anywhere_is_not_answered(server: HiveServer, name: str) -> None:
    whole = good_calls()[name]
    assert reaction(server.port, whole) == [(name, TMessageType.REPLY)]
    assert not list(chain.from_iterable(reaction(server.port, whole[:length]) for length in range(len(whole))))


@pytest.mark.parametrize("name", good_calls())
def test_a_call_with_any_byte_turned_over_is_answered_or_ends_the_connection(server: HiveServer, name: str) -> None:
    whole = good_calls()[name]
    for place, mask in ((place, mask) for place in range(len(whole)) for mask in (0x01, 0x80, 0xFF)):
        turned = bytearray(whole)
        turned[place] ^= mask
        assert len(reaction(server.port, bytes(turned))) <= 1


def texts(size: int) -> bytes:
    return pack(">BHi", TType.STRING, 1, size)


def listed(kind: int, size: int, number: int = 99) -> bytes:
    return pack(">BHBi", TType.LIST, number, kind, size)


def mapped(key: int, value: int, size: int) -> bytes:
    return pack(">BHBBi", TType.MAP, 98, key, value, size)


LIES = {
    "a method's name of 2 GiB": pack(">HxBi", 0x8001, 1, MOST) + b"get",
    "a method's name of less than nothing": pack(">HxBi", 0x8001, 1, -1) + b"get",
    "a text of 2 GiB": head() + texts(MOST) + b"abc",
    "a text of less than nothing": head() + texts(-1) + b"abc",
    "a text of as little as can be said": head() + texts(-(2**31)) + b"abc",
    "a skipped text of 2 GiB": head() + pack(">BHi", TType.STRING, 97, MOST) + b"abc",
    "a skipped text of less than nothing": head() + pack(">BHi", TType.STRING, 97, -5) + b"abc",
    "a list of 2³¹ texts": head("set_ugi") + listed(TType.STRING, MOST, 2) + b"abc",
    "a list of fewer than no texts": head("set_ugi") + listed(TType.STRING, -1, 2) + b"abc",
    "a list of 2³¹ numbers in the place of texts": head("set_ugi") + listed(TType.I32, MOST, 2),
    "2³¹ values of no type": head() + listed(0, MOST),
    "2³¹ values of no size": head() + listed(1, MOST),
    "2³¹ values of an unknown type": head() + listed(77, MOST),
    "2³¹ pairs of no size": head() + mapped(0, 1, MOST),
    "2³¹ empty structs": head("add_partitions") + listed(TType.STRUCT, MOST, 1) + bytes(200_000),
    "lists of 2³¹ in each other": head() + pack(">BH", TType.LIST, 99) + pack(">Bi", TType.LIST, MOST) * 1_000,
    "structs in each other": head() + pack(">BH", TType.STRUCT, 99) * 10_000,
    "lists in each other": head() + pack(">BH", TType.LIST, 99) + pack(">Bi", TType.LIST, 1) * 10_000,
    "sets in each other": head() + pack(">BH", TType.SET, 99) + pack(">Bi", TType.SET, 1) * 10_000,
    "maps in each other": head() + pack(">BH", TType.MAP, 99) + pack(">BBi", TType.MAP, TType.MAP, 1) * 10_000,
    "texts that are not UTF-8": head() + texts(2) + b"\xff\xfe" + bytes(1),
    "a kind of message that is no call": message("get_table", method("get_table").arguments(), TMessageType.REPLY),
    "more than is read": head() + texts(LARGEST + 1) + bytes(LARGEST + 2),
    "more than is read, in small pieces": head("set_ugi") + listed(TType.STRING, 20_000, 2) + bytes(4) * 20_000,
}
STRANGERS = {
    "a framed call": pack(">i", 60) + call("getStatus"),
    "HTTP": b"POST /metastore HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(400),
    "SASL": b"\x01\x00\x00\x00\x06GSSAPI\x02\x00\x00\x00\x00",
    "the compact protocol": b"\x82\x21\x01\x09getStatus\x00",
    "an unstrict call": pack(">i", 9) + b"getStatus" + b"\x01" + pack(">i", 1) + b"\x00",
    "PostgreSQL": pack(">ii", 8, 80877103),
    "SSH": b"SSH-2.0-OpenSSH_9.6\r\n",
    "nothing": b"",
    "zeros": bytes(1_000),
}


@pytest.mark.parametrize("what", [*LIES, *STRANGERS])
def test_lies_and_strangers_are_hung_up_on_at_no_cost(server: HiveServer, what: str) -> None:
    with Client(server.port, timeout=30) as other:
        for _ in range(3):
            assert reaction(server.port, (LIES | STRANGERS)[what]) == []
            assert other.call("getStatus") == 2


def test_wrong_types_and_unknown_fields_are_skipped_and_the_call_is_answered(server: HiveServer) -> None:
    body = [
        pack(">BHi", TType.I32, 1, 5),  # the database is a number
        pack(">BHBi", TType.LIST, 2, TType.DOUBLE, 2) + bytes(16),  # the table is a list
        pack(">BHBBi", TType.MAP, 3, TType.I16, TType.BOOL, 1) + bytes(3),
        pack(">BHq", TType.I64, 0xFFFF, 5),
        bytes(1),
    ]
    assert [name for name, _ in reaction(server.port, head() + b"".join(body))] == ["get_table"]
    columns = pack(">BHBi", TType.LIST, 2, TType.I32, 3) + bytes(12) + bytes(1)  # groups are numbers
    assert reaction(server.port, head("set_ugi") + columns) == [("set_ugi", TMessageType.REPLY)]


def test_calls_on_one_connection_are_answered_in_their_order(server: HiveServer) -> None:
    oneway = message("get_table", hive.EnvironmentContext(properties={"a": "b"}), TMessageType.ONEWAY)
    unknown = message("no_such_method", hive.EnvironmentContext(properties={"a": "b"}))
    answers = reaction(server.port, call("getStatus") + oneway + unknown + call("getName") + b"GET / HTTP/1.1")
    assert answers == [
        ("getStatus", TMessageType.REPLY),
        ("no_such_method", TMessageType.EXCEPTION),
        ("getName", TMessageType.REPLY),
    ]


def test_a_call_that_comes_byte_by_byte_is_answered(server: HiveServer) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as peer:
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in call("getStatus"):
            peer.send(bytes((byte,)))
        assert b"getStatus" in peer.recv(1_000)


def test_what_is_announced_takes_no_memory_before_it_comes(tmp_path: Path) -> None:
    engine = db.connect(db.sqlite_url(tmp_path / "catalog.db"))
    generous = HiveServer(Catalog(engine, Origin("test")), "127.0.0.1", 0, f"file:{tmp_path}/w", Bounds(MOST, 30))
    generous.start()
    with nothing_left(generous, megabytes=40):
        waiting = [socket.create_connection(("127.0.0.1", generous.port), timeout=30) for _ in range(50)]
        for peer in waiting:
            peer.sendall(head() + texts(1 << 30) + b"abc")
        assert reaction(generous.port, call("getStatus")) == [("getStatus", TMessageType.REPLY)]
        for peer in waiting:
            peer.close()
    generous.stop()
    engine.dispose()
