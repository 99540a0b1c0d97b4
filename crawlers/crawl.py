"""The one story of a crawl: list → group → sample → recognise → infer → reconcile → write; a report comes back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from time import perf_counter
from typing import Protocol

from catalog.changes import CatalogChange
from catalog.model import Database, Partition, Table
from crawlers.drafts import CRAWLER, Draft, draft, location_of
from crawlers.errors import CrawlStopped, NotAvailable, TooManyTables
from crawlers.grouping import Group, Rules, group
from crawlers.model import Crawler, RecrawlBehavior, Target
from crawlers.naming import is_below, same_place, unique_name
from crawlers.places import FolderPath, segments
from crawlers.reading import Seen, read_target
from crawlers.reconcile import Outcome, Policies, create, remove, update
from crawlers.report import MOST_DIFFERENCES, NOTHING, Action, Counts, Files, Note, Notes, Report, TableReport

_MOST_LOG_LINES = 1_000


class CatalogLike(Protocol):
    """What a crawl asks of the catalog."""

    def get_database(self, name: str) -> Database: ...
    def iter_tables(self, database: str) -> Iterator[Table]: ...
    def iter_partitions(self, database: str, table: str) -> Iterator[Partition]: ...
    def apply(self, changes: Sequence[CatalogChange]) -> None: ...


@dataclass(frozen=True)
class Progress:
    """How far a crawl is: `done` of `total` files of a stage (`total` is 0 while it is not known)."""

    stage: str
    done: int
    total: int


def _no_progress(progress: Progress) -> None:
    """Nobody watches."""


def _never() -> bool:
    return False


def crawl(
    crawler: Crawler,
    catalog: CatalogLike,
    *,
    dry_run: bool = False,
    run_id: str | None = None,
    progress: Callable[[Progress], None] = _no_progress,
    stop: Callable[[], bool] = _never,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Report:
    """Look at the crawler's targets and bring its database in line with them, in one transaction.

    With `dry_run` nothing is written. `stop` is asked between files. Files that cannot be read are in the report and
    fail nothing. Raises NotFound (database), PlaceNotFound, DriverMissing, TooManyTables, CrawlStopped, and what the
    catalog raises on writing; nothing is written then.
    """
    _demand_available(crawler)
    crawler = replace(crawler, database=catalog.get_database(crawler.database).name)
    work = _Work(crawler, list(catalog.iter_tables(crawler.database)), run_id)
    for target in crawler.targets:
        with work.timed("list and read"):
            seen = read_target(
                target, crawler.configuration, lambda stage, done, total: progress(Progress(stage, done, total)), stop
            )
        with work.timed("group"):
            work.add(target, seen)
    work.demand_threshold()
    if stop():
        raise CrawlStopped
    with work.timed("reconcile"):
        stamp = str(int(now().timestamp() * 1000))
        configuration, policy = crawler.configuration, crawler.schema_change
        policies = Policies(policy.update, policy.delete, configuration.merge_new_columns, run_id, stamp, work.unread())
        work.reconcile(catalog, policies)
    written = bool(work.changes) and not dry_run
    with work.timed("write"):
        if written:
            catalog.apply(work.changes)
    return work.report(dry_run, written)


def _demand_available(crawler: Crawler) -> None:
    if crawler.recrawl is not RecrawlBehavior.CRAWL_EVERYTHING:
        raise NotAvailable(what=f"Recrawl behaviour {crawler.recrawl}", instead="use CRAWL_EVERYTHING.")


@dataclass
class _Work:
    """What one crawl has gathered so far."""

    crawler: Crawler
    tables: list[Table]
    run_id: str | None
    roots: list[str] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    drafts: list[Draft] = field(default_factory=list)
    skipped: list[Note] = field(default_factory=list)
    failed: list[Note] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    changes: list[CatalogChange] = field(default_factory=list)
    reports: list[TableReport] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    def timed(self, stage: str) -> _Timed:
        return _Timed(self.seconds, stage)

    def add(self, target: Target, seen: Seen) -> None:
        """Group what was seen at a target, and draft its tables."""
        self.roots.append(seen.location)
        self.seen.append(seen)
        self.skipped += seen.skipped
        self.failed += seen.failed
        self.log += seen.log
        groups = group(seen.leaves, self.rules(seen.root)) if seen.only is None else seen.as_one_file()
        taken = {table.name: same_place(table.storage.location or "") for table in self.tables}
        taken |= {made.table.name: same_place(made.table.storage.location or "") for made in self.drafts}
        for found in groups:
            location = location_of(seen.root, found)
            existing = self.table_at(location)
            elsewhere = {name for name, place in taken.items() if place != same_place(location)}
            name = existing.name if existing else unique_name(location, self.crawler.prefix, elsewhere)
            taken[name] = same_place(location)
            made = draft(name, location, found, seen.findings, self.crawler, target)
            self.drafts = [other for other in self.drafts if other.table.name != name] + [made]
            self.tell_shallow(found, seen.root)
        if target.sample_size is not None:
            self.tell_unsampled(groups, seen)

    def rules(self, root: str) -> Rules:
        configuration = self.crawler.configuration
        depth = configuration.table_level
        if depth is not None:
            depth = max(0, depth - len(segments(root)))
        known = frozenset(
            path for table in self.tables if (path := _below(table.storage.location or "", root)) is not None
        )
        return Rules(configuration.combine_compatible, depth, known)

    def table_at(self, location: str) -> Table | None:
        """The catalog's table of this place: the one this crawler made, if there are several."""
        here = [table for table in self.tables if same_place(table.storage.location or "") == same_place(location)]
        mine = [table for table in here if table.parameters.get(CRAWLER) == self.crawler.name]
        return next(iter(mine or here), None)

    def tell_shallow(self, found: Group, root: str) -> None:
        for leaf in found.shallow:
            folder = root + "".join(f"{name}/" for name in leaf.path)
            self.skipped += [
                Note(folder + file.name, "it lies above its table's partition folders, so no partition can hold it")
                for file in leaf.files
            ]

    def tell_unsampled(self, groups: list[Group], seen: Seen) -> None:
        """Files outside the sample follow those in it, unless these turned out to be tables of their own."""
        placed = {
            (leaf.path, file.name) for found in groups for leaf in found.leaves + found.shallow for file in leaf.files
        }
        self.skipped += [
            Note(seen.place_of(leaf.path, file.name), "it is not in the sample, and each file beside it is a table")
            for leaf in seen.leaves
            for file in leaf.files
            if (leaf.path, file.name) not in placed
        ]

    def demand_threshold(self) -> None:
        threshold = self.crawler.configuration.table_threshold
        if threshold is not None and len(self.drafts) > threshold:
            examples = ", ".join(made.table.name for made in self.drafts[:5])
            raise TooManyTables(found=len(self.drafts), threshold=threshold, examples=examples)

    def unread(self) -> tuple[str, ...]:
        return tuple(note.place for note in self.failed)

    def reconcile(self, catalog: CatalogLike, policies: Policies) -> None:
        by_name = {table.name: table for table in self.tables}
        for made in self.drafts:
            table = by_name.get(made.table.name)
            if table is None:
                self.settle(made.table, create(made, policies), made)
                continue
            known = {each.values: each for each in catalog.iter_partitions(table.database, table.name)}
            self.settle(table, update(made, table, known, policies), made)
        found = {made.table.name for made in self.drafts}
        for table in self.tables:
            mine = table.parameters.get(CRAWLER) == self.crawler.name and table.name not in found
            if mine and is_below(table.storage.location or "", self.roots):
                self.settle(table, remove(table, policies), None)

    def settle(self, table: Table, outcome: Outcome, made: Draft | None) -> None:
        """Take an outcome over into the changes, the log and the report."""
        self.changes += outcome.changes
        notes = (*(made.notes if made else ()), *outcome.notes)
        self.log.append(f"Table {table.name}: {outcome.action}. {made.group.why if made else 'Its files are gone.'}")
        self.log += [f"Table {table.name}: {note}." for note in notes]
        report = TableReport(
            name=table.name,
            location=(made.table if made else table).storage.location or "",
            action=outcome.action,
            why=made.group.why if made else "None of its files is there any more.",
            partition_changes=outcome.partitions,
            differences=outcome.differences[:MOST_DIFFERENCES],
            notes=notes,
        )
        self.reports.append(_with_draft(report, made) if made else report)

    def report(self, dry_run: bool, written: bool) -> Report:
        actions = [report.action for report in self.reports]
        partitions = sum((report.partition_changes for report in self.reports), NOTHING)
        changed = sum(action in (Action.UPDATED, Action.DEPRECATED) for action in actions)
        counts = Counts(actions.count(Action.CREATED), changed, actions.count(Action.DELETED))
        log = [*self.log, *(f"Not read: {note.place}: {note.reason}." for note in self.failed)]
        if len(log) > _MOST_LOG_LINES:
            log = [*log[:_MOST_LOG_LINES], f"… and {len(log) - _MOST_LOG_LINES} lines more."]
        files = Files(
            seen=sum(seen.listed for seen in self.seen),
            read=sum(seen.read for seen in self.seen),
            size=sum(seen.size for seen in self.seen),
            skipped=Notes.of(self.skipped),
            failed=Notes.of(self.failed),
        )
        return Report(
            crawler=self.crawler.name,
            database=self.crawler.database,
            run_id=self.run_id,
            dry_run=dry_run,
            written=written,
            files=files,
            tables=tuple(sorted(self.reports, key=lambda report: report.name)),
            table_counts=counts,
            partition_counts=partitions,
            seconds=self.seconds,
            log=tuple(log),
        )


