"""Events of objects: what a store's notifications say of its objects, for the crawlers in event mode."""

from __future__ import annotations

import strawberry

from api.graphql.context import Info
from api.graphql.fields import mutation
from api.graphql.outcomes import Payload, attempt
from crawlers import events

strawberry.enum(events.EventKind, name="ObjectEventKind", description="CREATED: the object was written, or anew.")


@strawberry.input(description="An object that was written or removed.")
class ObjectEventInput:
    place: str = strawberry.field(description="Its location, a path or a URI; that of a folder ends with a slash.")
    kind: events.EventKind

    def value(self) -> events.ObjectEvent:
        return events.ObjectEvent(self.place, self.kind)


@strawberry.input
class PostObjectEventsInput:
    events: list[ObjectEventInput] = strawberry.field(description=f"{events.MOST} at most.")
    client_mutation_id: str | None = None


@strawberry.type
class PostObjectEventsPayload(Payload):
    kept_count: int | None = strawberry.field(
        description="How many concern a crawler in event mode; its next crawl looks at their folders alone."
    )


@strawberry.type
class ObjectEventMutations:
    @mutation("Tell the crawlers in event mode what was written or removed in their places.")
    def post_object_events(self, info: Info, input: PostObjectEventsInput) -> PostObjectEventsPayload | None:
        tried = attempt(lambda: info.context.engine.post_object_events([each.value() for each in input.events]), {})
        return PostObjectEventsPayload(
            kept_count=tried.result, user_errors=tried.errors, client_mutation_id=input.client_mutation_id
        )
