"""The state machine of a run: the ten states, the legal moves, and which states are final."""

from enum import StrEnum


class RunState(StrEnum):
    """A stop is a request recorded on the run; the state says how far the worker has answered it."""

    WAITING = "WAITING"
    STARTING = "STARTING"
    RUNNING = "RUNNING"
    STOPPING = "STOPPING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    STOPPED = "STOPPED"
    TIMEOUT = "TIMEOUT"
    ERROR = "ERROR"
    EXPIRED = "EXPIRED"


_S = RunState

MOVES: dict[RunState, frozenset[RunState]] = {
    _S.WAITING: frozenset({_S.STARTING, _S.STOPPED, _S.EXPIRED, _S.ERROR}),
    _S.STARTING: frozenset({_S.RUNNING, _S.STOPPING, _S.FAILED, _S.TIMEOUT, _S.ERROR}),
    _S.RUNNING: frozenset({_S.SUCCEEDED, _S.FAILED, _S.TIMEOUT, _S.STOPPING}),
    _S.STOPPING: frozenset({_S.STOPPED, _S.SUCCEEDED, _S.FAILED, _S.TIMEOUT}),
    _S.SUCCEEDED: frozenset(),
    _S.FAILED: frozenset(),
    _S.STOPPED: frozenset(),
    _S.TIMEOUT: frozenset(),
    _S.ERROR: frozenset(),
    _S.EXPIRED: frozenset(),
}

FINAL = frozenset(state for state, following in MOVES.items() if not following)
ACTIVE = frozenset({_S.STARTING, _S.RUNNING, _S.STOPPING})
UNFINISHED = frozenset(RunState) - FINAL


def path(start: RunState, end: RunState) -> tuple[RunState, ...]:
    """The shortest legal way from `start` to `end`, without `start`; empty if there is none.

    A run can end before its worker has said that it began: its history then still shows each step.
    """
    ways: list[tuple[RunState, ...]] = [()]
    seen = {start}
    while ways:
        way = ways.pop(0)
        at = way[-1] if way else start
        for state in sorted(MOVES[at] - seen):
            if state is end:
                return (*way, state)
            seen.add(state)
            ways.append((*way, state))
    return ()
