"""GraphQL over WebSocket, after the protocol graphql-transport-ws: operations of any kind, many at once.

A socket has no memory: whoever comes back asks for what follows the last thing seen, by the field's own argument.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec
import orjson
import structlog
from fastapi import WebSocket, WebSocketDisconnect
from starlette.concurrency import run_in_threadpool
from strawberry.schema.exceptions import InvalidOperationTypeError

from api.auth.audit import Asking
from api.auth.errors import Unauthenticated
from api.auth.gate import Gate
from api.auth.http import hold_back
from api.auth.principals import Principal
from api.graphql.context import Context
from api.graphql.limits import limit_exceeded
from api.graphql.operations import Answer, Asked, run, subscribe

T = TypeVar("T")
log = structlog.get_logger()

PROTOCOL = "graphql-transport-ws"
PATIENCE_SECONDS = 10.0
MOST_OPERATIONS = 50
_NOTHING = msgspec.Raw(b"null")
# Why a socket is closed, by the protocol's numbers.
_INVALID, _UNACKNOWLEDGED, _FORBIDDEN, _UNKNOWN_PROTOCOL, _UNOPENED = 4400, 4401, 4403, 4406, 4408
_TAKEN, _OPENED_TWICE = 4409, 4429


class Message(msgspec.Struct):
    type: str
    id: str | None = None
    payload: msgspec.Raw = _NOTHING


@dataclass(frozen=True)
class Violation(Exception):
    """The client broke the protocol: the socket is closed with this code."""

    code: int
    reason: str


async def converse(socket: WebSocket, gate: Gate, context: Callable[[Principal], Context]) -> None:
    """Serve one socket until it is closed; each operation has a context of its own.

    Who asks is known by the socket's headers, or by a token in the first message: `{"token": "isg_…"}`, or
    `{"Authorization": "Bearer isg_…"}`.
    """
    spoken = PROTOCOL in socket.scope.get("subprotocols", ())
    await socket.accept(PROTOCOL if spoken else None)
    conversation = Conversation(socket, gate, context)
    try:
        if not spoken:
            raise Violation(_UNKNOWN_PROTOCOL, f"Speak {PROTOCOL}")
        await conversation.open()
        while True:
            await conversation.hear(await _receive(socket))
    except Violation as violation:
        await socket.close(violation.code, violation.reason)
    except WebSocketDisconnect:
        return
    finally:
        await conversation.end()


@dataclass
class Conversation:
    socket: WebSocket
    gate: Gate
    context_for: Callable[[Principal], Context]
    principal: Principal | None = None
    operations: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    async def open(self) -> None:
        try:
            message = await asyncio.wait_for(_receive(self.socket), PATIENCE_SECONDS)
        except TimeoutError as error:
            raise Violation(_UNOPENED, "Connection initialisation timeout") from error
        if message.type != "connection_init":
            raise Violation(_UNACKNOWLEDGED, "Unauthorized")
        try:
            self.principal = await run_in_threadpool(self._identify, message)
        except Unauthenticated as error:
            await hold_back(self.gate, self.socket.scope, Asking("graphql", "connection_init"))
            raise Violation(_FORBIDDEN, "Forbidden") from error
        await self._send("connection_ack")

    def _identify(self, message: Message) -> Principal:
        """Raises Unauthenticated."""
        given = _read(message.payload, dict[str, Any]) if message.payload != _NOTHING else {}
        named = {name.lower(): value for name, value in given.items() if isinstance(value, str)}
        if not self.gate.on or not {"token", "authorization"} & set(named):
            return self.gate.principal(self.socket.scope)
        return self.gate.bearer(named.get("authorization") or f"Bearer {named['token']}")

    async def hear(self, message: Message) -> None:
        match message:
            case Message("ping"):
                await self._send("pong")
            case Message("pong"):
                return
            case Message("subscribe", str(id)):
                self._begin(id, _read(message.payload, Asked))
            case Message("complete", str(id)):
                if operation := self.operations.pop(id, None):
                    operation.cancel()
            case Message("connection_init"):
                raise Violation(_OPENED_TWICE, "Too many initialisation requests")
            case _:
                raise Violation(_INVALID, f"No message of type {message.type!r} is known, or its id is missing")

    async def end(self) -> None:
        running = list(self.operations.values())
        for operation in running:
            operation.cancel()
        for fault in await asyncio.gather(*running, return_exceptions=True):
            if isinstance(fault, Exception) and not isinstance(fault, WebSocketDisconnect):
                log.error("an operation on a socket failed", exc_info=fault)

    def _begin(self, id: str, asked: Asked) -> None:
        if id in self.operations:
            raise Violation(_TAKEN, f"Subscriber for {id} already exists")
        work = self._refuse if len(self.operations) >= MOST_OPERATIONS else self._carry_out
        self.operations[id] = asyncio.create_task(work(id, asked))

    def _context(self) -> Context:
        if self.principal is None:
            raise Violation(_UNACKNOWLEDGED, "Unauthorized")
        return self.context_for(self.principal)

    async def _refuse(self, id: str, _asked: Asked) -> None:
        excess = limit_exceeded(f"A socket carries {MOST_OPERATIONS} operations at once.")
        await self._tell(id, Answer(None, [excess]), self._context())

    async def _carry_out(self, id: str, asked: Asked) -> None:
        if await self._answer(id, asked, self._context()):
            self.operations.pop(id, None)  # before the client hears of the end: it may use the id again
            await self._send("complete", id)

    async def _answer(self, id: str, asked: Asked, context: Context) -> bool:
        """Whether the operation's end is still to be told: an error has told it."""
        try:
            return await self._tell(id, await run_in_threadpool(run, asked, context, True), context)
        except InvalidOperationTypeError:
            async for answer in subscribe(asked, context):
                if answer and not await self._tell(id, answer, context):
                    return False
            return True

    async def _tell(self, id: str, answer: Answer, context: Context) -> bool:
        """Send it; False if it was an error, after which nothing may follow."""
        if answer.errors and not answer.is_run:
            self.operations.pop(id, None)
            await self._send("error", id, answer.told(context))
            return False
        await self._send("next", id, answer.body(context))
        return True

    async def _send(self, type: str, id: str | None = None, payload: object = None) -> None:
        message = {"type": type} | ({"id": id} if id is not None else {})
        told = message | ({"payload": payload} if payload is not None else {})
        await self.socket.send_text(orjson.dumps(told).decode())


async def _receive(socket: WebSocket) -> Message:
    """Raises Violation for what is no message, and WebSocketDisconnect."""
    return _read((await socket.receive_text()).encode(), Message)


def _read(text: bytes | msgspec.Raw, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(text, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Violation(_INVALID, f"Not a message of the protocol: {error}"[:120]) from error
