"""Replies that are asked for again and again, kept as bytes for as long as what they tell has not changed."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

from api.hive.encoding import Encoded, encoded
from catalog.stamps import Stamp

MOST = 4_096


class Replies:
    """The newest reply to each question; all are forgotten when there are too many. Any thread may ask."""

    def __init__(self) -> None:
        self._kept: dict[Hashable, tuple[Stamp, Encoded]] = {}

    def get(self, question: Hashable, stamp: Callable[[], Stamp | None], answer: Callable[[], Any]) -> Encoded:
        """The struct that `answer` makes, encoded. It is made anew unless it was made at the same stamp.

        The stamp is taken before the answer: a change between the two makes the reply look older than it is.
        """
        now = stamp()
        kept = self._kept.get(question)
        if kept is not None and kept[0] == now:
            return kept[1]
        reply = encoded(answer())
        if now is not None:
            if len(self._kept) >= MOST:
                self._kept.clear()
            self._kept[question] = now, reply
        return reply
