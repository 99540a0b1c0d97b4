"""Workflows: asked for, created, updated and deleted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import strawberry

from api.graphql.batches import Batch
from api.graphql.connections import FIRST, After, Connection, First, connect, connect_each, size
from api.graphql.context import Context, Info
from api.graphql.fields import field, mutation
from api.graphql.nodes import Node
from api.graphql.outcomes import Payload, attempt, if_found
from api.graphql.parameters import Parameter, ParameterInput, mapping, pairs
from api.graphql.workflow_runs import WorkflowGraph, WorkflowRun
from engine.engine import Engine
from engine.flows import workflow_model as model
from engine.flows import workflow_runs, workflows
from engine.flows.workflow_graphs import draw

_FIELDS = {"Workflow": "name"}


@strawberry.type(description="Jobs and crawlers that follow from each other, by the triggers that name the workflow.")
class Workflow(Node):
    together: strawberry.Private[Batch[str]]
    name: str
    description: str | None
    default_run_properties: list[Parameter]
    max_concurrent_runs: int | None = strawberry.field(description="Null: as many as are begun.")
    version: int = strawberry.field(description="Counts updates from 0; updates may expect it.")
    created_at: datetime | None
    updated_at: datetime | None

    def key(self) -> tuple[str, ...]:
        return (self.name,)

    @field("Ask for them with `triggers(workflow)`.")
    def trigger_names(self, info: Info) -> list[str]:
        found = self.together.of(self.name, Engine.batch_list_workflow_triggers, info.context.engine) or []
        return [each.name for each in found]

    @field("As its triggers make it now.")
    def graph(self, info: Info) -> WorkflowGraph:
        found = self.together.of(self.name, Engine.batch_list_workflow_triggers, info.context.engine) or []
        return WorkflowGraph.of(draw(found))

    @field("Newest first.")
    def runs(self, info: Info, first: First = FIRST, after: After = None) -> Connection[WorkflowRun] | None:
        limit = size(info, first)
        return connect_each(
            self.together,
            self.name,
            ("runs", limit, after),
            info,
            lambda keys: info.context.engine.batch_list_workflow_runs(keys, limit, after),
            cursor=lambda run: workflow_runs.LISTING.token_after(workflow_runs.place(run)),
            nodes=WorkflowRun.all,
            after=after,
        )

    @classmethod
    def all(cls, found: Sequence[model.Workflow]) -> list[Workflow]:
        together = Batch([each.name for each in found])
        return [
            cls(
                together=together,
                name=each.name,
                description=each.description,
                default_run_properties=pairs(each.default_properties),
                max_concurrent_runs=each.max_concurrent_runs,
                version=each.version,
                created_at=each.created_at,
                updated_at=each.updated_at,
            )
            for each in found
        ]

    @classmethod
    def of(cls, workflow: model.Workflow | None) -> Workflow | None:
        return cls.all([workflow])[0] if workflow else None

    @classmethod
    def find(cls, context: Context, name: str) -> Workflow | None:
        return cls.of(if_found(lambda: context.engine.get_workflow(name)))


@strawberry.type
class WorkflowQueries:
    @field("By name.")
    def workflows(self, info: Info, first: First = FIRST, after: After = None) -> Connection[Workflow] | None:
        page = info.context.engine.list_workflows(size(info, first), after)
        return connect(info, workflows.LISTING, page, lambda each: each.name, Workflow.all, after)

    @field("Null if there is no such workflow.")
    def workflow(self, info: Info, name: str) -> Workflow | None:
        return Workflow.find(info.context, name)


@strawberry.input(description="A whole definition: what is left out has its default, in an update too.")
class WorkflowInput:
    description: str | None = None
    default_run_properties: list[ParameterInput] = strawberry.field(default_factory=list)
    max_concurrent_runs: int | None = None

    def value(self, name: str) -> model.Workflow:
        properties = mapping(self.default_run_properties)
        return model.Workflow(name, self.description, properties, self.max_concurrent_runs)


@strawberry.input
class CreateWorkflowInput:
    name: str
    workflow: WorkflowInput
    client_mutation_id: str | None = None


@strawberry.input
class UpdateWorkflowInput:
    name: str
    workflow: WorkflowInput
    expected_version: int | None = strawberry.field(
        default=None, description="Refuse with CONFLICT if the workflow is at another version; null takes any."
    )
    client_mutation_id: str | None = None


@strawberry.input
class DeleteWorkflowInput:
    name: str
    dry_run: bool = strawberry.field(default=False, description="Say what would go, and change nothing.")
    client_mutation_id: str | None = None


@strawberry.type
class CreateWorkflowPayload(Payload):
    workflow: Workflow | None


@strawberry.type
class UpdateWorkflowPayload(Payload):
    workflow: Workflow | None = strawberry.field(description="As it now is; after a CONFLICT, as someone else left it.")


@strawberry.type
class DeleteWorkflowPayload(Payload):
    workflow: Workflow | None = strawberry.field(description="The workflow as it was. Jobs, crawlers and runs stay.")
    trigger_names: list[str] | None = strawberry.field(description="The triggers that go with it.")


@strawberry.type
class WorkflowMutations:
    @mutation("Create a workflow; its graph follows from the triggers that are created in it.")
    def create_workflow(self, info: Info, input: CreateWorkflowInput) -> CreateWorkflowPayload | None:
        tried = attempt(lambda: info.context.engine.create_workflow(input.workflow.value(input.name)), _FIELDS)
        return CreateWorkflowPayload(
            workflow=Workflow.of(tried.result), user_errors=tried.errors, client_mutation_id=input.client_mutation_id
        )

    @mutation("Replace a workflow's definition; runs under way keep the one they began with.")
    def update_workflow(self, info: Info, input: UpdateWorkflowInput) -> UpdateWorkflowPayload | None:
        engine = info.context.engine
        tried = attempt(
            lambda: engine.update_workflow(input.workflow.value(input.name), input.expected_version),
            _FIELDS,
            current=lambda: engine.get_workflow(input.name),
        )
        return UpdateWorkflowPayload(
            workflow=Workflow.of(tried.result), user_errors=tried.errors, client_mutation_id=input.client_mutation_id
        )

    @mutation("Delete a workflow and its triggers; refused while it runs.")
    def delete_workflow(self, info: Info, input: DeleteWorkflowInput) -> DeleteWorkflowPayload | None:
        engine = info.context.trying(input.dry_run).engine

        def delete() -> tuple[model.Workflow, list[str]]:
            found, going = engine.get_workflow(input.name), engine.list_workflow_triggers(input.name)
            engine.delete_workflow(input.name)
            return found, [each.name for each in going]

        tried = attempt(delete, _FIELDS)
        workflow, going = tried.result or (None, None)
        return DeleteWorkflowPayload(
            workflow=Workflow.of(workflow),
            trigger_names=going,
            user_errors=tried.errors,
            client_mutation_id=input.client_mutation_id,
        )
