"""Triggers and workflows over the Glue face: they really start jobs and crawlers, and tell how far they are."""

from __future__ import annotations

import pytest

from engine.model import CRAWL, JOB, Outcome
from engine.states import RunState
from tests.api.glue.conftest import Glue, Json

COMMAND = {"Name": "glueetl", "ScriptLocation": "s3://code/x.py"}


@pytest.fixture
def flows(glue: Glue) -> Glue:
    """With jobs `clean` and `totals`, and crawler `shop`."""
    for name in ("clean", "totals"):
        glue.ask("CreateJob", Name=name, Role="r", Command=COMMAND, ExecutionProperty={"MaxConcurrentRuns": 9})
    glue.ask("CreateDatabase", DatabaseInput={"Name": "shop"})
    targets = {"S3Targets": [{"Path": "s3://lake/shop"}]}
    glue.ask("CreateCrawler", Name="shop", Role="r", DatabaseName="shop", Targets=targets)
    return glue


def finish(glue: Glue, run_id: str, state: RunState = RunState.SUCCEEDED) -> None:
    engine = glue.app.engine
    assert engine.claim_run("worker", run_id=run_id)
    engine.begin_run(run_id, "worker")
    engine.finish_run(run_id, "worker", Outcome(state))


TRIGGERS: dict[str, Json] = {
    "SCHEDULED": {
        "Schedule": "cron(0 1 * * ? *)",
        "Description": "Each night.",
        "Actions": [
            {
                "JobName": "clean",
                "Arguments": {"--day": "1"},
                "Timeout": 9,
                "NotificationProperty": {"NotifyDelayAfter": 3},
            },
            {"CrawlerName": "shop"},
        ],
    },
    "CONDITIONAL": {
        "Actions": [{"JobName": "totals"}],
        "Predicate": {
            "Logical": "ANY",
            "Conditions": [
                {"LogicalOperator": "EQUALS", "JobName": "clean", "State": "SUCCEEDED"},
                {"LogicalOperator": "EQUALS", "CrawlerName": "shop", "CrawlState": "CANCELLED"},
            ],
        },
    },
    "ON_DEMAND": {"Actions": [{"JobName": "clean"}]},
    "EVENT": {"Actions": [{"JobName": "clean"}], "EventBatchingCondition": {"BatchSize": 2, "BatchWindow": 60}},
}


@pytest.mark.parametrize("kind", TRIGGERS)
def test_a_trigger_is_told_as_it_was_written(flows: Glue, kind: str) -> None:
    assert flows.ask("CreateTrigger", Name="t", Type=kind, **TRIGGERS[kind]) == {"Name": "t"}
    told = flows.ask("GetTrigger", Name="t")["Trigger"]
    assert told.items() >= {"Name": "t", "Type": kind, "State": "CREATED", **TRIGGERS[kind]}.items()


def test_a_trigger_is_started_stopped_updated_and_deleted(flows: Glue) -> None:
    flows.ask("CreateTrigger", Name="t", Type="SCHEDULED", StartOnCreation=True, **TRIGGERS["SCHEDULED"])
    assert flows.ask("GetTrigger", Name="t")["Trigger"]["State"] == "ACTIVATED"
    flows.ask("StopTrigger", Name="t")
    assert flows.ask("GetTrigger", Name="t")["Trigger"]["State"] == "DEACTIVATED"
    flows.ask("StartTrigger", Name="t")
    changed = flows.ask("UpdateTrigger", Name="t", TriggerUpdate={"Schedule": "rate(2 days)"})["Trigger"]
    assert (changed["Schedule"], changed["Description"], changed["State"]) == (
        "rate(2 days)",
        "Each night.",
        "ACTIVATED",
    )
    for _ in range(2):
        assert flows.ask("DeleteTrigger", Name="t") == {"Name": "t"}
    assert flows.refusal("GetTrigger", Name="t").code == "EntityNotFoundException"


