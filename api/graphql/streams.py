"""GraphQL subscriptions as events of a text/event-stream, after the protocol "GraphQL over SSE", distinct connections.

POST the subscription with `Accept: text/event-stream`: each result comes as an event `next`, the end as `complete`. A
stream has no memory: whoever comes back asks for what follows the last thing seen, by the field's own argument.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import orjson
from fastapi import Response
from fastapi.responses import StreamingResponse
from graphql import GraphQLError
from strawberry.exceptions import MissingQueryError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError

from api.graphql.context import Context
from api.graphql.failures import tell
from api.graphql.limits import TooManyNodes, check_text, limit_exceeded
from api.graphql.schema import schema

EVENT_STREAM = "text/event-stream"
KEEP_ALIVE_SECONDS = 15.0
_UNRUNNABLE = (MissingQueryError, CannotGetOperationTypeError)


async def stream(document: str, variables: dict[str, Any] | None, operation: str | None, context: Context) -> Response:
    headers = {"x-request-id": context.request_id, "cache-control": "no-store"}
    events = _events(document, variables, operation, context)
    return StreamingResponse(events, media_type=EVENT_STREAM, headers=headers)


async def _events(
    document: str, variables: dict[str, Any] | None, operation: str | None, context: Context
) -> AsyncIterator[bytes]:
    try:
        check_text(document)
        results = await schema.subscribe(document, variables, context, None, operation)
        async for result in _alive(results):
            yield b":\n\n" if result is None else _next(result.data, result.errors or [], context)
    except GraphQLError as error:
        yield _next(None, [error], context)
    except TooManyNodes:
        yield _next(None, [limit_exceeded("The subscription lists too many nodes and was ended.")], context)
    yield b"event: complete\ndata:\n\n"


async def _alive(results: Any) -> AsyncIterator[Any]:
    """The results as they come, and None now and then in between, so that nobody takes the connection for dead."""
    found = aiter(results)
    coming = asyncio.ensure_future(anext(found))
    try:
        while True:
            await asyncio.wait([coming], timeout=KEEP_ALIVE_SECONDS)
            if not coming.done():
                yield None
                continue
            try:
                result = coming.result()
            except StopAsyncIteration:
                return
            yield result
            coming = asyncio.ensure_future(anext(found))
    finally:
        coming.cancel()
        await asyncio.gather(coming, return_exceptions=True)
        await found.aclose()


def _next(data: object, errors: list[GraphQLError], context: Context) -> bytes:
    told = [tell(_of_document(error), context.request_id) for error in errors]
    body: dict[str, object] = {"errors": told} if told else {}
    if data is not None or not errors:
        body["data"] = data
    return b"event: next\ndata: " + orjson.dumps(body) + b"\n\n"


def _of_document(error: GraphQLError) -> GraphQLError:
    """A document that cannot be run at all comes as the exception of ours that says so; it is the client's fault."""
    if isinstance(error.original_error, InvalidOperationTypeError):
        return GraphQLError("Only subscriptions are streamed; POST this without text/event-stream.")
    if isinstance(error.original_error, _UNRUNNABLE):
        return GraphQLError(error.message)
    return error
