"""What a client of bad manners sends, and what the server makes of it."""

from __future__ import annotations

import errno
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from struct import pack
from typing import Any

from thriftpy2.protocol import TCyBinaryProtocol
from thriftpy2.thrift import TMessageType, TType
from thriftpy2.transport import TCyMemoryBuffer

from api.hive.bindings import hive
from api.hive.client import Client
from api.hive.methods import method
from api.hive.server import HiveServer

_BUFFER: Any = TCyMemoryBuffer
_PROTOCOL: Any = TCyBinaryProtocol


def message(name: str, arguments: Any, kind: int = TMessageType.CALL, number: int = 7) -> bytes:
    """A call as thriftpy2 writes it."""
    buffer = _BUFFER()
    protocol = _PROTOCOL(buffer)
    protocol.write_message_begin(name, kind, number)
    protocol.write_struct(arguments)
    written: bytes = buffer.getvalue()
    return written


def call(name: str, **arguments: Any) -> bytes:
    found: Any = method(name).arguments()
    for field, value in arguments.items():
        setattr(found, field, value)
    return message(name, found)


def head(name: str = "get_table") -> bytes:
    """The beginning of a call, up to its arguments."""
    return pack(">HxBi", 0x8001, TMessageType.CALL, len(name)) + name.encode() + pack(">i", 7)


def reaction(port: int, data: bytes) -> list[tuple[str, int]]:
    """The answers (method, kind) to a client that sends `data` and nothing more; the server has then hung up."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as peer:
        try:
            peer.sendall(data)
            peer.shutdown(socket.SHUT_WR)
            answered = _rest(peer)
        except OSError as error:
            if error.errno not in (errno.ECONNRESET, errno.EPIPE, errno.ENOTCONN):
                raise
            return []  # hung up on before all of it was sent or read
        return list(_answers(answered))


def _rest(peer: socket.socket) -> bytes:
    pieces = []
    while piece := peer.recv(1 << 16):
        pieces.append(piece)
    return b"".join(pieces)


def _answers(data: bytes) -> Iterator[tuple[str, int]]:
    """What was answered. Fails unless it is whole answers and nothing else, as thriftpy2 reads them."""
    buffer = _BUFFER(data)
    protocol = _PROTOCOL(buffer)
    while buffer.getvalue():
        name, kind, _ = protocol.read_message_begin()
        assert kind in (TMessageType.REPLY, TMessageType.EXCEPTION)
        protocol.skip(TType.STRUCT)
        yield name, kind


def good_calls() -> dict[str, bytes]:
    """Calls of every shape. None names a location: flipped, it would be a folder anywhere."""
    columns = [hive.FieldSchema(name=name, type="int", comment="a column") for name in ("a", "b")]
    storage = hive.StorageDescriptor(
        cols=columns, serdeInfo=hive.SerDeInfo(serializationLib="lazy", parameters={"x": "y"}), numBuckets=-1
    )
    table = hive.Table(
        tableName="made", dbName="shop", sd=storage, partitionKeys=columns[:0], parameters={"EXTERNAL": "TRUE"}
    )
    part = hive.Partition(values=["1"], dbName="shop", tableName="visits", sd=storage, parameters={"n": "1"})
    request = hive.AddPartitionsRequest(dbName="shop", tblName="visits", parts=[part], ifNotExists=True)
    return {
        "getStatus": call("getStatus"),
        "set_ugi": call("set_ugi", user_name="ada", group_names=["staff", "web"]),
        "get_table": call("get_table", dbname="shop", tbl_name="visits"),
        "create_table": call("create_table", tbl=table),
        "add_partitions_req": call("add_partitions_req", request=request),
        "get_partitions_by_filter": call(
            "get_partitions_by_filter", db_name="shop", tbl_name="visits", filter="p > 1", max_parts=-1
        ),
    }


class Witness:
    """A well-behaved client that asks again and again, in its own thread, for a table that no other knows of."""

    def __init__(self, port: int) -> None:
        self.answers = 0
        self.failures: list[BaseException] = []
        self._over = threading.Event()
        self._port = port
        self._thread = threading.Thread(target=self._ask)

    def __enter__(self) -> Witness:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        assert not self.failures
        assert self.answers

    def _ask(self) -> None:
        try:
            with Client(self._port, timeout=30) as client:
                while not (self._over.is_set() and self.answers):
                    assert client.call("get_table", "quiet", "corner").sd.cols[0].name == "id"
                    self.answers += 1
        except BaseException as error:
            self.failures.append(error)


def peers(server: HiveServer) -> list[threading.Thread]:
    return [each for each in threading.enumerate() if each.name.startswith(f"hive:{server.port}:")]


@contextmanager
def nothing_left(server: HiveServer, megabytes: int) -> Iterator[None]:
    """In the end every connection's thread has ended; files and memory are what they were, within a bound.

    The files of the bound are those that the catalog's pool keeps of its database.
    """
    assert not peers(server)
    before = _files(), _resident()
    yield
    reaction(server.port, call("getStatus"))  # those before it have all been let in by then
    for thread in peers(server):
        thread.join(60)
    assert not peers(server)
    assert _files() - before[0] < 20
    assert _resident() - before[1] < megabytes << 20


def _files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def _resident() -> int:
    """Bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4_096
