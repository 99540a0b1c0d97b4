"""The scheduler: begins what is due by the schedules of crawlers and triggers; each instant once, whoever else ticks.

One that was missed, because no service ran or its clock jumped ahead, is made up for if it is less than GRACE old; of
several missed instants of one schedule only the latest is, the others are skipped. A crawler that still runs when it is
due skips that instant, which is recorded. A schedule counts from the last update of what has it: one set now fires only
in the future. A clock that is set back makes nothing fire twice.

A tick also fires triggers whose events have waited long enough, and asks triggers about the ends of runs if whoever
recorded these has not come to it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import structlog

from catalog.errors import InvalidInput, StoreUnavailable
from engine.engine import Engine
from engine.flows.timed import Stamp, Timed, due_of
from engine.model import Fire

GRACE = timedelta(hours=1)
CLOCK_SLACK = timedelta(minutes=1)
LONGEST_SLEEP_SECONDS = 5.0

log = structlog.get_logger()


@dataclass(frozen=True)
class Plan:
    """A schedule that is followed: the instants up to `settled` are behind it and `due`, if any, is the next."""

    timed: Timed
    settled: datetime
    due: datetime | None


def planned(timed: Timed, now: datetime) -> Plan:
    """A new plan, due at once if an instant may have been missed. Raises InvalidInput for an unreadable schedule."""
    since = now - GRACE
    plan = Plan(timed, since, due_of(timed, since))
    return replace(plan, due=reach(plan, now)[0] or plan.due)


def _set_back(plan: Plan, now: datetime) -> Plan:
    """The plan by a clock that was set back: another only if instants that are yet to come were taken as past."""
    return plan if plan.settled <= now else planned(plan.timed, now)


def reach(plan: Plan, now: datetime) -> tuple[datetime | None, Plan]:
    """The latest instant that has come and is not settled, and the plan once all up to `now` are behind it.

    None in place of an instant if there is none, or it is older than GRACE.
    """
    latest, oldest = None, now - GRACE
    due = plan.due if plan.due is None or plan.due > oldest else due_of(plan.timed, oldest)
    while due and due <= now:
        latest = due
        due = due_of(plan.timed, latest)
    return latest, replace(plan, settled=now, due=due)


@contextmanager
def _kept(faults: list[Exception]) -> Iterator[None]:
    """What fails holds up nothing else that is due, and is told afterwards. Raises StoreUnavailable."""
    try:
        yield
    except StoreUnavailable:
        raise
    except Exception as error:
        faults.append(error)


class Scheduler:
    """Ticks in a thread of its own, by the engine's clock. Any number of processes may do so on one database."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.plans: dict[Stamp, Plan] = {}
        self.window: datetime | None = None
        self.ticked = datetime.min.replace(tzinfo=UTC)
        self.ending = threading.Event()
        self.thread: threading.Thread | None = None

    @property
    def due(self) -> datetime | None:
        """The next instant at which anything is due, as far as the last tick knew."""
        dues = [each.due for each in self.plans.values() if each.due]
        return min([*dues, self.window] if self.window else dues, default=None)

    def tick(self) -> list[Fire]:
        """Fire all that is due, and tell what this process fired or skipped by schedules. Raises StoreUnavailable.

        It may be repeated at any time: what a failed tick has not fired, the next one does.
        """
        now = self.engine.now()
        if now + CLOCK_SLACK < self.ticked:
            log.warning("the clock was set back", before=str(self.ticked), now=str(now))
            self.plans = {stamp: _set_back(plan, now) for stamp, plan in self.plans.items()}
        self.ticked = now
        seen = self.engine.look(self.plans.keys())
        self._refresh(seen.stamps, seen.new, now)
        fires: list[Fire] = []
        faults: list[Exception] = []
        for stamp, plan in self.plans.items():
            if plan.due and plan.due <= now:
                with _kept(faults):
                    at, reached = reach(plan, now)
                    fire = self._fire(plan, at)
                    self.plans[stamp] = reached
                    fires += [fire] if fire else []
        for window in seen.windows:
            if window.due <= now:
                with _kept(faults):
                    self.engine.fire_window(window.trigger)
        self.window = min((each.due for each in seen.windows if each.due > now), default=None)
        for run_id in seen.ended:
            self.engine.settle_apart(run_id)
        if faults:
            raise faults[0]
        return fires

    def start(self) -> None:
        self.thread = threading.Thread(target=self._run, name="scheduler", daemon=True)
        self.thread.start()

    def stop(self) -> None:
        self.ending.set()
        if self.thread:
            self.thread.join()

    def _refresh(self, stamps: set[Stamp], new: dict[Stamp, Timed], now: datetime) -> None:
        if new or len(stamps) != len(self.plans):
            self.plans = {stamp: plan for stamp, plan in self.plans.items() if stamp in stamps}
        for stamp, timed in new.items():
            try:
                self.plans[stamp] = planned(timed, now)
            except InvalidInput as error:  # kept by a release that read it: one schedule must not stop the others
                log.warning("a schedule is not followed", kind=timed.kind, name=timed.name, why=str(error))
                self.plans[stamp] = planned(replace(timed, schedule=None), now)

    def _fire(self, plan: Plan, at: datetime | None) -> Fire | None:
        kind, name = plan.timed.kind, plan.timed.name
        if at != plan.due:
            log.warning(
                "instants of a schedule were missed", kind=kind, name=name, first=str(plan.due), made_up=str(at)
            )
        fire = self.engine.fire_timed(plan.timed, at) if at else None
        if fire and fire.run_id:
            log.info("a schedule fired", kind=kind, name=name, at=str(at), run=fire.run_id)
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
