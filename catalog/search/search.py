"""Search: what people type, found in names, columns, comments, parameters and locations; the best first.

What a hit is worth, of 100: its name is the text 100, its name begins with it 80; else for each word that is looked for
where it stands (_WORTH), less if the word only begins with it, less again if a letter is wrong; the mean of all words.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, func, or_, select, text

from catalog.db import reading, writing
from catalog.errors import InvalidInput
from catalog.model import Page
from catalog.paging import DEFAULT_PAGE, Listing
from catalog.search.documents import Document, Field, Source
from catalog.search.index import AT_ONCE, catch_up, count_pending
from catalog.search.matches import Match, Term, matches
from catalog.search.rows import search_words
from catalog.search.words import alternatives_of, fold, may_be_misspelt, one_slip

LONGEST_TEXT = 600
MOST_TERMS = 12
EXACT, BEGINS = 100, 80
_WORTH = {
    Field.NAME: 60,
    Field.COLUMN: 40,
    Field.COMMENT: 30,
    Field.PARAMETER: 20,
    Field.LOCATION: 15,
    Field.DATABASE: 10,
}
_BEGINNING, _MISSPELT = 4, 9  # taken off
_MOST_WORDS = 200  # that begin alike
_FEW = 3  # words, which are rarely in one part together
_LAST = "\U0010ffff"


@dataclass(frozen=True)
class Narrowing:
    """What is asked for: things of these kinds, in this database, found by these fields; empty: all."""

    kinds: tuple[str, ...] = ()
    database: str | None = None
    fields: tuple[Field, ...] = ()


EVERYTHING = Narrowing()


@dataclass(frozen=True)
class Hit:
    """`thing` is the value itself: a Table, a Job; `full_name` has its database's name before it. `score` is 1 to 100.

    `name` is folded.
    """

    kind: str
    ref: str
    number: int
    name: str
    score: int
    full_name: str
    thing: object
    matches: tuple[Match, ...]


# The order of hits: the best first, then by name; the number tells apart those of one name.
HitKey = tuple[int, str, int]


def _read_key(written: str) -> HitKey:
    return msgspec.json.decode(written, type=tuple[int, str, int])


LISTING: Listing[HitKey] = Listing(
    "search", (EXACT + 1, "", 0), read=_read_key, write=lambda key: msgspec.json.encode(key).decode()
)


def key_of(hit: Hit) -> HitKey:
    return (hit.score, hit.name, hit.number)


def search(
    engine: Engine,
    sources: Sequence[Source],
    wanted: str,
    narrowing: Narrowing = EVERYTHING,
    limit: int = DEFAULT_PAGE,
    token: str | None = None,
) -> Page[Hit]:
    """What all words of `wanted` are found in, by their beginnings or with a slip each; of more than MOST_TERMS words
    the first. The index is brought up to date before, in transactions of its own.

    Raises InvalidInput for a text that nothing could be found by, InvalidPageToken.
    """
    typed = _checked(wanted)
    take_in(engine, sources)
    with reading(engine) as connection:
        return _find(connection, sources, typed, narrowing, limit, token)


def _checked(wanted: str) -> str:
    typed = " ".join(wanted.split())
    if not typed or len(typed) > LONGEST_TEXT or not typed.isprintable():
        why = f"it must have 1 to {LONGEST_TEXT} characters that can be seen."
        raise InvalidInput(what="the text to search for", why=why)
    return typed


def take_in(engine: Engine, sources: Sequence[Source]) -> None:
    """Take into the index what was pending when asked; what others write meanwhile may wait for the next search."""
    with reading(engine) as connection:
        pending = count_pending(connection, sources)
    for _ in range(-(-pending // AT_ONCE)):
        with writing(engine) as connection:
            if catch_up(connection, sources) < AT_ONCE:
                return


def _find(
    connection: Connection, sources: Sequence[Source], typed: str, narrowing: Narrowing, limit: int, token: str | None
) -> Page[Hit]:
    terms, chosen = _terms(connection, typed)
    after = LISTING.after(token)
    kinds = [source.kind for source in sources if not narrowing.kinds or source.kind in narrowing.kinds]
    found = _rows(connection, chosen, len(terms), fold(typed), kinds, narrowing, after, limit + 1)
    page = LISTING.page(found, limit, lambda row: (row.score, row.name, row.id))
    documents = _documents(connection, sources, page.items)
    hits = []
    for row in page.items:
        if document := documents.get((row.kind, row.ref)):
            why = matches(document, typed, terms, narrowing.fields)
            hits.append(Hit(row.kind, row.ref, row.id, row.name, row.score, document.full_name, document.thing, why))
    return Page(tuple(hits), page.next_token)


def _documents(
    connection: Connection, sources: Sequence[Source], found: Iterable[Any]
) -> dict[tuple[str, str], Document]:
    """By kind and ref. One whose deletion is not taken in yet is not among them."""
    refs = defaultdict(list)
    for row in found:
        refs[row.kind].append(row.ref)
    return {
        (source.kind, ref): document
        for source in sources
        if source.kind in refs
        for ref, document in source.read(connection, refs[source.kind]).items()
    }


def _terms(connection: Connection, typed: str) -> tuple[list[Term], list[tuple[int, int, int]]]:
    """What is looked for; and of each word that will do for a term: the term's number, its id, what is taken off."""
    terms, chosen = [], []
    for number, spellings in enumerate(alternatives_of(typed)[:MOST_TERMS]):
        off: dict[int, int] = {}
        for spelling in spellings:
            for word_id, word in _beginning_with(connection, spelling):
                off[word_id] = min(off.get(word_id, 100), 0 if word == spelling else _BEGINNING)
        slips = _slips(connection, spellings[0])
        for word_id in slips:
            off.setdefault(word_id, _MISSPELT)
        terms.append(Term(spellings, frozenset(slips.values())))
        chosen += [(number, word_id, worth) for word_id, worth in off.items()]
    return terms, chosen


