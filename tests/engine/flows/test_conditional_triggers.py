"""Conditional triggers outside of workflows: which ends of runs make them fire, once each, whatever is killed."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import Engine as Store

from catalog import db
from catalog.errors import StoreUnavailable
from engine.engine import Engine
from engine.flows import firing
from engine.flows.scheduler import Scheduler
from engine.flows.trigger_model import Logic
from engine.model import Job
from engine.states import RunState
from tests.conftest import Clock
from tests.engine.flows.flowing import FAILED, STOPPED, SUCCEEDED, after, end, going_on, make_jobs, on_demand, runs_of


@pytest.fixture
def engine(store: Store, clock: Clock) -> Engine:
    found = Engine(store, clock)
    make_jobs(found, "a", "b", "c", "d")
    for job in ("a", "b", "c"):
        found.create_trigger(on_demand(f"start {job}", job))
    return found


def run(engine: Engine, job: str, state: RunState = SUCCEEDED) -> None:
    engine.start_trigger(f"start {job}")
    end(engine, job, state)


def test_and_fires_once_all_are_met_and_then_waits_for_all_anew(engine: Engine) -> None:
    engine.create_trigger(after("both", {"a": SUCCEEDED, "b": FAILED}, "d"), start=True)
    for job, state, fires in (
        ("a", SUCCEEDED, 0),
        ("a", SUCCEEDED, 0),
        ("b", SUCCEEDED, 0),
        ("b", FAILED, 1),
        ("b", FAILED, 1),
        ("a", STOPPED, 1),
        ("a", SUCCEEDED, 2),
    ):
        run(engine, job, state)
        assert len(runs_of(engine, "d")) == fires
    assert {each.trigger_name for each in runs_of(engine, "d")} == {"both"}


def test_any_fires_at_each_end_that_meets_one(engine: Engine) -> None:
    engine.create_trigger(after("one", {"a": SUCCEEDED, "b": SUCCEEDED}, "d", logic=Logic.ANY), start=True)
    run(engine, "a")
    run(engine, "b")
    run(engine, "b", FAILED)
    assert len(runs_of(engine, "d")) == 2
    causes = [fire.cause for fire in engine.list_fires("one").items]
    met = [each for job in "ab" for each in runs_of(engine, job) if each.state is SUCCEEDED]
    assert sorted(causes) == sorted(f"run {each.id}" for each in met)


def test_what_ended_before_a_trigger_was_followed_does_not_count(engine: Engine) -> None:
    engine.create_trigger(after("both", {"a": SUCCEEDED, "b": SUCCEEDED}, "d"))
    run(engine, "a")
    engine.start_trigger("both")
    run(engine, "b")
    assert runs_of(engine, "d") == []
    run(engine, "a")
    assert len(runs_of(engine, "d")) == 1
    run(engine, "a")
    engine.stop_trigger("both")
    engine.start_trigger("both")
    run(engine, "b")
    assert len(runs_of(engine, "d")) == 1


def test_triggers_follow_each_other(engine: Engine) -> None:
    engine.create_trigger(after("first", {"a": SUCCEEDED}, "b", "c"), start=True)
    engine.create_trigger(after("second", {"b": SUCCEEDED, "c": SUCCEEDED}, "d"), start=True)
    run(engine, "a")
    assert going_on(engine) == ["b", "c"]
    end(engine, "c")
    end(engine, "b")
    assert going_on(engine) == ["d"]


def test_a_run_that_no_trigger_put_in_fires_none_as_in_glue(engine: Engine) -> None:
    engine.create_trigger(after("then", {"a": SUCCEEDED}, "d"), start=True)
    engine.start_job_run("a")
    end(engine, "a")
    assert runs_of(engine, "d") == []


def test_a_stopped_run_that_waited_counts_as_well(engine: Engine) -> None:
    engine.create_trigger(after("then", {"a": STOPPED}, "d"), start=True)
    engine.start_trigger("start a")
    [waiting] = runs_of(engine, "a")
    engine.stop_run(waiting.id)
    assert going_on(engine) == ["d"]


def test_a_failure_that_is_tried_again_decides_nothing(engine: Engine) -> None:
    engine.create_job(Job("again", "/again.py", max_retries=1))
    engine.create_trigger(on_demand("start again", "again"))
    engine.create_trigger(after("alarm", {"again": FAILED}, "d"), start=True)
    engine.create_trigger(after("then", {"again": SUCCEEDED}, "c"), start=True)
    run(engine, "again", FAILED)
    assert going_on(engine) == ["again"]
    end(engine, "again")
    assert going_on(engine) == ["c"]
    assert runs_of(engine, "d") == []


def test_an_end_is_kept_until_triggers_were_asked_whatever_fails(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine.create_trigger(after("then", {"a": SUCCEEDED}, "d"), start=True)
    for failure in (StoreUnavailable(url="u", why="it is away."), RuntimeError("a fault")):

        def failing(*_: object, failure: Exception = failure) -> None:
            raise failure

        engine.start_trigger("start a")
        with monkeypatch.context() as broken:
            broken.setattr(firing, "carry_out", failing)
            end(engine, "a")
        assert going_on(engine) == []
        Scheduler(engine).tick()
        Scheduler(engine).tick()
        assert going_on(engine) == ["d"]
        end(engine, "d")
    assert len(runs_of(engine, "d")) == 2


def test_ends_that_many_services_see_at_once_fire_once(database_url: str, engine: Engine) -> None:
    """AND decides at the later of two ends, also when both are recorded at the same moment."""
    engine.create_trigger(after("both", {"a": SUCCEEDED, "b": SUCCEEDED}, "d"), start=True)
    stores = [db.connect(database_url) for _ in range(2)]
    engines = [Engine(store, engine.now) for store in stores]
    failures: list[BaseException] = []
    for _ in range(10):
        for job in "ab":
            engine.start_trigger(f"start {job}")
        together = threading.Barrier(2)

        def work(mine: Engine, job: str, together: threading.Barrier = together) -> None:
            try:
                together.wait(60)
                end(mine, job)
                Scheduler(mine).tick()
            except BaseException as failure:
                failures.append(failure)

        threads = [threading.Thread(target=work, args=pair) for pair in zip(engines, "ab", strict=True)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    for store in stores:
        store.dispose()
    assert failures == []
    assert len(runs_of(engine, "d")) == len(engine.list_fires("both").items) == 10


def test_triggers_that_start_in_turn_what_ends_at_once_hold_nobody_up(engine: Engine) -> None:
    engine.create_trigger(after("to gone", {"lost": RunState.ERROR}, "gone"), start=True)
    engine.create_trigger(after("to lost", {"gone": RunState.ERROR}, "lost"), start=True)
    engine.create_trigger(on_demand("go", "gone"))
    engine.start_trigger("go")
    before = len(runs_of(engine, "gone")) + len(runs_of(engine, "lost"))
    assert 2 < before < 100
    Scheduler(engine).tick()  # goes on by one step
    assert len(runs_of(engine, "gone")) + len(runs_of(engine, "lost")) == before + 1
