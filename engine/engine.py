"""The engine's front door: one transaction for each call to the verbs of jobs, runs, bookmarks and crawlers."""

from __future__ import annotations

import copy
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
from catalog.sealing import Sealer
from crawlers import definitions, events
from crawlers.errors import FolderRefused, PlaceDenied, PlaceFailing
from crawlers.events import ObjectEvent
from crawlers.file_moves import file_names
from crawlers.model import Crawler
from crawlers.report import Report
from engine.crawling.crawler_metrics import LOOKED_AT, CrawlerMetrics, metrics_of
from engine.crawling.spark_answers import LOCAL_SPARK, SparkAnswers
from engine.doors.batch_doors import BatchDoors
from engine.doors.bookmark_doors import BookmarkDoors
from engine.doors.environment_doors import EnvironmentDoors
from engine.doors.event_doors import EventDoors
from engine.doors.figure_doors import FigureDoors
from engine.doors.job_doors import JobDoors
from engine.doors.lineage_doors import LineageDoors
from engine.doors.log_doors import LogDoors
from engine.doors.plan_doors import PlanDoors
from engine.doors.retention_doors import RetentionDoors
from engine.doors.search_doors import SearchDoors
from engine.doors.session_doors import SessionDoors
from engine.doors.side_doors import SideDoors
from engine.doors.waiting_doors import WaitingDoors
from engine.doors.webhook_doors import WebhookDoors
from engine.doors.workflow_doors import WorkflowDoors
from engine.errors import BookmarkConflict, CrawlerNotRunning, CrawlerRunning, StagedOutputGone
from engine.flows import cron, fires
from engine.jobs import jobs, sizing
from engine.jobs.sizing import Host
from engine.ledger import repeats, runs
from engine.ledger.run_filters import Filter
from engine.model import (
    AS_DEFINED,
    BOOKMARK_ENABLE,
    CRAWL,
    JOB,
    SESSION,
    Cause,
    CrawlerState,
    JobSpec,
    Outcome,
    Overrides,
    Run,
    RunEvent,
    RunKind,
)
from engine.reads import bookmarks, staging
from engine.sessions import statements
from engine.states import RunState


