"""Workflows, their runs and their graphs, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from engine.flows.trigger_model import Node, Trigger
from engine.model import Run
from engine.states import RunState


class WorkflowRunState(StrEnum):
    """COMPLETED says that nothing is left to do, not that all went well: the statistics tell that."""

    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    STOPPING = "STOPPING"
    STOPPED = "STOPPED"
    ERROR = "ERROR"


ENDED = frozenset({WorkflowRunState.COMPLETED, WorkflowRunState.STOPPED, WorkflowRunState.ERROR})


@dataclass(frozen=True)
class Workflow:
    """A definition; its graph follows from the triggers that name it. No maximum: None."""

    name: str
    description: str | None = None
    default_properties: dict[str, str] = field(default_factory=dict)
    max_concurrent_runs: int | None = None
    version: int = 0
    created_at: datetime | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True)
class Course:
    """What a workflow run follows, as it stood at its begin: the triggers.

    One that resumes another keeps of it the runs `kept_runs`, and takes `kept_triggers` for fired.
    """

    triggers: tuple[Trigger, ...]
    kept_runs: tuple[str, ...] = ()
    kept_triggers: tuple[str, ...] = ()


@dataclass(frozen=True)
class WorkflowRun:
    id: str
    workflow: str
    state: WorkflowRunState
    course: Course
    properties: dict[str, str]
    started_at: datetime
    previous_run_id: str | None = None
    detail: str | None = None
    finished_at: datetime | None = None

    @property
    def finished(self) -> bool:
        return self.state in ENDED


@dataclass(frozen=True)
class Edge:
    """From a trigger to a node that it starts, or from a node to a trigger that watches it, in the state it watches."""

    source: Node | str
    target: Node | str
    state: RunState | None = None


@dataclass(frozen=True)
class GraphNode:
    """A job or crawler of a workflow; in a run's graph with the last run of it, if it has one yet."""

    node: Node
    run: Run | None = None


@dataclass(frozen=True)
class GraphTrigger:
    name: str
    fired: bool = False


@dataclass(frozen=True)
class Graph:
    triggers: tuple[GraphTrigger, ...]
    nodes: tuple[GraphNode, ...]
    edges: tuple[Edge, ...]


@dataclass(frozen=True)
class Statistics:
    """How many runs, of those that are not tried again, are in which state."""

    total: int = 0
    succeeded: int = 0
    failed: int = 0
    stopped: int = 0
    timeout: int = 0
    running: int = 0
    errored: int = 0
    waiting: int = 0

    @property
    def all_succeeded(self) -> bool:
        return self.total == self.succeeded