def _with_draft(report: TableReport, made: Draft) -> TableReport:
    table = made.table
    return TableReport(
        name=report.name,
        location=report.location,
        action=report.action,
        why=report.why,
        format=made.group.schema.format,
        compression=made.group.schema.trait("compression"),
        columns=table.storage.columns,
        partition_keys=table.partition_keys,
        partitions=len(made.partitions),
        files=made.files,
        size=made.size,
        records=made.records,
        records_sampled=made.records_sampled,
        partition_changes=report.partition_changes,
        differences=report.differences,
        notes=report.notes,
    )


def _below(location: str, root: str) -> FolderPath | None:
    """The folders between `root` and a folder's location; None if it lies elsewhere."""
    place, above = same_place(location), same_place(root)
    if not location or not f"{place}/".startswith(f"{above}/"):
        return None
    return tuple(part for part in place[len(above) :].split("/") if part)


class _Timed:
    """Adds the seconds spent inside to a stage."""

    def __init__(self, seconds: dict[str, float], stage: str) -> None:
        self.seconds, self.stage = seconds, stage

    def __enter__(self) -> None:
        self.began = perf_counter()

    def __exit__(self, *error: object) -> None:
        self.seconds[self.stage] = self.seconds.get(self.stage, 0.0) + perf_counter() - self.began
