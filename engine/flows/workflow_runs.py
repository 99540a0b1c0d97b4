"""Workflow runs: begin, go on, stop, resume, end; their properties, and the runs that belong to them.

A workflow run goes on whenever one of its runs has ended: conditional triggers that are met fire, each once, and where
nothing runs and nothing fires it has ended. All that decides is read and written under the lock of its row.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Select, insert, or_, select, update

from catalog.errors import InvalidInput, NotFound
from catalog.model import Page
from catalog.paging import newest_first, older, rows_of_each
from engine import rows
from engine.errors import RunNotActive, WorkflowRunActive, WorkflowRunNotActive, WorkflowRunsExceeded
from engine.events import events
from engine.flows import firing, triggers, workflows
from engine.flows.conditions import is_met, last_attempts
from engine.flows.trigger_model import Action, Node, Trigger, TriggerState
from engine.flows.workflow_graphs import action_of, all_nodes, downstream, first_of, node_of, watched
from engine.flows.workflow_model import Course, Workflow, WorkflowRun, WorkflowRunState
from engine.ledger import runs
from engine.model import Run
from engine.states import UNFINISHED, RunState

_c = rows.workflow_runs.c
_decode = msgspec.json.Decoder(Course).decode


def begin(
    connection: Connection,
    workflow: str,
    now: datetime,
    properties: Mapping[str, str] | None = None,
    refusing: bool = True,
) -> WorkflowRun:
    """A new run that nothing has been put into yet.

    Past the workflow's maximum it is refused (WorkflowRunsExceeded), as are too many properties (InvalidInput); with
    `refusing` False it is then recorded as an ERROR.
    """
    found = workflows.hold_workflow(connection, workflow)
    course = Course(tuple(each for each in triggers.list_of_workflow(connection, workflow) if _takes_part(each)))
    given = {**found.default_properties, **(properties or {})}
    try:
        workflows.checked_properties(f"workflow {workflow}", given)
        _demand_room(connection, found)
    except (InvalidInput, WorkflowRunsExceeded) as error:
        if refusing:
            raise
        return _insert(connection, workflow, course, given, now, error=str(error))
    return _insert(connection, workflow, course, given, now)


def advance(connection: Connection, run_id: str, now: datetime) -> WorkflowRun | None:
    """Fire what can fire now, and end the run if nothing goes on in it. It may be repeated at any time."""
    run = _held(connection, run_id)
    if run is None or run.finished:
        return run
    if run.state is WorkflowRunState.STOPPING:
        _stop_all(connection, run, now)
    going = _going_on(connection, run.id)  # read before what is due: a run that ends between the two must not be missed
    while run.state is WorkflowRunState.RUNNING and (due := _due(connection, run)):
        for trigger in due:
            cause = f"workflow run {run.id}"
            if firing.claim(connection, trigger, cause, now):
                firing.carry_out(connection, trigger, cause, now, run)
        going = _going_on(connection, run.id)
    if going:
        return run
    stopping = run.state is WorkflowRunState.STOPPING
    return _move(connection, run, WorkflowRunState.STOPPED if stopping else WorkflowRunState.COMPLETED, now)


def stop(connection: Connection, run_id: str, now: datetime) -> WorkflowRun:
    """Ask its runs to stop; no trigger fires in it any more. Raises NotFound, WorkflowRunNotActive."""
    run = _held(connection, run_id)
    if run is None:
        raise NotFound(kind="Workflow run", name=run_id)
    if run.finished:
        raise WorkflowRunNotActive(run=run_id, state=run.state)
    _move(connection, run, WorkflowRunState.STOPPING, now)
    return advance(connection, run_id, now) or run


def resume(connection: Connection, run_id: str, nodes: Sequence[Node], now: datetime) -> WorkflowRun:
    """Run the nodes, and what follows from them, again in a new run, which keeps the results of all others.

    No nodes: those whose last run did not succeed. Raises NotFound, WorkflowRunActive, WorkflowRunsExceeded; and
    InvalidInput for a node that no trigger of the run starts.
    """
    before = get_workflow_run(connection, run_id)
    workflow = workflows.hold_workflow(connection, before.workflow)
    if not before.finished:
        raise WorkflowRunActive(run=run_id, state=before.state)
    _demand_room(connection, workflow)
    seen = list_node_runs(connection, before)
    chosen = tuple(dict.fromkeys(nodes)) or _unsuccessful(before, seen)
    fired = list_fired(connection, before)
    ways = [_way(before, node, fired) for node in first_of(before.course.triggers, chosen)]
    course = _resumed(before.course, chosen, seen, fired)
    run = _insert(connection, before.workflow, course, before.properties, now, previous=before.id)
    for trigger, action in sorted(ways, key=lambda way: firing.order(way[1])):
        firing.begin(connection, trigger.name, action, now, run)
    return advance(connection, run.id, now) or run


def get_workflow_run(connection: Connection, run_id: str) -> WorkflowRun:
    row = connection.execute(select(rows.workflow_runs).where(_c.id == run_id)).first()
    if row is None:
        raise NotFound(kind="Workflow run", name=run_id)
    return _run(row)


def list_workflow_runs(
    connection: Connection, workflow: str | None, limit: int, token: str | None
) -> Page[WorkflowRun]:
    """Newest first; of one workflow, or of all."""
    statement = _older(limit, token)
    if workflow is not None:
        statement = statement.where(_c.workflow == workflow)
    return LISTING.page([_run(row) for row in connection.execute(statement)], limit, place)


def batch_list_workflow_runs(
    connection: Connection, workflows: Sequence[str], limit: int, token: str | None
) -> dict[str, Page[WorkflowRun]]:
    """As list_workflow_runs, of each of several workflows."""
    older = _older(limit, token)
    found = rows_of_each(connection, workflows, lambda workflow: older.where(_c.workflow == workflow))
    return {workflow: LISTING.page([_run(row) for row in each], limit, place) for workflow, each in found.items()}


def _older(limit: int, token: str | None) -> Select[Any]:
    return older(select(rows.workflow_runs), _c.started_at, _c.id, LISTING.after(token)).limit(limit + 1)


def list_node_runs(connection: Connection, run: WorkflowRun) -> list[Run]:
    """The runs that belong to it and those that it keeps of the run that it resumes, oldest first."""
    return batch_list_node_runs(connection, [run])[run.id]


def batch_list_node_runs(connection: Connection, of: Sequence[WorkflowRun]) -> dict[str, list[Run]]:
    c = rows.runs.c
    kept = [run_id for each in of for run_id in each.course.kept_runs]
    ours = or_(c.workflow_run_id.in_([each.id for each in of]), c.id.in_(kept))
    found = [runs.of_row(row) for row in connection.execute(select(rows.runs).where(ours))]
    found.sort(key=lambda run: (run.queued_at, run.attempt, run.id))
    return {
        each.id: [run for run in found if run.workflow_run_id == each.id or run.id in each.course.kept_runs]
        for each in of
    }


def list_fired(connection: Connection, run: WorkflowRun) -> set[str]:
    """The triggers that have fired in it, or had in the run that it resumes."""
    return firing.batch_list_fired(connection, [run.id])[run.id].union(run.course.kept_triggers)


def put_properties(connection: Connection, run_id: str, given: Mapping[str, str]) -> dict[str, str]:
    """Set some of its properties; the others stay. Raises NotFound, InvalidInput."""
    run = _held(connection, run_id)
    if run is None:
        raise NotFound(kind="Workflow run", name=run_id)
    merged = workflows.checked_properties(f"workflow run {run_id}", {**run.properties, **given})
    written = msgspec.json.encode(merged).decode()
    connection.execute(update(rows.workflow_runs).where(_c.id == run_id).values(properties=written))
    return merged


def place(run: WorkflowRun) -> tuple[datetime, str]:
    return run.started_at, run.id


LISTING = newest_first("workflow runs")


def _demand_room(connection: Connection, workflow: Workflow) -> None:
    """Raises WorkflowRunsExceeded."""
    going = len(workflows.going_on(connection, workflow.name))
    if workflow.max_concurrent_runs is not None and going >= workflow.max_concurrent_runs:
        raise WorkflowRunsExceeded(name=workflow.name, count=going)


def _takes_part(trigger: Trigger) -> bool:
    return trigger.begins or trigger.state is TriggerState.ACTIVATED


def _due(connection: Connection, run: WorkflowRun) -> list[Trigger]:
    """The conditional triggers that have not fired in the run, and are met by its runs."""
    ended = [each for each in last_attempts(list_node_runs(connection, run)) if each.finished]
    fired = list_fired(connection, run)
    waiting = [each for each in run.course.triggers if each.predicate and each.name not in fired]
    return [each for each in waiting if each.predicate and is_met(each.predicate, ended)]


def _stop_all(connection: Connection, run: WorkflowRun, now: datetime) -> None:
    for each in _going_on(connection, run.id):
        if each.stop_requested_at is None:
            with suppress(RunNotActive):  # it has ended meanwhile
                runs.request_stop(connection, each.id, now)


def _going_on(connection: Connection, run_id: str) -> list[Run]:
    """Those that have not ended."""
    c = rows.runs.c
    unfinished = select(rows.runs).where(c.workflow_run_id == run_id, c.state.in_(UNFINISHED)).order_by(c.id)
    return [runs.of_row(row) for row in connection.execute(unfinished)]


def _unsuccessful(run: WorkflowRun, seen: Sequence[Run]) -> tuple[Node, ...]:
    succeeded = {node_of(each): each.state is RunState.SUCCEEDED for each in last_attempts(seen)}
    found = tuple(node for node, well in succeeded.items() if not well)
    if not found:
        why = "all its nodes succeeded; name those to run again." if seen else "nothing ran in it; begin another."
        raise InvalidInput(what=f"workflow run {run.id}", why=why)
    return found


def _way(run: WorkflowRun, node: Node, fired: set[str]) -> tuple[Trigger, Action]:
    """The trigger and the action by which the node is started."""
    way = action_of(run.course.triggers, node, fired)
    if way is None:
        names = ", ".join(f"{each.kind}:{each.name}" for each in all_nodes(run.course.triggers)) or "none"
        why = f"no trigger of it starts {node.kind}:{node.name}; its nodes are {names}."
        raise InvalidInput(what=f"workflow run {run.id}", why=why)
    return way


def _resumed(course: Course, chosen: Sequence[Node], seen: Sequence[Run], fired: set[str]) -> Course:
    """The course without the results of the chosen nodes and of what follows from them."""
    again = downstream(course.triggers, chosen).union(chosen)
    kept = tuple(run.id for run in seen if node_of(run) not in again)
    stay = tuple(each.name for each in course.triggers if each.name in fired and not again.intersection(watched(each)))
    return replace(course, kept_runs=kept, kept_triggers=stay)


def _held(connection: Connection, run_id: str) -> WorkflowRun | None:
    row = connection.execute(select(rows.workflow_runs).where(_c.id == run_id).with_for_update()).first()
    return _run(row) if row else None


def _insert(
    connection: Connection,
    workflow: str,
    course: Course,
    properties: Mapping[str, str],
    now: datetime,
    previous: str | None = None,
    error: str | None = None,
) -> WorkflowRun:
    run = WorkflowRun(
        id="wr_" + secrets.token_hex(32),
        workflow=workflow,
        state=WorkflowRunState.ERROR if error else WorkflowRunState.RUNNING,
        course=course,
        properties=dict(properties),
        started_at=now,
        previous_run_id=previous,
        detail=error,
        finished_at=now if error else None,
    )
    encoded = {name: msgspec.json.encode(getattr(run, name)).decode() for name in ("course", "properties")}
    plain = ("id", "workflow", "state", "started_at", "previous_run_id", "detail", "finished_at")
    connection.execute(insert(rows.workflow_runs).values(**{name: getattr(run, name) for name in plain}, **encoded))
    if run.finished:
        events.tell_workflow_ended(connection, workflow, run.id, run.state, now)
    return run


def _move(connection: Connection, run: WorkflowRun, state: WorkflowRunState, now: datetime) -> WorkflowRun:
    moved = replace(run, state=state)
    moved = replace(moved, finished_at=now) if moved.finished else moved
    written = update(rows.workflow_runs).where(_c.id == run.id, _c.state == run.state)
    connection.execute(written.values(state=moved.state, finished_at=moved.finished_at))
    if moved.finished:
        events.tell_workflow_ended(connection, run.workflow, run.id, moved.state, now)
    return moved


def _run(row: Any) -> WorkflowRun:
    return WorkflowRun(
        id=row.id,
        workflow=row.workflow,
        state=WorkflowRunState(row.state),
        course=_decode(row.course),
        properties=msgspec.json.decode(row.properties, type=dict[str, str]),
        started_at=row.started_at,
        previous_run_id=row.previous_run_id,
        detail=row.detail,
        finished_at=row.finished_at,
    )
