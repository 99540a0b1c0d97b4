"""Tokens: made, found by what a caller shows, listed and revoked. A secret is told once; its hash is kept."""

from __future__ import annotations

import secrets
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection, delete, select, update

from api.auth import rows
from api.auth.grants import Issued, Wanted, issued_of
from api.auth.principals import Role
from catalog.db import insert
from catalog.errors import AlreadyExists, NotFound
from catalog.model import Page
from catalog.paging import by_name

PREFIX = "isg_"  # by which a scanner for leaked secrets knows it
LISTING = by_name("access tokens")
_t = rows.access_tokens.c


def create_token(connection: Connection, wanted: Wanted, now: datetime, by: str) -> tuple[Issued, str]:
    """The token and its secret. Raises AlreadyExists, InvalidInput."""
    secret = PREFIX + secrets.token_urlsafe(32)
    new = insert(connection, rows.access_tokens).values(hash=hash_of(secret), **wanted.values(now, by))
    made = connection.execute(new.on_conflict_do_nothing().returning(rows.access_tokens)).mappings().first()
    if made is None:
        raise AlreadyExists(kind="Token", name=wanted.name)
    return issued_of(made), secret


def find_token(connection: Connection, hash: str) -> Issued | None:
    found = connection.execute(select(rows.access_tokens).where(_t.hash == hash)).mappings().first()
    # The database has compared already, but not in constant time; of a hash of 32 random bytes that tells nothing.
    return issued_of(found) if found and secrets.compare_digest(found["hash"], hash) else None


def list_tokens(connection: Connection, limit: int, token: str | None) -> Page[Issued]:
    after = LISTING.after(token)
    statement = select(rows.access_tokens).where(_t.name > after).order_by(_t.name).limit(limit + 1)
    found = [issued_of(row) for row in connection.execute(statement).mappings()]
    return LISTING.page(found, limit, lambda each: each.name)


def revoke_token(connection: Connection, name: str) -> Issued:
    """It is good for nothing from then on. Raises NotFound."""
    gone = connection.execute(delete(rows.access_tokens).where(_t.name == name).returning(rows.access_tokens))
    row = gone.mappings().first()
    if row is None:
        raise NotFound(kind="Token", name=name)
    return issued_of(row)


def note_token_use(connection: Connection, hash: str, now: datetime) -> None:
    connection.execute(update(rows.access_tokens).where(_t.hash == hash).values(used_at=now))


def has_admin(connection: Connection, now: datetime) -> bool:
    """Whether anybody can administer by a token."""
    lasting = _t.expires_at.is_(None) | (_t.expires_at > now)
    return connection.execute(select(_t.name).where(_t.role == Role.ADMIN.value, lasting)).first() is not None


def hash_of(secret: str) -> str:
    return sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()
