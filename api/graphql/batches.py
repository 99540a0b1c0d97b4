"""What a list's nodes are asked for one by one, read for all of them by one verb of the core."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
S = TypeVar("S")


class Batch(Generic[K]):
    """The keys of nodes that are answered together. What is read for one of them is read for all, once."""

    def __init__(self, keys: Sequence[K]) -> None:
        self.keys = keys
        self.read: dict[Hashable, Mapping[K, Any]] = {}

    def of(self, key: K, read: Callable[[S, Sequence[K]], Mapping[K, V]], source: S) -> V | None:
        """What `read` finds of `key` in `source`, which is one of the core's front doors; None if it leaves it out."""
        return self.once(read, lambda keys: read(source, keys)).get(key)

    def once(self, asked: Hashable, read: Callable[[Sequence[K]], Mapping[K, V]]) -> Mapping[K, V]:
        """What `read` finds of all keys; `asked` tells this question from the others that are asked of them."""
        if asked not in self.read:
            self.read[asked] = read(self.keys)
        return self.read[asked]
