"""GraphQL subscriptions as events of a text/event-stream, after the protocol "GraphQL over SSE", distinct connections.

POST the subscription with `Accept: text/event-stream`: each result comes as an event `next`, the end as `complete`. A
stream has no memory: whoever comes back asks for what follows the last thing seen, by the field's own argument.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import orjson
from fastapi import Response
from fastapi.responses import StreamingResponse

from api.graphql.context import Context
from api.graphql.operations import Asked, subscribe

EVENT_STREAM = "text/event-stream"


def stream(asked: Asked, context: Context) -> Response:
    headers = {"x-request-id": context.request_id, "cache-control": "no-store"}
    return StreamingResponse(_events(asked, context), media_type=EVENT_STREAM, headers=headers)


async def _events(asked: Asked, context: Context) -> AsyncIterator[bytes]:
    async for answer in subscribe(asked, context):
        yield b":\n\n" if answer is None else b"event: next\ndata: " + orjson.dumps(answer.body(context)) + b"\n\n"
    yield b"event: complete\ndata:\n\n"
