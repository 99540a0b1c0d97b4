"""Repeats: a run that fails is put in again as often as its job says, and no other."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine as SqlEngine

from engine.engine import Engine
from engine.errors import LostRun
from engine.model import (
    BOOKMARK_ENABLE,
    BOOKMARK_OPTION,
    JOB,
    FileState,
    Job,
    Outcome,
    Overrides,
    Run,
    RunSource,
)
from engine.states import RunState
from tests.conftest import Clock

FAILED = Outcome(RunState.FAILED, "broke")
DONE = Outcome(RunState.SUCCEEDED)


@pytest.fixture
def engine(store: SqlEngine, clock: Clock) -> Engine:
    engine = Engine(store, clock)
    engine.create_job(Job("etl", "/e.py", {BOOKMARK_OPTION: BOOKMARK_ENABLE}, max_retries=2))
    engine.create_job(Job("once", "/o.py"))
    return engine


def carry(engine: Engine, run: Run, outcome: Outcome) -> Run:
    assert engine.claim_run("w", run_id=run.id)
    return engine.finish_run(run.id, "w", outcome)


def repeat_of(engine: Engine, run: Run) -> Run:
    found = engine.find_repeat(run.id)
    assert found is not None
    return found


def test_a_run_that_fails_is_repeated_with_the_same_arguments_until_its_retries_are_used(engine: Engine) -> None:
    first = engine.start_job_run("etl", {"--day": "1"}, Overrides(timeout_minutes=7))
    carry(engine, first, FAILED)
    second = repeat_of(engine, first)
    assert (second.state, second.attempt, second.previous_run_id) == (RunState.WAITING, 1, first.id)
    assert (second.subject, second.spec) == ("etl", first.spec)
    carry(engine, second, FAILED)
    third = repeat_of(engine, second)
    assert third.attempt == 2
    carry(engine, third, FAILED)
    assert engine.find_repeat(third.id) is None
    chain = [first.id, second.id, third.id]
    attempts = engine.batch_list_attempts([third.id, second.id, "jr_ghost"])
    assert {run_id: [run.id for run in found] for run_id, found in attempts.items()} == {
        third.id: chain,
        second.id: chain,
    }


def test_a_run_whose_repeat_succeeds_has_one_success_and_no_more_repeats(engine: Engine) -> None:
    first = engine.start_job_run("etl")
    carry(engine, first, FAILED)
    second = repeat_of(engine, first)
    carry(engine, second, DONE)
    assert engine.find_repeat(second.id) is None
    assert engine.unfinished_runs(JOB) == []


@pytest.mark.parametrize("state", [RunState.SUCCEEDED, RunState.TIMEOUT, RunState.STOPPED])
def test_what_did_not_fail_is_not_repeated(engine: Engine, state: RunState) -> None:
    run = engine.start_job_run("etl")
    carry(engine, run, Outcome(state))
    assert engine.find_repeat(run.id) is None


def test_a_run_that_was_to_stop_and_failed_is_not_repeated(engine: Engine) -> None:
    run = engine.start_job_run("etl")
    assert engine.claim_run("w", run_id=run.id)
    engine.stop_run(run.id)
    engine.finish_run(run.id, "w", FAILED)
    assert engine.find_repeat(run.id) is None


def test_a_job_without_retries_has_none(engine: Engine) -> None:
    run = engine.start_job_run("once")
    carry(engine, run, FAILED)
    assert engine.find_repeat(run.id) is None
    assert engine.batch_list_attempts([run.id])[run.id] == [engine.get_run(run.id)]


def test_who_has_lost_the_run_makes_no_repeat(engine: Engine) -> None:
    run = engine.start_job_run("etl")
    claimed = engine.claim_run("w", run_id=run.id)
    assert claimed is not None
    assert engine.adopt_run(claimed, "another")
    with pytest.raises(LostRun):
        engine.finish_run(run.id, "w", FAILED)
    assert engine.find_repeat(run.id) is None


def test_a_repeat_sees_the_bookmark_as_it_stands_and_not_what_the_failed_run_read(engine: Engine) -> None:
    first = engine.start_job_run("etl")
    assert engine.claim_run("w", run_id=first.id)
    engine.record_source(first.id, RunSource("ctx", "web.visits", 1, 0, FileState(5, {"/v": 5}), base_version=0))
    engine.commit_job(first.id)
    engine.finish_run(first.id, "w", FAILED)
    assert engine.find_bookmark("etl") is None
    second = repeat_of(engine, first)
    standing = engine.standing(second, "ctx")
    assert (standing.before, standing.pending, standing.version) == (None, None, 0)
    assert engine.list_sources(second.id) == []
