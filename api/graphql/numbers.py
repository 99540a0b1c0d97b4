"""Numbers: whole ones past GraphQL's 32 bits, and what was measured, by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NewType

import strawberry
from strawberry.types.scalar import ScalarDefinition

Long = NewType("Long", int)
LONG: ScalarDefinition = strawberry.scalar(
    name="Long", description="A whole number of up to 53 bits, such as a size in bytes.", serialize=int, parse_value=int
)


@strawberry.type(description="Something measured, by its name.")
class Figure:
    name: str
    value: float


def figures(measured: Mapping[str, float]) -> list[Figure]:
    return [Figure(name=name, value=value) for name, value in measured.items()]
