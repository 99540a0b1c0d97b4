"""What executes a run, as its worker sees it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from engine.model import Outcome, Run


class Execution(Protocol):
    """One kind of run. Both calls last as long as the run does.

    They call `stopping` at least once a second, which keeps the run this worker's and tells whether a stop was asked
    for; and `begun` once the run is really under way. A failure of the run is an Outcome, not an exception.
    """

    def execute(self, run: Run, stopping: Callable[[], bool], begun: Callable[[], None]) -> Outcome:
        """Carry the run out."""
        ...

    def resume(self, run: Run, stopping: Callable[[], bool], begun: Callable[[], None]) -> Outcome:
        """Take over a run whose worker died: follow what still goes on, or say how it ended."""
        ...

    def goes_on(self, run: Run) -> bool:
        """Whether a run whose worker died still goes on by itself."""
        ...
