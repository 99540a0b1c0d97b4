"""Workers on other machines, of which only their silence tells; and ends that no database wants to keep."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import Engine as SqlEngine

from engine.engine import Engine
from engine.jobs.sizing import host_of
from engine.ledger import workers
from engine.model import JOB, Job, Outcome, Run
from engine.running.worker import Worker
from engine.states import RunState
from tests.conftest import Clock
from tests.engine.running.working import DONE, Scripted, at_once, await_end, left_by, working

pytestmark = pytest.mark.usefixtures("quiet_log")
ELSEWHERE = "1:1:another-machine"


@pytest.fixture
def engine(store: SqlEngine, clock: Clock) -> Engine:
    engine = Engine(store, now=clock)
    engine.create_job(Job("totals", "/jobs/totals.py", max_concurrent_runs=100))
    return engine


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_that_is_changed_takes_no_run_from_a_worker_elsewhere(engine: Engine, clock: Clock, hours: int) -> None:
    run = left_by(ELSEWHERE, engine)
    worker = Worker(engine, {JOB: Scripted(at_once)})
    assert worker.adopt(JOB) == []
    clock.at += timedelta(hours=hours)
    assert worker.adopt(JOB) == []
    assert engine.get_run(run.id).owner == ELSEWHERE


def test_the_run_of_a_worker_elsewhere_that_falls_silent_is_taken_up(
    engine: Engine, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = left_by(ELSEWHERE, engine)
    worker = Worker(engine, {JOB: Scripted(at_once)})
    assert worker.adopt(JOB) == []
    monkeypatch.setattr(workers, "SILENCE", timedelta(0))
    clock.at += timedelta(seconds=1)
    engine.beat(run.id, ELSEWHERE)
    assert worker.adopt(JOB) == [], "it was heard of"
    engine.say_alive(ELSEWHERE, places=1)
    assert worker.adopt(JOB) == [], "it lives, though it says nothing of the run"
    assert [each.id for each in worker.adopt(JOB)] == [run.id]


def test_words_of_a_script_that_are_no_text_end_its_run_like_any_others(engine: Engine) -> None:
    def act(run: Run, stopping: Callable[[], bool], begun: Callable[[], None]) -> Outcome:
        return Outcome(RunState.FAILED, "ValueError: caf\udce9 \0 ends")

    run = engine.start_job_run("totals")
    with working(engine, job=Scripted(act)):
        [ended] = await_end(engine, run)
    assert (ended.state, ended.detail) == (RunState.FAILED, r"ValueError: caf\udce9 \x00 ends")


class Refusing(Engine):
    """A ledger that has a fault with every success."""

    def finish_run(self, run_id: str, owner: str, outcome: Outcome) -> Run:
        if outcome.state is RunState.SUCCEEDED:
            raise ZeroDivisionError("division by zero")
        return super().finish_run(run_id, owner, outcome)


def test_a_fault_while_an_end_is_recorded_leaves_no_run_without_one(engine: Engine) -> None:
    def act(run: Run, stopping: Callable[[], bool], begun: Callable[[], None]) -> Outcome:
        return DONE

    run = engine.start_job_run("totals")
    with working(Refusing(engine.engine, now=engine.now), job=Scripted(act)):
        [ended] = await_end(engine, run)
    assert (ended.state, ended.detail) == (
        RunState.FAILED,
        "a fault of Isinglass: ZeroDivisionError: division by zero",
    )


def test_a_clock_that_is_put_back_makes_no_run_cost_less_than_nothing(engine: Engine, clock: Clock) -> None:
    engine.host, engine.dpu_hour_price = host_of(2, 4_000, 2, "local[2]", "1g"), 0.44
    run = left_by("w1", engine)
    clock.at -= timedelta(hours=1)
    ended = engine.finish_run(run.id, "w1", Outcome(RunState.SUCCEEDED))
    assert (ended.figures["dpu_seconds"], ended.figures["cost"]) == (0, 0)