def test_triggers_are_listed_by_pages_by_job_and_by_name(flows: Glue) -> None:
    for name, kind in (("a", "ON_DEMAND"), ("b", "CONDITIONAL"), ("c", "EVENT")):
        flows.ask("CreateTrigger", Name=name, Type=kind, **TRIGGERS[kind])
    first = flows.ask("GetTriggers", MaxResults=2)
    rest = flows.ask("GetTriggers", MaxResults=2, NextToken=first["NextToken"])
    assert [each["Name"] for each in first["Triggers"] + rest["Triggers"]] == ["a", "b", "c"]
    assert flows.ask("ListTriggers", DependentJobName="clean")["TriggerNames"] == ["a", "c"]
    found = flows.ask("BatchGetTriggers", TriggerNames=["b", "none"])
    assert ([each["Name"] for each in found["Triggers"]], found["TriggersNotFound"]) == (["b"], ["none"])


def test_a_trigger_on_demand_and_a_condition_really_start_runs(flows: Glue) -> None:
    flows.ask("CreateTrigger", Name="a", Type="ON_DEMAND", **TRIGGERS["ON_DEMAND"])
    flows.ask("CreateTrigger", Name="b", Type="CONDITIONAL", StartOnCreation=True, **TRIGGERS["CONDITIONAL"])
    flows.ask("StartTrigger", Name="a")
    [clean] = flows.ask("GetJobRuns", JobName="clean")["JobRuns"]
    assert (clean["TriggerName"], flows.ask("GetJobRuns", JobName="totals")["JobRuns"]) == ("a", [])
    finish(flows, clean["Id"])
    [totals] = flows.ask("GetJobRuns", JobName="totals")["JobRuns"]
    assert totals["TriggerName"] == "b"


def _watching(**condition: str) -> Json:
    return {"Predicate": {"Conditions": [{"LogicalOperator": "EQUALS", **condition}]}}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"Actions": [{}]}, "JobName or CrawlerName in action cannot be null or empty"),
        ({"Actions": [{"JobName": "a", "CrawlerName": "b"}]}, "Both JobName and CrawlerName cannot be set together"),
        ({"Predicate": {}}, "Predicate cannot be null or empty"),
        ({"Predicate": {"Conditions": [{"JobName": "clean", "State": "FAILED"}]}}, "Logical operator cannot be null"),
        (_watching(), "JobName or CrawlerName in condition cannot be null or empty"),
        ({"Actions": [{"JobName": "clean", "SecurityConfiguration": "s"}]}, "SecurityConfiguration of an action"),
        (_watching(JobName="clean"), "following job state: [SUCCEEDED, STOPPED, FAILED, TIMEOUT]"),
        (_watching(CrawlerName="shop"), "following crawler state: [SUCCEEDED, FAILED, CANCELLED]"),
        (_watching(CrawlerName="shop", CrawlState="CANCELLING"), "CANCELLING"),
    ],
)
def test_what_a_trigger_cannot_be_is_refused_by_name(flows: Glue, given: Json, message: str) -> None:
    asked = {**TRIGGERS["CONDITIONAL"], **given}
    assert message in flows.refusal("CreateTrigger", Name="t", Type="CONDITIONAL", **asked).message
    assert flows.ask("ListTriggers")["TriggerNames"] == []


@pytest.fixture
def nightly(flows: Glue) -> Glue:
    """With workflow `nightly`: crawler shop and job clean, then job totals."""
    flows.ask("CreateWorkflow", Name="nightly", Description="All.", DefaultRunProperties={"day": "1"})
    begins = {"Actions": [{"CrawlerName": "shop"}, {"JobName": "clean"}]}
    flows.ask("CreateTrigger", Name="begin", Type="ON_DEMAND", WorkflowName="nightly", **begins)
    follows = {
        "Actions": [{"JobName": "totals"}],
        "Predicate": {"Conditions": [{"LogicalOperator": "EQUALS", "JobName": "clean", "State": "SUCCEEDED"}]},
    }
    flows.ask("CreateTrigger", Name="then", Type="CONDITIONAL", WorkflowName="nightly", StartOnCreation=True, **follows)
    return flows


def states(run: Json) -> dict[str, str]:
    """Of the nodes of a run's graph that have one."""
    told = {}
    for node in run["Graph"]["Nodes"]:
        runs = node.get("JobDetails", {}).get("JobRuns") or node.get("CrawlerDetails", {}).get("Crawls")
        if runs:
            told[node["Name"]] = runs[0].get("JobRunState") or runs[0]["State"]
    return told


