"""The logs of runs through GraphQL: read part by part, and followed as they grow."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from api.graphql.operations import Asked
from api.graphql.streams import stream
from engine.model import Job, Outcome
from engine.states import RunState
from tests.api.graphql.conftest import Client

FOLLOW = "subscription ($run: String!, $begin: Long! = 0) { runLog(runId: $run, begin: $begin) { text end } }"
READ = """query ($run: String!, $begin: Long! = 0, $name: String! = "output") {
  run(runId: $run) { ... on JobRun { logs { name size } log(name: $name, begin: $begin) { text end } } }
}"""


@pytest.fixture
def run(client: Client) -> str:
    """A run under way, whose process has printed nothing yet."""
    client.engine.create_job(Job("etl", "/etl.py"))
    found = client.engine.start_job_run("etl").id
    client.engine.claim_run("worker", run_id=found)
    (client.runs / found).mkdir(parents=True)
    return found


def log_of(client: Client, run: str) -> Path:
    return client.runs / run / "output.log"


def end(client: Client, run: str) -> None:
    client.engine.finish_run(run, "worker", Outcome(RunState.SUCCEEDED))


def events(text: str) -> list[tuple[str, Any]]:
    """The events of a stream: their kind and what they carry; comments are passed over."""
    found = []
    for block in filter(None, text.split("\n\n")):
        fields = dict(line.split(":", 1) for line in block.splitlines() if not line.startswith(":"))
        if fields:
            found.append((fields["event"].strip(), json.loads(fields["data"] or "null")))
    return found


def test_a_log_is_read_part_by_part(client: Client, run: str) -> None:
    assert client.ask(READ, run=run)["run"] == {"logs": [], "log": None}
    log_of(client, run).write_text("first\nsecond\n")
    executor = client.runs / run / "executors" / "0"
    executor.mkdir(parents=True)
    (executor / "stderr").write_text("far away\n")
    found = client.ask(READ, run=run)["run"]
    assert found["logs"] == [{"name": "output", "size": 13}, {"name": "executors/0/stderr", "size": 9}]
    assert found["log"] == {"text": "first\nsecond\n", "end": 13}
    assert client.ask(READ, run=run, begin=6)["run"]["log"] == {"text": "second\n", "end": 13}
    assert client.ask(READ, run=run, begin=13)["run"]["log"] == {"text": "", "end": 13}
    assert client.ask(READ, run=run, name="executors/0/stderr")["run"]["log"]["text"] == "far away\n"
    assert client.ask(READ, run=run, name="../../catalog.db")["run"]["log"] is None


async def next_event(body: AsyncIterator[Any]) -> tuple[str, Any]:
    while True:
        found = events(bytes(await anext(body)).decode())
        if found:
            return found[0]


def test_lines_are_told_as_they_are_printed_until_the_run_has_ended(client: Client, run: str) -> None:
    async def follow() -> None:
        response: Any = stream(Asked(FOLLOW, {"run": run}), client.context())
        body = response.body_iterator
        coming = asyncio.ensure_future(next_event(body))
        with log_of(client, run).open("w", buffering=1) as log:
            log.write("first\nhal")
            assert await coming == ("next", {"data": {"runLog": {"text": "first\n", "end": 6}}})
            coming = asyncio.ensure_future(next_event(body))
            log.write("f\n")
            assert await coming == ("next", {"data": {"runLog": {"text": "half\n", "end": 11}}})
            log.write("no line's end")
        await asyncio.to_thread(end, client, run)
        assert await next_event(body) == ("next", {"data": {"runLog": {"text": "no line's end", "end": 24}}})
        assert await next_event(body) == ("complete", None)

    asyncio.run(follow())


def test_who_comes_back_goes_on_where_it_was(client: Client, run: str) -> None:
    log_of(client, run).write_text("first\nsecond\n")
    end(client, run)
    asked = {"query": FOLLOW, "variables": {"run": run, "begin": 6}}
    response = client.http("POST", json=asked, headers={"accept": "text/event-stream"})
    assert response.headers["content-type"].startswith("text/event-stream")
    assert events(response.text) == [
        ("next", {"data": {"runLog": {"text": "second\n", "end": 13}}}),
        ("complete", None),
    ]


@pytest.mark.parametrize(
    ("query", "code", "words"),
    [
        ('subscription { runLog(runId: "jr_0") { text } }', "NOT_FOUND", "Run jr_0 not found"),
        ("subscription { nothing }", "BAD_REQUEST", "Cannot query field 'nothing'"),
        ("subscription {", "BAD_REQUEST", "Syntax Error"),
        ("{ __typename }", "BAD_REQUEST", "Only subscriptions are streamed"),
        ("", "BAD_REQUEST", 'missing a "query"'),
        ("subscription { " + "a " * 1_000 + "}", "LIMIT_EXCEEDED", "more than 30 times"),
    ],
)
def test_a_stream_that_cannot_be_tells_why_and_ends(client: Client, query: str, code: str, words: str) -> None:
    response = client.http("POST", json={"query": query}, headers={"accept": "text/event-stream"})
    [(kind, told), last] = events(response.text)
    assert (kind, last) == ("next", ("complete", None))
    [error] = told["errors"]
    assert error["extensions"] == {"code": code, "requestId": response.headers["x-request-id"]}
    assert words in error["message"]


def test_a_subscription_without_a_stream_is_told_what_to_ask_for(client: Client, run: str) -> None:
    [error] = client.post(FOLLOW, run=run)["errors"]
    assert (error["extensions"]["code"], "accept text/event-stream" in error["message"]) == ("BAD_REQUEST", True)
