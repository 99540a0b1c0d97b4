"""Triggers through GraphQL."""

from __future__ import annotations

import pytest

from engine.flows.workflow_model import Workflow
from engine.model import Job
from tests.api.graphql.conftest import Client
from tests.api.graphql.test_catalog import code

WHOLE = """trigger {
  name type state workflowName schedule zone version nextFires(count: 1)
  actions { jobName crawlerName arguments { name value } timeoutMinutes notifyDelayMinutes }
  predicate { logical conditions { jobName crawlerName state } } eventBatchingCondition { batchSize batchWindow }
}"""
START_A = [{"jobName": "a"}]


@pytest.fixture
def jobs(client: Client) -> Client:
    for name in ("a", "b"):
        client.engine.create_job(Job(name, "/j.py"))
    return client


def test_a_trigger_on_demand_is_created_called_and_deleted(jobs: Client) -> None:
    action = {"jobName": "a", "arguments": [{"name": "--day", "value": "1"}], "timeoutMinutes": 5}
    trigger = {"type": "ON_DEMAND", "actions": [action, {"crawlerName": "c"}]}
    made = jobs.change("createTrigger", WHOLE, name="go", trigger=trigger)["trigger"]
    assert (made["type"], made["state"], made["nextFires"], made["predicate"]) == ("ON_DEMAND", "CREATED", [], None)
    assert made["actions"] == [
        {**action, "crawlerName": None, "notifyDelayMinutes": None},
        {"jobName": None, "crawlerName": "c", "arguments": [], "timeoutMinutes": None, "notifyDelayMinutes": None},
    ]
    fire = jobs.change("startTrigger", "fire { cause runIds } trigger { state }", name="go")
    assert fire["trigger"] == {"state": "CREATED"}
    found = jobs.ask('{ trigger(name: "go") { id fires(first: 5) { edges { node { cause runIds workflowRunId } } } } }')
    assert found["trigger"]["fires"]["edges"] == [{"node": {**fire["fire"], "workflowRunId": None}}]
    node = jobs.ask("query ($id: ID!) { node(id: $id) { ... on Trigger { name } } }", id=found["trigger"]["id"])
    assert node["node"] == {"name": "go"}
    states = {jobs.ask(f'{{ run(runId: "{run}") {{ state }} }}')["run"]["state"] for run in fire["fire"]["runIds"]}
    assert states == {"WAITING", "ERROR"}
    for dry in (True, False):
        assert jobs.change("deleteTrigger", "trigger { name }", name="go", dryRun=dry)["trigger"] == {"name": "go"}
    assert jobs.ask('{ trigger(name: "go") { name } }') == {"trigger": None}


def test_a_trigger_is_scheduled_changed_stopped_and_started(jobs: Client) -> None:
    given = {"type": "SCHEDULED", "actions": START_A, "schedule": "cron(0 0 1 1 ? 2198)", "zone": "Europe/Berlin"}
    made = jobs.change("createTrigger", WHOLE, name="t", trigger=given, startOnCreation=True)["trigger"]
    assert (made["state"], made["nextFires"]) == ("ACTIVATED", ["2197-12-31T23:00:00+00:00"])
    changed = {**given, "zone": "UTC"}
    after = jobs.change("updateTrigger", WHOLE, name="t", trigger=changed, expectedVersion=0)["trigger"]
    assert (after["version"], after["nextFires"]) == (1, ["2198-01-01T00:00:00+00:00"])
    conflict = jobs.change("updateTrigger", WHOLE, name="t", trigger=given, expectedVersion=0)
    assert (code(conflict)[0], conflict["trigger"]["version"]) == ("CONFLICT", 1)
    stopped = jobs.change("stopTrigger", "trigger { state nextFires }", name="t")["trigger"]
    assert stopped == {"state": "DEACTIVATED", "nextFires": []}
    assert jobs.change("startTrigger", "trigger { state } fire { cause }", name="t")["trigger"]["state"] == "ACTIVATED"


def test_conditions_and_events_are_told_as_they_were_given(jobs: Client) -> None:
    jobs.engine.create_workflow(Workflow("w"))
    conditions = [{"jobName": "a", "crawlerName": None, "state": "TIMEOUT"}]
    predicate = {"logical": "ANY", "conditions": conditions}
    given = {"type": "CONDITIONAL", "actions": [{"jobName": "b"}], "predicate": predicate, "workflowName": "w"}
    made = jobs.change("createTrigger", WHOLE, name="then", trigger=given)["trigger"]
    assert (made["predicate"], made["workflowName"]) == (predicate, "w")
    batch = {"batchSize": 2, "batchWindow": 60}
    given = {"type": "EVENT", "actions": START_A, "eventBatchingCondition": batch}
    made = jobs.change("createTrigger", WHOLE, name="told", trigger=given, startOnCreation=True)["trigger"]
    assert made["eventBatchingCondition"] == batch
    assert jobs.change("postTriggerEvents", "fires { cause }", name="told", eventIds=["1"])["fires"] == []
    assert len(jobs.change("postTriggerEvents", "fires { cause }", name="told", eventIds=["2"])["fires"]) == 1
    for of, names in (("", ["then", "told"]), ('(workflow: "w")', ["then"])):
        found = jobs.ask(f"{{ triggers{of} {{ edges {{ node {{ name }} }} }} }}")["triggers"]["edges"]
        assert [edge["node"]["name"] for edge in found] == names


@pytest.mark.parametrize(
    ("mutation", "given", "told"),
    [
        ("createTrigger", {"name": "t", "trigger": {"type": "SCHEDULED", "actions": START_A}}, "INVALID_INPUT"),
        ("createTrigger", {"name": "t", "trigger": {"type": "ON_DEMAND", "actions": [{}]}}, "INVALID_INPUT"),
        (
            "createTrigger",
            {"name": "t", "trigger": {"type": "ON_DEMAND", "actions": START_A, "workflowName": "gone"}},
            "NOT_FOUND",
        ),
        ("updateTrigger", {"name": "t", "trigger": {"type": "ON_DEMAND", "actions": START_A}}, "NOT_FOUND"),
        ("startTrigger", {"name": "t"}, "NOT_FOUND"),
        ("stopTrigger", {"name": "t"}, "NOT_FOUND"),
        ("deleteTrigger", {"name": "t"}, "NOT_FOUND"),
        ("postTriggerEvents", {"name": "t", "eventIds": ["1"]}, "NOT_FOUND"),
    ],
)
def test_what_is_refused_is_told_as_data(jobs: Client, mutation: str, given: dict[str, object], told: str) -> None:
    wanted = "fires { cause }" if mutation == "postTriggerEvents" else "trigger { name }"
    assert code(jobs.change(mutation, wanted, **given))[0] == told
