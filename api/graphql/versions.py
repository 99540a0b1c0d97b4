"""Table versions and the differences between them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import strawberry

from api.graphql.context import Context, Info
from api.graphql.definitions import TableDefinition
from api.graphql.fields import field
from api.graphql.nodes import Node
from api.graphql.outcomes import if_found
from catalog import changes, history, model


@strawberry.type(description="Who changed something, and through what.")
class Origin:
    face: str = strawberry.field(description="The protocol of the call, such as graphql, hive, or crawler.")
    principal: str
    run_id: str | None = strawberry.field(description="The crawl or job run that made the change, if one did.")

    @classmethod
    def of(cls, origin: model.Origin) -> Origin:
        return cls(face=origin.face, principal=origin.principal, run_id=origin.run_id)


@strawberry.type(description="A table's definition as it stood from `createdAt` on.")
class TableVersion(Node, TableDefinition):
    number: int = strawberry.field(name="version", description="Counts from 0.")
    created_at: datetime
    origin: Origin
    restored_from: int | None = strawberry.field(description="The version that it repeats, if it restored one.")

    def key(self) -> tuple[str, ...]:
        return (self.value.database, self.value.name, str(self.number))

    @classmethod
    def of(cls, version: model.TableVersion) -> TableVersion:
        origin = Origin.of(version.origin)
        return cls(
            value=version.table,
            number=version.version,
            created_at=version.created_at,
            origin=origin,
            restored_from=version.restored_from,
        )

    @classmethod
    def find(cls, context: Context, database: str, table: str, version: str) -> TableVersion | None:
        if not version.isdecimal():
            return None
        found = if_found(lambda: context.catalog.get_version(database, table, int(version)))
        return cls.of(found) if found else None


@strawberry.type(description="One thing in which two definitions differ.")
class Difference:
    path: str = strawberry.field(description="Such as `columns.price` or `location`.")
    old: str | None = strawberry.field(description="Null for what was added.")
    new: str | None = strawberry.field(description="Null for what was removed.")
    breaking: bool = strawberry.field(description="A reader of the old definition may fail or read something else.")

    @classmethod
    def all(cls, found: Sequence[changes.Difference]) -> list[Difference]:
        return [cls(path=each.path, old=each.old, new=each.new, breaking=each.breaking) for each in found]


@strawberry.type(description="A version, and what it changed of the one that was kept before it.")
class TableChange:
    version: TableVersion
    differences: list[Difference] = strawberry.field(
        description="Of the first version kept: all that it says. A renamed column is one removed, and one added."
    )
    exact: bool = strawberry.field(
        description="Whether this version made all of that. If not, versions before it were deleted, which may have."
    )

    @classmethod
    def all(cls, found: Sequence[history.TableChange]) -> list[TableChange]:
        return [
            cls(version=TableVersion.of(each.version), differences=Difference.all(each.differences), exact=each.exact)
            for each in found
        ]


@strawberry.type(description="The step from one definition to another; parameters that only count are left out.")
class TableDiff:
    breaking: bool = strawberry.field(description="Whether any difference is.")
    differences: list[Difference]

    @classmethod
    def of(cls, found: Sequence[changes.Difference]) -> TableDiff:
        return cls(breaking=any(each.breaking for each in found), differences=Difference.all(found))


@strawberry.type
class VersionQueries:
    @field("Null if there is no such version.")
    def table_version(self, info: Info, database: str, table: str, version: int) -> TableVersion | None:
        return TableVersion.find(info.context, database, table, str(version))
