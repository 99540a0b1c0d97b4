"""What a crawl did, as data: bounded in size, whatever the size of the place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from catalog.changes import Difference
from catalog.model import Column

MOST_NOTES = 200
MOST_DIFFERENCES = 200
APART = " a table of its own because "  # what comes after it in a table's `why` may be said of many tables


class Action(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    LOGGED = "logged"  # it changed, and the policy says to leave it
    DEPRECATED = "deprecated"
    DELETED = "deleted"


@dataclass(frozen=True)
class Note:
    """A file or folder by its location, and what is to be said of it."""

    place: str
    reason: str


@dataclass(frozen=True)
class Notes:
    """How many there are, the first of them, and how many had which reason."""

    total: int = 0
    shown: tuple[Note, ...] = ()
    reasons: dict[str, int] = field(default_factory=dict)

    @staticmethod
    def of(notes: Sequence[Note]) -> Notes:
        reasons: dict[str, int] = {}
        for note in notes:
            if note.reason in reasons or len(reasons) < MOST_NOTES:
                reasons[note.reason] = reasons.get(note.reason, 0) + 1
        return Notes(len(notes), tuple(notes[:MOST_NOTES]), reasons)


NO_NOTES = Notes()


@dataclass(frozen=True)
class Files:
    """`seen` = data files listed; `read` were opened and recognised; sizes in bytes.

    `of_servers` of those seen are no files but tables and views of a server.
    """

    seen: int = 0
    read: int = 0
    size: int = 0
    skipped: Notes = NO_NOTES
    failed: Notes = NO_NOTES
    of_servers: int = 0


@dataclass(frozen=True)
class Counts:
    """What the catalog gained, changed and lost. Deprecated tables and partitions count as updated."""

    added: int = 0
    updated: int = 0
    deleted: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.added + other.added, self.updated + other.updated, self.deleted + other.deleted)


NOTHING = Counts()


@dataclass(frozen=True)
class Vote:
    """How many files, or values, ask for a type, and an example: the file, and of values the row (from 1) and text."""

    type: str
    count: int
    place: str
    row: int | None = None
    value: str | None = None


@dataclass(frozen=True)
class ColumnEvidence:
    """Why a column has its type: the votes of all files that were read, most first; and of a dry run the votes of the
    values in the files that `by_files` gives as examples, where the format has a type for each value.
    """

    name: str
    type: str
    by_files: tuple[Vote, ...]
    by_values: tuple[Vote, ...] = ()


@dataclass(frozen=True)
class TableReport:
    """One table. `records` is an estimate from `records_sampled`; `files` and `size` (bytes) are exact.

    `why`: one sentence on why these files are this table.
    """

    name: str
    location: str
    action: Action
    why: str
    format: str = ""
    compression: str = ""
    columns: tuple[Column, ...] = ()
    partition_keys: tuple[Column, ...] = ()
    partitions: int = 0
    files: int = 0
    size: int = 0
    records: int = 0
    records_sampled: int = 0
    partition_changes: Counts = NOTHING
    differences: tuple[Difference, ...] = ()
    notes: tuple[str, ...] = ()
    evidence: tuple[ColumnEvidence, ...] = ()
    database: str = ""


@dataclass(frozen=True)
class Report:
    """A whole crawl. `written` is False for a dry run, and when nothing had to change. `seconds` are by stage."""

    crawler: str
    database: str
    run_id: str | None
    dry_run: bool
    written: bool
    files: Files
    tables: tuple[TableReport, ...]
    table_counts: Counts
    partition_counts: Counts
    seconds: dict[str, float]
    log: tuple[str, ...]
