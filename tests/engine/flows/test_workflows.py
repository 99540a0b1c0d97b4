"""Workflows: their definitions, runs that go on by conditions, properties, stop and resume."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import Engine as Store
from sqlalchemy import event

from catalog import db
from catalog.errors import AlreadyExists, InvalidInput, NotFound, VersionConflict
from crawlers.model import Crawler, Target
from engine.engine import Engine
from engine.errors import (
    WorkflowRunActive,
    WorkflowRunning,
    WorkflowRunNotActive,
    WorkflowRunsExceeded,
)
from engine.flows.scheduler import Scheduler
from engine.flows.trigger_model import Action, EventBatch, Logic, Node, TriggerFire, TriggerState, TriggerType
from engine.flows.workflow_model import Graph, Statistics, Workflow, WorkflowRun, WorkflowRunState
from engine.ledger import runs
from engine.model import CRAWL, JOB, Job, JobSpec, Outcome
from engine.states import RunState
from tests.conftest import Clock, Postgres
from tests.engine.flows.flowing import (
    FAILED,
    STOPPED,
    SUCCEEDED,
    actions,
    after,
    end,
    end_run,
    going_on,
    make_jobs,
    on_demand,
    runs_of,
    scheduled,
)

COMPLETED, RUNNING, ERROR = WorkflowRunState.COMPLETED, WorkflowRunState.RUNNING, WorkflowRunState.ERROR


@pytest.fixture
def engine(store: Store, clock: Clock) -> Engine:
    found = Engine(store, clock)
    make_jobs(found, "a", "b", "c", "d")
    return found


@pytest.fixture
def diamond(engine: Engine) -> Workflow:
    """a, then b and c, then d after both; b's failure starts nothing."""
    return engine.create_workflow(
        Workflow("w", "a diamond", {"day": "monday"}),
        [
            on_demand("go", "a", workflow="w"),
            after("split", {"a": SUCCEEDED}, "b", "c", workflow="w"),
            after("join", {"b": SUCCEEDED, "c": SUCCEEDED}, "d", workflow="w"),
        ],
    )


def states(engine: Engine, run: WorkflowRun) -> dict[str, RunState | None]:
    graph = engine.workflow_run_graph(run)
    return {each.node.name: each.run.state if each.run else None for each in graph.nodes}


def test_a_run_follows_its_triggers_to_the_end(engine: Engine, diamond: Workflow, clock: Clock) -> None:
    run = engine.start_workflow_run("w", {"more": "x"})
    assert (run.state, run.properties, run.started_at) == (RUNNING, {"day": "monday", "more": "x"}, clock.at)
    [first] = runs_of(engine, "a")
    assert (first.workflow_run_id, first.trigger_name) == (run.id, "go")
    arguments = msgspec.json.decode(first.spec, type=JobSpec).arguments
    assert arguments == {"--WORKFLOW_NAME": "w", "--WORKFLOW_RUN_ID": run.id}
    end(engine, "a")
    assert going_on(engine) == ["b", "c"]
    end(engine, "b")
    assert states(engine, run) == {"a": SUCCEEDED, "b": SUCCEEDED, "c": RunState.WAITING, "d": None}
    assert engine.workflow_statistics(run) == Statistics(total=3, succeeded=2, waiting=1)
    end(engine, "c")
    clock.advance(minutes=1)
    end(engine, "d")
    ended = engine.get_workflow_run(run.id)
    assert (ended.state, ended.finished_at) == (COMPLETED, clock.at)
    assert engine.workflow_statistics(run).all_succeeded
    fired = engine.workflow_run_graph(run).triggers
    assert {each.name: each.fired for each in fired} == {"go": True, "split": True, "join": True}
    assert engine.list_workflow_runs("w").items == (ended,)


def test_a_run_ends_when_nothing_can_fire_any_more(engine: Engine, diamond: Workflow) -> None:
    run = engine.start_workflow_run("w")
    end(engine, "a")
    end(engine, "b", FAILED)
    end(engine, "c")
    assert engine.get_workflow_run(run.id).state is COMPLETED
    assert engine.workflow_statistics(run) == Statistics(total=3, succeeded=2, failed=1)
    assert states(engine, run)["d"] is None


