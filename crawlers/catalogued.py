"""Catalog targets: tables that the catalog has, looked at where they lie. None is made or deleted for them."""

from __future__ import annotations

from dataclasses import replace

from catalog.model import Table
from crawlers.drafts import Draft, draft
from crawlers.evidence import told_by
from crawlers.gathering import Gathered, Request
from crawlers.grouping import Group, Rules, group
from crawlers.model import CatalogTarget, Target
from crawlers.reading import Seen, read_target
from crawlers.report import Note

# Whatever lies in a table's folder is that table's, if a reader of it can read it (Glue forces this on, too).
_ALL_OF_IT = Rules(combine=True, table_depth=0)


def gather(target: CatalogTarget, request: Request) -> Gathered:
    """A draft of each of the target's tables. Raises NotFound for one that is not there, and what reading raises."""
    gathered = Gathered()
    for name in target.tables:
        table = request.catalog.get_table(target.database, name)
        if not table.storage.location:
            why = "the table has no location, so there is nothing to crawl"
            gathered.failed.append(Note(f"{table.database}.{table.name}", why))
            continue
        _gather_table(table, Target(table.storage.location), request, gathered)
    return gathered


def _gather_table(table: Table, target: Target, request: Request, gathered: Gathered) -> None:
    with request.timed("list and read"):
        seen = read_target(
            target,
            request.crawler.configuration,
            request.told,
            request.stop,
            answers=request.answers,
            custom=request.custom,
        )
    with request.timed("group"):
        groups = group(seen.leaves, _ALL_OF_IT) if seen.only is None else seen.as_one_file()
        groups.sort(key=lambda found: (bool(found.root), -_size(found)))
    gathered.listed += seen.listed
    gathered.read += seen.read
    gathered.size += seen.size
    gathered.skipped += seen.skipped
    gathered.failed += seen.failed
    gathered.log += seen.log
    if not groups:
        gathered.log.append(f"Table {table.database}.{table.name}: no file of it was recognised, so it is left alone.")
        return
    gathered.drafts.append(_draft(table, groups[0], seen, target, request))
    for other in groups[1:]:
        gathered.skipped += [
            Note(seen.place_of(leaf.path, file.name), f"it is not read with its table's other files. {other.why}")
            for leaf in other.leaves
            for file in leaf.files
        ]


def _size(found: Group) -> int:
    return sum(len(leaf.files) for leaf in found.leaves)


def _draft(table: Table, found: Group, seen: Seen, target: Target, request: Request) -> Draft:
    crawler = replace(request.crawler, database=table.database)
    made = draft(table.name, table.storage.location or "", found, seen.findings, crawler, target)
    return replace(made, fixed=True, evidence=told_by(made, found, seen, request))
