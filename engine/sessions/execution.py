"""The life of a session: a run whose process takes statements, until it is stopped, or idle for too long.

It goes on only as long as a service does: the next one takes it up, and where none comes, its supervisor ends it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from catalog.errors import StoreUnavailable
from engine.engine import Engine
from engine.model import Outcome, Run
from engine.running.execution import Execution
from engine.running.executors import Equip
from engine.running.notes import write_whole
from engine.running.processes import identity
from engine.running.scripts import Equipment, ScriptRun, temporary_folder
from engine.running.supervisor import EXIT, KEEPER, withdraw
from engine.sessions.sessions import COMMANDS
from engine.states import RunState

DRIVER = "isinglass_session.py"
LOOK_SECONDS = 1.0


def session_executors(spark: Equip) -> dict[str, Equip]:
    """What a session has around its statements: the Spark of a job, and a program that asks for them."""

    def equip(run: ScriptRun) -> Equipment:
        return replace(spark(run), driver=DRIVER)

    return dict.fromkeys(COMMANDS, equip)


class Sessions:
    """Sessions as their worker sees them; `runs` carries them out like job runs, in folders below `folder`."""

    def __init__(self, engine: Engine, runs: Execution, folder: Path, home: Path) -> None:
        self.engine = engine
        self.runs = runs
        self.folder = folder
        self.home = home

    def execute(self, run: Run, stopping: Callable[[], bool], begun: Callable[[], None]) -> Outcome:
        self._keep(run)
        ending = _Ending(self.engine, run, stopping)
        return self._outcome(run, self.runs.execute(run, ending, self._ready(run, begun)), ending)

    def resume(self, run: Run, stopping: Callable[[], bool], begun: Callable[[], None]) -> Outcome:
        """Go on with a session that goes on; one that its service had not begun is given up: its client has."""
        folder = self.folder / run.id
        if not (folder / EXIT).exists() and withdraw(folder):
            return Outcome(RunState.FAILED, "its service ended before it was ready")
        self._keep(run)
        ending = _Ending(self.engine, run, stopping)
        return self._outcome(run, self.runs.resume(run, ending, self._ready(run, begun)), ending)

    def goes_on(self, run: Run) -> bool:
        return self.runs.goes_on(run)

    def _keep(self, run: Run) -> None:
        """Say that it goes on for this process."""
        folder = self.folder / run.id
        with suppress(OSError):  # who carries it out finds the same, and says so
            folder.mkdir(parents=True, exist_ok=True)
            write_whole(folder / KEEPER, {"process": identity(os.getpid())})

    def _ready(self, run: Run, begun: Callable[[], None]) -> Callable[[], None]:
        def ready() -> None:
            with suppress(StoreUnavailable):
                self.engine.note_session_ready(run.id)
            begun()

        return ready

    def _outcome(self, run: Run, outcome: Outcome, ending: _Ending) -> Outcome:
        """In a session's words."""
        with suppress(OSError):  # it is not empty, or not there
            temporary_folder(run.subject or "", self.home).rmdir()
        if outcome.state is RunState.SUCCEEDED:
            return replace(outcome, state=RunState.FAILED, detail="its Python ended by itself; see the error log")
        if outcome.state is RunState.TIMEOUT:
            return replace(outcome, detail="it went on for longer than its timeout")
        if outcome.state is not RunState.STOPPED:
            return outcome
        if ending.idle:
            return replace(outcome, state=RunState.TIMEOUT, detail="it was idle for longer than its idle timeout")
        with suppress(StoreUnavailable):
            if self.engine.get_run(run.id).stop_requested_at is None:
                return replace(outcome, detail="its service ended")
        return outcome


class _Ending:
    """Whether a session is to end: it was asked to, or is idle for too long."""

    def __init__(self, engine: Engine, run: Run, stopping: Callable[[], bool]) -> None:
        self.engine = engine
        self.run = run
        self.stopping = stopping
        self.idle = False
        self.looked = 0.0

    def __call__(self) -> bool:
        if not self.idle and time.monotonic() - self.looked >= LOOK_SECONDS:
            self.looked = time.monotonic()
            with suppress(StoreUnavailable):
                self.idle = self.engine.close_idle_session(self.run.id)
        return self.stopping() or self.idle
