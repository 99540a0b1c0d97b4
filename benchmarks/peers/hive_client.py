"""A Thrift client of any Hive metastore, made from our own table of its methods."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

from thriftpy2.protocol import TCyBinaryProtocol
from thriftpy2.thrift import TApplicationException, TMessageType
from thriftpy2.transport import TCyBufferedTransport, TSocket, TTransportException

from api.hive.methods import Method, method

# thriftpy2's methods carry no types.
_SOCKET: Any = TSocket
_PROTOCOL: Any = TCyBinaryProtocol


class Client:
    """A connection to the metastore on a port of this machine. Raises ConnectionError if nothing listens there.

    `methods` finds what a method takes and answers by its name; without it, the methods that our server has.
    """

    def __init__(self, port: int, timeout: float = 300, methods: Callable[[str], Method] = method) -> None:
        self.methods = methods
        self.transport = TCyBufferedTransport(_SOCKET("127.0.0.1", port, socket_timeout=int(timeout * 1_000)))
        try:
            self.transport.open()
        except TTransportException as error:
            raise ConnectionError(str(error)) from error
        self.protocol = _PROTOCOL(self.transport)
        self.number = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.transport.close()

    def call(self, name: str, *arguments: object) -> Any:
        """The method's result; the exception that it was answered with is raised."""
        request: Any = self.methods(name).arguments()
        for field, argument in zip(request.thrift_spec.values(), arguments, strict=True):
            setattr(request, field[1], argument)
        self.send(name, request)
        return self.receive(name)

    def send(self, name: str, request: Any) -> None:
        self.number += 1
        self.protocol.write_message_begin(name, TMessageType.CALL, self.number)
        self.protocol.write_struct(request)
        self.transport.flush()

    def receive(self, name: str) -> Any:
        _, kind, _ = self.protocol.read_message_begin()
        if kind == TMessageType.EXCEPTION:
            failure = TApplicationException()
            self.protocol.read_struct(failure)
            raise failure
        called = self.methods(name)
        answer: Any = called.answer()
        self.protocol.read_struct(answer)
        for exception in called.exceptions:
            if getattr(answer, exception) is not None:
                raise getattr(answer, exception)
        return answer.success if called.answers else None
