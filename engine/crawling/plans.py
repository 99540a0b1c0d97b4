"""Crawls planned and applied: the survey first and outside any transaction, then one transaction."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from catalog.catalog import Catalog
from catalog.db import reading, writing
from catalog.model import Origin
from crawlers import classifiers, definitions, plans, states
from crawlers.errors import CrawlStopped
from crawlers.model import Crawler, RecrawlBehavior
from crawlers.plan_bodies import PlanBody
from crawlers.plans import Plan
from engine.crawling.readers import Reader, list_readers, tables_named
from engine.crawling.spark_answers import LOCAL_SPARK, SparkAnswers, answers_for
from engine.errors import PlanTooSlow
from engine.events.events import tell_changes

if TYPE_CHECKING:
    from crawlers.crawl import Progress


@dataclass(frozen=True)
class FullPlan:
    """A plan with what it would do, and who reads the tables that it would change."""

    plan: Plan
    body: PlanBody
    readers: tuple[Reader, ...]


def make_plan(
    catalog: Catalog,
    crawler: Crawler,
    stored: bool,
    progress: Callable[[Progress], None] = lambda _: None,
    stop: Callable[[], bool] = lambda: False,
    spark: SparkAnswers = LOCAL_SPARK,
    seconds: float = math.inf,
) -> FullPlan:
    """Look at the crawler's targets and store what a crawl would change. `stored`: the crawler is a stored one.

    Raises what a crawl raises; PlanTooSlow if it takes more than so many `seconds`, which is asked between files.
    """
    from crawlers.crawl import survey  # brings PyArrow, a quarter of a second that others do without

    plan_id = plans.new_id()
    recalled: dict[str, bytes] = {}
    with reading(catalog.engine) as connection:
        asked = classifiers.get_classifiers(connection, crawler.classifiers)
        if stored:
            recalled = states.list_states(connection, crawler.name)
    until = time.monotonic() + seconds

    def late() -> bool:
        return time.monotonic() >= until

    try:
        found = survey(
            crawler, catalog, dry_run=True, run_id=plan_id, progress=progress, stop=lambda: stop() or late(),
            now=catalog.now, recalled=recalled, answers=answers_for(crawler, spark), classifiers=asked,
        )  # fmt: skip
    except CrawlStopped as error:
        if not late():
            raise
        raise PlanTooSlow(crawler=crawler.name, seconds=f"{seconds:g}") from error
    with writing(catalog.engine) as connection:
        subject = crawler.name if stored else None
        plan = plans.create_plan(connection, plan_id, subject, crawler, found, catalog.now())
        readers = list_readers(connection, tables_named(plan.changing))
    return FullPlan(plan, PlanBody(crawler, found), tuple(readers))


def get_plan(catalog: Catalog, plan_id: str) -> FullPlan:
    """Raises NotFound."""
    with reading(catalog.engine) as connection:
        plan = plans.get_plan(connection, plan_id)
        body = plans.get_body(connection, plan_id)
        return FullPlan(plan, body, tuple(list_readers(connection, tables_named(plan.changing))))


def apply_plan(catalog: Catalog, plan_id: str, only: Sequence[str] | None = None) -> Plan:
    """Write what the plan shows, or its part for the tables `only`, all of it or nothing.

    Raises NotFound, PlanApplied, PlanExpired, PlanOutdated, InvalidInput; Unreadable if a Delta table's list of files
    cannot be written, which comes after the catalog: the next crawl writes it.
    """
    with writing(catalog.engine) as connection:
        now = catalog.now()
        plan, body = plans.take_plan(connection, plan_id, only, now)
        origin = Origin("crawler", body.crawler.name, plan_id)
        catalog.acting_as(origin).apply_in(connection, body.survey.changes)
        tell_changes(connection, body.survey.changes, plan_id, None, now)
        crawler = definitions.find_crawler(connection, plan.crawler) if plan.crawler is not None else None
        # Events are counted from what the last crawl saw, which may have been after the plan was made.
        if crawler is not None and crawler.recrawl is not RecrawlBehavior.CRAWL_EVENT_MODE:
            states.put_states(connection, crawler.name, body.survey.remembered, plan_id, now)
    if body.survey.manifests:
        from crawlers.lakes import write_manifests  # brings PyArrow, too

        write_manifests(body.survey)
    return plan
