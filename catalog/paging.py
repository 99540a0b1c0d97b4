"""Keyset paging: the token for a list's next part holds the last key seen, so no row is skipped or repeated."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, Select, func, literal_column, or_, select, union_all

from catalog.errors import InvalidInput, InvalidPageToken
from catalog.model import Item, Page

Key = TypeVar("Key")
Of = TypeVar("Of")
Place = tuple[datetime, str]  # where something stands in a list that has the newest first
DEFAULT_PAGE = 100
_ABOVE_ALL = 2**31  # of what a column of whole numbers holds
_MOST_PARTS = 400  # SQLite takes 500 selects in one statement


@dataclass(frozen=True)
class Listing(Generic[Key]):
    """A list that is told in parts, in the order of a key; `start` stands before the keys of all items.

    `write` makes the text of a key that a token holds; `read` makes it a key again, and raises ValueError or
    OverflowError for a text that is none: a token may be forged.
    """

    name: str
    start: Key
    read: Callable[[str], Key]
    write: Callable[[Key], str]

    def after(self, token: str | None) -> Key:
        """The key after which the part asked for begins. Raises InvalidPageToken if `token` is not of this list."""
        if token is None:
            return self.start
        try:
            named, text = msgspec.json.decode(base64.urlsafe_b64decode(token.encode()), type=tuple[str, str])
            key = self.read(text)
        except (binascii.Error, msgspec.DecodeError, ValueError, OverflowError) as error:
            raise InvalidPageToken() from error
        if named != self.name or "\0" in text:  # PostgreSQL can compare no text with a NUL in it
            raise InvalidPageToken()
        return key

    def page(self, items: Sequence[Item], limit: int, key: Callable[[Item], Key]) -> Page[Item]:
        """A page of at most `limit` items out of `items`, which were fetched up to one more than that to see the end.

        Raises InvalidInput for a limit that lets no item through.
        """
        if limit < 1:
            raise InvalidInput(what=f"a page of {limit} items", why="it needs at least 1.")
        if len(items) <= limit:
            return Page(tuple(items))
        return Page(tuple(items[:limit]), self.token_after(key(items[limit - 1])))

    def token_after(self, key: Key) -> str:
        """The token that asks for what follows the item of `key`."""
        return base64.urlsafe_b64encode(msgspec.json.encode((self.name, self.write(key)))).decode()


def by_name(listing: str) -> Listing[str]:
    """A list in the order of its items' names."""
    return Listing(listing, "", read=str, write=str)


def by_number(listing: str, start: int) -> Listing[int]:
    """A list in the order of whole numbers from 0, as a column holds them; `start` stands before them all."""

    def read(text: str) -> int:
        if not 0 <= (number := int(text)) < _ABOVE_ALL:
            raise ValueError(text)
        return number

    return Listing(listing, start, read=read, write=str)


def newest_first(listing: str) -> Listing[Place]:
    """A list in the order of times and, of the same time, of ids, both the greatest first."""

    def read(text: str) -> Place:
        at, _, identity = text.partition(" ")
        return datetime.fromisoformat(at).astimezone(UTC), identity

    latest = datetime.max.replace(tzinfo=UTC)
    return Listing(listing, (latest, ""), read=read, write=lambda place: f"{place[0].isoformat()} {place[1]}")


def older(
    statement: Select[Any], at: ColumnElement[datetime], identity: ColumnElement[str], place: Place
) -> Select[Any]:
    """What comes after `place` in a list that is newest_first, in its order."""
    after = or_(at < place[0], (at == place[0]) & (identity < place[1]))
    return statement.where(after).order_by(at.desc(), identity.desc())


def rows_of_each(
    connection: Connection, of: Iterable[Of], statement: Callable[[Of], Select[Any]]
) -> dict[Of, list[Row[Any]]]:
    """The rows that `statement` selects of each, in its order: a part of each one's list, all in one statement.

    Each part is looked up by itself, so that it costs what it holds, however long the list is that it is taken from.
    """
    named = list(dict.fromkeys(of))
    found: dict[Of, list[Row[Any]]] = {each: [] for each in named}
    for start in range(0, len(named), _MOST_PARTS):
        parts = [statement(each).subquery() for each in named[start : start + _MOST_PARTS]]
        numbered = [
            select(part, literal_column(str(start + at)).label("of_"), func.row_number().over().label("place_"))
            for at, part in enumerate(parts)
        ]
        together = union_all(*numbered) if len(numbered) > 1 else numbered[0]
        for row in sorted(connection.execute(together), key=lambda row: row.place_):
            found[named[row.of_]].append(row)
    return found


def all_pages(listing: Callable[[int, str | None], Page[Item]]) -> Iterator[Item]:
    """All items of a list that is told in parts."""
    token: str | None = None
    while True:
        page = listing(1_000, token)
        yield from page.items
        token = page.next_token
        if token is None:
            return
