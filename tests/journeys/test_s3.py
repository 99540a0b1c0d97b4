"""A lake in S3 through the command line: crawled, cut off in the middle, and refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog.model import Database
from engine.states import RunState
from tests.journeys.installation import SAMPLES, Installation
from tests.journeys.test_killed import await_moment
from tests.object_store import Bucket

FILES = 3_000


def upload(bucket: Bucket, folder: Path) -> None:
    bucket.put({f"lake/{file.relative_to(folder)}": file.read_bytes() for file in folder.rglob("*") if file.is_file()})


def test_a_lake_in_s3_is_crawled_by_the_command_line_as_one_on_disk_is(
    installation: Installation, bucket: Bucket
) -> None:
    installation.lay_out_lake()
    upload(bucket, SAMPLES / "lake")
    for database, place in (("disk", installation.lake), ("store", bucket.uri("lake"))):
        installation.catalog.create_database(Database(database))
        installation.json("crawl", place, "--database", database)
    disk, store = (
        {
            table.name: (table.storage.columns, table.partition_keys, table.parameters["recordCount"])
            for table in installation.catalog.iter_tables(database)
        }
        for database in ("disk", "store")
    )
    assert store == disk
    assert "flights" in store


def test_refusals_of_s3_are_one_line_without_a_key(
    installation: Installation, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket.put({"lake/a.csv": "a,b\n1,2\n"})
    installation.catalog.create_database(Database("travel"))
    refused = [installation.refusal("crawl", "s3://no-such-bucket/lake", "--database", "travel")]
    assert "no such bucket" in refused[0]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "lister")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "lister-secret")
    refused.append(installation.refusal("crawl", bucket.uri("lake"), "--database", "travel"))
    assert "AccessDenied" in refused[1]
    assert "secret" not in "".join(refused).lower()


def test_a_crawl_of_s3_that_is_killed_in_the_middle_has_written_nothing(
    installation: Installation, bucket: Bucket
) -> None:
    bucket.put({f"visits/day={number % 50:02}/{number}.json": '{"id": 1}\n' for number in range(FILES)})
    installation.catalog.create_database(Database("web"))
    installation.run("crawler", "create", "visits", bucket.uri("visits"), "--database", "web")
    service = installation.serve()
    run = installation.engine.start_crawler("visits")
    await_moment(installation, run, lambda at: at.total == FILES and at.done > 0, "it reads")
    service.kill()
    assert list(installation.catalog.iter_tables("web")) == []
    installation.serve()
    assert installation.await_end(run).state is RunState.FAILED
    report = installation.json("crawler", "run", "visits")
    assert (report["files"]["read"], len(report["tables"])) == (FILES, 1)
