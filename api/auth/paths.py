"""The things of the catalog as a resource policy names them, each with what it is in, and what is done to them."""

from __future__ import annotations

import re
from functools import cache

from api.auth.policy import ACTIONS, CATALOG

Paths = tuple[str, ...]
ANY = "*"


def database_paths(database: str) -> Paths:
    return CATALOG, f"database/{database.lower()}"  # as the catalog spells it


def table_paths(database: str, *tables: str) -> Paths:
    return (*database_paths(database), *(f"table/{database}/{table}".lower() for table in tables))


def function_paths(database: str, function: str) -> Paths:
    return (*database_paths(database), f"userDefinedFunction/{database.lower()}/{function.lower()}")


def connection_paths(*names: str) -> Paths:
    return (CATALOG, *(f"connection/{name}" for name in names))


def all_in(database: str) -> Paths:
    """What goes with a database."""
    return f"table/{database.lower()}/*", f"userDefinedFunction/{database.lower()}/*"


@cache
def actions_of(verb: str, noun: str) -> tuple[str, ...]:
    """All of AWS's actions that do it to one or several: a face with other operations is denied what any is denied."""
    return tuple(sorted(name for name in ACTIONS if re.fullmatch(f"(Batch)?{verb}{noun}(s|es)?", name)))
