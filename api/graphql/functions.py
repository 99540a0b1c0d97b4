"""User-defined functions: asked for, created, updated and deleted."""

from __future__ import annotations

from datetime import datetime

import strawberry

from api.graphql.connections import FIRST, After, Connection, First, connect, size
from api.graphql.context import Context, Info
from api.graphql.fields import field, mutation
from api.graphql.nodes import Node
from api.graphql.outcomes import Payload, attempt, if_found
from catalog import functions, model

_FIELDS = {"Database": "database", "Function": "name"}


@strawberry.type(description="Something that a function needs.")
class FunctionResource:
    type: str = strawberry.field(description="JAR, FILE or ARCHIVE.")
    uri: str


@strawberry.type(description="A function that a reader loads; the catalog itself runs none.")
class UserDefinedFunction(Node):
    database: str
    name: str
    class_name: str
    owner: str | None
    owner_type: str = strawberry.field(description="USER, ROLE or GROUP.")
    function_type: str
    resources: list[FunctionResource]
    created_at: datetime | None

    def key(self) -> tuple[str, ...]:
        return (self.database, self.name)

    @classmethod
    def of(cls, value: model.Function | None) -> UserDefinedFunction | None:
        if value is None:
            return None
        return cls(
            database=value.database,
            name=value.name,
            class_name=value.class_name,
            owner=value.owner,
            owner_type=value.owner_type,
            function_type=value.function_type,
            resources=[FunctionResource(type=each.type, uri=each.uri) for each in value.resources],
            created_at=value.created_at,
        )

    @classmethod
    def find(cls, context: Context, database: str, name: str) -> UserDefinedFunction | None:
        return cls.of(context.catalog.find_function(database, name))


@strawberry.type
class FunctionQueries:
    @field("A database's functions by name. Null if there is no such database.")
    def user_defined_functions(
        self, info: Info, database: str, first: First = FIRST, after: After = None
    ) -> Connection[UserDefinedFunction] | None:
        limit = size(info, first)
        return connect(
            info,
            functions.LISTING,
            if_found(lambda: info.context.catalog.list_functions(database, limit, after)),
            key=lambda each: each.name,
            nodes=lambda found: [node for each in found if (node := UserDefinedFunction.of(each))],
            after=after,
        )

    @field("Null if there is no such function.")
    def user_defined_function(self, info: Info, database: str, name: str) -> UserDefinedFunction | None:
        return UserDefinedFunction.find(info.context, database, name)


@strawberry.input(description="Something that a function needs.")
class FunctionResourceInput:
    type: str
    uri: str


@strawberry.input(description="A whole definition: what is left out has its default, in an update too.")
class UserDefinedFunctionInput:
    class_name: str
    owner: str | None = None
    owner_type: str = "USER"
    function_type: str = "JAVA"
    resources: list[FunctionResourceInput] = strawberry.field(default_factory=list)

    def value(self, database: str, name: str) -> model.Function:
        resources = tuple(model.Resource(each.type, each.uri) for each in self.resources)
        return model.Function(
            database, name, self.class_name, self.owner, self.owner_type, self.function_type, resources
        )


@strawberry.input
class CreateUserDefinedFunctionInput:
    database: str
    name: str
    function: UserDefinedFunctionInput
    client_mutation_id: str | None = None


@strawberry.input
class UpdateUserDefinedFunctionInput:
    database: str
    name: str
    function: UserDefinedFunctionInput
    new_name: str | None = strawberry.field(default=None, description="Another name for it; null keeps the one it has.")
    client_mutation_id: str | None = None


@strawberry.input
class DeleteUserDefinedFunctionInput:
    database: str
    name: str
    dry_run: bool = strawberry.field(default=False, description="Say what would go, and change nothing.")
    client_mutation_id: str | None = None


@strawberry.type
class CreateUserDefinedFunctionPayload(Payload):
    function: UserDefinedFunction | None


@strawberry.type
class UpdateUserDefinedFunctionPayload(Payload):
    function: UserDefinedFunction | None


@strawberry.type
class DeleteUserDefinedFunctionPayload(Payload):
    function: UserDefinedFunction | None = strawberry.field(description="The function as it was. Its resources stay.")


@strawberry.type
class FunctionMutations:
    @mutation()
    def create_user_defined_function(
        self, info: Info, input: CreateUserDefinedFunctionInput
    ) -> CreateUserDefinedFunctionPayload | None:
        catalog = info.context.catalog
        tried = attempt(lambda: catalog.create_function(input.function.value(input.database, input.name)), _FIELDS)
        return CreateUserDefinedFunctionPayload(
            function=UserDefinedFunction.of(tried.result),
            user_errors=tried.errors,
            client_mutation_id=input.client_mutation_id,
        )

    @mutation("Replace everything; the name only if a new one is given.")
    def update_user_defined_function(
        self, info: Info, input: UpdateUserDefinedFunctionInput
    ) -> UpdateUserDefinedFunctionPayload | None:
        changed = input.function.value(input.database, input.new_name or input.name)
        tried = attempt(lambda: info.context.catalog.update_function(input.database, input.name, changed), _FIELDS)
        return UpdateUserDefinedFunctionPayload(
            function=UserDefinedFunction.of(tried.result),
            user_errors=tried.errors,
            client_mutation_id=input.client_mutation_id,
        )

    @mutation("Delete a function; what it names as resources is never touched.")
    def delete_user_defined_function(
        self, info: Info, input: DeleteUserDefinedFunctionInput
    ) -> DeleteUserDefinedFunctionPayload | None:
        catalog = info.context.trying(input.dry_run).catalog

        def delete() -> model.Function:
            found = catalog.get_function(input.database, input.name)
            catalog.delete_function(input.database, input.name)
            return found

        tried = attempt(delete, _FIELDS)
        return DeleteUserDefinedFunctionPayload(
            function=UserDefinedFunction.of(tried.result),
            user_errors=tried.errors,
            client_mutation_id=input.client_mutation_id,
        )
