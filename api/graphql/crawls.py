"""Crawls: followed, started of bare places, and stopped."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
import strawberry

from api.graphql.batches import Batch
from api.graphql.connections import FIRST, After, Connection, First
from api.graphql.context import Context, Info
from api.graphql.crawl_plans import DRY_RUN, CrawlPlan, planned
from api.graphql.crawl_targets import CrawlTarget
from api.graphql.crawler_definitions import CrawlerInput
from api.graphql.fields import field, mutation
from api.graphql.outcomes import Payload, attempt
from api.graphql.reports import CrawlReport
from api.graphql.runs import Run, find_run, get_run, list_runs
from crawlers.model import Crawler
from engine import model
from engine.crawling import plans
from engine.crawling.demands import demand_crawlable
from engine.engine import Engine
from engine.ledger.run_filters import Comparison, RunField, RunFilter
from engine.model import CRAWL
from engine.running.progress import RunProgress
from engine.states import RunState

# The name that the command line, too, gives to a crawl without a stored definition.
_UNNAMED = "crawl"
_FIELDS = {
    "Database": "crawl.database",
    "Classifier": "crawl.classifiers",
    "Connection": "crawl.jdbcTargets",
}


@strawberry.type(description="How far a crawl is, as the service that works on it last noted.")
class CrawlProgress:
    stage: str = strawberry.field(description="list: files are listed; read: they are read; empty before that.")
    listed: int = strawberry.field(description="Files listed so far.")
    done: int = strawberry.field(description="Of the stage.")
    total: int | None = strawberry.field(description="Null while it is not known.")
    rate: float = strawberry.field(description="Files a second.")
    seconds_left: float | None = strawberry.field(description="Of the stage; null while it is not known.")

    @classmethod
    def of(cls, at: RunProgress) -> CrawlProgress:
        return cls(
            stage=at.stage,
            listed=at.listed,
            done=at.done,
            total=at.total or None,
            rate=at.rate,
            seconds_left=at.seconds_left,
        )


@strawberry.input(description="Which crawls; what is left out asks for nothing.")
class CrawlFilter:
    run_id: str | None = None
    states: list[RunState] | None = None
    started_from: datetime | None = strawberry.field(default=None, description="Then or later.")
    started_before: datetime | None = None
    finished_from: datetime | None = strawberry.field(default=None, description="Then or later.")
    finished_before: datetime | None = None

    def value(self) -> list[RunFilter]:
        asked = [
            (RunField.ID, Comparison.EQ, self.run_id),
            (RunField.STARTED_AT, Comparison.GE, self.started_from),
            (RunField.STARTED_AT, Comparison.LT, self.started_before),
            (RunField.FINISHED_AT, Comparison.GE, self.finished_from),
            (RunField.FINISHED_AT, Comparison.LT, self.finished_before),
        ]
        found = [RunFilter(name, comparison, value) for name, comparison, value in asked if value is not None]
        if self.states is not None:
            others = [state for state in RunState if state not in self.states]
            found += [RunFilter(RunField.STATE, Comparison.NE, state) for state in others]
        return found


@strawberry.type(description="One execution of a crawler, or a crawl of bare places.")
class Crawl(Run):
    @field("Null for a crawl of bare places.")
    def crawler_name(self) -> str | None:
        return self.value.subject

    @field("The database that takes the tables.")
    def database(self) -> str:
        return self._asked().database

    @field("The places, as they were when the crawl was put in.")
    def targets(self) -> list[CrawlTarget]:
        return CrawlTarget.all(self._asked())

    @field("Null until the crawl has ended well.")
    def report(self, info: Info) -> CrawlReport | None:
        found = self.together.of(self.value.id, Engine.batch_find_reports, info.context.engine)
        return CrawlReport.of(found) if found else None

    @field("How far it is; null unless it is under way.")
    def progress(self, info: Info) -> CrawlProgress | None:
        return None if self.value.finished else CrawlProgress.of(info.context.engine.progress(self.value.id))

    def _asked(self) -> Crawler:
        return msgspec.json.decode(self.value.spec, type=Crawler)

    @classmethod
    def all(cls, runs: Sequence[model.Run]) -> list[Crawl]:
        together = Batch([each.id for each in runs])
        return [cls(value=each, together=together) for each in runs]

    @classmethod
    def of(cls, run: model.Run | None) -> Crawl | None:
        return cls.all([run])[0] if run else None

    @classmethod
    def find(cls, context: Context, run_id: str) -> Crawl | None:
        return cls.of(find_run(context, CRAWL, run_id))


@strawberry.type
class CrawlQueries:
    @field("Newest first; of one crawler, or of all and of bare places.")
    def crawls(
        self,
        info: Info,
        crawler: str | None = None,
        filter: CrawlFilter | None = None,
        first: First = FIRST,
        after: After = None,
    ) -> Connection[Crawl] | None:
        return list_runs(info, CRAWL, crawler, Crawl.all, first, after, filter.value() if filter else ())


@strawberry.input
class StartCrawlInput:
    crawl: CrawlerInput
    dry_run: bool = strawberry.field(default=False, description=DRY_RUN)
    client_mutation_id: str | None = None


@strawberry.type
class StartCrawlPayload(Payload):
    crawl: Crawl | None = strawberry.field(description="It waits for a worker; null for a dry run.")
    report: CrawlReport | None = strawberry.field(description="Of a dry run.")
    plan: CrawlPlan | None = strawberry.field(description="Of a dry run; `applyCrawlPlan` writes it.")


@strawberry.input
class StopCrawlInput:
    run_id: str
    client_mutation_id: str | None = None


@strawberry.type
class StopCrawlPayload(Payload):
    crawl: Crawl | None = strawberry.field(description="A crawl that had begun is stopped once its worker answers.")


@strawberry.type
class CrawlMutations:
    @mutation("Crawl places without storing a definition.")
    def start_crawl(self, info: Info, input: StartCrawlInput) -> StartCrawlPayload | None:
        context = info.context

        def start() -> tuple[model.Run | None, plans.FullPlan | None]:
            crawler = input.crawl.value(_UNNAMED)
            if input.dry_run:
                return None, planned(context, crawler, stored=False)
            demand_crawlable(context.catalog, crawler)
            return context.engine.start_crawl(crawler), None

        tried = attempt(start, _FIELDS)
        run, full = tried.result or (None, None)
        return StartCrawlPayload(
            crawl=Crawl.of(run),
            report=CrawlReport.of(full.body.report) if full else None,
            plan=CrawlPlan.of(full.plan) if full else None,
            user_errors=tried.errors,
            client_mutation_id=input.client_mutation_id,
        )

    @mutation("Ask a crawl to stop; it then writes nothing.")
    def stop_crawl(self, info: Info, input: StopCrawlInput) -> StopCrawlPayload | None:
        context = info.context
        tried = attempt(
            lambda: context.engine.stop_run(get_run(context, CRAWL, input.run_id).id),
            {"Run": "runId", "Crawl": "runId"},
        )
        return StopCrawlPayload(
            crawl=Crawl.of(tried.result), user_errors=tried.errors, client_mutation_id=input.client_mutation_id
        )
