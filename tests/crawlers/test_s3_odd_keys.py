"""Keys in S3 that no file could have, as `a//b`: they are left out by name, and the rest of the crawl is as without."""

from __future__ import annotations

from collections.abc import Iterator

import boto3
import pytest
from moto.server import ThreadedMotoServer

from catalog.catalog import Catalog
from crawlers.crawl import crawl
from crawlers.listing import ODD, list_files
from crawlers.model import Crawler, Target
from crawlers.places import open_place, s3
from tests.crawlers.lakes import SALES

ODDITIES = ["lake/sales//b.csv", "lake/sales/./c.csv", "lake/old/../d.csv", "lake//e.csv", "lake/_tmp//f.csv"]


@pytest.fixture
def odd(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A store that keeps every key as AWS does: SeaweedFS tidies them up."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://{host}:{port}")
    client = boto3.client("s3", endpoint_url=f"http://{host}:{port}", region_name="us-east-1")
    client.create_bucket(Bucket="odd")
    for key in ("lake/sales/a.csv", "lake/old/z.csv", "lake/events/a.json", *ODDITIES):
        client.put_object(Bucket="odd", Key=key, Body=SALES.encode() if key.endswith("csv") else b'{"x": 1}')
    yield "s3://odd/lake"
    server.stop()


def test_the_other_keys_are_crawled_and_each_odd_one_is_named(odd: str, catalog: Catalog) -> None:
    report = crawl(Crawler("c", "lake", (Target(odd),)), catalog)
    assert [(table.name, table.files) for table in report.tables] == [("events", 1), ("old", 1), ("sales", 1)]
    shown = sorted(note.place for note in report.files.skipped.shown if note.reason == ODD)
    assert shown == sorted(f"s3://odd/{key}" for key in ODDITIES if "_tmp" not in key)
    assert report.files.failed.total == 0
    assert report.files.seen == 3


def test_one_folder_with_odd_keys_is_looked_at(odd: str) -> None:
    assert [file.name for file in open_place(odd).look(("sales",)).files] == ["a.csv"]


def test_odd_keys_in_a_later_page_leave_the_earlier_ones_as_they_were_told(
    odd: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "10")
    monkeypatch.setattr(s3, "PAGE", 10)
    client = boto3.client("s3", region_name="us-east-1")
    for key in (*(f"many/a{number:02}.csv" for number in range(25)), "many/z//a.csv"):
        client.put_object(Bucket="odd", Key=key, Body=b"x")
    found = [file for folder in list_files(open_place("s3://odd/many"), ()) for file in folder.files]
    assert sorted(file.name for file in found) == [f"a{number:02}.csv" for number in range(25)]
    assert [bool(file.etag) for file in found] == [True] * 20 + [False] * 5
