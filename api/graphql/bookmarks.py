"""Job bookmarks: what a job has read already."""

from __future__ import annotations

from datetime import UTC, datetime

import strawberry

from api.graphql.context import Context, Info
from api.graphql.fields import field, mutation
from api.graphql.nodes import Node
from api.graphql.outcomes import Payload, attempt
from engine import model


@strawberry.type(description="How far one source was read.")
class SourceBookmark:
    context: str = strawberry.field(description="The transformation_ctx.")
    read_up_to: datetime = strawberry.field(description="Files changed up to here were read, by the store's clock.")
    remembered_files: int = strawberry.field(description="Files kept by name, as they changed shortly before that.")


@strawberry.type(description="What a job has read already, as it stood after its latest run that moved it.")
class Bookmark(Node):
    job_name: str
    version: int = strawberry.field(description="Counts the moves, resets among them, from 1.")
    run_id: str | None = strawberry.field(description="The run that moved it; null after a reset.")
    at: datetime
    sources: list[SourceBookmark]

    def key(self) -> tuple[str, ...]:
        return (self.job_name,)

    @classmethod
    def of(cls, bookmark: model.Bookmark | None) -> Bookmark | None:
        if bookmark is None:
            return None
        sources = [
            SourceBookmark(
                context=context,
                read_up_to=datetime.fromtimestamp(state.high_ms / 1000, UTC),
                remembered_files=len(state.seen),
            )
            for context, state in bookmark.sources.items()
        ]
        return cls(
            job_name=bookmark.job, version=bookmark.version, run_id=bookmark.run_id, at=bookmark.at, sources=sources
        )

    @classmethod
    def find(cls, context: Context, job: str) -> Bookmark | None:
        return cls.of(context.engine.find_bookmark(job))


@strawberry.type
class BookmarkQueries:
    @field("Null if there is no such job, or it has none.")
    def bookmark(self, info: Info, job: str) -> Bookmark | None:
        return Bookmark.find(info.context, job)


@strawberry.input
class ResetJobBookmarkInput:
    job_name: str
    dry_run: bool = strawberry.field(default=False, description="Say what would be forgotten, and change nothing.")
    client_mutation_id: str | None = None


@strawberry.type
class ResetJobBookmarkPayload(Payload):
    forgotten: Bookmark | None = strawberry.field(description="The bookmark as it was; null if there was none.")


@strawberry.type
class BookmarkMutations:
    @mutation("Forget what a job has read: its next run reads everything.")
    def reset_job_bookmark(self, info: Info, input: ResetJobBookmarkInput) -> ResetJobBookmarkPayload | None:
        engine = info.context.trying(input.dry_run).engine

        def reset() -> model.Bookmark | None:
            before = engine.find_bookmark(input.job_name)
            return before if engine.reset_bookmark(input.job_name) else None

        tried = attempt(reset, {"Job": "jobName"})
        return ResetJobBookmarkPayload(
            forgotten=Bookmark.of(tried.result), user_errors=tried.errors, client_mutation_id=input.client_mutation_id
        )
