"""Crawlers and their crawls in Glue's shape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from api.glue.shapes.crawler_targets import targets_shape, with_targets
from crawlers import model
from crawlers.configuration import read_configuration, write_configuration
from crawlers.model import Crawler
from engine.crawling.crawler_metrics import CrawlerMetrics
from engine.model import CrawlerState, Run
from engine.states import RunState

Shape = Mapping[str, Any]

_LAST = {RunState.SUCCEEDED: "SUCCEEDED", RunState.STOPPED: "CANCELLED"}
_HISTORY = {RunState.SUCCEEDED: "COMPLETED", RunState.STOPPED: "STOPPED"}


def crawler_value(given: Shape, old: Crawler) -> Crawler:
    """`old` with all that is given, as UpdateCrawler has it: what is not given stays.

    Raises InvalidInput for a Configuration that is not known, OperationNotSupported.
    """
    names = {each.place: each.table_name for each in old.targets if each.table_name}
    made = old
    if "Configuration" in given:
        configuration, names = read_configuration(given["Configuration"] or "{}")
        made = replace(made, configuration=configuration)
    if "Targets" in given:
        made = with_targets(made, given["Targets"], names)
    simple = {
        "database": given.get("DatabaseName", old.database),
        "description": given.get("Description", old.description),
        "prefix": given.get("TablePrefix", old.prefix),
        "classifiers": tuple(given.get("Classifiers", old.classifiers)),
        "schedule": given.get("Schedule", old.schedule) or None,
    }
    return replace(made, **simple, **_policies(given, old), cloud=_cloud(given, old.cloud))


def _policies(given: Shape, old: Crawler) -> dict[str, Any]:
    policy, recrawl = given.get("SchemaChangePolicy"), given.get("RecrawlPolicy")
    change, crawl = old.schema_change, old.recrawl
    if policy is not None:
        change = model.SchemaChangePolicy(
            model.UpdateBehavior(policy.get("UpdateBehavior", change.update)),
            model.DeleteBehavior(policy.get("DeleteBehavior", change.delete)),
        )
    if recrawl is not None:
        crawl = model.RecrawlBehavior(recrawl.get("RecrawlBehavior", crawl))
    return {"schema_change": change, "recrawl": crawl}


def _cloud(given: Shape, old: model.CloudSettings) -> model.CloudSettings:
    lineage, lake = given.get("LineageConfiguration"), given.get("LakeFormationConfiguration")
    return model.CloudSettings(
        role=given.get("Role", old.role),
        security_configuration=given.get("CrawlerSecurityConfiguration", old.security_configuration),
        lineage=model.LineageSettings(lineage.get("CrawlerLineageSettings", old.lineage)) if lineage else old.lineage,
        configuration=given.get("Configuration", old.configuration),
        lake_formation=model.LakeFormation(bool(lake.get("UseLakeFormationCredentials")), lake.get("AccountId"))
        if lake
        else old.lake_formation,
    )


def crawler_shape(crawler: Crawler, state: CrawlerState, last: Run | None, now: datetime) -> dict[str, Any]:
    """`last` is its newest crawl."""
    lake = crawler.cloud.lake_formation
    begun = last.queued_at if last and not last.finished else None
    return {
        "Name": crawler.name,
        "Role": crawler.cloud.role,
        "Targets": targets_shape(crawler),
        "DatabaseName": crawler.database,
        "Description": crawler.description,
        "Classifiers": list(crawler.classifiers),
        "RecrawlPolicy": {"RecrawlBehavior": crawler.recrawl.value},
        "SchemaChangePolicy": {
            "UpdateBehavior": crawler.schema_change.update.value,
            "DeleteBehavior": crawler.schema_change.delete.value,
        },
        "LineageConfiguration": {"CrawlerLineageSettings": crawler.cloud.lineage.value},
        "LakeFormationConfiguration": {
            "UseLakeFormationCredentials": bool(lake and lake.use_credentials),
            "AccountId": lake.account if lake else None,
        },
        "State": state.value,
        "TablePrefix": crawler.prefix or None,
        "Schedule": schedule_shape(crawler),
        "CrawlElapsedTime": int((now - begun).total_seconds() * 1_000) if begun else 0,
        "CreationTime": crawler.created_at,
        "LastUpdated": crawler.updated_at,
        "LastCrawl": last_crawl_shape(last) if last and last.finished else None,
        "Version": crawler.version,
        "Configuration": _configuration_text(crawler),
        "CrawlerSecurityConfiguration": crawler.cloud.security_configuration,
    }


def _configuration_text(crawler: Crawler) -> str | None:
    """Letter for letter what a client gave, as long as that is what is in force."""
    names = {each.place: each.table_name for each in crawler.targets if each.table_name}
    given = crawler.cloud.configuration
    if given is not None and read_configuration(given or "{}") == (crawler.configuration, names):
        return given
    told = crawler.configuration != model.DEFAULTS or names
    return write_configuration(crawler.configuration, names) if told else None


def schedule_shape(crawler: Crawler) -> dict[str, Any] | None:
    if crawler.schedule is None:
        return None
    state = "NOT_SCHEDULED" if crawler.schedule_paused else "SCHEDULED"
    return {"ScheduleExpression": crawler.schedule, "State": state}


def last_crawl_shape(run: Run) -> dict[str, Any]:
    well = run.state is RunState.SUCCEEDED
    return {
        "Status": _LAST.get(run.state, "FAILED"),
        "ErrorMessage": None if well else run.detail,
        "StartTime": run.queued_at,
        "MessagePrefix": run.id,
    }


def crawl_shape(run: Run) -> dict[str, Any]:
    state = _HISTORY.get(run.state, "FAILED") if run.finished else "RUNNING"
    return {
        "CrawlId": run.id,
        "State": state,
        "StartTime": run.queued_at,
        "EndTime": run.finished_at,
        "ErrorMessage": run.detail if state == "FAILED" else None,
        "MessagePrefix": run.id,
        "DPUHour": 0.0,  # it runs in the service
    }


def metrics_shape(metrics: CrawlerMetrics) -> dict[str, Any]:
    return {
        "CrawlerName": metrics.crawler,
        "TimeLeftSeconds": metrics.time_left or 0.0,
        "StillEstimating": metrics.still_estimating,
        "LastRuntimeSeconds": metrics.last_runtime or 0.0,
        "MedianRuntimeSeconds": metrics.median_runtime or 0.0,
        "TablesCreated": metrics.tables_created,
        "TablesUpdated": metrics.tables_updated,
        "TablesDeleted": metrics.tables_deleted,
    }
