"""GraphQL over HTTP: one operation a request, by POST of JSON; queries by GET as well. All work is done in threads.

Subscriptions come as a stream of events, or on a WebSocket, which carries operations of any kind.

After the GraphQL-over-HTTP specification: for a document that cannot be run, a client that accepts
application/graphql-response+json gets 400, and one that asks for application/json gets 200 with `errors`.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Any

import msgspec
import orjson
from fastapi import APIRouter, Request, Response, WebSocket
from graphql import GraphQLError
from starlette.concurrency import run_in_threadpool
from strawberry.schema.exceptions import InvalidOperationTypeError

from api.auth.access import Access
from api.auth.errors import Unauthenticated
from api.auth.gate import Gate
from api.auth.principals import Principal
from api.console.pages import page
from api.errors import told
from api.graphql.context import Context
from api.graphql.failures import BAD_REQUEST
from api.graphql.limits import LIMIT_EXCEEDED, MOST_BYTES
from api.graphql.operations import Answer, Asked, run
from api.graphql.refusals import HELD_BACK_SECONDS
from api.graphql.schema import PRINTED
from api.graphql.sockets import converse
from api.graphql.streams import EVENT_STREAM, stream
from catalog.catalog import Catalog
from catalog.model import Origin
from engine.engine import Engine

JSON = "application/json"
GRAPHQL_RESPONSE = "application/graphql-response+json"

_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_STREAMED = f"A subscription is streamed: accept {EVENT_STREAM}, or ask for it on a WebSocket."
_PAGE = "graphiql"


@dataclass(frozen=True)
class Refusal(Exception):
    """A request that is not run at all."""

    status: int
    message: str
    code: str = BAD_REQUEST


def graphql_routes(catalog: Catalog, engine: Engine, gate: Gate | None = None, introspection: bool = True) -> APIRouter:
    """POST and GET /graphql, and its schema as text. Without a gate, everybody is let in.

    A browser that comes without a query is given GraphiQL. Without `introspection` the schema is not told.
    """
    routes = APIRouter(prefix="/graphql")
    gate = gate or Gate(Access(catalog.engine, catalog.sealer))

    def context_for(principal: Principal) -> Context:
        acting = catalog.acting_as(Origin("graphql", principal.name))
        return Context(acting, engine, gate, principal, introspection)

    @routes.post("")
    async def post(request: Request) -> Response:
        arrived = time.monotonic()
        try:
            context = context_for(gate.principal(request.scope))
        except Unauthenticated as error:
            return _unknown(error)
        try:
            asked = _body(request.headers.get("content-type", ""), await _read(request))
        except Refusal as refusal:
            return await _held_back(arrived, _refused(refusal, context), refusal.code == LIMIT_EXCEEDED)
        if EVENT_STREAM in request.headers.get("accept", ""):
            return stream(asked, context)
        accepted = request.headers.get("accept", "")
        return await _held_back(arrived, *await run_in_threadpool(_run, asked, context, accepted, True))

    @routes.get("")
    async def get(request: Request) -> Response:
        arrived = time.monotonic()
        if "query" not in request.query_params:
            return page(_PAGE)
        try:
            context = context_for(gate.principal(request.scope))
        except Unauthenticated as error:
            return _unknown(error)
        try:
            asked = _parameters(request)
        except Refusal as refusal:
            return _refused(refusal, context)
        accepted = request.headers.get("accept", "")
        return await _held_back(arrived, *await run_in_threadpool(_run, asked, context, accepted, False))

    @routes.websocket("")
    async def socket(socket: WebSocket) -> None:
        await converse(socket, gate, context_for)

    @routes.get("/schema.graphql")
    def printed() -> Response:
        return Response(PRINTED.read_text(), media_type="text/plain") if introspection else Response(status_code=404)

    return routes


async def _read(request: Request) -> bytes:
    """Raises Refusal for a body that is too large, as soon as that is known."""
    refusal = Refusal(413, f"The body has more than {MOST_BYTES:,} bytes.", LIMIT_EXCEEDED)
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > MOST_BYTES:
        raise refusal
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise refusal
    return bytes(body)


def _body(content_type: str, body: bytes) -> Asked:
    # A page of another site can send a form or plain text without asking the browser first, but no JSON.
    if content_type.partition(";")[0].strip().lower() != JSON:
        raise Refusal(415, f"Send {JSON}.")
    try:
        return msgspec.json.decode(body, type=Asked)
    except _UNREADABLE as error:
        raise Refusal(400, f"The body is not one JSON object of a GraphQL request: {error}.") from error


def _parameters(request: Request) -> Asked:
    given = request.query_params
    try:
        variables = msgspec.json.decode(given.get("variables") or "null", type=dict[str, Any] | None)
    except _UNREADABLE as error:
        raise Refusal(400, f"`variables` are not a JSON object: {error}.") from error
    return Asked(given["query"], variables, given.get("operationName"))


def _run(asked: Asked, context: Context, accept: str, may_change: bool) -> tuple[Response, bool]:
    """And whether it was over a limit."""
    try:
        answer = run(asked, context, may_change)
        return _answer(answer, context, accept), answer.exceeds
    except InvalidOperationTypeError:
        if may_change:
            return _answer(Answer(None, [GraphQLError(_STREAMED)]), context, accept), False
        return _refused(Refusal(405, "GET runs queries only; POST this."), context), False


async def _held_back(arrived: float, response: Response, exceeds: bool) -> Response:
    if exceeds:
        await asyncio.sleep(max(0.0, arrived + HELD_BACK_SECONDS - time.monotonic()))
    return response


def _answer(answer: Answer, context: Context, accept: str) -> Response:
    strict = GRAPHQL_RESPONSE in accept
    status = 400 if strict and not answer.is_run else 200
    return _json(answer.body(context), status, GRAPHQL_RESPONSE if strict else JSON, context)


def _refused(refusal: Refusal, context: Context) -> Response:
    extensions = {"code": refusal.code, "requestId": context.request_id}
    response = _json(
        {"errors": [{"message": refusal.message, "extensions": extensions}]}, refusal.status, JSON, context
    )
    if refusal.status == 405:
        response.headers["allow"] = "POST"
    if refusal.status == 413:  # what is left of the body is not read: that would hold up others
        response.headers["connection"] = "close"
    return response


def _unknown(error: Unauthenticated) -> Response:
    known = told(error)
    body = {"errors": [{"message": str(error), "extensions": {"code": known.code}}]}
    return Response(orjson.dumps(body), known.status, {"www-authenticate": "Bearer"}, JSON)


def _json(body: object, status: int, media_type: str, context: Context) -> Response:
    return Response(orjson.dumps(body), status, {"x-request-id": context.request_id}, media_type)
