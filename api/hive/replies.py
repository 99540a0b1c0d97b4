"""Replies that are asked for again and again, kept as bytes for as long as what they tell has not changed.

That something is not there is kept as well: Spark asks for the database `global_temp` at every turn.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

from api.hive.encoding import Encoded, encoded
from catalog.errors import NotFound
from catalog.stamps import Stamp

MOST = 4_096


class Replies:
    """The newest reply to each question; all are forgotten when there are too many. Any thread may ask."""

    def __init__(self) -> None:
        self._kept: dict[Hashable, tuple[Stamp, Encoded | NotFound]] = {}

    def get(self, question: Hashable, stamp: Callable[[], Stamp | None], answer: Callable[[], Any]) -> Encoded:
        """The struct that `answer` makes, encoded, or its NotFound. It is made anew unless it was made at this stamp.

        The stamp is taken before the answer: a change between the two makes the reply look older than it is.
        """
        now = stamp()
        kept = self._kept.get(question)
        reply = kept[1] if kept is not None and kept[0] == now else self._made(question, now, answer)
        if isinstance(reply, NotFound):
            raise reply.with_traceback(None)
        return reply

    def _made(self, question: Hashable, now: Stamp | None, answer: Callable[[], Any]) -> Encoded | NotFound:
        reply: Encoded | NotFound
        try:
            reply = encoded(answer())
        except NotFound as error:
            reply = error
        if now is not None:
            if len(self._kept) >= MOST:
                self._kept.clear()
            self._kept[question] = now, reply
        return reply
