"""Words: how a text falls into them, and which of them are one slip of a finger apart. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import regex

LONGEST_WORD = 64
SHORTEST_MISSPELT = 4  # shorter words are too much alike

_RUN = regex.compile(r"[^\W_]+")
_CAMEL = regex.compile(r"(?<=[\p{Ll}\p{N}])(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})", regex.V1)


class Place(NamedTuple):
    """A word, folded, and where it stands in its text."""

    word: str
    start: int
    length: int


def fold(text: str) -> str:
    return text.lower().casefold()


def as_typed(name: str) -> str:
    """A name as it is compared with what people type."""
    return fold(" ".join(name.split()))


def words_of(text: str) -> set[str]:
    """The words of `text`. One in camelCase is several, and one as a whole as well."""
    return {place.word for place in places_of(text)}


@lru_cache(maxsize=4_096)  # columns and their comments come again
def places_of(text: str) -> tuple[Place, ...]:
    """Each word of `text`, a whole before its parts."""
    return tuple(_places(text))


def _places(text: str) -> Iterator[Place]:
    for start, run in runs_of(text):
        parts = _parts(run)
        if len(parts) > 1:
            yield _place(run, start)
        for part in parts:
            yield _place(part, start)
            start += len(part)


def runs_of(text: str) -> Iterator[tuple[int, str]]:
    """Letters and digits that stand together, and where."""
    return ((found.start(), found[0]) for found in _RUN.finditer(text))


def alternatives_of(text: str) -> list[tuple[str, ...]]:
    """What to look for: for each word of `text` the spellings that will do.

    A word in camelCase is found by its parts, and also where it is written as one.
    """
    found: dict[tuple[str, ...], None] = {}
    for _, run in runs_of(text):
        whole = fold(run)[:LONGEST_WORD]
        for part in _parts(run):
            folded = fold(part)[:LONGEST_WORD]
            found[(folded,) if folded == whole else (folded, whole)] = None
    return list(found)


def may_be_misspelt(word: str) -> bool:
    return len(word) >= SHORTEST_MISSPELT and not word.isdigit()


def one_slip(one: str, other: str) -> bool:
    """Whether a letter is missing, too many or another, or two neighbours have changed places.

    A number is never taken for another.
    """
    if len(one) > len(other):
        one, other = other, one
    if one == other or len(other) - len(one) > 1 or _digits(one) != _digits(other):
        return False
    at = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))
    if len(one) < len(other):
        return one[at:] == other[at + 1 :]
    swapped = one[at : at + 2] == other[at : at + 2][::-1] and one[at + 2 :] == other[at + 2 :]
    return swapped or one[at + 1 :] == other[at + 1 :]


def _digits(word: str) -> list[str]:
    return [sign for sign in word if sign.isdigit()]


def _parts(run: str) -> list[str]:
    """Most are in lower case, which is told in no time."""
    return [run] if run.islower() or run.isdigit() else _CAMEL.split(run)


def _place(part: str, start: int) -> Place:
    return Place(fold(part)[:LONGEST_WORD], start, len(part))
