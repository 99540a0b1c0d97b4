"""Triggers: asked for, created, changed, started and stopped."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import strawberry

from api.graphql.batches import Batch
from api.graphql.connections import FIRST, After, Connection, First, connect, connect_each, size
from api.graphql.context import Context, Info
from api.graphql.crawlers import MOST_FIRES
from api.graphql.fields import field, mutation
from api.graphql.nodes import Node
from api.graphql.outcomes import Payload, attempt, if_found
from api.graphql.parameters import ParameterInput, mapping
from api.graphql.trigger_definitions import EventBatchingCondition, TriggerAction, TriggerInput, TriggerPredicate
from engine.flows import firing, triggers
from engine.flows import trigger_model as model

_FIELDS = {"Trigger": "name", "Workflow": "trigger.workflowName"}


@strawberry.type(description="One firing of a trigger.")
class TriggerFire:
    at: datetime
    cause: str = strawberry.field(description="The schedule's instant, the run that decided, the events, or a call.")
    run_ids: list[str] = strawberry.field(description="What could not begin is a run in state ERROR.")
    workflow_run_id: str | None

    @classmethod
    def all(cls, fires: Sequence[model.TriggerFire]) -> list[TriggerFire]:
        return [
            cls(at=each.at, cause=each.cause, run_ids=list(each.run_ids), workflow_run_id=each.workflow_run_id)
            for each in fires
        ]


@strawberry.type(description="What starts jobs and crawlers.")
class Trigger(Node):
    value: strawberry.Private[model.Trigger]
    together: strawberry.Private[Batch[str]]
    name: str
    type: model.TriggerType
    state: model.TriggerState
    description: str | None
    workflow_name: str | None = strawberry.field(description="The workflow in whose runs it acts.")
    schedule: str | None
    zone: str = strawberry.field(description="By whose clock the schedule is read.")
    version: int = strawberry.field(description="Counts changes of definition and state from 0; updates may expect it.")
    created_at: datetime | None
    updated_at: datetime | None

    def key(self) -> tuple[str, ...]:
        return (self.name,)

    @field()
    def actions(self) -> list[TriggerAction]:
        return [TriggerAction.of(each) for each in self.value.actions]

    @field("Of a conditional trigger.")
    def predicate(self) -> TriggerPredicate | None:
        return TriggerPredicate.of(self.value.predicate)

    @field("Of a trigger of events.")
    def event_batching_condition(self) -> EventBatchingCondition | None:
        return EventBatchingCondition.of(self.value.batch)

    @field("When it fires next by its schedule: at most `count` instants, itself at most 20.")
    def next_fires(self, info: Info, count: int = 5) -> list[datetime]:
        return list(info.context.engine.next_trigger_fires(self.value, min(count, MOST_FIRES)))

    @field("Newest first.")
    def fires(self, info: Info, first: First = FIRST, after: After = None) -> Connection[TriggerFire] | None:
        limit = size(info, first)
        return connect_each(
            self.together,
            self.name,
            ("fires", limit, after),
            info,
            lambda keys: info.context.engine.batch_list_fires(keys, limit, after),
            cursor=lambda fire: firing.LISTING.token_after(firing.place(fire)),
            nodes=TriggerFire.all,
            after=after,
        )

    @classmethod
    def all(cls, found: Sequence[model.Trigger]) -> list[Trigger]:
        together = Batch([each.name for each in found])
        return [
            cls(
                value=each,
                together=together,
                name=each.name,
                type=each.type,
                state=each.state,
                description=each.description,
                workflow_name=each.workflow,
                schedule=each.schedule,
                zone=each.zone,
                version=each.version,
                created_at=each.created_at,
                updated_at=each.updated_at,
            )
            for each in found
        ]

    @classmethod
    def of(cls, trigger: model.Trigger | None) -> Trigger | None:
        return cls.all([trigger])[0] if trigger else None

    @classmethod
    def find(cls, context: Context, name: str) -> Trigger | None:
        return cls.of(if_found(lambda: context.engine.get_trigger(name)))


@strawberry.type
class TriggerQueries:
    @field("By name; of one workflow, or all.")
    def triggers(
        self, info: Info, workflow: str | None = None, first: First = FIRST, after: After = None
    ) -> Connection[Trigger] | None:
        page = info.context.engine.list_triggers(size(info, first), after, workflow=workflow)
        return connect(info, triggers.LISTING, page, lambda trigger: trigger.name, Trigger.all, after)

    @field("Null if there is no such trigger.")
    def trigger(self, info: Info, name: str) -> Trigger | None:
        return Trigger.find(info.context, name)


@strawberry.input
class CreateTriggerInput:
    name: str
    trigger: TriggerInput
    start_on_creation: bool = strawberry.field(default=False, description="Follow it from now on.")
    client_mutation_id: str | None = None


@strawberry.input
class UpdateTriggerInput:
    name: str
    trigger: TriggerInput
    expected_version: int | None = strawberry.field(
        default=None, description="Refuse with CONFLICT if the trigger is at another version; null takes any."
    )
    client_mutation_id: str | None = None


@strawberry.input
class DeleteTriggerInput:
    name: str
    dry_run: bool = strawberry.field(default=False, description="Say what would go, and change nothing.")
    client_mutation_id: str | None = None


@strawberry.input
class StartTriggerInput:
    name: str
    run_properties: list[ParameterInput] = strawberry.field(
        default_factory=list, description="Of the workflow run that a trigger on demand begins."
    )
    client_mutation_id: str | None = None


@strawberry.input
class StopTriggerInput:
    name: str
    client_mutation_id: str | None = None


@strawberry.input
class PostTriggerEventsInput:
    name: str
    event_ids: list[str] = strawberry.field(description="1 to 100.")
    client_mutation_id: str | None = None


@strawberry.type
class CreateTriggerPayload(Payload):
    trigger: Trigger | None


@strawberry.type
class UpdateTriggerPayload(Payload):
    trigger: Trigger | None = strawberry.field(description="As it now is; after a CONFLICT, as someone else left it.")


@strawberry.type
class DeleteTriggerPayload(Payload):
    trigger: Trigger | None = strawberry.field(description="The trigger as it was. The runs that it began stay.")


@strawberry.type
class StartTriggerPayload(Payload):
    trigger: Trigger | None = strawberry.field(description="It is followed from now on.")
    fire: TriggerFire | None = strawberry.field(description="Of a trigger on demand, which fires at once.")


@strawberry.type
class StopTriggerPayload(Payload):
    trigger: Trigger | None = strawberry.field(description="It is kept, but not followed.")


@strawberry.type
class PostTriggerEventsPayload(Payload):
    fires: list[TriggerFire] | None = strawberry.field(description="Those that this made.")


@strawberry.type
class TriggerMutations:
    @mutation()
    def create_trigger(self, info: Info, input: CreateTriggerInput) -> CreateTriggerPayload | None:
        engine = info.context.engine
        tried = attempt(
            lambda: engine.create_trigger(input.trigger.value(input.name), input.start_on_creation), _FIELDS
        )
        return CreateTriggerPayload(
            trigger=Trigger.of(tried.result), user_errors=tried.errors, client_mutation_id=input.client_mutation_id
        )

    @mutation("Replace a trigger's definition; its type, its workflow and its state stay.")
    def update_trigger(self, info: Info, input: UpdateTriggerInput) -> UpdateTriggerPayload | None:
        engine = info.context.engine
        tried = attempt(
            lambda: engine.update_trigger(input.trigger.value(input.name), input.expected_version),
            _FIELDS,
            current=lambda: engine.get_trigger(input.name),
        )
        return UpdateTriggerPayload(
            trigger=Trigger.of(tried.result), user_errors=tried.errors, client_mutation_id=input.client_mutation_id
        )

    @mutation()
    def delete_trigger(self, info: Info, input: DeleteTriggerInput) -> DeleteTriggerPayload | None:
        engine = info.context.trying(input.dry_run).engine

        def delete() -> model.Trigger:
            found = engine.get_trigger(input.name)
            engine.delete_trigger(input.name)
            return found

        tried = attempt(delete, _FIELDS)
        return DeleteTriggerPayload(
            trigger=Trigger.of(tried.result), user_errors=tried.errors, client_mutation_id=input.client_mutation_id
        )

    @mutation("Follow a trigger from now on; one on demand fires at once.")
    def start_trigger(self, info: Info, input: StartTriggerInput) -> StartTriggerPayload | None:
        engine = info.context.engine
        tried = attempt(lambda: engine.start_trigger(input.name, mapping(input.run_properties)), _FIELDS)
        fire = tried.result if isinstance(tried.result, model.TriggerFire) else None
        return StartTriggerPayload(
            trigger=Trigger.find(info.context, input.name) if tried.result else None,
            fire=TriggerFire.all([fire])[0] if fire else None,
            user_errors=tried.errors,
            client_mutation_id=input.client_mutation_id,
        )

    @mutation("Follow a trigger no longer.")
    def stop_trigger(self, info: Info, input: StopTriggerInput) -> StopTriggerPayload | None:
        tried = attempt(lambda: info.context.engine.stop_trigger(input.name), _FIELDS)
        return StopTriggerPayload(
            trigger=Trigger.of(tried.result), user_errors=tried.errors, client_mutation_id=input.client_mutation_id
        )

    @mutation("Tell a trigger of events by their ids.")
    def post_trigger_events(self, info: Info, input: PostTriggerEventsInput) -> PostTriggerEventsPayload | None:
        tried = attempt(lambda: info.context.engine.post_events(input.name, input.event_ids), _FIELDS)
        return PostTriggerEventsPayload(
            fires=TriggerFire.all(tried.result) if tried.result is not None else None,
            user_errors=tried.errors,
            client_mutation_id=input.client_mutation_id,
        )
