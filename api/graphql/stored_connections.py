"""Connections to stores outside: asked for, created, updated and deleted. Secrets are taken, and never answered."""

from __future__ import annotations

from datetime import datetime

import strawberry

from api.graphql.connections import FIRST, After, First, connect, size
from api.graphql.connections import Connection as Pages
from api.graphql.context import Context, Info
from api.graphql.fields import field, mutation
from api.graphql.nodes import Node
from api.graphql.outcomes import Payload, attempt
from api.graphql.parameters import Parameter, ParameterInput, mapping, pairs
from catalog import connections, model
from crawlers.jdbc import try_connection

_FIELDS = {"Connection": "name"}


@strawberry.type(description="The network that a client of a store is to run in; nothing here acts on it.")
class ConnectionSurroundings:
    subnet: str | None
    security_groups: list[str]
    availability_zone: str | None


@strawberry.type(description="How a store outside is reached.")
class Connection(Node):
    name: str
    kind: str = strawberry.field(description="Glue's type of connection: JDBC, NETWORK, KAFKA and so on.")
    description: str | None
    properties: list[Parameter] = strawberry.field(description="Those that are not secret.")
    secrets: list[str] = strawberry.field(description="The names of the properties that are sealed.")
    match_criteria: list[str]
    surroundings: ConnectionSurroundings | None
    version: int = strawberry.field(description="Counts updates from 0; updates may expect it.")
    created_at: datetime | None
    updated_at: datetime | None

    def key(self) -> tuple[str, ...]:
        return (self.name,)

    @classmethod
    def of(cls, value: model.Connection) -> Connection:
        around = value.surroundings
        return cls(
            name=value.name,
            kind=value.kind,
            description=value.description,
            properties=pairs(value.properties),
            secrets=list(value.secrets),
            match_criteria=list(value.match_criteria),
            surroundings=ConnectionSurroundings(
                subnet=around.subnet,
                security_groups=list(around.security_groups),
                availability_zone=around.availability_zone,
            )
            if around
            else None,
            version=value.version,
            created_at=value.created_at,
            updated_at=value.updated_at,
        )

    @classmethod
    def find(cls, context: Context, name: str) -> Connection | None:
        found = context.catalog.find_connection(name)
        return cls.of(found) if found else None


@strawberry.type
class ConnectionQueries:
    @field("By name; of one kind, or all.")
    def connections(
        self, info: Info, kind: str | None = None, first: First = FIRST, after: After = None
    ) -> Pages[Connection] | None:
        return connect(
            info,
            connections.LISTING,
            info.context.catalog.list_connections(size(info, first), after, kind),
            key=lambda each: each.name,
            nodes=lambda found: [Connection.of(each) for each in found],
            after=after,
        )

    @field("Null if there is no such connection.")
    def connection(self, info: Info, name: str) -> Connection | None:
        return Connection.find(info.context, name)


@strawberry.input
class ConnectionSurroundingsInput:
    subnet: str | None = None
    security_groups: list[str] = strawberry.field(default_factory=list)
    availability_zone: str | None = None


@strawberry.input(description="A whole definition: what is left out has its default, in an update too.")
class ConnectionInput:
    kind: str = "JDBC"
    description: str | None = None
    properties: list[ParameterInput] = strawberry.field(
        default_factory=list,
        description="Those whose names tell that they are secret, such as PASSWORD, are sealed as well.",
    )
    secrets: list[ParameterInput] = strawberry.field(
        default_factory=list, description="Properties to be sealed. No query answers their values."
    )
    kept_secrets: list[str] = strawberry.field(
        default_factory=list, description="Names of sealed properties that keep their values; in an update, others go."
    )
    match_criteria: list[str] = strawberry.field(default_factory=list)
    surroundings: ConnectionSurroundingsInput | None = None

    def value(self, name: str) -> model.Connection:
        around = self.surroundings
        return model.Connection(
            name,
            self.kind,
            self.description,
            mapping(self.properties),
            tuple(self.kept_secrets),
            tuple(self.match_criteria),
            model.Surroundings(around.subnet, tuple(around.security_groups), around.availability_zone)
            if around
            else None,
        )


@strawberry.input
class CreateConnectionInput:
    name: str
    connection: ConnectionInput
    client_mutation_id: str | None = None


@strawberry.input
class UpdateConnectionInput:
    name: str
    connection: ConnectionInput
    expected_version: int | None = strawberry.field(
        default=None, description="Refuse with CONFLICT if the connection is at another version; null takes any."
    )
    client_mutation_id: str | None = None


@strawberry.input
class DeleteConnectionInput:
    name: str
    dry_run: bool = strawberry.field(default=False, description="Say what would go, and change nothing.")
    client_mutation_id: str | None = None


@strawberry.type
class CreateConnectionPayload(Payload):
    connection: Connection | None


@strawberry.type
class UpdateConnectionPayload(Payload):
    connection: Connection | None = strawberry.field(
        description="As it now is; after a CONFLICT, as someone else left it."
    )


@strawberry.type
class DeleteConnectionPayload(Payload):
    connection: Connection | None = strawberry.field(description="The connection as it was.")


@strawberry.input
class TestConnectionInput:
    __test__ = False  # no test of pytest's

    name: str
    client_mutation_id: str | None = None


@strawberry.type
class TestConnectionPayload(Payload):
    __test__ = False

    reached: str | None = strawberry.field(description="The store's URL, without secrets.")


@strawberry.type
class ConnectionMutations:
    @mutation("Connect to the database that a JDBC connection leads to, as a crawl would; nothing is read.")
    def test_connection(self, info: Info, input: TestConnectionInput) -> TestConnectionPayload | None:
        tried = attempt(lambda: try_connection(info.context.catalog, input.name), _FIELDS)
        return TestConnectionPayload(
            reached=tried.result, user_errors=tried.errors, client_mutation_id=input.client_mutation_id
        )

    @mutation()
    def create_connection(self, info: Info, input: CreateConnectionInput) -> CreateConnectionPayload | None:
        given = input.connection
        tried = attempt(
            lambda: info.context.catalog.create_connection(given.value(input.name), mapping(given.secrets)), _FIELDS
        )
        return CreateConnectionPayload(
            connection=Connection.of(tried.result) if tried.result else None,
            user_errors=tried.errors,
            client_mutation_id=input.client_mutation_id,
        )

    @mutation("Replace everything but the name.")
    def update_connection(self, info: Info, input: UpdateConnectionInput) -> UpdateConnectionPayload | None:
        catalog, given = info.context.catalog, input.connection
        tried = attempt(
            lambda: catalog.update_connection(given.value(input.name), mapping(given.secrets), input.expected_version),
            _FIELDS,
            current=lambda: catalog.get_connection(input.name),
        )
        return UpdateConnectionPayload(
            connection=Connection.of(tried.result) if tried.result else None,
            user_errors=tried.errors,
            client_mutation_id=input.client_mutation_id,
        )

    @mutation("Delete a connection and its secrets; what it leads to is not touched.")
    def delete_connection(self, info: Info, input: DeleteConnectionInput) -> DeleteConnectionPayload | None:
        catalog = info.context.trying(input.dry_run).catalog

        def delete() -> model.Connection:
            found = catalog.get_connection(input.name)
            catalog.delete_connection(input.name)
            return found

        tried = attempt(delete, _FIELDS)
        return DeleteConnectionPayload(
            connection=Connection.of(tried.result) if tried.result else None,
            user_errors=tried.errors,
            client_mutation_id=input.client_mutation_id,
        )
