"""Laws of the state machine of runs."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.states import ACTIVE, FINAL, MOVES, UNFINISHED, RunState, path

W, S, R, P = RunState.WAITING, RunState.STARTING, RunState.RUNNING, RunState.STOPPING
STATES = st.sampled_from(RunState)


def test_the_moves_are_those_of_the_house() -> None:
    table = {
        "WAITING": "STARTING STOPPED EXPIRED ERROR",
        "STARTING": "RUNNING STOPPING FAILED TIMEOUT ERROR",
        "RUNNING": "SUCCEEDED FAILED TIMEOUT STOPPING",
        "STOPPING": "STOPPED SUCCEEDED FAILED TIMEOUT",
    }
    assert {state.value: {*map(str, moves)} for state, moves in MOVES.items() if moves} == {
        state: {*moves.split()} for state, moves in table.items()
    }


def test_every_state_is_either_final_or_has_a_move() -> None:
    assert set(MOVES) == set(RunState)
    assert set(RunState) == FINAL | UNFINISHED
    assert {state for state in RunState if not MOVES[state]} == FINAL
    assert UNFINISHED - {W} == ACTIVE


@given(STATES, STATES)
def test_a_path_takes_legal_moves_only_and_ends_where_it_should(start: RunState, end: RunState) -> None:
    at = start
    for state in path(start, end):
        assert state in MOVES[at]
        at = state
    assert at is end or path(start, end) == ()


@given(STATES, STATES)
def test_no_path_leaves_a_final_state_and_none_comes_back(start: RunState, end: RunState) -> None:
    if start in FINAL or start is end:
        assert path(start, end) == ()


@given(STATES, STATES, st.data())
def test_no_walk_is_shorter_than_the_path(start: RunState, end: RunState, data: st.DataObject) -> None:
    walk: list[RunState] = [start]
    while MOVES[walk[-1]]:
        walk.append(data.draw(st.sampled_from(sorted(MOVES[walk[-1]]))))
    if end in walk[1:]:
        assert 1 <= len(path(start, end)) <= walk.index(end, 1)


def test_every_walk_ends() -> None:
    assert all(any(path(state, end) for end in FINAL) for state in UNFINISHED)
    assert not any(path(one, other) and path(other, one) for one, other in product(RunState, RunState))


@pytest.mark.parametrize(
    ("start", "end", "way"),
    [
        (W, RunState.SUCCEEDED, (S, R, RunState.SUCCEEDED)),
        (S, RunState.SUCCEEDED, (R, RunState.SUCCEEDED)),
        (S, RunState.STOPPED, (P, RunState.STOPPED)),
        (R, RunState.STOPPED, (P, RunState.STOPPED)),
        (R, RunState.FAILED, (RunState.FAILED,)),
        (R, RunState.EXPIRED, ()),
        (P, RunState.ERROR, ()),
    ],
)
def test_the_path_of_a_run_that_ended_early_shows_each_step(
    start: RunState, end: RunState, way: tuple[RunState, ...]
) -> None:
    assert path(start, end) == way
