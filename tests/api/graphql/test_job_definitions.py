"""Whole job definitions, runs that have a size of their own, repeats, and why a run waits, through GraphQL."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.model import Connection
from engine.model import Job, Outcome
from engine.states import RunState
from tests.api.graphql.conftest import Client
from tests.api.graphql.test_catalog import code

WHOLE: dict[str, Any] = {
    "command": "gluestreaming",
    "glueVersion": "4.0",
    "timeoutMinutes": 60,
    "maxConcurrentRuns": 3,
    "queueing": True,
    "maxRetries": 4,
    "notifyDelayMinutes": 5,
    "workerType": "G.025X",
    "numberOfWorkers": 2,
    "maxCapacity": None,
    "executionClass": "STANDARD",
    "connections": ["till", "shop"],
    "tags": [{"name": "team", "value": "data"}],
    "environment": None,
    "description": "nightly",
}
FIELDS = """job { command glueVersion timeoutMinutes maxConcurrentRuns queueing maxRetries notifyDelayMinutes workerType
  numberOfWorkers maxCapacity executionClass connections tags { name value } environment description }"""


def test_a_whole_definition_is_kept_as_it_was_given(client: Client) -> None:
    made = client.change("createJob", FIELDS, name="etl", job={"script": "a.py", **WHOLE})
    assert made["job"] == WHOLE
    plain = client.change("updateJob", FIELDS, name="etl", job={"script": "a.py"})["job"]
    assert (plain["command"], plain["timeoutMinutes"], plain["maxRetries"], plain["tags"]) == ("glueetl", 480, 0, [])
    stream = client.change("updateJob", FIELDS, name="etl", job={"script": "a.py", "command": "gluestreaming"})
    assert stream["job"]["timeoutMinutes"] is None


def test_what_only_clients_of_glue_say_of_a_job_stays(client: Client) -> None:
    client.engine.create_job(Job("etl", "a.py", kept={"Role": "r"}, security_configuration="sealed"))
    client.change("updateJob", "job { name }", name="etl", job={"script": "b.py"})
    changed = client.engine.get_job("etl")
    assert (changed.script, changed.kept, changed.security_configuration) == ("b.py", {"Role": "r"}, "sealed")


@pytest.mark.parametrize(
    ("job", "expected", "words"),
    [
        ({"command": "glueray"}, "NOT_SUPPORTED", "command glueray"),
        ({"workerType": "Z.2X", "numberOfWorkers": 2}, "NOT_SUPPORTED", "worker type Z.2X"),
        ({"workerType": "G.7X", "numberOfWorkers": 2}, "INVALID_INPUT", "worker types are Standard, G.025X"),
        ({"glueVersion": "7.0"}, "INVALID_INPUT", "versions are 0.9"),
    ],
)
def test_what_is_not_known_is_refused_with_what_is(
    client: Client, job: dict[str, Any], expected: str, words: str
) -> None:
    [error] = client.change("createJob", "job { name }", name="etl", job={"script": "a.py", **job})["userErrors"]
    assert error["code"] == expected
    assert words in error["message"]


def test_a_run_asks_for_a_size_of_its_own_and_its_connections_must_be_there(client: Client) -> None:
    client.change("createJob", "job { name }", name="etl", job={"script": "a.py", "connections": ["till"]})
    asked = {"jobName": "etl", "workerType": "G.2X", "numberOfWorkers": 3, "timeoutMinutes": 9, "queueing": True}
    refused = client.change("startJobRun", "run { runId }", **asked)
    assert code(refused) == ("NOT_FOUND", None)
    assert "Connection till not found" in refused["userErrors"][0]["message"]
    client.catalog.create_connection(Connection("till"))
    run_id = client.change("startJobRun", "run { runId }", **asked)["run"]["runId"]
    spec = client.engine.get_run(run_id).spec
    assert all(part in spec for part in ('"worker_type":"G.2X"', '"number_of_workers":3', '"timeout_minutes":9'))
    assert code(client.change("startJobRun", "run { runId }", jobName="etl", workerType="Z.2X", numberOfWorkers=2)) == (
        "NOT_SUPPORTED",
        None,
    )


def test_why_a_run_waits_and_its_attempts_are_told(client: Client) -> None:
    job = {"script": "a.py", "queueing": True, "maxRetries": 1}
    client.change("createJob", "job { name }", name="etl", job=job)
    first = client.engine.start_job_run("etl")
    asked = "query ($id: String!) { run(runId: $id) { waitingFor ... on JobRun { attempts { runId state attempt } } } }"
    waits = client.ask(asked, id=first.id)["run"]
    assert waits["waitingFor"] == "no worker lives: start the service with isinglass serve"
    assert waits["attempts"] == [{"runId": first.id, "state": "WAITING", "attempt": 0}]
    assert client.engine.claim_run("worker", run_id=first.id)
    client.engine.finish_run(first.id, "worker", Outcome(RunState.FAILED, "broke"))
    second = client.engine.find_repeat(first.id)
    assert second is not None
    for run_id, waiting in ((first.id, None), (second.id, waits["waitingFor"])):
        told = client.ask(asked, id=run_id)["run"]
        assert told["waitingFor"] == waiting
        assert [(each["runId"], each["attempt"]) for each in told["attempts"]] == [(first.id, 0), (second.id, 1)]
