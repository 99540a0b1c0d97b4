"""The documents in samples/graphql do what they say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from catalog.model import Column, Partition
from crawlers.model import Crawler, RecrawlBehavior, Target
from engine.model import Job
from engine.states import RunState
from tests.api.graphql.conftest import Client, orders
from tests.api.graphql.test_runs import finish

FOLDER = Path(__file__).parents[3] / "samples" / "graphql"
TABLE = {"database": "shop", "table": "orders"}


@pytest.fixture
def lake(shop: Client, place: Path) -> Client:
    shop.catalog.create_partitions("shop", "orders", [Partition(("2024", str(month))) for month in (1, 2, 3)])
    shop.catalog.update_table(orders(Column("paid", "boolean")))
    shop.engine.create_crawler(Crawler("lake", "shop", (Target(str(place)),)))
    shop.engine.create_job(Job("etl", "job.py"))
    return shop


def text_of(document: str) -> str:
    return (FOLDER / f"{document}.graphql").read_text()


def sample(client: Client, document: str, /, **variables: object) -> Any:
    (answer,) = client.ask(text_of(document), **variables).values()
    return answer


def test_every_sample_is_tested() -> None:
    source = "".join(path.read_text() for path in Path(__file__).parent.glob("test_sample*.py"))
    assert [path.stem for path in FOLDER.glob("*.graphql") if f'"{path.stem}"' not in source] == []


def test_tables_are_listed_with_their_columns(lake: Client) -> None:
    (edge,) = sample(lake, "list_tables", database="shop")["edges"]
    assert edge["node"]["partitionCount"] == 3
    assert [column["name"] for column in edge["node"]["columns"]] == ["id", "price", "paid"]


def test_the_history_of_a_table_is_told(lake: Client) -> None:
    table = sample(lake, "table_history", **TABLE)
    assert [edge["node"]["version"] for edge in table["versions"]["edges"]] == [1, 0]
    added = {"path": "columns.paid", "old": None, "new": "boolean", "breaking": False}
    assert table["diff"] == {"breaking": False, "differences": [added]}


def test_the_history_of_a_column_is_told(lake: Client) -> None:
    [edge] = sample(lake, "column_history", **TABLE, column="paid")["changes"]["edges"]
    assert (edge["node"]["version"]["version"], edge["node"]["version"]["origin"]["face"]) == (1, "test")
    assert edge["node"]["differences"] == [{"path": "columns.paid", "old": None, "new": "boolean", "breaking": False}]


def test_lineage_readers_and_a_preview_of_a_crawled_table_are_told(lake: Client, place: Path) -> None:
    run_id = sample(lake, "start_crawler", name="lake")["crawl"]["runId"]
    lake.work_off(run_id)
    table = {"database": "shop", "table": "sales"}
    [step] = sample(lake, "lineage", **table, column="price")["upstream"]["steps"]
    assert (step["kind"], step["name"], step["lastRunId"]) == ("crawler", "lake", run_id)
    assert (step["source"]["place"], step["sink"]["table"]) == (str(place), "sales")
    shown = sample(lake, "table_preview", **table, limit=2)["preview"]
    assert shown == {"columns": ["id", "price"], "rows": [["1", "2.5"], ["2", "3.5"]], "fileCount": 2, "trouble": None}


def test_partitions_are_found_by_a_condition(lake: Client) -> None:
    found = sample(lake, "find_partitions", **TABLE, filter="year = 2024 AND month IN (1, 2)")
    assert [edge["node"]["values"] for edge in found["partitions"]["edges"]] == [["2024", "1"], ["2024", "2"]]


def test_a_crawler_is_tried_started_and_followed(lake: Client) -> None:
    tried = sample(lake, "start_crawler", name="lake", dryRun=True)
    assert [(table["name"], table["action"]) for table in tried["report"]["tables"]] == [("sales", "CREATED")]
    run_id = sample(lake, "start_crawler", name="lake")["crawl"]["runId"]
    assert lake.work_off(run_id).state is RunState.SUCCEEDED
    followed = sample(lake, "follow_run", runId=run_id)
    assert followed["finished"]
    assert followed["report"]["tableCounts"] == {"added": 1, "updated": 0, "deleted": 0}


def test_a_crawl_is_planned_applied_in_part_and_reported(lake: Client, place: Path) -> None:
    planned = sample(lake, "plan_crawl", database="shop", place=str(place))["plan"]
    assert planned["changing"] == ["shop.sales"]
    assert planned["report"]["tables"][0]["evidence"][0]["byFiles"][0]["count"] == 2
    applied = sample(lake, "apply_crawl_plan", planId=planned["planId"], only=["sales"])
    assert applied["plan"] == {"state": "APPLIED", "appliedTables": ["shop.sales"]}
    run_id = sample(lake, "start_crawler", name="lake")["crawl"]["runId"]
    lake.work_off(run_id)
    told = sample(lake, "crawl_report", runId=run_id)
    assert (told["state"], told["report"]["files"]["seen"]) == ("SUCCEEDED", 2)
    assert [table["name"] for table in told["report"]["tables"]] == ["sales"]


def test_a_crawler_of_a_database_server_is_made_with_its_connection(lake: Client) -> None:
    given = {"name": "till", "url": "jdbc:postgresql://host/shop", "user": "ada", "password": "hunter2-0ad5"}
    made = lake.ask(text_of("crawl_database"), **given, path="shop/public/%", database="shop")
    assert made["createConnection"]["connection"]["secrets"] == ["PASSWORD"]
    assert made["createCrawler"]["crawler"]["name"] == "till"
    assert "hunter2-0ad5" not in str(made)
    assert lake.catalog.unsealed_connection("till")[1]["PASSWORD"] == "hunter2-0ad5"


def test_a_crawler_in_event_mode_is_told(lake: Client, place: Path) -> None:
    watching = Crawler("w", "shop", (Target(str(place)),), recrawl=RecrawlBehavior.CRAWL_EVENT_MODE)
    lake.engine.create_crawler(watching)
    events = [{"place": f"{place}/{name}.csv", "kind": kind} for name, kind in (("c", "CREATED"), ("b", "REMOVED"))]
    assert sample(lake, "post_object_events", events=events)["keptCount"] == 2


def test_a_job_is_run_and_followed(lake: Client) -> None:
    started = sample(lake, "run_job", job="etl", arguments=[{"name": "--database", "value": "shop"}])
    assert started["run"]["state"] == "WAITING"
    finish(lake, started["run"]["runId"])
    followed = sample(lake, "follow_run", runId=started["run"]["runId"])
    assert (followed["state"], followed["jobName"]) == ("SUCCEEDED", "etl")
    assert followed["sources"][0]["selectedFiles"] == 3


def test_anything_is_found_by_what_it_says(lake: Client) -> None:
    [best, *_] = sample(lake, "search", text="ordrs")["edges"]
    assert (best["node"]["kind"], best["node"]["score"], best["node"]["thing"]["name"]) == ("TABLE", 51, "orders")
    [edge] = sample(lake, "search", text="lake", kinds=["CRAWLER"])["edges"]
    assert edge["node"]["matches"][0]["field"] == "NAME"
