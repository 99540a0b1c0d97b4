"""Delivering events to webhooks, beside the scheduler; any number of processes may do so on one database."""

from __future__ import annotations

import os
import threading
from concurrent.futures import Future, ThreadPoolExecutor

import structlog

from catalog.errors import DomainError, StoreUnavailable
from engine.engine import Engine
from engine.events.event_model import Event, EventKind, Position
from engine.events.posting import post
from engine.events.signing import signed
from engine.events.webhook_targets import parse_target
from engine.events.webhooks import StoredWebhook, Webhook
from engine.running.processes import identity

POLL_SECONDS = 0.5
AT_ONCE = 50
AT_A_TIME = 8
FAR_BEHIND = 500

log = structlog.get_logger()


class Deliveries:
    """Each webhook's events one after the other, several webhooks at a time."""

    def __init__(self, engine: Engine, owner: str | None = None) -> None:
        self.engine = engine
        self.owner = owner or identity(os.getpid()) or ""
        self.ending = threading.Event()
        self.thread: threading.Thread | None = None

    def tick(self) -> int:
        """Deliver all that is due, one webhook after the other; how many events were taken."""
        return sum(self.deliver(each) for each in self.engine.list_due_webhooks())

    def start(self) -> None:
        self.thread = threading.Thread(target=self._run, name="deliveries", daemon=True)
        self.thread.start()

    def stop(self) -> None:
        self.ending.set()
        if self.thread:
            self.thread.join()

    def deliver(self, stored: StoredWebhook) -> int:
        """Send what the webhook is to tell, until the receiver does not take one; how many it took."""
        name, taken = stored.webhook.name, 0
        while not self.ending.is_set():
            found, end = self.engine.list_untold(stored, AT_ONCE)
            if not found:
                if end.id - stored.delivery.position.id > FAR_BEHIND:
                    self.engine.pass_by(stored, end)
                break
            if not self.engine.lease_webhook(stored, self.owner):
                return taken
            for event in found:
                trouble = self._try(stored.webhook, event)
                if trouble is not None:
                    self.engine.record_refused(stored, trouble, self.owner)
                    log.warning("a webhook's event was not taken", webhook=name, told=event.id, why=trouble)
                    return taken
                gone_on = self.engine.record_taken(stored, event.position, self.owner)
                if gone_on is None or self.ending.is_set():
                    self.engine.release_webhook(name, self.owner)
                    return taken
                stored, taken = gone_on, taken + 1
        if taken:
            self.engine.release_webhook(name, self.owner)
        return taken

    def _try(self, webhook: Webhook, event: Event) -> str | None:
        try:
            return send(self.engine, webhook, event)
        except StoreUnavailable:
            raise
        except DomainError as error:  # such as a host that is not allowed any more, or a key that is gone
            return str(error)

    def _run(self) -> None:
        under_way: dict[str, Future[int]] = {}
        with ThreadPoolExecutor(AT_A_TIME, "delivery") as pool:
            while not self.ending.is_set():
                try:
                    under_way = {name: each for name, each in under_way.items() if not each.done()}
                    for each in self.engine.list_due_webhooks():
                        if each.webhook.name not in under_way:
                            under_way[each.webhook.name] = pool.submit(self._carry, each)
                except StoreUnavailable as error:
                    log.warning("deliveries wait for the database", why=str(error))
                except Exception:
                    log.exception("a fault of Isinglass in the deliveries")
                self.ending.wait(POLL_SECONDS)

    def _carry(self, stored: StoredWebhook) -> int:
        try:
            return self.deliver(stored)
        except StoreUnavailable as error:  # nothing is lost: what was not recorded is sent again
            log.warning("a delivery waits for the database", webhook=stored.webhook.name, why=str(error))
        except Exception:
            log.exception("a fault of Isinglass in a delivery", webhook=stored.webhook.name)
        return 0


def send(engine: Engine, webhook: Webhook, event: Event) -> str | None:
    """None if the receiver took it; else why not. Raises WebhookTargetRefused, SecretUnusable, NotFound."""
    target = parse_target(webhook.url, engine.webhook_hosts)
    headers, body = signed(event, engine.unsealed_webhook_secret(webhook.name), engine.now())
    return post(target, headers, body)


def try_webhook(engine: Engine, name: str) -> str | None:
    """Send an event that tells nothing; None if the receiver took it, else why not. Raises NotFound, and as `send`."""
    webhook = engine.get_webhook(name).webhook
    detail = {"webhookName": name, "message": "A test: nothing has happened"}
    return send(engine, webhook, Event(Position(), engine.now(), EventKind.TEST, name, None, detail))
