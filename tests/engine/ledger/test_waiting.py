"""Why a run waits, in one sentence."""

from __future__ import annotations

import os

import pytest
from sqlalchemy import Engine as SqlEngine

from engine.engine import Engine
from engine.jobs.sizing import host_of
from engine.ledger.waiting import Facts, Memory, why_waiting
from engine.ledger.workers import SILENCE
from engine.model import JOB, Job, Outcome, Run
from engine.running.processes import identity
from engine.states import RunState
from tests.conftest import Clock

ME = identity(os.getpid()) or ""


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        (Facts("etl", 0, ("jr_1",)), "no worker lives: start the service with isinglass serve"),
        (Facts("etl", 1, ("jr_1",)), "job etl runs at most 1 at once: it waits for jr_1 to end"),
        (
            Facts("etl", 1, ("jr_1", "jr_2", "jr_3", "jr_4")),
            "job etl runs at most 4 at once: it waits for one of jr_1, jr_2, jr_3 and 1 more to end",
        ),
        (
            Facts("etl", 1, memory=Memory(2_048, 1_000, 16_000, ("jr_1", "jr_2"))),
            "it needs 2,048 MB of memory, and 1,000 of 16,000 MB are free: it waits for one of jr_1, jr_2 to end",
        ),
        (Facts("etl", 1, carried=("jr_1",)), "every worker is busy: it waits for jr_1 to end"),
        (Facts("etl", 1, memory=Memory(10, 10, 20, ()), ahead=1), "1 run that waits longer begins first"),
        (Facts("etl", 2, ahead=3), "3 runs that wait longer begin first"),
        (Facts("etl", 1), "a worker takes it next"),
    ],
)
def test_the_reason_that_must_go_first_is_told(facts: Facts, sentence: str) -> None:
    assert why_waiting(facts) == sentence


@pytest.fixture
def engine(store: SqlEngine, clock: Clock) -> Engine:
    engine = Engine(store, clock, host=host_of(2, 5_000, 8, "local[*]", "2g"))
    engine.create_job(Job("etl", "/e.py", queueing=True))
    engine.create_job(Job("big", "/b.py", worker_type="G.1X", number_of_workers=2, max_concurrent_runs=9))
    return engine


def why(engine: Engine, run: Run) -> str:
    return engine.batch_why_waiting([run.id])[run.id]


def put_in(engine: Engine, clock: Clock, job: str) -> Run:
    clock.advance(seconds=1)
    return engine.start_job_run(job)


def test_a_run_waits_for_a_worker_then_for_its_job_then_for_memory_then_for_a_place(
    engine: Engine, clock: Clock
) -> None:
    first, second = put_in(engine, clock, "etl"), put_in(engine, clock, "etl")
    assert why(engine, first).startswith("no worker lives")
    engine.say_alive(ME, places=2)
    assert why(engine, first) == "a worker takes it next"
    assert why(engine, second) == "1 run that waits longer begins first"
    assert engine.claim_run(ME, (JOB,))
    assert why(engine, second) == f"job etl runs at most 1 at once: it waits for {first.id} to end"
    big = put_in(engine, clock, "big")
    assert why(engine, big) == (
        f"it needs 5,000 MB of memory, and 2,952 of 5,000 MB are free: it waits for {first.id} to end"
    )
    engine.finish_run(first.id, ME, Outcome(RunState.SUCCEEDED))
    assert engine.claim_run(ME, (JOB,))
    engine.say_alive(ME, places=1)
    engine.create_job(Job("tiny", "/t.py", command="pythonshell"))
    assert why(engine, put_in(engine, clock, "tiny")) == f"every worker is busy: it waits for {second.id} to end"
    assert engine.batch_why_waiting([first.id, second.id, "jr_ghost"]) == {}


def test_a_worker_that_has_ended_or_is_silent_elsewhere_is_none(engine: Engine, clock: Clock) -> None:
    engine.say_alive(ME, places=2)
    engine.say_alive("4711:12:another-machine", places=3)
    engine.say_alive(f"{2**22 + 1}:{ME.partition(':')[2]}", places=4)
    assert {each.runs for each in engine.list_workers()} == {2, 3}
    clock.at += 2 * SILENCE
    assert [each.runs for each in engine.list_workers()] == [2]
    engine.say_farewell(ME)
    assert engine.list_workers() == []
    clock.at += 60 * SILENCE
    engine.say_alive(ME, places=1)
    assert [each.owner for each in engine.list_workers()] == [ME]
