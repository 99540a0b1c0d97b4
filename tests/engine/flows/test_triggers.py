"""Triggers: their definitions and states, and the fires of those that are called, scheduled or told of events."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from sqlalchemy import Engine as Store

from catalog.errors import AlreadyExists, DomainError, InvalidInput, NotFound, VersionConflict
from crawlers.model import Crawler, Target
from engine.engine import Engine
from engine.flows.scheduler import Scheduler
from engine.flows.trigger_model import (
    Action,
    Condition,
    EventBatch,
    Node,
    Predicate,
    Trigger,
    TriggerFire,
    TriggerState,
    TriggerType,
)
from engine.flows.workflow_model import Workflow
from engine.model import CRAWL, JOB, Job, JobSpec
from engine.states import RunState
from tests.conftest import Clock
from tests.engine.flows.flowing import actions, after, end, going_on, make_jobs, on_demand, runs_of, scheduled

DAILY = "cron(15 12 * * ? *)"


@pytest.fixture
def engine(store: Store, clock: Clock) -> Engine:
    found = Engine(store, clock)
    make_jobs(found, "a", "b")
    return found


def events(name: str, size: int = 1, window: int = 900, workflow: str | None = None) -> Trigger:
    batch = EventBatch(size, window)
    return Trigger(name, TriggerType.EVENT, actions("a"), workflow=workflow, batch=batch)


def fired(engine: Engine, name: str) -> int:
    return len(engine.list_fires(name).items)


def test_a_trigger_on_demand_puts_its_jobs_in_with_its_arguments(engine: Engine) -> None:
    action = Action(Node(JOB, "a"), {"--day": "monday"}, timeout_minutes=7, notify_delay_minutes=3)
    engine.create_trigger(Trigger("go", TriggerType.ON_DEMAND, (action, *actions("b"))))
    fire = engine.start_trigger("go")
    assert isinstance(fire, TriggerFire)
    [run], [other] = runs_of(engine, "a"), runs_of(engine, "b")
    assert fire.run_ids == (run.id, other.id)
    assert (run.trigger_name, run.workflow_run_id, run.state) == ("go", None, RunState.WAITING)
    spec = msgspec.json.decode(run.spec, type=JobSpec)
    assert spec.arguments["--day"] == "monday"
    assert (spec.job.timeout_minutes, spec.job.notify_delay_minutes) == (7, 3)
    assert engine.list_fires("go").items == (fire,)
    assert engine.get_trigger("go").state is TriggerState.CREATED


def test_a_trigger_starts_a_crawler(engine: Engine, clock: Clock) -> None:
    engine.create_crawler(Crawler("lake", "d", (Target("/lake"),)))
    engine.create_trigger(Trigger("go", TriggerType.ON_DEMAND, (Action(Node(CRAWL, "lake")),)))
    engine.start_trigger("go")
    clock.advance(seconds=1)
    engine.start_trigger("go")
    second, first = engine.list_runs(CRAWL, "lake").items
    assert (first.state, first.trigger_name) == (RunState.WAITING, "go")
    assert second.state is RunState.ERROR
    assert first.id in str(second.detail)


def test_what_cannot_be_started_is_a_run_in_error_that_says_why(engine: Engine) -> None:
    engine.create_job(Job("one", "/one.py"))
    gone = Action(Node(CRAWL, "gone"))
    engine.create_trigger(Trigger("go", TriggerType.ON_DEMAND, (*actions("a", "one"), gone)))
    engine.delete_job("a")
    engine.start_job_run("one")
    fire = engine.start_trigger("go")
    assert isinstance(fire, TriggerFire)
    told = {run.subject: (run.state, run.detail) for run in map(engine.get_run, fire.run_ids)}
    assert {state for state, _ in told.values()} == {RunState.ERROR}
    assert "Job a" in str(told["a"][1])
    assert "Crawler gone" in str(told["gone"][1])
    assert "unfinished run" in str(told["one"][1])


def test_a_schedule_fires_at_its_instants_once_it_is_followed(engine: Engine, clock: Clock) -> None:
    scheduler = Scheduler(engine)
    engine.create_trigger(scheduled("daily", DAILY, "a"))
    clock.advance(minutes=15)
    assert scheduler.tick() == []
    started = engine.start_trigger("daily")
    assert isinstance(started, Trigger)
    assert (started.state, started.version) == (TriggerState.ACTIVATED, 1)
    due = clock.at + timedelta(days=1)
    assert engine.next_trigger_fires(started, 2) == (due, due + timedelta(days=1))
    assert scheduler.tick() == []
    assert scheduler.due == due
    clock.at = due
    [fire] = scheduler.tick()
    [run] = runs_of(engine, "a")
    assert (fire.kind, fire.name, fire.at, fire.run_id) == ("trigger", "daily", due, run.id)
    assert scheduler.tick() == Scheduler(engine).tick() == []
    stopped = engine.stop_trigger("daily")
    assert (stopped.state, engine.next_trigger_fires(stopped, 2)) == (TriggerState.DEACTIVATED, ())
    clock.advance(days=1)
    assert scheduler.tick() == []


def test_a_schedule_is_read_by_the_clock_of_its_zone(engine: Engine) -> None:
    made = engine.create_trigger(scheduled("night", "cron(30 2 * * ? *)", "a", zone="Europe/Berlin"), start=True)
    assert engine.next_trigger_fires(made, 1) == (datetime(2026, 9, 2, 0, 30, tzinfo=UTC),)


def test_a_trigger_is_followed_from_its_creation_if_asked(engine: Engine, clock: Clock) -> None:
    made = engine.create_trigger(scheduled("often", "rate(5 minutes)", "a"), start=True)
    assert made.state is TriggerState.ACTIVATED
    clock.advance(minutes=5)
    assert [fire.name for fire in Scheduler(engine).tick()] == ["often"]
    with pytest.raises(InvalidInput, match="on demand fires when it is called"):
        engine.create_trigger(on_demand("go", "a"), start=True)
    engine.create_trigger(on_demand("go", "a"))
    with pytest.raises(InvalidInput, match="only when it is called"):
        engine.stop_trigger("go")


def test_an_event_fires_once_its_batch_is_full(engine: Engine) -> None:
    engine.create_trigger(events("told", size=3), start=True)
    assert engine.post_events("told", ["1", "2"]) == []
    [fire] = engine.post_events("told", ["3", "4"])
    assert fire.cause.startswith("events 1,2,3 ")
    assert len(engine.post_events("told", [str(n) for n in range(8)])) == 3
    assert len(runs_of(engine, "a")) == fired(engine, "told") == 4


def test_events_that_have_waited_long_enough_fire_without_a_full_batch(engine: Engine, clock: Clock) -> None:
    scheduler = Scheduler(engine)
    engine.create_trigger(events("told", size=3, window=60), start=True)
    engine.post_events("told", ["1"])
    clock.advance(seconds=30)
    engine.post_events("told", ["2"])
    scheduler.tick()
    assert (scheduler.due, fired(engine, "told")) == (clock.at + timedelta(seconds=30), 0)
    clock.advance(seconds=30)
    scheduler.tick()
    scheduler.tick()
    [fire] = engine.list_fires("told").items
    assert fire.cause.startswith("events 1,2 ")
    assert scheduler.due is None


def test_only_a_followed_trigger_of_events_takes_them_and_drops_them_when_it_is_stopped(
    engine: Engine, clock: Clock
) -> None:
    engine.create_trigger(events("told", size=2))
    engine.create_trigger(scheduled("daily", DAILY, "a"), start=True)
    for name in ("told", "daily"):
        with pytest.raises(InvalidInput, match="only an activated trigger of events"):
            engine.post_events(name, ["1"])
    with pytest.raises(NotFound):
        engine.post_events("nobody", ["1"])
    engine.start_trigger("told")
    with pytest.raises(InvalidInput, match="1 to 100"):
        engine.post_events("told", [])
    engine.post_events("told", ["1"])
    engine.stop_trigger("told")
    engine.start_trigger("told")
    assert engine.post_events("told", ["2"]) == []
    clock.advance(hours=1)
    Scheduler(engine).tick()
    assert engine.list_fires("told").items[0].cause.startswith("events 2 ")


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"name": ""}, "1 to 255"),
        ({"name": "a\nb"}, "printable"),
        ({"actions": ()}, "starts nothing"),
        ({"actions": (Action(Node(JOB, "a"), timeout_minutes=0),)}, "at least 1"),
        ({"actions": (Action(Node(CRAWL, "a"), {"--day": "x"}),)}, "takes no arguments"),
        ({"schedule": "rate(5 moons)"}, "schedule"),
        ({"schedule": None}, "needs a schedule"),
        ({"zone": "Mars/Olympus"}, "no zone"),
        ({"zone": "../../etc/passwd"}, "no zone"),
        ({"predicate": Predicate(())}, "only a trigger of type CONDITIONAL has conditions"),
        ({"batch": EventBatch()}, "only a trigger of type EVENT"),
        ({"type": TriggerType.CONDITIONAL, "schedule": None}, "needs conditions"),
        ({"type": TriggerType.CONDITIONAL, "schedule": None, "predicate": Predicate(())}, "no condition"),
        ({"type": TriggerType.ON_DEMAND}, "only a trigger of type SCHEDULED has a schedule"),
        ({"type": TriggerType.EVENT, "schedule": None, "batch": EventBatch(101)}, "1 to 100 events"),
        ({"type": TriggerType.EVENT, "schedule": None, "batch": EventBatch(1, 901)}, "900 seconds"),
    ],
)
def test_a_definition_that_makes_no_sense_is_refused(engine: Engine, changed: dict[str, object], why: str) -> None:
    good = scheduled("daily", DAILY, "a")
    with pytest.raises(InvalidInput, match=why):
        engine.create_trigger(replace(good, **changed))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("condition", "why"),
    [
        (Condition(Node(JOB, "a"), RunState.RUNNING), "no state in which a run ends"),
        (Condition(Node(JOB, "b"), RunState.FAILED), "starts itself"),
    ],
)
def test_a_condition_that_makes_no_sense_is_refused(engine: Engine, condition: Condition, why: str) -> None:
    trigger = Trigger("t", TriggerType.CONDITIONAL, actions("b"), predicate=Predicate((condition,)))
    with pytest.raises(InvalidInput, match=why):
        engine.create_trigger(trigger)


def test_definitions_are_kept_listed_changed_and_deleted(engine: Engine, clock: Clock) -> None:
    made = engine.create_trigger(replace(scheduled("daily", DAILY, "a"), description="d"), start=True)
    other = engine.create_trigger(after("then", {"a": RunState.FAILED}, "b"))
    assert engine.list_triggers().items == (made, other)
    assert engine.list_triggers(dependent=(JOB, "b")).items == (other,)
    with pytest.raises(AlreadyExists):
        engine.create_trigger(on_demand("daily", "b"))
    clock.advance(minutes=1)
    changed = engine.update_trigger(replace(made, schedule="rate(1 hour)"), made.version)
    assert (changed.version, changed.state, changed.updated_at) == (1, TriggerState.ACTIVATED, clock.at)
    assert engine.update_trigger(changed) == changed == engine.get_trigger("daily")
    refused: list[tuple[Trigger, int | None, type[DomainError]]] = [
        (changed, 0, VersionConflict),
        (replace(changed, workflow="w"), None, InvalidInput),
        (on_demand("daily", "a"), None, InvalidInput),
        (replace(changed, name="nobody"), None, NotFound),
    ]
    for trigger, expected, error in refused:
        with pytest.raises(error):
            engine.update_trigger(trigger, expected)
    engine.delete_trigger("daily")
    for verb in (engine.get_trigger, engine.delete_trigger, engine.start_trigger, engine.stop_trigger):
        with pytest.raises(NotFound):
            verb("daily")


def test_a_trigger_is_of_a_workflow_that_is_there_and_that_has_one_beginning(engine: Engine) -> None:
    with pytest.raises(NotFound, match="Workflow w"):
        engine.create_trigger(on_demand("go", "a", workflow="w"))
    engine.create_workflow(Workflow("w"))
    engine.create_trigger(on_demand("go", "a", workflow="w"))
    with pytest.raises(InvalidInput, match="trigger go begins its runs already"):
        engine.create_trigger(scheduled("daily", DAILY, "a", workflow="w"))
    engine.create_trigger(after("then", {"a": RunState.SUCCEEDED}, "b", workflow="w"))
    assert [each.name for each in engine.list_workflow_triggers("w")] == ["go", "then"]


def test_the_runs_of_a_fire_end_without_the_trigger(engine: Engine) -> None:
    engine.create_trigger(on_demand("go", "a"))
    engine.start_trigger("go")
    engine.delete_trigger("go")
    end(engine, "a")
    assert going_on(engine) == []
    assert fired(engine, "go") == 1
