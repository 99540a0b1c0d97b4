"""The engine's verbs of webhooks, each in a transaction of its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Engine as SqlEngine

from catalog.db import reading, writing
from catalog.model import Page
from catalog.paging import DEFAULT_PAGE
from catalog.sealing import Sealer
from engine.events import events, webhooks
from engine.events.event_model import Event, Position
from engine.events.webhooks import StoredWebhook, Webhook


class WebhookDoors:
    engine: SqlEngine
    now: Callable[[], datetime]
    sealer: Callable[[], Sealer]  # asked before each transaction, as keys may lie in a file and be rotated
    webhook_hosts: tuple[str, ...]

    def create_webhook(self, new: Webhook, secret: str) -> Webhook:
        """Raises AlreadyExists, InvalidInput, WebhookTargetRefused, SecretUnusable."""
        sealer = self.sealer()
        with writing(self.engine) as connection:
            return webhooks.create_webhook(connection, new, secret, sealer, self.webhook_hosts, self.now())

    def get_webhook(self, name: str) -> StoredWebhook:
        with reading(self.engine) as connection:
            return webhooks.get_webhook(connection, name)

    def find_webhook(self, name: str) -> StoredWebhook | None:
        with reading(self.engine) as connection:
            return webhooks.find_webhook(connection, name)

    def list_webhooks(self, limit: int = DEFAULT_PAGE, token: str | None = None) -> Page[StoredWebhook]:
        with reading(self.engine) as connection:
            return webhooks.list_webhooks(connection, limit, token)

    def update_webhook(
        self, changed: Webhook, secret: str | None = None, expected_version: int | None = None
    ) -> Webhook:
        """Raises NotFound, VersionConflict, InvalidInput, WebhookTargetRefused, SecretUnusable."""
        sealer = self.sealer() if secret is not None else None
        with writing(self.engine) as connection:
            return webhooks.update_webhook(
                connection, changed, secret, sealer, self.webhook_hosts, self.now(), expected_version
            )

    def skip_webhook_to_now(self, name: str) -> None:
        """Leave out what it has not told yet. Raises NotFound."""
        with writing(self.engine) as connection:
            webhooks.skip_to_now(connection, name)

    def delete_webhook(self, name: str) -> None:
        with writing(self.engine) as connection:
            webhooks.delete_webhook(connection, name)

    def unsealed_webhook_secret(self, name: str) -> str:
        """Never to be told by a face. Raises NotFound, SecretUnusable."""
        sealer = self.sealer()
        with reading(self.engine) as connection:
            return webhooks.unsealed_secret(connection, name, sealer)

    def reseal_webhook_secrets(self) -> int:
        """Seal with the current key what another sealed; how many secrets that were. Raises SecretUnusable."""
        sealer = self.sealer()
        with writing(self.engine) as connection:
            return webhooks.reseal_secrets(connection, sealer)

    # what a process does that delivers

    def list_due_webhooks(self) -> list[StoredWebhook]:
        with reading(self.engine) as connection:
            return webhooks.list_due(connection, self.now())

    def list_untold(self, stored: StoredWebhook, limit: int) -> tuple[list[Event], Position]:
        """What the webhook is to tell next, and the end of the stream at that moment."""
        with reading(self.engine) as connection:
            found = events.list_events(connection, limit, stored.delivery.position, stored.webhook.filter)
            return found, events.end(connection)

    def lease_webhook(self, stored: StoredWebhook, owner: str) -> bool:
        with writing(self.engine) as connection:
            return webhooks.lease(connection, stored, owner, self.now())

    def record_taken(self, stored: StoredWebhook, to: Position, owner: str) -> StoredWebhook | None:
        with writing(self.engine) as connection:
            return webhooks.record_taken(connection, stored, to, owner, self.now())

    def record_refused(self, stored: StoredWebhook, trouble: str, owner: str) -> None:
        with writing(self.engine) as connection:
            webhooks.record_refused(connection, stored, trouble, owner, self.now())

    def release_webhook(self, name: str, owner: str) -> None:
        with writing(self.engine) as connection:
            webhooks.release(connection, name, owner)

    def pass_by(self, stored: StoredWebhook, to: Position) -> None:
        with writing(self.engine) as connection:
            webhooks.pass_by(connection, stored, to)
