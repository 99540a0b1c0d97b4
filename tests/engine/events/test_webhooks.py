"""Webhooks: events delivered to a real receiver, in order, each at least once, whatever goes wrong."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine as Store
from sqlalchemy import text

from catalog import db
from catalog.errors import AlreadyExists, InvalidInput, NotFound, SecretUnusable, VersionConflict
from catalog.sealing import KEY_BYTES, Sealer
from crawlers.model import Crawler, Target
from engine.engine import Engine
from engine.errors import WebhookTargetRefused
from engine.events import deliveries, posting, webhooks
from engine.events.deliveries import Deliveries, try_webhook
from engine.events.event_model import EventKind
from engine.events.webhooks import Webhook
from engine.running.processes import identity
from tests.conftest import Clock
from tests.engine.events.receiving import SECRET, Receiver, receiving

CRAWLER = Crawler("crawl", "shop", (Target("/lake"),))


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def engine(store: Store, clock: Clock) -> Engine:
    return Engine(store, clock, sealer=lambda: Sealer([b"k" * KEY_BYTES]))


@pytest.fixture
def hook(engine: Engine, receiver: Receiver) -> Webhook:
    return engine.create_webhook(Webhook("ops", receiver.url), SECRET)


def happen(engine: Engine, count: int) -> list[str]:
    """So many things happen; the ids of their events."""
    for _ in range(count):
        engine.start_crawl(CRAWLER)
    return [event.id for event in engine.list_last_events(count)]


def test_what_happens_is_told_in_order_and_signed(engine: Engine, receiver: Receiver, clock: Clock) -> None:
    happen(engine, 2)  # before there is a webhook
    engine.create_webhook(Webhook("ops", receiver.url), SECRET)
    told = happen(engine, 3)
    assert Deliveries(engine).tick() == 3
    assert receiver.ids == told
    assert receiver.taken[0]["detail-type"] == "Glue Crawler State Change"
    assert [each["webhook-id"] for each in receiver.headers] == told
    assert {int(each["webhook-timestamp"]) for each in receiver.headers} == {int(clock().timestamp())}
    assert Deliveries(engine).tick() == 0
    assert engine.get_webhook("ops").delivery.delivered_at == clock()


def test_only_the_kinds_and_subjects_asked_for_are_told(engine: Engine, receiver: Receiver) -> None:
    engine.create_webhook(Webhook("ops", receiver.url, kinds=(EventKind.TABLE_CHANGE,)), SECRET)
    engine.create_webhook(Webhook("lake", receiver.url, subjects=("lake",)), SECRET)
    happen(engine, 3)
    engine.create_crawler(replace(CRAWLER, name="lake"))
    run = engine.start_crawler("lake")
    assert Deliveries(engine).tick() == 1
    assert receiver.taken[0]["detail"]["crawlId"] == run.id


def test_what_a_receiver_does_not_take_is_tried_again_later_each_time_until_it_does(
    engine: Engine, hook: Webhook, receiver: Receiver, clock: Clock
) -> None:
    told = happen(engine, 2)
    receiver.answer = lambda number: 500 if number <= 6 else 200
    sender = Deliveries(engine)
    waits = []
    for tried in range(1, 7):
        assert sender.tick() == 0
        assert receiver.asked == tried
        delivery = engine.get_webhook(hook.name).delivery
        assert (delivery.failures, delivery.trouble) == (tried, "it answered 500")
        assert delivery.failing is (tried >= 5)
        assert delivery.next_at
        waits.append((delivery.next_at - clock()).total_seconds())
        assert sender.tick() == 0
        assert receiver.asked == tried  # it is not due yet
        clock.at = delivery.next_at
    assert waits == [2, 4, 8, 16, 32, 64]
    assert webhooks.wait_after(400) == timedelta(minutes=10)
    assert sender.tick() == 2
    assert receiver.ids == told
    assert engine.get_webhook(hook.name).delivery.failures == 0


@pytest.mark.parametrize(
    ("status", "trouble"),
    [(302, "it answered 302, and redirects are not followed"), (404, "it answered 404"), (410, "it answered 410")],
)
def test_a_redirect_is_not_followed_and_a_refusal_is_told(
    engine: Engine, hook: Webhook, receiver: Receiver, status: int, trouble: str
) -> None:
    happen(engine, 1)
    receiver.answer = lambda _number: status
    Deliveries(engine).tick()
    assert receiver.asked == 1
    assert engine.get_webhook(hook.name).delivery.trouble == trouble


def test_a_receiver_that_does_not_answer_is_given_up_in_time(
    engine: Engine, hook: Webhook, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    over = threading.Event()

    def hang(_number: int) -> int:
        over.wait(30)
        return 200

    receiver.answer = hang
    monkeypatch.setattr(posting, "STEP_SECONDS", 0.2)
    happen(engine, 1)
    Deliveries(engine).tick()
    over.set()
    assert engine.get_webhook(hook.name).delivery.trouble == "it did not answer in time"


def test_a_receiver_that_is_not_there_is_told(engine: Engine, hook: Webhook) -> None:
    engine.update_webhook(replace(hook, url="http://127.0.0.1:1/hook"))
    happen(engine, 1)
    Deliveries(engine).tick()
    assert "it cannot be reached: Connection refused" in str(engine.get_webhook(hook.name).delivery.trouble)


def test_two_processes_send_each_event_once(
    engine: Engine, hook: Webhook, receiver: Receiver, database_url: str, clock: Clock
) -> None:
    told = happen(engine, 30)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        owners = [identity(os.getpid()), identity(other.pid)]
        stores = [db.connect(database_url) for _ in owners]
        threads = [
            threading.Thread(target=Deliveries(Engine(store, clock, sealer=engine.sealer), owner).tick)
            for store, owner in zip(stores, owners, strict=True)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        other.communicate(b"\n")
    for store in stores:
        store.dispose()
    Deliveries(engine).tick()
    assert receiver.ids == told
    assert receiver.asked == len(told)


def test_what_a_killed_process_was_sending_is_sent_again_by_the_next(
    engine: Engine, hook: Webhook, receiver: Receiver, clock: Clock
) -> None:
    told = happen(engine, 3)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        owner = identity(other.pid)
        assert owner
        stored = engine.get_webhook(hook.name)
        assert engine.lease_webhook(stored, owner)
        assert Deliveries(engine).tick() == 0  # the other sends
        other.kill()
    assert Deliveries(engine).tick() == 3
    assert receiver.ids == told
    assert engine.record_taken(stored, stored.delivery.position, owner) is None
    later = engine.get_webhook(hook.name)
    elsewhere = "1:2:another-machine"
    assert engine.lease_webhook(later, elsewhere)
    happen(engine, 1)
    assert Deliveries(engine).tick() == 0
    clock.advance(minutes=1)  # of a process on another machine only its silence tells
    assert Deliveries(engine).tick() == 1


DELIVER = """
import sys
from catalog import db
from catalog.sealing import KEY_BYTES, Sealer
from engine.events.deliveries import Deliveries
from engine.engine import Engine
Deliveries(Engine(db.connect(sys.argv[1]), sealer=lambda: Sealer([b"k" * KEY_BYTES]))).tick()
"""


def test_processes_that_are_killed_while_they_send_lose_nothing_and_keep_the_order(
    engine: Engine, hook: Webhook, receiver: Receiver, database_url: str
) -> None:
    told = happen(engine, 12)
    sending: list[subprocess.Popen[bytes]] = []

    def answer(number: int) -> int:
        if number == 4:
            sending[-1].kill()
        return 200

    receiver.answer = answer
    while engine.get_webhook(hook.name).delivery.position < engine.end_of_events():
        sending.append(subprocess.Popen([sys.executable, "-c", DELIVER, database_url]))
        sending[-1].wait(60)
    assert len(sending) == 2
    assert list(dict.fromkeys(receiver.ids)) == told
    assert len(told) <= receiver.asked <= len(told) + 1  # what was on its way came twice


def test_a_thread_delivers_while_it_runs_and_the_next_goes_on(
    engine: Engine, hook: Webhook, receiver: Receiver
) -> None:
    told = []
    for count in (3, 2):
        sender = Deliveries(engine)
        sender.start()
        told += happen(engine, count)
        receiver.wait_for(len(told))
        sender.stop()
    assert receiver.ids == told


def test_one_that_is_disabled_is_told_when_it_is_enabled_or_from_then_on(
    engine: Engine, hook: Webhook, receiver: Receiver
) -> None:
    engine.update_webhook(replace(hook, enabled=False))
    told = happen(engine, 2)
    assert Deliveries(engine).tick() == 0
    engine.update_webhook(hook)
    assert Deliveries(engine).tick() == 2
    happen(engine, 2)
    engine.skip_webhook_to_now(hook.name)
    told += happen(engine, 1)
    assert Deliveries(engine).tick() == 1
    assert receiver.ids == told


def test_events_that_are_not_for_a_webhook_are_not_looked_through_again(
    engine: Engine, hook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliveries, "FAR_BEHIND", 5)
    engine.update_webhook(replace(hook, kinds=(EventKind.WORKFLOW_ENDED,)))
    happen(engine, 6)
    Deliveries(engine).tick()
    assert engine.get_webhook(hook.name).delivery.position == engine.end_of_events()


def test_a_test_is_signed_and_says_how_it_went(engine: Engine, hook: Webhook, receiver: Receiver) -> None:
    assert try_webhook(engine, hook.name) is None
    assert receiver.taken[0]["detail-type"] == "Isinglass Webhook Test"
    receiver.answer = lambda _number: 503
    assert try_webhook(engine, hook.name) == "it answered 503"
    assert engine.get_webhook(hook.name).delivery.failures == 0


def test_a_secret_is_in_no_table_and_opens_after_a_rotation_alone_with_its_key(engine: Engine, hook: Webhook) -> None:
    with db.reading(engine.engine) as connection:
        row = dict(connection.execute(text("SELECT * FROM webhooks")).mappings().one())
    assert SECRET not in repr(row)
    assert SECRET.removeprefix("whsec_") not in repr(row)
    old, new = b"k" * KEY_BYTES, b"n" * KEY_BYTES
    engine.sealer = lambda: Sealer([new, old])
    assert (engine.reseal_webhook_secrets(), engine.reseal_webhook_secrets()) == (1, 0)
    engine.sealer = lambda: Sealer([new])
    assert engine.unsealed_webhook_secret(hook.name) == SECRET
    engine.sealer = lambda: Sealer([old])
    happen(engine, 1)
    Deliveries(engine).tick()
    assert "is not at hand" in str(engine.get_webhook(hook.name).delivery.trouble)
    with pytest.raises(SecretUnusable):
        engine.unsealed_webhook_secret(hook.name)


@pytest.mark.parametrize("secret", ["", "hunter2", "whsec_", "whsec_c2hvcnQ=", "whsec_ä", f"{SECRET}!", SECRET[6:]])
def test_a_secret_that_is_too_weak_is_refused_without_being_told(engine: Engine, secret: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        engine.create_webhook(Webhook("ops", "https://hooks.example/"), secret)
    assert secret.removeprefix("whsec_")[:4] not in str(refused.value) or len(secret) < 7
    assert engine.find_webhook("ops") is None


def test_webhooks_are_kept_by_name_and_version(engine: Engine, hook: Webhook, receiver: Receiver) -> None:
    with pytest.raises(AlreadyExists):
        engine.create_webhook(hook, SECRET)
    changed = engine.update_webhook(replace(hook, description="the pager"), None, 0)
    assert (changed.version, engine.get_webhook("ops").webhook) == (1, changed)
    with pytest.raises(VersionConflict):
        engine.update_webhook(hook, None, 0)
    assert [each.webhook.name for each in engine.list_webhooks().items] == ["ops"]
    engine.delete_webhook("ops")
    for verb in (engine.get_webhook, engine.delete_webhook, engine.skip_webhook_to_now):
        with pytest.raises(NotFound):
            verb("ops")


def test_a_host_that_is_allowed_no_more_is_not_asked(engine: Engine, hook: Webhook, receiver: Receiver) -> None:
    engine.webhook_hosts = ("hooks.example",)
    happen(engine, 1)
    Deliveries(engine).tick()
    assert receiver.asked == 0
    assert "ISINGLASS_WEBHOOK_HOSTS" in str(engine.get_webhook(hook.name).delivery.trouble)
    with pytest.raises(WebhookTargetRefused):
        engine.update_webhook(hook)
