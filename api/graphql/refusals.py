"""Operations refused for what they ask for: who repeats one is told so again before a word of it is read."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

import msgspec

from api.graphql.limits import limit_exceeded

MOST_KNOWN = 1_000
HELD_BACK_SECONDS = 0.08  # after its arrival: who asks without a pause is not to keep others waiting


class Refusals:
    """Any thread may ask. Known by digests: of a document, its variables and its operation's name."""

    def __init__(self) -> None:
        self._known: dict[bytes, str] = {}

    def demand_new(self, *asked: Any) -> None:
        """Raises GraphQLError for an operation that was refused before."""
        if self._known and (message := self._known.get(_digest(asked))):
            raise limit_exceeded(message)

    def note(self, message: str, *asked: Any) -> None:
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        self._known[_digest(asked)] = message


def _digest(asked: tuple[Any, ...]) -> bytes:
    return blake2b(msgspec.msgpack.encode(asked), digest_size=16).digest()
