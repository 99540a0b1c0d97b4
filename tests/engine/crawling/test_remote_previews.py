"""A few rows of a table that lies in a store of objects: brought here, read, and gone again."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from catalog.catalog import Catalog
from catalog.db import connect, sqlite_url
from catalog.model import Database, Origin
from crawlers.crawl import crawl
from crawlers.errors import PlaceDenied, PlaceNotFound
from crawlers.model import Crawler, Target
from engine.crawling import preview as previews
from engine.crawling.fetching import MOST_TEXT, fetch
from engine.crawling.preview import PreviewFile, PreviewRequest, Remote, preview
from engine.crawling.previewing import locked
from engine.errors import PreviewFailed
from tests.object_store import Bucket, ObjectStore


def parquet(rows: int) -> bytes:
    sink = io.BytesIO()
    table = pa.table({"id": range(rows), "note": [f"{number:040}" for number in range(rows)]})
    pq.write_table(table, sink, compression="none", use_dictionary=False)
    return sink.getvalue()


FILES: dict[str, str | bytes] = {
    "sales/month=1/a.csv": 'id,item\n1,"pen, blue"\n2,\n',
    "sales/month=2/a[b]*.csv": "id,item\n3,ink\n4,cap\n",
    "packed/a.csv.gz": gzip.compress(b"id|name\n1|x\n2|y\n"),
    "events/a.json": '{"Id": 1, "who": {"name": "ann"}}\n{"Id": 2, "tags": ["a"]}\n',
    "flights/0.parquet": parquet(50_000),
}
ROWS = {
    "sales": (("1", "pen, blue", "1"), ("2", "", "1"), ("3", "ink", "2")),
    "packed": ((1, "x"), (2, "y")),
    "events": ((1, {"name": "ann"}, None), (2, None, ["a"])),
    "flights": tuple((number, f"{number:040}") for number in range(3)),
}


@pytest.fixture
def catalog(tmp_path: Path, bucket: Bucket) -> Iterator[Catalog]:
    """With the tables of a bucket in it."""
    store = connect(sqlite_url(tmp_path / "catalog.db"))
    opened = Catalog(store, Origin("test"))
    opened.create_database(Database("lake"))
    bucket.put(FILES)
    crawl(Crawler("c", "lake", (Target(bucket.uri()),)), opened)
    yield opened
    store.dispose()


@pytest.mark.parametrize("name", ROWS)
def test_the_first_rows_of_objects_are_told_and_nothing_of_them_is_left(
    catalog: Catalog, tmp_path: Path, name: str
) -> None:
    assert preview(catalog, "lake", name, 3, tmp_path).rows == ROWS[name]
    assert not list(tmp_path.glob("preview-*"))


def test_an_object_that_is_no_longer_what_its_table_says_is_named(
    catalog: Catalog, bucket: Bucket, tmp_path: Path
) -> None:
    bucket.put({"flights/0.parquet": b"PAR1 no more"})
    with pytest.raises(PreviewFailed, match=rf"{bucket.uri('flights/0.parquet')}: it is no sound Parquet"):
        preview(catalog, "lake", "flights", 3, tmp_path)
    bucket.delete("flights/0.parquet")
    with pytest.raises(PlaceNotFound):
        preview(catalog, "lake", "flights", 3, tmp_path)
    assert not list(tmp_path.glob("preview-*"))


def test_a_store_that_refuses_to_list_is_told(
    catalog: Catalog, object_store: ObjectStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another")
    with pytest.raises(PlaceDenied):
        preview(catalog, "lake", "sales", 3, tmp_path)


def test_of_a_long_text_whole_lines_are_brought_and_no_more_than_is_needed(bucket: Bucket, tmp_path: Path) -> None:
    line = b"x" * 999 + b"\n"
    bucket.put({"long.csv": line * 5_000})
    fetch(Remote(bucket.uri(), "long.csv", 5_000_000), tmp_path / "0", "csv", 3)
    assert (tmp_path / "0").read_bytes() == line * (MOST_TEXT // 1_000)


def test_of_a_large_parquet_file_the_first_pages_suffice_and_there_is_a_limit(bucket: Bucket, tmp_path: Path) -> None:
    data = parquet(400_000)
    bucket.put({"large.parquet": data})
    remote = Remote(bucket.uri(), "large.parquet", len(data))
    fetch(remote, tmp_path / "0", "parquet", 3, most=len(data) // 4)
    assert pq.read_table(tmp_path / "0").column("id").to_pylist() == [0, 1, 2]
    with pytest.raises(OSError, match="a preview fetches 1,000 bytes at most, and its first rows take more"):
        fetch(remote, tmp_path / "1", "parquet", 3, most=1_000)


def test_the_reader_itself_has_no_way_to_the_store(bucket: Bucket, tmp_path: Path) -> None:
    remote = Remote(bucket.uri(), "a.csv", 4)
    connection = locked(PreviewRequest("csv", (PreviewFile(str(tmp_path / "0"), {}, remote),), (), previews.MOST_ROWS))
    with pytest.raises(duckdb.Error):
        connection.execute(f"SELECT * FROM read_csv('{bucket.uri('a.csv')}')").fetchall()
