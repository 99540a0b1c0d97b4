"""Webhooks by GraphQL."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from catalog.sealing import KEY_BYTES, Sealer
from crawlers.model import Crawler, Target
from engine.events.deliveries import Deliveries
from tests.api.graphql.conftest import Client
from tests.engine.events.receiving import SECRET, Receiver, receiving

FIELDS = "webhook { id name url kinds subjects enabled failing failures trouble version }"
LISTED = "{ webhooks { edges { node { name } } } }"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def keeper(client: Client) -> Client:
    client.engine.sealer = lambda: Sealer([b"k" * KEY_BYTES])
    return client


def test_a_webhook_is_created_told_updated_and_deleted(keeper: Client, receiver: Receiver) -> None:
    given = {"url": receiver.url, "kinds": ["CRAWL_STATE"]}
    made = keeper.change("createWebhook", FIELDS, name="ops", webhook=given, secret=SECRET)
    assert made["userErrors"] == []
    assert (made["webhook"]["url"], made["webhook"]["kinds"], made["webhook"]["version"]) == (
        receiver.url,
        ["CRAWL_STATE"],
        0,
    )
    run = keeper.engine.start_crawl(Crawler("c", "shop", (Target("/lake"),)))
    Deliveries(keeper.engine).tick()
    assert receiver.taken[0]["detail"]["crawlId"] == run.id
    tried = keeper.change("testWebhook", "taken trouble", name="ops")
    assert (tried["taken"], tried["trouble"]) == (True, None)
    receiver.answer = lambda _number: 500
    assert keeper.change("testWebhook", "taken trouble", name="ops")["trouble"] == "it answered 500"
    keeper.engine.start_crawl(Crawler("c", "shop", (Target("/lake"),)))
    Deliveries(keeper.engine).tick()
    node = keeper.ask('{ webhook(name: "ops") { failures trouble } }')
    assert (node["webhook"]["failures"], node["webhook"]["trouble"]) == (1, "it answered 500")
    changed = keeper.change(
        "updateWebhook", FIELDS, name="ops", webhook={**given, "enabled": False}, expectedVersion=0, fromNow=True
    )
    assert (changed["webhook"]["enabled"], changed["webhook"]["failures"]) == (False, 0)
    stale = keeper.change("updateWebhook", FIELDS, name="ops", webhook=given, expectedVersion=0)
    assert (stale["userErrors"][0]["code"], stale["webhook"]["version"]) == ("CONFLICT", 1)
    assert keeper.change("deleteWebhook", FIELDS, name="ops", dryRun=True)["webhook"]["name"] == "ops"
    assert len(keeper.ask(LISTED)["webhooks"]["edges"]) == 1
    keeper.change("deleteWebhook", FIELDS, name="ops")
    assert keeper.ask('{ webhook(name: "ops") { name } }') == {"webhook": None}
    assert keeper.change("testWebhook", "taken", name="ops")["userErrors"][0]["code"] == "NOT_FOUND"


@pytest.mark.parametrize(
    ("url", "secret"),
    [("http://169.254.169.254/", SECRET), ("https://a:b@hooks.example", SECRET), ("https://hooks.example/", "short")],
)
def test_what_is_no_webhook_is_refused_without_its_secret(keeper: Client, url: str, secret: str) -> None:
    answer = keeper.change("createWebhook", FIELDS, name="ops", webhook={"url": url}, secret=secret)
    assert answer["userErrors"][0]["code"] == "INVALID_INPUT"
    assert secret not in str(answer)
    assert keeper.ask(LISTED)["webhooks"]["edges"] == []


def test_no_answer_holds_the_secret(keeper: Client, receiver: Receiver) -> None:
    keeper.change("createWebhook", FIELDS, name="ops", webhook={"url": receiver.url}, secret=SECRET)
    fields = keeper.ask('{ __type(name: "Webhook") { fields { name } } }')["__type"]["fields"]
    assert "secret" not in {each["name"] for each in fields}
