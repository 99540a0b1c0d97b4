"""Runs: a job run or a crawl, its state and how it came to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

import strawberry

from api.graphql.accesses import RunAccess
from api.graphql.batches import Batch
from api.graphql.connections import Connection, connect, connect_each, size
from api.graphql.context import Context, Info
from api.graphql.fields import field
from api.graphql.nodes import Node
from api.graphql.numbers import Figure, figures
from api.graphql.outcomes import if_found
from catalog.errors import NotFound
from engine import model
from engine.engine import Engine
from engine.ledger import runs
from engine.ledger.accesses import Access, AccessKind
from engine.ledger.run_filters import RunFilter
from engine.states import RunState as RunState

R = TypeVar("R")

strawberry.enum(RunState, description="How far a run is. A stop is a request; the state says how far it was answered.")


@strawberry.type(description="One step of a run from state to state.")
class RunEvent:
    at: datetime
    old_state: RunState | None = strawberry.field(description="Null where the run was put in.")
    new_state: RunState
    reason: str | None

    @classmethod
    def of(cls, event: model.RunEvent) -> RunEvent:
        return cls(at=event.at, old_state=event.old_state, new_state=event.new_state, reason=event.reason)


@strawberry.interface(description="One execution: of a job, or a crawl. It stays on record when its definition goes.")
class Run(Node):
    value: strawberry.Private[model.Run]
    together: strawberry.Private[Batch[str]]

    def key(self) -> tuple[str, ...]:
        return (self.value.id,)

    @field("The name by which Glue's clients and the command line know the run.")
    def run_id(self) -> str:
        return self.value.id

    @field()
    def state(self) -> RunState:
        return self.value.state

    @field("Whether the state is final.")
    def finished(self) -> bool:
        return self.value.finished

    @field("Counts from 0.")
    def attempt(self) -> int:
        return self.value.attempt

    @field("The run that this one repeats.")
    def previous_run_id(self) -> str | None:
        return self.value.previous_run_id

    @field("The trigger that put it in.")
    def trigger_name(self) -> str | None:
        return self.value.trigger_name

    @field("The workflow run that it belongs to.")
    def workflow_run_id(self) -> str | None:
        return self.value.workflow_run_id

    @field("Why it is in its state: of a failure, the reason.")
    def detail(self) -> str | None:
        return self.value.detail

    @field("What it waits for, in one sentence; null if it does not wait.")
    def waiting_for(self, info: Info) -> str | None:
        if self.value.state is not RunState.WAITING:
            return None
        return self.together.of(self.value.id, Engine.batch_why_waiting, info.context.engine)

    @field()
    def queued_at(self) -> datetime:
        return self.value.queued_at

    @field("Null while it waits.")
    def started_at(self) -> datetime | None:
        return self.value.started_at

    @field("Null until it has ended.")
    def finished_at(self) -> datetime | None:
        return self.value.finished_at

    @field("Null unless it was asked to stop.")
    def stop_requested_at(self) -> datetime | None:
        return self.value.stop_requested_at

    @field("From its start to its end; null until it has ended.")
    def execution_seconds(self) -> float | None:
        return self.value.execution_seconds

    @field("What it measured, such as rows_read or bytes_written.")
    def figures(self) -> list[Figure]:
        return figures(self.value.figures)

    @field("The tables and places that it read, as far as it was told: not what its SQL reads.")
    def reads(self, info: Info) -> list[RunAccess]:
        return RunAccess.all(self._accesses(info), AccessKind.READ)

    @field("The tables and places that it wrote, as far as it was told: not what its SQL writes.")
    def writes(self, info: Info) -> list[RunAccess]:
        return RunAccess.all(self._accesses(info), AccessKind.WRITE)

    def _accesses(self, info: Info) -> list[Access]:
        return self.together.of(self.value.id, Engine.batch_list_accesses, info.context.engine) or []

    @field("Its moves, in the order in which they happened.")
    def events(self, info: Info) -> list[RunEvent]:
        found = self.together.of(self.value.id, Engine.batch_list_events, info.context.engine) or []
        return [RunEvent.of(each) for each in found]


def get_run(context: Context, kind: model.RunKind, run_id: str) -> model.Run:
    """Raises NotFound, for a run of another kind as well."""
    run = context.engine.get_run(run_id)
    if run.kind != kind:
        raise NotFound(kind="Job run" if kind == model.JOB else "Crawl", name=run_id)
    return run


def find_run(context: Context, kind: model.RunKind, run_id: str) -> model.Run | None:
    return if_found(lambda: get_run(context, kind, run_id))


def list_runs(
    info: Info,
    kind: model.RunKind,
    subject: str | None,
    nodes: Callable[[Sequence[model.Run]], Sequence[R]],
    first: int,
    after: str | None,
    filters: Sequence[RunFilter] = (),
) -> Connection[R] | None:
    page = info.context.engine.list_runs(kind, subject, size(info, first), after, filters)
    return connect(info, runs.LISTING, page, runs.place, nodes, after)


def list_runs_of(
    together: Batch[str],
    subject: str,
    info: Info,
    kind: model.RunKind,
    nodes: Callable[[Sequence[model.Run]], Sequence[R]],
    first: int,
    after: str | None,
    filters: tuple[RunFilter, ...] = (),
) -> Connection[R] | None:
    """The runs of one of the jobs or crawlers that are answered together."""
    limit = size(info, first)
    return connect_each(
        together,
        subject,
        ("runs", limit, after, filters),
        info,
        lambda keys: info.context.engine.batch_list_runs(kind, keys, limit, after, filters),
        cursor=lambda run: runs.LISTING.token_after(runs.place(run)),
        nodes=nodes,
        after=after,
    )
