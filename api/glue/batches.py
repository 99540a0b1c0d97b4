"""Batches: what is done item by item, and which of the items failed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from api.glue.failures import GlueFailure, told_as_glue
from catalog.errors import DomainError, StoreUnavailable

Item = TypeVar("Item")


def failures_of(
    items: Iterable[Item], do: Callable[[Item], object], asked: dict[str, Any]
) -> list[tuple[Item, GlueFailure]]:
    """The items that `do` refused, with why. A store that is away is no fault of an item's: that is raised."""
    failed: list[tuple[Item, GlueFailure]] = []
    for item in items:
        try:
            do(item)
        except StoreUnavailable:
            raise
        except DomainError as error:
            failed.append((item, told_as_glue(error, asked)))
        except GlueFailure as failure:
            failed.append((item, failure))
    return failed
