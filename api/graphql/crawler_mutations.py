"""Crawlers as they are created, updated, deleted, started and stopped."""

from __future__ import annotations

import strawberry

from api.graphql.context import Info
from api.graphql.crawl_plans import DRY_RUN, CrawlPlan, planned
from api.graphql.crawler_definitions import CrawlerInput
from api.graphql.crawlers import Crawler
from api.graphql.crawls import Crawl
from api.graphql.fields import mutation
from api.graphql.outcomes import Payload, attempt
from api.graphql.reports import CrawlReport
from crawlers import model
from engine.crawling import plans
from engine.model import Run

_FIELDS = {"Crawler": "name", "Connection": "crawler"}


@strawberry.input
class CreateCrawlerInput:
    name: str
    crawler: CrawlerInput
    client_mutation_id: str | None = None


@strawberry.input
class UpdateCrawlerInput:
    name: str
    crawler: CrawlerInput
    expected_version: int | None = strawberry.field(
        default=None, description="Refuse with CONFLICT if the crawler is at another version; null takes any."
    )
    client_mutation_id: str | None = None


@strawberry.input
class DeleteCrawlerInput:
    name: str
    dry_run: bool = strawberry.field(default=False, description="Say what would go, and change nothing.")
    client_mutation_id: str | None = None


@strawberry.input
class StartCrawlerInput:
    name: str
    dry_run: bool = strawberry.field(default=False, description=DRY_RUN)
    client_mutation_id: str | None = None


@strawberry.input
class StopCrawlerInput:
    name: str
    client_mutation_id: str | None = None


@strawberry.type
class CreateCrawlerPayload(Payload):
    crawler: Crawler | None


@strawberry.type
class UpdateCrawlerPayload(Payload):
    crawler: Crawler | None = strawberry.field(description="As it now is; after a CONFLICT, as someone else left it.")


@strawberry.type
class DeleteCrawlerPayload(Payload):
    crawler: Crawler | None = strawberry.field(description="The crawler as it was. Its tables and crawls stay.")


@strawberry.type
class StartCrawlerPayload(Payload):
    crawl: Crawl | None = strawberry.field(description="It waits for a worker; null for a dry run.")
    report: CrawlReport | None = strawberry.field(description="Of a dry run.")
    plan: CrawlPlan | None = strawberry.field(description="Of a dry run; `applyCrawlPlan` writes it.")


@strawberry.type
class StopCrawlerPayload(Payload):
    crawl: Crawl | None = strawberry.field(description="A crawl that had begun is stopped once its worker answers.")


@strawberry.input
class UpdateCrawlerScheduleInput:
    name: str
    schedule: str | None = strawberry.field(
        default=None, description="cron(minutes hours days months weekdays years) or rate(n unit), in UTC; null: none."
    )
    client_mutation_id: str | None = None


@strawberry.type
class UpdateCrawlerSchedulePayload(Payload):
    crawler: Crawler | None


@strawberry.input
class StopCrawlerScheduleInput:
    name: str
    client_mutation_id: str | None = None


@strawberry.type
class StopCrawlerSchedulePayload(Payload):
    crawler: Crawler | None = strawberry.field(description="Its schedule is kept, but not followed.")


@strawberry.input
class StartCrawlerScheduleInput:
    name: str
    client_mutation_id: str | None = None


@strawberry.type
class StartCrawlerSchedulePayload(Payload):
    crawler: Crawler | None = strawberry.field(description="Its schedule is followed again, from now on.")


@strawberry.type
class CrawlerMutations:
    @mutation()
    def create_crawler(self, info: Info, input: CreateCrawlerInput) -> CreateCrawlerPayload | None:
        tried = attempt(lambda: info.context.engine.create_crawler(input.crawler.value(input.name)), _FIELDS)
        return CreateCrawlerPayload(
            crawler=Crawler.of(tried.result), user_errors=tried.errors, client_mutation_id=input.client_mutation_id
        )

    @mutation("Replace a crawler's definition; a crawl under way keeps the one it began with.")
    def update_crawler(self, info: Info, input: UpdateCrawlerInput) -> UpdateCrawlerPayload | None:
        engine = info.context.engine
        tried = attempt(
            lambda: engine.update_crawler(input.crawler.value(input.name), input.expected_version),
            _FIELDS,
            current=lambda: engine.get_crawler(input.name),
        )
        return UpdateCrawlerPayload(
            crawler=Crawler.of(tried.result), user_errors=tried.errors, client_mutation_id=input.client_mutation_id
        )

    @mutation("Delete a crawler; refused while it runs.")
    def delete_crawler(self, info: Info, input: DeleteCrawlerInput) -> DeleteCrawlerPayload | None:
        engine = info.context.trying(input.dry_run).engine

        def delete() -> model.Crawler:
            found = engine.get_crawler(input.name)
            engine.delete_crawler(input.name)
            return found

        tried = attempt(delete, _FIELDS)
        return DeleteCrawlerPayload(
            crawler=Crawler.of(tried.result), user_errors=tried.errors, client_mutation_id=input.client_mutation_id
        )

    @mutation("Put a crawl of a crawler in.")
    def start_crawler(self, info: Info, input: StartCrawlerInput) -> StartCrawlerPayload | None:
        context = info.context

        def start() -> tuple[Run | None, plans.FullPlan | None]:
            if input.dry_run:
                return None, planned(context, context.engine.get_crawler(input.name), stored=True)
            return context.engine.start_crawler(input.name), None

        tried = attempt(start, _FIELDS)
        run, full = tried.result or (None, None)
        return StartCrawlerPayload(
            crawl=Crawl.of(run),
            report=CrawlReport.of(full.body.report) if full else None,
            plan=CrawlPlan.of(full.plan) if full else None,
            user_errors=tried.errors,
            client_mutation_id=input.client_mutation_id,
        )

    @mutation("Ask a crawler's crawl to stop; it then writes nothing.")
    def stop_crawler(self, info: Info, input: StopCrawlerInput) -> StopCrawlerPayload | None:
        tried = attempt(lambda: info.context.engine.stop_crawler(input.name), _FIELDS)
        return StopCrawlerPayload(
            crawl=Crawl.of(tried.result), user_errors=tried.errors, client_mutation_id=input.client_mutation_id
        )

    @mutation("Give a crawler another schedule, or none.")
    def update_crawler_schedule(
        self, info: Info, input: UpdateCrawlerScheduleInput
    ) -> UpdateCrawlerSchedulePayload | None:
        tried = attempt(lambda: info.context.engine.set_schedule(input.name, input.schedule), _FIELDS)
        return UpdateCrawlerSchedulePayload(
            crawler=Crawler.of(tried.result), user_errors=tried.errors, client_mutation_id=input.client_mutation_id
        )

    @mutation("Pause a crawler's schedule.")
    def stop_crawler_schedule(self, info: Info, input: StopCrawlerScheduleInput) -> StopCrawlerSchedulePayload | None:
        tried = attempt(lambda: info.context.engine.pause_schedule(input.name), _FIELDS)
        return StopCrawlerSchedulePayload(
            crawler=Crawler.of(tried.result), user_errors=tried.errors, client_mutation_id=input.client_mutation_id
        )

    @mutation("Follow a crawler's schedule again.")
    def start_crawler_schedule(
        self, info: Info, input: StartCrawlerScheduleInput
    ) -> StartCrawlerSchedulePayload | None:
        tried = attempt(lambda: info.context.engine.resume_schedule(input.name), _FIELDS)
        return StartCrawlerSchedulePayload(
            crawler=Crawler.of(tried.result), user_errors=tried.errors, client_mutation_id=input.client_mutation_id
        )
