"""Executing a crawl: in the worker's own thread, written to the catalog in one transaction or not at all."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import msgspec
import structlog

from catalog.catalog import Catalog
from catalog.db import reading, writing
from catalog.errors import AlreadyExists
from catalog.model import Database, Origin
from crawlers import classifiers, definitions, events, settled, states
from crawlers.crawl import Progress, survey
from crawlers.errors import CrawlStopped
from crawlers.events import Touched
from crawlers.lakes import write_manifests
from crawlers.model import Crawler
from crawlers.report import Report
from crawlers.surveys import Survey
from engine.crawling.spark_answers import LOCAL_SPARK, SparkAnswers, answers_for
from engine.events.events import tell_changes
from engine.ledger import accesses
from engine.ledger import runs as ledger
from engine.model import Outcome, Run
from engine.running.progress import RUNNING, RunProgress, write_progress
from engine.states import RunState

log = structlog.get_logger()
NOTE_SECONDS = 0.25
LISTING = "list"  # the stage in which files are listed; their number is not known before its end
_CUT_OFF = "the service ended during the crawl; the catalog holds all that it found or nothing of it: crawl again"


class Crawls:
    """Crawls; their reports are kept beside the crawlers' definitions, and their progress in the folder `runs`."""

    def __init__(self, catalog: Catalog, runs: Path, spark: SparkAnswers = LOCAL_SPARK) -> None:
        self.catalog = catalog
        self.runs = runs
        self.spark = spark

    def execute(self, run: Run, stopping: Callable[[], bool], begun: Callable[[], None]) -> Outcome:
        crawler = msgspec.json.decode(run.spec, type=Crawler)
        begun()
        if run.subject is not None and not crawler.catalog_targets:
            self._demand_database(run, crawler)
        recalled: dict[str, bytes] = {}
        in_order: Report | None = None
        touched: Touched | None = None
        with reading(self.catalog.engine) as connection:
            asked = classifiers.get_classifiers(connection, crawler.classifiers)
            if run.subject is not None:
                recalled = states.list_states(connection, run.subject)
                in_order = settled.find_settled(connection, crawler)
                touched = events.find_touched(connection, crawler)
        try:
            found = survey(
                crawler,
                self.catalog,
                run_id=run.id,
                progress=self._noting(run.id),
                stop=stopping,
                now=self.catalog.now,
                recalled=recalled,
                settled=in_order,
                touched=touched.places if touched else None,
                answers=answers_for(crawler, self.spark),
                classifiers=asked,
            )
        except CrawlStopped as stopped:
            return Outcome(RunState.STOPPED, str(stopped))
        write_manifests(found)
        report = self._write(run, crawler, found, touched)
        for line in report.log:
            log.info(line, crawl=run.id, crawler=crawler.name)
        return Outcome(RunState.SUCCEEDED, None, _figures(report))

    def _demand_database(self, run: Run, crawler: Crawler) -> None:
        """Make the database that a crawler writes to, if it is not there, as Glue's crawlers do."""
        if self.catalog.find_database(crawler.database) is None:
            with suppress(AlreadyExists):  # meanwhile
                self.catalog.acting_as(Origin("crawler", crawler.name, run.id)).create_database(
                    Database(crawler.database)
                )

    def _write(self, run: Run, crawler: Crawler, found: Survey, touched: Touched | None) -> Report:
        """The changes, what the next crawl is to know, and the report: all in one transaction. Raises LostRun."""
        catalog = self.catalog.acting_as(Origin("crawler", crawler.name, run.id))
        began = time.perf_counter()
        with writing(catalog.engine) as connection:
            now = catalog.now()
            catalog.apply_in(connection, found.changes)
            tell_changes(connection, found.changes, run.id, run.id, now)
            news = not found.quiet or touched is not None
            if news and run.subject is not None and definitions.find_crawler(connection, run.subject) is not None:
                states.put_states(connection, run.subject, found.remembered, run.id, now)
                if touched is not None:
                    events.delete_events(connection, run.subject, touched)
                if not found.quiet:
                    settled.put_settled(connection, crawler, found.report, run.id, now)
            seconds = found.report.seconds | {"write": time.perf_counter() - began}
            report = replace(found.report, seconds=seconds)
            definitions.save_report(connection, run.id, run.subject, report, now)
            accesses.note(connection, run.id, accesses.of_crawl(crawler, report), now)
            # A process that slept may have lost the run, and another crawl may have written since: then none of this.
            ledger.heartbeat(connection, run.id, run.owner or "", now)
        return report

    def resume(self, run: Run, stopping: Callable[[], bool], begun: Callable[[], None]) -> Outcome:  # noqa: ARG002
        return Outcome(RunState.FAILED, _CUT_OFF)

    def goes_on(self, run: Run) -> bool:  # noqa: ARG002
        return False

    def _noting(self, run_id: str) -> Callable[[Progress], None]:
        """A listener that keeps the run's note of progress fresh, a few times a second at most."""
        return Noting(lambda progress: write_progress(self.runs, run_id, progress))


class Noting:
    """Turns what a crawl tells of its progress into notes, with the rate of the stage that it is in."""

    def __init__(self, write: Callable[[RunProgress], None], clock: Callable[[], float] = time.monotonic) -> None:
        self.write = write
        self.clock = clock
        self.noted = clock()  # a crawl that is over at once needs no note
        self.stage = ""
        self.began = 0.0
        self.first = 0
        self.listed = 0

    def __call__(self, progress: Progress) -> None:
        now = self.clock()
        if progress.stage != self.stage or progress.done < self.first:
            self.stage, self.began, self.first = progress.stage, now, progress.done
        if progress.stage == LISTING:
            self.listed = max(self.listed, progress.done)
        if now - self.noted < NOTE_SECONDS:
            return
        self.noted = now
        spent = now - self.began
        rate = (progress.done - self.first) / spent if spent > 0 else 0.0
        self.write(RunProgress(RUNNING, progress.done, progress.total, progress.stage, self.listed, rate))


def _figures(report: Report) -> dict[str, float]:
    return {
        "files_seen": report.files.seen,
        "files_read": report.files.read,
        "files_failed": report.files.failed.total,
        "bytes_seen": report.files.size,
        "tables_added": report.table_counts.added,
        "tables_updated": report.table_counts.updated,
        "tables_deleted": report.table_counts.deleted,
        "partitions_added": report.partition_counts.added,
        "partitions_updated": report.partition_counts.updated,
        "partitions_deleted": report.partition_counts.deleted,
    }
