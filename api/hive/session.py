"""What a connection's methods work on: the catalog, as the user whom the client says it is, and the warehouse."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from api.hive.doors import Door
from api.hive.duties import Warehouse
from api.hive.policing import Policing
from api.hive.replies import Replies
from catalog.catalog import Catalog
from catalog.model import Origin


@dataclass
class Session:
    catalog: Catalog
    warehouse: Warehouse
    replies: Replies = field(default_factory=Replies)
    door: Door | None = None
    policing: Policing | None = None

    def __post_init__(self) -> None:
        if self.door:
            self.catalog = self.catalog.acting_as(Origin("hive", self.door.principal.name))

    def demand(self, method: str, arguments: Any) -> None:
        """Raises Forbidden unless this connection's client may call the method, ExplicitlyDenied."""
        if self.policing:
            self.policing.demand(method, arguments)
        if self.door:
            self.door.demand(method, arguments)

    def recall(self, call: bytes) -> bytes | None:
        """The answer to the same call before, if it holds. While a policy is in force each call is decided on."""
        return None if self.policing and self.policing.in_force else self.replies.recall(call)

    def leave_out(self, method: str, arguments: Any, result: Any) -> Any:
        """What the method yields, without what this connection's client may not see of a list."""
        return self.policing.leave_out(method, arguments, result) if self.policing else result

    def become(self, user: str) -> None:
        """From here on, record changes as `user`'s, which is not checked; behind a door they are its principal's."""
        if self.door:
            return
        self.catalog = self.catalog.acting_as(Origin(face="hive", principal=user))


# What serves a method: takes the session and the struct of arguments, returns the result (None for nothing), raises
# DomainError or a Failure.
Handler = Callable[[Session, Any], object]
