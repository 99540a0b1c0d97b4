"""What runs read and wrote, as it is answered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import strawberry

from engine.ledger.accesses import Access, AccessKind


@strawberry.type(description="A table, or a bare place, that a run reads or writes.")
class RunAccess:
    database: str | None = strawberry.field(description="Null for a bare place.")
    table: str | None = strawberry.field(description="By its name at that time. Null for a bare place.")
    place: str | None = strawberry.field(description="Null for a table.")
    columns: list[str] | None = strawberry.field(
        description="Those that it was given to read, or that it wrote. Null where that is not known."
    )
    at: datetime | None = strawberry.field(description="When it was told first.")

    @classmethod
    def all(cls, found: Sequence[Access], kind: AccessKind) -> list[RunAccess]:
        return [
            cls(
                database=each.database or None,
                table=each.name or None,
                place=each.location or None,
                columns=None if each.columns is None else list(each.columns),
                at=each.at,
            )
            for each in found
            if each.kind is kind
        ]
