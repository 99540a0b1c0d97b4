"""What can be asked for again by an id of its own. Ids are opaque to callers: kind and key, encoded."""

from __future__ import annotations

import base64
import binascii
from abc import ABC, abstractmethod

import msgspec
import strawberry

from api.graphql.fields import field


@strawberry.interface(description="Anything that can be asked for again by its id.")
class Node(ABC):
    @field("Opaque; good for `node(id)` for as long as the thing keeps its name.")
    def id(self) -> strawberry.ID:
        return strawberry.ID(encode(type(self).__name__, *self.key()))

    @abstractmethod
    def key(self) -> tuple[str, ...]:
        """What tells this node from others of its type; the type's `find` takes it back."""


def encode(kind: str, *key: str) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode((kind, *key))).decode()


def decode(id: str) -> tuple[str, ...]:
    """The kind and the key; empty for a text that is no id."""
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(id.encode()), type=tuple[str, ...])
    except (binascii.Error, msgspec.DecodeError, ValueError):
        return ()