def _beginning_with(connection: Connection, spelling: str) -> list[tuple[int, str]]:
    """Of many the first in their order, the word itself always among them. A single letter is no beginning."""
    c = search_words.c
    statement = select(c.id, c.word).where(c.word == spelling)
    if len(spelling) > 1:
        statement = select(c.id, c.word).where(c.word >= spelling, c.word < spelling + _LAST)
    return [(row.id, row.word) for row in connection.execute(statement.order_by(c.word).limit(_MOST_WORDS))]


def _slips(connection: Connection, word: str) -> dict[int, str]:
    """The known words that `word` may be a slip for: of each, one half is right, or the slip is in the middle."""
    if not may_be_misspelt(word):
        return {}
    c, middle = search_words.c, len(word) // 2
    head, tail = word[:middle], word[middle:][::-1]
    swapped = f"{word[: middle - 1]}{word[middle]}{word[middle - 1]}{word[middle + 1 :]}"
    right = or_(
        (c.word >= head) & (c.word < head + _LAST),
        (c.backwards >= tail) & (c.backwards < tail + _LAST),
        c.word == swapped,
    )
    near = func.length(c.word).between(len(word) - 1, len(word) + 1)
    found = connection.execute(select(c.id, c.word).where(right, near))
    return {row.id: row.word for row in found if one_slip(word, row.word)}


