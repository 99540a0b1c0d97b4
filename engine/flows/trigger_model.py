"""Triggers and what they are made of, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from engine.model import RunKind
from engine.states import RunState


class TriggerType(StrEnum):
    """What makes a trigger fire: a call, a schedule, the ends of runs, or posted events."""

    ON_DEMAND = "ON_DEMAND"
    SCHEDULED = "SCHEDULED"
    CONDITIONAL = "CONDITIONAL"
    EVENT = "EVENT"


class TriggerState(StrEnum):
    """Only an activated trigger fires by itself. One on demand stays CREATED, as a call is all that fires it."""

    CREATED = "CREATED"
    ACTIVATED = "ACTIVATED"
    DEACTIVATED = "DEACTIVATED"


class Logic(StrEnum):
    AND = "AND"
    ANY = "ANY"


@dataclass(frozen=True)
class Node:
    """A job or a crawler by its name: what a trigger watches or starts, and a node of a workflow's graph."""

    kind: RunKind
    name: str


@dataclass(frozen=True)
class Condition:
    """That a run of `node` ended in `state`, which is a final one. Glue's CANCELLED crawl is a STOPPED run."""

    node: Node
    state: RunState


@dataclass(frozen=True)
class Predicate:
    conditions: tuple[Condition, ...]
    logic: Logic = Logic.AND


@dataclass(frozen=True)
class Action:
    """What is started: a job, with arguments over its own and limits in place of its own, or a crawler."""

    node: Node
    arguments: dict[str, str] = field(default_factory=dict)
    timeout_minutes: int | None = None
    notify_delay_minutes: int | None = None


@dataclass(frozen=True)
class EventBatch:
    """A trigger of events fires once `size` events wait, or the first of them has waited for `window_seconds`."""

    size: int = 1
    window_seconds: int = 900


@dataclass(frozen=True)
class Trigger:
    """A definition. `schedule` with its zone, `predicate` or `batch` is there as the type demands.

    A trigger of a `workflow` acts within its runs: a conditional one follows them, any other one begins them.
    `updated_at` is when definition or state last changed: a rate counts from it.
    """

    name: str
    type: TriggerType
    actions: tuple[Action, ...]
    description: str | None = None
    workflow: str | None = None
    schedule: str | None = None
    zone: str = "UTC"
    predicate: Predicate | None = None
    batch: EventBatch | None = None
    state: TriggerState = TriggerState.CREATED
    version: int = 0
    created_at: datetime | None = None
    updated_at: datetime | None = None

    @property
    def begins(self) -> bool:
        """Whether it begins the runs of its workflow."""
        return self.type is not TriggerType.CONDITIONAL


@dataclass(frozen=True)
class TriggerFire:
    """One firing. `cause` tells it from all others of the trigger: an instant, the run that decided, an event, a call.

    Each action made one of `run_ids`: one that could not begin is a run in state ERROR that says why.
    """

    trigger: str
    cause: str
    at: datetime
    run_ids: tuple[str, ...] = ()
    workflow_run_id: str | None = None
