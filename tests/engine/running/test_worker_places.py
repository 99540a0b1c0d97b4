"""A worker's places: how many runs it carries at once, those it takes up, and those it repeats."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine as SqlEngine

from engine.engine import Engine
from engine.model import CRAWL, JOB, Job, Outcome, Run
from engine.running.worker import Worker
from engine.states import RunState
from tests.engine.running.working import (
    DONE,
    PATIENCE_SECONDS,
    Scripted,
    at_once,
    await_end,
    await_state,
    left_by,
    place,
    working,
)

pytestmark = pytest.mark.usefixtures("quiet_log")


@pytest.fixture
def engine(store: SqlEngine) -> Engine:
    engine = Engine(store)
    engine.create_job(Job("totals", "/jobs/totals.py", max_concurrent_runs=100))
    return engine


def test_a_worker_carries_as_many_runs_at_once_as_it_has_places_and_one_crawl(engine: Engine) -> None:
    gate = threading.Event()

    def act(run: Run, stopping: Callable[[], bool], begun: Callable[[], None]) -> Outcome:
        begun()
        assert gate.wait(PATIENCE_SECONDS)
        return DONE

    queued = [engine.start_job_run("totals") for _ in range(5)]
    crawls = [engine.start_crawl(place()) for _ in range(2)]
    jobs, crawling = Scripted(act), Scripted(act)
    worker = Worker(engine, {JOB: jobs, CRAWL: crawling}, places=3)
    worker.start()
    for run in (*queued[:3], crawls[0]):
        await_state(engine, run, RunState.RUNNING)
    assert [engine.get_run(run.id).state for run in (*queued[3:], crawls[1])] == [RunState.WAITING] * 3
    assert [each.runs for each in engine.list_workers()] == [3]
    gate.set()
    await_end(engine, *queued, *crawls)
    worker.stop()
    assert (jobs.most_at_once, crawling.most_at_once) == (3, 1)
    assert sorted(jobs.executed) == sorted(run.id for run in queued)
    assert engine.list_workers() == []


def test_all_runs_of_dead_processes_are_followed_at_once_however_few_the_places(engine: Engine, dead: str) -> None:
    left = [left_by(dead, engine) for _ in range(3)]
    together = threading.Barrier(3)

    class Following(Scripted):
        def resume(self, run: Run, stopping: Callable[[], bool], begun: Callable[[], None]) -> Outcome:
            together.wait(PATIENCE_SECONDS)
            return super().resume(run, stopping, begun)

    jobs = Following(at_once)
    with working(engine, job=jobs):
        await_end(engine, *left)
    assert sorted(jobs.resumed) == sorted(run.id for run in left)


def test_a_run_that_fails_is_repeated_by_the_worker_until_it_succeeds(engine: Engine) -> None:
    engine.create_job(Job("flaky", "/f.py", max_retries=3))

    def act(run: Run, stopping: Callable[[], bool], begun: Callable[[], None]) -> Outcome:
        return DONE if run.attempt == 2 else Outcome(RunState.FAILED, "broke")

    first = engine.start_job_run("flaky")
    with working(engine, job=Scripted(act)):
        [failed] = await_end(engine, first)
        while (following := engine.find_repeat(failed.id)) is not None:
            [failed] = await_end(engine, following)
    states = [run.state for run in engine.batch_list_attempts([first.id])[first.id]]
    assert states == [RunState.FAILED, RunState.FAILED, RunState.SUCCEEDED]


def test_working_off_a_run_waits_until_its_job_lets_it_begin(engine: Engine) -> None:
    engine.create_job(Job("single", "/s.py", queueing=True))
    first, second = engine.start_job_run("single"), engine.start_job_run("single")
    assert engine.claim_run("another", run_id=first.id)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(Worker(engine, {JOB: Scripted(at_once)}).work_off, second.id)
        engine.finish_run(first.id, "another", DONE)
        assert waiting.result(PATIENCE_SECONDS).state is RunState.SUCCEEDED