def _rows(
    connection: Connection,
    chosen: Sequence[tuple[int, int, int]],
    terms: int,
    typed: str,
    kinds: Sequence[str],
    narrowing: Narrowing,
    after: HitKey,
    most: int,
) -> Sequence[Any]:
    """What is named as was typed, which is worth the most, and only if that is too little what has the words."""
    if not kinds:
        return ()
    kept = "kind IN (" + ", ".join(f":kind_{at}" for at in range(len(kinds))) + ")"
    values: dict[str, object] = {f"kind_{at}": kind for at, kind in enumerate(kinds)}
    values |= {"typed": typed, "past": typed + _LAST}
    values |= dict(zip(("score", "name", "number"), after, strict=True))
    if narrowing.database is not None:
        kept, values["database"] = f"{kept} AND database = :database", narrowing.database.lower()
    names = not narrowing.fields or Field.NAME in narrowing.fields
    found: list[Any] = []
    if names and after[0] >= BEGINS:
        found += connection.execute(text(_named(kept)), {**values, "most": most})
    if terms and len(found) < most:
        fields = sum(narrowing.fields) or sum(Field)
        statement = _worded(chosen, terms, fields, kept, _NOT_NAMED if names else "")
        found += connection.execute(text(statement), {**values, "most": most - len(found)})
    return found


# Rows as a Hit begins. All that is not bound in these statements are numbers of ours.
_NOT_NAMED = "AND NOT (name >= :typed AND name < :past) AND full_name <> :typed"
_REST = """
    WHERE score < :score OR score = :score AND (name > :name OR name = :name AND id > :number)
    ORDER BY score DESC, name, id LIMIT :most"""


def _named(kept: str) -> str:
    return f"""
        SELECT * FROM (
            SELECT kind, ref, id, name, {EXACT} AS score FROM search_things WHERE name = :typed AND {kept}
            UNION ALL
            SELECT kind, ref, id, name, {EXACT} FROM search_things
            WHERE full_name = :typed AND name <> :typed AND {kept}
            UNION ALL
            SELECT kind, ref, id, name, {BEGINS} FROM (
                SELECT * FROM search_things
                WHERE name > :typed AND name < :past AND full_name <> :typed AND {kept}
                AND (:score > {BEGINS} OR name > :name OR name = :name AND id > :number)
                ORDER BY name, id LIMIT :most) AS beginning) AS named
        {_REST}"""  # noqa: S608


def _worded(chosen: Sequence[tuple[int, int, int]], terms: int, fields: int, kept: str, other: str) -> str:
    """A thing's worth is NULL if a term is not found in it. CROSS JOIN keeps SQLite from turning the joins."""
    listed = ", ".join(f"({term}, {word}, {off})" for term, word, off in chosen) or "(0, 0, 0)"
    worth = f"CASE {' '.join(f'WHEN fields & {fields & field} <> 0 THEN {_WORTH[field]}' for field in Field)} END - off"
    each = ", ".join(f"MAX(CASE term WHEN {term} THEN {worth} END) AS t{term}" for term in range(terms))
    mean = " + ".join(f"MAX(t{term})" for term in range(terms))
    # Many words are put together in their parts first, which are fewer than the things.
    together = f"""
        parts AS (
            SELECT part_id AS part, {each} FROM wanted CROSS JOIN search_postings
            WHERE word_id = word AND fields & {fields} <> 0 GROUP BY part_id),
        found AS (
            SELECT thing_id AS thing, ({mean}) / {terms} AS worth
            FROM parts CROSS JOIN search_members WHERE part_id = part GROUP BY thing_id)"""  # noqa: S608
    single = f"""
        found AS (
            SELECT thing_id AS thing, MAX({worth}) AS worth
            FROM wanted CROSS JOIN search_postings p CROSS JOIN search_members m
            WHERE word_id = word AND fields & {fields} <> 0 AND m.part_id = p.part_id GROUP BY thing_id)"""  # noqa: S608
    return f"""
        WITH wanted (term, word, off) AS (VALUES {listed}),
        {single if terms == 1 and len(chosen) <= _FEW else together},
        hits AS (
            SELECT kind, ref, id, name, worth AS score FROM found CROSS JOIN search_things
            WHERE id = thing AND worth IS NOT NULL AND {kept} {other})
        SELECT * FROM hits {_REST}"""  # noqa: S608
