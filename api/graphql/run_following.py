"""Runs followed as they go: each step from state to state, and how far a crawl is, until the run has ended."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

import strawberry

from api.graphql.context import Info
from api.graphql.crawls import Crawl, CrawlProgress
from api.graphql.fields import subscription
from api.graphql.job_runs import JobRun
from api.graphql.runs import Run, RunEvent, get_run
from catalog.errors import NotFound
from engine import model
from engine.engine import Engine
from engine.model import CRAWL, JOB, SESSION
from engine.running.progress import RunProgress
from engine.states import FINAL

POLL_SECONDS = 0.2


@strawberry.type(description="A step of a run, and the run after it.")
class RunStateChange:
    number: int = strawberry.field(description="Counts the run's steps from 1; give it as `after` to go on behind it.")
    event: RunEvent
    run: Run = strawberry.field(description="As it is when this is told: it may have gone on.")


@strawberry.type
class RunSubscriptions:
    @subscription(
        "The steps of a job run or crawl from state to state, those it has made and those to come, until it has ended. "
        "None is lost between two subscriptions if the second begins with the last number of the first."
    )
    async def run_states(
        self,
        info: Info,
        run_id: str,
        after: Annotated[int, strawberry.argument(description="Only the steps behind this one.")] = 0,
    ) -> AsyncIterator[RunStateChange]:
        engine = info.context.engine
        told, ended = after, False
        while not ended:
            events, run = await asyncio.to_thread(_look, engine, run_id)
            for number, event in enumerate(events[told:], told + 1):
                told = number
                yield RunStateChange(number=number, event=RunEvent.of(event), run=_node(run))
            ended = bool(events) and events[-1].new_state in FINAL
            if not ended:
                await asyncio.sleep(POLL_SECONDS)

    @subscription("How far a crawl is, now and each time that it has got on, until it has ended.")
    async def crawl_progress(self, info: Info, run_id: str) -> AsyncIterator[CrawlProgress]:
        context, last = info.context, None
        while not (await asyncio.to_thread(get_run, context, CRAWL, run_id)).finished:
            at: RunProgress = await asyncio.to_thread(context.engine.progress, run_id)
            if at != last:
                last = at
                yield CrawlProgress.of(at)
            await asyncio.sleep(POLL_SECONDS)


def _look(engine: Engine, run_id: str) -> tuple[list[model.RunEvent], model.Run]:
    """The run is read after its steps, and so never stands behind them. Raises NotFound."""
    events, run = engine.list_events(run_id), engine.get_run(run_id)
    if run.kind == SESSION:  # which is no run to GraphQL
        raise NotFound(kind="Run", name=run_id)
    return events, run


def _node(run: model.Run) -> Run:
    return JobRun.all([run])[0] if run.kind == JOB else Crawl.all([run])[0]
