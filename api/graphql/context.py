"""What the resolvers of one request are given: the two front doors, and how many nodes the request may still list."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from uuid import uuid4

import strawberry

from api.graphql.limits import MOST_NODES, TooManyNodes
from catalog.catalog import Catalog
from engine.engine import Engine


@dataclass
class Context:
    catalog: Catalog
    engine: Engine
    request_id: str = field(default_factory=lambda: uuid4().hex)
    nodes_left: int = MOST_NODES

    def spend(self, nodes: int) -> None:
        """Take `nodes` off what the request may still list. Raises TooManyNodes when nothing is left."""
        self.nodes_left -= nodes
        if self.nodes_left < 0:
            raise TooManyNodes

    def trying(self, dry_run: bool) -> Context:
        """This context; with `dry_run`, one in which each verb does all it does and is then undone."""
        if not dry_run:
            return self
        return replace(self, catalog=self.catalog.rehearsing(), engine=self.engine.rehearsing())


Info = strawberry.Info[Context, None]
