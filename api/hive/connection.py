"""One client's connection: read a call, answer it, until the client leaves.

Unframed Thrift with the strict binary protocol. Every failure is answered as an exception that the called method
declares; only a call that cannot be read ends the connection.
"""

from __future__ import annotations

import logging
import socket
from typing import Any

from thriftpy2.protocol import TCyBinaryProtocol
from thriftpy2.thrift import TApplicationException, TMessageType, TType
from thriftpy2.transport import TCyBufferedTransport, TTransportException

from api.hive import databases, functions, locks, partitions, service, statistics, tables
from api.hive.bindings import Failure, hive
from api.hive.encoding import Encoded
from api.hive.failures import told
from api.hive.methods import NAMES, Method, method
from api.hive.session import Handler, Session
from catalog.errors import DomainError

HANDLERS: dict[str, Handler] = {
    **service.HANDLERS,
    **databases.HANDLERS,
    **tables.HANDLERS,
    **partitions.HANDLERS,
    **functions.HANDLERS,
    **statistics.HANDLERS,
    **locks.HANDLERS,
}

_BUFFER = 64 * 1024
_PROTOCOL: Any = TCyBinaryProtocol  # its methods carry no types
_log = logging.getLogger(__name__)
calls = logging.getLogger(f"{__name__}.calls")


class _Wire:
    """A socket as thriftpy2's buffer uses it.

    What is written waits for `send`, so that a reply which turns out to be unwritable half-way can be dropped.
    """

    def __init__(self, peer: socket.socket) -> None:
        self.peer = peer
        self.pieces: list[bytes] = []

    def read(self, size: int) -> bytes:
        return self.peer.recv(size)

    def write(self, piece: bytes) -> None:
        self.pieces.append(piece)

    def flush(self) -> None:
        """Called when the buffer has been written out; sending is `send`."""

    def send(self) -> None:
        pieces, self.pieces = self.pieces, []
        for piece in pieces:
            self.peer.sendall(piece)


class Conversation:
    """The calls of one client, one after the other, on the connection to it."""

    def __init__(self, session: Session, peer: socket.socket) -> None:
        self.session = session
        self.wire = _Wire(peer)
        self.transport = TCyBufferedTransport(self.wire, _BUFFER)
        self.protocol = _PROTOCOL(self.transport, strict_decode=True)

    def serve(self) -> None:
        """Answer calls until the client closes the connection or says something that is no Thrift."""
        try:
            while True:
                self._answer(*self.protocol.read_message_begin())
        except (TTransportException, ConnectionError):
            return  # the client left, or the server is stopping: the usual end
        except Exception as error:
            _log.warning("A Hive client was disconnected for sending what cannot be read: %r", error)

    def _answer(self, name: str, kind: int, number: int) -> None:
        if kind == TMessageType.ONEWAY:
            self.protocol.skip(TType.STRUCT)
            return
        if name in NAMES:
            called = method(name)
            arguments = called.arguments()
            self.protocol.read_struct(arguments)
            calls.debug("%s %s", name, arguments)
            answer = self._result(name, called, arguments)
        else:
            self.protocol.skip(TType.STRUCT)
            answer = TApplicationException(TApplicationException.UNKNOWN_METHOD, f"Unknown method {name}")
        try:
            self._write(name, number, answer)
        except Exception:
            _log.exception("The answer to %s cannot be written", name)
            self.wire.pieces.clear()
            self._write(name, number, _broken(name))
        self.wire.send()

    def _result(self, name: str, called: Method, arguments: Any) -> Any:
        """The method's answer: its result, or an exception that it declares."""
        try:
            result = HANDLERS[name](self.session, arguments)
        except DomainError as error:
            exception, message = told(error, called.exceptions)
        except Failure as error:
            exception, message = type(error).__name__, error.message or ""
        except Exception:
            _log.exception("The Hive face failed at %s", name)
            return _broken(name)
        else:
            if isinstance(result, Encoded):
                return result
            return called.answer(success=result) if called.answers else called.answer()
        if exception not in called.exceptions:
            exception = "MetaException"
        if exception not in called.exceptions:
            return TApplicationException(TApplicationException.INTERNAL_ERROR, message)
        return called.answer(**{exception: getattr(hive, exception)(message)})

    def _write(self, name: str, number: int, answer: Any) -> None:
        if isinstance(answer, Encoded):
            self.wire.write(answer.message(name, number))
            return
        kind = TMessageType.EXCEPTION if isinstance(answer, TApplicationException) else TMessageType.REPLY
        self.protocol.write_message_begin(name, kind, number)
        self.protocol.write_struct(answer)
        self.transport.flush()


def _broken(name: str) -> TApplicationException:
    return TApplicationException(TApplicationException.INTERNAL_ERROR, f"{name} failed; the service's log says why.")
