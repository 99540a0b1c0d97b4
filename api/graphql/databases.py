"""Databases: asked for, created, updated and deleted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import strawberry

from api.auth.principals import in_database
from api.graphql.batches import Batch
from api.graphql.connections import FIRST, After, Connection, First, connect, connect_each, list_seen, size
from api.graphql.context import Context, Info
from api.graphql.fields import field, mutation
from api.graphql.nodes import Node
from api.graphql.outcomes import Payload, attempt
from api.graphql.parameters import Parameter, ParameterInput, mapping, pairs
from api.graphql.tables import Table
from catalog import databases, model, tables
from catalog.removals import Removal

_FIELDS = {"Database": "name"}


@strawberry.type(description="A named set of tables.")
class Database(Node):
    together: strawberry.Private[Batch[str]]
    name: str
    description: str | None
    location: str | None = strawberry.field(description="Where tables without a location of their own would lie.")
    parameters: list[Parameter]
    version: int = strawberry.field(description="Counts updates from 0; updates may expect it.")
    created_at: datetime | None

    def key(self) -> tuple[str, ...]:
        return (self.name,)

    @field("By name. Null if the database was deleted meanwhile.")
    def tables(self, info: Info, first: First = FIRST, after: After = None) -> Connection[Table] | None:
        limit = size(info, first)
        return connect_each(
            self.together,
            self.name,
            ("tables", limit, after),
            info,
            lambda keys: info.context.catalog.batch_list_tables(keys, limit, after),
            cursor=lambda table: tables.LISTING.token_after(table.name),
            nodes=Table.all,
            after=after,
        )

    @classmethod
    def all(cls, found: Sequence[model.Database]) -> list[Database]:
        together = Batch([each.name for each in found])
        return [
            cls(
                together=together,
                name=each.name,
                description=each.description,
                location=each.location,
                parameters=pairs(each.parameters),
                version=each.version,
                created_at=each.created_at,
            )
            for each in found
        ]

    @classmethod
    def of(cls, database: model.Database) -> Database:
        return cls.all([database])[0]

    @classmethod
    def find(cls, context: Context, name: str) -> Database | None:
        found = context.catalog.find_database(name)
        return cls.of(found) if found else None


@strawberry.type
class DatabaseQueries:
    @field("By name.")
    def databases(self, info: Info, first: First = FIRST, after: After = None) -> Connection[Database] | None:
        page = list_seen(
            info, info.context.catalog.list_databases, size(info, first), after, lambda each: in_database(each.name)
        )
        return connect(
            info,
            databases.LISTING,
            page,
            key=lambda database: database.name,
            nodes=Database.all,
            after=after,
        )

    @field("Null if there is no such database.")
    def database(self, info: Info, name: str) -> Database | None:
        return Database.find(info.context, name)


@strawberry.input(description="A whole definition: what is left out has its default, in an update too.")
class DatabaseInput:
    description: str | None = None
    location: str | None = None
    parameters: list[ParameterInput] = strawberry.field(default_factory=list)

    def value(self, name: str) -> model.Database:
        return model.Database(name, self.description, self.location, mapping(self.parameters))


@strawberry.input
class CreateDatabaseInput:
    name: str
    database: DatabaseInput = strawberry.field(default_factory=DatabaseInput)
    client_mutation_id: str | None = None


@strawberry.input
class UpdateDatabaseInput:
    name: str
    database: DatabaseInput
    expected_version: int | None = strawberry.field(
        default=None, description="Refuse with CONFLICT if the database is at another version; null takes any."
    )
    client_mutation_id: str | None = None


@strawberry.input
class DeleteDatabaseInput:
    name: str
    cascade: bool = strawberry.field(default=False, description="Delete its tables as well, if it has any.")
    dry_run: bool = strawberry.field(default=False, description="Say what would go, and change nothing.")
    client_mutation_id: str | None = None


@strawberry.type
class CreateDatabasePayload(Payload):
    database: Database | None


@strawberry.type
class UpdateDatabasePayload(Payload):
    database: Database | None = strawberry.field(description="As it now is; after a CONFLICT, as someone else left it.")


@strawberry.type
class DeleteDatabasePayload(Payload):
    database: Database | None = strawberry.field(description="The database as it was.")
    table_names: list[str] | None = strawberry.field(description="Tables that go with it. Their data stay.")
    function_count: int | None = strawberry.field(description="Functions that go with it.")


@strawberry.type
class DatabaseMutations:
    @mutation()
    def create_database(self, info: Info, input: CreateDatabaseInput) -> CreateDatabasePayload | None:
        tried = attempt(lambda: info.context.catalog.create_database(input.database.value(input.name)), _FIELDS)
        return CreateDatabasePayload(
            database=Database.of(tried.result) if tried.result else None,
            user_errors=tried.errors,
            client_mutation_id=input.client_mutation_id,
        )

    @mutation("Replace everything but the name.")
    def update_database(self, info: Info, input: UpdateDatabaseInput) -> UpdateDatabasePayload | None:
        catalog = info.context.catalog
        tried = attempt(
            lambda: catalog.update_database(input.database.value(input.name), input.expected_version),
            _FIELDS,
            current=lambda: catalog.get_database(input.name),
        )
        return UpdateDatabasePayload(
            database=Database.of(tried.result) if tried.result else None,
            user_errors=tried.errors,
            client_mutation_id=input.client_mutation_id,
        )

    @mutation("Delete a database; one that holds tables only with `cascade`. Data are never touched.")
    def delete_database(self, info: Info, input: DeleteDatabaseInput) -> DeleteDatabasePayload | None:
        catalog = info.context.trying(input.dry_run).catalog

        def delete() -> tuple[model.Database, Removal]:
            return catalog.get_database(input.name), catalog.delete_database(input.name, input.cascade)

        tried = attempt(delete, _FIELDS)
        database, removal = tried.result or (None, None)
        return DeleteDatabasePayload(
            database=Database.of(database) if database else None,
            table_names=list(removal.tables) if removal else None,
            function_count=removal.functions if removal else None,
            user_errors=tried.errors,
            client_mutation_id=input.client_mutation_id,
        )
