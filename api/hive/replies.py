"""Replies that are asked for again and again, kept as bytes for as long as what they tell has not changed.

That something is not there is kept as well: Spark asks for the database `global_temp` at every turn. A call that comes
again byte for byte is answered without being read.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

from api.hive.encoding import Encoded, encoded
from catalog.errors import NotFound
from catalog.stamps import Stamp

MOST = 4_096
LONGEST = 1_024  # bytes of a call that is remembered
_HEAD = 8  # bytes of a call before its method's name: the version, and the name's length
_NUMBER = 4  # bytes of a call's number, behind the name

Ask = Callable[[], Stamp | None]


@dataclass(frozen=True, slots=True)
class Kept(Encoded):
    """A reply that holds as long as `ask` yields `stamp`."""

    stamp: Stamp
    ask: Ask


class Replies:
    """The newest reply to each question; all are forgotten when there are too many. Any thread may ask."""

    def __init__(self) -> None:
        self._kept: dict[Hashable, Kept | tuple[Stamp, NotFound]] = {}
        self._calls: dict[bytes, tuple[Kept, bytes, bytes]] = {}

    def get(self, question: Hashable, ask: Ask, answer: Callable[[], Any]) -> Encoded:
        """The struct that `answer` makes, encoded, or its NotFound. It is made anew unless it was made at this stamp.

        `ask` yields the stamp. It is taken before the answer: a change between the two makes the reply look older
        than it is.
        """
        now = ask()
        kept = self._kept.get(question)
        if isinstance(kept, Kept):
            if kept.stamp == now:
                return kept
        elif kept is not None and kept[0] == now:
            raise kept[1].with_traceback(None)
        return self._made(question, now, ask, answer)

    def recall(self, call: bytes) -> bytes | None:
        """The whole answer to `call`, if it is one that was answered before and the answer still holds."""
        if len(call) > LONGEST:
            return None
        end = _HEAD + int.from_bytes(call[4:_HEAD], "big")
        known = self._calls.get(call[:end] + call[end + _NUMBER :])
        if known is None or known[0].ask() != known[0].stamp:
            return None
        return known[1] + call[end : end + _NUMBER] + known[2]

    def remember(self, call: bytes, reply: Kept, answer: bytes) -> None:
        """`answer` is what was sent for `reply`, to the one whole call that `call` is."""
        if len(call) > LONGEST:
            return
        if len(self._calls) >= MOST:
            self._calls.clear()
        end, told = (_HEAD + int.from_bytes(each[4:_HEAD], "big") for each in (call, answer))
        self._calls[call[:end] + call[end + _NUMBER :]] = reply, answer[:told], answer[told + _NUMBER :]

    def _made(self, question: Hashable, now: Stamp | None, ask: Ask, answer: Callable[[], Any]) -> Encoded:
        try:
            reply = encoded(answer())
        except NotFound as error:
            if now is not None:
                self._keep(question, (now, error))
            raise
        if now is None:
            return reply
        kept = Kept(reply.kind, reply.pieces, now, ask)
        self._keep(question, kept)
        return kept

    def _keep(self, question: Hashable, reply: Kept | tuple[Stamp, NotFound]) -> None:
        if len(self._kept) >= MOST:
            self._kept.clear()
        self._kept[question] = reply
