"""The worker: claims a run, has it executed, and records how it ended. Only workers move runs on."""

from __future__ import annotations

import os
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

import structlog

from catalog.errors import DomainError, StoreUnavailable
from engine.engine import Engine
from engine.errors import LostRun
from engine.ledger.workers import Silences
from engine.model import CRAWL, JOB, SESSION, Outcome, Run, RunKind
from engine.running.execution import Execution
from engine.running.processes import identity
from engine.states import ACTIVE, RunState

POLL_SECONDS = 0.1
BEAT_SECONDS = 1.0
SWEEP_SECONDS = 5.0

log = structlog.get_logger()

_Carry = Callable[[Run, Callable[[], bool], Callable[[], None]], Outcome]


class Worker:
    """Works runs off: `places` job runs and as many sessions at a time, each in a thread of its own, and one crawl.

    `publish` settles what runs that have ended have staged; it is called after each run, and now and then.
    """

    def __init__(
        self,
        engine: Engine,
        executions: Mapping[RunKind, Execution],
        publish: Callable[[], object] = lambda: None,
        places: int = 1,
    ) -> None:
        self.engine = engine
        self.executions = executions
        self.publish = publish
        self.places: dict[RunKind, int] = {JOB: places, SESSION: places, CRAWL: 1}
        self.owner = identity(os.getpid()) or ""
        self.silences: dict[RunKind | None, Silences] = defaultdict(Silences)  # a thread looks at each kind
        self.ending = threading.Event()
        self.threads: list[threading.Thread] = []

    def start(self) -> None:
        """Work until `stop`, and take up the runs of processes that have died, now and while it lasts."""
        for kind in self.executions:
            thread = threading.Thread(target=self._work, args=(kind,), name=f"worker-{kind}", daemon=True)
            thread.start()
            self.threads.append(thread)

    def stop(self) -> None:
        """Let go: a job run goes on by itself and is taken up by the next worker; a crawl ends and writes nothing.

        Sessions are ended.
        """
        self.ending.set()
        for thread in self.threads:
            thread.join()
        if self.threads:
            with _bearing("the worker's farewell is not recorded", self.owner):
                self.engine.say_farewell(self.owner)

    def adopt(self, kind: RunKind | None = None, only_ended: bool = False) -> list[Run]:
        """The runs of dead processes, now ours, each with the owner that it had.

        With `only_ended`, those that do not go on by themselves.
        """
        found = []
        silences = self.silences[kind]
        unfinished = self.engine.unfinished_runs(kind)
        silences.keep([run.id for run in unfinished])
        seen = self.engine.workers_seen() if unfinished else {}
        for run in unfinished:
            if run.state not in ACTIVE or run.owner is None:
                continue
            # A worker lives while it brings a run's files, though it says nothing of the run itself.
            if not silences.has_died(run.owner, run.id, (run.heartbeat_at, seen.get(run.owner))):
                continue
            if only_ended and self.executions[run.kind].goes_on(run):
                continue
            if self.engine.adopt_run(run, self.owner):
                log.info("run adopted", run=run.id, state=run.state)
                found.append(replace(self.engine.get_run(run.id), owner=run.owner))
        return found

    def settle(self) -> None:
        """Record the end of runs whose worker and whose own processes have died."""
        for run in self.adopt(only_ended=True):
            self._carry(run, self.executions[run.kind].resume)
        self._publish()

    def work_off(self, run_id: str) -> Run:
        """Carry the named run out in this thread once it may begin; if another worker has it, wait for its end."""
        while True:
            claimed = self.engine.claim_run(self.owner, run_id=run_id)
            if claimed is not None:
                self._carry(claimed, self.executions[claimed.kind].execute)
            run = self.engine.get_run(run_id)
            if run.finished:
                return run
            time.sleep(POLL_SECONDS)

    def _work(self, kind: RunKind) -> None:
        """Hand runs out to threads while there is a place; adopted ones go on by themselves and need none."""
        swept = float("-inf")
        carrying: set[threading.Thread] = set()
        done = threading.Event()
        while not self.ending.is_set():
            done.clear()
            carrying = {thread for thread in carrying if thread.is_alive()}
            try:
                if time.monotonic() - swept >= SWEEP_SECONDS:
                    carrying |= self._sweep(kind, done)
                    swept = time.monotonic()
                room = self.places[kind] - len(carrying)
                claimed = self.engine.claim_runs(self.owner, (kind,), room) if room > 0 else []
                carrying |= {self._hand_out(run, self.executions[kind].execute, done) for run in claimed}
            except Exception:  # the database may be away for a while: nothing is lost by asking again
                log.exception("no run could be taken", kind=kind)
            done.wait(POLL_SECONDS)
        for thread in carrying:
            thread.join()

    def _sweep(self, kind: RunKind, done: threading.Event) -> set[threading.Thread]:
        """Take up the runs of the dead, and say that this worker lives."""
        if kind == JOB:
            self.engine.say_alive(self.owner, self.places[JOB])
        adopted = {self._hand_out(run, self.executions[kind].resume, done) for run in self.adopt(kind)}
        if kind == JOB:
            self._publish()
        return adopted

    def _hand_out(self, run: Run, carry: _Carry, done: threading.Event) -> threading.Thread:
        def work() -> None:
            try:
                self._carry(run, carry)
            finally:
                done.set()

        thread = threading.Thread(target=work, name=f"run-{run.id}", daemon=True)
        thread.start()
        return thread

    def _carry(self, run: Run, carry: _Carry) -> None:
        log.info("run begins", run=run.id, kind=run.kind, subject=run.subject)
        fault: Exception | None = None
        try:
            outcome = carry(run, _Beat(self, run), lambda: self._begin(run))
        except LetGo:
            log.info("run goes on without this process", run=run.id)
            return
        except DomainError as error:
            outcome = Outcome(RunState.FAILED, str(error))
        except Exception as error:  # a fault of ours must end the run, not the worker
            fault = error
            outcome = Outcome(RunState.FAILED, f"a fault of Isinglass: {type(error).__name__}: {error}")
        if fault is not None:
            log.error("a fault of Isinglass ended a run", run=run.id, exc_info=fault)
        self._finish(run, outcome)
        if run.kind == JOB:
            self._publish()

    def _publish(self) -> None:
        try:
            self.publish()
        except Exception:  # it is repeated: nothing of it may end the worker
            log.exception("what runs have staged is not settled yet")

    def _begin(self, run: Run) -> None:
        with _bearing("the run's beginning is not recorded", run.id):
            self.engine.begin_run(run.id, self.owner)

    def _finish(self, run: Run, outcome: Outcome) -> None:
        """Record the end, as soon as the database lets us; the next worker finds it if this one ends before."""
        while True:
            try:
                ended = self.engine.finish_run(run.id, self.owner, outcome)
                log.info("run ended", run=run.id, state=ended.state, detail=ended.detail)
                return
            except LostRun as error:
                log.warning("run lost", run=run.id, why=str(error))
                return
            except StoreUnavailable as error:
                log.warning("the run's end is not recorded yet", run=run.id, why=str(error))
            except Exception as error:  # a fault of ours must not leave the run without an end
                log.exception("a fault of Isinglass: the run's end is not recorded", run=run.id)
                outcome = Outcome(RunState.FAILED, f"a fault of Isinglass: {type(error).__name__}: {error}")
            if self.ending.wait(BEAT_SECONDS):
                return


class LetGo(BaseException):
    """Raised out of an execution whose worker is ending; the run itself is not touched."""


class _Beat:
    """Called by an execution: keeps the run ours, and tells whether its stop was asked for."""

    def __init__(self, worker: Worker, run: Run) -> None:
        self.worker = worker
        self.run_id = run.id
        self.outlives = run.kind != SESSION
        self.at = 0.0
        self.stopping = False

    def __call__(self) -> bool:
        ending = self.worker.ending.is_set()
        if ending and self.outlives:
            raise LetGo
        if time.monotonic() - self.at >= BEAT_SECONDS:
            self.at = time.monotonic()
            with _bearing("no sign of life is recorded", self.run_id):
                self.stopping = self.worker.engine.beat(self.run_id, self.worker.owner)
        return self.stopping or ending


@contextmanager
def _bearing(what: str, run_id: str) -> Iterator[None]:
    """Bear with a database that is away for a while: it is no reason to end a run."""
    try:
        yield
    except StoreUnavailable as error:
        log.warning(what, run=run_id, why=str(error))
