"""Who failed to prove who they are, by address: who fails often waits longer, and is told of seldom."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock

WINDOW_SECONDS = 60.0
FREE = 5  # failures of an address in a minute that cost nothing
LONGEST_SECONDS = 5.0
MOST_ADDRESSES = 10_000


@dataclass
class Attempts:
    """Failures of the last minute. Who shows a good proof is never held up by it: addresses may be shared."""

    _seen: OrderedDict[str, tuple[float, int]] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def failed(self, address: str, at: float) -> tuple[float, bool]:
        """For how many seconds to hold the answer to a failure at second `at` back, and whether it is to be recorded:
        the first of a minute is, and each tenth."""
        with self._lock:
            began, count = self._seen.pop(address, (at, 0))
            if at - began >= WINDOW_SECONDS:
                began, count = at, 0
            self._seen[address] = (began, count + 1)
            if len(self._seen) > MOST_ADDRESSES:
                self._seen.popitem(last=False)
        wait = 0.0 if count < FREE else min(0.1 * 2 ** min(count - FREE, 10), LONGEST_SECONDS)
        return wait, count % 10 == 0
