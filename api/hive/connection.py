"""One client's connection: read a call, answer it, until the client leaves.

Unframed Thrift with the strict binary protocol. Every failure is answered as an exception that the called method
declares; only a call that cannot be read, or that stops in the middle, ends the connection.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from struct import pack
from typing import Any

from thriftpy2.protocol import TCyBinaryProtocol
from thriftpy2.thrift import TApplicationException, TMessageType, TType
from thriftpy2.transport import TCyMemoryBuffer

from api.hive.bindings import Failure, hive
from api.hive.decoding import Reader, Unreadable
from api.hive.encoding import Encoded, done
from api.hive.failures import told
from api.hive.handlers import HANDLERS
from api.hive.methods import NAMES, Method, method
from api.hive.replies import Kept
from api.hive.session import Session
from catalog.errors import DomainError

_BUFFER = 64 * 1024
_PROTOCOL: Any = TCyBinaryProtocol  # its methods carry no types
_log = logging.getLogger(__name__)
calls = logging.getLogger(f"{__name__}.calls")


@dataclass(frozen=True)
class Bounds:
    """How far a client is borne with.

    One that has made a call may be silent for as long as it likes, as Spark's sessions are; the system finds out those
    that are gone.
    """

    largest: int = 1 << 30  # bytes of a call; a hundred thousand partitions of twenty columns are an eighth of it
    seconds: int = 120  # until the first call, between two pieces of a call, or of what is sent


class Silent(Exception):
    """The client stopped in the middle of a call, or made none, or does not read its answer."""


class _Wire:
    """A socket as the reader uses it, and on which answers go out."""

    def __init__(self, peer: socket.socket, seconds: int) -> None:
        self.peer = peer
        self.known = False  # whether it has made a call
        # The system's own clocks, because Python's would cost a call of the system for each read.
        for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            peer.setsockopt(socket.SOL_SOCKET, option, pack("ll", seconds, 0))

    def wait(self) -> bytes:
        while True:
            try:
                return self.peer.recv(_BUFFER)
            except BlockingIOError:
                if not self.known:
                    raise Silent from None

    def receive(self) -> bytes:
        try:
            return self.peer.recv(_BUFFER)
        except BlockingIOError:
            raise Silent from None

    def send(self, answer: bytes) -> None:
        try:
            self.peer.sendall(answer)
        except BlockingIOError:
            raise Silent from None
        self.known = True


class Conversation:
    """The calls of one client, one after the other, on the connection to it."""

    def __init__(self, session: Session, peer: socket.socket, bounds: Bounds) -> None:
        self.session = session
        self.wire = _Wire(peer, bounds.seconds)
        self.reader = Reader(self.wire.wait, self.wire.receive, bounds.largest)

    def serve(self) -> None:
        """Answer calls until the client closes the connection, says something that is no Thrift or stops half-way."""
        try:
            while True:
                call = self.reader.ahead()
                known = self.session.recall(call)
                if known is None:
                    self._answer(call, *self.reader.begin())
                else:
                    self.reader.drop()
                    self.wire.send(known)
        except (EOFError, ConnectionError):
            return  # the client left, or the server is stopping: the usual end
        except Silent:
            _log.warning("A Hive client was disconnected for its silence in the middle of a call or before any")
        except (Unreadable, UnicodeDecodeError) as error:
            _log.warning("A Hive client was disconnected for sending what cannot be read: %s", error)

    def _answer(self, call: bytes, name: str, kind: int, number: int) -> None:
        """Answer the call of that head, with which `call` begins."""
        if kind not in (TMessageType.CALL, TMessageType.ONEWAY):
            raise Unreadable(f"a message of kind {kind} is no call")
        if kind == TMessageType.ONEWAY:
            self.reader.skip(TType.STRUCT)
            return
        if name in NAMES:
            called = method(name)
            arguments = self.reader.struct(called.arguments)
            calls.debug("%s %s", name, arguments)
            answer = self._result(name, called, arguments)
        else:
            self.reader.skip(TType.STRUCT)
            answer = TApplicationException(TApplicationException.UNKNOWN_METHOD, f"Unknown method {name}")
        pieces = _message(name, number, answer)
        if isinstance(answer, Kept) and self.reader.has_read(call):
            pieces = [b"".join(pieces)]
            self.session.replies.remember(call, answer, pieces[0])
        for piece in pieces:
            self.wire.send(piece)

    def _result(self, name: str, called: Method, arguments: Any) -> Any:
        """The method's answer: its result, or an exception that it declares; None if it yields nothing."""
        try:
            for field in called.required:
                if getattr(arguments, field) is None:
                    raise hive.MetaException(f"The argument {field} of {name} is missing.")
            self.session.demand(name, arguments)
            result = self.session.leave_out(name, arguments, HANDLERS[name](self.session, arguments))
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
            return called.answer(success=result) if called.answers else None
        if exception not in called.exceptions:
            exception = "MetaException"
        if exception not in called.exceptions:
            return TApplicationException(TApplicationException.INTERNAL_ERROR, message)
        return called.answer(**{exception: getattr(hive, exception)(message)})


def _message(name: str, number: int, answer: Any) -> Iterable[bytes]:
    """The answer as bytes. A struct's are whole: one that turns out to be unwritable half-way is replaced."""
    if answer is None:
        return [done(name, number)]
    if isinstance(answer, Encoded):
        return answer.message(name, number)
    try:
        return [_written(name, number, answer)]
    except Exception:
        _log.exception("The answer to %s cannot be written", name)
        return [_written(name, number, _broken(name))]


def _written(name: str, number: int, answer: Any) -> bytes:
    kind = TMessageType.EXCEPTION if isinstance(answer, TApplicationException) else TMessageType.REPLY
    out: Any = TCyMemoryBuffer()
    protocol = _PROTOCOL(out)
    protocol.write_message_begin(name, kind, number)
    protocol.write_struct(answer)
    written: bytes = out.getvalue()
    return written


def _broken(name: str) -> TApplicationException:
    return TApplicationException(TApplicationException.INTERNAL_ERROR, f"{name} failed; the service's log says why.")
