"""What fires by time, crawlers and triggers alike, as the scheduler follows it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, Text, cast, literal, select, union_all

from crawlers import definitions
from crawlers import rows as crawler_rows
from crawlers.model import Crawler
from engine import rows
from engine.flows import cron, triggers
from engine.flows.trigger_model import Trigger, TriggerState, TriggerType
from engine.flows.trigger_rules import zone_of
from engine.model import CRAWLER, TRIGGER, FireKind

# Kind, name, version and time of the last update: a thing made anew under its old name begins at its first version
# again, and is told from the old one by the time.
Stamp = tuple[str, str, int, str]

_crawlers = crawler_rows.crawlers.c
_triggers = rows.triggers.c
_FOLLOWED = (_triggers.type == TriggerType.SCHEDULED, _triggers.state == TriggerState.ACTIVATED)
_STAMPS = union_all(
    select(literal(CRAWLER), _crawlers.name, _crawlers.version, cast(_crawlers.updated_at, Text)),
    select(literal(TRIGGER), _triggers.name, _triggers.version, cast(_triggers.updated_at, Text)).where(*_FOLLOWED),
)
_AT_ONCE = 500
_NEVER = datetime.min.replace(tzinfo=UTC)  # what is stored was updated at some time


@dataclass(frozen=True)
class Timed:
    """A crawler or a trigger as it stood at `version`; `schedule` is None if it is not followed."""

    kind: FireKind
    name: str
    version: int
    updated_at: datetime
    schedule: str | None
    zone: str = "UTC"


def changed_timed(connection: Connection, known: Collection[Stamp]) -> tuple[set[Stamp], dict[Stamp, Timed]]:
    """The stamps of all that may fire by time; and what those mean that are not `known`. One query if none is new."""
    stamps: set[Stamp] = set(map(tuple, connection.execute(_STAMPS).all()))
    new = sorted(stamps.difference(known))
    found: dict[Stamp, Timed] = {}
    for kind, load in ((CRAWLER, _timed_crawlers), (TRIGGER, _timed_triggers)):
        by_name = {stamp[1]: stamp for stamp in new if stamp[0] == kind}
        names = list(by_name)
        for first in range(0, len(names), _AT_ONCE):
            found |= {by_name[each.name]: each for each in load(connection, names[first : first + _AT_ONCE])}
    return stamps, found


def _timed_crawlers(connection: Connection, names: Sequence[str]) -> Iterator[Timed]:
    for crawler in definitions.batch_get_crawlers(connection, names):
        yield of_crawler(crawler)


def _timed_triggers(connection: Connection, names: Sequence[str]) -> Iterator[Timed]:
    for row in connection.execute(select(rows.triggers).where(_triggers.name.in_(names))):
        yield of_trigger(triggers.of_row(row))


def of_crawler(crawler: Crawler) -> Timed:
    schedule = None if crawler.schedule_paused else crawler.schedule
    return Timed(CRAWLER, crawler.name, crawler.version, crawler.updated_at or _NEVER, schedule)


def of_trigger(trigger: Trigger) -> Timed:
    schedule = trigger.schedule if trigger.state is TriggerState.ACTIVATED else None
    return Timed(TRIGGER, trigger.name, trigger.version, trigger.updated_at or _NEVER, schedule, trigger.zone)


def due_of(timed: Timed, after: datetime) -> datetime | None:
    """The first instant later than `after`. Raises InvalidInput for a schedule or zone that cannot be read."""
    return next(iter(next_dues(timed, after, 1)), None)


def next_dues(timed: Timed, after: datetime, count: int) -> tuple[datetime, ...]:
    """The next instants, in UTC: at most `count`, none without a schedule. Raises InvalidInput."""
    if timed.schedule is None:
        return ()
    zone = UTC if timed.zone == "UTC" else zone_of(timed.zone)
    return cron.next_instants(cron.parse(timed.schedule), after, timed.updated_at, count, zone)
