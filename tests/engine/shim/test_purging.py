"""Purging a folder or a table: what is old goes, nothing outside does, and empty partitions leave the catalog."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from awsglue._purging import choosing, purge_path, purge_table
from awsglue._service import NoServiceError

from tests.engine.shim.peer import Peer, declared

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

HOUR = 3_600
ALL = {"retentionPeriod": 0}


def put(folder: Path, *names: str, hours_ago: float = 1_000) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
        stamp = path.stat().st_mtime - hours_ago * HOUR
        os.utime(path, (stamp, stamp))
    return folder


def left(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir())


def test_files_older_than_a_week_go_and_so_do_folders_that_are_empty_then(spark: SparkSession, tmp_path: Path) -> None:
    lake = put(tmp_path / "lake", "day=1/a.csv", "day=1/b/c.csv", "day=2/old.csv")
    put(lake, "day=2/new.csv", hours_ago=167)
    found = purge_path(spark, str(lake))
    assert sorted(found.done) == [f"file:{lake}/{name}" for name in ("day=1/a.csv", "day=1/b/c.csv", "day=2/old.csv")]
    assert left(lake) == ["day=2/new.csv"]
    assert not (lake / "day=1").exists()


@pytest.mark.parametrize(("hours", "kept"), [(0, []), (-1, []), ("5", ["b"]), (24.5, ["a", "b"])])
def test_the_period_is_in_hours(spark: SparkSession, tmp_path: Path, hours: object, kept: list[str]) -> None:
    lake = put(put(tmp_path / "lake", "a", hours_ago=10), "b", hours_ago=1)
    purge_path(spark, f"file://{lake}/", {"retentionPeriod": hours})
    assert left(lake) == kept
    assert lake.is_dir(), "the path itself stays"


@pytest.mark.parametrize("period", ["soon", True, None, "inf", "nan"])
def test_a_period_that_is_none_is_refused_before_anything_is_deleted(period: object) -> None:
    with pytest.raises(ValueError, match=r"retentionPeriod .* is not a number of hours"):
        choosing({"retentionPeriod": period})


def test_nothing_outside_the_path_is_deleted_by_name_link_or_wildcard(spark: SparkSession, tmp_path: Path) -> None:
    put(tmp_path, "lake2/a", "other/b", "la/c", "lake/d")
    (tmp_path / "lake" / "link").symlink_to(tmp_path / "other")
    (tmp_path / "lake" / "to_a_file").symlink_to(tmp_path / "la" / "c")
    found = purge_path(spark, str(tmp_path / "lake"), ALL)
    purge_path(spark, str(tmp_path / "la*"), ALL)
    assert [why for _, why in found.failed] == ["a link leads to it, out of the path"]
    assert left(tmp_path) == ["la/c", "lake2/a", "other/b"]
    assert (tmp_path / "lake" / "link").is_symlink()


def test_what_other_runs_have_staged_is_not_purged(spark: SparkSession, tmp_path: Path) -> None:
    lake = put(tmp_path / "lake", "a", ".isinglass-staged/r-0/day=1/b")
    assert purge_path(spark, str(lake), ALL).done == [f"file:{lake}/a"]
    assert left(lake) == [".isinglass-staged/r-0/day=1/b"]


def test_a_path_that_is_not_there_has_nothing_to_delete(spark: SparkSession, tmp_path: Path) -> None:
    assert purge_path(spark, str(tmp_path / "ghost"), ALL).done == []


def test_a_single_file_may_be_purged(spark: SparkSession, tmp_path: Path) -> None:
    put(tmp_path, "a", "b")
    purge_path(spark, str(tmp_path / "a"), ALL)
    assert left(tmp_path) == ["b"]


@pytest.mark.parametrize("path", ["", "  ", "/", "file:///"])
def test_no_path_and_a_whole_disk_are_refused(spark: SparkSession, path: str) -> None:
    with pytest.raises(ValueError, match=r"is empty|is the root"):
        purge_path(spark, path, ALL)


def test_what_was_done_is_listed_where_the_manifest_is_wanted(spark: SparkSession, tmp_path: Path) -> None:
    put(tmp_path, "lake/a", "lake/b, c", "other/d")
    (tmp_path / "lake" / "link").symlink_to(tmp_path / "other")
    purge_path(spark, str(tmp_path / "lake"), {**ALL, "manifestFilePath": f"file://{tmp_path}/told/"})
    rows = {
        name: sorted(csv.reader((tmp_path / "told" / name).read_text().splitlines()))
        for name in ("Success.csv", "Failed.csv")
    }
    assert rows["Success.csv"] == [[f"file:{tmp_path}/lake/a"], [f"file:{tmp_path}/lake/b, c"]]
    assert rows["Failed.csv"] == [[f"file:{tmp_path}/lake/link/d", "a link leads to it, out of the path"]]


def table(folder: Path, keys: str = "") -> dict[str, Any]:
    names = {"database": "web", "table": "visits", "location": f"file://{folder}/", "format": "csv", "options": {}}
    return {**names, "columns": declared("page:string"), "partition_keys": declared(keys)}


def test_partitions_that_lost_their_last_file_leave_the_catalog(
    spark: SparkSession, peer: Peer, tmp_path: Path
) -> None:
    put(tmp_path, "visits/day=1/a", "visits/day=2/b", "visits/day=1/_SUCCESS")
    put(tmp_path, "visits/day=2/c", hours_ago=1)
    (tmp_path / "visits" / "day=3").mkdir()
    peer.give("GET", "tables/web/visits", table(tmp_path / "visits", "day:int"))
    days = [{"values": [day], "location": f"file://{tmp_path}/visits/day={day}/"} for day in ("1", "2", "3")]
    peer.give("GET", "tables/web/visits/partitions?predicate=day%20%3C%204", {"partitions": days})
    purge_table(spark, "web", "visits", {"retentionPeriod": 24, "partitionPredicate": "day < 4"})
    assert left(tmp_path / "visits") == ["day=2/c"]
    assert peer.bodies("tables/web/visits/partitions/delete") == [{"values": [["1"]]}]


def test_a_table_without_partitions_is_its_folder(spark: SparkSession, peer: Peer, tmp_path: Path) -> None:
    put(tmp_path, "visits/a")
    peer.give("GET", "tables/web/visits", table(tmp_path / "visits"))
    with pytest.raises(ValueError, match=r"web\.visits has no partitions that a partitionPredicate could select"):
        purge_table(spark, "web", "visits", {"partitionPredicate": "day = 1"})
    assert purge_table(spark, "web", "visits", ALL).done == [f"file:{tmp_path}/visits/a"]
    assert [path for _, path, _ in peer.calls] == ["tables/web/visits"] * 2


def test_purging_a_table_needs_the_service(spark: SparkSession) -> None:
    with pytest.raises(NoServiceError, match=r"Purging the table web\.visits"):
        purge_table(spark, "web", "visits")