def test_each_trigger_fires_once_in_a_run_and_sees_only_its_runs(engine: Engine, clock: Clock) -> None:
    members = [
        on_demand("go", "a", "b", workflow="w"),
        after("any", {"a": SUCCEEDED, "b": SUCCEEDED}, "c", logic=Logic.ANY, workflow="w"),
        after("round", {"c": SUCCEEDED}, "a", workflow="w"),
    ]
    engine.create_workflow(Workflow("w"), members)
    one, two = engine.start_workflow_run("w"), engine.start_workflow_run("w")
    mine, other = ({r.subject: r.id for r in engine.unfinished_runs() if r.workflow_run_id == w.id} for w in (one, two))
    engine.start_job_run("a")
    end_run(engine, mine["a"])
    end_run(engine, mine["b"])
    assert len(runs_of(engine, "c")) == 1
    end(engine, "c")
    [again] = [r for r in engine.unfinished_runs(JOB, "a") if r.trigger_name == "round"]
    end_run(engine, again.id)
    assert engine.get_workflow_run(one.id).state is COMPLETED
    assert engine.get_workflow_run(two.id).state is RUNNING
    assert {r.id for r in engine.unfinished_runs() if r.workflow_run_id} == set(other.values())


def test_what_cannot_start_does_not_hold_a_run_up(engine: Engine, diamond: Workflow) -> None:
    engine.create_trigger(after("alarm", {"c": RunState.ERROR}, "d", workflow="w"), start=True)
    engine.delete_job("c")
    run = engine.start_workflow_run("w")
    end(engine, "a")
    assert going_on(engine) == ["b", "d"]
    end(engine, "b")
    end(engine, "d")
    assert engine.workflow_statistics(run) == Statistics(total=4, succeeded=3, errored=1)
    engine.delete_job("a")
    alone = engine.start_workflow_run("w")
    assert (alone.state, going_on(engine)) == (COMPLETED, [])


def test_a_failure_that_is_tried_again_decides_nothing(engine: Engine) -> None:
    engine.create_job(Job("again", "/again.py", max_retries=1))
    members = [on_demand("go", "again", workflow="w"), after("alarm", {"again": FAILED}, "d", workflow="w")]
    engine.create_workflow(Workflow("w"), members)
    run = engine.start_workflow_run("w")
    end(engine, "again", FAILED)
    assert engine.get_workflow_run(run.id).state is RUNNING
    end(engine, "again")
    assert engine.get_workflow_run(run.id).state is COMPLETED
    assert engine.workflow_statistics(run) == Statistics(total=1, succeeded=1)
    assert runs_of(engine, "d") == []


def test_a_run_keeps_to_the_triggers_that_it_began_with(engine: Engine, diamond: Workflow) -> None:
    engine.stop_trigger("join")
    run = engine.start_workflow_run("w")
    engine.delete_trigger("split")
    engine.start_trigger("join")
    for job in ("a", "b", "c"):
        end(engine, job)
    assert engine.get_workflow_run(run.id).state is COMPLETED
    assert runs_of(engine, "d") == []


def test_a_crawl_is_a_node_as_well(engine: Engine) -> None:
    engine.create_crawler(Crawler("lake", "d", (Target("/lake"),)))
    first = replace(on_demand("go", workflow="w"), actions=(Action(Node(CRAWL, "lake")),))
    condition = replace(after("then", {"lake": SUCCEEDED}, "a", workflow="w"))
    assert condition.predicate
    watched = replace(condition.predicate.conditions[0], node=Node(CRAWL, "lake"))
    engine.create_workflow(
        Workflow("w"), [first, replace(condition, predicate=replace(condition.predicate, conditions=(watched,)))]
    )
    engine.start_workflow_run("w")
    end(engine, "lake")
    assert going_on(engine) == ["a"]


def test_stopping_stops_its_runs_and_fires_nothing_more(engine: Engine, diamond: Workflow) -> None:
    run = engine.start_workflow_run("w")
    end(engine, "a")
    [b], [c] = runs_of(engine, "b"), runs_of(engine, "c")
    engine.claim_run("worker", run_id=b.id)
    assert engine.stop_workflow_run(run.id).state is WorkflowRunState.STOPPING
    assert engine.get_run(c.id).state is STOPPED
    assert engine.beat(b.id, "worker")
    end_run(engine, b.id, SUCCEEDED)
    assert engine.get_workflow_run(run.id).state is WorkflowRunState.STOPPED
    assert going_on(engine) == []
    with pytest.raises(WorkflowRunNotActive):
        engine.stop_workflow_run(run.id)
    again = engine.start_workflow_run("w")
    assert engine.stop_workflow_run(again.id).state is WorkflowRunState.STOPPED


