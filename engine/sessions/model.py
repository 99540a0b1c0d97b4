"""The nouns of interactive sessions as frozen values, and their states."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import msgspec

from engine.model import Job, JobSpec, Run
from engine.states import FINAL, RunState

DEFAULT_MINUTES = 2_880


class SessionState(StrEnum):
    """Told by the state of the session's run; never stored."""

    PROVISIONING = "PROVISIONING"
    READY = "READY"
    FAILED = "FAILED"
    TIMEOUT = "TIMEOUT"
    STOPPING = "STOPPING"
    STOPPED = "STOPPED"


class StatementState(StrEnum):
    """AVAILABLE has ended by itself, with an error, too; ERROR was lost with its session's process."""

    WAITING = "WAITING"
    RUNNING = "RUNNING"
    AVAILABLE = "AVAILABLE"
    CANCELLING = "CANCELLING"
    CANCELLED = "CANCELLED"
    ERROR = "ERROR"


_S = StatementState
UNFINISHED: frozenset[StatementState] = frozenset({_S.WAITING, _S.RUNNING, _S.CANCELLING})
_BEFORE_READY = frozenset({RunState.WAITING, RunState.STARTING})
_ENDS = {RunState.STOPPED: SessionState.STOPPED, RunState.TIMEOUT: SessionState.TIMEOUT}


def session_state(state: RunState, closed: bool) -> SessionState:
    """What a session is whose run is in `state`; one that is `closed` takes no statements any more."""
    if state in FINAL:
        return _ENDS.get(state, SessionState.FAILED)
    if closed or state is RunState.STOPPING:
        return SessionState.STOPPING
    return SessionState.PROVISIONING if state in _BEFORE_READY else SessionState.READY


@dataclass(frozen=True)
class Session:
    """A session under the id that its client gave it, and the run that it is."""

    id: str
    run: Run
    idle_minutes: int
    created_at: datetime
    closed_at: datetime | None = None

    @property
    def job(self) -> Job:
        """What it was asked to be, in the words of a job; tags apart."""
        return msgspec.json.decode(self.run.spec, type=JobSpec).job

    @property
    def state(self) -> SessionState:
        return session_state(self.run.state, bool(self.closed_at or self.run.stop_requested_at))


class Failure(msgspec.Struct, frozen=True):
    """An exception that a statement ended with; `traceback` begins with the statement's own lines."""

    name: str
    value: str
    traceback: tuple[str, ...]


class Output(msgspec.Struct, frozen=True):
    """What a statement printed, with the value of its last expression, and how it failed, if it did."""

    text: str = ""
    failure: Failure | None = None


@dataclass(frozen=True)
class Statement:
    """A piece of code; statements of a session are numbered from 0 and carried out in that order."""

    session_id: str
    number: int
    code: str
    state: StatementState
    output: Output | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
