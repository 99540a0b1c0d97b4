"""The rows of the search index, brought up to date from what is pending: in batches, each one transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import msgspec
from sqlalchemy import Connection, Integer, Select, delete, exists, func, insert, select, text, tuple_
from sqlalchemy import Table as SqlTable

from catalog.search.documents import Document, Source, Text
from catalog.search.rows import (
    search_members,
    search_parts,
    search_pending,
    search_postings,
    search_things,
    search_words,
)
from catalog.search.words import as_typed, words_of

AT_ONCE = 500  # things
_IN_ONE_LIST = 500  # values
_MANY = 5_000  # rows, past which PostgreSQL's planner is to be told
_LOCK = 74687


@dataclass(frozen=True)
class _Part:
    hash: str
    words: dict[str, int]  # the fields of each


def count_pending(connection: Connection, sources: Sequence[Source]) -> int:
    """How many changes the index has not taken in yet."""
    wanted = search_pending.c.kind.in_([source.kind for source in sources])
    return connection.execute(select(func.count()).select_from(search_pending).where(wanted)).scalar_one()


def catch_up(connection: Connection, sources: Sequence[Source]) -> int:
    """Take in some of what is pending; how many things that were, less than AT_ONCE at the end."""
    if connection.dialect.name == "postgresql":  # on SQLite one writes at a time anyway
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
    taken: dict[str, list[str]] = {source.kind: [] for source in sources}
    for kind, ref in _take(connection, list(taken)):
        taken[kind].append(ref)
    for source in sources:
        if taken[source.kind]:
            _put(connection, source.kind, taken[source.kind], source.read(connection, taken[source.kind]))
    return sum(map(len, taken.values()))


def _take(connection: Connection, kinds: Sequence[str]) -> set[tuple[str, str]]:
    """Only what is deleted here is taken: a row that is written meanwhile may be equal to it, and stays."""
    c = search_pending.c
    some = select(c.kind, c.ref).where(c.kind.in_(kinds)).distinct().limit(AT_ONCE)
    gone = delete(search_pending).where(tuple_(c.kind, c.ref).in_(some)).returning(c.kind, c.ref)
    return {(kind, ref) for kind, ref in connection.execute(gone)}


def _put(connection: Connection, kind: str, refs: Sequence[str], found: Mapping[str, Document]) -> None:
    """Make the index say of the things `refs` what their documents say; nothing of those without one."""
    c = search_things.c
    known = _ids(connection, select(c.ref, c.id).where(c.kind == kind, c.ref.in_(refs)))
    left = _leave(connection, list(known.values()))
    gone = [thing for ref, thing in known.items() if ref not in found]
    if gone:
        connection.execute(delete(search_things).where(c.id.in_(gone)))
    named = _name(connection, kind, known, found)
    parts = {ref: [_part(texts) for texts in (found[ref].own, found[ref].shared) if texts] for ref in found}
    ids = _keep(connection, {part.hash: part for of_one in parts.values() for part in of_one})
    members = {(ids[part.hash], named[ref]) for ref, of_one in parts.items() for part in of_one}
    _insert(connection, search_members, sorted(members))
    _prune(connection, left - set(ids.values()))


def _name(connection: Connection, kind: str, known: Mapping[str, int], found: Mapping[str, Document]) -> dict[str, int]:
    """Write the things' own rows; their ids."""
    c = search_things.c
    first = _next_id(connection, search_things)
    new = [ref for ref in found if ref not in known]
    ids = {**known, **{ref: first + at for at, ref in enumerate(new)}}
    rows = [
        {
            "id": ids[ref],
            "kind": kind,
            "ref": ref,
            "name": as_typed(document.name),
            "full_name": as_typed(document.full_name),
            "database": document.database,
        }
        for ref, document in found.items()
    ]
    connection.execute(delete(search_things).where(c.id.in_([ids[ref] for ref in found if ref in known])))
    if rows:
        connection.execute(insert(search_things), rows)
    return ids


def _leave(connection: Connection, things: Sequence[int]) -> set[int]:
    """Take the things out of their parts; which these were."""
    c = search_members.c
    if not things:
        return set()
    left = set(connection.execute(select(c.part_id).where(c.thing_id.in_(things))).scalars())
    connection.execute(delete(search_members).where(c.thing_id.in_(things)))
    return left


