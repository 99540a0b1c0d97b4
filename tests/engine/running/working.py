"""Workers over a real ledger, whose executions do what the test says."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from crawlers.model import Crawler, Target
from engine.engine import Engine
from engine.model import Outcome, Run
from engine.running.worker import Worker
from engine.states import RunState

PATIENCE_SECONDS = 30.0
DONE = Outcome(RunState.SUCCEEDED, figures={"tasks": 2.0})


class Scripted:
    """An execution that does what the test says; it knows what it was given."""

    def __init__(self, act: Callable[[Run, Callable[[], bool], Callable[[], None]], Outcome]) -> None:
        self.act = act
        self.executed: list[str] = []
        self.resumed: list[str] = []
        self.going_on: set[str] = set()
        self.at_once = 0
        self.most_at_once = 0
        self.lock = threading.Lock()

    def execute(self, run: Run, stopping: Callable[[], bool], begun: Callable[[], None]) -> Outcome:
        with self.lock:
            self.executed.append(run.id)
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            return self.act(run, stopping, begun)
        finally:
            with self.lock:
                self.at_once -= 1

    def resume(self, run: Run, stopping: Callable[[], bool], begun: Callable[[], None]) -> Outcome:
        self.resumed.append(run.id)
        return Outcome(RunState.FAILED, "found dead")

    def goes_on(self, run: Run) -> bool:
        return run.id in self.going_on


def at_once(run: Run, stopping: Callable[[], bool], begun: Callable[[], None]) -> Outcome:
    begun()
    return DONE


def until_stopped(run: Run, stopping: Callable[[], bool], begun: Callable[[], None]) -> Outcome:
    begun()
    while not stopping():
        time.sleep(0.01)
    return Outcome(RunState.STOPPED, "stopped on request")


@contextmanager
def working(engine: Engine, **executions: Scripted) -> Iterator[Worker]:
    worker = Worker(engine, executions)  # type: ignore[arg-type]
    worker.start()
    try:
        yield worker
    finally:
        worker.stop()


def await_end(engine: Engine, *runs: Run) -> list[Run]:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        found = [engine.get_run(run.id) for run in runs]
        if all(run.finished for run in found):
            return found
        assert time.monotonic() < deadline, [run.state for run in found]
        time.sleep(0.02)


def await_state(engine: Engine, run: Run, state: RunState) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while engine.get_run(run.id).state is not state:
        assert time.monotonic() < deadline, engine.get_run(run.id).state
        time.sleep(0.02)


def place() -> Crawler:
    return Crawler("visits", "web", (Target("/lake"),))


def left_by(owner: str, engine: Engine) -> Run:
    run = engine.start_job_run("totals")
    claimed = engine.claim_run(owner, run_id=run.id)
    assert claimed is not None
    return claimed
