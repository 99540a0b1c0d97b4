"""Operations on workflow runs: begun, followed, stopped, and resumed from chosen nodes."""

from __future__ import annotations

from collections.abc import Sequence

from api.glue.calls import Call, Operation, Shape
from api.glue.failures import EntityNotFound, Invalid
from api.glue.shapes.workflows import graph_shape, node_id, workflow_run_shape
from engine.flows.workflow_model import WorkflowRun


def start_workflow_run(call: Call) -> Shape:
    return {"RunId": call.engine.start_workflow_run(call.asked["Name"], call.asked.get("RunProperties")).id}


def get_workflow_run(call: Call) -> Shape:
    return {"Run": told_runs(call, [_run(call)])[0]}


def get_workflow_runs(call: Call) -> Shape:
    """Newest first."""
    asked = call.asked
    name = call.engine.get_workflow(asked["Name"]).name
    page = call.engine.list_workflow_runs(name, asked.get("MaxResults", 100), asked.get("NextToken"))
    return {"Runs": told_runs(call, page.items), "NextToken": page.next_token}


def stop_workflow_run(call: Call) -> Shape:
    call.engine.stop_workflow_run(_run(call).id)
    return {}


def resume_workflow_run(call: Call) -> Shape:
    """Of jobs and crawlers, by the ids that the run's graph tells."""
    run, wanted = _run(call), call.asked["NodeIds"]
    known = {node_id(each.node): each.node for each in call.engine.workflow_run_graph(run).nodes}
    if unknown := [each for each in wanted if each not in known]:
        raise Invalid(f"Node {unknown[0]} is no job or crawler of workflow run {run.id}.")
    resumed = call.engine.resume_workflow_run(run.id, [known[each] for each in wanted])
    return {"RunId": resumed.id, "NodeIds": wanted}


def get_workflow_run_properties(call: Call) -> Shape:
    return {"RunProperties": _run(call).properties}


def put_workflow_run_properties(call: Call) -> Shape:
    call.engine.put_workflow_properties(_run(call).id, call.asked["RunProperties"])
    return {}


def told_runs(call: Call, runs: Sequence[WorkflowRun]) -> list[Shape]:
    """With their graphs, if the call asks for these."""
    counted = call.engine.batch_count_node_runs(runs)
    graphs = call.engine.batch_draw_graphs(runs) if call.asked.get("IncludeGraph") else {}
    why = call.engine.batch_why_waiting(
        [node.run.id for graph in graphs.values() for node in graph.nodes if node.run is not None]
    )
    return [
        workflow_run_shape(
            run, counted[run.id], graph_shape(graphs[run.id], run.course.triggers, why) if run.id in graphs else None
        )
        for run in runs
    ]


def _run(call: Call) -> WorkflowRun:
    """The run, if it is one of the workflow's. Raises EntityNotFound."""
    found = call.engine.get_workflow_run(call.asked["RunId"])
    if found.workflow != call.asked["Name"]:
        raise EntityNotFound("Entity not found")
    return found


OPERATIONS: dict[str, Operation] = {
    "StartWorkflowRun": start_workflow_run,
    "GetWorkflowRun": get_workflow_run,
    "GetWorkflowRuns": get_workflow_runs,
    "StopWorkflowRun": stop_workflow_run,
    "ResumeWorkflowRun": resume_workflow_run,
    "GetWorkflowRunProperties": get_workflow_run_properties,
    "PutWorkflowRunProperties": put_workflow_run_properties,
}
