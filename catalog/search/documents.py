"""What can be searched for, as documents: who says which texts. Each kind of thing is a source of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntFlag

import msgspec
import regex
from sqlalchemy import Connection

from catalog.changes import is_counting
from catalog.model import Column, Parameters
from catalog.secrets import is_secret

LONGEST_VALUE = 256  # of a parameter's; longer ones are rarely written for people


class Field(IntFlag):
    """Where a text stands, the most telling first. A comment is a column's, or any thing's description."""

    NAME = 1
    COLUMN = 2
    COMMENT = 4
    PARAMETER = 8
    LOCATION = 16
    DATABASE = 32


class Text(msgspec.Struct, frozen=True, array_like=True):
    """`of` is the column or parameter whose text it is, if it is one's."""

    field: Field
    text: str
    of: str | None = None


@dataclass(frozen=True)
class Document:
    """A thing as a search sees it. `shared` are texts that other things mostly say as well: columns."""

    thing: object
    name: str
    own: tuple[Text, ...]
    shared: tuple[Text, ...] = ()
    database: str | None = None

    @property
    def full_name(self) -> str:
        return f"{self.database}.{self.name}" if self.database and self.database != self.name else self.name

    @property
    def texts(self) -> tuple[Text, ...]:
        return (*self.own, *self.shared)


@dataclass(frozen=True)
class Source:
    """A kind of things. `read` finds those of the given refs, of which some may be gone.

    The database notes the refs of what changes in search_pending, by triggers (migration 0006).
    """

    kind: str
    read: Callable[[Connection, Sequence[str]], Mapping[str, Document]]


def described(
    name: str,
    comment: str | None = None,
    parameters: Parameters | None = None,
    places: Iterable[str | None] = (),
    database: str | None = None,
) -> tuple[Text, ...]:
    """The texts of a thing itself. Nothing that its name tells is secret is among them, nor what only counts."""
    texts = [Text(Field.NAME, name)]
    texts += [Text(Field.COMMENT, comment)] if comment else []
    for key, value in (parameters or {}).items():
        if not is_counting(key) and not is_secret(key):
            texts.append(Text(Field.PARAMETER, f"{key}={value}"[: len(key) + LONGEST_VALUE], key))
    texts += [Text(Field.LOCATION, place) for place in places if place]
    texts += [Text(Field.DATABASE, database)] if database else []
    return tuple(texts)


def columns_described(columns: Sequence[Column]) -> tuple[Text, ...]:
    return tuple(text for column in columns for text in _column_described(column))


_NESTED = regex.compile(r"(?:struct<|,)([^<>,:()]+):", regex.IGNORECASE)


def _column_described(column: Column) -> Iterator[Text]:
    """Its name, those of the fields within its type, its comment."""
    yield Text(Field.COLUMN, column.name, column.name)
    if "<" in column.type:
        for nested in _NESTED.findall(column.type):
            yield Text(Field.COLUMN, nested, column.name)
    if column.comment:
        yield Text(Field.COMMENT, column.comment, column.name)
