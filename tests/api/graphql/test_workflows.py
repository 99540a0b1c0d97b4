"""Workflows and their runs through GraphQL."""

from __future__ import annotations

import pytest

from engine.flows.workflow_model import Workflow
from engine.model import JOB, Job
from tests.api.graphql.conftest import Client
from tests.api.graphql.test_catalog import code
from tests.engine.flows.flowing import FAILED, SUCCEEDED, after, end, make_jobs, on_demand

RUN = """fragment run on WorkflowRun {
  runId workflowName state previousRunId runProperties { name value }
  statistics { totalActions succeededActions failedActions waitingActions }
  graph { triggers { name fired } nodes { nodeId run { __typename state triggerName workflowRunId } }
    edges { source target state } }
}"""


@pytest.fixture
def flow(client: Client) -> Client:
    make_jobs(client.engine, "a", "b")
    members = [on_demand("go", "a", workflow="w"), after("then", {"a": SUCCEEDED}, "b", workflow="w")]
    client.engine.create_workflow(Workflow("w", default_properties={"day": "1"}), members)
    return client


def states(run: dict[str, object]) -> dict[str, str | None]:
    nodes = run["graph"]["nodes"]  # type: ignore[index]
    return {each["nodeId"]: each["run"] and each["run"]["state"] for each in nodes}


def test_a_workflow_is_created_changed_and_deleted(client: Client) -> None:
    whole = "workflow { name description version maxConcurrentRuns defaultRunProperties { name value } }"
    given = {"description": "d", "maxConcurrentRuns": 2, "defaultRunProperties": [{"name": "n", "value": "1"}]}
    made = client.change("createWorkflow", whole, name="w", workflow=given)["workflow"]
    assert made == {"name": "w", "version": 0, **given}
    assert code(client.change("createWorkflow", whole, name="w", workflow={}))[0] == "ALREADY_EXISTS"
    assert client.change("updateWorkflow", whole, name="w", workflow={}, expectedVersion=0)["workflow"]["version"] == 1
    conflict = client.change("updateWorkflow", whole, name="w", workflow=given, expectedVersion=0)
    assert (code(conflict)[0], conflict["workflow"]["version"]) == ("CONFLICT", 1)
    client.engine.create_job(Job("a", "/a.py"))
    client.engine.create_trigger(on_demand("go", "a", workflow="w"))
    for dry in (True, False):
        gone = client.change("deleteWorkflow", "workflow { name } triggerNames", name="w", dryRun=dry)
        assert (gone["workflow"], gone["triggerNames"]) == ({"name": "w"}, ["go"])
    assert client.ask('{ workflow(name: "w") { name } trigger(name: "go") { name } }') == {
        "workflow": None,
        "trigger": None,
    }
    assert code(client.change("deleteWorkflow", "workflow { name }", name="w"))[0] == "NOT_FOUND"


def test_a_run_is_begun_followed_and_resumed(flow: Client) -> None:
    more = [{"name": "more", "value": "x"}]
    begun = flow.change("startWorkflowRun", "run { runId state }", name="w", runProperties=more)["run"]
    ask = "query ($id: String!) { workflowRun(runId: $id) { id ...run } }" + RUN
    end(flow.engine, "a", FAILED)
    run = flow.ask(ask, id=begun["runId"])["workflowRun"]
    assert (run["state"], states(run)) == ("COMPLETED", {"job:a": "FAILED", "job:b": None})
    assert run["runProperties"] == [{"name": "day", "value": "1"}, *more]
    assert run["statistics"] == {"totalActions": 1, "succeededActions": 0, "failedActions": 1, "waitingActions": 0}
    begun_by = {"__typename": "JobRun", "state": "FAILED", "triggerName": "go", "workflowRunId": run["runId"]}
    assert run["graph"]["nodes"][0]["run"] == begun_by
    assert run["graph"]["triggers"] == [{"name": "go", "fired": True}, {"name": "then", "fired": False}]
    assert {(e["source"], e["target"], e["state"]) for e in run["graph"]["edges"]} == {
        ("trigger:go", "job:a", None),
        ("job:a", "trigger:then", "SUCCEEDED"),
        ("trigger:then", "job:b", None),
    }
    resumed = flow.change("resumeWorkflowRun", "run { runId previousRunId }", runId=run["runId"], nodeIds=["job:a"])[
        "run"
    ]
    assert resumed["previousRunId"] == run["runId"]
    end(flow.engine, "a")
    end(flow.engine, "b")
    again = flow.ask(ask, id=resumed["runId"])["workflowRun"]
    assert (again["state"], states(again)) == ("COMPLETED", {"job:a": "SUCCEEDED", "job:b": "SUCCEEDED"})
    node = flow.ask("query ($id: ID!) { node(id: $id) { ... on WorkflowRun { runId } } }", id=again["id"])["node"]
    assert node == {"runId": again["runId"]}


def test_a_run_is_stopped_and_its_properties_set(flow: Client) -> None:
    begun = flow.change("startWorkflowRun", "run { runId }", name="w")["run"]["runId"]
    given = [{"name": "day", "value": "2"}]
    put = flow.change(
        "putWorkflowRunProperties", "run { runProperties { name value } }", runId=begun, runProperties=given
    )
    assert put["run"]["runProperties"] == given
    assert flow.change("stopWorkflowRun", "run { state }", runId=begun)["run"]["state"] == "STOPPED"
    assert code(flow.change("stopWorkflowRun", "run { state }", runId=begun))[0] == "NOT_RUNNING"
    assert flow.engine.unfinished_runs(JOB) == []
    assert code(flow.change("resumeWorkflowRun", "run { runId }", runId=begun, nodeIds=["a"]))[0] == "INVALID_INPUT"
    for mutation in ("stopWorkflowRun", "resumeWorkflowRun"):
        assert code(flow.change(mutation, "run { runId }", runId="wr_gone"))[0] == "NOT_FOUND"
    assert code(flow.change("startWorkflowRun", "run { runId }", name="gone"))[0] == "NOT_FOUND"


def test_lists_take_as_many_statements_for_many_as_for_one(flow: Client) -> None:
    document = (
        """{ workflows(first: 5) { edges { node { name triggerNames graph { nodes { nodeId } } } } }
      workflowRuns(first: 20) { edges { node { ...run } } } }"""
        + RUN
    )
    counted: list[int] = []
    for _ in range(2):
        for _ in range(3):
            flow.engine.start_workflow_run("w")
        flow.engine.create_workflow(Workflow(f"w{len(counted)}"))
        with flow.statements() as seen:
            assert flow.ask(document)["workflowRuns"]["edges"]
        counted.append(len(seen))
    assert counted[0] == counted[1]
