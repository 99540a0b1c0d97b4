"""The scheduler: each instant once, whoever ticks; missed instants, busy crawlers, clocks that jump."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine as Store
from sqlalchemy import event, insert

from catalog import db
from catalog.errors import InvalidInput, StoreUnavailable
from crawlers import rows as crawler_rows
from engine.doors.trigger_doors import Look
from engine.engine import Engine
from engine.flows.scheduler import Scheduler
from engine.flows.timed import Stamp, Timed
from engine.ledger import moves
from engine.model import CRAWL, Fire
from engine.states import RunState
from tests.conftest import NOON, Clock
from tests.engine.flows.scheduling import HOURLY, crawls, create, end_all, recorded

QUARTERS = "cron(0/15 * * * ? *)"


@pytest.fixture
def engine(store: Store, clock: Clock) -> Engine:
    return Engine(store, clock)


@pytest.fixture
def scheduler(engine: Engine) -> Scheduler:
    return Scheduler(engine)


def clock_at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-09-01 {text}").replace(tzinfo=UTC)


def tick_at(scheduler: Scheduler, clock: Clock, text: str) -> list[str]:
    """Tick at that time of the day; the instants that this tick fired or skipped."""
    clock.at = clock_at(text)
    return [f"{fire.at:%H:%M}{'' if fire.run_id else ' skipped'}" for fire in scheduler.tick()]


def test_a_crawler_fires_when_it_is_due_and_not_again(engine: Engine, scheduler: Scheduler, clock: Clock) -> None:
    crawler = create(engine, "cron(15 12 * * ? *)")
    assert tick_at(scheduler, clock, "12:14:59") == []
    assert scheduler.due == clock_at("12:15")
    assert tick_at(scheduler, clock, "12:15:00") == ["12:15"]
    assert tick_at(scheduler, clock, "12:15:01") == []
    [run] = crawls(engine)
    assert recorded(engine) == [("lake", clock_at("12:15"), run.id)]
    assert (run.kind, run.subject, run.state, run.queued_at) == (CRAWL, "lake", RunState.WAITING, clock_at("12:15"))
    assert '"schedule":"cron(15 12 * * ? *)"' in run.spec
    assert scheduler.due == clock_at("12:15") + timedelta(days=1) == engine.next_fires(crawler, 1)[0]


def test_a_rate_counts_from_the_crawlers_last_update(engine: Engine, scheduler: Scheduler, clock: Clock) -> None:
    clock.at = clock_at("12:03:30")
    crawler = create(engine, "rate(20 minutes)")
    assert [f"{at:%H:%M:%S}" for at in engine.next_fires(crawler, 3)] == ["12:23:30", "12:43:30", "13:03:30"]
    assert tick_at(scheduler, clock, "12:23:29") == []
    assert tick_at(scheduler, clock, "12:23:30") == ["12:23"]


def test_a_crawler_without_a_schedule_is_never_due(engine: Engine, scheduler: Scheduler, clock: Clock) -> None:
    crawler = create(engine, None)
    never = create(engine, "cron(0 0 31 2 ? *)", "never")
    assert tick_at(scheduler, clock, "23:59") == []
    assert scheduler.due is None
    assert engine.next_fires(crawler, 5) == engine.next_fires(never, 5) == ()


def test_a_schedule_set_now_fires_only_in_the_future(engine: Engine, scheduler: Scheduler, clock: Clock) -> None:
    clock.at = clock_at("12:15")
    create(engine, "cron(10,15 12 * * ? *)")
    assert tick_at(scheduler, clock, "12:16") == []


def test_a_changed_schedule_is_followed_from_the_change_on(engine: Engine, scheduler: Scheduler, clock: Clock) -> None:
    crawler = create(engine, HOURLY)
    assert tick_at(scheduler, clock, "12:30") == []
    engine.update_crawler(replace(crawler, schedule="cron(20,40 * * * ? *)"))
    assert tick_at(scheduler, clock, "12:31") == []
    assert tick_at(scheduler, clock, "12:40") == ["12:40"]
    engine.update_crawler(replace(crawler, schedule=None))
    assert tick_at(scheduler, clock, "13:20") == []


def test_a_crawler_made_anew_is_told_from_the_deleted_one(engine: Engine, scheduler: Scheduler, clock: Clock) -> None:
    create(engine, HOURLY)
    tick_at(scheduler, clock, "12:10")
    engine.delete_crawler("lake")
    assert create(engine, "cron(30 * * * ? *)").version == 1
    assert tick_at(scheduler, clock, "12:31") == ["12:30"]
    end_all(engine)
    engine.delete_crawler("lake")
    assert tick_at(scheduler, clock, "13:31") == []
    assert scheduler.due is None


def test_a_crawler_that_still_runs_skips_its_instant(engine: Engine, scheduler: Scheduler, clock: Clock) -> None:
    create(engine, QUARTERS)
    running = engine.start_crawler("lake")
    assert tick_at(scheduler, clock, "12:15") == ["12:15 skipped"]
    assert recorded(engine) == [("lake", clock_at("12:15"), None)]
    end_all(engine)
    assert tick_at(scheduler, clock, "12:16") == []
    assert tick_at(scheduler, clock, "12:30") == ["12:30"]
    assert len(crawls(engine)) == 2
    assert running.id != recorded(engine)[1][2]


@pytest.mark.parametrize(
    ("schedule", "back", "fired"),
    [
        (QUARTERS, "12:40", ["12:30"]),  # the latest alone
        (HOURLY, "13:59:59", ["13:00"]),
        ("cron(30 12 * * ? *)", "13:29", ["12:30"]),
        ("cron(30 12 * * ? *)", "13:30", []),  # an hour ago is too long ago
        ("cron(0/15 12 * * ? *)", "17:00", []),
    ],
)
def test_after_downtime_the_latest_missed_instant_of_the_last_hour_is_made_up_for(
    engine: Engine, clock: Clock, schedule: str, back: str, fired: list[str]
) -> None:
    create(engine, schedule)
    assert tick_at(Scheduler(engine), clock, "12:05") == []
    restarted = Scheduler(engine)
    assert tick_at(restarted, clock, back) == fired
    assert tick_at(restarted, clock, f"{back[:5]}:59.5") == []


def test_a_pause_of_the_same_process_is_downtime_too(engine: Engine, scheduler: Scheduler, clock: Clock) -> None:
    create(engine, "cron(0/10 * * * ? *)")
    assert tick_at(scheduler, clock, "12:10") == ["12:10"]
    end_all(engine)
    assert tick_at(scheduler, clock, "12:55") == ["12:50"]
    end_all(engine)
    assert tick_at(scheduler, clock, "15:00") == ["15:00"]


def test_a_restart_does_not_repeat_what_was_fired(engine: Engine, clock: Clock) -> None:
    create(engine, QUARTERS)
    assert tick_at(Scheduler(engine), clock, "12:15") == ["12:15"]
    end_all(engine)
    assert tick_at(Scheduler(engine), clock, "12:20") == []
    assert len(crawls(engine)) == 1


def test_a_clock_that_jumps_ahead_and_back_fires_each_instant_once(
    engine: Engine, scheduler: Scheduler, clock: Clock
) -> None:
    create(engine, QUARTERS)
    seen = []
    for time in (
        "12:15",
        "13:15:10",
        "12:16",
        "12:30",
        "12:45",
        "13:00",
        "13:15",
        "13:30",
        "12:40",
        "13:30:30",
        "13:45",
    ):
        seen += tick_at(scheduler, clock, time)
        end_all(engine)
    assert seen == ["12:15", "13:15", "12:30", "12:45", "13:00", "13:30", "13:45"]
    assert max(Counter(at for _, at, _ in recorded(engine)).values()) == 1


def test_a_database_that_fails_between_loses_no_fire(
    engine: Engine, scheduler: Scheduler, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b", "c"):
        create(engine, HOURLY, name)
    tick_at(scheduler, clock, "12:59")
    whole = engine.fire_timed

    def failing(timed: Timed, at: datetime) -> Fire | None:
        if timed.name == "b":
            raise StoreUnavailable(url="u", why="it is away.")
        return whole(timed, at)

    with monkeypatch.context() as broken:
        broken.setattr(engine, "fire_timed", failing)
        with pytest.raises(StoreUnavailable):
            tick_at(scheduler, clock, "13:00")
    assert tick_at(scheduler, clock, "13:00:01") == ["13:00", "13:00"]
    assert [name for name, _, _ in recorded(engine)] == ["a", "b", "c"]


def test_a_fire_and_its_run_are_written_together_or_not_at_all(
    engine: Engine, scheduler: Scheduler, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    create(engine, HOURLY)
    tick_at(scheduler, clock, "12:59")
    put_in = moves.put_in
    with monkeypatch.context() as broken:
        broken.setattr(moves, "put_in", lambda *given: (put_in(*given), 1 / 0))
        with pytest.raises(ZeroDivisionError):
            tick_at(scheduler, clock, "13:00")
    assert recorded(engine) == [] == crawls(engine)
    assert tick_at(scheduler, clock, "13:00:05") == ["13:00"]


def test_a_stored_schedule_that_cannot_be_read_does_not_stop_the_others(
    engine: Engine, scheduler: Scheduler, clock: Clock
) -> None:
    create(engine, HOURLY, "good")
    body = '{"name":"","database":"d","targets":[{"place":"/lake"}],"schedule":"every full moon"}'
    with db.writing(engine.engine) as connection:
        values = {"name": "bad", "body": body, "version": 1, "created_at": NOON, "updated_at": NOON}
        connection.execute(insert(crawler_rows.crawlers).values(values))
    assert tick_at(scheduler, clock, "13:00") == ["13:00"]
    assert [name for name, _, _ in recorded(engine)] == ["good"]


@pytest.mark.parametrize("schedule", ["0 12 * * *", "cron(0 12 * * * *)", "rate(5 moons)", ""])
def test_a_schedule_that_cannot_be_read_is_refused_when_it_is_set(engine: Engine, schedule: str) -> None:
    with pytest.raises(InvalidInput, match="schedule"):
        create(engine, schedule)
    crawler = create(engine, None)
    with pytest.raises(InvalidInput, match="schedule"):
        engine.update_crawler(replace(crawler, schedule=schedule))
    assert engine.get_crawler("lake") == crawler


def test_a_tick_is_three_queries_when_nothing_is_new(engine: Engine, clock: Clock) -> None:
    for number in range(50):
        create(engine, HOURLY, f"c{number}")
    scheduler = Scheduler(engine)
    scheduler.tick()
    statements: list[str] = []
    event.listen(engine.engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    clock.at += timedelta(minutes=1)
    scheduler.tick()
    assert [statement.split()[0] for statement in statements if not statement.startswith("BEGIN")] == ["SELECT"] * 3


def test_the_loop_fires_until_it_is_stopped_and_outlives_a_database_that_is_away(
    engine: Engine, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.flows.scheduler.LONGEST_SLEEP_SECONDS", 0.01)
    create(engine, HOURLY)
    whole, back, fired = engine.look, threading.Event(), threading.Event()
    troubles = [StoreUnavailable(url="u", why="it is away."), RuntimeError("a fault of ours")]

    def look(known: Collection[Stamp]) -> Look:
        if troubles:
            raise troubles.pop()
        back.set()
        if recorded(engine):
            fired.set()
        return whole(known)

    monkeypatch.setattr(engine, "look", look)
    scheduler = Scheduler(engine)
    scheduler.start()
    assert back.wait(60)
    clock.at = clock_at("13:00")
    assert fired.wait(60)
    scheduler.stop()
    assert scheduler.thread
    assert not scheduler.thread.is_alive()
    assert [at for _, at, _ in recorded(engine)] == [clock_at("13:00")]
