"""The part that tokens and access keys have in common: the row that says what its bearer may do, and for how long."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping

from api.auth.principals import Grant, Principal, Role
from catalog.errors import InvalidInput
from catalog.names import demand_name


@dataclass(frozen=True)
class Issued:
    """A token or an access key, without what is secret of it. `key_id` is None for a token."""

    name: str
    grant: Grant
    created_at: datetime
    created_by: str
    expires_at: datetime | None = None
    used_at: datetime | None = None
    key_id: str | None = None

    def principal(self, proof: str) -> Principal:
        return Principal(self.name, self.grant, self.expires_at, proof)


@dataclass(frozen=True)
class Wanted:
    """A token or an access key that is to be made. Without `days` it is good until it is revoked."""

    name: str
    grant: Grant
    days: float | None = None

    def values(self, now: datetime, by: str) -> dict[str, Any]:
        """Its row, but for the proof. Raises InvalidInput."""
        demand_name("Token", self.name)
        _demand_sound(self)
        return {
            "name": self.name,
            "role": self.grant.role.value,
            "databases": [pattern.lower() for pattern in self.grant.databases],
            "job_tags": [list(pair) for pair in self.grant.job_tags],
            "created_at": now,
            "created_by": by,
            "expires_at": now + timedelta(days=self.days) if self.days is not None else None,
        }


def grant_of(role: Role, databases: tuple[str, ...] = (), job_tags: Mapping[str, str] | None = None) -> Grant:
    return Grant(role, databases, tuple((job_tags or {}).items()))


def issued_of(row: RowMapping) -> Issued:
    grant = Grant(Role(row["role"]), tuple(row["databases"]), tuple((name, value) for name, value in row["job_tags"]))
    return Issued(
        name=row["name"],
        grant=grant,
        created_at=row["created_at"],
        created_by=row["created_by"],
        expires_at=row["expires_at"],
        used_at=row["used_at"],
        key_id=row.get("id"),
    )


def _demand_sound(wanted: Wanted) -> None:
    if wanted.grant.role is Role.ADMIN and wanted.grant.scoped:
        raise InvalidInput(what=f"the grant of {wanted.name}", why="an admin has no scopes; give another role.")
    if any(not pattern.strip() for pattern in wanted.grant.databases):
        raise InvalidInput(what=f"the grant of {wanted.name}", why="a pattern of databases is empty.")
    if wanted.days is not None and not 0 < wanted.days <= 36_500:
        raise InvalidInput(what=f"the grant of {wanted.name}", why="it is to last for 1 to 36500 days.")
