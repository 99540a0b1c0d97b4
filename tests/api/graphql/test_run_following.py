"""Runs followed by subscriptions: their steps and a crawl's progress, resumed, and ended with the run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from crawlers.model import Crawler, Target
from engine.model import CRAWL, Job, Outcome
from engine.running.progress import RunProgress, write_progress
from engine.states import RunState
from tests.api.graphql.conftest import Client, Json
from tests.api.graphql.test_events import following
from tests.api.graphql.test_run_logs import events
from tests.api.graphql.test_runs import finish
from tests.api.graphql.test_sockets import ask, heard, opened

STATES = """subscription ($run: String!, $after: Int! = 0) {
  runStates(runId: $run, after: $after) { number event { oldState newState } run { runId state finished } }
}"""
PROGRESS = "subscription ($run: String!) { crawlProgress(runId: $run) { stage listed done total rate } }"


@pytest.fixture
def run(client: Client) -> str:
    client.engine.create_job(Job("etl", "/etl.py", {"--job-bookmark-option": "job-bookmark-enable"}))
    return client.engine.start_job_run("etl").id


@pytest.fixture
def crawl(client: Client) -> str:
    """One under way."""
    found = client.engine.start_crawl(Crawler("crawl", "shop", (Target("/lake"),))).id
    assert client.engine.claim_run("worker", (CRAWL,), found)
    client.engine.begin_run(found, "worker")
    (client.runs / found).mkdir(parents=True)
    return found


def steps(told: Iterator[Json]) -> Iterator[tuple[int, str]]:
    return ((each["data"]["runStates"]["number"], each["data"]["runStates"]["event"]["newState"]) for each in told)


def test_the_steps_of_a_run_are_told_until_it_has_ended(client: Client, address: str, run: str) -> None:
    with following(address, STATES, run=run) as results:
        told = steps(results)
        assert next(told) == (1, "WAITING")
        finish(client, run)
        assert list(told) == [(2, "STARTING"), (3, "RUNNING"), (4, "SUCCEEDED")]


def test_who_comes_back_is_told_the_steps_behind_the_last_one_seen(client: Client, address: str, run: str) -> None:
    with following(address, STATES, run=run) as results:
        next(results)
    finish(client, run)
    with following(address, STATES, run=run, after=2) as results:
        *_, last = told = [each["data"]["runStates"] for each in results]
    assert [each["number"] for each in told] == [3, 4]
    assert last["run"] == {"runId": run, "state": "SUCCEEDED", "finished": True}
    with following(address, STATES, run=run, after=4) as results:
        assert list(results) == []


def test_a_socket_is_told_the_same_and_that_it_is_complete(client: Client, address: str, run: str) -> None:
    finish(client, run)
    with opened(address) as socket:
        ask(socket, "s", STATES, run=run)
        told = [heard(socket) for _ in range(5)]
    assert [each["payload"]["data"]["runStates"]["number"] for each in told[:4]] == [1, 2, 3, 4]
    assert told[4] == {"type": "complete", "id": "s"}


def test_a_crawls_progress_is_told_until_it_has_ended(client: Client, address: str, crawl: str) -> None:
    write_progress(client.runs, crawl, RunProgress("running", 40, 0, "list", 40, 20.0))
    with following(address, PROGRESS, run=crawl) as results:
        told = (each["data"]["crawlProgress"] for each in results)
        assert next(told) == {"stage": "list", "listed": 40, "done": 40, "total": None, "rate": 20.0}
        write_progress(client.runs, crawl, RunProgress("running", 5, 90, "read", 90, 5.0))
        assert next(told) == {"stage": "read", "listed": 90, "done": 5, "total": 90, "rate": 5.0}
        client.engine.finish_run(crawl, "worker", Outcome(RunState.SUCCEEDED))
        assert list(told) == []


@pytest.mark.parametrize("query", [STATES, PROGRESS])
def test_a_run_that_is_not_there_is_told(client: Client, query: str) -> None:
    asked = {"query": query, "variables": {"run": "cr_0"}}
    response = client.http("POST", json=asked, headers={"accept": "text/event-stream"})
    [(_, told), last] = events(response.text)
    assert told["errors"][0]["extensions"]["code"] == "NOT_FOUND"
    assert last == ("complete", None)
