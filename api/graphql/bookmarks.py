"""Job bookmarks: what a job has read already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice

import strawberry

from api.graphql.batches import Batch
from api.graphql.connections import FIRST, First, size
from api.graphql.context import Context, Info
from api.graphql.fields import field, mutation
from api.graphql.nodes import Node
from api.graphql.numbers import Long
from api.graphql.outcomes import Payload, attempt, if_found
from engine import model
from engine.reads import next_reads
from engine.reads.selection import Reason

strawberry.enum(Reason, name="FileReason", description="Why a file is read (the first three) or not.")


@strawberry.type(description="A place of a source: a table's location, or a path of the script.")
class SettledPlace:
    place: str
    settled_up_to: datetime = strawberry.field(
        description="What changed up to here is taken for read; later files are known one by one."
    )


@strawberry.type(description="How far one source of files was read.")
class SourceBookmark:
    context: str = strawberry.field(description="The transformation_ctx.")
    read_up_to: datetime = strawberry.field(description="Files changed up to here were read, by the store's clock.")
    remembered_files: int = strawberry.field(description="Files kept by name, as they changed shortly before that.")
    places: list[SettledPlace]


@strawberry.type(description="How far the rows of a database were read.")
class RowBookmark:
    context: str = strawberry.field(description="The transformation_ctx.")
    keys: list[str] = strawberry.field(description="The columns that order the rows.")
    descending: bool
    last: list[str] | None = strawberry.field(description="Their values in the last row read; null before the first.")


@strawberry.type(description="A number that a transform goes on from.")
class CountBookmark:
    context: str = strawberry.field(description="The transformation_ctx.")
    count: Long


@strawberry.type(description="The bookmark after one of its moves.")
class BookmarkStep:
    value: strawberry.Private[model.Bookmark]

    @field("Counts the moves from 1.")
    def version(self) -> int:
        return self.value.version

    @field("The run that moved it; null if a user did.")
    def run_id(self) -> str | None:
        return self.value.run_id

    @field()
    def at(self) -> datetime:
        return self.value.at

    @field("How a user moved it, such as reset.")
    def note(self) -> str | None:
        return self.value.note

    @field("Its sources of files.")
    def sources(self) -> list[SourceBookmark]:
        return _file_sources(self.value)


@strawberry.type(description="What a job has read already, as it stood after its latest run that moved it.")
class Bookmark(Node):
    together: strawberry.Private[Batch[str]]
    job_name: str
    version: int = strawberry.field(description="Counts the moves, resets among them, from 1.")
    run_id: str | None = strawberry.field(description="The run that moved it; null if a user did.")
    at: datetime
    note: str | None = strawberry.field(description="How a user moved it, such as reset.")
    sources: list[SourceBookmark] = strawberry.field(description="Its sources of files.")
    rows: list[RowBookmark] = strawberry.field(description="Its sources in databases.")
    counts: list[CountBookmark]

    def key(self) -> tuple[str, ...]:
        return (self.job_name,)

    @field("Its moves, newest first.")
    def history(self, info: Info, first: First = FIRST) -> list[BookmarkStep]:
        limit = size(info, first)
        found = self.together.once(
            ("history", limit), lambda jobs: info.context.engine.batch_list_bookmark_history(jobs, limit)
        )
        return [BookmarkStep(value=each) for each in found[self.job_name]]

    @classmethod
    def all(cls, found: Sequence[model.Bookmark]) -> list[Bookmark]:
        together = Batch([each.job for each in found])
        return [cls._of(each, together) for each in found]

    @classmethod
    def of(cls, bookmark: model.Bookmark | None) -> Bookmark | None:
        return cls.all([bookmark])[0] if bookmark else None

    @classmethod
    def _of(cls, bookmark: model.Bookmark, together: Batch[str]) -> Bookmark:
        states = sorted(bookmark.sources.items())
        rows = [
            RowBookmark(
                context=context,
                keys=list(s.keys),
                descending=s.descending,
                last=None if s.last is None else list(s.last),
            )
            for context, s in states
            if isinstance(s, model.KeyState)
        ]
        return cls(
            together=together,
            job_name=bookmark.job,
            version=bookmark.version,
            run_id=bookmark.run_id,
            at=bookmark.at,
            note=bookmark.note,
            sources=_file_sources(bookmark),
            rows=rows,
            counts=[
                CountBookmark(context=context, count=Long(s.count))
                for context, s in states
                if isinstance(s, model.CountState)
            ],
        )

    @classmethod
    def find(cls, context: Context, job: str) -> Bookmark | None:
        return cls.of(context.engine.find_bookmark(job))


def _file_sources(bookmark: model.Bookmark) -> list[SourceBookmark]:
    return [
        SourceBookmark(
            context=context,
            read_up_to=_instant(state.high_ms),
            remembered_files=len(state.seen),
            places=[SettledPlace(place=place, settled_up_to=_instant(at)) for place, at in state.settled.items()],
        )
        for context, state in sorted(bookmark.sources.items())
        if isinstance(state, model.FileState)
    ]


def _instant(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)


@strawberry.type(description="How many files there are of one reason.")
class ReasonCount:
    reason: Reason
    count: int

    @classmethod
    def all(cls, counts: Mapping[str, int]) -> list[ReasonCount]:
        return [cls(reason=Reason(reason), count=count) for reason, count in sorted(counts.items())]


@strawberry.type(description="A file of a source, and whether the next run would read it.")
class NextFile:
    path: str
    size: Long
    modified_at: datetime
    reason: Reason


@strawberry.type(description="What a job's next run would read through one transformation_ctx.")
class NextRead:
    value: strawberry.Private[next_reads.NextRead]

    @field("The transformation_ctx.")
    def context(self) -> str:
        return self.value.context

    @field("The table or path.")
    def source(self) -> str:
        return self.value.source

    @field("How many files are there, by reason.")
    def reasons(self) -> list[ReasonCount]:
        return ReasonCount.all(self.value.counts)

    @field("The files that would be read; with `all` also those that would not, each with its reason.")
    def files(self, info: Info, first: First = FIRST, all: bool = False) -> list[NextFile]:
        judged = self.value.choice.judged if self.value.choice else ()
        wanted = (each for each in judged if all or each[1].selected)
        return [
            NextFile(path=f.path, size=Long(f.size), modified_at=_instant(f.modified_ms), reason=reason)
            for f, reason in islice(wanted, size(info, first))
        ]

    @field("Of a database: the columns that order the rows.")
    def keys(self) -> list[str]:
        return list(self.value.keys)

    @field("Of a database: rows after these values would be read; null means from the first on.")
    def after(self) -> list[str] | None:
        return list(self.value.after) if self.value.after else None

    @field("What the script's author should know.")
    def note(self) -> str | None:
        return self.value.choice.note if self.value.choice else None

    @field("Why it cannot be told.")
    def trouble(self) -> str | None:
        return self.value.trouble


@strawberry.type
class BookmarkQueries:
    @field("Null if there is no such job, or it has none.")
    def bookmark(self, info: Info, job: str) -> Bookmark | None:
        return Bookmark.find(info.context, job)

    @field("What the job's next run would read, if it asks for what the last one did; null if there is no such job.")
    def next_reads(self, info: Info, job: str) -> list[NextRead] | None:
        found = if_found(lambda: next_reads.preview(info.context.catalog, info.context.engine, job))
        return None if found is None else [NextRead(value=each) for each in found]


@strawberry.input
class ResetJobBookmarkInput:
    job_name: str
    run_id: str | None = strawberry.field(
        default=None, description="Only what later runs have read is forgotten; null forgets everything."
    )
    dry_run: bool = strawberry.field(default=False, description="Say what would be forgotten, and change nothing.")
    client_mutation_id: str | None = None


@strawberry.type
class ResetJobBookmarkPayload(Payload):
    forgotten: Bookmark | None = strawberry.field(description="The bookmark as it was; null if there was none.")
    bookmark: Bookmark | None = strawberry.field(description="As it now is.")


@strawberry.input
class SetJobBookmarkToNowInput:
    job_name: str
    dry_run: bool = strawberry.field(default=False, description="Say what would be, and change nothing.")
    client_mutation_id: str | None = None


@strawberry.type
class SetJobBookmarkToNowPayload(Payload):
    bookmark: Bookmark | None = strawberry.field(description="As it now is.")


@strawberry.type
class BookmarkMutations:
    @mutation("Forget what a job has read, or what it has read since a run: its next run reads that again.")
    def reset_job_bookmark(self, info: Info, input: ResetJobBookmarkInput) -> ResetJobBookmarkPayload | None:
        engine = info.context.trying(input.dry_run).engine

        def reset() -> tuple[model.Bookmark | None, model.Bookmark | None]:
            before = engine.find_bookmark(input.job_name)
            if input.run_id is not None:
                return before, engine.rewind_bookmark(input.job_name, input.run_id)
            after = engine.reset_bookmark(input.job_name)
            return (before, after) if after else (None, before)

        tried = attempt(reset, {"Job": "jobName", "Bookmark of job": "jobName"})
        before, after = tried.result or (None, None)
        return ResetJobBookmarkPayload(
            forgotten=Bookmark.of(before),
            bookmark=Bookmark.of(after),
            user_errors=tried.errors,
            client_mutation_id=input.client_mutation_id,
        )

    @mutation("Take for read all that the sources of a job's last run hold now. Rows of databases stay as they are.")
    def set_job_bookmark_to_now(self, info: Info, input: SetJobBookmarkToNowInput) -> SetJobBookmarkToNowPayload | None:
        trying = info.context.trying(input.dry_run)
        tried = attempt(
            lambda: next_reads.set_to_now(trying.catalog, trying.engine, input.job_name), {"Job": "jobName"}
        )
        return SetJobBookmarkToNowPayload(
            bookmark=Bookmark.of(tried.result), user_errors=tried.errors, client_mutation_id=input.client_mutation_id
        )