def test_a_run_is_resumed_from_chosen_nodes(engine: Engine, diamond: Workflow) -> None:
    before = engine.start_workflow_run("w")
    end(engine, "a")
    with pytest.raises(WorkflowRunActive):
        engine.resume_workflow_run(before.id)
    end(engine, "b", FAILED)
    end(engine, "c")
    run = engine.resume_workflow_run(before.id, [Node(JOB, "b")])
    assert (run.state, run.previous_run_id, run.properties) == (RUNNING, before.id, before.properties)
    assert going_on(engine) == ["b"]
    end(engine, "b")
    assert going_on(engine) == ["d"]
    end(engine, "d")
    assert engine.get_workflow_run(run.id).state is COMPLETED
    assert states(engine, run) == dict.fromkeys("abcd", SUCCEEDED)
    assert [len(runs_of(engine, job)) for job in "abcd"] == [1, 2, 1, 1]
    assert states(engine, before)["b"] is FAILED
    from_a = engine.resume_workflow_run(run.id, [Node(JOB, "a"), Node(JOB, "d")])
    assert (going_on(engine), states(engine, from_a)["c"]) == (["a"], None)  # d follows from a
    for job in "abcd":
        end(engine, job)
    assert engine.workflow_statistics(from_a) == Statistics(total=4, succeeded=4)


def test_a_run_is_resumed_from_what_did_not_succeed_if_nothing_is_chosen(engine: Engine, diamond: Workflow) -> None:
    before = engine.start_workflow_run("w")
    end(engine, "a")
    engine.stop_workflow_run(before.id)
    run = engine.resume_workflow_run(before.id)
    assert going_on(engine) == ["b", "c"]
    for job in "bcd":
        end(engine, job)
    assert states(engine, run) == dict.fromkeys("abcd", SUCCEEDED)
    with pytest.raises(InvalidInput, match="all its nodes succeeded"):
        engine.resume_workflow_run(run.id)
    with pytest.raises(InvalidInput, match="its nodes are job:a, job:b"):
        engine.resume_workflow_run(run.id, [Node(JOB, "x")])


def test_properties_are_read_and_written(engine: Engine, diamond: Workflow) -> None:
    run = engine.start_workflow_run("w")
    assert engine.put_workflow_properties(run.id, {"day": "sunday", "n": "1"}) == {"day": "sunday", "n": "1"}
    assert engine.get_workflow_run(run.id).properties == {"day": "sunday", "n": "1"}
    for wrong in ({" ": "x"}, {"n": "x" * 300_000}):
        with pytest.raises(InvalidInput, match="run properties"):
            engine.put_workflow_properties(run.id, wrong)
    with pytest.raises(NotFound):
        engine.put_workflow_properties("wr_gone", {})


def test_past_its_maximum_a_call_is_refused_and_a_schedule_recorded_as_an_error(engine: Engine, clock: Clock) -> None:
    engine.create_workflow(
        Workflow("w", max_concurrent_runs=1), [scheduled("hourly", "rate(1 hour)", "a", workflow="w")]
    )
    run = engine.start_workflow_run("w")
    with pytest.raises(WorkflowRunsExceeded):
        engine.start_workflow_run("w")
    clock.advance(hours=1)
    [fire] = Scheduler(engine).tick()
    assert fire.run_id
    refused = engine.get_workflow_run(fire.run_id)
    assert refused.state is ERROR
    assert "already has 1 unfinished run" in str(refused.detail)
    with pytest.raises(WorkflowRunsExceeded):
        engine.resume_workflow_run(refused.id)
    end(engine, "a")
    assert engine.get_workflow_run(run.id).state is COMPLETED
    with pytest.raises(InvalidInput, match="nothing ran in it"):
        engine.resume_workflow_run(refused.id)
    clock.advance(hours=1)
    [fire] = Scheduler(engine).tick()
    assert engine.get_workflow_run(str(fire.run_id)).state is RUNNING


def test_events_begin_a_run_that_is_told_of_them(engine: Engine) -> None:
    told = replace(on_demand("told", "a", workflow="w"), type=TriggerType.EVENT, batch=EventBatch(2))
    engine.create_workflow(Workflow("w"), [told])
    [fire] = engine.post_events("told", ["1", "2"])
    assert engine.get_workflow_run(str(fire.workflow_run_id)).properties == {"aws:eventIds": '["1","2"]'}


def test_what_cannot_be_told_of_its_events_is_an_error_and_holds_up_no_scheduler(engine: Engine, clock: Clock) -> None:
    told = replace(on_demand("told", "a", workflow="w"), type=TriggerType.EVENT, batch=EventBatch(9, 60))
    engine.create_workflow(Workflow("w", None, {"most": "x" * (256 * 1024 - 4)}), [told])
    engine.post_events("told", ["1"])
    clock.advance(minutes=1)
    Scheduler(engine).tick()
    [refused] = engine.list_workflow_runs("w").items
    assert refused.state is ERROR
    assert "longer than" in str(refused.detail)
    with pytest.raises(InvalidInput, match="1 to 256 characters"):
        engine.post_events("told", ["x" * 257])


