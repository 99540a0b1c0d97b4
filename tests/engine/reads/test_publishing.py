"""Staged output: seen only once its run has succeeded, published once whoever is killed when, and removed otherwise."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import fsspec
import obstore
import pytest
from sqlalchemy import Engine as SqlEngine

from catalog.catalog import Catalog
from catalog.db import connect, sqlite_url
from catalog.errors import InvalidInput
from catalog.model import Column, Database, Origin
from crawlers.file_moves import file_names, move_files
from crawlers.folders import delete_folder
from engine.engine import Engine
from engine.errors import OutputNotPublished
from engine.model import (
    BOOKMARK_ENABLE,
    BOOKMARK_OPTION,
    OUTPUT_COMMIT,
    STAGED,
    FileState,
    Job,
    Outcome,
    Run,
    RunSource,
)
from engine.reads.publishing import settle, take_in, tell_written, where_to_write
from engine.reads.resolve import Written
from engine.reads.staging import HIDDEN
from engine.running.runfiles import ReadRequest, plan_read
from engine.states import RunState
from tests.object_store import Bucket

FILES = {"day=1/part-0.csv": "a\n", "day=2/part-0.csv": "b\n"}
COLUMNS, KEYS = (Column("page", "string"),), (Column("day", "string"),)


class Lake:
    """A place `out` that runs of a job write to, on disk or in a bucket, with a catalog beside it."""

    def __init__(self, store: SqlEngine, folder: Path, bucket: Bucket | None = None) -> None:
        self.folder, self.bucket = folder, bucket
        self.out = bucket.uri("lake/out/") if bucket else f"file://{folder}/out/"
        self.catalog, self.engine = Catalog(store, Origin("test")), Engine(store)
        self.catalog.create_database(Database("web"))
        self.engine.create_job(Job("totals", "/t.py", {OUTPUT_COMMIT: STAGED}, max_concurrent_runs=9))

    def begin(self, **arguments: str) -> Run:
        run = self.engine.claim_run("worker", run_id=self.engine.start_job_run("totals", arguments).id)
        assert run is not None
        return run

    def write(self, run: Run, files: dict[str, str] = FILES) -> str:
        """What a sink of the run does: ask where to, write, and tell."""
        where = where_to_write(self.engine, run, self.out)
        for name, text in files.items():
            self.put(f"{where}/{name}", text)
        tell_written(self.catalog, self.engine, run, self.written())
        return where

    def put(self, place: str, text: str) -> None:
        if self.bucket:
            self.bucket.put({place.removeprefix(self.bucket.uri()): text})
        else:
            path = Path(place.removeprefix("file://"))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def written(self) -> Written:
        partitions = tuple(((day,), f"{self.out}day={day}/") for day in ("1", "2"))
        return Written("web", "totals", self.out, "csv", COLUMNS, KEYS, partitions)

    def finish(self, run: Run, state: RunState = RunState.SUCCEEDED) -> Run:
        return self.engine.finish_run(run.id, "worker", Outcome(state))

    def visible(self) -> dict[str, str]:
        """The files that a reader sees in the place, whatever it thinks of hidden names, and what they hold."""
        if self.bucket:
            store = self.bucket.store()
            keys = filter(lambda key: key.startswith("lake/out/"), self.bucket.keys())
            return {key.removeprefix("lake/out/"): _text(store, key) for key in keys}
        found = [path for path in (self.folder / "out").rglob("*") if path.is_file()]
        return {str(path.relative_to(self.folder / "out")): path.read_text() for path in found}

    def is_published(self) -> None:
        assert self.visible() == FILES
        assert self.catalog.count_partitions("web", "totals") == 2
        assert self.engine.list_unsettled() == []


def _text(store: obstore.store.S3Store, key: str) -> str:
    return obstore.get(store, key).bytes().to_bytes().decode()


@pytest.fixture(params=["disk", "s3"])
def lake(request: pytest.FixtureRequest, store: SqlEngine, tmp_path: Path) -> Lake:
    if request.param == "disk":
        return Lake(store, tmp_path)
    bucket: Bucket = request.getfixturevalue("bucket")
    bucket.put({"lake/in/x.csv": "x\n"})
    return Lake(store, tmp_path, bucket)


def test_what_is_staged_is_seen_in_files_and_catalog_once_its_run_has_succeeded(lake: Lake) -> None:
    run = lake.begin()
    where = lake.write(run)
    assert where == f"{lake.out.rstrip('/')}/{HIDDEN}/{run.id}-0"
    assert file_names(lake.out) == []
    assert lake.catalog.find_table("web", "totals") is None
    ended = lake.finish(run)
    assert (ended.state, ended.figures["files_published"]) == (RunState.SUCCEEDED, 2.0)
    assert settle(lake.catalog, lake.engine) == {}
    lake.is_published()
    [version] = lake.catalog.list_versions("web", "totals").items
    assert version.origin.run_id == run.id
    [wrote] = lake.engine.batch_list_accesses([run.id])[run.id]
    assert (wrote.kind, wrote.source, wrote.columns) == ("write", "web.totals", ("page", "day"))


@pytest.mark.parametrize("state", [RunState.FAILED, RunState.STOPPED, RunState.TIMEOUT])
def test_a_run_that_does_not_succeed_leaves_nothing(lake: Lake, state: RunState) -> None:
    run = lake.begin()
    lake.engine.begin_run(run.id, "worker")
    lake.write(run)
    if state is RunState.STOPPED:
        lake.engine.stop_run(run.id)
    lake.finish(run, state)
    assert settle(lake.catalog, lake.engine) == {}
    assert lake.visible() == {}
    assert lake.catalog.find_table("web", "totals") is None
    assert lake.engine.batch_list_accesses([run.id]) == {}
    assert lake.engine.list_unsettled() == []


def test_a_run_that_is_tried_again_does_not_double_what_it_writes(lake: Lake) -> None:
    for state in (RunState.FAILED, RunState.FAILED, RunState.SUCCEEDED):
        run = lake.begin()
        lake.engine.begin_run(run.id, "worker")
        lake.write(run)
        lake.finish(run, state)
        settle(lake.catalog, lake.engine)
    lake.is_published()


def nothing_done(lake: Lake, run: Run, where: str) -> None:
    pass


def one_file_moved(lake: Lake, run: Run, where: str) -> None:
    move_files(where, lake.out, list(FILES)[:1])


def one_file_copied(lake: Lake, run: Run, where: str) -> None:
    name = next(iter(FILES))
    lake.put(lake.out + name, FILES[name])


def all_files_moved(lake: Lake, run: Run, where: str) -> None:
    move_files(where, lake.out, list(FILES))


def catalog_updated(lake: Lake, run: Run, where: str) -> None:
    all_files_moved(lake, run, where)
    take_in(lake.catalog, run.id, lake.written())


def folder_deleted(lake: Lake, run: Run, where: str) -> None:
    catalog_updated(lake, run, where)
    delete_folder(where)


@pytest.mark.parametrize(
    "done", [nothing_done, one_file_moved, one_file_copied, all_files_moved, catalog_updated, folder_deleted]
)
def test_publishing_is_completed_wherever_it_was_cut_off(lake: Lake, done: Callable[[Lake, Run, str], None]) -> None:
    run = lake.begin()
    where = lake.write(run)
    lake.finish(run)
    done(lake, run, where)
    for _ in range(2):
        assert settle(lake.catalog, lake.engine) == {}
        lake.is_published()
    assert lake.catalog.get_table("web", "totals").version == 0


@pytest.fixture
def disk(store: SqlEngine, tmp_path: Path) -> Lake:
    return Lake(store, tmp_path)


def test_a_run_that_reads_is_shown_what_an_earlier_one_has_staged(disk: Lake) -> None:
    first = disk.begin()
    disk.write(first)
    disk.finish(first)
    plan = plan_read(
        disk.catalog, disk.engine, disk.begin(), ReadRequest(paths=(f"{disk.folder}/out/day=1",), format="csv")
    )
    assert plan.selected == 1
    disk.is_published()


def test_a_run_whose_bookmark_was_moved_by_another_publishes_nothing(disk: Lake) -> None:
    pair = [disk.begin(**{BOOKMARK_OPTION: BOOKMARK_ENABLE}) for _ in range(2)]
    for run in pair:
        disk.engine.record_source(run.id, RunSource("in", "/in", 1, 0, FileState(1, {"/in": 1}), 0))
        disk.engine.commit_job(run.id)
    disk.write(pair[1])
    assert disk.finish(pair[0]).state is RunState.SUCCEEDED
    lost = disk.finish(pair[1])
    assert (lost.state, f"moved by run {pair[0].id}" in (lost.detail or "")) == (RunState.FAILED, True)
    settle(disk.catalog, disk.engine)
    assert disk.visible() == {}


def test_a_place_that_cannot_be_written_is_told_to_its_readers_and_published_when_it_can(disk: Lake) -> None:
    run = disk.begin()
    disk.write(run)
    disk.finish(run)
    blocking = disk.folder / "out" / "day=1"
    blocking.write_text("")
    assert list(settle(disk.catalog, disk.engine)) == [disk.out]
    request = ReadRequest(paths=(f"{disk.folder}/out",), format="csv")
    with pytest.raises(OutputNotPublished, match="is not published yet"):
        plan_read(disk.catalog, disk.engine, disk.begin(), request)
    elsewhere = disk.folder / "elsewhere"
    elsewhere.mkdir()
    other = ReadRequest(paths=(str(elsewhere),), format="csv")
    assert plan_read(disk.catalog, disk.engine, disk.begin(), other).selected == 0
    blocking.unlink()
    assert plan_read(disk.catalog, disk.engine, disk.begin(), request).selected == 2
    disk.is_published()


def test_what_was_staged_long_before_it_is_published_is_new_to_bookmarks_of_its_readers(disk: Lake) -> None:
    slow = disk.begin()
    disk.write(slow)
    long_ago = time.time() - 7_200
    for path in (disk.folder / "out").rglob("*.csv"):
        os.utime(path, (long_ago, long_ago))
    request = ReadRequest(paths=(f"{disk.folder}/out",), format="csv", context="pages")
    reader = disk.begin(**{BOOKMARK_OPTION: BOOKMARK_ENABLE})
    assert plan_read(disk.catalog, disk.engine, reader, request).selected == 0
    disk.engine.commit_job(reader.id)
    disk.finish(reader)
    disk.finish(slow)
    assert settle(disk.catalog, disk.engine) == {}
    again = disk.begin(**{BOOKMARK_OPTION: BOOKMARK_ENABLE})
    assert plan_read(disk.catalog, disk.engine, again, request).selected == 2


def test_a_disk_that_is_away_while_it_is_published_loses_nothing(disk: Lake) -> None:
    run = disk.begin()
    disk.write(run)
    disk.finish(run)
    (disk.folder / "out").rename(disk.folder / "away")
    [why] = settle(disk.catalog, disk.engine).values()
    assert "if its disk is not mounted, mount it" in why
    assert not (disk.folder / "out").exists()
    (disk.folder / "away").rename(disk.folder / "out")
    assert settle(disk.catalog, disk.engine) == {}
    disk.is_published()


def test_a_run_that_deletes_what_it_has_staged_fails_and_says_so(lake: Lake) -> None:
    run = lake.begin()
    delete_folder(lake.write(run))  # as Spark's mode("overwrite") on the place does
    ended = lake.finish(run)
    assert ended.state is RunState.FAILED
    assert f"Of the files staged for {lake.out} 2 were deleted" in (ended.detail or "")
    settle(lake.catalog, lake.engine)
    assert lake.catalog.find_table("web", "totals") is None


def test_what_another_run_deletes_before_it_is_published_is_told_with_the_run(lake: Lake) -> None:
    run = lake.begin()
    where = lake.write(run)
    lake.finish(run)
    delete_folder(where)
    lake.put(f"{lake.out}other.csv", "x\n")
    settle(lake.catalog, lake.engine)
    detail = lake.engine.get_run(run.id).detail or ""
    assert f"2 file(s) staged for {lake.out} were deleted before they were moved" in detail


def test_a_catalog_that_refuses_in_the_end_is_told_with_the_run(disk: Lake) -> None:
    run = disk.begin()
    disk.write(run)
    disk.finish(run)
    take_in(disk.catalog, run.id, Written("web", "totals", disk.out, "parquet", COLUMNS))
    settle(disk.catalog, disk.engine)
    assert disk.visible() == FILES
    assert "its files are published, but web.totals was not updated" in (disk.engine.get_run(run.id).detail or "")


def test_what_does_not_fit_the_table_is_refused_while_the_script_still_runs(disk: Lake) -> None:
    before = disk.begin()
    take_in(disk.catalog, before.id, Written("web", "totals", disk.out, "parquet", COLUMNS))
    disk.finish(before)
    with pytest.raises(InvalidInput, match="partitionKeys"):
        disk.write(disk.begin())


def test_a_relative_path_cannot_be_staged_and_a_run_that_does_not_stage_writes_where_it_is_told(disk: Lake) -> None:
    with pytest.raises(InvalidInput, match="staged output to 'out' is not valid: give an absolute path"):
        where_to_write(disk.engine, disk.begin(), "out")
    assert where_to_write(disk.engine, disk.begin(**{OUTPUT_COMMIT: "direct"}), "out") == "out"


def test_a_way_to_commit_that_is_not_known_is_refused_before_anything_runs(disk: Lake) -> None:
    with pytest.raises(InvalidInput, match="'stage' of job totals is not valid: it is staged or direct"):
        disk.begin(**{OUTPUT_COMMIT: "stage"})


def test_two_sinks_into_one_place_share_a_folder(disk: Lake) -> None:
    run = disk.begin()
    assert disk.write(run) == disk.write(run, {"day=1/part-1.csv": "c\n"})
    disk.finish(run)
    settle(disk.catalog, disk.engine)
    assert set(disk.visible()) == {*FILES, "day=1/part-1.csv"}


PUBLISH = """
import sys
from catalog.catalog import Catalog
from catalog.db import connect
from catalog.model import Origin
from engine.engine import Engine
from engine.reads.publishing import settle
store = connect(sys.argv[1])
print("ready", flush=True)
settle(Catalog(store, Origin("test")), Engine(store))
"""


def test_publishing_that_is_killed_is_completed_and_each_file_is_there_once(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path / "catalog.db")
    store = connect(url)
    lake = Lake(store, tmp_path)
    files = {f"day={at % 2 + 1}/part-{at}.csv": f"{at}\n" for at in range(1_500)}
    run = lake.begin()
    lake.write(run, files)
    lake.finish(run)
    with subprocess.Popen([sys.executable, "-c", PUBLISH, url], stdout=subprocess.PIPE) as publisher:
        assert publisher.stdout is not None
        publisher.stdout.readline()
        while not file_names(lake.out) and publisher.poll() is None:
            pass
        publisher.send_signal(signal.SIGKILL)
    settle(lake.catalog, lake.engine)
    assert lake.visible() == files
    assert lake.catalog.count_partitions("web", "totals") == 2
    store.dispose()


def test_files_of_a_store_that_is_neither_disk_nor_s3_are_moved_once_and_are_new_there() -> None:
    store = fsspec.filesystem("memory")
    store.pipe({"/published/.staged/day=1/a": b"a", "/published/.staged/b": b"b"})
    long_before = store.modified("/published/.staged/b")
    for _ in range(2):
        move_files("memory://published/.staged", "memory://published", ["day=1/a", "b"])
    assert sorted(store.find("/published")) == ["/published/b", "/published/day=1/a"]
    assert store.modified("/published/b") > long_before
    store.rm("/published", recursive=True)
