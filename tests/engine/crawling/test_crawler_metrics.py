"""What is told of a crawler's crawls: figures, conditions on the list, and how far one is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine as SqlEngine

from crawlers.crawl import Progress
from crawlers.model import Crawler, Target
from engine.crawling.crawler_metrics import CrawlerMetrics, metrics_of
from engine.crawling.crawls import Noting
from engine.engine import Engine
from engine.ledger.run_filters import Comparison, RunField, RunFilter
from engine.model import CRAWL, Outcome, Run
from engine.running.progress import RUNNING, RunProgress
from engine.states import RunState

START = datetime(2026, 1, 1, tzinfo=UTC)
NONE: Mapping[str, float] = {}
FIGURES = {"tables_added": 2.0, "tables_updated": 1.0, "tables_deleted": 3.0}


def run(seconds: float | None, state: RunState = RunState.SUCCEEDED, figures: Mapping[str, float] = NONE) -> Run:
    ended = None if seconds is None else START + timedelta(seconds=seconds)
    return Run("cr", CRAWL, "c", "", state, 0, START, started_at=START, finished_at=ended, figures=dict(figures))


def test_figures_are_of_the_last_crawl_that_ended_well_and_times_of_all() -> None:
    runs = [run(10, RunState.FAILED), run(4, figures=FIGURES), run(2, figures={"tables_added": 9})]
    assert metrics_of("c", runs, None) == CrawlerMetrics("c", None, False, 10, 4, 2, 1, 3)


def test_a_crawler_that_never_ran_has_no_times() -> None:
    assert metrics_of("c", [], None) == CrawlerMetrics("c", None, False, None, None, 0, 0, 0)


@pytest.mark.parametrize(
    ("progress", "left"),
    [
        (None, None),
        (RunProgress(RUNNING, 500, 0, "list", 500, 50.0), None),
        (RunProgress(RUNNING, 100, 300, "read", 300, 50.0), 4.0),
    ],
)
def test_the_time_left_is_told_once_the_number_of_files_is_known(
    progress: RunProgress | None, left: float | None
) -> None:
    found = metrics_of("c", [run(None, RunState.RUNNING), run(4)], progress)
    assert (found.time_left, found.still_estimating) == (left, left is None)


def test_a_note_tells_files_listed_and_read_and_their_rate() -> None:
    notes: list[RunProgress] = []
    clock = iter([-1.0, 0.0, 2.0, 3.0, 3.1, 5.0])
    noting = Noting(notes.append, lambda: next(clock))
    for stage, done, total in (
        ("list", 0, 0),
        ("list", 1_000, 0),
        ("read", 0, 800),
        ("read", 8, 800),
        ("read", 200, 800),
    ):
        noting(Progress(stage, done, total))
    assert [(note.stage, note.done, note.total, note.listed, note.rate) for note in notes] == [
        ("list", 0, 0, 0, 0.0),
        ("list", 1_000, 0, 1_000, 500.0),
        ("read", 0, 800, 1_000, 0.0),
        ("read", 200, 800, 1_000, 100.0),
    ]
    assert notes[-1].seconds_left == 6.0


def test_a_crawl_that_is_over_at_once_leaves_no_note() -> None:
    notes: list[RunProgress] = []
    noting = Noting(notes.append, lambda: 7.0)
    noting(Progress("list", 20_000, 0))
    assert notes == []


def test_crawls_are_listed_by_conditions(store: SqlEngine) -> None:
    now = [START]
    engine = Engine(store, lambda: now[0])
    engine.create_crawler(Crawler("c", "lake", (Target("/lake"),)))
    ids = []
    for hour, state in enumerate((RunState.SUCCEEDED, RunState.FAILED, RunState.SUCCEEDED)):
        now[0] = START + timedelta(hours=hour)
        ids.append(engine.start_crawler("c").id)
        assert engine.claim_run("w", run_id=ids[-1])
        now[0] += timedelta(minutes=hour + 1)
        engine.finish_run(ids[-1], "w", Outcome(state, figures=FIGURES))
    waiting = engine.start_crawler("c").id

    def listed(*filters: RunFilter) -> list[str]:
        return [each.id for each in engine.list_runs(CRAWL, "c", filters=filters).items]

    second = START + timedelta(hours=1)
    assert listed() == [waiting, *reversed(ids)]
    assert listed(RunFilter(RunField.ID, Comparison.EQ, ids[1])) == [ids[1]]
    assert listed(RunFilter(RunField.STATE, Comparison.EQ, RunState.FAILED)) == [ids[1]]
    assert listed(RunFilter(RunField.STATE, Comparison.NE, RunState.SUCCEEDED)) == [waiting, ids[1]]
    for comparison, expected in {
        Comparison.GT: ids[2:],
        Comparison.GE: ids[1:],
        Comparison.LT: ids[:1],
        Comparison.LE: ids[:2],
        Comparison.EQ: ids[1:2],
    }.items():
        assert listed(RunFilter(RunField.STARTED_AT, comparison, second)) == expected[::-1]
    late = RunFilter(RunField.FINISHED_AT, Comparison.GT, START + timedelta(minutes=30))
    well = RunFilter(RunField.STATE, Comparison.EQ, RunState.SUCCEEDED)
    assert listed(late, well) == [ids[2]]
    found = engine.batch_get_crawler_metrics(["c", "d"])
    assert (found["c"].last_runtime, found["c"].median_runtime, found["c"].still_estimating) == (180, 120, True)
    assert (found["c"].tables_created, found["d"].tables_created) == (2, 0)
