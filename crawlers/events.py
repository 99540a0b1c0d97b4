"""Events of objects, as told to crawlers in event mode: kept until the next crawl has looked at their folders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import msgspec
from sqlalchemy import Connection, delete, insert, select

from catalog.errors import InvalidInput
from crawlers import rows
from crawlers.model import Crawler, RecrawlBehavior
from crawlers.naming import is_below
from crawlers.places import S3, scheme_of, shown

MOST = 10_000  # events in one call
_c = rows.object_events.c


class EventKind(StrEnum):
    CREATED = "created"
    REMOVED = "removed"


@dataclass(frozen=True)
class ObjectEvent:
    """An object that was written (or written anew) or removed. `place` is its location; of a folder, with a slash."""

    place: str
    kind: EventKind


@dataclass(frozen=True)
class Touched:
    """The events that wait for a crawler: their places, and the last one's number."""

    places: tuple[str, ...]
    last: int


def post_events(connection: Connection, events: Sequence[ObjectEvent], now: datetime) -> int:
    """Keep each event for every crawler in event mode with a target that it lies in; how many events found one.

    Raises InvalidInput for too many at once.
    """
    if len(events) > MOST:
        raise InvalidInput(what="the list of events", why=f"it has {len(events)}; {MOST} at most go in one call.")
    bodies = connection.execute(select(rows.crawlers.c.name, rows.crawlers.c.body))
    crawlers = {name: msgspec.json.decode(body, type=Crawler) for name, body in bodies}
    watching = {
        name: [target.place for target in crawler.targets]
        for name, crawler in crawlers.items()
        if crawler.recrawl is RecrawlBehavior.CRAWL_EVENT_MODE
    }
    found = [(event, name) for event in events for name, places in watching.items() if is_below(event.place, places)]
    if found:
        values = [
            {"crawler": name, "location": _location(event.place), "kind": event.kind, "at": now}
            for event, name in found
        ]
        connection.execute(insert(rows.object_events), values)
    return len({id(event) for event, _ in found})


def _location(place: str) -> str:
    """A key of S3 may have any sign, `#` and `?` among them; a URL of another store may bear secrets behind those."""
    return place if scheme_of(place) in S3 else shown(place)


def find_touched(connection: Connection, crawler: Crawler) -> Touched | None:
    """The events that wait for a crawler in event mode. None if there are none: then it lists everything, as nobody may
    be telling it of events at all."""
    if crawler.recrawl is not RecrawlBehavior.CRAWL_EVENT_MODE:
        return None
    waiting = select(_c.id, _c.location).where(_c.crawler == crawler.name).order_by(_c.id)
    found = list(connection.execute(waiting))
    return Touched(tuple(dict.fromkeys(place for _, place in found)), found[-1][0]) if found else None


def delete_events(connection: Connection, crawler: str, touched: Touched) -> None:
    """Take away those that a crawl has dealt with; what came since waits for the next."""
    connection.execute(delete(rows.object_events).where(_c.crawler == crawler, _c.id <= touched.last))
