"""A lazy step of a job: computed when first asked for, once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

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
        self._before: tuple[Errors, ...] | None = None
        self.stage = stage

    def typed(self) -> Typed:
        """The frame, in which columns of typed text may be open choices and fields may be left that no record has."""
        for node in self._upstream(lambda node: node._typed is not None):
            node._typed = node._build()
        return cast(Typed, self._typed)

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
        for node in self._upstream(lambda node: node._before is not None):
            before = (error for each in node._inputs for error in each.errors())
            node._before = tuple(dict.fromkeys(before))
        return cast("tuple[Errors, ...]", self._before)

    def all_stages(self) -> list[Node]:
        """The nodes this one is built from, each once and inputs first, then itself."""
        return self._upstream(lambda _: False)

    def _upstream(self, done: Callable[[Node], bool]) -> list[Node]:
        """This node and those before it, inputs first, but for those that are done and what is behind them.

        A script may chain hundreds of steps, more than Python would follow by calls.
        """
        found: dict[Node, None] = {}
        waiting = [(self, False)]
        while waiting:
            node, entered = waiting.pop()
            if entered:
                found[node] = None
            elif node not in found and not done(node):
                waiting += [(node, True), *((each, False) for each in reversed(node._inputs))]
        return list(found)

    def check(self) -> None:
        """Holds this step and those before it against their thresholds; counts only where there is a threshold."""
        for node in self._upstream(lambda node: node._checked):
            node._hold("this step", node.stage.stage_threshold, node.stage_errors)
            node._hold("all steps so far", node.stage.total_threshold, node.errors)
            node._checked = True

    def _hold(self, kind: str, threshold: int, errors: Callable[[], Sequence[Errors]]) -> None:
        limit = int(threshold or 0)  # a script may give a text
        if limit > 0 and (count := counted(errors())) >= limit:
            raise ErrorThresholdError(self.stage.site, kind, count, limit)
