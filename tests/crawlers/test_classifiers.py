"""Classifiers as stored definitions, on SQLite and PostgreSQL; and JSON paths."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection

from catalog.db import connect, writing
from catalog.errors import AlreadyExists, InvalidInput, NotFound, VersionConflict
from crawlers import classifiers
from crawlers.json_paths import follow, parse_path
from crawlers.model import (
    AnyClassifier,
    CsvClassifier,
    CsvHeader,
    CsvSerde,
    GrokClassifier,
    JsonClassifier,
    StoredClassifier,
    XmlClassifier,
)
from tests.conftest import NOON

CSV = CsvClassifier("c", "|", "'", CsvHeader.ABSENT, ("a", "b"), True, True, ("LONG", "STRING"), CsvSerde.OPEN_CSV)
EACH: list[AnyClassifier] = [
    GrokClassifier("g", "lines", "%{WORD:w} %{MINE:n:int}", "MINE \\d+"),
    JsonClassifier("j", "$.items[*]"),
    XmlClassifier("x", "orders", "order"),
    CSV,
]


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    engine = connect(database_url)
    with writing(engine) as opened:
        yield opened
    engine.dispose()


@pytest.mark.parametrize("classifier", EACH, ids=classifiers.kind_of)
def test_a_classifier_is_kept_as_it_was_given(connection: Connection, classifier: AnyClassifier) -> None:
    classifiers.create_classifier(connection, classifier, NOON)
    assert classifiers.get_classifier(connection, classifier.name) == StoredClassifier(classifier, 1, NOON, NOON)
    with pytest.raises(AlreadyExists):
        classifiers.create_classifier(connection, classifier, NOON)


def test_classifiers_are_listed_by_name_in_pages(connection: Connection) -> None:
    for classifier in EACH:
        classifiers.create_classifier(connection, classifier, NOON)
    first = classifiers.list_classifiers(connection, 3, None)
    rest = classifiers.list_classifiers(connection, 3, first.next_token)
    assert [[stored.name for stored in page.items] for page in (first, rest)] == [["c", "g", "j"], ["x"]]


def test_classifiers_are_found_in_the_order_in_which_a_crawler_names_them(connection: Connection) -> None:
    for classifier in EACH:
        classifiers.create_classifier(connection, classifier, NOON)
    assert classifiers.get_classifiers(connection, ["x", "c"]) == (EACH[2], CSV)
    with pytest.raises(NotFound, match="Classifier y"):
        classifiers.get_classifiers(connection, ["x", "y"])


def test_an_update_counts_versions_and_minds_the_one_that_was_expected(connection: Connection) -> None:
    classifiers.create_classifier(connection, JsonClassifier("j", "$[*]"), NOON)
    changed = JsonClassifier("j", "$.rows[*]")
    assert classifiers.update_classifier(connection, changed, 1, NOON).version == 2
    assert classifiers.update_classifier(connection, changed, None, NOON).version == 2
    with pytest.raises(VersionConflict):
        classifiers.update_classifier(connection, JsonClassifier("j", "$"), 1, NOON)
    with pytest.raises(InvalidInput, match="stays one"):
        classifiers.update_classifier(connection, XmlClassifier("j", "x", "x"), None, NOON)


def test_a_deleted_classifier_is_gone(connection: Connection) -> None:
    classifiers.create_classifier(connection, CSV, NOON)
    classifiers.delete_classifier(connection, "c")
    assert classifiers.find_classifier(connection, "c") is None
    with pytest.raises(NotFound):
        classifiers.delete_classifier(connection, "c")


@pytest.mark.parametrize(
    ("classifier", "why"),
    [
        (JsonClassifier("", "$"), "its name"),
        (JsonClassifier("j", "items"), r"begin with \$"),
        (JsonClassifier("j", "$.a["), "at sign 4"),
        (JsonClassifier("j", "$..a"), "at sign 2"),
        (XmlClassifier("x", "c", "a b"), "row tag"),
        (XmlClassifier("x", "", "row"), "classification"),
        (GrokClassifier("g", "c", ""), "grok pattern"),
        (GrokClassifier("g", "c", "%{WORD:w}", "x" * 16_001), "custom patterns"),
        (CsvClassifier("c", ",,"), "one character"),
        (CsvClassifier("c", "\n"), "ends lines"),
        (GrokClassifier("g", "c", "%{WORD}"), "names no field"),
        (CsvClassifier("c", ",", ","), "same character"),
        (CsvClassifier("c", types=("MONEY",)), "'MONEY'"),
        (CsvClassifier("c", columns=("a", "A")), "same name"),
    ],
)
def test_a_definition_that_classifies_nothing_is_refused(
    connection: Connection, classifier: AnyClassifier, why: str
) -> None:
    with pytest.raises(InvalidInput, match=why):
        classifiers.create_classifier(connection, classifier, NOON)


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("$", [{"a": [{"b": 1}, {"b": 2}, {"c": 3}], "d e": {"x": 7}}]),
        ("$.a", [[{"b": 1}, {"b": 2}, {"c": 3}]]),
        ("$.a[*]", [{"b": 1}, {"b": 2}, {"c": 3}]),
        ("$.a[*].b", [1, 2]),
        ("$['a'][1]", [{"b": 2}]),
        ("$['d e'].x", [7]),
        ("$.*.x", [7]),
        ("$.a[9]", []),
        ("$.missing", []),
    ],
)
def test_a_json_path_leads_to_its_records(path: str, found: list[object]) -> None:
    document = {"a": [{"b": 1}, {"b": 2}, {"c": 3}], "d e": {"x": 7}}
    assert list(follow([document], parse_path(path))) == found
