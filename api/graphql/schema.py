"""The schema: all nouns together. `python -m api.graphql.schema` renews its printed form, schema.graphql."""

from __future__ import annotations

from collections.abc import Callable
from inspect import signature
from pathlib import Path

import strawberry
from graphql import GraphQLError
from strawberry.extensions import AddValidationRules, ParserCache, ValidationCache
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext

from api.graphql.access import AccessMutations, AccessQueries
from api.graphql.bookmarks import Bookmark, BookmarkMutations, BookmarkQueries
from api.graphql.classifiers import Classifier, ClassifierMutations, ClassifierQueries
from api.graphql.context import Info
from api.graphql.cost import CostLimit
from api.graphql.crawl_plans import CrawlPlan, CrawlPlanMutations, CrawlPlanQueries
from api.graphql.crawler_mutations import CrawlerMutations
from api.graphql.crawlers import Crawler, CrawlerQueries
from api.graphql.crawls import Crawl, CrawlMutations, CrawlQueries
from api.graphql.databases import Database, DatabaseMutations, DatabaseQueries
from api.graphql.environments import Environment, EnvironmentMutations, EnvironmentQueries
from api.graphql.events import EventQueries, EventSubscriptions
from api.graphql.fields import field
from api.graphql.functions import FunctionMutations, FunctionQueries, UserDefinedFunction
from api.graphql.guarding import guard
from api.graphql.indexes import IndexMutations
from api.graphql.introspection import IntrospectionSwitch
from api.graphql.job_runs import JobRun, JobRunMutations, JobRunQueries
from api.graphql.jobs import Job, JobMutations, JobQueries
from api.graphql.limits import KEPT_DOCUMENTS, Limits
from api.graphql.nodes import Node, decode
from api.graphql.numbers import LONG, Long
from api.graphql.object_events import ObjectEventMutations
from api.graphql.partition_mutations import PartitionMutations
from api.graphql.partitions import Partition, PartitionQueries
from api.graphql.run_following import RunSubscriptions
from api.graphql.run_logs import RunLogSubscriptions
from api.graphql.runs import Run
from api.graphql.search import SearchQueries
from api.graphql.session_mutations import SessionMutations
from api.graphql.sessions import Session, SessionQueries, Statement
from api.graphql.statistics import StatisticsMutations
from api.graphql.stored_connections import Connection, ConnectionMutations, ConnectionQueries
from api.graphql.table_mutations import TableMutations
from api.graphql.tables import Table, TableQueries
from api.graphql.triggers import Trigger, TriggerMutations, TriggerQueries
from api.graphql.versions import TableVersion, VersionQueries
from api.graphql.webhooks import Webhook, WebhookMutations, WebhookQueries
from api.graphql.workflow_runs import WorkflowRun, WorkflowRunMutations, WorkflowRunQueries
from api.graphql.workflows import Workflow, WorkflowMutations, WorkflowQueries

PRINTED = Path(__file__).with_suffix(".graphql")

# How each type of node is found by the parts of its key.
FINDERS: dict[str, Callable[..., Node | None]] = {
    kind.__name__: kind.find
    for kind in (
        Database,
        Table,
        TableVersion,
        Partition,
        UserDefinedFunction,
        Connection,
        Classifier,
        Crawler,
        Crawl,
        CrawlPlan,
        Job,
        JobRun,
        Bookmark,
        Environment,
        Trigger,
        Workflow,
        WorkflowRun,
        Session,
        Statement,
        Webhook,
    )
}


@strawberry.type
class Query(
    DatabaseQueries,
    TableQueries,
    VersionQueries,
    PartitionQueries,
    FunctionQueries,
    ConnectionQueries,
    ClassifierQueries,
    CrawlerQueries,
    CrawlQueries,
    CrawlPlanQueries,
    JobQueries,
    JobRunQueries,
    BookmarkQueries,
    EnvironmentQueries,
    TriggerQueries,
    WorkflowQueries,
    WorkflowRunQueries,
    SessionQueries,
    EventQueries,
    WebhookQueries,
    SearchQueries,
    AccessQueries,
):
    @field("Whatever has this id; null if that is gone, or there never was such an id.")
    def node(self, info: Info, id: strawberry.ID) -> Node | None:
        kind, *key = decode(id) or ("",)
        find = FINDERS.get(kind)
        return find(info.context, *key) if find and _takes(find, key) else None

    @field("A job run or a crawl by its name. Null if there is none.")
    def run(self, info: Info, run_id: str) -> Run | None:
        return JobRun.find(info.context, run_id) or Crawl.find(info.context, run_id)


@strawberry.type
class Mutation(
    DatabaseMutations,
    TableMutations,
    PartitionMutations,
    IndexMutations,
    StatisticsMutations,
    FunctionMutations,
    ConnectionMutations,
    ClassifierMutations,
    CrawlerMutations,
    CrawlMutations,
    CrawlPlanMutations,
    ObjectEventMutations,
    JobMutations,
    JobRunMutations,
    BookmarkMutations,
    EnvironmentMutations,
    TriggerMutations,
    WorkflowMutations,
    WorkflowRunMutations,
    SessionMutations,
    WebhookMutations,
    AccessMutations,
):
    pass


@strawberry.type
class Subscription(EventSubscriptions, RunLogSubscriptions, RunSubscriptions):
    pass


class Schema(strawberry.Schema):
    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Errors are told and logged in one place, `failures`."""


def _takes(find: Callable[..., Node | None], key: list[str]) -> bool:
    """Whether a key has the parts that `find` wants; one in an id that we never gave may not."""
    try:
        signature(find).bind(None, *key)
    except TypeError:
        return False
    return True


schema = Schema(
    Query,
    Mutation,
    Subscription,
    types=[JobRun, Crawl],
    extensions=[
        lambda: AddValidationRules([Limits]),
        lambda: ParserCache(KEPT_DOCUMENTS),
        lambda: ValidationCache(KEPT_DOCUMENTS),
        IntrospectionSwitch,
        CostLimit,
    ],
    config=StrawberryConfig(scalar_map={Long: LONG}),
)


guard(schema._schema)


def main() -> None:
    PRINTED.write_text(schema.as_str() + "\n")


if __name__ == "__main__":
    main()
