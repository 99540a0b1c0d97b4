"""Job bookmarks: which files are new, and whose word counts when runs meet."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from catalog.errors import NotFound
from engine import bookmarks, jobs, runs
from engine.bookmarks import FileSeen, select_new
from engine.errors import BookmarkConflict
from engine.model import JOB, Job, RunSource, SourceState
from tests.conftest import NOON
from tests.engine.conftest import Opened

BAND = 10
LATEST = 5


@dataclass(frozen=True)
class Arrival:
    """A file written at `written` that its store lists from `written + late` on."""

    path: str
    written: int
    late: int
    size: int

    @property
    def file(self) -> FileSeen:
        return FileSeen(self.path, self.size, self.written)


@dataclass(frozen=True)
class Listing:
    """A run that lists at `at` by a clock that is off by `skew`, and succeeds or not."""

    at: int
    skew: int
    succeeds: bool


ARRIVALS = st.lists(
    st.builds(Arrival, st.sampled_from("abc"), st.integers(0, 25), st.integers(0, LATEST), st.integers(0, 1)),
    unique_by=lambda arrival: (arrival.path, arrival.written),
)
LISTINGS = st.lists(st.builds(Listing, st.integers(0, 30), st.integers(-LATEST, LATEST), st.booleans()))


def listed(arrivals: list[Arrival], at: int) -> list[FileSeen]:
    """The files that the store shows at `at`: of each path, what was written last."""
    seen = [arrival for arrival in arrivals if arrival.written + arrival.late <= at]
    return [arrival.file for arrival in {each.path: each for each in sorted(seen, key=lambda a: a.written)}.values()]


@settings(max_examples=500)
@given(ARRIVALS, LISTINGS)
def test_no_file_is_read_twice_and_none_is_lost(arrivals: list[Arrival], listings: list[Listing]) -> None:
    state: SourceState | None = None
    read: Counter[str] = Counter()
    for listing in [*sorted(listings, key=lambda each: each.at), Listing(200, 0, True)]:
        new, following = select_new(listed(arrivals, listing.at), state, listing.at + listing.skew, BAND)
        if listing.succeeds:
            state = following
            read.update(file.mark for file in new)
    assert set(read.values()) <= {1}
    assert {file.mark for file in listed(arrivals, 200)} <= set(read)


@given(ARRIVALS, st.integers(0, 30))
def test_what_was_just_read_is_not_new(arrivals: list[Arrival], at: int) -> None:
    files = listed(arrivals, at)
    _, state = select_new(files, None, at, BAND)
    assert select_new(files, state, at, BAND)[0] == []
    assert select_new(files, state, at + 50, BAND)[0] == []
    assert select_new(files, state, at - 50, BAND)[0] == []


@given(ARRIVALS, LISTINGS)
def test_only_files_within_the_band_are_remembered_by_name(arrivals: list[Arrival], listings: list[Listing]) -> None:
    state: SourceState | None = None
    for listing in sorted(listings, key=lambda each: each.at):
        files = listed(arrivals, listing.at)
        _, state = select_new(files, state, listing.at, BAND)
        recent = {file.mark for file in files if listing.at - BAND < file.modified_ms}
        assert set(state.seen) <= recent


def test_an_overwritten_file_is_a_new_one() -> None:
    _, state = select_new([FileSeen("a", 1, 100)], None, 105, BAND)
    for overwritten in (FileSeen("a", 1, 106), FileSeen("a", 2, 100)):
        assert select_new([overwritten], state, 110, BAND)[0] == [overwritten]


def test_a_file_younger_than_the_listing_waits_for_the_next() -> None:
    young = FileSeen("a", 1, 106)
    new, state = select_new([young], None, 105, BAND)
    assert new == []
    assert select_new([young], state, 106, BAND)[0] == [young]


def test_a_clock_that_was_set_back_brings_no_file_back() -> None:
    file = FileSeen("a", 1, 100)
    _, state = select_new([file], None, 105, BAND)
    for listed_at in (96, 97, 106):
        new, state = select_new([file], state, listed_at, BAND)
        assert new == []


def test_a_file_that_comes_later_than_the_band_is_taken_for_read() -> None:
    _, state = select_new([], None, 100, BAND)
    late = [FileSeen("a", 1, 91), FileSeen("b", 1, 90)]
    assert [file.path for file in select_new(late, state, 120, BAND)[0]] == ["a"]


# ── in the database ──────────────────────────────────────────────────────────────────────────────────────────────────


def source(context: str = "src", high: int | None = 100, base: int | None = 0) -> RunSource:
    return RunSource(context, "travel.flights", 3, 4, None if high is None else SourceState(high, ("m",)), base)


@pytest.fixture
def etl(writing: Opened) -> None:
    with writing() as connection:
        jobs.create_job(connection, Job("etl", "/etl.py"), NOON)


def started(connection: Connection, *sources: RunSource) -> str:
    run = runs.enqueue(connection, JOB, "etl", "{}", NOON)
    for each in sources:
        bookmarks.record_source(connection, run.id, each)
    return run.id


def test_what_a_run_reads_is_on_record_the_last_reading_of_each_context(connection: Connection) -> None:
    run = started(connection, source("b"), source("a", None), source("b", 200, 3))
    assert bookmarks.list_sources(connection, run) == [source("a", None), source("b", 200, 3)]


@pytest.mark.usefixtures("etl")
def test_a_commit_moves_the_contexts_that_the_run_read_and_keeps_the_others(connection: Connection) -> None:
    first = bookmarks.commit(connection, "etl", started(connection, source("a"), source("b")), NOON)
    assert first is not None
    second_run = started(connection, source("b", 200, 1), source("untracked", None, None))
    second = bookmarks.commit(connection, "etl", second_run, NOON)
    assert second is not None
    assert (first.version, second.version, second.run_id) == (1, 2, second_run)
    assert {context: state.high_ms for context, state in second.sources.items()} == {"a": 100, "b": 200}
    assert bookmarks.get_bookmark(connection, "etl") == second


@pytest.mark.usefixtures("etl")
def test_a_run_that_read_nothing_that_is_tracked_moves_no_bookmark(connection: Connection) -> None:
    assert bookmarks.commit(connection, "etl", started(connection), NOON) is None
    assert bookmarks.commit(connection, "etl", started(connection, source(high=None)), NOON) is None
    assert bookmarks.find_bookmark(connection, "etl") is None
    with pytest.raises(NotFound, match="Bookmark of job etl not found"):
        bookmarks.get_bookmark(connection, "etl")


@pytest.mark.usefixtures("etl")
def test_a_run_that_selected_its_files_by_an_older_bookmark_does_not_commit(connection: Connection) -> None:
    one, other = started(connection, source()), started(connection, source(high=150))
    bookmarks.commit(connection, "etl", one, NOON)
    with pytest.raises(BookmarkConflict, match="bookmark of job etl was moved by another run"):
        bookmarks.commit(connection, "etl", other, NOON)
    assert bookmarks.get_bookmark(connection, "etl").run_id == one


@pytest.mark.usefixtures("etl")
def test_of_runs_that_commit_at_once_one_does(writing: Opened) -> None:
    with writing() as connection:
        ready = [started(connection, source(high=number)) for number in range(8)]

    def commit(run: str) -> bool:
        try:
            with writing() as connection:
                bookmarks.commit(connection, "etl", run, NOON)
        except BookmarkConflict:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(commit, ready)) == 1


@pytest.mark.usefixtures("etl")
def test_a_reset_forgets_everything_but_keeps_counting(connection: Connection) -> None:
    assert bookmarks.reset(connection, "etl", NOON) is None
    bookmarks.commit(connection, "etl", started(connection, source()), NOON)
    under_way = started(connection, source(base=1))
    forgotten = bookmarks.reset(connection, "etl", NOON)
    assert forgotten is not None
    assert (forgotten.version, forgotten.sources, forgotten.run_id) == (2, {}, None)
    assert bookmarks.reset(connection, "etl", NOON) is None
    with pytest.raises(BookmarkConflict):
        bookmarks.commit(connection, "etl", under_way, NOON)


@pytest.mark.usefixtures("etl")
def test_a_deleted_job_takes_its_bookmark_with_it(connection: Connection) -> None:
    bookmarks.commit(connection, "etl", started(connection, source()), NOON)
    for run in runs.unfinished(connection):
        runs.request_stop(connection, run.id, NOON)
    jobs.delete_job(connection, "etl")
    jobs.create_job(connection, Job("etl", "/etl.py"), NOON)
    assert bookmarks.find_bookmark(connection, "etl") is None
