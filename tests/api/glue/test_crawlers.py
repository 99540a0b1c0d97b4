"""Crawlers and crawls over the Glue face: defined, started, really crawled, and told as they go."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.crawling.crawls import Crawls
from engine.model import CRAWL, Outcome
from engine.running.worker import Worker
from engine.states import RunState
from tests.api.glue.conftest import Glue, Json

DEFINED: Json = {
    "Role": "arn:aws:iam::123456789012:role/glue",
    "DatabaseName": "shop",
    "Description": "All of the shop's files.",
    "Targets": {
        "S3Targets": [{"Path": "s3://lake/shop", "Exclusions": ["**.tmp"], "SampleSize": 3}],
        "DynamoDBTargets": [{"Path": "orders", "scanAll": False, "scanRate": 0.5}],
        "DeltaTargets": [{"DeltaTables": ["s3://lake/d"], "WriteManifest": False, "CreateNativeDeltaTable": True}],
        "IcebergTargets": [{"Paths": ["s3://lake/i"], "Exclusions": [], "MaximumTraversalDepth": 4}],
    },
    "Classifiers": [],
    "TablePrefix": "raw_",
    "SchemaChangePolicy": {"UpdateBehavior": "LOG", "DeleteBehavior": "LOG"},
    "RecrawlPolicy": {"RecrawlBehavior": "CRAWL_EVERYTHING"},
    "LineageConfiguration": {"CrawlerLineageSettings": "DISABLE"},
}


@pytest.fixture
def shop(glue: Glue, tmp_path: Path) -> Glue:
    """With crawler `shop` of a folder with one table."""
    (tmp_path / "lake" / "orders").mkdir(parents=True)
    (tmp_path / "lake" / "orders" / "a.csv").write_text("id,item\n1,tea\n2,coffee\n")
    targets = {"S3Targets": [{"Path": str(tmp_path / "lake")}]}
    glue.ask("CreateDatabase", DatabaseInput={"Name": "shop"})
    glue.ask("CreateCrawler", Name="shop", Role="r", DatabaseName="shop", Targets=targets)
    return glue


def work_off(glue: Glue) -> None:
    """As a service does with what waits."""
    engine = glue.app.engine
    [run] = engine.unfinished_runs(CRAWL)
    assert engine.runs is not None
    executions = {CRAWL: Crawls(glue.catalog, engine.runs, engine.spark)}
    Worker(engine, executions).work_off(run.id)


def test_a_crawler_is_told_as_it_was_defined(glue: Glue) -> None:
    glue.ask("CreateCrawler", Name="all", Schedule="cron(15 2 * * ? *)", Configuration='{"Version":1.0}', **DEFINED)
    told = glue.ask("GetCrawler", Name="all")["Crawler"]
    for kind, targets in DEFINED["Targets"].items():
        assert told["Targets"][kind] == targets
    assert {**told, "Targets": DEFINED["Targets"]}.items() >= DEFINED.items()
    assert told["Schedule"] == {"ScheduleExpression": "cron(15 2 * * ? *)", "State": "SCHEDULED"}
    assert (told["State"], told["Version"]) == ("READY", 1)
    assert "LastCrawl" not in told


def test_an_update_changes_what_it_names_alone(glue: Glue) -> None:
    glue.ask("CreateCrawler", Name="all", **DEFINED)
    grouping = '{"Version": 1.0, "Grouping": {"TableGroupingPolicy": "CombineCompatibleSchemas"}}'
    glue.ask("UpdateCrawler", Name="all", Description="", Configuration=grouping)
    told = glue.ask("GetCrawler", Name="all")["Crawler"]
    assert (told["Description"], told["Configuration"], told["Version"]) == ("", grouping, 2)
    assert told["TablePrefix"] == "raw_"
    assert told["Targets"]["S3Targets"] == DEFINED["Targets"]["S3Targets"]


def test_a_started_crawl_runs_at_once_for_those_who_ask_and_writes_its_tables(shop: Glue) -> None:
    shop.ask("StartCrawler", Name="shop")
    told = shop.ask("GetCrawler", Name="shop")["Crawler"]
    assert told["State"] == "RUNNING"
    assert shop.refusal("StartCrawler", Name="shop").code == "CrawlerRunningException"
    assert shop.refusal("DeleteCrawler", Name="shop").code == "CrawlerRunningException"
    [running] = shop.ask("ListCrawls", CrawlerName="shop")["Crawls"]
    assert running["State"] == "RUNNING"
    work_off(shop)
    [table] = shop.ask("GetTables", DatabaseName="shop")["TableList"]
    assert [column["Name"] for column in table["StorageDescriptor"]["Columns"]] == ["id", "item"]
    told = shop.ask("GetCrawler", Name="shop")["Crawler"]
    assert (told["State"], told["LastCrawl"]["Status"]) == ("READY", "SUCCEEDED")
    [metrics] = shop.ask("GetCrawlerMetrics", CrawlerNameList=["shop"])["CrawlerMetricsList"]
    assert (metrics["TablesCreated"], metrics["StillEstimating"]) == (1, False)
    [done] = shop.ask("ListCrawls", CrawlerName="shop")["Crawls"]
    assert (done["State"], done["CrawlId"]) == ("COMPLETED", running["CrawlId"])


def test_crawls_are_filtered(shop: Glue) -> None:
    engine = shop.app.engine
    for state in (RunState.SUCCEEDED, RunState.FAILED):
        shop.ask("StartCrawler", Name="shop")
        [run] = engine.unfinished_runs(CRAWL)
        assert engine.claim_run("worker", run_id=run.id)
        engine.begin_run(run.id, "worker")
        engine.finish_run(run.id, "worker", Outcome(state, "no disk"))

    def found(name: str, operator: str, value: str) -> list[str]:
        given = [{"FieldName": name, "FilterOperator": operator, "FieldValue": value}]
        return [each["State"] for each in shop.ask("ListCrawls", CrawlerName="shop", Filters=given)["Crawls"]]

    assert found("STATE", "EQ", "FAILED") == ["FAILED"]
    assert found("STATE", "EQ", "COMPLETED") == ["COMPLETED"]
    assert found("STATE", "EQ", "RUNNING") == []
    assert found("START_TIME", "GT", "0") == ["FAILED", "COMPLETED"]
    assert found("END_TIME", "LT", "0") == []
    assert found("STATE", "NE", "COMPLETED") == ["FAILED"]
    assert found("START_TIME", "GT", "2020-01-01T00:00:00") == ["FAILED", "COMPLETED"]
    assert found("START_TIME", "GT", "2999-01-01T00:00:00+01:00") == []
    assert shop.ask("GetCrawler", Name="shop")["Crawler"]["LastCrawl"]["ErrorMessage"] == "no disk"


@pytest.mark.parametrize(
    ("given", "code", "message"),
    [
        (("DPU_HOUR", "EQ", "1"), "OperationNotSupportedException", "Crawls are not filtered by DPU_HOUR"),
        (("STATE", "LE", "RUNNING"), "InvalidInputException", "Only EQ or NE operator is allowed for field : STATE"),
        (("CRAWL_ID", "GT", "x"), "InvalidInputException", "Only EQ or NE operator is allowed for field : CRAWL_ID"),
        (("START_TIME", "GT", "today"), "InvalidInputException", "'today' is no time"),
        (
            ("CRAWL_ID", "NE"),
            "InvalidInputException",
            "Invalid Filter Provided: FieldName: CRAWL_ID, FilterOperator: NE, FieldValue: null",
        ),
    ],
)
def test_a_filter_that_makes_no_sense_is_refused(shop: Glue, given: tuple[str, ...], code: str, message: str) -> None:
    filters = [dict(zip(("FieldName", "FilterOperator", "FieldValue"), given, strict=False))]
    refused = shop.refusal("ListCrawls", CrawlerName="shop", Filters=filters)
    assert refused.code == code
    assert message in refused.message
    assert shop.refusal("ListCrawls", CrawlerName="x").message == "Crawler entry with name x does not exist"


def test_a_crawler_may_have_no_target_yet_and_a_configuration_comes_back_letter_for_letter(glue: Glue) -> None:
    text = '{"Version":1.0,  "Grouping": {"TableLevelConfiguration": 2}}'
    glue.ask("CreateCrawler", Name="c", Role="r", Targets={}, Configuration=text)
    told = glue.ask("GetCrawler", Name="c")["Crawler"]
    assert (told["Configuration"], told["Targets"]["S3Targets"]) == (text, [])
    glue.ask("UpdateCrawler", Name="c", Configuration='{"Version": 1.0}')
    assert glue.ask("GetCrawler", Name="c")["Crawler"]["Configuration"] == '{"Version": 1.0}'


def test_what_does_not_run_cannot_be_stopped_and_what_waits_can(shop: Glue) -> None:
    assert shop.refusal("StopCrawler", Name="shop").code == "CrawlerNotRunningException"
    shop.ask("StartCrawler", Name="shop")
    shop.ask("StopCrawler", Name="shop")
    assert shop.ask("GetCrawler", Name="shop")["Crawler"]["LastCrawl"]["Status"] == "CANCELLED"


def test_crawlers_are_listed_by_pages_and_by_name(shop: Glue) -> None:
    glue = shop
    glue.ask("CreateCrawler", Name="all", **DEFINED)
    first = glue.ask("GetCrawlers", MaxResults=1)
    rest = glue.ask("GetCrawlers", MaxResults=1, NextToken=first["NextToken"])
    assert [each["Name"] for each in first["Crawlers"] + rest["Crawlers"]] == ["all", "shop"]
    assert glue.ask("ListCrawlers")["CrawlerNames"] == ["all", "shop"]
    found = glue.ask("BatchGetCrawlers", CrawlerNames=["shop", "none"])
    assert ([each["Name"] for each in found["Crawlers"]], found["CrawlersNotFound"]) == (["shop"], ["none"])
    assert len(glue.ask("GetCrawlerMetrics")["CrawlerMetricsList"]) == 2
    glue.ask("DeleteCrawler", Name="all")
    assert glue.refusal("GetCrawler", Name="all").message == "Crawler all not found."


def test_a_schedule_is_set_paused_and_followed_again(shop: Glue) -> None:
    assert shop.refusal("StartCrawlerSchedule", CrawlerName="shop").code == "NoScheduleException"
    assert shop.refusal("StopCrawlerSchedule", CrawlerName="shop").code == "SchedulerNotRunningException"
    shop.ask("UpdateCrawlerSchedule", CrawlerName="shop", Schedule="cron(0 1 * * ? *)")
    assert shop.refusal("StartCrawlerSchedule", CrawlerName="shop").code == "SchedulerRunningException"
    shop.ask("StopCrawlerSchedule", CrawlerName="shop")
    assert shop.ask("GetCrawler", Name="shop")["Crawler"]["Schedule"]["State"] == "NOT_SCHEDULED"
    assert shop.refusal("StopCrawlerSchedule", CrawlerName="shop").code == "SchedulerNotRunningException"
    shop.ask("StartCrawlerSchedule", CrawlerName="shop")
    assert shop.ask("GetCrawler", Name="shop")["Crawler"]["Schedule"]["State"] == "SCHEDULED"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"Configuration": '{"Version": 1.0, "Odd": 1}'}, "contains unsupported keys: Odd"),
        ({"Schedule": "every day"}, "every day"),
        ({"Targets": {"JdbcTargets": [{"ConnectionName": "none", "Path": "db/%"}]}}, "Connection none not found."),
        ({"Targets": {"S3Targets": [{"Path": "s3://b", "ConnectionName": "vpc"}]}}, "ConnectionName of a target"),
    ],
)
def test_what_a_crawler_cannot_be_is_refused_by_name(glue: Glue, given: Json, message: str) -> None:
    targets = {"S3Targets": [{"Path": "s3://lake"}]}
    refused = glue.refusal("CreateCrawler", **{"Name": "c", "Role": "r", "Targets": targets, **given})
    assert message in refused.message
    assert glue.ask("ListCrawlers")["CrawlerNames"] == []
