"""One entry for each kind of target: how what it holds is turned into drafts of tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from crawlers import catalogued, files, jdbc, lakes
from crawlers.errors import NotAvailable
from crawlers.gathering import Gathered, Request
from crawlers.model import AnyTarget, CatalogTarget, DeltaTarget, IcebergTarget, JdbcTarget, Target

GATHERERS: dict[type[AnyTarget], Callable[[Any, Request], Gathered]] = {
    Target: files.gather,
    CatalogTarget: catalogued.gather,
    JdbcTarget: jdbc.gather,
    DeltaTarget: lakes.gather_delta,
    IcebergTarget: lakes.gather_iceberg,
}


def gather(target: AnyTarget, request: Request) -> Gathered:
    """What the target holds. Raises what its kind's own gatherer raises; NotAvailable for a kind without one."""
    gatherer = GATHERERS.get(type(target))
    if gatherer is None:
        raise NotAvailable(what=f"A {type(target).__name__}", instead="crawl its files by a plain target.")
    return gatherer(target, request)
