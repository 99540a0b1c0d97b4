"""Keyset paging: the token for a list's next part holds the last key seen, so no row is skipped or repeated."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence

import msgspec

from catalog.errors import InvalidInput, InvalidPageToken
from catalog.model import Item, Page


def after(listing: str, token: str | None) -> str:
    """The key after which the part asked for begins. Raises InvalidPageToken if `token` is not of this listing."""
    if token is None:
        return ""
    try:
        named, key = msgspec.json.decode(base64.urlsafe_b64decode(token.encode()), type=tuple[str, str])
    except (binascii.Error, msgspec.DecodeError, ValueError) as error:
        raise InvalidPageToken() from error
    if named != listing:
        raise InvalidPageToken()
    return key


def page(listing: str, items: Sequence[Item], limit: int, key: Callable[[Item], str]) -> Page[Item]:
    """A page of at most `limit` items out of `items`, which were fetched up to one more than that to see the end.

    Raises InvalidInput for a limit that lets no item through.
    """
    if limit < 1:
        raise InvalidInput(what=f"a page of {limit} items", why="it needs at least 1.")
    if len(items) <= limit:
        return Page(tuple(items))
    return Page(tuple(items[:limit]), token_after(listing, key(items[limit - 1])))


def token_after(listing: str, key: str) -> str:
    """The token that asks for what follows the item of `key`."""
    return base64.urlsafe_b64encode(msgspec.json.encode((listing, key))).decode()
