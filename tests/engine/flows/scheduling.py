"""What tests of the scheduler share: crawlers with schedules, and what became of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import select, update

from catalog import db
from crawlers.model import Crawler, Target
from engine import rows
from engine.engine import Engine
from engine.flows import cron
from engine.model import CRAWL, Run
from engine.states import RunState

CRAWLER = Crawler("lake", "d", (Target("/lake"),))
HOURLY = "cron(0 * * * ? *)"


def create(engine: Engine, schedule: str | None, name: str = "lake") -> Crawler:
    return engine.create_crawler(replace(CRAWLER, name=name, schedule=schedule))


def recorded(engine: Engine) -> list[tuple[str, datetime, str | None]]:
    c = rows.fires.c
    with db.reading(engine.engine) as connection:
        found = connection.execute(select(c.name, c.at, c.run_id).order_by(c.at, c.name))
        return [(name, at, run_id) for name, at, run_id in found]


def crawls(engine: Engine) -> list[Run]:
    return list(engine.list_runs(CRAWL, limit=10_000).items)


def end_all(engine: Engine) -> None:
    """As a worker does, in one statement."""
    c = rows.runs.c
    with db.writing(engine.engine) as connection:
        connection.execute(update(rows.runs).where(c.state == RunState.WAITING).values(state=RunState.SUCCEEDED))


def due_between(crawler: Crawler, after: datetime, until: datetime) -> list[datetime]:
    assert crawler.schedule
    assert crawler.updated_at
    schedule, found = cron.parse(crawler.schedule), []
    while (following := cron.next_instant(schedule, after, crawler.updated_at)) and following <= until:
        after = following
        found.append(after)
    return found
