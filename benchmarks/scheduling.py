"""What a tick of the scheduler costs with 10,000 enabled triggers: CPU time of this process, on SQLite and PostgreSQL.

    python -m benchmarks.scheduling [--triggers N]

The goal is 100 ms for a tick; the first tick of a process, which plans them all, and one in which 100 are due are
measured beside it.
"""

from __future__ import annotations

import argparse
import logging
import statistics
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from api import logs
from benchmarks.peers.postgresql import postgresql
from catalog import db
from engine.engine import Engine
from engine.flows import triggers
from engine.flows.scheduler import Scheduler
from engine.flows.trigger_model import Action, Node, Trigger, TriggerType
from engine.model import JOB, Job

GOAL_MS = 100.0
TICKS = 20
NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)


class Clock:
    at = NOON

    def __call__(self) -> datetime:
        return self.at


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--triggers", type=int, default=10_000)
    count = parser.parse_args().triggers
    logs.configure(logging.WARNING)
    with TemporaryDirectory(prefix="isinglass-scheduling-") as folder, postgresql(Path(folder)) as (url, _):
        found = [
            measure("SQLite", db.sqlite_url(Path(folder) / "catalog.db"), count),
            measure("PostgreSQL", url, count),
        ]
    return 0 if all(found) else 1


def measure(name: str, url: str, count: int) -> bool:
    """Whether the goal is met."""
    store, clock = db.connect(url), Clock()
    engine = Engine(store, clock)
    fill(engine, count)
    scheduler = Scheduler(engine)
    first = cpu_ms(scheduler)
    quiet = [cpu_ms(scheduler, clock, timedelta(seconds=1)) for _ in range(TICKS)]
    clock.at = NOON + timedelta(hours=1)
    due = cpu_ms(scheduler)
    store.dispose()
    worst = max(quiet)
    print(
        f"{name}: {count:,} triggers, a tick {statistics.median(quiet):.0f} ms of CPU (worst {worst:.0f}, goal "
        f"{GOAL_MS:.0f}: {'met' if worst <= GOAL_MS else 'MISSED'}); the first {first:,.0f} ms; "
        f"with {min(count, 100)} due {due:,.0f} ms"
    )
    return worst <= GOAL_MS


def cpu_ms(scheduler: Scheduler, clock: Clock | None = None, later: timedelta = timedelta()) -> float:
    if clock:
        clock.at += later
    began = time.process_time()
    scheduler.tick()
    return (time.process_time() - began) * 1_000


def fill(engine: Engine, count: int) -> None:
    """Of the triggers 100 are due at 13:00; the others at their own minute of a later day."""
    engine.create_job(Job("job", "/job.py", max_concurrent_runs=count + 1))
    starts = (Action(Node(JOB, "job")),)
    with db.writing(engine.engine) as connection:
        for number in range(count):
            day = 1 + number % 28
            own = f"cron({number % 60} {number % 24} {day} {1 + number % 12} ? 2030)"
            schedule = "cron(0 13 * * ? *)" if number < 100 else own
            trigger = Trigger(f"trigger {number:05}", TriggerType.SCHEDULED, starts, schedule=schedule)
            triggers.create_trigger(connection, trigger, True, NOON)


if __name__ == "__main__":
    sys.exit(main())
