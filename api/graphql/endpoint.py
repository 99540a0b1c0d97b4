"""GraphQL over HTTP: one operation a request, by POST of JSON; queries by GET as well. All work is done in threads.

After the GraphQL-over-HTTP specification: for a document that cannot be run, a client that accepts
application/graphql-response+json gets 400, and one that asks for application/json gets 200 with `errors`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
import orjson
from fastapi import APIRouter, Request, Response
from graphql import GraphQLError
from starlette.concurrency import run_in_threadpool
from strawberry.exceptions import MissingQueryError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types.graphql import OperationType

from api.graphql.context import Context
from api.graphql.failures import BAD_REQUEST, tell
from api.graphql.limits import LIMIT_EXCEEDED, MOST_BYTES, MOST_NODES, TooManyNodes, check_text, limit_exceeded
from api.graphql.schema import PRINTED, schema
from api.graphql.streams import EVENT_STREAM, stream
from catalog.catalog import Catalog
from catalog.model import Origin
from engine.engine import Engine

JSON = "application/json"
GRAPHQL_RESPONSE = "application/graphql-response+json"

_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_PAGE = """<!doctype html>
<title>Isinglass GraphQL</title>
<h1>Isinglass GraphQL</h1>
<p>POST a JSON object with <code>query</code>, and <code>variables</code> and <code>operationName</code> where they are
needed, to this address. The schema is <a href="/graphql/schema.graphql">schema.graphql</a>; introspection is on.</p>
"""


class Asked(msgspec.Struct, rename="camel"):
    """A request's body."""

    query: str
    variables: dict[str, Any] | None = None
    operation_name: str | None = None


@dataclass(frozen=True)
class Refusal(Exception):
    """A request that is not run at all."""

    status: int
    message: str
    code: str = BAD_REQUEST


def graphql_routes(catalog: Catalog, engine: Engine) -> APIRouter:
    """POST and GET /graphql, and its schema as text."""
    routes = APIRouter(prefix="/graphql")
    catalog = catalog.acting_as(Origin("graphql"))

    @routes.post("")
    async def post(request: Request) -> Response:
        context = Context(catalog, engine)
        try:
            asked = _body(request.headers.get("content-type", ""), await _read(request))
        except Refusal as refusal:
            return _refused(refusal, context)
        if EVENT_STREAM in request.headers.get("accept", ""):
            return await stream(asked.query, asked.variables, asked.operation_name, context)
        return await run_in_threadpool(_run, asked, context, request.headers.get("accept", ""), True)

    @routes.get("")
    async def get(request: Request) -> Response:
        context = Context(catalog, engine)
        if "query" not in request.query_params:
            return Response(_PAGE, media_type="text/html")
        try:
            asked = _parameters(request)
        except Refusal as refusal:
            return _refused(refusal, context)
        return await run_in_threadpool(_run, asked, context, request.headers.get("accept", ""), False)

    @routes.get("/schema.graphql")
    def printed() -> Response:
        return Response(PRINTED.read_text(), media_type="text/plain")

    return routes


async def _read(request: Request) -> bytes:
    """Raises Refusal for a body that is too large, as soon as that is known."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise Refusal(413, f"The body has more than {MOST_BYTES:,} bytes.", LIMIT_EXCEEDED)
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


def _run(asked: Asked, context: Context, accept: str, may_change: bool) -> Response:
    """Check, parse, validate and execute, in this thread."""
    allowed = (OperationType.QUERY, OperationType.MUTATION) if may_change else (OperationType.QUERY,)
    try:
        check_text(asked.query)
        result = schema.execute_sync(
            asked.query, asked.variables, context, None, asked.operation_name, allowed_operation_types=allowed
        )
    except GraphQLError as error:
        return _answer(None, [error], context, accept)
    except TooManyNodes:
        message = f"The operation lists more than {MOST_NODES:,} nodes and was ended; ask for fewer with `first`."
        return _answer(None, [limit_exceeded(message)], context, accept)
    except MissingQueryError as error:
        return _answer(None, [GraphQLError(str(error))], context, accept)
    except CannotGetOperationTypeError as error:
        return _answer(None, [GraphQLError(error.as_http_error_reason())], context, accept)
    except InvalidOperationTypeError:
        if may_change:
            return _answer(None, [GraphQLError(f"A subscription is streamed: accept {EVENT_STREAM}.")], context, accept)
        return _refused(Refusal(405, "GET runs queries only; POST this."), context)
    return _answer(result.data, result.errors or [], context, accept)


def _answer(data: object, errors: list[GraphQLError], context: Context, accept: str) -> Response:
    body: dict[str, object] = {"errors": [tell(error, context.request_id) for error in errors]} if errors else {}
    strict = GRAPHQL_RESPONSE in accept
    not_run = data is None and all(error.path is None for error in errors)
    if not not_run:
        body["data"] = data
    return _json(body, 400 if strict and not_run else 200, GRAPHQL_RESPONSE if strict else JSON, context)


def _refused(refusal: Refusal, context: Context) -> Response:
    extensions = {"code": refusal.code, "requestId": context.request_id}
    response = _json(
        {"errors": [{"message": refusal.message, "extensions": extensions}]}, refusal.status, JSON, context
    )
    if refusal.status == 405:
        response.headers["allow"] = "POST"
    return response


def _json(body: object, status: int, media_type: str, context: Context) -> Response:
    return Response(orjson.dumps(body), status, {"x-request-id": context.request_id}, media_type)
