"""What the resolvers of one request are given: the front doors, who asks, and how much the request may still list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from uuid import uuid4

import strawberry

from api.auth.audit import Asking
from api.auth.gate import Gate
from api.auth.principals import Action, Principal, Resource
from api.graphql.limits import MOST_NODES, TooManyNodes
from catalog.catalog import Catalog
from engine.engine import Engine


@dataclass
class Context:
    catalog: Catalog
    engine: Engine
    gate: Gate
    principal: Principal
    introspection: bool = True  # whether the schema may be asked for
    request_id: str = field(default_factory=lambda: uuid4().hex)
    nodes_left: int = MOST_NODES

    def renew(self) -> None:
        """Raises Unauthenticated if who asks may do so no longer."""
        self.principal = self.gate.renewed(self.principal)

    def demand(self, action: Action, resource: Resource, operation: str, reads: bool = True) -> None:
        """Raises Forbidden unless who asks may do it."""
        self.gate.demand(self.principal, action, resource, Asking("graphql", operation, self.request_id, reads))

    def demand_undenied(
        self, actions: Sequence[str], paths: Sequence[str], field: str, trees: Sequence[str] = ()
    ) -> None:
        """Raises ExplicitlyDenied if the resource policy denies who asks one of Glue's actions on them."""
        asking = Asking("graphql", field, self.request_id, True)
        self.gate.demand_undenied(self.principal, actions, paths, asking, trees)

    def sees(self, actions: Sequence[str], paths: Sequence[str]) -> bool:
        """Whether the resource policy denies who asks none of Glue's actions on them."""
        policy = self.gate.policies.current()
        return policy is None or policy.denied(self.principal.name, actions, paths) is None

    @property
    def policed(self) -> bool:
        return self.gate.policies.current() is not None

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
