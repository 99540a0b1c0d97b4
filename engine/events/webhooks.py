"""Webhooks: create, get, list, update, delete; and their deliveries: who may send, up to where, and what went wrong.

Each webhook has a position in the stream of events. The process that sends holds a lease, each event that was taken
moves the position, and one that was not is tried again, later each time: nothing is left out, in order, at least once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Select, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from catalog.errors import AlreadyExists, InvalidInput, NotFound, VersionConflict
from catalog.model import Page
from catalog.names import demand_name
from catalog.paging import by_name
from catalog.sealing import Sealed, Sealer
from engine import rows
from engine.events import events
from engine.events.event_model import EventFilter, EventKind, Position
from engine.events.signing import key_of
from engine.events.webhook_targets import parse_target
from engine.running.processes import alive, from_this_boot

LISTING = by_name("webhooks")
LEASE = timedelta(minutes=1)
FAILING_AFTER = 5
SHORTEST_WAIT = timedelta(seconds=2)
LONGEST_WAIT = timedelta(minutes=10)

_c = rows.webhooks.c


@dataclass(frozen=True)
class Webhook:
    """Where events are sent: all, or those of `kinds` and `subjects`. Its secret is written and never read back."""

    name: str
    url: str
    kinds: tuple[EventKind, ...] = ()
    subjects: tuple[str, ...] = ()
    enabled: bool = True
    description: str | None = None
    version: int = 0
    created_at: datetime | None = None
    updated_at: datetime | None = None

    @property
    def filter(self) -> EventFilter:
        return EventFilter(self.kinds, self.subjects)


@dataclass(frozen=True)
class Delivery:
    """How far a webhook is: all up to `position` is dealt with. `failures` of what follows came in a row."""

    position: Position
    failures: int = 0
    trouble: str | None = None
    next_at: datetime | None = None
    delivered_at: datetime | None = None

    @property
    def failing(self) -> bool:
        return self.failures >= FAILING_AFTER


@dataclass(frozen=True)
class StoredWebhook:
    webhook: Webhook
    delivery: Delivery


def create_webhook(
    connection: Connection, new: Webhook, secret: str, sealer: Sealer, hosts: Sequence[str], now: datetime
) -> Webhook:
    """It tells what happens from now on. Raises AlreadyExists, InvalidInput, WebhookTargetRefused, SecretUnusable."""
    created = replace(_checked(new, hosts), version=0, created_at=now, updated_at=now)
    start = events.end(connection)
    values = {"name": created.name, "created_at": now, **_values(created), **_sealed(created.name, secret, sealer)}
    values |= {"after_transaction": start.transaction, "after_id": start.id, "failures": 0}
    try:
        connection.execute(insert(rows.webhooks).values(values))
    except IntegrityError as error:
        raise AlreadyExists(kind="Webhook", name=created.name) from error
    return created


def find_webhook(connection: Connection, name: str) -> StoredWebhook | None:
    row = connection.execute(select(rows.webhooks).where(_c.name == name)).first()
    return _stored(row) if row else None


def get_webhook(connection: Connection, name: str) -> StoredWebhook:
    """Raises NotFound."""
    found = find_webhook(connection, name)
    if found is None:
        raise NotFound(kind="Webhook", name=name)
    return found


def list_webhooks(connection: Connection, limit: int, token: str | None) -> Page[StoredWebhook]:
    """In the order of their names."""
    statement = select(rows.webhooks).where(_c.name > LISTING.after(token)).order_by(_c.name).limit(limit + 1)
    found = [_stored(row) for row in connection.execute(statement)]
    return LISTING.page(found, limit, lambda each: each.webhook.name)


def update_webhook(
    connection: Connection,
    changed: Webhook,
    secret: str | None,
    sealer: Sealer | None,
    hosts: Sequence[str],
    now: datetime,
    expected_version: int | None = None,
) -> Webhook:
    """Replace the definition, and the secret if one is given; the next event is then tried at once.

    Raises NotFound, VersionConflict, InvalidInput, WebhookTargetRefused, SecretUnusable.
    """
    current = get_webhook(connection, changed.name).webhook
    expected = current.version if expected_version is None else expected_version
    written = replace(_checked(changed, hosts), version=expected + 1, created_at=current.created_at, updated_at=now)
    values = _values(written) | {"failures": 0, "trouble": None, "next_at": None}
    if secret is not None and sealer is not None:
        values |= _sealed(written.name, secret, sealer)
    guarded = update(rows.webhooks).where(_c.name == current.name, _c.version == expected)
    if connection.execute(guarded.values(values)).rowcount != 1:
        raise VersionConflict(kind="Webhook", name=current.name, expected=expected, actual=current.version)
    return written


def skip_to_now(connection: Connection, name: str) -> None:
    """Leave out what the webhook has not told yet. Raises NotFound."""
    get_webhook(connection, name)
    end = events.end(connection)
    values = {"after_transaction": end.transaction, "after_id": end.id, "failures": 0, "trouble": None, "next_at": None}
    connection.execute(update(rows.webhooks).where(_c.name == name).values(lease=None, **values))


def delete_webhook(connection: Connection, name: str) -> None:
    """Its secret goes with it. Raises NotFound."""
    if not connection.execute(delete(rows.webhooks).where(_c.name == name)).rowcount:
        raise NotFound(kind="Webhook", name=name)


# secrets


def unsealed_secret(connection: Connection, name: str, sealer: Sealer) -> str:
    """For the process that signs alone: never to be told. Raises NotFound, SecretUnusable."""
    row = connection.execute(select(_c.key_id, _c.sealed).where(_c.name == name)).first()
    if row is None:
        raise NotFound(kind="Webhook", name=name)
    return sealer.open(Sealed(row.key_id, row.sealed), _what(name))


def reseal_secrets(connection: Connection, sealer: Sealer) -> int:
    """Seal with the sealer's current key what another key sealed; how many there were. Raises SecretUnusable."""
    old = connection.execute(select(rows.webhooks).where(_c.key_id != sealer.current).with_for_update()).all()
    for row in old:
        secret = sealer.open(Sealed(row.key_id, row.sealed), _what(row.name))
        sealed = sealer.seal(secret, _what(row.name))
        same = update(rows.webhooks).where(_c.name == row.name)
        connection.execute(same.values(key_id=sealed.key_id, sealed=sealed.text))
    return len(old)


