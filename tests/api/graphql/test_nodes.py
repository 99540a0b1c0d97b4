"""Ids: opaque, and good for asking again."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.graphql.nodes import encode
from catalog.model import Connection, Function, Partition
from crawlers.model import Crawler, Target
from engine.model import Job
from tests.api.graphql.conftest import Client
from tests.api.graphql.test_runs import finish


@pytest.fixture
def full(shop: Client, place: Path) -> Client:
    """The client, with one node of each type behind it."""
    shop.catalog.create_partitions("shop", "orders", [Partition(("2024", "a/b=c %"))])
    shop.catalog.create_function(Function("shop", "tax", "org.example.Tax"))
    shop.catalog.create_connection(Connection("till"))
    shop.engine.create_crawler(Crawler("lake", "shop", (Target(str(place)),)))
    shop.engine.start_crawler("lake")
    shop.engine.create_job(Job("etl: /daily", "job.py", {"--job-bookmark-option": "job-bookmark-enable"}))
    finish(shop, shop.engine.start_job_run("etl: /daily").id)
    return shop


@pytest.mark.parametrize(
    ("kind", "query"),
    [
        ("Database", 'database(name: "shop") { id }'),
        ("Table", 'table(database: "shop", name: "orders") { id }'),
        ("TableVersion", 'tableVersion(database: "shop", table: "orders", version: 0) { id }'),
        ("Partition", 'partition(database: "shop", table: "orders", values: ["2024", "a/b=c %"]) { id }'),
        ("UserDefinedFunction", 'userDefinedFunction(database: "shop", name: "tax") { id }'),
        ("Connection", 'connection(name: "till") { id }'),
        ("Crawler", 'crawler(name: "lake") { id }'),
        ("Crawl", 'crawler(name: "lake") { latestCrawl { id } }'),
        ("Job", 'job(name: "etl: /daily") { id }'),
        ("JobRun", 'job(name: "etl: /daily") { latestRun { id } }'),
        ("Bookmark", 'bookmark(job: "etl: /daily") { id }'),
    ],
)
def test_the_id_of_a_node_finds_it_again(full: Client, kind: str, query: str) -> None:
    (found,) = full.ask(f"{{ {query} }}").values()
    while "id" not in found:
        (found,) = found.values()
    again = full.ask("query ($id: ID!) { node(id: $id) { __typename id } }", id=found["id"])
    assert again == {"node": {"__typename": kind, "id": found["id"]}}


@pytest.mark.parametrize(
    "id",
    [
        "",
        "nonsense",
        "%%%",
        encode("Database", "gone"),
        encode("Database"),
        encode("Database", "shop", "more"),
        encode("Table", "shop"),
        encode("TableVersion", "shop", "orders", "newest"),
        encode("Query", "x"),
        encode("JobRun", "cr_1"),
    ],
)
def test_an_id_of_nothing_finds_nothing(shop: Client, id: str) -> None:
    assert shop.ask("query ($id: ID!) { node(id: $id) { id } }", id=id) == {"node": None}


def test_the_id_of_a_crawl_is_not_that_of_a_job_run(full: Client) -> None:
    crawl = full.ask('{ crawler(name: "lake") { latestCrawl { runId } } }')["crawler"]["latestCrawl"]["runId"]
    assert full.ask("query ($id: ID!) { node(id: $id) { id } }", id=encode("JobRun", crawl)) == {"node": None}
