"""The bar of a run's progress, and the sums of what its stages have measured."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from isinglass_watching import Bar, sums

A, C, P, S, F = "ACTIVE", "COMPLETE", "PENDING", "SKIPPED", "FAILED"


@pytest.mark.parametrize(
    ("stages", "told"),
    [
        ([], (0, 0)),
        ([(0, A, 1, 4)], (1, 4)),
        ([(0, C, 4, 4), (1, A, 1, 2), (2, P, 0, 10)], (5, 16)),
        ([(0, P, 0, 100), (1, S, 0, 50), (2, A, 1, 4)], (1, 4)),
        ([(0, P, 0, 3), (1, P, 0, 5)], (0, 8)),
        ([(3, F, 2, 4), (4, A, 0, 4)], (2, 8)),
    ],
    ids=["none", "one", "to come", "not needed", "about to begin", "again"],
)
def test_the_bar_counts_what_is_done_and_what_is_to_come(
    stages: list[tuple[int, str, int, int]], told: tuple[int, int]
) -> None:
    assert Bar().at({1}, stages) == told


STAGES = st.lists(
    st.tuples(st.integers(0, 5), st.sampled_from([A, C, P, S, F]), st.integers(0, 9), st.just(9)),
    unique_by=lambda each: each[0],
)


@given(looks=st.lists(st.tuples(st.sampled_from([frozenset({1}), frozenset({2}), frozenset({1, 2})]), STAGES)))
def test_the_bar_does_not_run_backwards_while_the_same_jobs_go_on(
    looks: list[tuple[frozenset[int], list[tuple[int, str, int, int]]]],
) -> None:
    bar, before, was = Bar(), 0.0, frozenset[int]()
    for jobs, stages in looks:
        done, total = bar.at(set(jobs), stages)
        assert 0 <= done <= total or total == 0
        fraction = done / total if total else 0.0
        if jobs == was:
            assert fraction >= before
        before, was = fraction, jobs


def test_figures_are_summed_by_name() -> None:
    assert sums({"rows_read": 1, "tasks": 2}, {"tasks": 3, "rows_written": 4}) == {
        "rows_read": 1,
        "tasks": 5,
        "rows_written": 4,
    }
