"""The scheduler: begins the crawls that are due by their crawlers' schedules; each instant once, whoever else ticks.

One that was missed, because no service ran or its clock jumped ahead, is made up for if it is less than GRACE old; of
several missed instants of one crawler only the latest is, the others are skipped. A crawler that still runs when it is
due skips that instant, which is recorded. A schedule counts from its crawler's last update: one set now fires only in
the future. A clock that is set back makes nothing fire twice.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import structlog

from catalog.errors import InvalidInput, StoreUnavailable
from crawlers.model import Crawler
from engine import cron
from engine.engine import Engine
from engine.model import Fire

GRACE = timedelta(hours=1)
CLOCK_SLACK = timedelta(minutes=1)
LONGEST_SLEEP_SECONDS = 5.0

log = structlog.get_logger()


@dataclass(frozen=True)
class Plan:
    """A crawler's schedule, None if it has none; the instants up to `settled` are behind it and `due` is the next."""

    crawler: Crawler
    schedule: cron.Schedule | None
    since: datetime
    settled: datetime
    due: datetime | None


def planned(crawler: Crawler, now: datetime) -> Plan:
    """A new plan, due at once if an instant may have been missed. Raises InvalidInput for an unreadable schedule."""
    schedule = None if crawler.schedule is None or crawler.schedule_paused else cron.parse(crawler.schedule)
    plan = settle(Plan(crawler, schedule, crawler.updated_at or now, now, None), now - GRACE)
    return replace(plan, due=latest_due(plan, now) or plan.due)


def settle(plan: Plan, until: datetime) -> Plan:
    """The plan once all instants up to `until` are behind it."""
    due = None if plan.schedule is None else cron.next_instant(plan.schedule, until, plan.since)
    return replace(plan, settled=until, due=due)


def latest_due(plan: Plan, now: datetime) -> datetime | None:
    """The latest instant that has come and is not settled; None if there is none, or it is older than GRACE."""
    latest = None
    due = settle(plan, max(plan.settled, now - GRACE)).due
    while plan.schedule and due and due <= now:
        latest = due
        due = cron.next_instant(plan.schedule, latest, plan.since)
    return latest


class Scheduler:
    """Ticks in a thread of its own, by the engine's clock. Any number of processes may do so on one database."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.plans: dict[str, Plan] = {}
        self.ticked = datetime.min.replace(tzinfo=UTC)
        self.ending = threading.Event()
        self.thread: threading.Thread | None = None

    @property
    def due(self) -> datetime | None:
        """The next instant at which anything is due, as far as the last tick knew."""
        return min((each.due for each in self.plans.values() if each.due), default=None)

    def tick(self) -> list[Fire]:
        """Fire all that is due, and tell what this process fired or skipped. Raises StoreUnavailable.

        It may be repeated at any time: what a failed tick has not fired, the next one does.
        """
        now = self.engine.now()
        if now + CLOCK_SLACK < self.ticked:
            log.warning("the clock was set back", before=str(self.ticked), now=str(now))
            self.plans = {name: planned(plan.crawler, now) for name, plan in self.plans.items()}
        self.ticked = now
        self._refresh(now)
        fires = []
        for name, plan in self.plans.items():
            if plan.due and plan.due <= now:
                fire = self._fire(plan, now)
                self.plans[name] = settle(plan, now)
                if fire:
                    fires.append(fire)
        return fires

    def start(self) -> None:
        self.thread = threading.Thread(target=self._run, name="scheduler", daemon=True)
        self.thread.start()

    def stop(self) -> None:
        self.ending.set()
        if self.thread:
            self.thread.join()

    def _refresh(self, now: datetime) -> None:
        names, changed = self.engine.changed_crawlers({name: plan.crawler for name, plan in self.plans.items()})
        self.plans = {name: plan for name, plan in self.plans.items() if name in names}
        for crawler in changed:
            try:
                self.plans[crawler.name] = planned(crawler, now)
            except InvalidInput as error:  # kept by a release that read it: one crawler must not stop the others
                log.warning("a crawler's schedule is not followed", crawler=crawler.name, why=str(error))
                self.plans[crawler.name] = planned(replace(crawler, schedule=None), now)

    def _fire(self, plan: Plan, now: datetime) -> Fire | None:
        name, at = plan.crawler.name, latest_due(plan, now)
        if at != plan.due:
            log.warning("instants of a schedule were missed", crawler=name, first=str(plan.due), made_up=str(at))
        fire = self.engine.fire_crawler(plan.crawler, at) if at else None
        if fire and fire.run_id:
            log.info("crawler fired", crawler=name, at=str(at), run=fire.run_id)
        elif fire:
            log.warning("a fire was skipped, as the crawler still runs", crawler=name, at=str(at), run=fire.busy)
        return fire

    def _run(self) -> None:
        while not self.ending.is_set():
            seconds = LONGEST_SLEEP_SECONDS
            try:
                self.tick()
                if self.due:
                    seconds = min(seconds, (self.due - self.engine.now()).total_seconds())
            except StoreUnavailable as error:  # nothing is lost: the next tick makes up for it
                log.warning("the scheduler waits for the database", why=str(error))
            except Exception:
                log.exception("a fault of Isinglass in the scheduler")
            self.ending.wait(max(0.0, seconds))
