"""Workflows, their runs and graphs in Glue's shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from api.glue.shapes.job_runs import run_shape
from api.glue.shapes.triggers import trigger_shape
from engine.flows.trigger_model import Node, Trigger
from engine.flows.workflow_model import Graph, GraphNode, Statistics, Workflow, WorkflowRun
from engine.model import JOB, Run
from engine.states import RunState

_CRAWLS = {
    RunState.SUCCEEDED: "SUCCEEDED",
    RunState.STOPPED: "CANCELLED",
    RunState.STOPPING: "CANCELLING",
    RunState.ERROR: "ERROR",
}


def node_id(of: Node | str) -> str:
    """Of a job or crawler, or of the trigger named: the same in each run."""
    text = f"trigger {of}" if isinstance(of, str) else f"{of.kind} {of.name}"
    return f"wnode_{sha256(text.encode()).hexdigest()[:32]}"


def workflow_shape(
    workflow: Workflow, last: Mapping[str, Any] | None, graph: Mapping[str, Any] | None
) -> dict[str, Any]:
    return {
        "Name": workflow.name,
        "Description": workflow.description,
        "DefaultRunProperties": workflow.default_properties,
        "CreatedOn": workflow.created_at,
        "LastModifiedOn": workflow.updated_at,
        "MaxConcurrentRuns": workflow.max_concurrent_runs,
        "LastRun": last,
        "Graph": graph,
    }


def workflow_run_shape(run: WorkflowRun, counted: Statistics, graph: Mapping[str, Any] | None) -> dict[str, Any]:
    return {
        "Name": run.workflow,
        "WorkflowRunId": run.id,
        "PreviousRunId": run.previous_run_id,
        "WorkflowRunProperties": run.properties,
        "StartedOn": run.started_at,
        "CompletedOn": run.finished_at,
        "Status": run.state.value,
        "ErrorMessage": run.detail,
        "Statistics": {
            "TotalActions": counted.total,
            "TimeoutActions": counted.timeout,
            "FailedActions": counted.failed,
            "StoppedActions": counted.stopped,
            "SucceededActions": counted.succeeded,
            "RunningActions": counted.running,
            "ErroredActions": counted.errored,
            "WaitingActions": counted.waiting,
        },
        "Graph": graph,
    }


def graph_shape(graph: Graph, triggers: Sequence[Trigger], why_waiting: Mapping[str, str]) -> dict[str, Any]:
    by_name = {trigger.name: trigger for trigger in triggers}
    nodes = [
        {
            "Type": "TRIGGER",
            "Name": each.name,
            "UniqueId": node_id(each.name),
            "TriggerDetails": {"Trigger": trigger_shape(by_name[each.name])},
        }
        for each in graph.triggers
    ]
    return {
        "Nodes": [*nodes, *(_node_shape(each, why_waiting) for each in graph.nodes)],
        "Edges": [
            {"SourceId": node_id(edge.source), "DestinationId": node_id(edge.target)}
            for edge in dict.fromkeys(graph.edges)
        ],
    }


def _node_shape(each: GraphNode, why_waiting: Mapping[str, str]) -> dict[str, Any]:
    told = {"Name": each.node.name, "UniqueId": node_id(each.node)}
    runs = [each.run] if each.run else []
    if each.node.kind == JOB:
        return {"Type": "JOB", **told, "JobDetails": {"JobRuns": [run_shape(run, why_waiting) for run in runs]}}
    return {"Type": "CRAWLER", **told, "CrawlerDetails": {"Crawls": [_crawl_shape(run) for run in runs]}}


def _crawl_shape(run: Run) -> dict[str, Any]:
    state = _CRAWLS.get(run.state, "FAILED" if run.finished else "RUNNING")
    return {
        "State": state,
        "StartedOn": run.queued_at,
        "CompletedOn": run.finished_at,
        "ErrorMessage": run.detail if state in ("FAILED", "ERROR") else None,
    }
