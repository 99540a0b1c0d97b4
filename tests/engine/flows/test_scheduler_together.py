"""Schedulers of several processes on one database, and a simulated year: each instant once."""

from __future__ import annotations

import random
import shutil
import threading
from collections import Counter
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Engine as Store

from catalog import db
from engine.engine import Engine
from engine.errors import CrawlerRunning
from engine.flows.scheduler import Scheduler
from engine.model import Fire
from tests.conftest import NOON, Clock
from tests.engine.flows.scheduling import HOURLY, crawls, create, due_between, end_all, recorded


def test_two_processes_that_tick_at_once_fire_each_instant_once(database_url: str, store: Store, clock: Clock) -> None:
    schedules = [
        "cron(* * * * ? *)",
        "rate(2 minutes)",
        "cron(0/3 * * * ? *)",
        "cron(0/5 * * * ? *)",
        "rate(7 minutes)",
    ]
    created = [create(Engine(store, clock), schedule, f"c{number}") for number, schedule in enumerate(schedules * 2)]
    others = [db.connect(database_url) for _ in range(2)]
    together = threading.Barrier(2)
    fired: list[Fire] = []
    failures: list[BaseException] = []

    def move_on() -> None:
        end_all(Engine(store, clock))
        clock.at += timedelta(minutes=1)

    turn = threading.Barrier(2, action=move_on)

    def work(scheduler: Scheduler) -> None:
        try:
            for _ in range(20):
                turn.wait(60)
                together.wait(60)
                fired.extend(scheduler.tick())
        except BaseException as failure:
            failures.append(failure)
            turn.abort()

    threads = [threading.Thread(target=work, args=(Scheduler(Engine(other, clock)),)) for other in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for other in others:
        other.dispose()
    assert failures == []
    expected = {(c.name, at) for c in created for at in due_between(c, NOON, NOON + timedelta(minutes=20))}
    assert Counter((fire.name, fire.at) for fire in fired) == Counter(expected)
    assert {(name, at) for name, at, run_id in recorded(Engine(store)) if run_id} == expected
    assert len(crawls(Engine(store))) == len(expected)


def test_a_crawler_started_by_two_at_once_runs_once(database_url: str, store: Store, clock: Clock) -> None:
    create(Engine(store, clock), HOURLY)
    clock.advance(hours=1)
    stores = [db.connect(database_url) for _ in range(6)]
    begun = threading.Barrier(6)
    refused: list[int] = []

    def start(number: int) -> None:
        engine = Engine(stores[number], clock)
        begun.wait(60)
        try:
            engine.start_crawler("lake") if number % 2 else Scheduler(engine).tick()
        except CrawlerRunning:
            refused.append(number)

    threads = [threading.Thread(target=start, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for each in stores:
        each.dispose()
    assert len(crawls(Engine(store))) == 1
    assert len(refused) >= 2  # of the three that were asked by hand


def test_a_year_of_500_crawlers_with_jumps_and_restarts_fires_each_instant_once(
    migrated_sqlite: Path, tmp_path: Path, clock: Clock
) -> None:
    shutil.copy(migrated_sqlite, tmp_path / "catalog.db")
    store = db.connect(db.sqlite_url(tmp_path / "catalog.db"))
    engine = Engine(store, clock)
    chance = random.Random(7)
    days = ["1", "15W", "L", "LW", "L-3", "31", "28"]
    weekdays = ["2#1", "6L", "SAT#3", "SUN#5", "L"]
    made = []
    for number in range(500):
        hour, month = chance.choice([0, 12]), chance.choice(["*", "1/3", "JAN-APR", "4"])
        when = f"{chance.choice(days)} {month} ?" if chance.random() < 0.6 else f"? {month} {chance.choice(weekdays)}"
        made.append(create(engine, f"cron(0 {hour} {when} *)", f"c{number:03}"))
    end = NOON + timedelta(days=365)
    scheduler = Scheduler(engine)
    scheduler.tick()
    while scheduler.due and scheduler.due <= end:
        clock.at = scheduler.due + timedelta(seconds=chance.random() * 5)
        scheduler.tick()
        end_all(engine)
        wavering = chance.random()
        if wavering < 0.1:  # the clock falls behind, and gets right again
            clock.at -= timedelta(hours=1)
            assert scheduler.tick() == []
            clock.at += timedelta(hours=1)
        elif wavering < 0.13:  # ten minutes' pause, then a new process
            clock.advance(minutes=10)
            scheduler = Scheduler(engine)
            assert scheduler.tick() == []
    expected = sorted((at, crawler.name) for crawler in made for at in due_between(crawler, NOON, end))
    assert [(at, name) for name, at, run_id in recorded(engine) if run_id] == expected
    assert len(expected) > 1_500
    store.dispose()
