"""What tests of triggers and workflows share: definitions, and a worker that ends runs as it is told."""

from __future__ import annotations

from engine.engine import Engine
from engine.flows.trigger_model import Action, Condition, Logic, Node, Predicate, Trigger, TriggerType
from engine.model import CRAWL, JOB, Job, Outcome, Run
from engine.states import RunState

SUCCEEDED, FAILED, STOPPED, TIMEOUT = RunState.SUCCEEDED, RunState.FAILED, RunState.STOPPED, RunState.TIMEOUT


def make_jobs(engine: Engine, *names: str) -> None:
    for name in names:
        engine.create_job(Job(name, f"/jobs/{name}.py", max_concurrent_runs=1000))


def actions(*names: str) -> tuple[Action, ...]:
    return tuple(Action(Node(JOB, name)) for name in names)


def on_demand(name: str, *jobs: str, workflow: str | None = None) -> Trigger:
    return Trigger(name, TriggerType.ON_DEMAND, actions(*jobs), workflow=workflow)


def scheduled(name: str, schedule: str, *jobs: str, workflow: str | None = None, zone: str = "UTC") -> Trigger:
    return Trigger(name, TriggerType.SCHEDULED, actions(*jobs), workflow=workflow, schedule=schedule, zone=zone)


def after(
    name: str,
    watched: dict[str, RunState],
    *jobs: str,
    logic: Logic = Logic.AND,
    workflow: str | None = None,
) -> Trigger:
    """A trigger that starts `jobs` after the `watched` ones have ended in those states."""
    conditions = tuple(Condition(Node(JOB, each), state) for each, state in watched.items())
    predicate = Predicate(conditions, logic)
    return Trigger(name, TriggerType.CONDITIONAL, actions(*jobs), workflow=workflow, predicate=predicate)


def runs_of(engine: Engine, job: str) -> list[Run]:
    """Oldest first."""
    return list(reversed(engine.list_runs(JOB, job, limit=1_000).items))


def going_on(engine: Engine) -> list[str]:
    """The jobs and crawlers of all runs that have not ended."""
    return sorted(run.subject or "" for run in engine.unfinished_runs())


def end(engine: Engine, subject: str, state: RunState = SUCCEEDED) -> Run:
    """Have the only unfinished run of a job or crawler end so, as a worker would."""
    [run] = [run for kind in (JOB, CRAWL) for run in engine.unfinished_runs(kind, subject)]
    return end_run(engine, run.id, state)


def end_run(engine: Engine, run_id: str, state: RunState = SUCCEEDED) -> Run:
    engine.claim_run("worker", run_id=run_id)
    engine.begin_run(run_id, "worker")
    return engine.finish_run(run_id, "worker", Outcome(state))
