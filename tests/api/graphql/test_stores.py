"""What GraphQL itself asks of the database, on each kind of database: dry runs, and reads for whole lists."""

from __future__ import annotations

from pathlib import Path

from catalog.model import Partition
from crawlers.model import Crawler, Target
from engine.model import Job
from tests.api.graphql.conftest import Client
from tests.api.graphql.test_runs import finish


def test_dry_runs_leave_everything(any_shop: Client) -> None:
    any_shop.engine.create_job(Job("etl", "job.py"))
    any_shop.engine.create_crawler(Crawler("lake", "shop", (Target("/lake"),)))
    for mutation, given in (
        ("deleteTable", {"database": "shop", "name": "orders"}),
        ("deleteDatabase", {"name": "shop", "cascade": True}),
        ("deleteJob", {"name": "etl"}),
        ("deleteCrawler", {"name": "lake"}),
    ):
        assert any_shop.change(mutation, "__typename", **given, dryRun=True)["userErrors"] == []
    assert any_shop.catalog.get_table("shop", "orders").version == 0
    assert any_shop.engine.get_job("etl").name == "etl"
    assert any_shop.engine.get_crawler("lake").name == "lake"


def test_lists_tell_what_was_read_for_all_at_once(any_shop: Client, place: Path) -> None:
    any_shop.catalog.create_partitions("shop", "orders", [Partition(("2024", str(month))) for month in range(3)])
    for name in ("one", "two"):
        any_shop.engine.create_job(Job(name, "job.py", {"--job-bookmark-option": "job-bookmark-enable"}))
        any_shop.engine.create_crawler(Crawler(name, "shop", (Target(str(place)),)))
    for _ in range(2):
        finish(any_shop, any_shop.engine.start_job_run("one").id)
    any_shop.work_off(any_shop.engine.start_crawler("one").id)
    newest = any_shop.engine.start_crawler("one")

    found = any_shop.ask("""{
      tables(database: "shop") { edges { node { name partitionCount origin { face } } } }
      jobs { edges { node { latestRun { events { newState } sources { selectedFiles } } bookmark { version } } } }
      crawlers { edges { node { state latestCrawl { runId report { written } } } } }
      crawls { edges { node { report { tables { name } } } } }
    }""")
    nodes = {name: [edge["node"] for edge in listed["edges"]] for name, listed in found.items()}
    assert nodes["tables"] == [
        {"name": "orders", "partitionCount": 3, "origin": {"face": "test"}},
        {"name": "sales", "partitionCount": 0, "origin": {"face": "crawler"}},
    ]
    steps = [{"newState": state} for state in ("WAITING", "STARTING", "RUNNING", "SUCCEEDED")]
    ran = {"latestRun": {"events": steps, "sources": [{"selectedFiles": 3}]}, "bookmark": {"version": 2}}
    assert nodes["jobs"] == [ran, {"latestRun": None, "bookmark": None}]
    assert nodes["crawlers"] == [
        {"state": "RUNNING", "latestCrawl": {"runId": newest.id, "report": None}},
        {"state": "READY", "latestCrawl": None},
    ]
    assert nodes["crawls"] == [{"report": None}, {"report": {"tables": [{"name": "sales"}]}}]
