"""How many runs a second the ledger takes: put in, claimed and finished, each in transactions that are on disk.

    python -m benchmarks.ledger [--runs 2000]

SQLite with its write-ahead log and synchronous=FULL is worked by one process; PostgreSQL, with its own defaults, by
four, each of which puts runs in, claims and finishes. Each run is of one of twenty jobs whose runs wait for each other,
is given a part of the machine's memory, and passes the states WAITING, STARTING, RUNNING and SUCCEEDED. How often the
disk can be made to keep 4 KB is shown beside it. Works in build/bench-ledger, which it makes anew.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.peers.postgresql import postgresql
from catalog import db
from engine.engine import Engine
from engine.jobs.sizing import host_of
from engine.model import JOB, Job, Outcome
from engine.running.processes import identity
from engine.states import RunState

FOLDER = Path(__file__).parents[1] / "build" / "bench-ledger"
JOBS, WORKERS, PLACES = 20, 4, 8
HOST = host_of(8, 64 * 1024, runs=64, master="local[*]", driver_memory="1g")
GOALS = {"SQLite, one worker": 300.0, f"PostgreSQL, {WORKERS} workers": 500.0}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--runs", type=int, default=2_000)
    count = parser.parse_args(arguments).runs
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    found = [_rate(db.sqlite_url(FOLDER / "ledger.db"), count, 1)]
    with TemporaryDirectory(prefix="isinglass-postgres-") as folder, postgresql(Path(folder)) as (url, _):
        found.append(_rate(url, count, WORKERS))
    print(f"the disk keeps 4 KB {_syncs():,.0f} times a second")
    missed = 0
    for (name, goal), rate in zip(GOALS.items(), found, strict=True):
        missed += rate < goal
        print(f"{name}: {rate:,.0f} runs/s, must be ≥ {goal:,.0f}{'' if rate >= goal else '  MISSED'}")
    return 1 if missed else 0


def _rate(url: str, count: int, workers: int) -> float:
    """Runs a second, from the moment when all workers are ready to the end of the last."""
    store = db.connect(url)
    engine = Engine(store)
    for number in range(JOBS):
        engine.create_job(Job(f"job-{number}", "job.py", queueing=True, max_concurrent_runs=8))
    store.dispose()
    context = multiprocessing.get_context("spawn")
    ready = context.Barrier(workers + 1)
    each = count // workers
    working = [context.Process(target=_work, args=(url, each, ready)) for _ in range(workers)]
    for process in working:
        process.start()
    ready.wait()
    began = time.perf_counter()
    for process in working:
        process.join()
    seconds = time.perf_counter() - began
    _demand_all_done(url, each * workers)
    return each * workers / seconds


def _work(url: str, count: int, ready: object) -> None:
    engine = Engine(db.connect(url), host=HOST)
    owner = identity(os.getpid()) or ""
    ready.wait()  # type: ignore[attr-defined]
    for number in range(count):
        engine.start_job_run(f"job-{number % JOBS}", {"--number": str(number)})
        if number % PLACES == PLACES - 1:
            _carry(engine, owner)
    while _carry(engine, owner) or engine.unfinished_runs(JOB):
        pass


def _carry(engine: Engine, owner: str) -> int:
    """As a worker with so many places does: it takes all that may begin, and each ends in a transaction of its own."""
    taken = engine.claim_runs(owner, (JOB,), PLACES)
    for run in taken:
        engine.finish_run(run.id, owner, Outcome(RunState.SUCCEEDED))
    return len(taken)


def _demand_all_done(url: str, count: int) -> None:
    store = db.connect(url)
    with db.reading(store) as connection:
        done = connection.exec_driver_sql("SELECT count(*) FROM runs WHERE state = 'SUCCEEDED'").scalar()
        events = connection.exec_driver_sql("SELECT count(*) FROM events WHERE new_state IS NOT NULL").scalar()
    store.dispose()
    if (done, events) != (count, 4 * count):
        sys.exit(f"of {count} runs {done} have succeeded, with {events} events")


def _syncs() -> float:
    block, times = b"x" * 4096, 300
    with (FOLDER / "block").open("wb", buffering=0) as file:
        began = time.perf_counter()
        for _ in range(times):
            file.write(block)
            os.fdatasync(file.fileno())
        return times / (time.perf_counter() - began)


if __name__ == "__main__":
    sys.exit(main())
