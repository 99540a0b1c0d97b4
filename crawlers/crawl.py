"""The one story of a crawl: gather what each target holds → name → reconcile → write; a report comes back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property, partial
from time import perf_counter
from typing import Any

from catalog.changes import CatalogChange, ExpectTable
from catalog.model import Partition, Table, TableKey
from crawlers.answers import Answers, answers
from crawlers.availability import demand_available
from crawlers.custom import recognisers
from crawlers.drafts import CRAWLER, Draft
from crawlers.errors import CrawlStopped, TooManyTables
from crawlers.gathering import CatalogLike, Gathered, Request
from crawlers.lakes import write_manifests
from crawlers.model import AnyClassifier, Crawler, DeleteBehavior, RecrawlBehavior, SchemaChangePolicy, UpdateBehavior
from crawlers.naming import is_below, same_place, unique_name
from crawlers.reconcile import Outcome, Policies, create, remove, update
from crawlers.report import MOST_DIFFERENCES, NOTHING, Action, Counts, Files, Notes, Report, TableReport
from crawlers.settled import quiet
from crawlers.surveys import Basis, Survey, basis_of
from crawlers.targets import gather

_MOST_LOG_LINES = 1_000
_NOTHING_RECALLED: Mapping[str, bytes] = {}


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


def _utc_now() -> datetime:
    return datetime.now(UTC)


def crawl(
    crawler: Crawler,
    catalog: CatalogLike,
    *,
    dry_run: bool = False,
    run_id: str | None = None,
    progress: Callable[[Progress], None] = _no_progress,
    stop: Callable[[], bool] = _never,
    now: Callable[[], datetime] = _utc_now,
    classifiers: Sequence[AnyClassifier] = (),
) -> Report:
    """Survey the crawler's targets and bring its database in line with them, in one transaction.

    Raises what `survey` raises, and what the catalog raises on writing; nothing is written then.
    """
    found = survey(
        crawler,
        catalog,
        dry_run=dry_run,
        run_id=run_id,
        progress=progress,
        stop=stop,
        now=now,
        classifiers=classifiers,
    )
    if not dry_run:
        write_manifests(found)
    if found.report.written:
        catalog.apply(found.changes)
    return found.report


def survey(
    crawler: Crawler,
    catalog: CatalogLike,
    *,
    dry_run: bool = False,
    run_id: str | None = None,
    progress: Callable[[Progress], None] = _no_progress,
    stop: Callable[[], bool] = _never,
    now: Callable[[], datetime] = _utc_now,
    recalled: Mapping[str, bytes] = _NOTHING_RECALLED,
    settled: Report | None = None,
    touched: tuple[str, ...] | None = None,
    answers: Answers = answers,
    classifiers: Sequence[AnyClassifier] = (),
) -> Survey:
    """Look at the crawler's targets, and say what brings its database in line with them; nothing is written.

    With `dry_run` the report holds more of the evidence, and says that nothing is written. `stop` is asked between
    files. Files that cannot be read are in the report and fail nothing. `classifiers` are those that the crawler names,
    in its order. `recalled`, `touched` and `answers` are as in Request; `settled` is the last crawl's report, if
    definition and catalog have not changed since. Raises NotFound (database), PlaceNotFound, PlaceDenied,
    PlaceFailing, DriverMissing, TooManyTables, CrawlStopped, BadPattern; InvalidInput if there is no target, and
    NotAvailable if that is so of all.
    """
    demand_available(crawler)
    if crawler.recrawl is RecrawlBehavior.CRAWL_NEW_FOLDERS_ONLY:
        crawler = replace(crawler, schema_change=SchemaChangePolicy(UpdateBehavior.LOG, DeleteBehavior.LOG))
    tables: Sequence[Table] = ()
    if not crawler.catalog_targets:
        crawler = replace(crawler, database=catalog.get_database(crawler.database).name)
        tables = _Tables(partial(catalog.iter_tables, crawler.database))
    work = _Work(crawler, catalog, tables, run_id, dry_run)
    request = Request(
        crawler, catalog, tables, _telling(progress), stop, work.timed, dry_run, recalled, settled is not None, touched,
        answers, recognisers(classifiers),
    )  # fmt: skip
    gathered = [gather(target, request) for target in crawler.all_targets]
    if settled is not None and all(each.unchanged for each in gathered):
        return Survey(replace(quiet(settled), run_id=run_id, dry_run=dry_run, seconds=work.seconds), (), {}, {}, True)
    for target, each in zip(crawler.all_targets, gathered, strict=True):
        work.add(gather(target, replace(request, settled=False)) if each.unchanged else each)
    work.demand_threshold()
    if stop():
        raise CrawlStopped
    with work.timed("reconcile"):
        work.reconcile(str(int(now().timestamp() * 1000)))
    manifests = {(made.table.database, made.table.name): made.manifest for made in work.drafts if made.manifest}
    return Survey(work.report(), tuple(work.changes), work.bases, work.remembered, manifests=manifests)


def _telling(progress: Callable[[Progress], None]) -> Callable[[str, int, int], None]:
    return lambda stage, done, total: progress(Progress(stage, done, total))


class _Tables(Sequence[Table]):
    """Tables that are read when they are first asked for: a crawl that finds nothing new does not."""

    def __init__(self, read: Callable[[], Iterable[Table]]) -> None:
        self._read = read

    @cached_property
    def _all(self) -> tuple[Table, ...]:
        return tuple(self._read())

    def __len__(self) -> int:
        return len(self._all)

    def __getitem__(self, at: Any) -> Any:
        return self._all[at]


@dataclass
class _Work:
    """What one crawl has gathered so far."""

    crawler: Crawler
    catalog: CatalogLike
    tables: Sequence[Table]
    run_id: str | None
    dry_run: bool
    gathered: list[Gathered] = field(default_factory=list)
    drafts: list[Draft] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    changes: list[CatalogChange] = field(default_factory=list)
    bases: dict[TableKey, Basis] = field(default_factory=dict)
    remembered: dict[str, bytes] = field(default_factory=dict)
    reports: list[TableReport] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    def timed(self, stage: str) -> _Timed:
        return _Timed(self.seconds, stage)

    def add(self, gathered: Gathered) -> None:
        """Take over what a target holds, and give its tables their names."""
        self.gathered.append(gathered)
        self.log += gathered.log
        self.remembered |= gathered.remembered
        taken = {table.name: same_place(table.storage.location or "") for table in self.tables}
        taken |= {made.table.name: same_place(made.table.storage.location or "") for made in self.drafts}
        for wished in gathered.drafts:
            made = wished if wished.fixed else self.named(wished, taken)
            key = (made.table.database, made.table.name)
            self.drafts = [other for other in self.drafts if (other.table.database, other.table.name) != key] + [made]

    def named(self, wished: Draft, taken: dict[str, str]) -> Draft:
        """The draft under the name of the catalog's table of its place, or one that no other place has."""
        location = wished.table.storage.location or ""
        existing = self.table_at(location)
        elsewhere = {name for name, place in taken.items() if place != same_place(location)}
        name = existing.name if existing else unique_name(wished.table.name, location, elsewhere)
        taken[name] = same_place(location)
        return replace(wished, table=replace(wished.table, name=name))

    def table_at(self, location: str) -> Table | None:
        """The catalog's table of this place: the one this crawler made, if there are several."""
        here = [table for table in self.tables if same_place(table.storage.location or "") == same_place(location)]
        mine = [table for table in here if table.parameters.get(CRAWLER) == self.crawler.name]
        return next(iter(mine or here), None)

    def demand_threshold(self) -> None:
        threshold = self.crawler.configuration.table_threshold
        if threshold is not None and len(self.drafts) > threshold:
            examples = ", ".join(made.table.name for made in self.drafts[:5])
            raise TooManyTables(found=len(self.drafts), threshold=threshold, examples=examples)

    def policies(self, stamp: str) -> Policies:
        configuration, policy = self.crawler.configuration, self.crawler.schema_change
        unread = tuple(note.place for gathered in self.gathered for note in gathered.failed)
        return Policies(
            policy.update,
            policy.delete,
            configuration.merge_new_columns,
            self.run_id,
            stamp,
            unread,
            configuration.create_partition_index,
        )

    def reconcile(self, stamp: str) -> None:
        """Settle what becomes of each table; `stamp` is now in epoch milliseconds, as text."""
        policies = self.policies(stamp)
        for made in self.drafts:
            table = self.catalogued(made)
            if table is None:
                self.settle(made.table, create(made, policies), made)
                continue
            known = {each.values: each for each in self.catalog.iter_partitions(table.database, table.name)}
            # What a catalog target no longer has is logged whatever the policy (Glue's rule).
            own = replace(policies, delete=DeleteBehavior.LOG) if made.fixed else policies
            self.settle(table, update(made, table, known, own), made, table, list(known.values()))
        found = {made.table.name for made in self.drafts}
        roots = [root for gathered in self.gathered for root in gathered.roots]
        for table in self.tables:
            mine = table.parameters.get(CRAWLER) == self.crawler.name and table.name not in found
            if mine and is_below(table.storage.location or "", roots):
                partitions = list(self.catalog.iter_partitions(table.database, table.name)) if self.dry_run else []
                self.settle(table, remove(table, policies), None, table, partitions)

    def catalogued(self, made: Draft) -> Table | None:
        """The catalog's table that the draft is of."""
        if made.fixed:
            return self.catalog.get_table(made.table.database, made.table.name)
        return next((table for table in self.tables if table.name == made.table.name), None)

    def settle(
        self,
        table: Table,
        outcome: Outcome,
        made: Draft | None,
        before: Table | None = None,
        partitions: Sequence[Partition] = (),
    ) -> None:
        """Take an outcome over into the changes, the log and the report."""
        if outcome.changes and before is not None:
            self.changes.append(ExpectTable.of(before))  # a crawl takes long, and others write too
        self.changes += outcome.changes
        if outcome.changes and self.dry_run:
            self.bases[table.database, table.name] = basis_of(before, partitions)
        notes = (*(made.notes if made else ()), *outcome.notes)
        self.log.append(f"Table {table.name}: {outcome.action}. {made.why if made else 'Its files are gone.'}")
        self.log += [f"Table {table.name}: {note}." for note in notes]
        report = TableReport(
            name=table.name,
            location=(made.table if made else table).storage.location or "",
            action=outcome.action,
            why=made.why if made else "None of its files is there any more.",
            partition_changes=outcome.partitions,
            differences=outcome.differences[:MOST_DIFFERENCES],
            notes=notes,
            database=table.database,
        )
        self.reports.append(_with_draft(report, made) if made else report)

    def report(self) -> Report:
        actions = [report.action for report in self.reports]
        partitions = sum((report.partition_changes for report in self.reports), NOTHING)
        changed = sum(action in (Action.UPDATED, Action.DEPRECATED) for action in actions)
        counts = Counts(actions.count(Action.CREATED), changed, actions.count(Action.DELETED))
        failed = [note for gathered in self.gathered for note in gathered.failed]
        log = [*self.log, *(f"Not read: {note.place}: {note.reason}." for note in failed)]
        if len(log) > _MOST_LOG_LINES:
            log = [*log[:_MOST_LOG_LINES], f"… and {len(log) - _MOST_LOG_LINES} lines more."]
        files = Files(
            seen=sum(gathered.listed for gathered in self.gathered),
            read=sum(gathered.read for gathered in self.gathered),
            size=sum(gathered.size for gathered in self.gathered),
            skipped=Notes.of([note for gathered in self.gathered for note in gathered.skipped]),
            failed=Notes.of(failed),
            of_servers=sum(gathered.listed for gathered in self.gathered if gathered.of_server),
        )
        return Report(
            crawler=self.crawler.name,
            database=self.crawler.database,
            run_id=self.run_id,
            dry_run=self.dry_run,
            written=bool(self.changes) and not self.dry_run,
            files=files,
            tables=tuple(sorted(self.reports, key=lambda report: (report.database, report.name))),
            table_counts=counts,
            partition_counts=partitions,
            seconds=self.seconds,
            log=tuple(log),
        )


def _with_draft(report: TableReport, made: Draft) -> TableReport:
    table = made.table
    return replace(
        report,
        format=made.format,
        compression=made.compression,
        columns=table.storage.columns,
        partition_keys=table.partition_keys,
        partitions=len(made.partitions),
        files=made.files,
        size=made.size,
        records=made.records,
        records_sampled=made.records_sampled,
        evidence=made.evidence,
    )


class _Timed:
    """Adds the seconds spent inside to a stage."""

    def __init__(self, seconds: dict[str, float], stage: str) -> None:
        self.seconds, self.stage = seconds, stage

    def __enter__(self) -> None:
        self.began = perf_counter()

    def __exit__(self, *error: object) -> None:
        self.seconds[self.stage] = self.seconds.get(self.stage, 0.0) + perf_counter() - self.began
