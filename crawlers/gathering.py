"""What a crawl asks of each of its targets, whatever kind it is, and what it is given: drafts of tables, and notes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

from catalog.changes import CatalogChange
from catalog.model import Connection, Database, Parameters, Partition, Table
from crawlers.answers import Answers, answers
from crawlers.drafts import Draft
from crawlers.formats import Recogniser
from crawlers.model import Crawler
from crawlers.report import Note


class CatalogLike(Protocol):
    """What a crawl asks of the catalog."""

    def get_database(self, name: str) -> Database: ...
    def get_table(self, database: str, name: str) -> Table: ...
    def iter_tables(self, database: str) -> Iterator[Table]: ...
    def iter_partitions(self, database: str, table: str) -> Iterator[Partition]: ...
    def unsealed_connection(self, name: str) -> tuple[Connection, Parameters]: ...
    def apply(self, changes: Sequence[CatalogChange]) -> None: ...


@dataclass(frozen=True)
class Request:
    """A crawl, as one of its targets sees it.

    `tables` are those of the crawler's database, as they were when they were first asked for. `told` hears how far a
    stage is (its name, done, total; a total of 0 is not known), `stop` is asked between files, and time spent inside
    `timed(stage)` is in the report. `recalled` is what the last crawl of this crawler `remembered` of each place.
    `settled`: a place that lists the same files as then need not be gathered. `touched` are the locations of the
    objects that were written or removed since; None if nobody keeps account of them. `answers` reads the files.
    `custom` are the crawler's own classifiers, asked of each file before the built-in formats.
    """

    crawler: Crawler
    catalog: CatalogLike
    tables: Sequence[Table]
    told: Callable[[str, int, int], None]
    stop: Callable[[], bool]
    timed: Callable[[str], AbstractContextManager[None]]
    dry_run: bool = False
    recalled: Mapping[str, bytes] = field(default_factory=dict)
    settled: bool = False
    touched: tuple[str, ...] | None = None
    answers: Answers = answers
    custom: tuple[Recogniser, ...] = ()


@dataclass
class Gathered:
    """What a target holds.

    `drafts` bear the names that they ask for; the crawl gives them others where these are taken. A table that this
    crawler made, that lies in or below one of `roots` and has no draft, is gone. `listed`, `read` and `size` (bytes)
    count data files, or where `of_server` the tables and views of a server. `remembered` is what the next crawl is to
    know of each place, as bytes that only the gatherer reads; it is kept if the crawl is written. `unchanged`: the
    place is as it was, and nothing more was looked at.
    """

    roots: tuple[str, ...] = ()
    drafts: list[Draft] = field(default_factory=list)
    listed: int = 0
    read: int = 0
    size: int = 0
    skipped: list[Note] = field(default_factory=list)
    failed: list[Note] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    remembered: dict[str, bytes] = field(default_factory=dict)
    unchanged: bool = False
    of_server: bool = False
