"""All operations that this service has, by their names in the model. A module for each noun."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from api.glue.calls import Operation


def _all() -> dict[str, Operation]:
    """The tables of all modules of this package."""
    found: dict[str, Operation] = {}
    for module in iter_modules(__path__):
        found |= import_module(f"{__name__}.{module.name}").OPERATIONS
    return found


OPERATIONS: dict[str, Operation] = _all()
