"""Crawls after the first: what they read, and what they leave alone."""

from __future__ import annotations

import os
from dataclasses import replace
from itertools import count
from pathlib import Path
from time import time

import pytest

from catalog.catalog import Catalog
from catalog.changes import AlterTable, PutPartitions, SetParameters
from catalog.model import Database
from crawlers.events import EventKind, ObjectEvent
from crawlers.model import (
    ColumnNames,
    Configuration,
    Crawler,
    DynamoDbTarget,
    HeaderDetection,
    RecrawlBehavior,
    Target,
)
from crawlers.report import Report
from engine.crawling.crawls import Crawls
from engine.errors import LostRun
from engine.model import CRAWL
from tests.engine.crawling.recrawling import Recrawler, actions, only
from tests.object_store import Bucket

CSV = "id,item,price\n1,pen,2.5\n2,ink,3\n"


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    for day in (1, 2, 3):
        write(tmp_path / f"lake/sales/day={day}/a.csv", CSV)
    write(tmp_path / "lake/notes/readme.txt", "prose, of all\nthings")
    return tmp_path / "lake"


_changed_at = count(int(time()) - 86_400)


def write(file: Path, text: str) -> None:
    """As of yesterday, a second after the file before: what changed just now is read twice, whatever the clock does."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    at = next(_changed_at)
    os.utime(file, (at, at))


def spoil(file: Path) -> None:
    """Other bytes that nobody can tell from a listing: whoever opens the file finds another table."""
    before = file.stat()
    file.write_bytes(b"\0" * before.st_size)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def crawler(lake: Path, **changes: object) -> Crawler:
    return replace(Crawler("c", "lake", (Target(str(lake)),)), **changes)  # type: ignore[arg-type]


def recrawler(catalog: Catalog, lake: Path, **changes: object) -> Recrawler:
    catalog.create_database(Database("lake"))
    return Recrawler(catalog, crawler(lake, **changes), lake.parent)


def days(catalog: Catalog) -> list[str]:
    return sorted(partition.values[0] for partition in catalog.iter_partitions("lake", "sales"))


def test_what_has_not_changed_is_not_opened_and_nothing_is_written(catalog: Catalog, lake: Path) -> None:
    again = recrawler(catalog, lake)
    first = again.run()
    before = catalog.get_table("lake", "sales")
    for file in lake.rglob("*.*"):
        spoil(file)
    second = again.run()
    assert (first.files.read, second.files.read, second.written) == (3, 0, False)
    assert second.files.seen == first.files.seen == 4
    assert actions(second) == {"sales": "unchanged"}
    assert (only(second).files, only(second).partitions, only(second).columns) == (3, 3, only(first).columns)
    assert catalog.get_table("lake", "sales") == before


def test_a_crawler_makes_its_database_as_glue_s_do(catalog: Catalog, lake: Path) -> None:
    again = Recrawler(catalog, crawler(lake), lake.parent)
    assert actions(again.run()) == {"sales": "created"}
    catalog.delete_database("lake", cascade=True)
    assert actions(again.run()) == {"sales": "created"}


def test_targets_that_are_not_available_do_not_keep_a_crawl_from_ending_early(catalog: Catalog, lake: Path) -> None:
    again = recrawler(catalog, lake, dynamodb_targets=(DynamoDbTarget("orders"),))
    notes = [again.run().files.skipped.reasons for _ in range(2)]
    for file in lake.rglob("*.*"):
        spoil(file)
    last = again.run()
    assert (last.files.read, last.written, actions(last)) == (0, False, {"sales": "unchanged"})
    assert notes == [last.files.skipped.reasons] * 2
    assert "DynamoDB table orders is not available here; export what it holds to files, and crawl these." in notes[0]


def test_only_new_and_changed_files_are_opened(catalog: Catalog, lake: Path) -> None:
    again = recrawler(catalog, lake)
    again.run()
    spoil(lake / "sales/day=1/a.csv")
    write(lake / "sales/day=2/a.csv", CSV + "3,cup,4.5\n")
    write(lake / "sales/day=4/a.csv", CSV)
    report = again.run()
    assert (report.files.read, report.files.seen) == (2, 5)
    assert actions(report) == {"sales": "updated"}
    assert days(catalog) == ["1", "2", "3", "4"]
    assert catalog.get_table("lake", "sales").parameters["recordCount"] == "9"


def test_a_file_that_is_gone_takes_its_partition_along_and_opens_no_other(catalog: Catalog, lake: Path) -> None:
    again = recrawler(catalog, lake)
    again.run()
    (lake / "sales/day=3/a.csv").unlink()
    report = again.run()
    assert report.files.read == 0
    assert report.partition_counts.updated == 1
    assert "DEPRECATED_BY_CRAWLER" in catalog.get_partition("lake", "sales", ("3",)).parameters


def test_a_table_that_somebody_changed_or_deleted_is_put_right_without_opening_files(
    catalog: Catalog, lake: Path
) -> None:
    again = recrawler(catalog, lake)
    again.run()
    catalog.delete_table("lake", "sales")
    deleted = again.run()
    assert (deleted.files.read, actions(deleted)) == (0, {"sales": "created"})
    catalog.apply([AlterTable("lake", "sales", (SetParameters({"classification": "other"}),))])
    changed = again.run()
    assert (changed.files.read, actions(changed)) == (0, {"sales": "updated"})
    catalog.delete_partitions("lake", "sales", [("2",)])
    assert again.run().partition_counts.added == 1
    third = catalog.get_partition("lake", "sales", ("3",))
    moved = replace(third, storage=replace(third.storage, location="/elsewhere/"))
    catalog.apply([PutPartitions("lake", "sales", (moved,))])
    assert again.run().partition_counts.updated == 1
    assert catalog.get_partition("lake", "sales", ("3",)) == third
    assert actions(again.run()) == {"sales": "unchanged"}


def test_reclassify_opens_every_file(catalog: Catalog, lake: Path) -> None:
    again = recrawler(catalog, lake)
    again.run()
    again.update(crawler(lake, configuration=Configuration(reclassify=True)))
    assert again.run().files.read == 3


def test_another_way_to_find_headers_opens_every_file(catalog: Catalog, lake: Path) -> None:
    again = recrawler(catalog, lake)
    again.run()
    again.update(crawler(lake, configuration=Configuration(header_detection=HeaderDetection.GLUE)))
    assert again.run().files.read == 3


def test_a_damaged_file_is_tried_again_until_it_is_sound(catalog: Catalog, lake: Path) -> None:
    (lake / "sales/day=1/b.csv").write_bytes(b"\x1f\x8b\x08 cut short")
    again = recrawler(catalog, lake)
    assert [again.run().files.failed.total for _ in range(2)] == [1, 1]
    write(lake / "sales/day=1/b.csv", CSV)
    report = again.run()
    assert (report.files.failed.total, report.files.read) == (0, 1)


def test_a_crawler_of_the_same_name_made_anew_remembers_nothing(catalog: Catalog, lake: Path) -> None:
    again = recrawler(catalog, lake)
    again.run()
    again.engine.delete_crawler("c")
    assert Recrawler(catalog, crawler(lake), lake.parent).run().files.read == 3


def test_a_crawl_that_another_worker_has_taken_over_writes_nothing(
    catalog: Catalog, lake: Path, tmp_path: Path
) -> None:
    again = recrawler(catalog, lake)
    run = again.engine.claim_run("worker", (CRAWL,), again.engine.start_crawler("c").id)
    assert run is not None
    assert again.engine.adopt_run(run, "another")
    with pytest.raises(LostRun):
        Crawls(catalog, tmp_path / "runs").execute(run, lambda: False, lambda: None)
    assert list(catalog.iter_tables("lake")) == []


# ── new folders only ─────────────────────────────────────────────────────────────────────────────────────────────────


def new_folders(catalog: Catalog, lake: Path) -> Recrawler:
    again = recrawler(catalog, lake, recrawl=RecrawlBehavior.CRAWL_NEW_FOLDERS_ONLY)
    first = again.run()
    assert actions(first) == {"sales": "created"}
    return again


def test_new_folders_become_partitions_and_old_ones_are_not_opened(catalog: Catalog, lake: Path) -> None:
    again = new_folders(catalog, lake)
    before = catalog.get_table("lake", "sales")
    write(lake / "sales/day=1/b.csv", CSV)
    write(lake / "sales/day=4/a.csv", CSV)
    report = again.run()
    assert (report.files.read, report.partition_counts.added) == (1, 1)
    assert days(catalog) == ["1", "2", "3", "4"]
    assert catalog.get_table("lake", "sales") == before
    assert again.run().files.read == 0


def test_a_new_folder_that_could_not_be_read_is_read_by_the_next_crawl(catalog: Catalog, lake: Path) -> None:
    again = new_folders(catalog, lake)
    (lake / "sales/day=4").mkdir()
    (lake / "sales/day=4/a.csv").write_bytes(b"\x1f\x8b\x08 cut short")
    assert again.run().files.failed.total == 1
    write(lake / "sales/day=4/a.csv", CSV)
    assert again.run().partition_counts.added == 1
    assert days(catalog) == ["1", "2", "3", "4"]


def test_new_folders_that_fit_no_table_make_none_and_are_named(catalog: Catalog, lake: Path) -> None:
    again = new_folders(catalog, lake)
    write(lake / "sales/day=5/a.json", '{"other": 1}\n')
    write(lake / "sales/day=6/hour=1/a.csv", CSV)
    write(lake / "sales/day=7/a.csv", "x,y\n1,2\n3,4\n")
    write(lake / "sales/day=8/a.csv", CSV.replace(",", ";"))
    write(lake / "sales/day=9/a.csv", "price,id,item\n2.5,1,pen\n3,2,ink\n")
    write(lake / "fresh/a.csv", CSV)
    report = again.run()
    assert [table.name for table in catalog.iter_tables("lake")] == ["sales"]
    assert days(catalog) == ["1", "2", "3"]
    said = {note.place.removeprefix(f"file://{lake}/"): note.reason for note in report.files.skipped.shown}
    assert "classification is json" in said["sales/day=5/"]
    assert "not laid out by the keys" in said["sales/day=6/hour=1/"]
    assert "columns are not like those" in said["sales/day=7/"]
    assert "delimiter is ;, not ," in said["sales/day=8/"]
    assert "read by position" in said["sales/day=9/"]
    assert "no table of the crawler" in said["fresh/"]


def test_new_folders_of_a_log_and_of_clean_names_fit_their_tables(catalog: Catalog, lake: Path) -> None:
    line = '127.0.0.1 - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 200 2326\n'
    write(lake / "logs/day=1/a.log", 2 * line)
    write(lake / "stock/day=1/a.csv", "Net Weight,unit price\n1,2.5\n2,3.5\n")
    names = Configuration(column_names=ColumnNames.CLEAN)
    again = recrawler(catalog, lake, recrawl=RecrawlBehavior.CRAWL_NEW_FOLDERS_ONLY, configuration=names)
    again.run()
    for name in ("logs/day=1/a.log", "stock/day=1/a.csv"):
        write(lake / name.replace("day=1", "day=2"), (lake / name).read_text())
    report = again.run()
    assert report.partition_counts.added == 2
    assert {str(table.action) for table in report.tables} == {"updated"}


def test_with_new_folders_only_what_is_gone_stays(catalog: Catalog, lake: Path) -> None:
    again = new_folders(catalog, lake)
    (lake / "sales/day=1/a.csv").unlink()
    write(lake / "sales/day=4/a.csv", CSV)
    again.run()
    assert days(catalog) == ["1", "2", "3", "4"]
    assert "DEPRECATED_BY_CRAWLER" not in catalog.get_partition("lake", "sales", ("1",)).parameters


# ── events ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def told(again: Recrawler, *events: tuple[Path, EventKind]) -> Report:
    again.engine.post_object_events([ObjectEvent(str(place), kind) for place, kind in events])
    return again.run()


def test_only_the_folders_of_events_are_listed(catalog: Catalog, lake: Path) -> None:
    again = recrawler(catalog, lake, recrawl=RecrawlBehavior.CRAWL_EVENT_MODE)
    again.run()
    write(lake / "sales/day=4/a.csv", CSV)
    write(lake / "sales/day=5/a.csv", CSV)  # nobody tells of this one
    (lake / "sales/day=2/a.csv").unlink()
    report = told(
        again, (lake / "sales/day=4/a.csv", EventKind.CREATED), (lake / "sales/day=2/a.csv", EventKind.REMOVED)
    )
    assert (report.files.read, report.partition_counts.added) == (1, 1)
    assert "DEPRECATED_BY_CRAWLER" in catalog.get_partition("lake", "sales", ("2",)).parameters
    assert days(catalog) == ["1", "2", "3", "4"]


def test_without_events_the_listing_tells_what_is_new(catalog: Catalog, lake: Path) -> None:
    again = recrawler(catalog, lake, recrawl=RecrawlBehavior.CRAWL_EVENT_MODE)
    again.run()
    write(lake / "sales/day=4/a.csv", CSV)
    assert again.run().partition_counts.added == 1


def test_an_event_concerns_the_crawlers_in_event_mode_whose_places_it_lies_in(catalog: Catalog, lake: Path) -> None:
    again = recrawler(catalog, lake, recrawl=RecrawlBehavior.CRAWL_EVENT_MODE)
    again.engine.create_crawler(crawler(lake, name="other"))
    events = [ObjectEvent(f"file://{lake}/sales/x.csv", EventKind.CREATED), ObjectEvent("s3://b/x", EventKind.CREATED)]
    assert again.engine.post_object_events(events) == 1


def test_events_wait_while_a_crawl_fails_and_are_taken_by_the_next(catalog: Catalog, lake: Path) -> None:
    again = recrawler(catalog, lake, recrawl=RecrawlBehavior.CRAWL_EVENT_MODE)
    again.run()
    write(lake / "sales/day=4/a.csv", CSV)
    again.engine.post_object_events([ObjectEvent(str(lake / "sales/day=4/a.csv"), EventKind.CREATED)])
    away = lake.rename(lake.with_name("away"))
    with pytest.raises(Exception, match="does not exist"):
        again.run()
    away.rename(lake)
    assert again.run().partition_counts.added == 1
    write(lake / "sales/day=5/a.csv", CSV)
    assert again.run().partition_counts.added == 1  # no event waits any more, so all is listed


# ── in S3 ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def act_as(user: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", user)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", f"{user}-secret")


def test_an_unchanged_lake_in_s3_is_listed_and_none_of_its_objects_is_asked_for(
    catalog: Catalog, bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket.put({f"sales/day={day}/a.csv": CSV for day in (1, 2, 3)})
    catalog.create_database(Database("lake"))
    again = Recrawler(catalog, Crawler("c", "lake", (Target(bucket.uri()),)), tmp_path)
    assert again.run().files.read == 3
    act_as("lister", monkeypatch)  # to whom the store gives nothing but listings
    report = again.run()
    assert (report.files.seen, report.files.failed.total, report.written) == (3, 0, False)
    act_as("owner", monkeypatch)
    bucket.put({"sales/day=2/a.csv": CSV.replace("pen", "hat"), "sales/day=4/a.csv": CSV})
    assert again.run().files.read == 2
    assert days(catalog) == ["1", "2", "3", "4"]


def test_files_that_may_no_longer_be_read_are_failures_and_their_tables_stay(
    catalog: Catalog, bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket.put({f"sales/day={day}/a.csv": CSV for day in (1, 2)})
    catalog.create_database(Database("lake"))
    again = Recrawler(catalog, Crawler("c", "lake", (Target(bucket.uri()),)), tmp_path)
    again.run()
    bucket.put({"sales/day=3/a.csv": CSV})
    act_as("lister", monkeypatch)
    report = again.run()
    assert [note.place for note in report.files.failed.shown] == [bucket.uri("sales/day=3/a.csv")]
    assert "AccessDenied" in report.files.failed.shown[0].reason
    assert days(catalog) == ["1", "2"]
    act_as("owner", monkeypatch)
    assert again.run().files.read == 1
    assert days(catalog) == ["1", "2", "3"]


def test_events_of_s3_list_their_folders_alone(catalog: Catalog, bucket: Bucket, tmp_path: Path) -> None:
    bucket.put({f"sales/day={day}/a.csv": CSV for day in (1, 2)})
    catalog.create_database(Database("lake"))
    watching = Crawler("c", "lake", (Target(bucket.uri()),), recrawl=RecrawlBehavior.CRAWL_EVENT_MODE)
    again = Recrawler(catalog, watching, tmp_path)
    again.run()
    bucket.put({"sales/day=3/a.csv": CSV, "sales/day=4/a.csv": CSV})
    place = bucket.uri("sales/day=3/a.csv").replace("s3:", "s3a:")
    again.engine.post_object_events([ObjectEvent(place, EventKind.CREATED)])
    assert again.run().files.read == 1
    assert days(catalog) == ["1", "2", "3"]


def test_a_key_with_signs_of_urls_is_listed_where_it_lies(catalog: Catalog, bucket: Bucket, tmp_path: Path) -> None:
    bucket.put({"sales/day=1/a.csv": CSV})
    catalog.create_database(Database("lake"))
    watching = Crawler("c", "lake", (Target(bucket.uri()),), recrawl=RecrawlBehavior.CRAWL_EVENT_MODE)
    again = Recrawler(catalog, watching, tmp_path)
    again.run()
    bucket.put({"sales/day=2#x?y/a.csv": CSV})
    again.engine.post_object_events([ObjectEvent(bucket.uri("sales/day=2#x?y/a.csv"), EventKind.CREATED)])
    assert again.run().files.read == 1
    assert days(catalog) == ["1", "2#x?y"]
