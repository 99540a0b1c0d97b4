"""What lists leave out: things that the resource policy denies who asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from api.auth.paths import Paths, actions_of, connection_paths, database_paths, function_paths, table_paths
from api.graphql.context import Context
from catalog import model
from catalog.model import Page
from catalog.search.search import Hit

V = TypeVar("V")
_THINGS: dict[type, tuple[str, Callable[[Any], Paths]]] = {
    model.Database: ("Database", lambda each: database_paths(each.name)),
    model.Table: ("Table", lambda each: table_paths(each.database, each.name)),
    model.Function: ("UserDefinedFunction", lambda each: function_paths(each.database, each.name)),
    model.Connection: ("Connection", lambda each: connection_paths(each.name)),
}


def undenied(context: Context, page: Page[V]) -> Page[V]:
    """The page without them; it may then be shorter than asked for, or empty, and still have others after it."""
    if not context.policed:
        return page
    return Page(tuple(each for each in page.items if _sees(context, each)), page.next_token)


def _sees(context: Context, item: object) -> bool:
    thing = item.thing if isinstance(item, Hit) else item
    if type(thing) not in _THINGS:
        return True
    noun, paths = _THINGS[type(thing)]
    return context.sees(actions_of("Get", noun), paths(thing))
