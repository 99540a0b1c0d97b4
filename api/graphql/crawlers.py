"""Crawlers as they are asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import strawberry

from api.graphql.batches import Batch
from api.graphql.connections import FIRST, After, Connection, First, connect, connect_each, size
from api.graphql.context import Context, Info
from api.graphql.crawl_plans import CrawlPlan
from api.graphql.crawl_targets import (
    CatalogTarget,
    CrawlTarget,
    DeltaTarget,
    DynamoDbTarget,
    HudiTarget,
    IcebergTarget,
    JdbcTarget,
    MongoDbTarget,
)
from api.graphql.crawler_definitions import CloudSettings, CrawlerConfiguration, SchemaChangePolicy
from api.graphql.crawls import Crawl, CrawlFilter
from api.graphql.fields import field
from api.graphql.nodes import Node
from api.graphql.outcomes import if_found
from api.graphql.runs import list_runs_of
from crawlers import definitions, model, plans
from engine.crawling import crawler_metrics as core
from engine.engine import Engine
from engine.model import CRAWL, CrawlerState

strawberry.enum(CrawlerState, description="What a crawler does now, told by its latest crawl.")

MOST_FIRES = 20


@strawberry.type(description="How long a crawler's crawls take, in seconds, and what the last one changed.")
class CrawlerMetrics:
    time_left: float | None = strawberry.field(description="Of the crawl under way; null if there is none.")
    still_estimating: bool = strawberry.field(description="It runs, and how long it will is not known yet.")
    last_runtime: float | None
    median_runtime: float | None
    tables_created: int = strawberry.field(description="By the last crawl that ended well; so the next two.")
    tables_updated: int
    tables_deleted: int

    @classmethod
    def of(cls, found: core.CrawlerMetrics) -> CrawlerMetrics:
        return cls(
            time_left=found.time_left,
            still_estimating=found.still_estimating,
            last_runtime=found.last_runtime,
            median_runtime=found.median_runtime,
            tables_created=found.tables_created,
            tables_updated=found.tables_updated,
            tables_deleted=found.tables_deleted,
        )


@strawberry.type(description="The definition of crawls; one execution of it is a crawl.")
class Crawler(Node):
    value: strawberry.Private[model.Crawler]
    together: strawberry.Private[Batch[str]]
    name: str
    database: str = strawberry.field(description="The database that takes the tables.")
    prefix: str = strawberry.field(description="What the names of the tables begin with.")
    description: str | None
    recrawl: model.RecrawlBehavior
    engine: model.CrawlEngine
    schedule: str | None = strawberry.field(
        description="When it crawls by itself: cron(minutes hours days months weekdays years) or rate(n unit), in UTC."
    )
    version: int = strawberry.field(description="Counts updates from 1; updates may expect it.")
    created_at: datetime | None
    updated_at: datetime | None

    def key(self) -> tuple[str, ...]:
        return (self.name,)

    @field()
    def targets(self) -> list[CrawlTarget]:
        return CrawlTarget.all(self.value)

    @field()
    def jdbc_targets(self) -> list[JdbcTarget]:
        return JdbcTarget.all(self.value)

    @field()
    def delta_targets(self) -> list[DeltaTarget]:
        return DeltaTarget.all(self.value)

    @field()
    def iceberg_targets(self) -> list[IcebergTarget]:
        return IcebergTarget.all(self.value)

    @field()
    def catalog_targets(self) -> list[CatalogTarget]:
        return CatalogTarget.all(self.value)

    @field()
    def mongodb_targets(self) -> list[MongoDbTarget]:
        return MongoDbTarget.all(self.value)

    @field()
    def dynamodb_targets(self) -> list[DynamoDbTarget]:
        return DynamoDbTarget.all(self.value)

    @field()
    def hudi_targets(self) -> list[HudiTarget]:
        return HudiTarget.all(self.value)

    @field()
    def cloud(self) -> CloudSettings:
        return CloudSettings.of(self.value.cloud)

    @field("Names, asked in their order before the built-in ones.")
    def classifiers(self) -> list[str]:
        return list(self.value.classifiers)

    @field("Whether its schedule is kept but not followed.")
    def schedule_paused(self) -> bool:
        return self.value.schedule_paused

    @field()
    def schema_change(self) -> SchemaChangePolicy:
        return SchemaChangePolicy.of(self.value.schema_change)

    @field()
    def configuration(self) -> CrawlerConfiguration:
        return CrawlerConfiguration.of(self.value.configuration)

    @field()
    def state(self, info: Info) -> CrawlerState:
        return self.together.of(self.name, Engine.batch_get_crawler_states, info.context.engine) or CrawlerState.READY

    @field("When it crawls next by its schedule: at most `count` instants, itself at most 20.")
    def next_fires(self, info: Info, count: int = 5) -> list[datetime]:
        return list(info.context.engine.next_fires(self.value, min(count, MOST_FIRES)))

    @field("Null if it never ran.")
    def latest_crawl(self, info: Info) -> Crawl | None:
        return self.together.of(self.name, _latest_crawls, info.context.engine)

    @field("Newest first.")
    def crawls(
        self, info: Info, filter: CrawlFilter | None = None, first: First = FIRST, after: After = None
    ) -> Connection[Crawl] | None:
        filters = tuple(filter.value()) if filter else ()
        return list_runs_of(self.together, self.name, info, CRAWL, Crawl.all, first, after, filters)

    @field("Newest first.")
    def plans(self, info: Info, first: First = FIRST, after: After = None) -> Connection[CrawlPlan] | None:
        limit = size(info, first)
        return connect_each(
            self.together,
            self.name,
            ("plans", limit, after),
            info,
            lambda keys: info.context.engine.batch_list_plans(keys, limit, after),
            cursor=lambda plan: plans.LISTING.token_after(plans.place(plan)),
            nodes=CrawlPlan.all,
            after=after,
        )

    @field("How long its crawls take, and what the last one changed.")
    def metrics(self, info: Info) -> CrawlerMetrics | None:
        found = self.together.of(self.name, Engine.batch_get_crawler_metrics, info.context.engine)
        return CrawlerMetrics.of(found) if found else None

    @classmethod
    def all(cls, crawlers: Sequence[model.Crawler]) -> list[Crawler]:
        together = Batch([each.name for each in crawlers])
        return [
            cls(
                value=each,
                together=together,
                name=each.name,
                database=each.database,
                prefix=each.prefix,
                description=each.description,
                recrawl=each.recrawl,
                engine=each.engine,
                schedule=each.schedule,
                version=each.version,
                created_at=each.created_at,
                updated_at=each.updated_at,
            )
            for each in crawlers
        ]

    @classmethod
    def of(cls, crawler: model.Crawler | None) -> Crawler | None:
        return cls.all([crawler])[0] if crawler else None

    @classmethod
    def find(cls, context: Context, name: str) -> Crawler | None:
        return cls.of(if_found(lambda: context.engine.get_crawler(name)))


def _latest_crawls(engine: Engine, crawlers: Sequence[str]) -> Mapping[str, Crawl]:
    """As nodes that are answered together in turn."""
    found = engine.batch_find_latest_runs(CRAWL, crawlers)
    return dict(zip(found, Crawl.all(list(found.values())), strict=True))


@strawberry.type
class CrawlerQueries:
    @field("By name.")
    def crawlers(self, info: Info, first: First = FIRST, after: After = None) -> Connection[Crawler] | None:
        page = info.context.engine.list_crawlers(size(info, first), after)
        return connect(info, definitions.LISTING, page, lambda crawler: crawler.name, Crawler.all, after)

    @field("Null if there is no such crawler.")
    def crawler(self, info: Info, name: str) -> Crawler | None:
        return Crawler.find(info.context, name)
