"""A stored crawler run again and again, as a worker does it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from catalog.catalog import Catalog
from crawlers.model import Crawler
from crawlers.report import Report, TableReport
from engine.crawling.crawls import Crawls
from engine.engine import Engine
from engine.model import CRAWL, Outcome
from engine.states import RunState


@dataclass
class Recrawler:
    """`crawler` as a stored definition of `catalog`; `runs` is the folder of its runs' files."""

    catalog: Catalog
    crawler: Crawler
    runs: Path
    engine: Engine = field(init=False)

    def __post_init__(self) -> None:
        self.engine = Engine(self.catalog.engine, self.catalog.now)
        self.engine.create_crawler(self.crawler)

    def run(self) -> Report:
        """The report of one more crawl. Raises what the crawl raises."""
        return self.engine.get_report(self.work())

    def work(self) -> str:
        """What a worker does; the run's id."""
        queued = self.engine.start_crawler(self.crawler.name)
        run = self.engine.claim_run("worker", (CRAWL,), queued.id)
        assert run is not None
        outcome = Outcome(RunState.FAILED, "it raised")
        try:
            crawls = Crawls(self.catalog, self.runs)
            outcome = crawls.execute(run, lambda: False, lambda: self.engine.begin_run(run.id, "worker"))
        finally:
            self.engine.finish_run(run.id, "worker", outcome)
        assert outcome.state is RunState.SUCCEEDED
        return run.id

    def update(self, crawler: Crawler) -> None:
        self.engine.update_crawler(crawler)


def actions(report: Report) -> dict[str, str]:
    return {table.name: str(table.action) for table in report.tables}


def only(report: Report) -> TableReport:
    (table,) = report.tables
    return table
