"""What a connection's methods work on: the catalog, as the user whom the client says it is, and the warehouse."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from api.hive.duties import Warehouse
from api.hive.replies import Replies
from catalog.catalog import Catalog
from catalog.model import Origin


@dataclass
class Session:
    catalog: Catalog
    warehouse: Warehouse
    replies: Replies = field(default_factory=Replies)

    def become(self, user: str) -> None:
        """From here on, record changes as `user`'s. Nothing is checked: a metastore without SASL trusts its network."""
        self.catalog = self.catalog.acting_as(Origin(face="hive", principal=user))


# What serves a method: takes the session and the struct of arguments, returns the result (None for nothing), raises
# DomainError or a Failure.
Handler = Callable[[Session, Any], object]
