"""A workflow as a file of steps, TOML or JSON: each step runs a job or a crawler, at the begin or after other steps."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import msgspec

from catalog.errors import InvalidInput
from engine.flows.trigger_model import Action, Condition, EventBatch, Logic, Node, Predicate, Trigger, TriggerType
from engine.flows.workflow_model import Workflow
from engine.model import CRAWL, JOB
from engine.states import FINAL, RunState


class Step(msgspec.Struct, forbid_unknown_fields=True):
    """`after` names steps that succeed, or says in which state each is to end; `any`: one of them is enough."""

    job: str | None = None
    crawler: str | None = None
    arguments: dict[str, str] = {}
    timeout: int | None = None
    notify_after: int | None = None
    after: str | list[str] | dict[str, str] = []
    any: bool = False


class Batch(msgspec.Struct, forbid_unknown_fields=True):
    size: int = 1
    window: int = 900


class WorkflowFile(msgspec.Struct, forbid_unknown_fields=True):
    """Without a schedule or events, its runs begin on demand."""

    name: str
    steps: dict[str, Step]
    description: str | None = None
    max_concurrent_runs: int | None = None
    properties: dict[str, str] = {}
    schedule: str | None = None
    zone: str = "UTC"
    events: Batch | None = None


def read_workflow(path: Path) -> tuple[Workflow, list[Trigger]]:
    """The workflow and its triggers: one that begins its runs, and one for each step that comes after others.

    Raises InvalidInput.
    """
    try:
        text = path.read_text()
        read = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
        file = msgspec.convert(read, WorkflowFile)
    except (OSError, ValueError, msgspec.ValidationError) as error:
        raise InvalidInput(what=f"workflow file {path}", why=f"{error}.") from error
    nodes = {name: _node(path, name, step) for name, step in file.steps.items()}
    first = [name for name, step in file.steps.items() if not step.after]
    if not first:
        raise InvalidInput(what=f"workflow file {path}", why="all its steps come after others; one has to begin.")
    following = [name for name in file.steps if name not in first]
    workflow = Workflow(file.name, file.description, file.properties, file.max_concurrent_runs)
    begin = tuple(_action(nodes[name], file.steps[name]) for name in first)
    return workflow, [_beginning(file, begin), *(_then(path, file, nodes, name) for name in following)]


def _beginning(file: WorkflowFile, actions: tuple[Action, ...]) -> Trigger:
    batch = EventBatch(file.events.size, file.events.window) if file.events else None
    kind = TriggerType.EVENT if batch else TriggerType.SCHEDULED if file.schedule else TriggerType.ON_DEMAND
    return Trigger(
        f"{file.name}-begin",
        kind,
        actions,
        workflow=file.name,
        schedule=file.schedule,
        zone=file.zone,
        batch=batch,
    )


def _then(path: Path, file: WorkflowFile, nodes: dict[str, Node], name: str) -> Trigger:
    step = file.steps[name]
    given = [step.after] if isinstance(step.after, str) else step.after
    wanted = given if isinstance(given, dict) else dict.fromkeys(given, str(RunState.SUCCEEDED))
    for other, state in wanted.items():
        if other not in nodes or state.upper() not in FINAL:
            why = f"step {name} comes after {other} = {state}, which is no step with a state in which runs end."
            raise InvalidInput(what=f"workflow file {path}", why=why)
    conditions = tuple(Condition(nodes[other], RunState(state.upper())) for other, state in wanted.items())
    return Trigger(
        f"{file.name}-{name}",
        TriggerType.CONDITIONAL,
        (_action(nodes[name], step),),
        workflow=file.name,
        predicate=Predicate(conditions, Logic.ANY if step.any else Logic.AND),
    )


def _node(path: Path, name: str, step: Step) -> Node:
    if (step.job is None) == (step.crawler is None):
        raise InvalidInput(what=f"workflow file {path}", why=f"step {name} runs a job or a crawler: name one of them.")
    return Node(JOB, step.job) if step.job is not None else Node(CRAWL, step.crawler or "")


def _action(node: Node, step: Step) -> Action:
    return Action(node, step.arguments, step.timeout, step.notify_after)