class Engine(
    BatchDoors,
    BookmarkDoors,
    EnvironmentDoors,
    EventDoors,
    FigureDoors,
    JobDoors,
    RetentionDoors,
    SearchDoors,
    SessionDoors,
    SideDoors,
    LineageDoors,
    LogDoors,
    PlanDoors,
    WaitingDoors,
    WebhookDoors,
    WorkflowDoors,
):
    """All that can be asked of, and done to, jobs, crawlers, their runs, and bookmarks."""

    def __init__(
        self,
        engine: SqlEngine,
        now: Callable[[], datetime] = utc_now,
        runs: Path | None = None,
        spark: SparkAnswers = LOCAL_SPARK,
        host: Host | None = None,
        dpu_hour_price: float | None = None,
        sealer: Callable[[], Sealer] = Sealer,
        webhook_hosts: tuple[str, ...] = (),
    ) -> None:
        """`runs` is the folder of the runs' own files, if this process can see it; `spark` reads files for crawls.

        `host` is what job runs may have of this machine; None: whatever they ask for, uncounted. `webhook_hosts`, if
        any, are all that webhooks may lead to.
        """
        self.engine = engine
        self.now = now
        self.runs = runs
        self.spark = spark
        self.host = host
        self.dpu_hour_price = dpu_hour_price
        self.sealer = sealer
        self.webhook_hosts = webhook_hosts

    def rehearsing(self) -> Engine:
        """The same engine, of which each verb does all it does, refuses what it refuses, and is then undone."""
        other = copy.copy(self)
        other.engine = rehearsing(self.engine)
        return other

    # putting runs in

    def start_job_run(
        self,
        name: str,
        arguments: dict[str, str] | None = None,
        overrides: Overrides = AS_DEFINED,
        retried: str | None = None,
    ) -> Run:
        """With `retried`, the id of a run of the job, the next attempt after it, with its arguments if none are given.

        Raises NotFound, InvalidInput, ArgumentRefused, ConcurrentRunsExceeded.
        """
        with writing(self.engine) as connection:
            before = repeats.get_run_of(connection, name, retried) if retried else None
            if before is not None and arguments is None:
                arguments = msgspec.json.decode(before.spec, type=JobSpec).arguments
            spec = jobs.run_spec(connection, name, arguments or {}, overrides)
            cause = Cause(retried=before)
            return runs.enqueue(connection, JOB, name, msgspec.json.encode(spec).decode(), self.now(), cause)

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
        filters: Sequence[Filter] = (),
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

    def stop_run(self, run_id: str) -> Run:
        """Ask for a stop. Raises NotFound, RunNotActive."""
        with writing(self.engine) as connection:
            asked = runs.request_stop(connection, run_id, self.now())
        if asked.finished:
            self.settle_ends()
        return asked

    # what a worker does with runs

    def adopt_run(self, run: Run, owner: str) -> bool:
        with writing(self.engine) as connection:
            return runs.adopt(connection, run, owner, self.now())

    def beat(self, run_id: str, owner: str) -> bool:
        """True if the run was asked to stop. Raises LostRun."""
        with writing(self.engine) as connection:
            return runs.heartbeat(connection, run_id, owner, self.now())

    def begin_run(self, run_id: str, owner: str) -> None:
        """Say that a run that was starting runs, and how long it took to begin, if its process has told that."""
        begun_at = self.progress(run_id).begun_at
        with writing(self.engine) as connection:
            run = runs.owned(connection, run_id, owner)
            if run.state is RunState.STARTING:
                seconds = 0.0 if begun_at is None else max(begun_at - run.queued_at.timestamp(), 0.0)
                took = {} if begun_at is None else {"start_seconds": round(seconds, 3)}
                runs.move(connection, run, RunState.RUNNING, self.now(), figures=took)

    def finish_run(self, run_id: str, owner: str, outcome: Outcome) -> Run:
        """Record how the run ended, with a success its bookmark, with a failure its repeat: in one transaction.

        Raises LostRun.
        """
        ended = self._end(run_id, owner, outcome)
        if ended.trigger_name or ended.workflow_run_id:
            self.settle_ends()
        return ended

    def _end(self, run_id: str, owner: str, outcome: Outcome) -> Run:
        try:
            ended = self._finish(run_id, owner, outcome)
            if ended is None:
                ended = self._finish(run_id, owner, outcome, self._staged_files(run_id))
        except (BookmarkConflict, FolderRefused, PlaceDenied, PlaceFailing, StagedOutputGone) as error:
            ended = self._finish(run_id, owner, replace(outcome, state=RunState.FAILED, detail=str(error)))
        return ended or self.get_run(run_id)

    def _staged_files(self, run_id: str) -> dict[str, list[str]]:
        """What the run has staged, by location, now that its process has ended. Raises StagedOutputGone."""
        with reading(self.engine) as connection:
            folders = staging.list_folders(connection, run_id)
        found = {}
        for folder in folders:
            found[folder.location] = file_names(folder.folder)
            staging.demand_there(folder, found[folder.location])
        return found

    def _finish(
        self, run_id: str, owner: str, outcome: Outcome, staged: Mapping[str, Sequence[str]] | None = None
    ) -> Run | None:
        """None if the run has staged files, which have to be listed outside of the transaction."""
        with writing(self.engine) as connection:
            run = runs.owned(connection, run_id, owner)
            detail = outcome.detail
            if run.kind == JOB and outcome.state is RunState.SUCCEEDED:
                spec = msgspec.json.decode(run.spec, type=JobSpec)
                if spec.staged and staged is None:
                    return None
                if spec.bookmark == BOOKMARK_ENABLE:
                    if run.committed_at is None:
                        detail = "the script did not call Job.commit(): its bookmark was not saved"
                    else:
                        bookmarks.commit(connection, spec.job.name, run_id, self.now())
            figures = outcome.figures
            if staged:
                staging.seal(connection, run_id, staged)
                figures = {**figures, "files_published": float(sum(map(len, staged.values())))}
            now = self.now()
            if run.started_at is not None:
                seconds = max((now - run.started_at).total_seconds(), 0.0)  # a clock may be put back
                figures = {**figures, **sizing.costs(run.figures, seconds, self.dpu_hour_price)}
            ended = runs.finish(connection, run, outcome.state, now, detail, figures)
            if run.kind == SESSION:
                statements.end_all(connection, run_id, ended.state, ended.detail, now)
            repeats.repeat(connection, ended, now)
            return ended

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

    def create_crawler(self, crawler: Crawler, tags: Mapping[str, str] | None = None) -> Crawler:
        """Raises AlreadyExists; InvalidInput, for a schedule too."""
        _demand_schedule(crawler)
        with writing(self.engine) as connection:
            return definitions.create_crawler(connection, crawler, self.now(), tags)

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
            asked = runs.request_stop(connection, running[0].id, self.now())
        self.settle_ends()
        return asked

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

    # schedules of crawlers

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


def _demand_schedule(crawler: Crawler) -> None:
    if crawler.schedule is not None:
        cron.parse(crawler.schedule)
