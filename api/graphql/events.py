"""Events: what has happened, asked for in pages and followed as it happens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from datetime import datetime

import strawberry
from starlette.concurrency import run_in_threadpool
from strawberry.scalars import JSON

from api.graphql.connections import FIRST, After, Connection, First, connect, size
from api.graphql.context import Info
from api.graphql.fields import field, subscription
from engine.events import event_model, events
from engine.events.event_model import DETAIL_TYPE, EventFilter, EventKind

POLL_SECONDS = 0.2
AT_ONCE = 200

strawberry.enum(
    EventKind,
    description="What an event tells of: a job run or a crawl that went from state to state; a job run that takes "
    "longer than its job's notify delay; a table made or deleted, or changed, by a crawl or a job; a workflow run's "
    "end; the test of a webhook.",
)


@strawberry.type(description="Something that has happened.")
class Event:
    cursor: str = strawberry.field(description="Give it as `after` to go on behind this event.")
    event_id: str = strawberry.field(description="The same wherever the event is told.")
    at: datetime
    kind: EventKind
    detail_type: str = strawberry.field(description="What EventBridge calls its kind.")
    subject: str | None = strawberry.field(
        description="A job, crawler or workflow, or DATABASE.TABLE; null for a crawl of bare places."
    )
    run_id: str | None = strawberry.field(description="The job run or crawl; null where it was neither.")
    detail: JSON = strawberry.field(description="As Glue tells it in EventBridge.")

    @classmethod
    def of(cls, event: event_model.Event) -> Event:
        return cls(
            cursor=events.LISTING.token_after(event.position),
            event_id=event.id,
            at=event.at,
            kind=event.kind,
            detail_type=DETAIL_TYPE[event.kind],
            subject=event.subject,
            run_id=event.run_id,
            detail=JSON(event.detail),
        )


def wanted(kinds: list[EventKind] | None, subjects: list[str] | None, since: datetime | None = None) -> EventFilter:
    return EventFilter(tuple(kinds or ()), tuple(subjects or ()), since)


@strawberry.type
class EventQueries:
    @field("Oldest first; of some kinds and subjects, or all; those that happened `since` then.")
    def events(
        self,
        info: Info,
        kinds: list[EventKind] | None = None,
        subjects: list[str] | None = None,
        since: datetime | None = None,
        first: First = FIRST,
        after: After = None,
    ) -> Connection[Event] | None:
        asked = wanted(kinds, subjects, since)
        return connect(
            info,
            events.LISTING,
            info.context.engine.list_events_after(after, asked, size(info, first)),
            key=lambda event: event.position,
            nodes=lambda found: [Event.of(each) for each in found],
            after=after,
        )


@strawberry.type
class EventSubscriptions:
    @subscription(
        "Events as they happen: those behind the cursor `after`, or from now on. None is lost between two "
        "subscriptions if the second begins with the last cursor of the first."
    )
    async def events(
        self,
        info: Info,
        after: After = None,
        kinds: list[EventKind] | None = None,
        subjects: list[str] | None = None,
    ) -> AsyncGenerator[Event, None]:
        engine, asked = info.context.engine, wanted(kinds, subjects)
        if after is None:
            after = events.LISTING.token_after(await run_in_threadpool(engine.end_of_events))
        while True:
            page = await run_in_threadpool(engine.list_events_after, after, asked, AT_ONCE)
            for event in page.items:
                told = Event.of(event)
                after = told.cursor
                yield told
            if page.next_token is None:
                await asyncio.sleep(POLL_SECONDS)
