"""Files read by Spark's executors: the same answers as here."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from catalog.catalog import Catalog
from catalog.db import connect, sqlite_url
from catalog.model import Database, Origin
from crawlers.answers import File, answers
from crawlers.errors import CrawlStopped, Unreadable
from crawlers.formats import Options
from crawlers.listing import list_files
from crawlers.model import CrawlEngine, Crawler, Target
from crawlers.places import open_place
from engine.crawling.plans import make_plan
from engine.crawling.spark_answers import SparkAnswers
from engine.errors import SparkReaderFailed
from tests.corpus import delimited, hostile
from tests.corpus.scoring import lay_out


def _files(tmp_path: Path) -> list[File]:
    return [(folder.path, file) for folder in list_files(open_place(str(tmp_path)), ()) for file in folder.files]


def test_spark_finds_what_the_crawler_finds_itself(tmp_path: Path) -> None:
    lay_out([*list(delimited.cases())[::4], *list(hostile.cases())[:30]], tmp_path)
    files, place, heard = _files(tmp_path), open_place(str(tmp_path)), []
    alone = list(answers(place, files, Options(), lambda *_: None, lambda: False))
    spread = list(SparkAnswers("local[2]")(place, files, Options(), lambda *told: heard.append(told), lambda: False))
    assert [_plain(answer) for _, answer in spread] == [_plain(answer) for _, answer in alone]
    assert [item for item, _ in spread] == files
    assert heard[-1] == ("read", len(files), len(files))


def _plain(answer: object) -> object:
    return str(answer) if isinstance(answer, Unreadable) else answer


def test_a_crawl_is_stopped_while_spark_reads(tmp_path: Path) -> None:
    lay_out(list(delimited.cases())[:20], tmp_path)
    read = SparkAnswers("local[1]")(
        open_place(str(tmp_path)), _files(tmp_path), Options(), lambda *_: None, lambda: True
    )
    with pytest.raises(CrawlStopped):
        list(read)


def test_a_spark_that_is_not_there_is_named(tmp_path: Path) -> None:
    lay_out(list(delimited.cases())[:1], tmp_path)
    read = SparkAnswers("nonsense")(
        open_place(str(tmp_path)), _files(tmp_path), Options(), lambda *_: None, lambda: False
    )
    with pytest.raises(SparkReaderFailed, match="nonsense"):
        list(read)


def test_a_crawler_says_that_spark_reads_its_files(tmp_path: Path) -> None:
    lay_out(list(delimited.cases())[:12], tmp_path / "lake")
    engine = connect(sqlite_url(tmp_path / "catalog.db"))
    catalog = Catalog(engine, Origin("test"))
    catalog.create_database(Database("lake"))
    here = Crawler("c", "lake", (Target(str(tmp_path / "lake")),))
    alone = make_plan(catalog, here, stored=False).body.report
    spread = make_plan(catalog, replace(here, engine=CrawlEngine.SPARK), stored=False).body.report
    assert spread.tables == alone.tables
    assert (spread.files, len(spread.tables)) == (alone.files, 12)
    engine.dispose()


def test_a_crawl_is_stopped_while_spark_has_answered_nothing(tmp_path: Path) -> None:
    lay_out(list(delimited.cases())[:1], tmp_path)
    read = SparkAnswers("spark://127.0.0.1:1")(
        open_place(str(tmp_path)), _files(tmp_path), Options(), lambda *_: None, lambda: True
    )
    with pytest.raises(CrawlStopped):  # it tries for a minute, and SparkReaderFailed would come then
        list(read)
