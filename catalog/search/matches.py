"""Why a thing was found: which of its texts hold what was looked for, and where in them. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from catalog.search.documents import Document, Field, Text
from catalog.search.words import fold, places_of

MOST_MATCHES = 5
LONGEST_FRAGMENT = 160
_BEFORE = 40  # characters that a fragment shows of what comes before


@dataclass(frozen=True)
class Term:
    """A word that was looked for: how it may be spelled, and the known words that it may be a slip for."""

    spellings: tuple[str, ...]
    slips: frozenset[str]

    def begun(self, word: str) -> str | None:
        """The part of `word` that was looked for; None if it is another word."""
        whole = (spelling for spelling in self.spellings if word.startswith(spelling))
        return next(whole, word if word in self.slips else None)


@dataclass(frozen=True)
class Range:
    """Counted in characters from the fragment's begin."""

    start: int
    length: int


@dataclass(frozen=True)
class Match:
    """A text of the thing that was looked for; `of` is the column or parameter whose it is, if it is one's.

    `fragment` is the text, or of a long one the part around what was found; `ranges` are the words found in it.
    """

    field: Field
    of: str | None
    fragment: str
    ranges: tuple[Range, ...]


def matches(document: Document, typed: str, terms: Sequence[Term], fields: Sequence[Field] = ()) -> tuple[Match, ...]:
    """The most telling first, at most MOST_MATCHES."""
    candidate = _candidates(terms)
    likely = [each for each in document.texts if each.field is Field.NAME or candidate(each.text)]
    found = []
    for each in sorted(likely, key=lambda text: text.field):
        if (not fields or each.field in fields) and (ranges := _ranges(each, typed, terms)):
            found.append(_match(each, ranges))
        if len(found) == MOST_MATCHES:
            break
    return tuple(found)


@lru_cache(maxsize=64)
def _expression(parts: frozenset[str]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, sorted(parts))), re.IGNORECASE)


def _candidates(terms: Sequence[Term]) -> Callable[[str], object]:
    """Whether a text may hold any of the terms: quicker than to take it apart."""
    search = _expression(frozenset(part for term in terms for part in (*term.spellings, *term.slips))).search
    return lambda text: search(text) or not text.isascii()


def _ranges(found: Text, typed: str, terms: Sequence[Term]) -> list[Range]:
    """What was found, without overlaps; of a name the begin of it, if that is what was typed."""
    if found.field is Field.NAME and fold(found.text).startswith(fold(typed)):
        return [Range(0, len(typed))]
    ranges: dict[int, int] = {}
    for place in places_of(found.text):
        for term in terms:
            if (begun := term.begun(place.word)) is not None:
                ranges[place.start] = max(ranges.get(place.start, 0), min(len(begun), place.length))
    apart: list[Range] = []
    for start, length in sorted(ranges.items()):
        if not apart or apart[-1].start + apart[-1].length <= start:
            apart.append(Range(start, length))
    return apart


def _match(found: Text, ranges: Sequence[Range]) -> Match:
    start = max(0, ranges[0].start - _BEFORE) if len(found.text) > LONGEST_FRAGMENT else 0
    fragment = found.text[start : start + LONGEST_FRAGMENT]
    inside = [Range(each.start - start, each.length) for each in ranges if each.start - start < LONGEST_FRAGMENT]
    within = tuple(Range(each.start, min(each.length, len(fragment) - each.start)) for each in inside)
    return Match(found.field, found.of, fragment, within)
