"""Whether a predicate is met by runs that have ended; pure."""

from __future__ import annotations

from collections.abc import Iterable

from engine.flows.trigger_model import Condition, Logic, Predicate
from engine.model import Run


def meets(run: Run, condition: Condition) -> bool:
    return (run.kind, run.subject, run.state) == (condition.node.kind, condition.node.name, condition.state)


def decided(logic: Logic, met: Iterable[bool]) -> bool:
    """Whether the conditions that are met suffice."""
    return all(met) if logic is Logic.AND else any(met)


def is_met(predicate: Predicate, ended: Iterable[Run]) -> bool:
    """Whether the runs meet the predicate. More runs never undo it."""
    runs = list(ended)
    return decided(predicate.logic, [any(meets(run, each) for run in runs) for each in predicate.conditions])


def last_attempts(runs: Iterable[Run]) -> list[Run]:
    """The runs that no other of them repeats: a failure that is tried again has not decided anything yet."""
    found = list(runs)
    repeated = {run.previous_run_id for run in found}
    return [run for run in found if run.id not in repeated]
