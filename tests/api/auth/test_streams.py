"""Subscriptions under auth: the token of a socket or stream, and what becomes of it when the token is taken back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from api.auth.principals import Role
from api.graphql.context import Context
from api.graphql.operations import Asked, subscribe
from api.graphql.sockets import PROTOCOL
from api.services import answering, listening
from crawlers.model import Crawler, Target
from engine.events.events import LISTING
from tests.api.auth.conftest import World

EVENTS = "subscription ($after: String) { events(after: $after) { runId } }"
CRAWLER = Crawler("lake", "lake", (Target("/lake"),))


@pytest.fixture
def address(world: World) -> Iterator[str]:
    with listening("127.0.0.1", 0) as listener, answering(world.app, listener):
        yield f"ws://127.0.0.1:{listener.getsockname()[1]}/graphql"


def opened(socket: ClientConnection, payload: dict[str, str] | None) -> dict[str, Any]:
    socket.send(json.dumps({"type": "connection_init"} | ({"payload": payload} if payload is not None else {})))
    told: dict[str, Any] = json.loads(socket.recv(timeout=20))
    return told


@pytest.mark.parametrize("key", ["token", "Authorization", "authorization"])
def test_a_socket_is_opened_by_a_token_in_its_first_message(world: World, address: str, key: str) -> None:
    token = world.token(Role.VIEWER)
    shown = token if key == "token" else f"Bearer {token}"
    with connect(address, subprotocols=[Subprotocol(PROTOCOL)]) as socket:
        assert opened(socket, {key: shown}) == {"type": "connection_ack"}
        socket.send(json.dumps({"type": "subscribe", "id": "1", "payload": {"query": "{ __typename }"}}))
        assert json.loads(socket.recv(timeout=20))["payload"] == {"data": {"__typename": "Query"}}


def test_a_socket_is_opened_by_its_header(world: World, address: str) -> None:
    headers = {"Authorization": f"Bearer {world.token(Role.VIEWER)}"}
    with connect(address, subprotocols=[Subprotocol(PROTOCOL)], additional_headers=headers) as socket:
        assert opened(socket, None) == {"type": "connection_ack"}


@pytest.mark.parametrize("payload", [None, {}, {"token": "isg_wrong"}, {"Authorization": "Basic YTpi"}, {"token": ""}])
def test_a_socket_without_a_good_token_is_closed(address: str, payload: dict[str, str] | None) -> None:
    with connect(address, subprotocols=[Subprotocol(PROTOCOL)]) as socket:
        with pytest.raises(ConnectionClosed) as closed:
            opened(socket, payload)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4403


def test_an_operation_on_a_socket_is_refused_once_its_token_is_revoked(world: World, address: str) -> None:
    token = world.token(Role.VIEWER, name="ada")
    with connect(address, subprotocols=[Subprotocol(PROTOCOL)]) as socket:
        opened(socket, {"token": token})
        world.access.revoke_token("ada")
        world.gate.forget()
        socket.send(json.dumps({"type": "subscribe", "id": "1", "payload": {"query": "{ __typename }"}}))
        [error] = json.loads(socket.recv(timeout=20))["payload"]
        assert error["extensions"]["code"] == "UNAUTHENTICATED"


def streamed(world: World, token: str, query: str, **variables: object) -> AsyncIterator[Any]:
    context = Context(world.catalog, world.engine, world.gate, world.gate.bearer(f"Bearer {token}"))
    return subscribe(Asked(query, dict(variables)), context)


@pytest.mark.parametrize("ending", ["revoked", "expired"])
def test_a_stream_ends_with_its_token(world: World, ending: str) -> None:
    token = world.token(Role.VIEWER, name="ada", days=1)
    after = LISTING.token_after(world.engine.end_of_events())
    first = world.engine.start_crawl(CRAWLER)

    async def follow() -> list[Any]:
        stream = streamed(world, token, EVENTS, after=after)
        told = [await anext(stream)]
        if ending == "revoked":
            world.access.revoke_token("ada")
            world.gate.forget()
        else:
            world.clock.advance(days=1)
        world.engine.start_crawl(CRAWLER)
        return told + [each async for each in stream if each is not None]

    begun, ended = asyncio.run(follow())
    assert begun.data["events"]["runId"] == first.id
    assert ended.data is None
    assert "is over" in ended.errors[0].message or "has been revoked" in ended.errors[0].message


@pytest.mark.parametrize("query", [EVENTS, 'subscription { runLog(runId: "jr_1") { end } }'])
def test_a_stream_of_what_is_outside_of_the_scopes_is_refused(world: World, query: str) -> None:
    async def first() -> Any:
        return await anext(streamed(world, world.token(Role.EDITOR, "shop", name="scoped"), query))

    [error] = asyncio.run(first()).errors
    assert "may not view" in error.message


def test_a_stream_over_http_asks_for_a_token(world: World) -> None:
    headers = {"Accept": "text/event-stream"}
    assert world.http("POST", "/graphql", json={"query": EVENTS}, headers=headers).status_code == 401
