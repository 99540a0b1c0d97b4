"""A small model of workflow runs, written without the engine, and an engine that is driven beside it.

The model knows no order: as more ended runs never undo a condition, and each trigger fires once, what fires is the same
whichever run ends first, whatever crashes, and however often something is repeated.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from unittest.mock import patch

from hypothesis import strategies as st

from engine.engine import Engine
from engine.flows import firing
from engine.flows.scheduler import Scheduler
from engine.flows.trigger_model import Condition, Logic, Node, Predicate, Trigger, TriggerFire, TriggerType
from engine.flows.workflow_model import Workflow, WorkflowRun
from engine.states import RunState
from tests.conftest import Clock
from tests.engine.flows.flowing import actions, end_run, make_jobs

JOBS = ("a", "b", "c", "d", "r", "s")
TRIED_AGAIN = ("r", "s")  # of these a run that fails is put in again, once
ENDS = (RunState.SUCCEEDED, RunState.FAILED, RunState.STOPPED, RunState.TIMEOUT)


@dataclass(frozen=True)
class Rule:
    """A trigger as the model sees it. No conditions: it begins the run."""

    name: str
    starts: tuple[str, ...]
    conditions: tuple[tuple[str, RunState], ...] = ()
    all: bool = True


@dataclass(frozen=True)
class Story:
    """A graph, and how each run ends: by the trigger that put it in, its job and its attempt."""

    rules: tuple[Rule, ...]
    ends: dict[tuple[str, str, int], RunState]
    seed: int
    stopped_after: int | None

    def end_of(self, rule: str, job: str, attempt: int) -> RunState:
        return self.ends.get((rule, job, attempt), RunState.SUCCEEDED)

    def last_end(self, rule: str, job: str) -> RunState:
        first = self.end_of(rule, job, 0)
        return self.end_of(rule, job, 1) if job in TRIED_AGAIN and first is RunState.FAILED else first


def fired_of(story: Story) -> set[str]:
    """What fires in a run that is let go on to its end."""
    fired = {story.rules[0].name}
    while True:
        ended = {
            (job, story.last_end(rule.name, job)) for rule in story.rules if rule.name in fired for job in rule.starts
        }
        more = {
            rule.name
            for rule in story.rules[1:]
            if (all if rule.all else any)(condition in ended for condition in rule.conditions)
        }
        if more <= fired:
            return fired
        fired |= more


@st.composite
def stories(draw: st.DrawFn) -> Story:
    rules = [Rule("begin", tuple(draw(st.lists(st.sampled_from(JOBS), min_size=1, max_size=3, unique=True))))]
    for number in range(draw(st.integers(0, 6))):
        starts = draw(st.lists(st.sampled_from(JOBS), min_size=1, max_size=2, unique=True))
        others = [job for job in JOBS if job not in starts]
        mostly = st.sampled_from((RunState.SUCCEEDED, RunState.FAILED, *ENDS))
        condition = st.tuples(st.sampled_from(others), mostly)
        conditions = draw(st.lists(condition, min_size=1, max_size=3, unique=True))
        rules.append(Rule(f"t{number}", tuple(starts), tuple(conditions), draw(st.booleans())))
    keys = [(rule.name, job, attempt) for rule in rules for job in rule.starts for attempt in (0, 1)]
    ends = {key: draw(st.sampled_from((RunState.SUCCEEDED, RunState.FAILED, *ENDS))) for key in keys}
    stop = draw(st.none() | st.none() | st.integers(0, 5))
    return Story(tuple(rules), ends, draw(st.integers(0, 1_000_000)), stop)


class Killed(BaseException):
    """The process ends here."""


class Driven:
    """An engine on whose runs stories are played."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self.engine = engine
        self.clock = clock
        self.played = 0
        make_jobs(engine, *JOBS)
        for name in TRIED_AGAIN:
            job = engine.get_job(name)
            engine.update_job(type(job)(name, job.script, max_concurrent_runs=1000, max_retries=1))

    def play(self, story: Story) -> None:
        """Play a story through crashes, and demand what the model says. Raises AssertionError."""
        self.played += 1
        chance = random.Random(story.seed)
        run = self._begin(story)
        ended = 0
        while going := sorted(
            (each for each in self.engine.unfinished_runs() if each.workflow_run_id == run.id), key=lambda each: each.id
        ):
            assert not self.engine.get_workflow_run(run.id).finished
            if ended == story.stopped_after and self.engine.get_workflow_run(run.id).state == "RUNNING":
                self.engine.stop_workflow_run(run.id)
                continue
            each = chance.choice(going)
            name = (each.trigger_name or "").removeprefix(f"{self.played} ")
            self._end(each.id, story.end_of(name, each.subject or "", each.attempt), chance)
            ended += 1
        self._check(story, self.engine.get_workflow_run(run.id))

    def _begin(self, story: Story) -> WorkflowRun:
        name = f"w{self.played}"
        self.engine.create_workflow(Workflow(name), [self._trigger(rule, name) for rule in story.rules])
        return self.engine.start_workflow_run(name)

    def _trigger(self, rule: Rule, workflow: str) -> Trigger:
        named = f"{self.played} {rule.name}"
        if not rule.conditions:
            return Trigger(named, TriggerType.ON_DEMAND, actions(*rule.starts), workflow=workflow)
        conditions = tuple(Condition(Node("job", job), state) for job, state in rule.conditions)
        predicate = Predicate(conditions, Logic.AND if rule.all else Logic.ANY)
        return Trigger(named, TriggerType.CONDITIONAL, actions(*rule.starts), workflow=workflow, predicate=predicate)

    def _end(self, run_id: str, state: RunState, chance: random.Random) -> None:
        """End a run; now and then the process is killed before, or amid, asking the triggers, and another goes on."""
        self.clock.at += timedelta(seconds=chance.choice((-3600, -1, 0, 1, 60)))
        fate = chance.random()
        if fate < 0.2:
            with patch.object(self.engine, "settle_ends", lambda: None):
                end_run(self.engine, run_id, state)
        elif fate < 0.4:
            self._killed_amid(run_id, state, chance.randint(1, 2))
        else:
            end_run(self.engine, run_id, state)
        if fate < 0.5:
            Scheduler(self.engine).tick()
        if fate > 0.9:
            self.engine.settle_end(run_id)

    def _killed_amid(self, run_id: str, state: RunState, fires: int) -> None:
        """The transaction that fires is cut off after so many fires: all that it wrote is gone."""
        left = fires
        whole = firing.carry_out

        def cut(*given: object) -> TriggerFire:
            nonlocal left
            left -= 1
            fire = whole(*given)  # type: ignore[arg-type]
            if left == 0:
                raise Killed
            return fire

        with patch.object(firing, "carry_out", cut):
            try:
                end_run(self.engine, run_id, state)
            except Killed:
                assert left == 0

    def _check(self, story: Story, run: WorkflowRun) -> None:
        graph = self.engine.workflow_run_graph(run)
        fired = {each.name.removeprefix(f"{self.played} ") for each in graph.triggers if each.fired}
        expected = fired_of(story)
        assert run.finished
        if run.state == "STOPPED":
            assert fired <= expected
            return
        assert (run.state, fired) == ("COMPLETED", expected)
        runs = self.engine.batch_list_node_runs([run])[run.id]
        first = Counter((each.trigger_name, each.subject) for each in runs if each.attempt == 0)
        started = {
            (f"{self.played} {rule.name}", job) for rule in story.rules if rule.name in fired for job in rule.starts
        }
        assert first == Counter(started)
