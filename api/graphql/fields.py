"""Fields that are computed: strawberry's decorators, with types that a strict checker can follow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import strawberry

F = TypeVar("F", bound=Callable[..., Any])


def field(description: str | None = None) -> Callable[[F], F]:
    decorate: Callable[[F], F] = strawberry.field(description=description)
    return decorate


def subscription(description: str | None = None) -> Callable[[F], F]:
    decorate: Callable[[F], F] = strawberry.subscription(description=description)
    return decorate


def mutation(description: str | None = None) -> Callable[[F], F]:
    decorate: Callable[[F], F] = strawberry.mutation(description=description)
    return decorate
