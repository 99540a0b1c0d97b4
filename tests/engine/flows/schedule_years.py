"""A simulated time of two schedulers on one database: jumps of the clock by an hour, moved clocks, pauses, restarts."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from catalog import db
from engine import rows
from engine.engine import Engine
from engine.flows import cron
from engine.flows.scheduler import Scheduler
from engine.flows.timed import of_trigger
from engine.flows.trigger_model import Trigger
from engine.flows.trigger_rules import zone_of
from engine.model import Job
from tests.conftest import NOON, Clock
from tests.engine.flows.flowing import scheduled
from tests.engine.flows.scheduling import end_all

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe")
HOUR, PAUSE = timedelta(hours=1), timedelta(minutes=10)


@dataclass(frozen=True)
class Played:
    fires: int
    jumps: int
    cpu_seconds: float

    def __str__(self) -> str:
        return f"{self.fires:,} fires, {self.jumps:,} jumps and pauses, {self.cpu_seconds:.1f} s of CPU"


def play(url: str, triggers: int, days: int, seed: int, jumping: float = 0.05) -> Played:
    """Let the time pass, with a jump or pause at the share `jumping` of the instants.

    Raises AssertionError unless each instant of each trigger fired exactly once.
    """
    began = time.process_time()
    stores = [db.connect(url) for _ in range(2)]
    clock, chance = Clock(), random.Random(seed)
    engines = [Engine(store, clock) for store in stores]
    engines[0].create_job(Job("job", "/job.py", max_concurrent_runs=1_000_000))
    made = [engines[0].create_trigger(each, start=True) for each in _triggers(chance, triggers)]
    end = NOON + timedelta(days=days)
    jumps = _pass(engines, clock, chance, end, jumping)
    expected = sorted((each.name, at) for each in made for at in _instants(each, end))
    c = rows.trigger_fires.c
    with db.reading(stores[0]) as connection:
        fired = sorted((name, cause) for name, cause in connection.execute(select(c.trigger, c.cause)))
        begun = sorted(connection.execute(select(rows.runs.c.trigger_name)).scalars())
    for store in stores:
        store.dispose()
    assert fired == [(name, f"schedule {at.isoformat()}") for name, at in expected]
    assert begun == [name for name, _ in expected]
    return Played(len(expected), jumps, time.process_time() - began)


def _triggers(chance: random.Random, count: int) -> Iterator[Trigger]:
    """Most of them monthly, some weekly, few daily at an hour that moved clocks leave out or show twice."""
    for number in range(count):
        hour, zone, kind = chance.choice(("0", "12")), chance.choice(ZONES), chance.random()
        if kind < 0.03:
            schedule = "cron(30 2 * * ? *)"
        elif kind < 0.1:
            schedule = f"rate({chance.randint(5, 40)} days)"
        elif kind < 0.2:
            schedule = f"cron(0 {hour} ? * {chance.choice(('SUN', 'MON', 'SAT'))} *)"
        else:
            schedule = f"cron(0 {hour} {chance.choice(('1', '15W', 'L', 'LW', 'L-3', '31', '28'))} * ? *)"
        yield scheduled(f"{number:04}", schedule, "job", zone=zone)


def _instants(trigger: Trigger, end: datetime) -> Iterator[datetime]:
    timed, after = of_trigger(trigger), NOON
    schedule, zone = cron.parse(timed.schedule or ""), zone_of(timed.zone)
    while (after := cron.next_instant(schedule, after, timed.updated_at, zone) or end) < end:
        yield after


def _pass(engines: list[Engine], clock: Clock, chance: random.Random, end: datetime, jumping: float) -> int:
    """From instant to instant, at each of which both schedulers tick at the same moment."""
    schedulers, jumps = [Scheduler(engine) for engine in engines], 0
    _tick(schedulers)
    while (due := min(each.due for each in schedulers if each.due)) < end:
        now, fate = due + timedelta(seconds=chance.random() * 5), chance.random() / jumping
        if fate < 0.4:  # ahead by an hour, and right again
            offsets, jumps = [HOUR, timedelta()], jumps + 1
        elif fate < 0.8:  # behind by an hour, and right again
            offsets, jumps = [timedelta(), -HOUR, timedelta()], jumps + 1
        elif fate < 1:  # nobody is there for ten minutes; then new processes are
            offsets, jumps = [PAUSE], jumps + 1
            schedulers = [Scheduler(engine) for engine in engines]
        else:
            offsets = [timedelta()]
        for offset in offsets:
            clock.at = min(now + offset, max(end - timedelta(seconds=1), now))
            _tick(schedulers)
        end_all(engines[0])
    return jumps


def _tick(schedulers: list[Scheduler]) -> None:
    together, failures = threading.Barrier(len(schedulers)), list[BaseException]()

    def work(scheduler: Scheduler) -> None:
        try:
            together.wait(60)
            scheduler.tick()
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=work, args=(each,)) for each in schedulers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
