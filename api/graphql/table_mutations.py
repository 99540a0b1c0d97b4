"""Tables as they are created, updated and deleted."""

from __future__ import annotations

import strawberry

from api.graphql.context import Info
from api.graphql.definitions import TableInput
from api.graphql.fields import mutation
from api.graphql.outcomes import Payload, attempt
from api.graphql.tables import Table
from catalog import model
from catalog.removals import Removal

_FIELDS = {"Database": "database", "Table": "name", "Version": "version"}


@strawberry.input
class CreateTableInput:
    database: str
    name: str
    table: TableInput
    client_mutation_id: str | None = None


@strawberry.input
class UpdateTableInput:
    database: str
    name: str
    table: TableInput
    expected_version: int | None = strawberry.field(
        default=None, description="Refuse with CONFLICT if the table is at another version; null takes any."
    )
    client_mutation_id: str | None = None


@strawberry.input
class RestoreTableVersionInput:
    database: str
    name: str
    version: int = strawberry.field(description="The one whose definition is to be in force again.")
    expected_version: int | None = strawberry.field(
        default=None, description="Refuse with CONFLICT if the table is at another version; null takes any."
    )
    client_mutation_id: str | None = None


@strawberry.input
class DeleteTableInput:
    database: str
    name: str
    dry_run: bool = strawberry.field(default=False, description="Say what would go, and change nothing.")
    client_mutation_id: str | None = None


@strawberry.input
class BatchDeleteTableVersionInput:
    database: str
    table: str
    versions: list[int] = strawberry.field(
        description="Those that are not there are passed over; the one in force stays."
    )
    dry_run: bool = strawberry.field(default=False, description="Say how many would go, and change nothing.")
    client_mutation_id: str | None = None


@strawberry.type
class BatchDeleteTableVersionPayload(Payload):
    deleted_count: int | None = strawberry.field(description="How many there were.")


@strawberry.type
class CreateTablePayload(Payload):
    table: Table | None


@strawberry.type
class UpdateTablePayload(Payload):
    table: Table | None = strawberry.field(description="As it now is; after a CONFLICT, as someone else left it.")


@strawberry.type
class RestoreTableVersionPayload(Payload):
    table: Table | None = strawberry.field(description="As it now is; after a CONFLICT, as someone else left it.")


@strawberry.type
class DeleteTablePayload(Payload):
    table: Table | None = strawberry.field(description="The table as it was. Its data stay.")
    partition_count: int | None = strawberry.field(description="Partitions that go with it.")
    version_count: int | None = strawberry.field(description="Versions that go with it.")


@strawberry.type
class TableMutations:
    @mutation()
    def create_table(self, info: Info, input: CreateTableInput) -> CreateTablePayload | None:
        catalog = info.context.catalog
        tried = attempt(lambda: catalog.create_table(input.table.value(input.database, input.name)), _FIELDS)
        return CreateTablePayload(
            table=Table.of(tried.result), user_errors=tried.errors, client_mutation_id=input.client_mutation_id
        )

    @mutation("Replace a table's definition; one that says something new makes a version.")
    def update_table(self, info: Info, input: UpdateTableInput) -> UpdateTablePayload | None:
        catalog = info.context.catalog
        tried = attempt(
            lambda: catalog.update_table(input.table.value(input.database, input.name), input.expected_version),
            _FIELDS,
            current=lambda: catalog.get_table(input.database, input.name),
        )
        return UpdateTablePayload(
            table=Table.of(tried.result), user_errors=tried.errors, client_mutation_id=input.client_mutation_id
        )

    @mutation("Make a new version that says what an old one said; parameters that only count stay as they are.")
    def restore_table_version(self, info: Info, input: RestoreTableVersionInput) -> RestoreTableVersionPayload | None:
        catalog = info.context.catalog
        tried = attempt(
            lambda: catalog.restore_version(input.database, input.name, input.version, input.expected_version),
            _FIELDS,
            current=lambda: catalog.get_table(input.database, input.name),
        )
        return RestoreTableVersionPayload(
            table=Table.of(tried.result), user_errors=tried.errors, client_mutation_id=input.client_mutation_id
        )

    @mutation("Delete a table, its partitions and versions from the catalog; never its data.")
    def delete_table(self, info: Info, input: DeleteTableInput) -> DeleteTablePayload | None:
        catalog = info.context.trying(input.dry_run).catalog

        def delete() -> tuple[model.Table, Removal]:
            return catalog.get_table(input.database, input.name), catalog.delete_table(input.database, input.name)

        tried = attempt(delete, _FIELDS)
        table, removal = tried.result or (None, None)
        return DeleteTablePayload(
            table=Table.of(table),
            partition_count=removal.partitions if removal else None,
            version_count=removal.versions if removal else None,
            user_errors=tried.errors,
            client_mutation_id=input.client_mutation_id,
        )

    @mutation("Delete old versions of a table: all of those given or, if the one in force is among them, none.")
    def batch_delete_table_version(
        self, info: Info, input: BatchDeleteTableVersionInput
    ) -> BatchDeleteTableVersionPayload | None:
        catalog = info.context.trying(input.dry_run).catalog
        fields = {"Database": "database", "Table": "table"}
        tried = attempt(lambda: catalog.delete_versions(input.database, input.table, input.versions), fields)
        return BatchDeleteTableVersionPayload(
            deleted_count=tried.result, user_errors=tried.errors, client_mutation_id=input.client_mutation_id
        )
