"""Claims: which waiting run may begin, whoever else looks at the same time."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine as SqlEngine

from engine.engine import Engine
from engine.jobs.sizing import host_of
from engine.ledger import claims
from engine.model import CRAWL, JOB, Job, Outcome, Overrides, Run
from engine.running.processes import identity
from engine.states import ACTIVE, RunState
from tests.conftest import Clock

HOST = host_of(cores=2, memory_mb=10_000, runs=8, master="local[*]", driver_memory="2g")
ME = identity(os.getpid()) or ""
DONE = Outcome(RunState.SUCCEEDED)


@pytest.fixture
def engine(store: SqlEngine, clock: Clock) -> Engine:
    engine = Engine(store, clock, host=HOST)
    engine.create_job(Job("queued", "/q.py", queueing=True, max_concurrent_runs=2))
    engine.create_job(Job("big", "/b.py", worker_type="G.1X", number_of_workers=10, max_concurrent_runs=9))
    engine.create_job(Job("small", "/s.py", command="pythonshell", max_concurrent_runs=99))
    return engine


def start(engine: Engine, clock: Clock, *jobs: str) -> list[Run]:
    """Runs put in one second after another."""
    put_in = []
    for job in jobs:
        clock.advance(seconds=1)
        put_in.append(engine.start_job_run(job))
    return put_in


def claim(engine: Engine) -> str | None:
    run = engine.claim_run(ME, (JOB,))
    return run.id if run else None


def claim_named(engine: Engine, run: Run) -> Run | None:
    return engine.claim_run(ME, run_id=run.id)


def test_a_run_past_its_jobs_maximum_waits_and_younger_ones_of_other_jobs_pass(engine: Engine, clock: Clock) -> None:
    one, two, three, other = start(engine, clock, "queued", "queued", "queued", "small")
    assert [claim(engine) for _ in range(4)] == [one.id, two.id, other.id, None]
    assert claim_named(engine, three) is None
    engine.finish_run(one.id, ME, DONE)
    assert claim(engine) == three.id


def test_a_maximum_that_is_raised_lets_waiting_runs_begin(engine: Engine, clock: Clock) -> None:
    runs = start(engine, clock, *["queued"] * 4)
    assert len(engine.claim_runs(ME, (JOB,), 9)) == 2
    engine.update_job(replace(engine.get_job("queued"), max_concurrent_runs=3))
    assert [run.id for run in engine.claim_runs(ME, (JOB,), 9)] == [runs[2].id]


def test_a_run_may_ask_to_wait_though_its_jobs_runs_are_refused(engine: Engine, clock: Clock) -> None:
    engine.create_job(Job("single", "/1.py"))
    [first] = start(engine, clock, "single")
    clock.advance(seconds=1)
    second = engine.start_job_run("single", overrides=Overrides(queueing=True))
    assert [claim(engine), claim(engine)] == [first.id, None]
    engine.finish_run(first.id, ME, DONE)
    assert claim(engine) == second.id


def test_runs_wait_for_memory_and_smaller_ones_pass(engine: Engine, clock: Clock) -> None:
    one, two, small = start(engine, clock, "small", "big", "small")
    taken = engine.claim_runs(ME, (JOB,), 9)
    assert [run.id for run in taken] == [one.id, small.id]
    assert [run.memory_mb for run in taken] == [1_024, 1_024]
    for run in taken:
        engine.finish_run(run.id, ME, DONE)
    [big] = engine.claim_runs(ME, (JOB,), 9)
    assert (big.id, big.memory_mb) == (two.id, 10_000)
    assert (big.figures["asked_memory_mb"], big.figures["memory_mb"]) == (102_400, 10_000)
    assert (big.figures["asked_cores"], big.figures["cores"]) == (36, 2)


def test_who_has_waited_long_for_memory_is_passed_by_nobody(engine: Engine, clock: Clock) -> None:
    first, big, small = start(engine, clock, "small", "big", "small")
    assert claim(engine) == first.id
    clock.at += claims.PATIENCE + timedelta(minutes=1)
    assert claim(engine) is None
    engine.finish_run(first.id, ME, DONE)
    assert claim(engine) == big.id
    assert claim(engine) is None
    engine.finish_run(big.id, ME, DONE)
    assert claim(engine) == small.id


def test_memory_of_another_machine_is_not_counted_here(engine: Engine, clock: Clock) -> None:
    far, near = start(engine, clock, "big", "big")
    elsewhere = "4711:12:another-machine"
    assert engine.claim_run(elsewhere, run_id=far.id) is not None
    assert claim_named(engine, near) is not None


def test_a_crawl_needs_no_place_among_jobs(engine: Engine, clock: Clock) -> None:
    start(engine, clock, "big", "big")
    assert claim(engine) is not None
    assert engine.claim_runs(ME, (CRAWL,), 2) == []


def test_runs_without_a_budget_are_given_no_size(store: SqlEngine, engine: Engine, clock: Clock) -> None:
    start(engine, clock, "big")
    [run] = Engine(store, clock).claim_runs(ME, (JOB,), 1)
    assert (run.memory_mb, run.figures) == (None, {})


def test_eight_threads_keep_to_the_maximum_and_the_memory_and_take_each_run_once(engine: Engine, clock: Clock) -> None:
    put_in = start(engine, clock, *["queued", "small"] * 10)

    def work(_: int) -> list[tuple[str, int, int]]:
        seen = []
        while any(run.state is RunState.WAITING for run in engine.unfinished_runs(JOB)):
            run = engine.claim_run(ME, (JOB,))
            if run is None:
                continue
            active = [each for each in engine.unfinished_runs(JOB) if each.state in ACTIVE]
            busy = sum(each.subject == "queued" for each in active)
            seen.append((run.id, busy, sum(each.memory_mb or 0 for each in active)))
            engine.finish_run(run.id, ME, DONE)
        return seen

    with ThreadPoolExecutor(8) as pool:
        seen = [each for found in pool.map(work, range(8)) for each in found]
    assert sorted(run_id for run_id, _, _ in seen) == sorted(run.id for run in put_in)
    assert max(busy for _, busy, _ in seen) <= 2
    assert max(used for _, _, used in seen) <= HOST.memory_mb


WORKER = """
import os, sys
from catalog.db import connect
from engine.engine import Engine
from engine.model import JOB
from engine.running.processes import identity
from engine.jobs.sizing import host_of

host = host_of(cores=2, memory_mb=10_000, runs=8, master="local[*]", driver_memory="2g")
engine = Engine(connect(sys.argv[1]), host=host)
input()
print(*[run.id for _ in range(12) if (run := engine.claim_run(identity(os.getpid()), (JOB,)))])
"""


def test_two_processes_on_one_database_keep_to_the_maximum_and_the_memory(
    engine: Engine, clock: Clock, database_url: str
) -> None:
    start(engine, clock, *["queued", "small"] * 12)
    command = [sys.executable, "-c", WORKER, database_url]
    workers = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("\n")
        worker.stdin.flush()
    taken = [run_id for worker in workers for run_id in worker.communicate(timeout=60)[0].split()]
    active = [run for run in engine.unfinished_runs(JOB) if run.state in ACTIVE]
    assert sorted(taken) == sorted(run.id for run in active)
    assert len(set(taken)) == len(taken)
    assert sum(run.subject == "queued" for run in active) == 2
    assert sum(run.memory_mb or 0 for run in active) <= HOST.memory_mb
    assert sum(run.subject == "small" for run in active) == (HOST.memory_mb - 2 * 2_048) // 1_024
