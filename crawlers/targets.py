"""One entry for each kind of target: how what it holds becomes drafts of tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from crawlers import catalogued, files, jdbc, lakes
from crawlers.availability import refusal_of
from crawlers.gathering import Gathered, Request
from crawlers.model import AnyTarget, CatalogTarget, DeltaTarget, IcebergTarget, JdbcTarget, Target
from crawlers.report import Note

_GATHERERS: dict[type[AnyTarget], Callable[[Any, Request], Gathered]] = {
    Target: files.gather,
    CatalogTarget: catalogued.gather,
    JdbcTarget: jdbc.gather,
    DeltaTarget: lakes.gather_delta,
    IcebergTarget: lakes.gather_iceberg,
}


def gather(target: AnyTarget, request: Request) -> Gathered:
    """What the target holds; of a kind that is not available here, a note that says so.

    Raises what its kind's own gatherer raises.
    """
    refusal = refusal_of(target)
    if refusal is None:
        return _GATHERERS[type(target)](target, request)
    why = str(refusal)
    return Gathered(skipped=[Note(str(refusal.facts["what"]), why)], log=[f"Skipped: {why}"], unchanged=True)
