"""The audit: one row for each write and each refusal. It holds no secret and no value of an argument."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select

from api.auth import rows
from catalog.db import insert
from catalog.model import Page
from catalog.paging import by_number

LISTING = by_number("audit events", 2**31 - 1)
_a = rows.audit_events.c
_LONGEST = 300  # characters of a name that is kept


@dataclass(frozen=True)
class Asking:
    """The call that is decided on: through which face, which of its operations, and in which request.

    One that only `reads` is not recorded if it is allowed; to view is always that.
    """

    face: str
    operation: str
    request_id: str | None = None
    reads: bool = False


@dataclass(frozen=True)
class AuditEvent:
    id: int
    at: datetime
    principal: str
    face: str
    operation: str
    resource: str
    allowed: bool
    request_id: str | None


def record(connection: Connection, at: datetime, principal: str, asking: Asking, resource: str, allowed: bool) -> None:
    connection.execute(
        insert(connection, rows.audit_events).values(
            at=at,
            principal=principal,
            face=asking.face,
            operation=asking.operation,
            resource=resource[:_LONGEST].replace("\0", "\ufffd"),  # PostgreSQL keeps no NUL
            allowed=allowed,
            request_id=asking.request_id,
        )
    )


def list_events(
    connection: Connection, limit: int, token: str | None, principal: str | None = None, allowed: bool | None = None
) -> Page[AuditEvent]:
    """Newest first; of one principal, or all; the refusals, the writes, or both."""
    statement = select(rows.audit_events).where(_a.id < LISTING.after(token)).order_by(_a.id.desc()).limit(limit + 1)
    if principal is not None:
        statement = statement.where(_a.principal == principal)
    if allowed is not None:
        statement = statement.where(_a.allowed == allowed)
    found = [AuditEvent(**row) for row in connection.execute(statement).mappings()]
    return LISTING.page(found, limit, lambda each: each.id)


def prune(connection: Connection, before: datetime) -> int:
    return connection.execute(delete(rows.audit_events).where(_a.at < before)).rowcount
