"""What a trigger is made of: conditions, actions and batches of events, as they are told and as they are given."""

from __future__ import annotations

import strawberry

from api.graphql.parameters import Parameter, ParameterInput, mapping, pairs
from catalog.errors import InvalidInput
from engine.flows import trigger_model as model
from engine.model import CRAWL, JOB
from engine.states import RunState

strawberry.enum(model.TriggerType, description="What makes a trigger fire.")
strawberry.enum(model.TriggerState, description="Only an activated one fires by itself; one on demand stays CREATED.")
strawberry.enum(model.Logic, name="Logical", description="Whether all conditions are to be met, or one.")


def node_id(node: model.Node) -> str:
    """What names a node of a workflow's graph."""
    return f"{'job' if node.kind == JOB else 'crawler'}:{node.name}"


def node_of(job: str | None, crawler: str | None) -> model.Node:
    """Raises InvalidInput unless one of them is given."""
    if job is not None and crawler is None:
        return model.Node(JOB, job)
    if crawler is not None and job is None:
        return model.Node(CRAWL, crawler)
    raise InvalidInput(what="a condition or action", why="it names a job or a crawler: one of them.")


def parse_node_id(text: str) -> model.Node:
    """Raises InvalidInput."""
    kind, colon, name = text.partition(":")
    if not colon or kind not in ("job", "crawler"):
        raise InvalidInput(what=f"node {text[:80]!r}", why="it is written job:NAME or crawler:NAME.")
    return model.Node(JOB if kind == "job" else CRAWL, name)


def _names(node: model.Node) -> tuple[str | None, str | None]:
    return (node.name, None) if node.kind == JOB else (None, node.name)


@strawberry.type(description="That a run of a job or of a crawler ended in a state.")
class TriggerCondition:
    job_name: str | None
    crawler_name: str | None
    state: RunState

    @classmethod
    def of(cls, condition: model.Condition) -> TriggerCondition:
        job, crawler = _names(condition.node)
        return cls(job_name=job, crawler_name=crawler, state=condition.state)


@strawberry.type
class TriggerPredicate:
    logical: model.Logic
    conditions: list[TriggerCondition]

    @classmethod
    def of(cls, predicate: model.Predicate | None) -> TriggerPredicate | None:
        if predicate is None:
            return None
        return cls(logical=predicate.logic, conditions=[TriggerCondition.of(each) for each in predicate.conditions])


@strawberry.type(description="What a trigger starts: a job or a crawler.")
class TriggerAction:
    job_name: str | None
    crawler_name: str | None
    arguments: list[Parameter] = strawberry.field(description="They win over the job's default arguments.")
    timeout_minutes: int | None = strawberry.field(description="In place of the job's own.")
    notify_delay_minutes: int | None = strawberry.field(description="In place of the job's own.")

    @classmethod
    def of(cls, action: model.Action) -> TriggerAction:
        job, crawler = _names(action.node)
        return cls(
            job_name=job,
            crawler_name=crawler,
            arguments=pairs(action.arguments),
            timeout_minutes=action.timeout_minutes,
            notify_delay_minutes=action.notify_delay_minutes,
        )


@strawberry.type(description="When waiting events fire a trigger.")
class EventBatchingCondition:
    batch_size: int = strawberry.field(description="Once so many wait.")
    batch_window: int = strawberry.field(description="Or once the first has waited for so many seconds.")

    @classmethod
    def of(cls, batch: model.EventBatch | None) -> EventBatchingCondition | None:
        return cls(batch_size=batch.size, batch_window=batch.window_seconds) if batch else None


@strawberry.input(description="Give a job or a crawler, and a state in which runs end.")
class TriggerConditionInput:
    state: RunState
    job_name: str | None = None
    crawler_name: str | None = None

    def value(self) -> model.Condition:
        return model.Condition(node_of(self.job_name, self.crawler_name), self.state)


@strawberry.input
class TriggerPredicateInput:
    conditions: list[TriggerConditionInput]
    logical: model.Logic = model.Logic.AND

    def value(self) -> model.Predicate:
        return model.Predicate(tuple(each.value() for each in self.conditions), self.logical)


@strawberry.input(description="Give a job or a crawler; the rest is of jobs alone.")
class TriggerActionInput:
    job_name: str | None = None
    crawler_name: str | None = None
    arguments: list[ParameterInput] = strawberry.field(default_factory=list)
    timeout_minutes: int | None = None
    notify_delay_minutes: int | None = None

    def value(self) -> model.Action:
        return model.Action(
            node_of(self.job_name, self.crawler_name),
            mapping(self.arguments),
            self.timeout_minutes,
            self.notify_delay_minutes,
        )


@strawberry.input
class EventBatchingConditionInput:
    batch_size: int
    batch_window: int = model.EventBatch.window_seconds


@strawberry.input(description="A whole definition: what is left out has its default, in an update too.")
class TriggerInput:
    type: model.TriggerType
    actions: list[TriggerActionInput]
    description: str | None = None
    workflow_name: str | None = strawberry.field(default=None, description="It acts in the runs of this workflow.")
    schedule: str | None = strawberry.field(
        default=None, description="cron(minutes hours days months weekdays years) or rate(n unit)."
    )
    zone: str = strawberry.field(default="UTC", description="By whose clock the schedule is read, as Europe/Berlin.")
    predicate: TriggerPredicateInput | None = None
    event_batching_condition: EventBatchingConditionInput | None = None

    def value(self, name: str) -> model.Trigger:
        batch = self.event_batching_condition
        return model.Trigger(
            name=name,
            type=self.type,
            actions=tuple(each.value() for each in self.actions),
            description=self.description,
            workflow=self.workflow_name,
            schedule=self.schedule,
            zone=self.zone,
            predicate=self.predicate.value() if self.predicate else None,
            batch=model.EventBatch(batch.batch_size, batch.batch_window) if batch else None,
        )
