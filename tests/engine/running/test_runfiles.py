"""What a run asks for on its way: which files to read, with and without a bookmark; and what it wrote."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine as SqlEngine

from catalog.catalog import Catalog
from catalog.errors import InvalidInput, InvalidPredicate, NotFound
from catalog.model import Column, Database, Origin, Partition, SerDe, StorageDescriptor, Table
from crawlers.errors import PlaceNotFound
from engine.engine import Engine
from engine.errors import UnsupportedSource
from engine.jobs.source_options import parse_options
from engine.model import BOOKMARK_OPTION, Job, Outcome, Run
from engine.reads.publishing import take_in
from engine.reads.resolve import ReadPlan, Written
from engine.running.runfiles import ReadRequest, list_partition_values, plan_read
from engine.states import RunState

CSV = SerDe("org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe", {"field.delim": ","})
LONG_AGO = 1_700_000_000


class Lake:
    """A table `web.visits` over files by day, its catalog, and runs of a job that reads it."""

    def __init__(self, folder: Path, store: SqlEngine) -> None:
        self.folder = folder
        self.catalog = Catalog(store, Origin("test"))
        self.engine = Engine(store)
        self.catalog.create_database(Database("web"))
        self.write("visits/day=1/a.csv", "visits/day=1/b.csv", "visits/day=2/a.csv")
        storage = StorageDescriptor((Column("page", "string"),), location=self.uri("visits"), serde=CSV)
        table = Table("web", "visits", storage, (Column("day", "int"),), parameters={"skip.header.line.count": "1"})
        self.catalog.create_table(table)
        self.add_partitions("1", "2")
        self.engine.create_job(Job("totals", "/jobs/totals.py", max_concurrent_runs=100))

    def write(self, *names: str) -> None:
        for name in names:
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("page\nhome\n")
            os.utime(path, (LONG_AGO, LONG_AGO))

    def uri(self, name: str) -> str:
        return f"file://{self.folder / name}/"

    def add_partitions(self, *days: str) -> None:
        storage = self.catalog.get_table("web", "visits").storage
        made = [Partition((day,), replace(storage, location=self.uri(f"visits/day={day}"))) for day in days]
        self.catalog.create_partitions("web", "visits", made)

    def run(self, bookmark: str = "job-bookmark-enable") -> Run:
        run = self.engine.start_job_run("totals", {BOOKMARK_OPTION: bookmark})
        claimed = self.engine.claim_run("worker", run_id=run.id)
        assert claimed is not None
        return claimed

    def plan(self, run: Run, context: str = "visits", predicate: str = "") -> ReadPlan:
        request = ReadRequest(database="web", table="visits", context=context, predicate=predicate)
        return plan_read(self.catalog, self.engine, run, request)

    def succeed(self, run: Run) -> Run:
        self.engine.commit_job(run.id)
        return self.engine.finish_run(run.id, "worker", Outcome(RunState.SUCCEEDED))


@pytest.fixture
def lake(tmp_path: Path, store: SqlEngine) -> Lake:
    return Lake(tmp_path, store)


def names(plan: ReadPlan) -> list[tuple[tuple[str, ...], str]]:
    return [(group.values, file.path.rpartition("/")[2]) for group in plan.groups for file in group.files]


ALL = [(("1",), "a.csv"), (("1",), "b.csv"), (("2",), "a.csv")]


def test_a_table_is_read_by_its_partitions_with_the_options_of_its_serde(lake: Lake) -> None:
    plan = lake.plan(lake.run())
    assert names(plan) == ALL
    assert (plan.format, plan.options["separator"], plan.options["withHeader"]) == ("csv", ",", True)
    assert [column.name for column in (*plan.columns, *plan.partition_keys)] == ["page", "day"]
    first = plan.groups[0].files[0]
    assert (first.path, first.size, first.modified_ms) == (lake.uri("visits/day=1") + "a.csv", 10, LONG_AGO * 1000)


def test_a_predicate_prunes_partitions_and_one_that_cannot_be_read_is_refused(lake: Lake) -> None:
    run = lake.run()
    assert names(lake.plan(run, predicate="day > 1")) == ALL[2:]
    assert names(lake.plan(run, predicate="day in (1, 7)")) == ALL[:2]
    with pytest.raises(InvalidPredicate, match="page"):
        lake.plan(run, predicate="page = 'home'")


def test_a_partition_whose_folder_is_not_there_is_read_as_empty(lake: Lake) -> None:
    lake.add_partitions("3")
    assert names(lake.plan(lake.run())) == ALL


def test_the_next_run_reads_only_what_the_last_successful_one_did_not(lake: Lake) -> None:
    first = lake.run()
    assert names(lake.plan(first)) == ALL
    assert lake.succeed(first).state is RunState.SUCCEEDED
    lake.write("visits/day=3/late.csv", "visits/day=1/a.csv")
    os.utime(lake.folder / "visits/day=3/late.csv")  # it came just now; day=1/a.csv is as it was
    lake.add_partitions("3")

    second = lake.run()
    plan = lake.plan(second)
    assert (names(plan), plan.selected, plan.skipped, plan.tracked) == ([(("3",), "late.csv")], 1, 3, True)
    [source] = lake.engine.list_sources(second.id)
    assert (source.context, source.source, source.selected_files, source.skipped_files) == (
        "visits",
        "web.visits",
        1,
        3,
    )


def test_two_runs_that_read_the_same_files_cannot_both_move_the_bookmark(lake: Lake) -> None:
    first, second = lake.run(), lake.run()
    assert names(lake.plan(first)) == names(lake.plan(second)) == ALL
    assert lake.succeed(first).state is RunState.SUCCEEDED
    late = lake.succeed(second)
    assert late.state is RunState.FAILED
    assert f"was moved by run {first.id} meanwhile" in (late.detail or "")
    assert lake.engine.get_bookmark("totals").run_id == first.id


def test_a_bookmark_that_is_reset_during_a_run_stays_reset(lake: Lake) -> None:
    first = lake.run()
    lake.plan(first)
    lake.succeed(first)
    second = lake.run()
    lake.plan(second)
    lake.engine.reset_bookmark("totals")
    assert lake.succeed(second).state is RunState.FAILED
    assert names(lake.plan(lake.run())) == ALL


@pytest.mark.parametrize(
    ("bookmark", "context", "read_again", "recorded"),
    [
        ("job-bookmark-disable", "visits", 3, 0),
        ("job-bookmark-enable", "", 3, 0),
        ("job-bookmark-pause", "visits", 3, 1),
        ("job-bookmark-enable", "another", 3, 1),
        ("job-bookmark-enable", "visits", 0, 1),
    ],
)
def test_only_an_enabled_bookmark_of_the_same_context_hides_what_was_read(
    lake: Lake, bookmark: str, context: str, read_again: int, recorded: int
) -> None:
    first = lake.run(bookmark)
    lake.plan(first, context if bookmark != "job-bookmark-enable" else "visits")
    lake.succeed(first)
    second = lake.run(bookmark)
    assert lake.plan(second, context).selected == read_again
    assert len(lake.engine.list_sources(second.id)) == recorded


def test_paths_are_read_as_they_are_named_and_tracked_too(lake: Lake) -> None:
    request = ReadRequest(
        paths=(lake.uri("visits/day=1"), str(lake.folder / "visits/day=2")), format="csv", context="x"
    )
    first = lake.run()
    plan = plan_read(lake.catalog, lake.engine, first, request)
    assert [name for _, name in names(plan)] == ["a.csv", "b.csv", "a.csv"]
    assert {values for values, _ in names(plan)} == {()}
    lake.succeed(first)
    assert plan_read(lake.catalog, lake.engine, lake.run(), request).selected == 0


@pytest.mark.parametrize(
    ("request_", "failure", "words"),
    [
        (ReadRequest(database="web", table="orders"), NotFound, r"Table web\.orders not found"),
        (ReadRequest(database="shop", table="visits"), NotFound, "not found"),
        (ReadRequest(paths=("/no/such/folder",), format="csv"), PlaceNotFound, "/no/such/folder does not exist"),
        (ReadRequest(paths=("/",), format="word"), UnsupportedSource, "format word is not supported"),
    ],
)
def test_a_source_that_cannot_be_read_is_named(
    lake: Lake, request_: ReadRequest, failure: type[Exception], words: str
) -> None:
    with pytest.raises(failure, match=words):
        plan_read(lake.catalog, lake.engine, lake.run(), request_)


def test_a_table_whose_own_folder_is_gone_is_an_error_and_not_empty(lake: Lake) -> None:
    storage = StorageDescriptor((Column("page", "string"),), location=lake.uri("gone"), serde=CSV)
    lake.catalog.create_table(Table("web", "gone", storage))
    with pytest.raises(PlaceNotFound, match="gone"):
        plan_read(lake.catalog, lake.engine, lake.run(), ReadRequest(database="web", table="gone"))


def written(
    lake: Lake, *columns: Column, day: str = "1", keys: tuple[Column, ...] = (Column("day", "int"),)
) -> Written:
    where = lake.uri("totals")
    partitions = (((day,), f"{where}day={day}/"),) if keys else ()
    return Written("web", "totals", where, "parquet", columns, keys, partitions)


PAGE, COUNT = Column("page", "string"), Column("count", "bigint")


def test_what_a_run_wrote_becomes_a_table_that_names_the_run(lake: Lake) -> None:
    run = lake.run()
    made = take_in(lake.catalog, run.id, written(lake, PAGE, COUNT))
    assert (made.version, made.storage.columns, made.key_names) == (0, (PAGE, COUNT), ("day",))
    assert made.storage.serde.library == "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
    [version] = lake.catalog.list_versions("web", "totals").items
    assert (version.origin.face, version.origin.run_id) == ("job", run.id)
    [partition] = lake.catalog.iter_partitions("web", "totals")
    assert (partition.values, partition.storage.location) == (("1",), lake.uri("totals") + "day=1/")


def test_writing_the_same_again_makes_no_version_and_a_new_column_does(lake: Lake) -> None:
    take_in(lake.catalog, lake.run().id, written(lake, PAGE, COUNT))
    assert take_in(lake.catalog, lake.run().id, written(lake, PAGE, COUNT, day="2")).version == 0
    later = lake.run()
    grown = take_in(lake.catalog, later.id, written(lake, PAGE, COUNT, Column("seconds", "double"), day="2"))
    assert (grown.version, grown.storage.columns[-1].name) == (1, "seconds")
    assert lake.catalog.list_versions("web", "totals").items[0].origin.run_id == later.id
    assert lake.catalog.count_partitions("web", "totals") == 2


def test_partition_keys_that_are_not_the_table_s_are_refused_and_nothing_is_written(lake: Lake) -> None:
    take_in(lake.catalog, lake.run().id, written(lake, PAGE))
    with pytest.raises(
        InvalidInput, match=r"a sink to web\.totals is not valid: its partitionKeys are none, and the table has day"
    ):
        take_in(lake.catalog, lake.run().id, written(lake, PAGE, COUNT, keys=()))
    assert lake.catalog.get_table("web", "totals").storage.columns == (PAGE,)


def plan_with(lake: Lake, **options: object) -> list[tuple[tuple[str, ...], str]]:
    request = ReadRequest(database="web", table="visits", options=parse_options(options))
    return names(plan_read(lake.catalog, lake.engine, lake.run("job-bookmark-disable"), request))


def test_exclusions_leave_files_of_a_table_out(lake: Lake) -> None:
    assert plan_with(lake, exclusions='["a*"]') == ALL[1:2]


def test_a_catalog_partition_predicate_prunes_beside_the_other_one(lake: Lake) -> None:
    assert plan_with(lake, catalogPartitionPredicate="day = '2'") == ALL[2:]
    options = parse_options({"catalogPartitionPredicate": "day = '1' or day = '2'"})
    request = ReadRequest(database="web", table="visits", predicate="day < 2", options=options)
    assert names(plan_read(lake.catalog, lake.engine, lake.run(), request)) == ALL[:2]


def test_partitions_may_be_selected_by_their_values(lake: Lake) -> None:
    request = ReadRequest(database="web", table="visits", predicate="to_number(day) = 2")
    assert list_partition_values(lake.catalog, request)[1] == [("1",), ("2",)]
    chosen = replace(request, partitions=(("2",), ("9",)))
    assert names(plan_read(lake.catalog, lake.engine, lake.run(), chosen)) == ALL[2:]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, ["top.csv", "x.csv"]),
        ({"recurse": "true"}, ["deep.csv", "top.csv", "x.csv"]),
        ({"recurse": True, "exclusions": '["**/deep.csv"]'}, ["top.csv", "x.csv"]),
    ],
)
def test_paths_are_read_below_their_own_folder_only_when_asked(
    lake: Lake, options: dict[str, object], expected: list[str]
) -> None:
    lake.write("in/top.csv", "in/k=1/x.csv", "in/sub/deep.csv")
    request = ReadRequest(paths=(lake.uri("in"),), format="csv", options=parse_options(options))
    plan = plan_read(lake.catalog, lake.engine, lake.run(), request)
    assert sorted(name for _, name in names(plan)) == expected
    assert plan.options == {}  # what CSV by paths is like, the script says


@pytest.mark.parametrize("format", ["xml", "grokLog", "avro", "ion", "orc"])
def test_paths_of_every_format_that_jobs_read_are_planned(lake: Lake, format: str) -> None:
    request = ReadRequest(paths=(lake.uri("visits"),), format=format)
    assert plan_read(lake.catalog, lake.engine, lake.run(), request).format == format
