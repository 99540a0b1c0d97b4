"""Operations on workflows."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from api.glue.calls import Call, Operation, Shape
from api.glue.operations.workflow_runs import told_runs
from api.glue.shapes.workflows import graph_shape, workflow_shape
from catalog.errors import NotFound
from engine.flows.workflow_model import Workflow


def create_workflow(call: Call) -> Shape:
    asked = call.asked
    made = Workflow(
        asked["Name"],
        asked.get("Description"),
        asked.get("DefaultRunProperties") or {},
        asked.get("MaxConcurrentRuns"),
    )
    return {"Name": call.engine.create_workflow(made, tags=asked.get("Tags")).name}


def get_workflow(call: Call) -> Shape:
    return {"Workflow": _told(call, [call.engine.get_workflow(call.asked["Name"])])[0]}


def batch_get_workflows(call: Call) -> Shape:
    found, missing = [], []
    for name in dict.fromkeys(call.asked["Names"]):
        try:
            found.append(call.engine.get_workflow(name))
        except NotFound:
            missing.append(name)
    return {"Workflows": _told(call, found), "MissingWorkflows": missing}


def list_workflows(call: Call) -> Shape:
    """Names."""
    page = call.engine.list_workflows(call.asked.get("MaxResults", 25), call.asked.get("NextToken"))
    return {"Workflows": [workflow.name for workflow in page.items], "NextToken": page.next_token}


def update_workflow(call: Call) -> Shape:
    """What is not given stays."""
    asked, old = call.asked, call.engine.get_workflow(call.asked["Name"])
    changed = replace(
        old,
        description=asked.get("Description", old.description),
        default_properties=asked.get("DefaultRunProperties", old.default_properties),
        max_concurrent_runs=asked.get("MaxConcurrentRuns", old.max_concurrent_runs),
    )
    return {"Name": call.engine.update_workflow(changed, old.version).name}


def delete_workflow(call: Call) -> Shape:
    """One that is not there is no failure, as in AWS."""
    with suppress(NotFound):
        call.engine.delete_workflow(call.asked["Name"])
    return {"Name": call.asked["Name"]}


def _told(call: Call, workflows: Sequence[Workflow]) -> list[Shape]:
    """With the last run of each, and with graphs if these are asked for."""
    names = [workflow.name for workflow in workflows]
    triggers = call.engine.batch_list_workflow_triggers(names) if call.asked.get("IncludeGraph") else {}
    told = []
    for workflow in workflows:
        last = told_runs(call, call.engine.list_workflow_runs(workflow.name, 1).items)
        graph = None
        if workflow.name in triggers:
            graph = graph_shape(call.engine.workflow_graph(workflow.name), triggers[workflow.name], {})
        told.append(workflow_shape(workflow, last[0] if last else None, graph))
    return told


OPERATIONS: dict[str, Operation] = {
    "CreateWorkflow": create_workflow,
    "GetWorkflow": get_workflow,
    "BatchGetWorkflows": batch_get_workflows,
    "ListWorkflows": list_workflows,
    "UpdateWorkflow": update_workflow,
    "DeleteWorkflow": delete_workflow,
}
