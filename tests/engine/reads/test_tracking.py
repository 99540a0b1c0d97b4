"""Reads held against a bookmark: twice in a run, through a shared context, from changed sources, between runs; and what
the next run would read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from catalog.catalog import Catalog
from catalog.db import connect, sqlite_url
from catalog.errors import InvalidInput
from catalog.model import Column, Database, Origin, SerDe, StorageDescriptor, Table
from engine.engine import Engine
from engine.jobs.source_options import parse_options
from engine.model import (
    BOOKMARK_ENABLE,
    BOOKMARK_FROM,
    BOOKMARK_OPTION,
    BOOKMARK_PAUSE,
    BOOKMARK_TO,
    CountState,
    FileState,
    Job,
    KeyState,
    Outcome,
    Run,
    RunSource,
)
from engine.reads.next_reads import preview, set_to_now
from engine.reads.resolve import ReadPlan
from engine.reads.selection import Reason
from engine.running.runfiles import ReadRequest, plan_read
from engine.states import RunState

CSV = SerDe("org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe", {"field.delim": ","})
HOUR = 3_600_000


class Shop:
    """A folder of orders that the table shop.orders describes, and a job; its time moves only when it is told to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = connect(sqlite_url(folder / "catalog.db"))
        self.catalog, self.engine = Catalog(self.store, Origin("test")), Engine(self.store)
        self.catalog.create_database(Database("shop"))
        (folder / "orders").mkdir()
        storage = StorageDescriptor((Column("id", "int"),), location=f"file://{folder}/orders/", serde=CSV)
        self.catalog.create_table(Table("shop", "orders", storage))
        self.engine.create_job(Job("etl", "/e.py", max_concurrent_runs=20))
        self.at_ms = 1_700_000_000_000

    def put(self, *names: str, place: str = "orders") -> None:
        for name in names:
            self.at_ms += HOUR
            path = self.folder / place / name
            path.parent.mkdir(exist_ok=True)
            path.write_text("1\n")
            os.utime(path, (self.at_ms / 1000, self.at_ms / 1000))
        self.at_ms += HOUR

    def run(self, option: str = BOOKMARK_ENABLE, **more: str) -> Run:
        run = self.engine.claim_run("w", run_id=self.engine.start_job_run("etl", {BOOKMARK_OPTION: option, **more}).id)
        assert run is not None
        return run

    def read(self, run: Run, *paths: str, **options: object) -> list[str]:
        """The names of the files that the run is to read: of the table, or of paths below the folder."""
        request = ReadRequest(database="shop", table="orders", context="in", options=parse_options(options))
        if paths:
            request = replace(request, paths=tuple(f"{self.folder}/{each}" for each in paths), format="csv")
        return names(plan_read(self.catalog, self.engine, run, request, lambda _: self.at_ms))

    def end(self, run: Run) -> Run:
        self.engine.commit_job(run.id)
        return self.engine.finish_run(run.id, "w", Outcome(RunState.SUCCEEDED))

    def done(self, *paths: str, **options: object) -> tuple[str, list[str]]:
        """A whole run: its id and what it read."""
        run = self.run()
        found = self.read(run, *paths, **options)
        assert self.end(run).state is RunState.SUCCEEDED
        return run.id, found

    def source(self, run_id: str) -> RunSource:
        [source] = self.engine.list_sources(run_id)
        return source


def names(plan: ReadPlan) -> list[str]:
    return sorted(file.path.rpartition("/")[2] for group in plan.groups for file in group.files)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    shop = Shop(tmp_path)
    yield shop
    shop.store.dispose()


def test_a_source_read_twice_by_a_run_is_the_same_though_files_came_meanwhile(shop: Shop) -> None:
    shop.put("a")
    run = shop.run()
    assert shop.read(run) == ["a"]
    shop.put("b")
    assert shop.read(run) == ["a"]
    assert (shop.source(run.id).selected_files, shop.source(run.id).note) == (1, None)
    shop.end(run)
    assert shop.done()[1] == ["b"]


def test_two_sources_that_share_a_context_are_both_followed_and_the_user_is_told(shop: Shop) -> None:
    shop.put("a")
    shop.put("x", place="returns")
    run = shop.run()
    assert (shop.read(run), shop.read(run, "returns")) == (["a"], ["x"])
    found = shop.source(run.id)
    assert found.source == f"shop.orders, {shop.folder}/returns"
    assert found.note == "several sources share the transformation_ctx 'in'; give each its own"
    assert (found.selected_files, found.reasons) == (2, {Reason.NEW: 2})
    shop.end(run)
    shop.put("b")
    following = shop.run()
    assert (shop.read(following), shop.read(following, "returns")) == (["b"], [])


def test_another_source_under_a_context_is_read_from_its_beginning_and_the_user_is_told(shop: Shop) -> None:
    shop.put("x", place="returns")
    shop.put("a")
    shop.done()
    run_id, found = shop.done("returns")
    assert found == ["x"]
    assert "another source than the one this transformation_ctx had" in (shop.source(run_id).note or "")


