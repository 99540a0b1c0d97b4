"""Which files a run reads: every version of a file exactly once, whatever happens between the runs."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from engine.model import FileState
from engine.reads.selection import Bounds, FileSeen, Reason, bounded, covers, select_files, select_range

PLACE, OTHER = "s3://lake/in", "s3://lake/more"
BAND = 10
WIDE = Bounds(band_ms=BAND)
NOTHING: dict[str, list[FileSeen]] = {PLACE: []}


def file(name: str, modified: int, size: int = 1, etag: str = "") -> FileSeen:
    return FileSeen(f"{PLACE}/{name}", size, modified, etag)


def selected(state: FileState | None, at: int, *files: FileSeen, bounds: Bounds = WIDE) -> tuple[list[str], FileState]:
    """The names read and the state after them."""
    found = select_files({PLACE: files}, state, at, bounds)
    return [each.path.rpartition("/")[2] for each in found.files], found.state


def reasons(state: FileState | None, at: int, *files: FileSeen, bounds: Bounds = WIDE) -> list[Reason]:
    return [reason for _, reason in select_files({PLACE: files}, state, at, bounds).judged]


def test_what_was_read_is_not_new_and_what_came_since_is() -> None:
    names, state = selected(None, 100, file("old", 5), file("young", 95))
    assert names == ["old", "young"]
    assert selected(state, 100, file("old", 5), file("young", 95))[0] == []
    assert reasons(state, 110, file("old", 5), file("young", 95), file("late", 93), file("new", 105)) == [
        Reason.READ_BEFORE,
        Reason.READ_BEFORE,
        Reason.LATE,
        Reason.NEW,
    ]


@pytest.mark.parametrize(
    "again", [file("a", 106, etag="x"), file("a", 100, 2, "x"), file("a", 100, 1, "y")], ids=["time", "size", "etag"]
)
def test_an_overwritten_file_is_a_new_one(again: FileSeen) -> None:
    _, state = selected(None, 105, file("a", 100, etag="x"))
    assert reasons(state, 110, again) == [Reason.OVERWRITTEN]


def test_a_file_whose_old_content_comes_back_is_not_read_again() -> None:
    first, second = file("a", 100, etag="x"), file("a", 103, etag="y")
    _, state = selected(None, 104, first)
    names, state = selected(state, 106, second)
    assert names == ["a"]
    names, state = selected(state, 107)  # deleted
    assert selected(state, 108, first)[0] == []
    assert selected(state, 108, second)[0] == []


def test_a_file_younger_than_the_listing_waits_for_the_next() -> None:
    assert reasons(None, 105, file("a", 106)) == [Reason.TOO_YOUNG]
    _, state = selected(None, 105, file("a", 106))
    assert selected(state, 106, file("a", 106))[0] == ["a"]


def test_a_clock_that_was_set_back_brings_no_file_back_and_loses_none() -> None:
    _, state = selected(None, 105, file("a", 100))
    for at in (96, 20, 106):
        names, state = selected(state, at, file("a", 100), file("b", 102))
        assert names == (["b"] if at == 96 else [])
        assert state.high_ms >= 105


def test_a_file_that_comes_later_than_the_band_is_taken_for_read() -> None:
    _, state = selected(None, 100)
    assert selected(state, 120, file("in", 91), file("out", 90))[0] == ["in"]


@pytest.mark.parametrize("band", [2, 40])
def test_a_band_of_another_length_neither_repeats_nor_loses(band: int) -> None:
    files = [file("a", 70), file("b", 92), file("c", 99)]
    _, state = selected(None, 100, *files)
    names, state = selected(state, 101, *files, file("late", 95), bounds=Bounds(band_ms=band))
    assert names == ["late"]
    assert selected(state, 102, *files, file("late", 95), bounds=Bounds(band_ms=40))[0] == []


@pytest.mark.parametrize(
    ("bounds", "runs"),
    [
        (Bounds(files=2, band_ms=BAND), [["a", "b"], ["c", "d"], ["e"]]),
        (Bounds(size=5, band_ms=BAND), [["a", "b"], ["c"], ["d", "e"]]),
        (Bounds(band_ms=BAND, band_files=1), [["a", "b", "c", "d"], ["e"]]),
    ],
)
def test_bounds_take_the_oldest_first_and_leave_the_rest_for_the_next_run(
    bounds: Bounds, runs: list[list[str]]
) -> None:
    files = [file("e", 96), file("d", 95, 3), file("c", 7, 9), file("b", 7, 3), file("a", 5, 2)]
    state, at = None, 100
    for expected in runs:
        names, state = selected(state, at, *files, bounds=bounds)
        assert sorted(names) == expected
        at += 20
    assert selected(state, at, *files, bounds=bounds)[0] == []


def test_what_a_bound_leaves_is_told_with_its_reason_and_is_new_the_next_time() -> None:
    files = [file("a", 5), file("b", 6)]
    bound = Bounds(files=1, band_ms=BAND)
    assert reasons(None, 100, *files, bounds=bound) == [Reason.NEW, Reason.BEYOND_BOUND]
    _, state = selected(None, 100, *files, bounds=bound)
    assert state.high_ms == 5
    assert reasons(state, 101, *files, bounds=bound) == [Reason.READ_BEFORE, Reason.NEW]
    full = Bounds(band_ms=BAND, band_files=0)
    assert reasons(None, 100, file("a", 5), file("b", 99), bounds=full) == [Reason.NEW, Reason.BAND_FULL]


def test_a_place_that_the_state_does_not_know_is_read_from_its_beginning() -> None:
    _, state = selected(None, 100, file("a", 5))
    there = FileSeen(f"{OTHER}/x", 1, 3)
    both = select_files({PLACE: [file("a", 5)], OTHER: [there]}, state, 110, WIDE)
    assert both.files == [there]
    alone = select_files({OTHER: [there]}, both.state, 120, WIDE)
    assert alone.files == []
    assert select_files({PLACE: [file("a", 5)]}, alone.state, 130, WIDE).files == [file("a", 5)]


def test_a_state_of_the_first_release_knows_no_places_and_its_own_marks() -> None:
    read = file("a", 95, etag="e")
    state = FileState(100, {"": 90}, {read.old_mark: 100})
    assert selected(state, 105, read, file("old", 90), file("late", 96))[0] == ["late"]
    _, following = selected(state, 105, read, file("old", 90), file("late", 96))
    assert selected(following, 106, read, file("late", 96))[0] == []


def test_a_range_of_states_is_what_was_read_between_them() -> None:
    files = [file("a", 5), file("b", 99), file("late", 97), file("c", 120)]
    _, first = selected(None, 100, *files[:2])
    _, second = selected(first, 105, *files[:3])
    _, third = selected(second, 130, *files)
    for after, upto, expected in [
        (first, second, ["late"]),
        (first, third, ["late", "c"]),
        (None, first, ["a", "b"]),
        (second, second, []),
    ]:
        judged = select_range({PLACE: files}, after, upto)
        assert [each.path.rpartition("/")[2] for each, why in judged if why.selected] == expected


def test_a_read_without_bookmark_takes_the_oldest_up_to_its_bounds() -> None:
    files = [file("b", 7, 3), file("a", 5, 4), file("c", 9, 9)]
    assert bounded(files, Bounds(files=2)) == {f"{PLACE}/a", f"{PLACE}/b"}
    assert bounded(files, Bounds(size=7)) == {f"{PLACE}/a", f"{PLACE}/b"}
    assert bounded(files, Bounds(size=1)) == {f"{PLACE}/a"}


class Days(RuleBasedStateMachine):
    """A store whose files come, change and go, listed late and by a clock that is off; and the runs of a job on it.

    The model is a count of how often each version of a file was read by a run that succeeded.
    """

    def __init__(self) -> None:
        super().__init__()
        self.now = 1_000
        self.versions: dict[str, FileSeen] = {}
        self.hidden: list[tuple[int, FileSeen]] = []
        self.state: FileState | None = None
        self.read: Counter[str] = Counter()
        self.places: tuple[str, ...] = (PLACE,)

    @initialize(two=st.booleans())
    def lay_out(self, two: bool) -> None:
        self.places = (PLACE, OTHER) if two else (PLACE,)

    @rule(
        name=st.sampled_from("abcdef"), place=st.integers(0, 1), size=st.integers(0, 4), late=st.integers(0, BAND - 6)
    )
    def write(self, name: str, place: int, size: int, late: int) -> None:
        """A file is written, over an older one if there is one, and is listed up to a band later."""
        path = f"{self.places[place % len(self.places)]}/{name}"
        self.now += 1
        version = FileSeen(path, size, self.now, f"e{self.now}")
        self.hidden = [(at, each) for at, each in self.hidden if each.path != path]
        self.versions.pop(path, None) if late == 0 else None
        self.hidden.append((self.now + late, version))

    @rule(name=st.sampled_from("abcdef"))
    def delete(self, name: str) -> None:
        for place in self.places:
            self.versions.pop(f"{place}/{name}", None)
            self.hidden = [(at, each) for at, each in self.hidden if each.path != f"{place}/{name}"]

    @rule(time=st.integers(1, 3 * BAND))
    def wait(self, time: int) -> None:
        self.now += time

    @rule(
        skew=st.integers(-3, 0),
        files=st.none() | st.integers(1, 3),
        size=st.none() | st.integers(1, 6),
        band_files=st.none() | st.integers(1, 3),
        succeeds=st.booleans(),
    )
    def run_job(self, skew: int, files: int | None, size: int | None, band_files: int | None, succeeds: bool) -> None:
        bounds = Bounds(files, None if files else size, BAND, band_files)
        found = select_files(self.listing(), self.state, self.now + skew, bounds)
        if succeeds:
            self.read.update(each.mark for each in found.files)
            self.state = found.state

    def listing(self) -> dict[str, list[FileSeen]]:
        for at, version in [each for each in self.hidden if each[0] <= self.now]:
            self.hidden.remove((at, version))
            self.versions[version.path] = version
        ordered = sorted(self.versions.values(), key=lambda each: each.path)
        return {place: [each for each in ordered if each.path.startswith(f"{place}/")] for place in self.places}

    @invariant()
    def nothing_is_read_twice(self) -> None:
        assert set(self.read.values()) <= {1}

    @invariant()
    def only_what_is_in_the_band_or_left_is_remembered(self) -> None:
        if self.state is not None:
            assert all(at > min(self.state.settled.values()) for at in self.state.seen.values())

    def teardown(self) -> None:
        """In the end all that still lies there has been read."""
        for _ in range(40):
            self.now += BAND
            self.run_job(0, None, None, 3, True)
        assert {each.mark for files in self.listing().values() for each in files} <= set(self.read)
        self.nothing_is_read_twice()


Days.TestCase.settings = settings(max_examples=150, stateful_step_count=25, deadline=None)
test_each_version_is_read_once_over_days_of_late_overwritten_and_deleted_files = Days.TestCase


def test_a_state_covers_what_it_was_made_of() -> None:
    _, state = selected(None, 100, file("a", 5), file("b", 99))
    assert all(covers(state, PLACE, each) for each in (file("a", 5), file("b", 99)))
    assert not covers(state, PLACE, replace(file("b", 99), etag="new"))
    assert not covers(None, PLACE, file("a", 5))
