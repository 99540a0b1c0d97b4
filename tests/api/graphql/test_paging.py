"""Connections: every list in parts, none skipped and none repeated, and each edge a place to go on from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from catalog.model import Column, Database, Partition, StorageDescriptor, Table
from crawlers.model import Crawler, Target
from engine.model import Job
from tests.api.graphql.conftest import Client, orders

PAGE = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"
COUNT = 7


def fill_databases(client: Client) -> None:
    for number in range(COUNT - 1):
        client.catalog.create_database(Database(f"d{number}"))


def fill_tables(client: Client) -> None:
    for number in range(COUNT - 1):
        client.catalog.create_table(Table("shop", f"t{number}", StorageDescriptor()))


def fill_partitions(client: Client) -> None:
    client.catalog.create_partitions("shop", "orders", [Partition(("2024", str(month))) for month in range(COUNT)])


def fill_versions(client: Client) -> None:
    for number in range(COUNT - 1):
        client.catalog.update_table(orders(Column(f"c{number}", "int")))


def fill_jobs(client: Client) -> None:
    for number in range(COUNT):
        client.engine.create_job(Job(f"j{number}", "job.py"))


def fill_job_runs(client: Client) -> None:
    client.engine.create_job(Job("j", "job.py", max_concurrent_runs=COUNT))
    for _ in range(COUNT):
        client.engine.start_job_run("j")


def fill_crawlers(client: Client) -> None:
    for number in range(COUNT):
        client.engine.create_crawler(Crawler(f"c{number}", "shop", (Target("/lake"),)))


def fill_crawls(client: Client) -> None:
    for _ in range(COUNT):
        client.engine.start_crawl(Crawler("crawl", "shop", (Target("/lake"),)))


LISTS: list[tuple[Callable[[Client], None], str]] = [
    (fill_databases, "databases(%s) { %s }"),
    (fill_tables, 'tables(database: "shop", %s) { %s }'),
    (fill_tables, 'database(name: "shop") { tables(%s) { %s } }'),
    (fill_partitions, 'table(database: "shop", name: "orders") { partitions(%s) { %s } }'),
    (fill_partitions, 'table(database: "shop", name: "orders") { partitions(filter: "month >= 0", %s) { %s } }'),
    (fill_versions, 'table(database: "shop", name: "orders") { versions(%s) { %s } }'),
    (fill_jobs, "jobs(%s) { %s }"),
    (fill_job_runs, "jobRuns(%s) { %s }"),
    (fill_job_runs, 'job(name: "j") { runs(%s) { %s } }'),
    (fill_crawlers, "crawlers(%s) { %s }"),
    (fill_crawls, "crawls(%s) { %s }"),
]


def part(client: Client, query: str, first: int, after: str | None) -> Any:
    """One part of the list that `query` asks for, at whatever depth it lies."""
    document = query % ("first: $first, after: $after", f"edges {{ cursor node {{ id }} }} {PAGE}")
    found = client.ask(f"query ($first: Int!, $after: String) {{ {document} }}", first=first, after=after)
    while "edges" not in found:
        (found,) = found.values()
    return found


@pytest.mark.parametrize(("fill", "query"), LISTS)
def test_three_parts_make_the_whole_list(shop: Client, fill: Callable[[Client], None], query: str) -> None:
    fill(shop)
    whole = [edge["node"]["id"] for edge in part(shop, query, 200, None)["edges"]]
    assert len(set(whole)) == COUNT
    seen: list[str] = []
    after, parts = None, 0
    while True:
        page = part(shop, query, 3, after)
        info = page["pageInfo"]
        assert info["hasPreviousPage"] is (after is not None)
        assert (info["startCursor"], info["endCursor"]) == (page["edges"][0]["cursor"], page["edges"][-1]["cursor"])
        seen += [edge["node"]["id"] for edge in page["edges"]]
        after, parts = info["endCursor"], parts + 1
        if not info["hasNextPage"]:
            break
    assert (seen, parts) == (whole, 3)


@pytest.mark.parametrize(("fill", "query"), LISTS)
def test_any_edge_is_a_place_to_go_on_from(shop: Client, fill: Callable[[Client], None], query: str) -> None:
    fill(shop)
    whole = part(shop, query, 200, None)["edges"]
    rest = part(shop, query, 200, whole[1]["cursor"])["edges"]
    assert rest == whole[2:]


def test_the_part_after_the_last_edge_is_empty(shop: Client) -> None:
    last = part(shop, "databases(%s) { %s }", 200, None)["pageInfo"]["endCursor"]
    empty = part(shop, "databases(%s) { %s }", 200, last)
    assert empty["edges"] == []
    assert empty["pageInfo"] == {"hasNextPage": False, "hasPreviousPage": True, "startCursor": None, "endCursor": None}


@pytest.mark.parametrize("arguments", ["first: 0", "first: -1", "first: 201", 'after: "nonsense"', 'after: ""'])
def test_a_part_that_cannot_be_is_refused_with_a_code(shop: Client, arguments: str) -> None:
    answer = shop.post(f"{{ databases({arguments}) {{ edges {{ cursor }} }} }}")
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "INVALID_INPUT"
    assert answer["data"] == {"databases": None}


def test_the_cursor_of_one_list_is_no_place_in_another(shop: Client) -> None:
    cursor = part(shop, "databases(%s) { %s }", 1, None)["pageInfo"]["endCursor"]
    answer = shop.post(
        'query ($after: String) { tables(database: "shop", after: $after) { edges { cursor } } }', after=cursor
    )
    assert answer["errors"][0]["extensions"]["code"] == "INVALID_INPUT"
