"""The engine's verbs of events, each in a transaction of its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Engine as SqlEngine

from catalog.db import reading, writing
from catalog.model import Page
from engine.events import events
from engine.events.event_model import EVERYTHING, Event, EventFilter, Position


class EventDoors:
    engine: SqlEngine
    now: Callable[[], datetime]

    def list_events_after(
        self, token: str | None = None, wanted: EventFilter = EVERYTHING, limit: int = 100
    ) -> Page[Event]:
        """Of all events, oldest first. Raises InvalidPageToken."""
        after = events.LISTING.after(token)
        with reading(self.engine) as connection:
            found = events.list_events(connection, limit + 1, after, wanted)
        return events.LISTING.page(found, limit, lambda event: event.position)

    def list_last_events(self, limit: int, wanted: EventFilter = EVERYTHING) -> list[Event]:
        with reading(self.engine) as connection:
            return events.list_last_events(connection, limit, wanted)

    def end_of_events(self) -> Position:
        """The position that all that is still to come stands after."""
        with reading(self.engine) as connection:
            return events.end(connection)

    def tell_delayed_runs(self) -> int:
        """Tell of each run that takes longer than its notify delay, once; how many were told now."""
        with reading(self.engine) as connection:
            delayed = events.find_delayed(connection, self.now())
        told = 0
        for run, minutes in delayed:
            with writing(self.engine) as connection:
                told += events.tell_delayed(connection, run, minutes, self.now())
        return told
