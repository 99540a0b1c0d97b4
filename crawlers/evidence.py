"""Why columns have their types: which files voted for which, and in a dry run which values of the example files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from catalog.model import Column
from crawlers.drafts import Draft
from crawlers.formats import Schema
from crawlers.gathering import Request
from crawlers.grouping import Group
from crawlers.inference import clean_name, is_by_position
from crawlers.lattice import VOID
from crawlers.places import open_place
from crawlers.reading import Seen
from crawlers.report import ColumnEvidence, Vote
from crawlers.values import values_of

MOST_COLUMNS = 1_000
MOST_EXAMPLES = 5  # files of a table whose values are looked at
LONGEST_VALUE = 80


@dataclass
class _Tally:
    """The votes for each type of one column, with the first example of each."""

    votes: dict[str, Vote] = field(default_factory=dict)

    def add(self, vote: Vote) -> None:
        known = self.votes.get(vote.type)
        self.votes[vote.type] = replace(known, count=known.count + vote.count) if known else vote

    def told(self) -> tuple[Vote, ...]:
        return tuple(sorted(self.votes.values(), key=lambda vote: (-vote.count, vote.type)))


_Tallies = dict[int | str, _Tally]  # by a column's place, or its name


def told_by(draft: Draft, group: Group, seen: Seen, request: Request) -> tuple[ColumnEvidence, ...]:
    """The evidence for each of the draft's first columns."""
    by_files = _file_tallies(group, seen)
    by_values = _value_tallies(by_files, group, seen) if request.dry_run else {}
    found = []
    for place, column in enumerate(draft.table.storage.columns[:MOST_COLUMNS]):
        key = place if draft.by_position else column.name
        files, values = by_files.get(key, _Tally()), by_values.get(key, _Tally())
        found.append(ColumnEvidence(column.name, _type(column), files.told(), values.told()))
    return tuple(found)


def _type(column: Column) -> str:
    return column.parameters.get("inferredType", column.type)


def _key(schema: Schema, place: int, name: str) -> int | str:
    return place if is_by_position(schema.format) else clean_name(name, place)


def _file_tallies(group: Group, seen: Seen) -> _Tallies:
    """Files with equal schemas share one object, so each distinct schema is gone through once."""
    counts: dict[int, int] = {}
    firsts: dict[int, tuple[Schema, str]] = {}
    for leaf in group.leaves:
        for name, schema in leaf.schemas.items():
            counts[id(schema)] = counts.get(id(schema), 0) + 1
            firsts.setdefault(id(schema), (schema, seen.place_of(leaf.path, name)))
    tallies: _Tallies = {}
    for number, (schema, file) in firsts.items():
        for place, each in enumerate(schema.fields):
            vote = Vote(str(each.type), counts[number], file)
            tallies.setdefault(_key(schema, place, each.name), _Tally()).add(vote)
    return tallies


def _value_tallies(by_files: _Tallies, group: Group, seen: Seen) -> _Tallies:
    tallies: _Tallies = {}
    examples = _examples(by_files.values())
    reader = open_place(seen.root)
    for leaf in group.leaves:
        for file in leaf.files:
            where = seen.place_of(leaf.path, file.name)
            if where not in examples:
                continue
            for value in values_of(reader, "/".join((*leaf.path, file.name)), file.size, leaf.schemas[file.name]):
                if value.type == VOID:
                    continue
                key = value.column if isinstance(value.column, int) else clean_name(value.column, 0)
                shown = value.text if len(value.text) <= LONGEST_VALUE else f"{value.text[:LONGEST_VALUE]}…"
                tallies.setdefault(key, _Tally()).add(Vote(str(value.type), 1, where, value.row, shown))
    return tallies


def _examples(tallies: Iterable[_Tally]) -> set[str]:
    """The files to look into: those that disagree about a column first."""
    disputed = sorted(tallies, key=lambda tally: -len(tally.votes))
    places = dict.fromkeys(vote.place for tally in disputed for vote in tally.told())
    return set(list(places)[:MOST_EXAMPLES])