def _sealed(name: str, secret: str, sealer: Sealer) -> dict[str, object]:
    key_of(secret)
    sealed = sealer.seal(secret, _what(name))
    return {"key_id": sealed.key_id, "sealed": sealed.text}


def _what(name: str) -> str:
    return f"Secret of webhook {name}"


# deliveries


def list_due(connection: Connection, now: datetime) -> list[StoredWebhook]:
    """The webhooks that are enabled and wait for nothing."""
    due = select(rows.webhooks).where(or_(_c.next_at.is_(None), _c.next_at <= now)).order_by(_c.name)
    found = [_stored(row) for row in connection.execute(due)]
    return [each for each in found if each.webhook.enabled]


def owed_events(connection: Connection) -> list[Select[tuple[int]]]:
    """The ids of the events that each enabled webhook has still to tell."""
    found = [_stored(row) for row in connection.execute(select(rows.webhooks))]
    return [events.ids_after(each.delivery.position, each.webhook.filter) for each in found if each.webhook.enabled]


def lease(connection: Connection, stored: StoredWebhook, owner: str, now: datetime) -> bool:
    """Have the webhook for `owner` alone; False if another process has it, or it has moved since it was read."""
    holder = connection.execute(select(_c.lease, _c.lease_until).where(_c.name == stored.webhook.name)).first()
    if holder is None:
        return False
    if holder.lease not in (None, owner) and holder.lease_until > now and not _dead(holder.lease):
        return False
    mine = _at(stored).where(_c.lease.is_not_distinct_from(holder.lease), _c.version == stored.webhook.version)
    return connection.execute(mine.values(lease=owner, lease_until=now + LEASE)).rowcount == 1


def _dead(process: str) -> bool:
    """Of a process on another machine only time tells."""
    return from_this_boot(process) and not alive(process)


def record_taken(
    connection: Connection, stored: StoredWebhook, to: Position, owner: str, now: datetime
) -> StoredWebhook | None:
    """The receiver took the event at `to`; None if the webhook is not `owner`'s any more."""
    moved = {"after_transaction": to.transaction, "after_id": to.id, "failures": 0, "trouble": None, "next_at": None}
    mine = _at(stored).where(_c.lease == owner)
    if connection.execute(mine.values(**moved, delivered_at=now, lease_until=now + LEASE)).rowcount != 1:
        return None
    return replace(stored, delivery=Delivery(to, delivered_at=now))


def record_refused(connection: Connection, stored: StoredWebhook, trouble: str, owner: str, now: datetime) -> None:
    """The receiver did not take the next event: it is tried again, later each time, and nothing behind it before."""
    failures = stored.delivery.failures + 1
    mine = _at(stored).where(_c.lease == owner, _c.version == stored.webhook.version)
    waiting = {"failures": failures, "trouble": trouble, "next_at": now + wait_after(failures)}
    connection.execute(mine.values(**waiting, lease=None, lease_until=None))


def release(connection: Connection, name: str, owner: str) -> None:
    connection.execute(update(rows.webhooks).where(_c.name == name, _c.lease == owner).values(lease=None))


def pass_by(connection: Connection, stored: StoredWebhook, to: Position) -> None:
    """Nothing up to `to` is for this webhook."""
    connection.execute(_at(stored).where(_c.lease.is_(None)).values(after_transaction=to.transaction, after_id=to.id))


def wait_after(failures: int) -> timedelta:
    """2 s, 4 s, 8 s … up to 10 minutes, for as long as it takes."""
    return min(SHORTEST_WAIT * (1 << min(failures - 1, 20)), LONGEST_WAIT)


def _at(stored: StoredWebhook) -> Any:
    """An update that misses a webhook which has gone on since it was read."""
    at = stored.delivery.position
    here = update(rows.webhooks).where(_c.name == stored.webhook.name)
    return here.where(_c.after_transaction == at.transaction, _c.after_id == at.id)


def _checked(webhook: Webhook, hosts: Sequence[str]) -> Webhook:
    demand_name("Webhook", webhook.name)
    parse_target(webhook.url, hosts)
    if len(webhook.subjects) > 1_000:
        raise InvalidInput(what=f"webhook {webhook.name}", why="it names more than 1,000 subjects.")
    return replace(webhook, kinds=tuple(sorted(set(webhook.kinds))), subjects=tuple(sorted(set(webhook.subjects))))


def _values(webhook: Webhook) -> dict[str, object]:
    bare = replace(webhook, name="", version=0, created_at=None, updated_at=None)
    body = msgspec.json.encode(bare).decode()
    return {"body": body, "version": webhook.version, "updated_at": webhook.updated_at}


def _stored(row: Row[Any]) -> StoredWebhook:
    bare = msgspec.json.decode(row.body, type=Webhook)
    times = {"created_at": row.created_at, "updated_at": row.updated_at}
    webhook = replace(bare, name=row.name, version=row.version, **times)
    position = Position(row.after_transaction, row.after_id)
    return StoredWebhook(webhook, Delivery(position, row.failures, row.trouble, row.next_at, row.delivered_at))
