"""Search through GraphQL: hits with what they are, why they were found, and the next page."""

from __future__ import annotations

import pytest

from catalog.model import Connection, Function, Table
from crawlers.model import Crawler, CsvClassifier, Target
from engine.doors.search_doors import Kind
from engine.flows.trigger_model import Action, Node, Trigger, TriggerType
from engine.flows.workflow_model import Workflow
from engine.model import JOB, Job
from tests.api.graphql.conftest import Client, orders

SEARCH = """
query ($text: String!, $kinds: [SearchKind!], $filter: SearchFilter, $first: Int! = 50, $after: String) {
  search(text: $text, kinds: $kinds, filter: $filter, first: $first, after: $after) {
    edges { cursor node {
      kind score matches { field name fragment ranges { start length } } thing { __typename id }
    } }
    pageInfo { hasNextPage endCursor }
  }
}"""


@pytest.fixture
def full(any_shop: Client) -> Client:
    """One of each kind of things named orders, beside a table and a database of other names."""
    any_shop.catalog.create_function(Function("shop", "orders", "org.example.Orders"))
    any_shop.catalog.create_connection(Connection("orders"))
    engine = any_shop.engine
    engine.create_classifier(CsvClassifier("orders", ","))
    engine.create_crawler(Crawler("orders", "shop", (Target("s3://lake/raw"),)))
    engine.create_job(Job("orders", "job.py"))
    engine.create_workflow(Workflow("orders"))
    engine.create_trigger(Trigger("orders", TriggerType.ON_DEMAND, (Action(Node(JOB, "orders")),)))
    return any_shop


def test_each_hit_says_what_it_is_and_why_it_was_found(any_shop: Client) -> None:
    [edge] = any_shop.ask(SEARCH, text="euro")["search"]["edges"]
    hit = edge["node"]
    assert (hit["kind"], hit["score"], hit["thing"]["__typename"]) == ("TABLE", 30, "Table")
    assert hit["matches"] == [
        {"field": "COMMENT", "name": "price", "fragment": "in euro", "ranges": [{"start": 3, "length": 4}]}
    ]
    found = any_shop.ask("query ($id: ID!) { node(id: $id) { ... on Table { name } } }", id=hit["thing"]["id"])
    assert found["node"] == {"name": "orders"}


def test_things_of_all_kinds_are_found_and_told_page_by_page(full: Client) -> None:
    seen, after = [], None
    while True:
        page = full.ask(SEARCH, text="orders", first=3, after=after)["search"]
        seen += [edge["node"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert sorted(hit["kind"] for hit in seen) == sorted(set(Kind) - {Kind.DATABASE})
    assert {hit["score"] for hit in seen} == {100}
    assert len({hit["thing"]["id"] for hit in seen}) == len(seen)


def test_hits_are_narrowed_by_kind_and_filter(full: Client) -> None:
    def kinds(**given: object) -> list[str]:
        return [edge["node"]["kind"] for edge in full.ask(SEARCH, **given)["search"]["edges"]]

    assert kinds(text="orders", kinds=["JOB"]) == ["JOB"]
    assert kinds(text="shop", filter={"fields": ["NAME"]}) == ["DATABASE"]
    assert kinds(text="orders", filter={"database": "shop", "fields": ["LOCATION"]}) == ["TABLE"]


def test_a_page_is_read_by_so_many_statements_however_many_hits_it_has(any_shop: Client) -> None:
    any_shop.ask(SEARCH, text="orders")
    with any_shop.statements() as of_one:
        any_shop.ask(SEARCH, text="price")
    for number in range(5):
        any_shop.catalog.create_table(Table("shop", f"more_{number}", orders().storage))
    any_shop.ask(SEARCH, text="orders")
    with any_shop.statements() as of_six:
        assert len(any_shop.ask(SEARCH, text="price")["search"]["edges"]) == 6
    assert len(of_six) == len(of_one) <= 6


@pytest.mark.parametrize(
    ("given", "code"), [({"text": " "}, "INVALID_INPUT"), ({"text": "a", "first": 0}, "INVALID_INPUT")]
)
def test_what_cannot_be_searched_is_refused(any_shop: Client, given: dict[str, object], code: str) -> None:
    [error] = any_shop.post(SEARCH, **given)["errors"]
    assert error["extensions"]["code"] == code
