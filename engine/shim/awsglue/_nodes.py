"""A lazy step of a job: computed when first asked for, once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from awsglue._errors import Errors, ErrorThresholdError, counted
from awsglue._settling import decided, settled
from awsglue._tree import Typed


@dataclass(frozen=True)
class Stage:
    """What a script says of one step: where it stands, and how many error records are too many (0: never)."""

    site: str = ""
    info: str = ""
    stage_threshold: int = 0
    total_threshold: int = 0


UNNAMED = Stage()


class Node:
    """How to come to a typed frame. Building it may learn a schema (a scan of JSON); settling may look once more.

    `inputs` are the nodes it is built from: their error records are its own too, and their thresholds hold.
    """

    def __init__(self, build: Callable[[], Typed], inputs: Sequence[Node] = (), stage: Stage = UNNAMED) -> None:
        self._build = build
        self._inputs = tuple(inputs)
        self._typed: Typed | None = None
        self._checked = False
        self.stage = stage

    def typed(self) -> Typed:
        """The frame, in which columns of typed text may be open choices and fields may be left that no record has."""
        if self._typed is None:
            self._typed = self._build()
        return self._typed

    def settled(self) -> Typed:
        """The frame with every choice and presence decided, for an action; steps built after this see it too.

        Raises ErrorThresholdError where a step up to here made too many error records.
        """
        self.check()
        self._typed = settled(self.typed())
        return self._typed

    def decided(self) -> Typed:
        """The frame with every open choice decided, for steps of several frames, which must know their types."""
        self._typed = decided(self.typed())
        return self._typed

    def then(self, step: Callable[[Typed], Typed], stage: Stage = UNNAMED) -> Node:
        """The node after one more step."""
        return Node(lambda: step(self.typed()), [self], stage)

    def errors(self) -> tuple[Errors, ...]:
        """The error records of this step and of all before it."""
        return (*self._errors_before(), *self.stage_errors())

    def stage_errors(self) -> tuple[Errors, ...]:
        """The error records this step alone made."""
        before = set(self._errors_before())
        return tuple(error for error in self.typed().errors if error not in before)

    def _errors_before(self) -> tuple[Errors, ...]:
        return tuple(dict.fromkeys(error for node in self._inputs for error in node.errors()))

    def all_stages(self) -> list[Node]:
        """The nodes this one is built from, each once and inputs first, then itself."""
        return list(dict.fromkeys([*(deeper for node in self._inputs for deeper in node.all_stages()), self]))

    def check(self) -> None:
        """Holds this step and those before it against their thresholds; counts only where there is a threshold."""
        for node in self._inputs:
            node.check()
        if not self._checked:
            self._hold("this step", self.stage.stage_threshold, self.stage_errors)
            self._hold("all steps so far", self.stage.total_threshold, self.errors)
            self._checked = True

    def _hold(self, kind: str, threshold: int, errors: Callable[[], Sequence[Errors]]) -> None:
        if threshold > 0 and (count := counted(errors())) >= threshold:
            raise ErrorThresholdError(self.stage.site, kind, count, threshold)
