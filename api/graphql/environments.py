"""Execution environments: asked for, created, updated and deleted."""

from __future__ import annotations

from datetime import datetime

import strawberry

from api.graphql.connections import FIRST, After, Connection, First, connect, size
from api.graphql.context import Context, Info
from api.graphql.fields import field, mutation
from api.graphql.nodes import Node
from api.graphql.outcomes import Payload, attempt, if_found
from api.graphql.parameters import Parameter, ParameterInput, mapping, pairs
from engine import model
from engine.jobs import environments

_FIELDS = {"Environment": "name"}
_MASTER = "As Spark spells it: spark://host:port, yarn, k8s://https://host:port or local[n]."
_DRIVER_HOST = "The name or address by which executors reach the service's machine."
_PYTHON = "The Python on the executors' machines; null is the same file as on the service's."


@strawberry.type(description="A named place where jobs have their executors.")
class Environment(Node):
    name: str
    master: str = strawberry.field(description=_MASTER)
    conf: list[Parameter] = strawberry.field(description="Spark's settings for all runs there.")
    driver_host: str = strawberry.field(description=_DRIVER_HOST)
    python: str | None = strawberry.field(description=_PYTHON)
    description: str | None
    version: int = strawberry.field(description="Counts updates from 0; updates may expect it.")
    created_at: datetime | None
    updated_at: datetime | None

    def key(self) -> tuple[str, ...]:
        return (self.name,)

    @classmethod
    def of(cls, environment: model.Environment) -> Environment:
        return cls(
            name=environment.name,
            master=environment.master,
            conf=pairs(environment.conf),
            driver_host=environment.driver_host,
            python=environment.python,
            description=environment.description,
            version=environment.version,
            created_at=environment.created_at,
            updated_at=environment.updated_at,
        )

    @classmethod
    def find(cls, context: Context, name: str) -> Environment | None:
        found = if_found(lambda: context.engine.get_environment(name))
        return cls.of(found) if found else None


@strawberry.type
class EnvironmentQueries:
    @field("By name; without `embedded`, that of jobs which name none.")
    def environments(self, info: Info, first: First = FIRST, after: After = None) -> Connection[Environment] | None:
        return connect(
            info,
            environments.LISTING,
            info.context.engine.list_environments(size(info, first), after),
            key=lambda each: each.name,
            nodes=lambda found: [Environment.of(each) for each in found],
            after=after,
        )

    @field("Null if there is no such environment.")
    def environment(self, info: Info, name: str) -> Environment | None:
        return Environment.find(info.context, name)


@strawberry.input(description="A whole definition: what is left out has its default, in an update too.")
class EnvironmentInput:
    master: str = strawberry.field(description=_MASTER)
    conf: list[ParameterInput] = strawberry.field(
        default_factory=list, description="Spark's settings for all runs there, named spark.…"
    )
    driver_host: str = strawberry.field(default=model.Environment.driver_host, description=_DRIVER_HOST)
    python: str | None = strawberry.field(default=None, description=_PYTHON)
    description: str | None = None

    def value(self, name: str) -> model.Environment:
        return model.Environment(name, self.master, mapping(self.conf), self.driver_host, self.python, self.description)


@strawberry.input
class CreateEnvironmentInput:
    name: str
    environment: EnvironmentInput
    client_mutation_id: str | None = None


@strawberry.input
class UpdateEnvironmentInput:
    name: str
    environment: EnvironmentInput
    expected_version: int | None = strawberry.field(
        default=None, description="Refuse with CONFLICT if the environment is at another version; null takes any."
    )
    client_mutation_id: str | None = None


@strawberry.input
class DeleteEnvironmentInput:
    name: str
    dry_run: bool = strawberry.field(default=False, description="Say what would go, and change nothing.")
    client_mutation_id: str | None = None


@strawberry.type
class CreateEnvironmentPayload(Payload):
    environment: Environment | None


@strawberry.type
class UpdateEnvironmentPayload(Payload):
    environment: Environment | None = strawberry.field(
        description="As it now is; after a CONFLICT, as someone else left it."
    )


@strawberry.type
class DeleteEnvironmentPayload(Payload):
    environment: Environment | None = strawberry.field(description="The environment as it was.")


@strawberry.type
class EnvironmentMutations:
    @mutation()
    def create_environment(self, info: Info, input: CreateEnvironmentInput) -> CreateEnvironmentPayload | None:
        engine = info.context.engine
        tried = attempt(lambda: engine.create_environment(input.environment.value(input.name)), _FIELDS)
        return CreateEnvironmentPayload(
            environment=Environment.of(tried.result) if tried.result else None,
            user_errors=tried.errors,
            client_mutation_id=input.client_mutation_id,
        )

    @mutation("Replace an environment; runs that were put in keep the one they have.")
    def update_environment(self, info: Info, input: UpdateEnvironmentInput) -> UpdateEnvironmentPayload | None:
        engine = info.context.engine
        tried = attempt(
            lambda: engine.update_environment(input.environment.value(input.name), input.expected_version),
            _FIELDS,
            current=lambda: engine.get_environment(input.name),
        )
        return UpdateEnvironmentPayload(
            environment=Environment.of(tried.result) if tried.result else None,
            user_errors=tried.errors,
            client_mutation_id=input.client_mutation_id,
        )

    @mutation("Delete an environment. Jobs that name it are refused from then on.")
    def delete_environment(self, info: Info, input: DeleteEnvironmentInput) -> DeleteEnvironmentPayload | None:
        engine = info.context.trying(input.dry_run).engine

        def delete() -> model.Environment:
            found = engine.get_environment(input.name)
            engine.delete_environment(input.name)
            return found

        tried = attempt(delete, _FIELDS)
        return DeleteEnvironmentPayload(
            environment=Environment.of(tried.result) if tried.result else None,
            user_errors=tried.errors,
            client_mutation_id=input.client_mutation_id,
        )