def test_a_workflow_runs_and_its_graph_tells_how_far(nightly: Glue) -> None:
    run_id = nightly.ask("StartWorkflowRun", Name="nightly", RunProperties={"who": "me"})["RunId"]
    asked = {"Name": "nightly", "RunId": run_id}
    run = nightly.ask("GetWorkflowRun", **asked, IncludeGraph=True)["Run"]
    assert (run["Status"], run["WorkflowRunProperties"]) == ("RUNNING", {"day": "1", "who": "me"})
    assert states(run) == {"shop": "RUNNING", "clean": "WAITING"}
    ids = {node["UniqueId"]: node["Name"] for node in run["Graph"]["Nodes"]}
    edges = {(ids[edge["SourceId"]], ids[edge["DestinationId"]]) for edge in run["Graph"]["Edges"]}
    assert edges == {("begin", "shop"), ("begin", "clean"), ("clean", "then"), ("then", "totals")}
    engine = nightly.app.engine
    [crawl] = engine.unfinished_runs(CRAWL)
    [clean] = engine.unfinished_runs(JOB, "clean")
    finish(nightly, crawl.id)
    finish(nightly, clean.id)
    [totals] = engine.unfinished_runs(JOB, "totals")
    finish(nightly, totals.id, RunState.FAILED)
    run = nightly.ask("GetWorkflowRun", **asked, IncludeGraph=True)["Run"]
    assert run["Status"] == "COMPLETED"
    assert states(run) == {"shop": "SUCCEEDED", "clean": "SUCCEEDED", "totals": "FAILED"}
    assert (run["Statistics"]["TotalActions"], run["Statistics"]["FailedActions"]) == (3, 1)
    [failed] = [node["UniqueId"] for node in run["Graph"]["Nodes"] if node["Name"] == "totals"]
    resumed = nightly.ask("ResumeWorkflowRun", **asked, NodeIds=[failed])
    assert resumed["NodeIds"] == [failed]
    newest = nightly.ask("GetWorkflowRuns", Name="nightly")["Runs"][0]
    assert (newest["WorkflowRunId"], newest["PreviousRunId"]) == (resumed["RunId"], run_id)
    assert [run.subject for run in engine.unfinished_runs()] == ["totals"]


def test_properties_of_a_run_are_read_and_set_and_it_is_stopped(nightly: Glue) -> None:
    run_id = nightly.ask("StartWorkflowRun", Name="nightly")["RunId"]
    asked = {"Name": "nightly", "RunId": run_id}
    nightly.ask("PutWorkflowRunProperties", **asked, RunProperties={"day": "2"})
    assert nightly.ask("GetWorkflowRunProperties", **asked)["RunProperties"] == {"day": "2"}
    nightly.ask("StopWorkflowRun", **asked)
    assert nightly.ask("GetWorkflowRun", **asked)["Run"]["Status"] == "STOPPED"
    assert nightly.refusal("StopWorkflowRun", **asked).code == "IllegalWorkflowStateException"
    unknown = nightly.refusal("ResumeWorkflowRun", **asked, NodeIds=["none"])
    assert "Node none is no job or crawler" in unknown.message


def test_workflows_are_told_listed_updated_and_deleted(nightly: Glue) -> None:
    nightly.ask("CreateWorkflow", Name="other", MaxConcurrentRuns=1)
    told = nightly.ask("GetWorkflow", Name="nightly", IncludeGraph=True)["Workflow"]
    assert (told["Description"], told["DefaultRunProperties"], len(told["Graph"]["Nodes"])) == ("All.", {"day": "1"}, 5)
    assert "LastRun" not in told
    nightly.ask("UpdateWorkflow", Name="nightly", MaxConcurrentRuns=2)
    nightly.ask("StartWorkflowRun", Name="nightly")
    found = nightly.ask("BatchGetWorkflows", Names=["nightly", "none"])
    [workflow] = found["Workflows"]
    assert (workflow["MaxConcurrentRuns"], workflow["Description"]) == (2, "All.")
    assert workflow["LastRun"]["Status"] == "RUNNING"
    assert found["MissingWorkflows"] == ["none"]
    assert nightly.ask("ListWorkflows")["Workflows"] == ["nightly", "other"]
    nightly.ask("DeleteWorkflow", Name="other")
    assert nightly.refusal("GetWorkflow", Name="other").message == "Entity not found"
    assert nightly.refusal("GetWorkflowRun", Name="nightly", RunId="none").message == "Entity not found"
