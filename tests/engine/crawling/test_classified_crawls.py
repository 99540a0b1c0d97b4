"""Crawls whose crawlers name classifiers: where these are looked up, and what they change."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine as SqlEngine

from catalog.catalog import Catalog
from catalog.errors import NotFound
from catalog.model import Database, Origin
from crawlers.model import Configuration, Crawler, CsvClassifier, CsvHeader, JsonClassifier, Target
from engine.crawling import plans
from tests.engine.crawling.recrawling import Recrawler, only

PLAIN = CsvClassifier("plain", header=CsvHeader.ABSENT, columns=("id", "name"))


@pytest.fixture
def catalog(store: SqlEngine) -> Catalog:
    opened = Catalog(store, Origin("test"))
    opened.create_database(Database("lake"))
    return opened


@pytest.fixture
def again(catalog: Catalog, tmp_path: Path) -> Recrawler:
    """A crawler of one table that names two classifiers, of which it has one."""
    (tmp_path / "lake/t").mkdir(parents=True)
    file = tmp_path / "lake/t/a.csv"
    file.write_text("1,x\n2,y\n")
    os.utime(file, (1_700_000_000, 1_700_000_000))  # one of this very second is read once more
    crawler = Crawler("c", "lake", (Target(str(tmp_path / "lake")),), classifiers=("plain", "other"))
    recrawler = Recrawler(catalog, crawler, tmp_path)
    recrawler.engine.create_classifier(PLAIN)
    return recrawler


def columns(again: Recrawler) -> list[str]:
    return [column.name for column in again.catalog.get_table("lake", "t").storage.columns]


def test_a_classifier_that_is_missing_fails_the_crawl_and_its_plan_by_name(again: Recrawler) -> None:
    with pytest.raises(NotFound, match="Classifier other"):
        again.run()
    with pytest.raises(NotFound, match="Classifier other"):
        plans.make_plan(again.catalog, again.crawler, stored=True)
    assert list(again.catalog.iter_tables("lake")) == []


def test_the_classifiers_that_a_crawler_names_are_asked_in_a_crawl_and_in_its_plan(again: Recrawler) -> None:
    again.engine.create_classifier(JsonClassifier("other", "$[*]"))
    (planned,) = plans.make_plan(again.catalog, again.crawler, stored=True).body.report.tables
    assert [column.name for column in planned.columns] == ["id", "name"]
    assert "its files are classified by plain" in only(again.run()).notes
    assert columns(again) == ["id", "name"]


def test_files_that_were_crawled_keep_their_class_until_they_are_reclassified(again: Recrawler) -> None:
    again.engine.create_classifier(JsonClassifier("other", "$[*]"))
    again.run()
    again.engine.update_classifier(replace(PLAIN, columns=("number", "word")))
    assert not again.run().written
    assert columns(again) == ["id", "name"]
    again.update(replace(again.crawler, configuration=Configuration(reclassify=True)))
    assert again.run().written
    assert columns(again) == ["number", "word"]
