"""Relay connections: a page of the core as edges, each with the cursor that asks for what follows it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from itertools import islice
from typing import Annotated, Generic, TypeVar

import strawberry

from api.auth.decision import may
from api.auth.principals import Action, Resource
from api.graphql.batches import Batch
from api.graphql.context import Info
from api.graphql.leaving_out import undenied
from catalog.errors import DomainError, InvalidInput
from catalog.model import Page
from catalog.paging import Key, Listing

FIRST = 50
MOST = 200

First = Annotated[int, strawberry.argument(description=f"How many edges at most, 1 to {MOST}.")]
After = Annotated[str | None, strawberry.argument(description="The cursor after which to go on; null begins.")]

K = TypeVar("K", bound=Hashable)
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


def list_seen(
    info: Info,
    read: Callable[[int, str | None], Page[V]],
    first: int,
    after: str | None,
    resource: Callable[[V], Resource],
) -> Page[V]:
    """The page of `first` items that `read` yields; for a caller with scopes, of those that the scopes hold.

    The token of such a page says only that there is more: the core's might name what may not be seen.
    """
    principal = info.context.principal
    if not principal.scoped:
        return read(first, after)
    seen: list[V] = []
    while True:
        page = read(MOST, after)
        seen += [each for each in page.items if may(principal, Action.VIEW, resource(each))]
        after = page.next_token
        if after is None or len(seen) > first:
            return Page(tuple(seen[:first]), "more" if len(seen) > first else None)


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
    page = undenied(info.context, page)
    info.context.spend(len(page.items))
    return _connection(page, [listing.token_after(key(item)) for item in page.items], nodes(page.items), after)


def connect_each(
    together: Batch[K],
    of: K,
    asked: tuple[Hashable, ...],
    info: Info,
    read: Callable[[Sequence[K]], Mapping[K, Page[V] | DomainError]],
    cursor: Callable[[V], str],
    nodes: Callable[[Sequence[V]], Sequence[N]],
    after: str | None,
) -> Connection[N] | None:
    """As `connect`, of a list that each of `together` has: those of all are read, and made nodes, at once.

    `asked` tells the list, and what of it is asked for. Where `read` found a failure in place of `of`'s, it is raised.
    """

    def made(keys: Sequence[K]) -> dict[K, Connection[N] | DomainError]:
        found = {
            key: undenied(info.context, page) if isinstance(page, Page) else page for key, page in read(keys).items()
        }
        every = [item for page in found.values() if isinstance(page, Page) for item in page.items]
        info.context.spend(len(every))
        told = iter(nodes(every))
        answers: dict[K, Connection[N] | DomainError] = {}
        for key, answer in found.items():
            if isinstance(answer, Page):
                cursors = [cursor(item) for item in answer.items]
                answers[key] = _connection(answer, cursors, list(islice(told, len(cursors))), after)
            else:
                answers[key] = answer
        return answers

    answer = together.once(asked, made).get(of)
    if isinstance(answer, DomainError):
        raise answer
    return answer


def _connection(page: Page[V], cursors: Sequence[str], nodes: Sequence[N], after: str | None) -> Connection[N]:
    edges = [Edge(cursor=cursor, node=node) for cursor, node in zip(cursors, nodes, strict=True)]
    ends = (cursors[0], cursors[-1]) if cursors else (None, page.next_token)  # if all of a page's are left out
    place = PageInfo(
        has_next_page=page.next_token is not None,
        has_previous_page=after is not None,
        start_cursor=ends[0],
        end_cursor=ends[1],
    )
    return Connection(edges=edges, page_info=place)
