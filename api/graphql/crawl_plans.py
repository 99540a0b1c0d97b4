"""Crawl plans: what a dry run would change, asked for, applied whole or in part, and deleted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import strawberry

from api.graphql.batches import Batch
from api.graphql.connections import FIRST, After, Connection, First, connect, size
from api.graphql.context import Context, Info
from api.graphql.fields import field, mutation
from api.graphql.lineage import TableReader
from api.graphql.nodes import Node
from api.graphql.outcomes import Payload, attempt, if_found
from api.graphql.reports import Counts, CrawlReport
from crawlers import plans as core
from crawlers.model import Crawler
from engine.crawling import plans
from engine.crawling.readers import Reader
from engine.engine import Engine

PLAN_SECONDS = 60.0
DRY_RUN = (
    "Look now, store and answer with the plan of what would change, and change no table. The answer comes when all has "
    f"been looked at; what takes more than {PLAN_SECONDS:g} seconds is given up with LIMIT_REACHED, and can be planned "
    "by the command line, which takes its time."
)

strawberry.enum(core.PlanState, name="CrawlPlanState", description="Only an open plan can be applied, and once.")


@strawberry.type(description="What a crawl would change, stored; it can be applied as it is shown, or in part.")
class CrawlPlan(Node):
    value: strawberry.Private[core.Plan]
    together: strawberry.Private[Batch[str]]
    readers_of_all: strawberry.Private[Callable[[Engine, Sequence[str]], Mapping[str, list[Reader]]]]

    def key(self) -> tuple[str, ...]:
        return (self.value.id,)

    @field("The name by which `applyCrawlPlan` and the command line know it.")
    def plan_id(self) -> str:
        return self.value.id

    @field("Null for a plan of bare places.")
    def crawler_name(self) -> str | None:
        return self.value.crawler

    @field()
    def state(self, info: Info) -> core.PlanState:
        return self.value.state(info.context.catalog.now())

    @field()
    def created_at(self) -> datetime:
        return self.value.created_at

    @field()
    def expires_at(self) -> datetime:
        return self.value.expires_at

    @field("Null until it has been applied.")
    def applied_at(self) -> datetime | None:
        return self.value.applied_at

    @field("The tables that were written, as database.table.")
    def applied_tables(self) -> list[str]:
        return list(self.value.applied)

    @field("The tables that it would change, as database.table.")
    def changing(self) -> list[str]:
        return list(self.value.changing)

    @field("How many differences may break a reader.")
    def breaking(self) -> int:
        return self.value.breaking

    @field()
    def table_counts(self) -> Counts:
        return Counts.of(self.value.tables)

    @field()
    def partition_counts(self) -> Counts:
        return Counts.of(self.value.partitions)

    @field("All that was found, with the evidence for each column's type.")
    def report(self, info: Info) -> CrawlReport | None:
        found = self.together.of(self.value.id, Engine.batch_get_plan_bodies, info.context.engine)
        return CrawlReport.of(found.report) if found else None

    @field("Jobs and crawlers that read the tables it would change, as far as that is known.")
    def readers(self, info: Info) -> list[TableReader]:
        found = self.together.of(self.value.id, self.readers_of_all, info.context.engine)
        return TableReader.all(found or [])

    @classmethod
    def all(cls, found: Sequence[core.Plan]) -> list[CrawlPlan]:
        together = Batch([each.id for each in found])

        def readers(engine: Engine, _: Sequence[str]) -> Mapping[str, list[Reader]]:
            return engine.batch_list_plan_readers(found)

        return [cls(value=each, together=together, readers_of_all=readers) for each in found]

    @classmethod
    def of(cls, plan: core.Plan | None) -> CrawlPlan | None:
        return cls.all([plan])[0] if plan else None

    @classmethod
    def find(cls, context: Context, plan_id: str) -> CrawlPlan | None:
        return cls.of(if_found(lambda: context.engine.get_plan(plan_id)))


def planned(context: Context, crawler: Crawler, stored: bool) -> plans.FullPlan:
    """A plan made within this request, which has a thread of its own."""
    spark = context.engine.spark
    return plans.make_plan(context.catalog, crawler, stored, spark=spark, seconds=PLAN_SECONDS)


@strawberry.type
class CrawlPlanQueries:
    @field("Null if there is no such plan.")
    def crawl_plan(self, info: Info, plan_id: str) -> CrawlPlan | None:
        return CrawlPlan.find(info.context, plan_id)

    @field("Newest first; of one crawler, or all.")
    def crawl_plans(
        self, info: Info, crawler: str | None = None, first: First = FIRST, after: After = None
    ) -> Connection[CrawlPlan] | None:
        page = info.context.engine.list_plans(crawler, size(info, first), after)
        return connect(info, core.LISTING, page, core.place, CrawlPlan.all, after)


@strawberry.input
class ApplyCrawlPlanInput:
    plan_id: str
    only: list[str] | None = strawberry.field(
        default=None, description="Write these tables alone, as `table` or `database.table`; null: all."
    )
    client_mutation_id: str | None = None


@strawberry.type
class ApplyCrawlPlanPayload(Payload):
    plan: CrawlPlan | None


@strawberry.input
class DeleteCrawlPlanInput:
    plan_id: str
    dry_run: bool = strawberry.field(default=False, description="Say what would go, and change nothing.")
    client_mutation_id: str | None = None


@strawberry.type
class DeleteCrawlPlanPayload(Payload):
    plan: CrawlPlan | None = strawberry.field(description="The plan as it was. What it wrote stays.")


_FIELDS = {"Crawl plan": "planId"}


@strawberry.type
class CrawlPlanMutations:
    @mutation("Write what a plan shows: all of it at once, or nothing if the catalog changed meanwhile.")
    def apply_crawl_plan(self, info: Info, input: ApplyCrawlPlanInput) -> ApplyCrawlPlanPayload | None:
        tried = attempt(lambda: plans.apply_plan(info.context.catalog, input.plan_id, input.only), _FIELDS)
        return ApplyCrawlPlanPayload(
            plan=CrawlPlan.of(tried.result), user_errors=tried.errors, client_mutation_id=input.client_mutation_id
        )

    @mutation("Delete a plan.")
    def delete_crawl_plan(self, info: Info, input: DeleteCrawlPlanInput) -> DeleteCrawlPlanPayload | None:
        engine = info.context.trying(input.dry_run).engine

        def delete() -> core.Plan:
            found = engine.get_plan(input.plan_id)
            engine.delete_plan(input.plan_id)
            return found

        tried = attempt(delete, _FIELDS)
        return DeleteCrawlPlanPayload(
            plan=CrawlPlan.of(tried.result), user_errors=tried.errors, client_mutation_id=input.client_mutation_id
        )
