"""A Thrift client of any Hive Metastore, made from our own table of its methods."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any, Self

from thriftpy2.protocol import TCyBinaryProtocol, cybin
from thriftpy2.thrift import TApplicationException, TException, TMessageType
from thriftpy2.transport import TCyBufferedTransport, TSocket, TTransportException

from api.hive.methods import Method, method

# thriftpy2's methods carry no types.
_SOCKET: Any = TSocket
_PROTOCOL: Any = TCyBinaryProtocol
_NO_THRIFT: type[Exception] = cybin.ProtocolError  # type: ignore[attr-defined]


class Client:
    """A connection to the metastore at `host` and `port`, opened by the first call and anew after it broke.

    `timeout` is in seconds, of each reading and writing. `methods` finds what a method takes and answers by its name;
    without it, the methods that our server has.
    """

    def __init__(
        self, port: int, host: str = "127.0.0.1", timeout: float = 300, methods: Callable[[str], Method] = method
    ) -> None:
        self.address = (host, port)
        self.timeout = timeout
        self.methods = methods
        self.number = 0
        self._protocol: Any = None

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def open(self) -> None:
        """Raises ConnectionError if nothing listens there."""
        host, port = self.address
        try:
            family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
            opened = _SOCKET(host, port, socket_family=family, socket_timeout=int(self.timeout * 1_000))
            transport: Any = TCyBufferedTransport(opened)
            transport.open()
        except (TTransportException, OSError) as error:
            raise ConnectionError(_said(error)) from error
        self._protocol = _PROTOCOL(transport)

    def close(self) -> None:
        if self._protocol is not None:
            self._protocol.trans.close()
            self._protocol = None

    def call(self, name: str, *arguments: object) -> Any:
        """The method's result; the exception that it was answered with is raised.

        Raises ConnectionError if the metastore cannot be reached, goes away, or answers what is no Thrift.
        """
        request: Any = self.methods(name).arguments()
        for field, argument in zip(request.thrift_spec.values(), arguments, strict=True):
            setattr(request, field[1], argument)
        return self.receive(name, self.send(name, request))

    def send(self, name: str, request: Any, kind: int = TMessageType.CALL) -> int:
        """The number of the message, which its answer repeats."""
        if self._protocol is None:
            self.open()
        self.number += 1
        try:
            self._protocol.write_message_begin(name, kind, self.number)
            self._protocol.write_struct(request)
            self._protocol.trans.flush()
        except (TTransportException, OSError) as error:
            self.close()
            raise ConnectionError(_said(error)) from error
        return self.number

    def receive(self, name: str, number: int) -> Any:
        """The result in the answer to message `number`; raises as `call` does."""
        try:
            answer = self._answer(name, number)
        except (TException, _NO_THRIFT, OSError, EOFError, MemoryError) as error:
            self.close()
            raise ConnectionError(_said(error)) from error
        if isinstance(answer, TApplicationException):
            raise answer
        called = self.methods(name)
        for exception in called.exceptions:
            if getattr(answer, exception) is not None:
                raise getattr(answer, exception)
        return answer.success if called.answers else None

    def _answer(self, name: str, number: int) -> Any:
        _, kind, echoed = self._protocol.read_message_begin()
        if echoed != number:
            raise ConnectionError(f"it answered call {echoed}, not {number}")
        failed = kind == TMessageType.EXCEPTION
        answer: Any = TApplicationException() if failed else self.methods(name).answer()
        self._protocol.read_struct(answer)
        return answer


def _said(error: Exception) -> str:
    message = getattr(error, "message", None) or str(error) or type(error).__name__
    return message.decode(errors="replace") if isinstance(message, bytes) else str(message)