def test_a_run_that_ends_while_triggers_are_asked_about_another_is_not_missed(postgres: Postgres, clock: Clock) -> None:
    url = postgres.create("migrated")
    store, beside = db.connect(url), db.connect(url)
    engine = Engine(store, clock)
    make_jobs(engine, "a", "b", "c")
    both = after("both", {"a": SUCCEEDED, "b": SUCCEEDED}, "c", workflow="w")
    engine.create_workflow(Workflow("w"), [on_demand("go", "a", "b", workflow="w"), both])
    engine.start_workflow_run("w")
    [a], [b] = runs_of(engine, "a"), runs_of(engine, "b")
    for each in (a, b):
        engine.claim_run("worker", run_id=each.id)
        engine.begin_run(each.id, "worker")
    left = [b.id]

    def end_b(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if "FROM trigger_fires" in statement and left:  # the runs are read by now
            with db.writing(beside) as connection:
                runs.finish(connection, runs.get_run(connection, left.pop()), SUCCEEDED, clock(), None, {})

    event.listen(store, "after_cursor_execute", end_b)
    engine.finish_run(a.id, "worker", Outcome(SUCCEEDED))
    assert (left, going_on(engine)) == ([], ["c"])
    store.dispose()
    beside.dispose()
    postgres.drop(url)


def test_calling_the_trigger_that_begins_a_workflow_begins_a_run(engine: Engine, diamond: Workflow) -> None:
    fire = engine.start_trigger("go")
    assert isinstance(fire, TriggerFire)
    assert engine.get_workflow_run(str(fire.workflow_run_id)).state is RUNNING


def test_definitions_are_kept_listed_changed_and_deleted(engine: Engine, diamond: Workflow, clock: Clock) -> None:
    other = engine.create_workflow(Workflow("v"))
    assert engine.list_workflows().items == (other, diamond)
    with pytest.raises(AlreadyExists):
        engine.create_workflow(diamond)
    assert engine.start_workflow_run("v").state is COMPLETED, "nothing begins it, so nothing is left to do"
    clock.advance(minutes=1)
    changed = engine.update_workflow(replace(diamond, description="new"), 0)
    assert (changed.version, changed.updated_at - clock.at if changed.updated_at else None) == (1, timedelta(0))
    assert engine.update_workflow(changed) == changed == engine.get_workflow("w")
    with pytest.raises(VersionConflict):
        engine.update_workflow(changed, 0)
    run = engine.start_workflow_run("w")
    with pytest.raises(WorkflowRunning):
        engine.delete_workflow("w")
    engine.stop_workflow_run(run.id)
    engine.delete_workflow("w")
    assert engine.list_triggers().items == ()
    assert engine.list_workflow_runs("w").items == (engine.get_workflow_run(run.id),)
    for verb in (engine.get_workflow, engine.delete_workflow, engine.start_workflow_run, engine.workflow_graph):
        with pytest.raises(NotFound):
            verb("w")


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"name": " "}, "1 to 255"),
        ({"max_concurrent_runs": 0}, "at least 1"),
        ({"default_properties": {"": "x"}}, "a name is empty"),
    ],
)
def test_a_definition_that_makes_no_sense_is_refused(engine: Engine, changed: dict[str, object], why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        engine.create_workflow(replace(Workflow("w"), **changed))  # type: ignore[arg-type]


def test_a_workflow_whose_triggers_are_refused_is_not_created(engine: Engine) -> None:
    with pytest.raises(InvalidInput):
        engine.create_workflow(Workflow("w"), [on_demand("go", "a", workflow="w"), on_demand("no", workflow="w")])
    assert engine.list_workflows().items == ()


def test_the_graph_follows_from_the_triggers(engine: Engine, diamond: Workflow) -> None:
    graph = engine.workflow_graph("w")
    assert isinstance(graph, Graph)
    assert [each.node.name for each in graph.nodes] == ["a", "b", "c", "d"]
    drawn = {(getattr(e.source, "name", e.source), getattr(e.target, "name", e.target), e.state) for e in graph.edges}
    assert drawn == {
        ("go", "a", None),
        ("a", "split", SUCCEEDED),
        ("split", "b", None),
        ("split", "c", None),
        ("b", "join", SUCCEEDED),
        ("c", "join", SUCCEEDED),
        ("join", "d", None),
    }
    assert engine.get_trigger("split").state is TriggerState.ACTIVATED
    assert engine.get_trigger("go").actions == actions("a")
