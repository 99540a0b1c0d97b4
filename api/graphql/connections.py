"""Relay connections: a page of the core as edges, each with the cursor that asks for what follows it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Generic, TypeVar

import strawberry

from api.graphql.context import Info
from catalog.errors import InvalidInput
from catalog.model import Page
from catalog.paging import Key, Listing

FIRST = 50
MOST = 200

First = Annotated[int, strawberry.argument(description=f"How many edges at most, 1 to {MOST}.")]
After = Annotated[str | None, strawberry.argument(description="The cursor after which to go on; null begins.")]

N = TypeVar("N")
V = TypeVar("V")


@strawberry.type(description="Where a part of a list stands in it.")
class PageInfo:
    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None = strawberry.field(description="Give it as `after` to go on.")


@strawberry.type
class Edge(Generic[N]):
    cursor: str
    node: N


@strawberry.type
class Connection(Generic[N]):
    edges: list[Edge[N]]
    page_info: PageInfo


def size(info: Info, first: int) -> int:
    """The length of a part that may be read. Raises InvalidInput for one that is empty or too large."""
    if not 1 <= first <= MOST:
        raise InvalidInput(what=f"first: {first}", why=f"it must be 1 to {MOST}.")
    info.context.spend(1)
    return first


def connect(
    info: Info,
    listing: Listing[Key],
    page: Page[V] | None,
    key: Callable[[V], Key],
    nodes: Callable[[Sequence[V]], Sequence[N]],
    after: str | None,
) -> Connection[N] | None:
    """`page` of the core's list `listing`, which is in the order of `key`. `nodes` makes all of its nodes at once.

    None where there is no page: what the list belongs to is not there.
    """
    if page is None:
        return None
    info.context.spend(len(page.items))
    cursors = [listing.token_after(key(item)) for item in page.items]
    edges = [Edge(cursor=cursor, node=node) for cursor, node in zip(cursors, nodes(page.items), strict=True)]
    ends = (cursors[0], cursors[-1]) if cursors else (None, None)
    place = PageInfo(
        has_next_page=page.next_token is not None,
        has_previous_page=after is not None,
        start_cursor=ends[0],
        end_cursor=ends[1],
    )
    return Connection(edges=edges, page_info=place)
