"""Fires of crawlers: each instant at which one was due is recorded once, with the crawl it began or as skipped."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import msgspec
from sqlalchemy import Connection, update

from catalog.db import insert
from crawlers import definitions
from crawlers.model import Crawler
from engine import rows
from engine.errors import CrawlerRunning, NoSchedule, ScheduleNotRunning, ScheduleRunning
from engine.flows.timed import Timed
from engine.ledger import runs
from engine.model import CRAWL, CRAWLER, Fire, Run

_c = rows.fires.c


def start_crawl(connection: Connection, name: str, now: datetime) -> Run:
    """Put in a crawl of a stored crawler. Raises NotFound; CrawlerRunning, as a crawler never runs twice at once."""
    definitions.hold_crawler(connection, name)
    crawler = definitions.get_crawler(connection, name)
    if running := runs.unfinished(connection, CRAWL, name):
        raise CrawlerRunning(name=name, run=running[0].id)
    return _enqueue(connection, crawler, now)


def fire_crawler(connection: Connection, timed: Timed, at: datetime, now: datetime) -> Fire | None:
    """Begin the crawl that was due `at`, or record it as skipped if one goes on.

    None if another process has fired this instant, or the crawler is no longer as given. The primary key of `fires`
    decides between processes: row and run are written in one transaction.
    """
    definitions.hold_crawler(connection, timed.name)
    crawler = definitions.find_crawler(connection, timed.name)
    if crawler is None or (crawler.version, crawler.updated_at) != (timed.version, timed.updated_at):
        return None
    mine = {"kind": CRAWLER, "name": crawler.name, "at": at}
    recorded = insert(connection, rows.fires).values(mine).on_conflict_do_nothing().returning(_c.at)
    if connection.execute(recorded).first() is None:
        return None
    if running := runs.unfinished(connection, CRAWL, crawler.name):
        return Fire(CRAWLER, crawler.name, at, None, busy=running[0].id)
    run = _enqueue(connection, crawler, now)
    connection.execute(update(rows.fires).filter_by(**mine).values(run_id=run.id))
    return Fire(CRAWLER, crawler.name, at, run.id)


def pause_schedule(connection: Connection, name: str, paused: bool, now: datetime) -> Crawler:
    """Stop a crawler's schedule, or start it again from now on. Raises NotFound; NoSchedule; and if that is so already
    ScheduleNotRunning, or ScheduleRunning.
    """
    definitions.hold_crawler(connection, name)
    crawler = definitions.get_crawler(connection, name)
    if crawler.schedule is None:
        raise NoSchedule(name=name)
    if crawler.schedule_paused == paused:
        raise ScheduleNotRunning(name=name) if paused else ScheduleRunning(name=name)
    return definitions.update_crawler(connection, replace(crawler, schedule_paused=paused), None, now)


def _enqueue(connection: Connection, crawler: Crawler, now: datetime) -> Run:
    return runs.enqueue(connection, CRAWL, crawler.name, msgspec.json.encode(crawler).decode(), now)
