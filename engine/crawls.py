"""Executing a crawl: in the worker's own thread, written to the catalog in one transaction or not at all."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from catalog.catalog import Catalog
from catalog.db import writing
from catalog.model import Origin
from crawlers import definitions
from crawlers.crawl import Progress, crawl
from crawlers.errors import CrawlStopped
from crawlers.model import Crawler
from crawlers.report import Report
from engine.model import Outcome, Run
from engine.progress import RUNNING, RunProgress, write_progress
from engine.states import RunState

NOTE_SECONDS = 0.25
_CUT_OFF = "the service ended during the crawl; the catalog holds all that it found or nothing of it: crawl again"


class Crawls:
    """Crawls; their reports are kept beside the crawlers' definitions, and their progress in the folder `runs`."""

    def __init__(self, catalog: Catalog, runs: Path) -> None:
        self.catalog = catalog
        self.runs = runs

    def execute(self, run: Run, stopping: Callable[[], bool], begun: Callable[[], None]) -> Outcome:
        crawler = msgspec.json.decode(run.spec, type=Crawler)
        begun()
        catalog = self.catalog.acting_as(Origin("crawler", crawler.name, run.id))
        try:
            report = crawl(crawler, catalog, run_id=run.id, progress=self._noting(run.id), stop=stopping)
        except CrawlStopped as stopped:
            return Outcome(RunState.STOPPED, str(stopped))
        with writing(self.catalog.engine) as connection:
            definitions.save_report(connection, run.id, run.subject, report, self.catalog.now())
        return Outcome(RunState.SUCCEEDED, None, _figures(report))

    def resume(self, run: Run, stopping: Callable[[], bool], begun: Callable[[], None]) -> Outcome:  # noqa: ARG002
        return Outcome(RunState.FAILED, _CUT_OFF)

    def goes_on(self, run: Run) -> bool:  # noqa: ARG002
        return False

    def _noting(self, run_id: str) -> Callable[[Progress], None]:
        """A listener that keeps the run's note of progress fresh, a few times a second at most."""
        noted = 0.0

        def note(progress: Progress) -> None:
            nonlocal noted
            if time.monotonic() - noted >= NOTE_SECONDS:
                noted = time.monotonic()
                write_progress(self.runs, run_id, RunProgress(RUNNING, progress.done, progress.total))

        return note


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
