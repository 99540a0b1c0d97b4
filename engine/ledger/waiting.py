"""Why a run waits, in one sentence, out of the facts. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_NAMED = 3


@dataclass(frozen=True)
class Memory:
    """What a run needs of the machine's memory, and who has the rest."""

    needs_mb: int
    free_mb: int
    all_mb: int
    used_by: tuple[str, ...]


@dataclass(frozen=True)
class Facts:
    """What bears on a run that waits.

    `workers`: how many live. `in_the_way` are the runs that fill its job's maximum, `carried` those that fill the
    places of all workers (empty if one is free). `ahead` counts the runs that wait for a longer time.
    """

    subject: str
    workers: int
    in_the_way: tuple[str, ...] = ()
    carried: tuple[str, ...] = ()
    memory: Memory | None = None
    ahead: int = 0


def why_waiting(facts: Facts) -> str:
    """What has to happen before the run begins."""
    if not facts.workers:
        return "no worker lives: start the service with isinglass serve"
    if facts.in_the_way:
        most = len(facts.in_the_way)
        return f"job {facts.subject} runs at most {most} at once: {_ends(facts.in_the_way)}"
    memory = facts.memory
    if memory is not None and memory.needs_mb > memory.free_mb:
        has = f"it needs {memory.needs_mb:,} MB of memory, and {memory.free_mb:,} of {memory.all_mb:,} MB are free"
        return f"{has}: {_ends(memory.used_by)}"
    if facts.carried:
        return f"every worker is busy: {_ends(facts.carried)}"
    if facts.ahead:
        longer = "1 run that waits longer begins" if facts.ahead == 1 else f"{facts.ahead} runs that wait longer begin"
        return f"{longer} first"
    return "a worker takes it next"


def _ends(runs: Sequence[str]) -> str:
    """Whose end is waited for."""
    named = ", ".join(runs[:_NAMED])
    more = f" and {len(runs) - _NAMED} more" if len(runs) > _NAMED else ""
    return f"it waits for {named}{more} to end" if len(runs) == 1 else f"it waits for one of {named}{more} to end"
