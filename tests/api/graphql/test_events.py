"""Events by GraphQL: in pages, and followed over a real connection."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from crawlers.model import Crawler, Target
from tests.api.graphql.conftest import Client, Json

CRAWLER = Crawler("crawl", "shop", (Target("/lake"),))
FIELDS = "cursor eventId kind detailType subject runId detail"
EVENTS = f"""query ($kinds: [EventKind!], $after: String, $first: Int!) {{
  events(kinds: $kinds, after: $after, first: $first) {{
    pageInfo {{ hasNextPage }} edges {{ cursor node {{ {FIELDS} }} }}
  }}
}}"""
FOLLOW = f"subscription ($after: String) {{ events(after: $after) {{ {FIELDS} }} }}"


def listed(client: Client, **given: object) -> list[Json]:
    return [edge["node"] for edge in client.ask(EVENTS, **{"first": 50, **given})["events"]["edges"]]


@contextmanager
def following(address: str, query: str = FOLLOW, **variables: object) -> Iterator[Iterator[Json]]:
    """The results of a subscription, as they come."""
    body = {"query": query, "variables": variables}
    with httpx.stream("POST", address, json=body, headers={"accept": "text/event-stream"}, timeout=30) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield (json.loads(line[6:]) for line in answer.iter_lines() if line.startswith("data: {"))


def test_events_come_in_pages_oldest_first(client: Client) -> None:
    runs = [client.engine.start_crawl(CRAWLER) for _ in range(3)]
    client.engine.stop_run(runs[0].id)
    everything = listed(client)
    assert [(each["runId"], each["detail"]["state"]) for each in everything] == [
        *((run.id, "Waiting") for run in runs),
        (runs[0].id, "Stopped"),
    ]
    assert {(each["kind"], each["detailType"]) for each in everything} == {("CRAWL_STATE", "Glue Crawler State Change")}
    page = client.ask(EVENTS, first=2)["events"]
    assert page["pageInfo"]["hasNextPage"]
    assert page["edges"][1]["cursor"] == page["edges"][1]["node"]["cursor"]
    assert listed(client, after=page["edges"][1]["cursor"]) == everything[2:]
    assert listed(client, kinds=["TABLE_CHANGE"]) == []


def test_who_comes_back_with_the_last_cursor_has_lost_nothing(client: Client, address: str) -> None:
    runs = [client.engine.start_crawl(CRAWLER) for _ in range(2)]
    start = listed(client)[0]["cursor"]
    seen: list[Json] = []
    with following(address, after=start) as results:
        seen.append(next(results)["data"]["events"])
        runs.append(client.engine.start_crawl(CRAWLER))
        seen.append(next(results)["data"]["events"])
    runs.append(client.engine.start_crawl(CRAWLER))
    with following(address, after=seen[-1]["cursor"]) as results:
        seen.append(next(results)["data"]["events"])
    assert [each["runId"] for each in seen] == [run.id for run in runs[1:]]
    assert seen == listed(client)[1:]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("subscription { events { cursor " + " ".join(f"a{n}: cursor" for n in range(31)) + " } }", "LIMIT_EXCEEDED"),
        ("subscription { events { " + "cursor " * 1_000 + "} }", "LIMIT_EXCEEDED"),
        ('subscription { events(after: "nonsense") { cursor } }', "INVALID_INPUT"),
        ("subscription { nothing }", "BAD_REQUEST"),
    ],
)
def test_a_subscription_that_asks_too_much_or_wrongly_is_refused(address: str, query: str, code: str) -> None:
    with following(address, query) as results:
        (refused,) = results
    assert refused["errors"][0]["extensions"]["code"] == code