@lru_cache(maxsize=128)
def _part(texts: tuple[Text, ...]) -> _Part:
    words: dict[str, int] = {}
    for each in texts:
        for word in words_of(each.text):
            words[word] = words.get(word, 0) | each.field
    hashed = hashlib.blake2b(msgspec.json.encode(sorted(words.items())), digest_size=16)
    return _Part(hashed.hexdigest(), words)


def _keep(connection: Connection, parts: Mapping[str, _Part]) -> dict[str, int]:
    """The ids of the parts by their hashes; those that are not there yet are written with their postings."""
    c = search_parts.c
    ids: dict[str, int] = {}
    for some in _lists(sorted(parts)):
        ids |= _ids(connection, select(c.hash, c.id).where(c.hash.in_(some)))
    new = [part for hashed, part in parts.items() if hashed not in ids]
    if not new:
        return ids
    words = _number_words(connection, {word for part in new for word in part.words})
    rows, postings = [], []
    for at, part in enumerate(new, _next_id(connection, search_parts)):
        ids[part.hash] = at
        used = [(words[word], fields) for word, fields in part.words.items()]
        rows.append((at, part.hash, msgspec.json.encode([word for word, _ in used]).decode()))
        postings += [(word, at, fields) for word, fields in used]
    _insert(connection, search_parts, rows)
    _insert(connection, search_postings, sorted(postings))
    return ids


def _number_words(connection: Connection, words: set[str]) -> dict[str, int]:
    c = search_words.c
    ids: dict[str, int] = {}
    for some in _lists(sorted(words)):
        ids |= _ids(connection, select(c.word, c.id).where(c.word.in_(some)))
    new = {word: at for at, word in enumerate(sorted(words - ids.keys()), _next_id(connection, search_words))}
    _insert(connection, search_words, [(at, word, word[::-1]) for word, at in new.items()])
    return ids | new


def _prune(connection: Connection, parts: set[int]) -> None:
    """Delete those of the parts that nothing says any more. Their words stay: they are few, and come again."""
    c = search_parts.c
    used = exists().where(search_members.c.part_id == c.id)
    for some in _lists(sorted(parts)):
        unused = connection.execute(select(c.id, c.words).where(c.id.in_(some), ~used)).all()
        for part, words in unused:
            _delete_postings(connection, part, msgspec.json.decode(words, type=list[int]))
        connection.execute(delete(search_parts).where(c.id.in_([part for part, _ in unused])))


def _delete_postings(connection: Connection, part: int, words: Sequence[int]) -> None:
    c = search_postings.c
    for some in _lists(words):
        connection.execute(delete(search_postings).where(c.part_id == part, c.word_id.in_(some)))


def _ids(connection: Connection, statement: Select[str, int]) -> dict[str, int]:
    return {row[0]: row[1] for row in connection.execute(statement)}


def _next_id(connection: Connection, table: SqlTable) -> int:
    """Ids are counted here, as only one at a time writes the index."""
    highest: int = connection.execute(select(func.coalesce(func.max(table.c.id), 0))).scalar_one()
    return highest + 1


def _insert(connection: Connection, table: SqlTable, values: Sequence[tuple[object, ...]]) -> None:
    """Rows of whole tuples, by the quickest way that each database has."""
    if not values:
        return
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(table.c))
        connection.exec_driver_sql(f"INSERT INTO {table.name} VALUES ({marks})", list(values))  # noqa: S608
        return
    lists = ", ".join(f"%s::{'integer' if isinstance(column.type, Integer) else 'text'}[]" for column in table.c)
    given = tuple(list(column) for column in zip(*values, strict=True))
    connection.exec_driver_sql(f"INSERT INTO {table.name} SELECT * FROM unnest({lists})", given)  # noqa: S608
    if len(values) > _MANY:
        connection.execute(text(f"ANALYZE {table.name}"))


def _lists(values: Sequence[object]) -> Iterable[list[object]]:
    """Parts of `values` that a statement can name one by one."""
    return (list(values[at : at + _IN_ONE_LIST]) for at in range(0, len(values), _IN_ONE_LIST))
