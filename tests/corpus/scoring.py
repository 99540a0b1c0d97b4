"""How right a crawl is about the corpus: one folder a file, one crawl, and the tables beside the truth."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from catalog.catalog import Catalog
from catalog.model import Table
from crawlers.crawl import crawl
from crawlers.model import Configuration, Crawler, Target
from crawlers.report import Report
from tests.corpus.case import Case


@dataclass(frozen=True)
class Score:
    """What became of a case: the format and columns of the table that was made of it, if any."""

    case: Case
    format: str | None
    columns: dict[str, str] | None

    @property
    def format_is_right(self) -> bool:
        return self.format == self.case.format

    @property
    def columns_are_right(self) -> bool:
        return self.format_is_right and (not self.case.columns or self.columns == self.case.columns)


def lay_out(cases: Iterable[Case], lake: Path) -> None:
    for case in cases:
        folder = lake / case.name
        folder.mkdir(parents=True)
        (folder / case.file).write_bytes(case.data)


def score(cases: Sequence[Case], lake: Path, catalog: Catalog) -> tuple[list[Score], Report]:
    """Lay the cases out in `lake`, crawl it once, and look at what came of each."""
    lay_out(cases, lake)
    level = len(lake.parts)  # the lake's own level and one below; the root's slash counts for it
    crawler = Crawler("corpus", "lake", (Target(str(lake)),), configuration=Configuration(table_level=level))
    report = crawl(crawler, catalog)
    tables = {_folder(table): table for table in catalog.iter_tables("lake")}
    return [_scored(case, tables.get(case.name)) for case in cases], report


def _folder(table: Table) -> str:
    return (table.storage.location or "").rstrip("/").rpartition("/")[2]


def _scored(case: Case, table: Table | None) -> Score:
    if table is None:
        return Score(case, None, None)
    columns = {column.name: column.parameters.get("inferredType", column.type) for column in table.storage.columns}
    return Score(case, table.parameters["classification"], columns)


def shares(scores: Iterable[Score]) -> dict[str, tuple[int, int, int]]:
    """By true format: how many files, how many with the right format, how many with all columns right."""
    found: dict[str, list[Score]] = defaultdict(list)
    for each in scores:
        found[each.case.format or "no table"].append(each)
    return {
        name: (len(group), sum(s.format_is_right for s in group), sum(s.columns_are_right for s in group))
        for name, group in sorted(found.items())
    }
