"""The crawl benchmark's lines for S3: the same lake in a SeaweedFS on this machine, which shares its two cores."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boto3
import obstore
import pyarrow.parquet

from benchmarks.counting import counted
from benchmarks.crawl import fresh_catalog
from benchmarks.goals import Fact, Line, beside, say
from crawlers.crawl import crawl
from crawlers.listing import list_files
from crawlers.model import Crawler, Target
from crawlers.places import open_place
from tests.object_store import Bucket, running

TABLES = 2  # of Parquet, whose footers are read: 2,000 files
TAIL = 64 * 1024


def lines(folder: Path) -> list[Line | Fact]:
    (folder / "weed").mkdir()
    with running(folder / "weed") as server:
        os.environ |= server.environment()
        bucket = server.bucket()
        say("uploading …")
        lake = folder / "lake"
        bucket.put({str(path.relative_to(lake)): path.read_bytes() for path in lake.rglob("*.*")})
        return [*_listing(bucket), _footers(bucket), *_sample(bucket)]


def _listing(bucket: Bucket) -> list[Line]:
    client = boto3.client(
        "s3", endpoint_url=bucket.endpoint, aws_access_key_id="owner", aws_secret_access_key="owner-secret"
    )
    pages = client.get_paginator("list_objects_v2")
    ours, store, boto = beside(
        lambda: sum(len(found.files) for found in list_files(open_place(bucket.uri()), ())),
        lambda: sum(len(page) for page in obstore.list(bucket.store(), chunk_size=1_000)),
        lambda: sum(len(page["Contents"]) for page in pages.paginate(Bucket=bucket.name)),
    )
    return [
        Line("list 20,000 objects", ours, "obstore.list", store, 1.3),
        Line("list 20,000 objects", ours, "obstore.list", store, 1.3, "wall"),
        Line("list 20,000 objects", ours, "boto3 paginator", boto, 0.2),
    ]


def _footers(bucket: Bucket) -> Line:
    targets = tuple(Target(bucket.uri(f"parquet_{number}")) for number in range(TABLES))

    def ours() -> None:
        catalog = fresh_catalog()
        report = crawl(Crawler("bench", "bench", targets), catalog, dry_run=True)
        assert report.files.read == TABLES * 1_000, report.files
        catalog.engine.dispose()

    def theirs() -> None:
        store = bucket.store()
        for number in range(TABLES):
            found = [entry for page in obstore.list(store, f"parquet_{number}") for entry in page]
            with ThreadPoolExecutor(16) as pool:
                list(pool.map(_schema_of(store), found))

    mine, other = beside(ours, theirs)
    return Line("2,000 Parquet footers", mine, "obstore, 16 tails at once", other, 1.4, "wall")


def _sample(bucket: Bucket) -> list[Fact]:
    """One file of each of 2,000 partitions, with the requests counted on their way to the store."""
    with counted(bucket.endpoint) as (endpoint, seen):
        os.environ["AWS_ENDPOINT_URL_S3"] = endpoint
        catalog = fresh_catalog()
        report = crawl(Crawler("bench", "bench", (Target(bucket.uri(), sample_size=1),)), catalog)
        os.environ["AWS_ENDPOINT_URL_S3"] = bucket.endpoint
    catalog.engine.dispose()
    assert (report.files.read, report.partition_counts.added) == (2_000, 2_000), report.files
    others = sum(seen.values()) - seen["GET"] - seen["LIST"]
    return [
        Fact("one file of each of 2,000 partitions: GETs", seen["GET"], 2_000),
        Fact("one file of each of 2,000 partitions: LISTs", seen["LIST"], 20_000 // 1_000 + 20),
        Fact("one file of each of 2,000 partitions: other requests", others, 0),
    ]


def _schema_of(store: obstore.store.S3Store) -> Callable[[obstore.ObjectMeta], object]:
    def read(entry: obstore.ObjectMeta) -> object:
        start = max(0, entry["size"] - TAIL)
        tail = obstore.get_range(store, entry["path"], start=start, end=entry["size"])
        return pyarrow.parquet.read_schema(io.BytesIO(bytes(tail))) if start == 0 else tail

    return read
