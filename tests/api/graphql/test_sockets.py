"""GraphQL over WebSocket, by a real connection: operations, their ends, and what closes a socket."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from api.graphql.limits import MOST_BYTES
from api.graphql.sockets import MOST_OPERATIONS, PROTOCOL
from crawlers.model import Crawler, Target
from tests.api.graphql.conftest import Client, Json

CRAWLER = Crawler("crawl", "shop", (Target("/lake"),))
EVENTS = "subscription ($after: String) { events(after: $after) { cursor runId } }"
DATABASES = "{ databases(first: 5) { edges { node { name } } } }"


@contextmanager
def connected(address: str, protocol: str | None = PROTOCOL, **more: Any) -> Iterator[ClientConnection]:
    url, spoken = address.replace("http", "ws", 1), [Subprotocol(protocol)] if protocol else None
    with connect(url, subprotocols=spoken, open_timeout=10, **more) as socket:
        yield socket


@contextmanager
def opened(address: str) -> Iterator[ClientConnection]:
    with connected(address) as socket:
        say(socket, type="connection_init", payload={})
        assert heard(socket) == {"type": "connection_ack"}
        yield socket


def say(socket: ClientConnection, **message: object) -> None:
    socket.send(json.dumps(message))


def ask(socket: ClientConnection, id: str, query: str, **variables: object) -> None:
    say(socket, type="subscribe", id=id, payload={"query": query, "variables": variables})


def heard(socket: ClientConnection) -> Json:
    told: Json = json.loads(socket.recv(timeout=20))
    return told


def closed_with(socket: ClientConnection) -> int:
    with pytest.raises(ConnectionClosed) as closing:
        socket.recv(timeout=20)
    assert closing.value.rcvd is not None
    return closing.value.rcvd.code


def test_a_subscription_tells_what_happens_until_the_client_has_enough(client: Client, address: str) -> None:
    first = client.engine.start_crawl(CRAWLER)
    start = client.ask("{ events(first: 1) { edges { cursor } } }")["events"]["edges"][0]["cursor"]
    with opened(address) as socket:
        ask(socket, "a", EVENTS, after=start)
        second = client.engine.start_crawl(CRAWLER)
        told = heard(socket)
        assert (told["type"], told["id"]) == ("next", "a")
        assert told["payload"]["data"]["events"]["runId"] == second.id != first.id
        say(socket, type="complete", id="a")
        client.engine.start_crawl(CRAWLER)
        say(socket, type="ping")
        assert heard(socket) == {"type": "pong"}


def test_many_operations_share_a_socket_and_each_has_its_end(client: Client, address: str) -> None:
    with opened(address) as socket:
        ask(socket, "follow", EVENTS)
        ask(socket, "read", DATABASES)
        answers = [heard(socket), heard(socket)]
        ask(socket, "write", 'mutation { createDatabase(input: {name: "made"}) { database { name } } }')
        answers += [heard(socket), heard(socket)]
    assert [(each["type"], each["id"]) for each in answers] == [
        ("next", "read"),
        ("complete", "read"),
        ("next", "write"),
        ("complete", "write"),
    ]
    assert client.catalog.get_database("made").name == "made"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{ nothing }", "BAD_REQUEST"),
        ("{", "BAD_REQUEST"),
        ("subscription { nothing }", "BAD_REQUEST"),
        ("{" + "a " * 1_000 + "}", "LIMIT_EXCEEDED"),
    ],
)
def test_a_document_that_cannot_be_run_ends_its_operation_and_no_other(address: str, query: str, code: str) -> None:
    with opened(address) as socket:
        ask(socket, "wrong", query)
        told = heard(socket)
        assert (told["type"], told["id"], told["payload"][0]["extensions"]["code"]) == ("error", "wrong", code)
        ask(socket, "wrong", DATABASES)
        assert heard(socket)["type"] == "next"


def test_a_socket_carries_a_limited_number_of_operations(address: str) -> None:
    with opened(address) as socket:
        for number in range(MOST_OPERATIONS + 1):
            ask(socket, str(number), EVENTS)
        told = heard(socket)
        assert (told["type"], told["id"]) == ("error", str(MOST_OPERATIONS))
        assert told["payload"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"


@pytest.mark.parametrize(
    ("messages", "code"),
    [
        ([{"type": "subscribe", "id": "a", "payload": {"query": DATABASES}}], 4401),
        ([{"type": "connection_init"}, {"type": "connection_init"}], 4429),
        ([{"type": "connection_init"}, {"type": "nonsense"}], 4400),
        ([{"type": "connection_init"}, {"type": "subscribe", "payload": {"query": DATABASES}}], 4400),
        ([{"type": "connection_init"}, {"type": "subscribe", "id": "a", "payload": {"query": 1}}], 4400),
        ([{"type": "connection_init"}, *2 * [{"type": "subscribe", "id": "a", "payload": {"query": EVENTS}}]], 4409),
        (["no object"], 4400),
    ],
)
def test_what_breaks_the_protocol_closes_the_socket(address: str, messages: list[object], code: int) -> None:
    with connected(address) as socket:
        for message in messages:
            socket.send(json.dumps(message))
        if messages[0] == {"type": "connection_init"}:
            assert heard(socket) == {"type": "connection_ack"}
        assert closed_with(socket) == code


@pytest.mark.parametrize("protocol", [None, "graphql-ws"])
def test_another_protocol_is_refused(address: str, protocol: str | None) -> None:
    with connected(address, protocol) as socket:
        assert closed_with(socket) == 4406


def test_a_message_past_the_limit_closes_the_socket(address: str) -> None:
    with opened(address) as socket:
        socket.send("x" * (MOST_BYTES + 1))
        assert closed_with(socket) == 1009


def test_a_page_of_another_site_gets_no_socket(address: str) -> None:
    with pytest.raises(InvalidStatus) as refusal, connected(address, origin="http://evil.example"):
        pass
    assert refusal.value.response.status_code == 403
