"""Crawls: followed, started of bare places, and stopped."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import strawberry

from api.graphql.batches import Batch
from api.graphql.connections import FIRST, After, Connection, First
from api.graphql.context import Context, Info
from api.graphql.crawler_definitions import CrawlerInput, CrawlTarget
from api.graphql.fields import field, mutation
from api.graphql.outcomes import Payload, attempt
from api.graphql.reports import CrawlReport
from api.graphql.runs import Run, find_run, get_run, list_runs
from crawlers.crawl import crawl
from crawlers.model import Crawler
from crawlers.report import Report
from engine import model
from engine.engine import Engine
from engine.model import CRAWL

# The name that the command line, too, gives to a crawl without a stored definition.
_UNNAMED = "crawl"


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
        self, info: Info, crawler: str | None = None, first: First = FIRST, after: After = None
    ) -> Connection[Crawl] | None:
        return list_runs(info, CRAWL, crawler, Crawl.all, first, after)


@strawberry.input
class StartCrawlInput:
    crawl: CrawlerInput
    dry_run: bool = strawberry.field(
        default=False, description="Look now, answer with the report of what would change, and change nothing."
    )
    client_mutation_id: str | None = None


@strawberry.type
class StartCrawlPayload(Payload):
    crawl: Crawl | None = strawberry.field(description="It waits for a worker; null for a dry run.")
    report: CrawlReport | None = strawberry.field(description="Of a dry run.")


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

        def start() -> tuple[model.Run | None, Report | None]:
            crawler = input.crawl.value(_UNNAMED)
            if input.dry_run:
                return None, crawl(crawler, context.catalog, dry_run=True)
            return context.engine.start_crawl(crawler), None

        tried = attempt(start, {"Database": "crawl.database"})
        run, report = tried.result or (None, None)
        return StartCrawlPayload(
            crawl=Crawl.of(run),
            report=CrawlReport.of(report) if report else None,
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
