"""A call of an operation: what was asked, by whom, and the core that is to answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from api.auth.policies import Policies
from api.glue.account import DEFAULT_REGION
from api.glue.failures import EntityNotFound
from catalog.catalog import Catalog
from engine.engine import Engine

Shape = dict[str, Any]


@dataclass(frozen=True)
class Caller:
    """Who signed a request: `principal` is recorded with what it changes; `holder` is what the access key came with."""

    principal: str = "local"
    region: str = DEFAULT_REGION
    holder: object = None


@dataclass(frozen=True)
class Call:
    """`asked` is the request in wire form, checked against the model; its times are datetimes."""

    asked: Shape
    catalog: Catalog
    engine: Engine
    account: str
    policies: Policies
    caller: Caller = Caller()

    @property
    def region(self) -> str:
        return self.caller.region

    def arn(self, resource: str) -> str:
        """The ARN of such as `job/flights` or `table/db/name`."""
        return f"arn:aws:glue:{self.region}:{self.account}:{resource}"

    def demand_own_catalog(self) -> None:
        """Raises EntityNotFound for the catalog of another account: there is one here."""
        asked = self.asked.get("CatalogId")
        if asked is not None and asked != self.account:
            raise EntityNotFound(f"Catalog {asked} not found; the catalog here is that of account {self.account}.")


Operation = Callable[[Call], Shape]
