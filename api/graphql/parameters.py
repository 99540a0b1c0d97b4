"""Free settings by name: a list of pairs, as GraphQL has no maps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import strawberry

from catalog.errors import InvalidInput


@strawberry.type(description="A setting by its name.")
class Parameter:
    name: str
    value: str


@strawberry.input(description="A setting by its name; a name may be given once.")
class ParameterInput:
    name: str
    value: str


def pairs(settings: Mapping[str, str]) -> list[Parameter]:
    return [Parameter(name=name, value=value) for name, value in settings.items()]


def mapping(given: Sequence[ParameterInput]) -> dict[str, str]:
    """Raises InvalidInput for a name that is given twice."""
    settings = {each.name: each.value for each in given}
    if len(settings) != len(given):
        raise InvalidInput(what="a list of settings", why="a name stands in it twice.")
    return settings
