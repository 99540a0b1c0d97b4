"""The front door of tokens, access keys and the audit: one transaction for each call to their verbs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Engine

from api.auth import access_keys, audit, tokens
from api.auth.audit import Asking, AuditEvent
from api.auth.grants import Issued, Wanted
from api.auth.principals import LOCAL, Principal
from catalog.catalog import utc_now
from catalog.db import reading, writing
from catalog.model import Page
from catalog.paging import DEFAULT_PAGE
from catalog.sealing import Sealer


class Access:
    def __init__(
        self, engine: Engine, sealer: Callable[[], Sealer] = Sealer, now: Callable[[], datetime] = utc_now
    ) -> None:
        self.engine = engine
        self.sealer = sealer
        self.now = now

    # tokens

    def create_token(self, wanted: Wanted, by: Principal = LOCAL) -> tuple[Issued, str]:
        """The token and its secret, which is told this once. Raises AlreadyExists, InvalidInput."""
        with writing(self.engine) as connection:
            return tokens.create_token(connection, wanted, self.now(), by.name)

    def find_token(self, hash: str) -> Issued | None:
        with reading(self.engine) as connection:
            return tokens.find_token(connection, hash)

    def list_tokens(self, limit: int = DEFAULT_PAGE, token: str | None = None) -> Page[Issued]:
        with reading(self.engine) as connection:
            return tokens.list_tokens(connection, limit, token)

    def revoke_token(self, name: str) -> Issued:
        """Services honour it within two seconds. Raises NotFound."""
        with writing(self.engine) as connection:
            return tokens.revoke_token(connection, name)

    def note_token_use(self, hash: str) -> None:
        with writing(self.engine) as connection:
            tokens.note_token_use(connection, hash, self.now())

    def has_admin(self) -> bool:
        with reading(self.engine) as connection:
            return tokens.has_admin(connection, self.now())

    # access keys

    def create_key(self, wanted: Wanted, by: Principal = LOCAL) -> tuple[Issued, str]:
        """The key and its secret, which is told this once. Raises AlreadyExists, InvalidInput, SecretUnusable."""
        sealer = self.sealer()
        with writing(self.engine) as connection:
            return access_keys.create_key(connection, wanted, self.now(), by.name, sealer)

    def find_key(self, key_id: str) -> tuple[Issued, str] | None:
        """The key and its secret. Raises SecretUnusable."""
        sealer = self.sealer()
        with reading(self.engine) as connection:
            return access_keys.find_key(connection, key_id, sealer)

    def list_keys(self, limit: int = DEFAULT_PAGE, token: str | None = None) -> Page[Issued]:
        with reading(self.engine) as connection:
            return access_keys.list_keys(connection, limit, token)

    def revoke_key(self, name: str) -> Issued:
        """Services honour it within two seconds. Raises NotFound."""
        with writing(self.engine) as connection:
            return access_keys.revoke_key(connection, name)

    def note_key_use(self, key_id: str) -> None:
        with writing(self.engine) as connection:
            access_keys.note_key_use(connection, key_id, self.now())

    def reseal_keys(self) -> int:
        sealer = self.sealer()
        with writing(self.engine) as connection:
            return access_keys.reseal_keys(connection, sealer)

    # audit

    def record(self, principal: str, asking: Asking, resource: str, allowed: bool) -> None:
        with writing(self.engine) as connection:
            audit.record(connection, self.now(), principal, asking, resource, allowed)

    def list_audit(
        self,
        limit: int = DEFAULT_PAGE,
        token: str | None = None,
        principal: str | None = None,
        allowed: bool | None = None,
    ) -> Page[AuditEvent]:
        with reading(self.engine) as connection:
            return audit.list_events(connection, limit, token, principal, allowed)

    def prune_audit(self, days: int) -> int:
        with writing(self.engine) as connection:
            return audit.prune(connection, self.now() - timedelta(days=days))