def test_one_place_in_several_spellings_is_one_source(shop: Shop) -> None:
    shop.put("a")
    shop.done()
    assert shop.done("orders")[1] == shop.done("orders/")[1] == []


def test_a_path_that_is_added_is_read_whole_and_the_others_go_on(shop: Shop) -> None:
    shop.put("x", place="monday")
    shop.put("a", place="tuesday")
    assert shop.done("monday")[1] == ["x"]
    assert shop.done("monday", "tuesday")[1] == ["a"]
    shop.put("b", place="tuesday")
    assert shop.done("tuesday")[1] == ["b"]


def test_why_files_were_read_or_not_is_on_record(shop: Shop) -> None:
    shop.put("a", "b", "c")
    run_id, found = shop.done(boundedFiles="2")
    assert found == ["a", "b"]
    assert shop.source(run_id).reasons == {Reason.NEW: 2, Reason.BEYOND_BOUND: 1}
    run_id, found = shop.done()
    assert (found, shop.source(run_id).reasons) == (["c"], {Reason.NEW: 1, Reason.READ_BEFORE: 2})


def test_bounds_of_the_table_hold_too_also_without_a_bookmark(shop: Shop) -> None:
    shop.put("a", "b", "c")
    table = shop.catalog.get_table("shop", "orders")
    shop.catalog.update_table(replace(table, parameters={"boundedFiles": "2"}))
    assert shop.read(shop.run("job-bookmark-disable")) == ["a", "b"]
    assert [shop.done()[1] for _ in range(3)] == [["a", "b"], ["c"], []]


def test_a_paused_bookmark_reads_from_the_last_state_or_between_runs_and_saves_nothing(shop: Shop) -> None:
    ids = []
    for name in "abc":
        shop.put(name)
        ids.append(shop.done()[0])
    shop.put("d")
    cases = {(): ["d"], (ids[0], ids[2]): ["b", "c"], (ids[1], ids[2]): ["c"], (ids[2], ids[2]): []}
    for ends, expected in cases.items():
        run = shop.run(BOOKMARK_PAUSE, **dict(zip((BOOKMARK_FROM, BOOKMARK_TO), ends, strict=False)))
        assert shop.read(run) == expected
        shop.end(run)
    assert shop.engine.get_bookmark("etl").version == 3
    with pytest.raises(InvalidInput, match="run jr_0 of job etl is not valid: no bookmark was saved by it"):
        shop.read(shop.run(BOOKMARK_PAUSE, **{BOOKMARK_FROM: "jr_0", BOOKMARK_TO: ids[0]}))


def test_a_rewind_makes_what_later_runs_read_new_again(shop: Shop) -> None:
    ids = []
    for name in "abc":
        shop.put(name)
        ids.append(shop.done()[0])
    shop.engine.rewind_bookmark("etl", ids[0])
    assert shop.done()[1] == ["b", "c"]


# ── what comes next ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_preview_is_what_the_next_run_reads_and_notes_nothing(shop: Shop) -> None:
    assert preview(shop.catalog, shop.engine, "etl") == []
    shop.put("a")
    shop.done()
    shop.put("b")
    for _ in range(2):
        [found] = preview(shop.catalog, shop.engine, "etl")
        assert found.choice is not None
        assert {file.path.rpartition("/")[2]: reason for file, reason in found.choice.judged} == {
            "a": Reason.READ_BEFORE,
            "b": Reason.NEW,
        }
    assert (found.context, found.source, found.counts) == ("in", "shop.orders", {"READ_BEFORE": 1, "NEW": 1})
    assert shop.done()[1] == ["b"]


def test_a_preview_of_what_cannot_be_listed_says_why(shop: Shop) -> None:
    shop.put("a")
    shop.done()
    shop.catalog.delete_table("shop", "orders")
    [found] = preview(shop.catalog, shop.engine, "etl")
    assert (found.choice, found.trouble) == (None, "Table shop.orders not found.")


def test_a_preview_of_rows_is_the_range_of_their_keys_and_counts_are_left_out(shop: Shop) -> None:
    run = shop.run()
    state = KeyState(("id",), False, ("long:7",))
    shop.engine.record_source(run.id, RunSource("rows", "till/orders", 0, 0, state, 0))
    shop.engine.record_source(run.id, RunSource("flat", "flat", 0, 0, CountState(4), 0))
    [first] = preview(shop.catalog, shop.engine, "etl")
    assert (first.keys, first.after) == (("id",), None)
    shop.end(run)
    [found] = preview(shop.catalog, shop.engine, "etl")
    assert (found.source, found.keys, found.after) == ("till/orders", ("id",), ("long:7",))


def test_a_bookmark_set_to_now_takes_all_that_is_there_for_read(shop: Shop) -> None:
    shop.put("a")
    shop.done()
    shop.put("b", "c")
    moved = set_to_now(shop.catalog, shop.engine, "etl")
    assert (moved.version, moved.note) == (2, "set to now")
    assert isinstance(moved.sources["in"], FileState)
    assert shop.done()[1] == []
    shop.engine.create_job(Job("fresh", "/f.py"))
    with pytest.raises(InvalidInput, match="no run of it has read files"):
        set_to_now(shop.catalog, shop.engine, "fresh")
