"""Classifiers over GraphQL: stored, changed, deleted and tried."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from crawlers.model import CsvClassifier, CsvSerde, GrokClassifier, JsonClassifier, XmlClassifier
from tests.api.graphql.conftest import Client

ALL = """name version grok { classification pattern customPatterns } json { jsonPath } xml { classification rowTag }
    csv { delimiter quote header columns trimsValues allowsSingleColumn types serde }"""
KINDS: list[tuple[str, dict[str, Any], Any]] = [
    (
        "grok",
        {"classification": "app", "pattern": "%{MINE:n:int}", "customPatterns": "MINE \\d+"},
        GrokClassifier("c", "app", "%{MINE:n:int}", "MINE \\d+"),
    ),
    ("json", {"jsonPath": "$.items[*]"}, JsonClassifier("c", "$.items[*]")),
    ("xml", {"classification": "orders", "rowTag": "order"}, XmlClassifier("c", "orders", "order")),
    (
        "csv",
        {
            "delimiter": "^",
            "quote": None,
            "header": "UNKNOWN",
            "columns": ["a", "b"],
            "trimsValues": True,
            "allowsSingleColumn": False,
            "types": ["LONG"],
            "serde": "OPEN_CSV",
        },
        CsvClassifier("c", "^", columns=("a", "b"), trims_values=True, types=("LONG",), serde=CsvSerde.OPEN_CSV),
    ),
]
TRY = """query ($name: String, $classifier: ClassifierInput, $place: String, $sample: String, $rows: Int! = 10) {
    testClassifier(name: $name, classifier: $classifier, place: $place, sample: $sample, rows: $rows) {
        matches certainty classification columns { name type } rows records notes why
        unmatched { number line matched } } }"""
LEVELS = {"grok": {"classification": "app", "pattern": "%{INT:n:int} %{WORD:level}"}}


@pytest.mark.parametrize(("kind", "given", "value"), KINDS, ids=[kind for kind, _, _ in KINDS])
def test_a_classifier_of_each_kind_is_created_and_answered(
    client: Client, kind: str, given: dict[str, Any], value: Any
) -> None:
    made = client.change("createClassifier", f"classifier {{ id {ALL} }}", name="c", classifier={kind: given})
    assert made["userErrors"] == []
    others = {"grok": None, "json": None, "xml": None, "csv": None}
    shown = made["classifier"]
    assert shown == {"id": shown["id"], "name": "c", "version": 1, **others, kind: given}
    assert client.engine.get_classifier("c").classifier == value
    asked = client.ask(
        f'query ($id: ID!) {{ classifier(name: "c") {{ {ALL} }} node(id: $id) {{ ... on Classifier {{ name }} }} }}',
        id=shown["id"],
    )
    assert asked == {"classifier": {k: v for k, v in shown.items() if k != "id"}, "node": {"name": "c"}}


def test_classifiers_are_listed_in_parts(client: Client) -> None:
    for name in ("b", "a", "c"):
        client.engine.create_classifier(JsonClassifier(name, "$"))
    part = "edges { node { name } } pageInfo { endCursor }"
    listing = f"query ($after: String) {{ classifiers(first: 2, after: $after) {{ {part} }} }}"
    first = client.ask(listing)["classifiers"]
    rest = client.ask(listing, after=first["pageInfo"]["endCursor"])["classifiers"]
    assert [[edge["node"]["name"] for edge in part["edges"]] for part in (first, rest)] == [["a", "b"], ["c"]]
    assert client.ask('{ classifier(name: "z") { name } }') == {"classifier": None}


def test_an_update_expects_a_version_and_answers_what_someone_else_left(client: Client) -> None:
    client.engine.create_classifier(JsonClassifier("c", "$"))
    given = {"name": "c", "classifier": {"json": {"jsonPath": "$.a"}}, "expectedVersion": 1}
    assert client.change("updateClassifier", "classifier { version }", **given)["classifier"] == {"version": 2}
    given["classifier"] = {"json": {"jsonPath": "$.b"}}
    refused = client.change("updateClassifier", f"classifier {{ {ALL} }}", **given)
    assert [error["code"] for error in refused["userErrors"]] == ["CONFLICT"]
    assert refused["classifier"]["json"] == {"jsonPath": "$.a"}


@pytest.mark.parametrize(
    ("classifier", "code"),
    [
        ({"json": {"jsonPath": "items"}}, "INVALID_INPUT"),
        ({"grok": {"classification": "c", "pattern": "%{NOTHING:x}"}}, "INVALID_INPUT"),
        ({"grok": {"classification": "c", "pattern": "%{WORD}"}}, "INVALID_INPUT"),
        ({"xml": {"rowTag": "a b"}}, "INVALID_INPUT"),
        ({"csv": {"types": ["MONEY"]}}, "INVALID_INPUT"),
    ],
)
def test_a_definition_that_classifies_nothing_is_a_user_error(
    client: Client, classifier: dict[str, Any], code: str
) -> None:
    refused = client.change("createClassifier", "classifier { name }", name="c", classifier=classifier)
    assert (refused["classifier"], [error["code"] for error in refused["userErrors"]]) == (None, [code])


def test_a_definition_is_of_one_kind(client: Client) -> None:
    both = {"json": {"jsonPath": "$"}, "xml": {"rowTag": "a"}}
    for given in (both, {}):
        assert client.post(TRY, classifier=given, sample="x")["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


def test_a_deletion_can_be_tried_first(client: Client) -> None:
    client.engine.create_classifier(JsonClassifier("c", "$"))
    for dry_run in (True, False):
        deleted = client.change("deleteClassifier", "classifier { name }", name="c", dryRun=dry_run)
        assert deleted["classifier"] == {"name": "c"}
    refused = client.change("deleteClassifier", "classifier { name }", name="c")
    assert refused["userErrors"][0]["code"] == "NOT_FOUND"


def test_a_stored_classifier_is_tried_on_a_file(client: Client, place: Path) -> None:
    client.engine.create_classifier(CsvClassifier("c", columns=("number", "paid")))
    tried = client.ask(TRY, name="c", place=str(place / "a.csv"), rows=1)["testClassifier"]
    assert tried == {
        "matches": True,
        "certainty": 1.0,
        "classification": "csv",
        "columns": [{"name": "number", "type": "bigint"}, {"name": "paid", "type": "double"}],
        "rows": [["1", "2.5"]],
        "records": 2,
        "notes": [],
        "why": None,
        "unmatched": None,
    }


def test_a_definition_is_tried_on_a_sample_and_says_where_it_stops(client: Client) -> None:
    tried = client.ask(TRY, classifier=LEVELS, sample="1 INFO\n2 -\n")["testClassifier"]
    assert (tried["matches"], tried["certainty"], tried["rows"]) == (False, 0.0, [])
    assert tried["why"] == "only 1 of 2 lines are of the log format app"
    assert tried["unmatched"] == {"number": 2, "line": "2 -", "matched": 2}


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"sample": "x"}, "INVALID_INPUT"),
        ({"name": "c", "classifier": LEVELS, "sample": "x"}, "INVALID_INPUT"),
        ({"classifier": LEVELS}, "INVALID_INPUT"),
        ({"classifier": LEVELS, "sample": "x", "place": "/x"}, "INVALID_INPUT"),
        ({"classifier": LEVELS, "sample": "x", "rows": -1}, "INVALID_INPUT"),
        ({"name": "c", "sample": "x"}, "NOT_FOUND"),
        ({"classifier": LEVELS, "place": "/no/such/file"}, "PLACE_NOT_FOUND"),
    ],
)
def test_one_classifier_is_tried_on_one_file(client: Client, given: dict[str, Any], code: str) -> None:
    assert client.post(TRY, **given)["errors"][0]["extensions"]["code"] == code
