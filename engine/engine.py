"""The engine's front door: one transaction for each call to the verbs of jobs, runs, bookmarks and crawlers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import msgspec
from sqlalchemy import Engine as SqlEngine

from catalog.catalog import utc_now
from catalog.db import reading, writing
from catalog.errors import NotFound
from catalog.model import Page
from catalog.paging import DEFAULT_PAGE
from catalog.rehearsal import rehearsing
from crawlers import definitions, events, plans
from crawlers.errors import FolderRefused, PlaceDenied, PlaceFailing
from crawlers.events import ObjectEvent
from crawlers.file_moves import file_names
from crawlers.model import Crawler
from crawlers.plans import Plan
from crawlers.report import Report
from engine import bookmarks, cron, fires, jobs, runs, staging
from engine.bookmark_doors import BookmarkDoors
from engine.crawler_metrics import LOOKED_AT, CrawlerMetrics, metrics_of
from engine.errors import BookmarkConflict, CrawlerNotRunning, CrawlerRunning
from engine.model import (
    BOOKMARK_ENABLE,
    CRAWL,
    JOB,
    CrawlerState,
    Fire,
    Job,
    JobSpec,
    Outcome,
    Run,
    RunEvent,
    RunKind,
)
from engine.progress import RunProgress, read_progress
from engine.run_filters import RunFilter
from engine.side_doors import SideDoors
from engine.spark_answers import LOCAL_SPARK, SparkAnswers
from engine.states import RunState


class Engine(BookmarkDoors, SideDoors):
    """All that can be asked of, and done to, jobs, crawlers, their runs, and bookmarks."""

    def __init__(
        self,
        engine: SqlEngine,
        now: Callable[[], datetime] = utc_now,
        runs: Path | None = None,
        spark: SparkAnswers = LOCAL_SPARK,
    ) -> None:
        """`runs` is the folder of the runs' own files, if this process can see it; `spark` reads files for crawls."""
        self.engine = engine
        self.now = now
        self.runs = runs
        self.spark = spark

    def rehearsing(self) -> Engine:
        """The same engine, of which each verb does all it does, refuses what it refuses, and is then undone."""
        return Engine(rehearsing(self.engine), self.now, self.runs, self.spark)

    # jobs

    def create_job(self, job: Job) -> Job:
        with writing(self.engine) as connection:
            return jobs.create_job(connection, job, self.now())

    def get_job(self, name: str) -> Job:
        with reading(self.engine) as connection:
            return jobs.get_job(connection, name)

    def list_jobs(self, limit: int = DEFAULT_PAGE, token: str | None = None) -> Page[Job]:
        with reading(self.engine) as connection:
            return jobs.list_jobs(connection, limit, token)

    def update_job(self, job: Job, expected_version: int | None = None) -> Job:
        with writing(self.engine) as connection:
            return jobs.update_job(connection, job, self.now(), expected_version)

    def delete_job(self, name: str) -> None:
        with writing(self.engine) as connection:
            jobs.delete_job(connection, name)

    # putting runs in

    def start_job_run(self, name: str, arguments: dict[str, str] | None = None) -> Run:
        """Raises NotFound, InvalidInput, ConcurrentRunsExceeded."""
        with writing(self.engine) as connection:
            spec = jobs.run_spec(connection, name, arguments or {})
            return runs.enqueue(connection, JOB, name, msgspec.json.encode(spec).decode(), self.now())

    def start_crawl(self, crawler: Crawler) -> Run:
        """A crawl of a place, by a definition that is not stored."""
        with writing(self.engine) as connection:
            return runs.enqueue(connection, CRAWL, None, msgspec.json.encode(crawler).decode(), self.now())

    def start_crawler(self, name: str) -> Run:
        """Raises NotFound; CrawlerRunning, as a crawler never runs twice at once."""
        with writing(self.engine) as connection:
            return fires.start_crawl(connection, name, self.now())

    # runs

    def get_run(self, run_id: str) -> Run:
        with reading(self.engine) as connection:
            return runs.get_run(connection, run_id)

    def list_runs(
        self,
        kind: RunKind,
        subject: str | None = None,
        limit: int = DEFAULT_PAGE,
        token: str | None = None,
        filters: Sequence[RunFilter] = (),
    ) -> Page[Run]:
        with reading(self.engine) as connection:
            return runs.list_runs(connection, kind, subject, limit, token, filters)

    def unfinished_runs(self, kind: RunKind | None = None, subject: str | None = None) -> list[Run]:
        with reading(self.engine) as connection:
            return runs.unfinished(connection, kind, subject)

    def list_events(self, run_id: str) -> list[RunEvent]:
        with reading(self.engine) as connection:
            return runs.list_events(connection, run_id)

    def batch_list_events(self, run_ids: Sequence[str]) -> dict[str, list[RunEvent]]:
        with reading(self.engine) as connection:
            return runs.batch_list_events(connection, run_ids)

    def batch_find_latest_runs(self, kind: RunKind, subjects: Sequence[str]) -> dict[str, Run]:
        """The newest run of each of the jobs, or crawlers, that are there and ever ran."""
        with reading(self.engine) as connection:
            return runs.batch_find_latest(connection, kind, subjects)

    def progress(self, run_id: str) -> RunProgress:
        """How far the run is, as far as can be seen from here."""
        return read_progress(self.runs, run_id) if self.runs else RunProgress()

    def stop_run(self, run_id: str) -> Run:
        """Ask for a stop. Raises NotFound, RunNotActive."""
        with writing(self.engine) as connection:
            return runs.request_stop(connection, run_id, self.now())

    # what a worker does with runs

    def claim_run(self, owner: str, kinds: Sequence[RunKind] = (), run_id: str | None = None) -> Run | None:
        with reading(self.engine) as connection:  # most looks find nothing, and need no lock
            waiting = runs.waiting(connection, kinds, run_id)
        if waiting is None:
            return None
        with writing(self.engine) as connection:
            return runs.claim(connection, owner, self.now(), kinds, run_id)

    def adopt_run(self, run: Run, owner: str) -> bool:
        with writing(self.engine) as connection:
            return runs.adopt(connection, run, owner, self.now())

    def beat(self, run_id: str, owner: str) -> bool:
        """True if the run was asked to stop. Raises LostRun."""
        with writing(self.engine) as connection:
            return runs.heartbeat(connection, run_id, owner, self.now())

    def begin_run(self, run_id: str, owner: str) -> None:
        """Say that a run that was starting runs."""
        with writing(self.engine) as connection:
            run = runs.owned(connection, run_id, owner)
            if run.state is RunState.STARTING:
                runs.move(connection, run, RunState.RUNNING, self.now())

    def finish_run(self, run_id: str, owner: str, outcome: Outcome) -> Run:
        """Record how the run ended, and with a success its bookmark, in one transaction. Raises LostRun."""
        try:
            staged = self._staged_files(run_id) if outcome.state is RunState.SUCCEEDED else {}
            return self._finish(run_id, owner, outcome, staged)
        except (BookmarkConflict, FolderRefused, PlaceDenied, PlaceFailing) as error:
            return self._finish(run_id, owner, replace(outcome, state=RunState.FAILED, detail=str(error)), {})

    def _staged_files(self, run_id: str) -> dict[str, list[str]]:
        """What the run has staged, by location, now that its process has ended."""
        with reading(self.engine) as connection:
            folders = staging.list_folders(connection, run_id)
        return {each.location: file_names(each.folder) for each in folders}

    def _finish(self, run_id: str, owner: str, outcome: Outcome, staged: Mapping[str, Sequence[str]]) -> Run:
        with writing(self.engine) as connection:
            run = runs.owned(connection, run_id, owner)
            detail = outcome.detail
            if run.kind == JOB and outcome.state is RunState.SUCCEEDED:
                spec = msgspec.json.decode(run.spec, type=JobSpec)
                if spec.bookmark == BOOKMARK_ENABLE:
                    if run.committed_at is None:
                        detail = "the script did not call Job.commit(): its bookmark was not saved"
                    else:
                        bookmarks.commit(connection, spec.job.name, run_id, self.now())
            figures = outcome.figures
            if staged:
                staging.seal(connection, run_id, staged)
                figures = {**figures, "files_published": float(sum(map(len, staged.values())))}
            return runs.finish(connection, run, outcome.state, self.now(), detail, figures)

    # what a run's own process does, with its token

    def give_token(self, run_id: str) -> str:
        with writing(self.engine) as connection:
            return runs.give_token(connection, run_id)

    def check_token(self, run_id: str, token: str) -> Run:
        with reading(self.engine) as connection:
            return runs.check_token(connection, run_id, token)

    def commit_job(self, run_id: str) -> None:
        """The script's Job.commit(): its bookmark is pending until the run succeeds."""
        with writing(self.engine) as connection:
            runs.record_commit(connection, run_id, self.now())
            bookmarks.mark_committed(connection, run_id)

    # crawlers

    def create_crawler(self, crawler: Crawler) -> Crawler:
        """Raises AlreadyExists; InvalidInput, for a schedule too."""
        _demand_schedule(crawler)
        with writing(self.engine) as connection:
            return definitions.create_crawler(connection, crawler, self.now())

    def get_crawler(self, name: str) -> Crawler:
        with reading(self.engine) as connection:
            return definitions.get_crawler(connection, name)

    def find_crawler(self, name: str) -> Crawler | None:
        with reading(self.engine) as connection:
            return definitions.find_crawler(connection, name)

    def list_crawlers(self, limit: int = DEFAULT_PAGE, token: str | None = None) -> Page[Crawler]:
        with reading(self.engine) as connection:
            return definitions.list_crawlers(connection, limit, token)

    def update_crawler(self, crawler: Crawler, expected_version: int | None = None) -> Crawler:
        """Raises NotFound, VersionConflict; InvalidInput, for a schedule too."""
        _demand_schedule(crawler)
        with writing(self.engine) as connection:
            return definitions.update_crawler(connection, crawler, expected_version, self.now())

    def next_fires(self, crawler: Crawler, count: int) -> tuple[datetime, ...]:
        """The next instants, in UTC, at which the stored `crawler` is due: at most `count`, none without a schedule."""
        if crawler.schedule is None or crawler.schedule_paused or crawler.updated_at is None:
            return ()
        return cron.next_instants(cron.parse(crawler.schedule), self.now(), crawler.updated_at, count)

    def get_report(self, run_id: str) -> Report:
        """The report of a crawl that ended well. Raises NotFound."""
        with reading(self.engine) as connection:
            runs.get_run(connection, run_id)
            found = definitions.find_report(connection, run_id)
        if found is None:
            raise NotFound(kind="Report of crawl", name=run_id)
        return found

    def batch_find_reports(self, run_ids: Sequence[str]) -> dict[str, Report]:
        with reading(self.engine) as connection:
            return definitions.batch_find_reports(connection, run_ids)

    def crawler_state(self, name: str) -> CrawlerState:
        return self.batch_get_crawler_states([name])[name]

    def batch_get_crawler_states(self, names: Sequence[str]) -> dict[str, CrawlerState]:
        """What each crawler does now, told by its unfinished crawl."""
        with reading(self.engine) as connection:
            return runs.batch_get_crawler_states(connection, names)

    def batch_get_crawler_metrics(self, names: Sequence[str]) -> dict[str, CrawlerMetrics]:
        with reading(self.engine) as connection:
            last = runs.batch_list_last(connection, CRAWL, names, LOOKED_AT)
        return {
            name: metrics_of(name, found, self.progress(found[0].id) if found and not found[0].finished else None)
            for name, found in last.items()
        }

    def stop_crawler(self, name: str) -> Run:
        """Raises NotFound, CrawlerNotRunning."""
        with writing(self.engine) as connection:
            definitions.get_crawler(connection, name)
            running = runs.unfinished(connection, CRAWL, name)
            if not running:
                raise CrawlerNotRunning(name=name)
            return runs.request_stop(connection, running[0].id, self.now())

    def delete_crawler(self, name: str) -> None:
        """Raises NotFound; CrawlerRunning."""
        with writing(self.engine) as connection:
            definitions.hold_crawler(connection, name)
            running = runs.unfinished(connection, CRAWL, name)
            if running:
                raise CrawlerRunning(name=name, run=running[0].id)
            definitions.delete_crawler(connection, name)

    def post_object_events(self, posted: Sequence[ObjectEvent]) -> int:
        """Tell the crawlers in event mode of objects; how many of the events concern one. Raises InvalidInput."""
        with writing(self.engine) as connection:
            return events.post_events(connection, posted, self.now())

    # crawl plans

    def list_plans(self, crawler: str | None = None, limit: int = DEFAULT_PAGE, token: str | None = None) -> Page[Plan]:
        with reading(self.engine) as connection:
            return plans.list_plans(connection, crawler, limit, token)

    def get_plan(self, plan_id: str) -> Plan:
        with reading(self.engine) as connection:
            return plans.get_plan(connection, plan_id)

    def delete_plan(self, plan_id: str) -> None:
        with writing(self.engine) as connection:
            plans.delete_plan(connection, plan_id)

    def set_schedule(self, name: str, schedule: str | None) -> Crawler:
        """Raises NotFound; InvalidInput for one that cannot be read."""
        with writing(self.engine) as connection:
            definitions.hold_crawler(connection, name)
            changed = replace(definitions.get_crawler(connection, name), schedule=schedule)
            _demand_schedule(changed)
            return definitions.update_crawler(connection, changed, None, self.now())

    def pause_schedule(self, name: str) -> Crawler:
        """Raises NotFound; NoSchedule, ScheduleNotRunning."""
        with writing(self.engine) as connection:
            return fires.pause_schedule(connection, name, True, self.now())

    def resume_schedule(self, name: str) -> Crawler:
        """Raises NotFound; NoSchedule, ScheduleRunning."""
        with writing(self.engine) as connection:
            return fires.pause_schedule(connection, name, False, self.now())

    # what a scheduler does

    def fire_crawler(self, crawler: Crawler, at: datetime) -> Fire | None:
        """Begin the crawl that was due `at`, or skip it if one goes on; None if that is settled or no longer so."""
        with writing(self.engine) as connection:
            return fires.fire_crawler(connection, crawler, at, self.now())

    def changed_crawlers(self, known: Mapping[str, Crawler]) -> tuple[set[str], list[Crawler]]:
        """The names of all crawlers; and those that are not as in `known`."""
        with reading(self.engine) as connection:
            return fires.changed_crawlers(connection, known)


def _demand_schedule(crawler: Crawler) -> None:
    if crawler.schedule is not None:
        cron.parse(crawler.schedule)
