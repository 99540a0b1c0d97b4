"""The worker over a real ledger: each run is taken once, and whatever happens to one, the next is taken."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine as SqlEngine

from catalog.db import writing
from catalog.errors import NotFound, StoreUnavailable
from crawlers.model import Crawler, Target
from engine.engine import Engine
from engine.ledger import claims, runs
from engine.model import BOOKMARK_ENABLE, BOOKMARK_OPTION, CRAWL, JOB, FileState, Job, Outcome, Run, RunKind, RunSource
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
    until_stopped,
    working,
)

pytestmark = pytest.mark.usefixtures("quiet_log")


@pytest.fixture
def engine(store: SqlEngine) -> Engine:
    engine = Engine(store)
    engine.create_job(Job("totals", "/jobs/totals.py", max_concurrent_runs=100))
    return engine


def test_runs_of_each_kind_are_taken_once_and_one_at_a_time_though_two_workers_look(engine: Engine) -> None:
    def slowly(run: Run, stopping: Callable[[], bool], begun: Callable[[], None]) -> Outcome:
        begun()
        time.sleep(0.02)  # long enough for another to come in between, if it could
        return DONE

    queued = [engine.start_job_run("totals") for _ in range(6)]
    crawls = [engine.start_crawl(place()) for _ in range(3)]
    jobs, other_jobs, crawling = Scripted(slowly), Scripted(slowly), Scripted(at_once)
    with working(engine, job=jobs, crawl=crawling), working(engine, job=other_jobs):
        ended = await_end(engine, *queued, *crawls)
    assert {run.state for run in ended} == {RunState.SUCCEEDED}
    assert {tuple(run.figures.items()) for run in ended} == {(("tasks", 2.0),)}
    assert sorted(jobs.executed + other_jobs.executed) == sorted(run.id for run in queued)
    assert crawling.executed == [run.id for run in crawls], "the oldest first"
    assert max(jobs.most_at_once, other_jobs.most_at_once) == crawling.most_at_once == 1
    assert jobs.resumed == []
    moves = [event.new_state for event in engine.list_events(queued[0].id)]
    assert moves == [RunState.WAITING, RunState.STARTING, RunState.RUNNING, RunState.SUCCEEDED]


@pytest.mark.parametrize(
    ("failure", "detail"),
    [
        (NotFound(kind="Database", name="web"), "Database web not found."),
        (ZeroDivisionError("division by zero"), "a fault of Isinglass: ZeroDivisionError: division by zero"),
    ],
)
def test_a_failure_ends_its_run_and_not_the_worker(engine: Engine, failure: Exception, detail: str) -> None:
    first, second = engine.start_job_run("totals"), engine.start_job_run("totals")

    def act(run: Run, stopping: Callable[[], bool], begun: Callable[[], None]) -> Outcome:
        if run.id == first.id:
            raise failure
        return DONE

    with working(engine, job=Scripted(act)):
        failed, succeeded = await_end(engine, first, second)
    assert (failed.state, failed.detail) == (RunState.FAILED, detail)
    assert succeeded.state is RunState.SUCCEEDED


def test_a_stop_reaches_the_execution(engine: Engine) -> None:
    run = engine.start_job_run("totals")
    with working(engine, job=Scripted(until_stopped)):
        await_state(engine, run, RunState.RUNNING)
        engine.stop_run(run.id)
        [ended] = await_end(engine, run)
    assert (ended.state, ended.detail) == (RunState.STOPPED, "stopped on request")
    moves = [event.new_state for event in engine.list_events(run.id)]
    assert moves[-2:] == [RunState.STOPPING, RunState.STOPPED]


def test_a_worker_that_ends_leaves_its_run_as_it_is(engine: Engine) -> None:
    run = engine.start_job_run("totals")
    with working(engine, job=Scripted(until_stopped)) as worker:
        await_state(engine, run, RunState.RUNNING)
    assert not any(thread.is_alive() for thread in worker.threads)
    left = engine.get_run(run.id)
    assert (left.state, left.owner, left.finished_at) == (RunState.RUNNING, worker.owner, None)


def test_the_runs_of_dead_processes_are_taken_up_before_new_ones(engine: Engine, dead: str) -> None:
    lost, new = left_by(dead, engine), engine.start_job_run("totals")
    jobs = Scripted(at_once)
    with working(engine, job=jobs) as worker:
        ended, _ = await_end(engine, lost, new)
    assert (ended.state, ended.detail, ended.owner) == (RunState.FAILED, "found dead", worker.owner)
    assert (jobs.resumed, jobs.executed) == ([lost.id], [new.id])


def test_the_runs_of_a_process_that_dies_later_are_taken_up_too(
    engine: Engine, dead: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.running.worker.SWEEP_SECONDS", 0.05)
    jobs = Scripted(at_once)
    with working(engine, job=jobs):
        [first] = await_end(engine, engine.start_job_run("totals"))
        with writing(engine.engine) as connection:  # one transaction, so that the worker does not claim it first
            orphan = runs.enqueue(connection, JOB, "totals", first.spec, engine.now())
            claims.claim(connection, dead, engine.now(), run_id=orphan.id)
        [ended] = await_end(engine, orphan)
    assert (ended.detail, jobs.resumed, jobs.executed) == ("found dead", [orphan.id], [first.id])


def test_settling_records_the_end_of_what_has_died_and_leaves_what_lives(engine: Engine, dead: str) -> None:
    me = Worker(engine, {}).owner
    ended, going_on, others = left_by(dead, engine), left_by(dead, engine), left_by(me, engine)
    waiting = engine.start_job_run("totals")
    jobs = Scripted(at_once)
    jobs.going_on = {going_on.id}
    Worker(engine, {JOB: jobs}).settle()
    states = {run.id: engine.get_run(run.id).state for run in (ended, going_on, others, waiting)}
    assert states == {
        ended.id: RunState.FAILED,
        going_on.id: RunState.STARTING,
        others.id: RunState.STARTING,
        waiting.id: RunState.WAITING,
    }
    assert engine.get_run(going_on.id).owner == dead


def test_working_off_a_run_waits_for_whoever_has_it(engine: Engine) -> None:
    jobs, other_jobs = Scripted(at_once), Scripted(until_stopped)
    mine, theirs = engine.start_job_run("totals"), engine.start_job_run("totals")
    assert Worker(engine, {JOB: jobs}).work_off(mine.id).state is RunState.SUCCEEDED
    with working(engine, job=other_jobs), ThreadPoolExecutor(1) as pool:
        await_state(engine, theirs, RunState.RUNNING)
        waiting = pool.submit(Worker(engine, {JOB: jobs}).work_off, theirs.id)
        engine.stop_run(theirs.id)
        assert waiting.result(PATIENCE_SECONDS).state is RunState.STOPPED
    assert jobs.executed == [mine.id]


class Away(Engine):
    """A ledger whose database is away for the first calls of some kinds."""

    def __init__(self, store: SqlEngine, **calls: int) -> None:
        super().__init__(store)
        self.calls = calls

    def stumble(self, call: str) -> None:
        self.calls[call] = self.calls.get(call, 0) - 1
        if self.calls[call] >= 0:
            raise StoreUnavailable(url="postgresql://…", why="the connection was refused.")

    def claim_runs(self, owner: str, kinds: Sequence[RunKind], most: int, run_id: str | None = None) -> list[Run]:
        self.stumble("claim")
        return super().claim_runs(owner, kinds, most, run_id)

    def begin_run(self, run_id: str, owner: str) -> None:
        self.stumble("begin")
        super().begin_run(run_id, owner)

    def beat(self, run_id: str, owner: str) -> bool:
        self.stumble("beat")
        return super().beat(run_id, owner)

    def finish_run(self, run_id: str, owner: str, outcome: Outcome) -> Run:
        self.stumble("finish")
        return super().finish_run(run_id, owner, outcome)


@pytest.mark.parametrize("call", ["claim", "begin", "beat", "finish"])
def test_a_database_that_is_away_for_a_while_ends_no_run(engine: Engine, call: str) -> None:
    def act(run: Run, stopping: Callable[[], bool], begun: Callable[[], None]) -> Outcome:
        begun()
        stopping()
        return DONE

    jobs = Scripted(act)
    run = engine.start_job_run("totals")
    with working(Away(engine.engine, **{call: 1}), job=jobs):
        [ended] = await_end(engine, run)
    assert (ended.state, ended.detail, jobs.executed) == (RunState.SUCCEEDED, None, [run.id])


def test_a_run_that_was_taken_away_is_not_finished_by_its_old_worker(engine: Engine) -> None:
    run = engine.start_job_run("totals")

    def act(run: Run, stopping: Callable[[], bool], begun: Callable[[], None]) -> Outcome:
        assert engine.adopt_run(engine.get_run(run.id), "another")
        return DONE

    jobs, next_run = Scripted(act), None
    with working(engine, job=jobs) as worker:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while engine.get_run(run.id).owner != "another":
            assert time.monotonic() < deadline
            time.sleep(0.01)
        jobs.act = at_once
        next_run = engine.start_job_run("totals")
        [ended] = await_end(engine, next_run)
        assert ended.owner == worker.owner
    assert engine.get_run(run.id).state is RunState.STARTING


@pytest.mark.parametrize(
    ("committed", "moved_meanwhile", "state", "version"),
    [
        (True, False, RunState.SUCCEEDED, 1),
        (False, False, RunState.SUCCEEDED, 0),
        (True, True, RunState.FAILED, 1),
    ],
)
def test_the_bookmark_moves_with_the_success_and_only_then(
    engine: Engine, committed: bool, moved_meanwhile: bool, state: RunState, version: int
) -> None:
    engine.create_job(Job("sums", "/jobs/sums.py", {BOOKMARK_OPTION: BOOKMARK_ENABLE}, max_concurrent_runs=2))

    def read(run: Run) -> None:
        engine.record_source(
            run.id, RunSource("visits", "web.visits", 1, 0, FileState(5, {"/visits": 5}), base_version=0)
        )
        if committed:
            engine.commit_job(run.id)

    def act(run: Run, stopping: Callable[[], bool], begun: Callable[[], None]) -> Outcome:
        read(run)
        if moved_meanwhile:
            other = engine.start_job_run("sums")
            assert engine.claim_run("another", run_id=other.id)
            read(other)
            engine.finish_run(other.id, "another", DONE)
        return DONE

    run = engine.start_job_run("sums")
    ended = Worker(engine, {JOB: Scripted(act)}).work_off(run.id)
    bookmark = engine.find_bookmark("sums")
    assert (ended.state, bookmark.version if bookmark else 0) == (state, version)
    if moved_meanwhile:
        assert "moved by run jr_" in (ended.detail or "")
    if not committed:
        assert "did not call Job.commit()" in (ended.detail or "")


def test_a_crawl_is_executed_and_its_report_kept(store: SqlEngine, tmp_path: Path) -> None:
    from catalog.catalog import Catalog
    from catalog.model import Database, Origin
    from engine.crawling.crawls import Crawls

    catalog, engine = Catalog(store, Origin("test")), Engine(store)
    catalog.create_database(Database("web"))
    (tmp_path / "lake" / "visits").mkdir(parents=True)
    (tmp_path / "lake" / "visits" / "one.csv").write_text("page,seconds\nhome,3\ncart,20\n")
    worker = Worker(engine, {CRAWL: Crawls(catalog, tmp_path / "runs")})
    run = worker.work_off(engine.start_crawl(Crawler("lake", "web", (Target(str(tmp_path / "lake")),))).id)
    assert (run.state, run.figures["tables_added"], run.figures["files_read"]) == (RunState.SUCCEEDED, 1, 1)
    assert [table.name for table in engine.get_report(run.id).tables] == ["visits"]
    made = catalog.list_versions("web", "visits").items[0]
    assert (made.origin.face, made.origin.run_id) == ("crawler", run.id)

    gone = worker.work_off(engine.start_crawl(Crawler("lake", "web", (Target(str(tmp_path / "no")),))).id)
    assert gone.state is RunState.FAILED
    assert f"Place {tmp_path}/no does not exist" in (gone.detail or "")
