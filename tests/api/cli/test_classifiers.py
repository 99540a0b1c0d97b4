"""`isinglass classifier`: definitions, and what comes of them on files."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.api.conftest import CommandLine

PATTERN = "%{INT:n:int} %{LEVEL:level}"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    file = tmp_path / "lake" / "log" / "app.log"
    file.parent.mkdir(parents=True)
    file.write_text("1 INFO\n2 WARN\n")
    return file


def test_a_classifier_of_each_kind_is_created_shown_listed_and_deleted(cli: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "patterns").write_text("LEVEL [A-Z]+\n")
    grok = ("--pattern", PATTERN, "--classification", "app", "--custom-patterns", f"@{tmp_path / 'patterns'}")
    assert cli.run("classifier", "create-grok", "g", *grok) == "grok classifier g created\n"
    cli.run("classifier", "create-json", "j", "--path", "$.items[*]")
    cli.run("classifier", "create-xml", "x", "--row-tag", "order")
    cli.run("classifier", "create-csv", "c", "--delimiter", "^", "--column", "a", "--column", "b", "--type", "LONG")
    listed = cli.json("classifier", "list")
    assert [(each["name"], each["kind"]) for each in listed] == [
        ("c", "csv"), ("g", "grok"), ("j", "json"), ("x", "xml")
    ]  # fmt: skip
    assert cli.json("classifier", "show", "g") == {
        "kind": "grok", "name": "g", "classification": "app", "pattern": PATTERN,
        "custom_patterns": "LEVEL [A-Z]+\n", "version": 1,
    }  # fmt: skip
    shown = cli.run("classifier", "show", "c")
    assert ("a, b" in shown, "LONG" in shown) == (True, True)
    assert cli.run("classifier", "delete", "g") == "classifier g deleted\n"
    assert "Classifier g" in cli.refusal("classifier", "show", "g")


def test_a_classifier_is_replaced_only_when_that_is_said(cli: CommandLine) -> None:
    cli.run("classifier", "create-json", "j", "--path", "$")
    assert "already" in cli.refusal("classifier", "create-json", "j", "--path", "$.a")
    said = cli.run("classifier", "create-json", "j", "--path", "$.a", "--replace")
    assert said == "json classifier j is at version 2\n"


def test_a_trial_shows_columns_and_rows_or_why_not(cli: CommandLine, log: Path) -> None:
    cli.run("classifier", "create-grok", "g", "--pattern", "%{INT:n:int} %{WORD:level}", "--classification", "app")
    tried = cli.json("classifier", "test", "g", log)
    assert (tried["matches"], tried["rows"]) == (True, [["1", "INFO"], ["2", "WARN"]])
    assert "it matches, with certainty 1.0: app" in cli.run("classifier", "test", "g", log)
    refused = cli.try_("classifier", "test", log, "--grok", "%{INT:n:int} I%{NOTSPACE:level}")
    assert refused.code == 1
    assert "does not match: only 1 of 2 lines" in refused.out
    assert "line 2, empty ones not counted, does not match: the pattern stops at sign 3, 'WARN'" in refused.out


@pytest.mark.parametrize(
    ("data", "options", "columns"),
    [
        ('{"a": [1, 2]}', ("--json-path", "$.a[*]"), ["record"]),
        ("<o><r x='1'/></o>", ("--row-tag", "r"), ["_x"]),
        ("1^2\n3^4\n", ("--csv", "--delimiter", "^", "--header", "ABSENT"), ["col0", "col1"]),
    ],
)
def test_a_classifier_is_tried_by_options_before_it_is_stored(
    cli: CommandLine, log: Path, data: str, options: tuple[str, ...], columns: list[str]
) -> None:
    log.write_text(data)
    tried = cli.json("classifier", "test", log, *options)
    assert [column["name"] for column in tried["columns"]] == columns


def test_one_classifier_is_tried(cli: CommandLine, log: Path) -> None:
    for words in ((log,), (log, "--csv", "--row-tag", "r"), ("g", log, "--csv")):
        assert cli.try_("classifier", "test", *words).code == 2


def test_a_crawl_and_a_crawler_ask_the_classifiers_that_they_name(cli: CommandLine, log: Path) -> None:
    cli.run("database", "create", "lake")
    cli.run("classifier", "create-grok", "g", "--pattern", "%{INT:n:int} %{WORD:level}", "--classification", "app")
    place = log.parent.parent
    cli.run("crawler", "create", "c", place, "--database", "lake", "--classifier", "g")
    planned = cli.run("crawl", "c", "--dry-run")
    assert "classified by g" in planned
    cli.run("crawl", place, "--database", "lake", "--classifier", "g")
    assert cli.json("table", "show", "lake.log")["parameters"]["classification"] == "app"
    cli.run("classifier", "delete", "g")
    failed = cli.try_("crawler", "run", "c")
    assert (failed.code, "Classifier g" in failed.out + failed.err) == (1, True)
