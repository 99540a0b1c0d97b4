"""A lazy step of a job: computed when first asked for, once."""

from __future__ import annotations

from collections.abc import Callable

from awsglue._settling import settled
from awsglue._tree import Typed


class Node:
    """How to come to a typed frame. Building it may learn a schema (a scan of JSON); settling may look once more."""

    def __init__(self, build: Callable[[], Typed]) -> None:
        self._build = build
        self._typed: Typed | None = None

    def typed(self) -> Typed:
        """The frame, in which columns of typed text may still be open choices."""
        if self._typed is None:
            self._typed = self._build()
        return self._typed

    def settled(self) -> Typed:
        """The frame with every choice decided; steps built after this see the decision too."""
        self._typed = settled(self.typed())
        return self._typed

    def then(self, step: Callable[[Typed], Typed]) -> Node:
        """The node after one more step."""
        return Node(lambda: step(self.typed()))
