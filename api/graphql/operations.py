"""One GraphQL operation, however it was asked for: checked, parsed, validated and run."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from graphql import GraphQLError
from strawberry.exceptions import MissingQueryError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types.graphql import OperationType

from api.auth.errors import Unauthenticated
from api.graphql.context import Context
from api.graphql.failures import tell
from api.graphql.limits import LIMIT_EXCEEDED, MOST_NODES, TooManyNodes, check_text, limit_exceeded
from api.graphql.refusals import Refusals
from api.graphql.schema import schema

KEEP_ALIVE_SECONDS = 15.0
_REFUSED = Refusals()
_UNRUNNABLE = (MissingQueryError, CannotGetOperationTypeError)
_TOO_MANY = f"The operation lists more than {MOST_NODES:,} nodes and was ended; ask for fewer with `first`."


class Asked(msgspec.Struct, rename="camel"):
    """A request: the body of a POST, and the payload of a `subscribe` on a socket."""

    query: str
    variables: dict[str, Any] | None = None
    operation_name: str | None = None


@dataclass(frozen=True)
class Answer:
    data: object
    errors: Sequence[GraphQLError] = ()

    @property
    def is_run(self) -> bool:
        """False if the document could not be run at all."""
        return self.data is not None or any(error.path is not None for error in self.errors)

    @property
    def exceeds(self) -> bool:
        """Whether it was refused for what it asks for."""
        return not self.is_run and any((each.extensions or {}).get("code") == LIMIT_EXCEEDED for each in self.errors)

    def body(self, context: Context) -> dict[str, object]:
        """As it is sent. Faults of ours are logged."""
        body: dict[str, object] = {"errors": self.told(context)} if self.errors else {}
        return body | {"data": self.data} if self.is_run or not self.errors else body

    def told(self, context: Context) -> list[dict[str, Any]]:
        return [tell(error, context.request_id) for error in self.errors]


def run(asked: Asked, context: Context, may_change: bool) -> Answer:
    """Check, parse, validate and execute, in this thread: a query, or a mutation too.

    Raises InvalidOperationTypeError if it is neither.
    """
    allowed = (OperationType.QUERY, OperationType.MUTATION) if may_change else (OperationType.QUERY,)
    try:
        context.renew()
        answer = _tried(asked, context, allowed)
    except Unauthenticated as error:
        return Answer(None, [_of_caller(error)])
    except TooManyNodes:  # for what there is, which may change
        return Answer(None, [limit_exceeded(_TOO_MANY)])
    if answer.exceeds:
        _REFUSED.note(answer.errors[0].message, asked)
    return answer


def _tried(asked: Asked, context: Context, allowed: tuple[OperationType, ...]) -> Answer:
    try:
        _REFUSED.demand_new(asked)
        check_text(asked.query)
        result = schema.execute_sync(
            asked.query, asked.variables, context, None, asked.operation_name, allowed_operation_types=allowed
        )
    except GraphQLError as error:
        return Answer(None, [error])
    except MissingQueryError as error:
        return Answer(None, [GraphQLError(str(error))])
    except CannotGetOperationTypeError as error:
        return Answer(None, [GraphQLError(error.as_http_error_reason())])
    return Answer(result.data, result.errors or ())


async def subscribe(asked: Asked, context: Context) -> AsyncIterator[Answer | None]:
    """The results as they come, and None now and then in between, so that nobody takes the connection for dead."""
    try:
        await _renew(context)
        check_text(asked.query)
        results = await schema.subscribe(asked.query, asked.variables, context, None, asked.operation_name)
        async for result in _alive(results):
            await _renew(context)
            yield result and Answer(result.data, [_of_document(error) for error in result.errors or ()])
    except Unauthenticated as error:
        yield Answer(None, [_of_caller(error)])
    except GraphQLError as error:
        yield Answer(None, [error])
    except TooManyNodes:
        yield Answer(None, [limit_exceeded(_TOO_MANY)])


async def _renew(context: Context) -> None:
    """Raises Unauthenticated: what is streamed ends with the token that asked for it."""
    if context.gate.on:
        await asyncio.to_thread(context.renew)


async def _alive(results: Any) -> AsyncIterator[Any]:
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


def _of_caller(error: Unauthenticated) -> GraphQLError:
    return GraphQLError(str(error), original_error=error)


def _of_document(error: GraphQLError) -> GraphQLError:
    """A document that cannot be run at all comes as the exception of ours that says so; it is the client's fault."""
    if isinstance(error.original_error, InvalidOperationTypeError):
        return GraphQLError("Only subscriptions are streamed; POST this without text/event-stream.")
    if isinstance(error.original_error, _UNRUNNABLE):
        return GraphQLError(error.message)
    return error
