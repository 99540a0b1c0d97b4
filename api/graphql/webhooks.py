"""Webhooks: asked for, created, updated, tried and deleted. Their secrets are taken, and never answered."""

from __future__ import annotations

from datetime import datetime

import strawberry

from api.graphql.connections import FIRST, After, Connection, First, connect, size
from api.graphql.context import Context, Info
from api.graphql.fields import field, mutation
from api.graphql.nodes import Node
from api.graphql.outcomes import Payload, attempt
from engine.events import webhooks
from engine.events.deliveries import try_webhook
from engine.events.event_model import EventKind

_FIELDS = {"Webhook": "name"}


@strawberry.type(description="Where events are sent: signed after the Standard Webhooks convention, in their order.")
class Webhook(Node):
    name: str
    url: str
    kinds: list[EventKind] = strawberry.field(description="Of events that it tells; empty: all.")
    subjects: list[str] = strawberry.field(description="Of events that it tells; empty: all.")
    enabled: bool
    description: str | None
    failing: bool = strawberry.field(description="Whether it has not taken an event for several tries in a row.")
    failures: int = strawberry.field(description="How often in a row it has not taken the event that is next.")
    trouble: str | None = strawberry.field(description="Why it did not, the last time.")
    next_try_at: datetime | None
    delivered_at: datetime | None = strawberry.field(description="When it last took an event.")
    version: int = strawberry.field(description="Counts updates from 0; updates may expect it.")
    created_at: datetime | None
    updated_at: datetime | None

    def key(self) -> tuple[str, ...]:
        return (self.name,)

    @classmethod
    def of(cls, stored: webhooks.StoredWebhook) -> Webhook:
        value, delivery = stored.webhook, stored.delivery
        return cls(
            name=value.name,
            url=value.url,
            kinds=list(value.kinds),
            subjects=list(value.subjects),
            enabled=value.enabled,
            description=value.description,
            failing=delivery.failing,
            failures=delivery.failures,
            trouble=delivery.trouble,
            next_try_at=delivery.next_at,
            delivered_at=delivery.delivered_at,
            version=value.version,
            created_at=value.created_at,
            updated_at=value.updated_at,
        )

    @classmethod
    def find(cls, context: Context, name: str) -> Webhook | None:
        found = context.engine.find_webhook(name)
        return cls.of(found) if found else None


@strawberry.type
class WebhookQueries:
    @field("By name.")
    def webhooks(self, info: Info, first: First = FIRST, after: After = None) -> Connection[Webhook] | None:
        return connect(
            info,
            webhooks.LISTING,
            info.context.engine.list_webhooks(size(info, first), after),
            key=lambda each: each.webhook.name,
            nodes=lambda found: [Webhook.of(each) for each in found],
            after=after,
        )

    @field("Null if there is no such webhook.")
    def webhook(self, info: Info, name: str) -> Webhook | None:
        return Webhook.find(info.context, name)


@strawberry.input(description="A whole definition: what is left out has its default, in an update too.")
class WebhookInput:
    url: str = strawberry.field(description="https, or http on a private network; without a password.")
    kinds: list[EventKind] = strawberry.field(default_factory=list)
    subjects: list[str] = strawberry.field(default_factory=list)
    enabled: bool = True
    description: str | None = None

    def value(self, name: str) -> webhooks.Webhook:
        return webhooks.Webhook(name, self.url, tuple(self.kinds), tuple(self.subjects), self.enabled, self.description)


@strawberry.input
class CreateWebhookInput:
    name: str
    webhook: WebhookInput
    secret: str = strawberry.field(description="`whsec_` and 24 to 64 random bytes in base64. No query answers it.")
    client_mutation_id: str | None = None


@strawberry.input
class UpdateWebhookInput:
    name: str
    webhook: WebhookInput
    secret: str | None = strawberry.field(default=None, description="Null keeps the one that it has.")
    from_now: bool = strawberry.field(default=False, description="Leave out what it has not told yet.")
    expected_version: int | None = strawberry.field(
        default=None, description="Refuse with CONFLICT if the webhook is at another version; null takes any."
    )
    client_mutation_id: str | None = None


@strawberry.input
class DeleteWebhookInput:
    name: str
    dry_run: bool = strawberry.field(default=False, description="Say what would go, and change nothing.")
    client_mutation_id: str | None = None


@strawberry.input
class TestWebhookInput:
    name: str
    client_mutation_id: str | None = None


@strawberry.type
class CreateWebhookPayload(Payload):
    webhook: Webhook | None = strawberry.field(description="It tells what happens from now on.")


@strawberry.type
class UpdateWebhookPayload(Payload):
    webhook: Webhook | None = strawberry.field(description="As it now is; after a CONFLICT, as someone else left it.")


@strawberry.type
class DeleteWebhookPayload(Payload):
    webhook: Webhook | None = strawberry.field(description="The webhook as it was.")


@strawberry.type
class TestWebhookPayload(Payload):
    webhook: Webhook | None
    taken: bool | None
    trouble: str | None = strawberry.field(description="Why it was not taken.")


@strawberry.type
class WebhookMutations:
    @mutation()
    def create_webhook(self, info: Info, input: CreateWebhookInput) -> CreateWebhookPayload | None:
        engine = info.context.engine

        def create() -> webhooks.StoredWebhook:
            engine.create_webhook(input.webhook.value(input.name), input.secret)
            return engine.get_webhook(input.name)

        tried = attempt(create, _FIELDS)
        return CreateWebhookPayload(
            webhook=Webhook.of(tried.result) if tried.result else None,
            user_errors=tried.errors,
            client_mutation_id=input.client_mutation_id,
        )

    @mutation("Replace everything but the name; what it did not take is tried at once.")
    def update_webhook(self, info: Info, input: UpdateWebhookInput) -> UpdateWebhookPayload | None:
        engine = info.context.engine

        def update() -> webhooks.StoredWebhook:
            changed = input.webhook.value(input.name)
            engine.update_webhook(changed, input.secret, input.expected_version)
            if input.from_now:
                engine.skip_webhook_to_now(input.name)
            return engine.get_webhook(input.name)

        tried = attempt(update, _FIELDS, current=lambda: engine.get_webhook(input.name))
        return UpdateWebhookPayload(
            webhook=Webhook.of(tried.result) if tried.result else None,
            user_errors=tried.errors,
            client_mutation_id=input.client_mutation_id,
        )

    @mutation("Delete a webhook and its secret.")
    def delete_webhook(self, info: Info, input: DeleteWebhookInput) -> DeleteWebhookPayload | None:
        engine = info.context.trying(input.dry_run).engine

        def delete() -> webhooks.StoredWebhook:
            found = engine.get_webhook(input.name)
            engine.delete_webhook(input.name)
            return found

        tried = attempt(delete, _FIELDS)
        return DeleteWebhookPayload(
            webhook=Webhook.of(tried.result) if tried.result else None,
            user_errors=tried.errors,
            client_mutation_id=input.client_mutation_id,
        )

    @mutation("Send an event that tells nothing, signed as all others.")
    def test_webhook(self, info: Info, input: TestWebhookInput) -> TestWebhookPayload | None:
        engine = info.context.engine
        tried = attempt(lambda: (try_webhook(engine, input.name), engine.get_webhook(input.name)), _FIELDS)
        trouble, stored = tried.result or (None, None)
        return TestWebhookPayload(
            webhook=Webhook.of(stored) if stored else None,
            taken=trouble is None if stored else None,
            trouble=trouble,
            user_errors=tried.errors,
            client_mutation_id=input.client_mutation_id,
        )
