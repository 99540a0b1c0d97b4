"""The engine's verbs of what runs read and have staged, and of bookmarks, each in a transaction of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Engine as SqlEngine

from catalog.db import reading, writing
from crawlers.file_moves import file_names
from engine.jobs import jobs
from engine.ledger import runs
from engine.model import Bookmark, JobSpec, Run, RunSource, SourceState
from engine.reads import bookmarks, staging
from engine.reads.bookmarks import Standing
from engine.reads.staging import StagedFolder


class BookmarkDoors:
    engine: SqlEngine
    now: Callable[[], datetime]

    # what runs read

    def record_source(self, run_id: str, source: RunSource) -> None:
        with writing(self.engine) as connection:
            bookmarks.record_source(connection, run_id, source)

    def list_sources(self, run_id: str) -> list[RunSource]:
        with reading(self.engine) as connection:
            return bookmarks.list_sources(connection, run_id)

    def batch_list_sources(self, run_ids: Sequence[str]) -> dict[str, list[RunSource]]:
        with reading(self.engine) as connection:
            return bookmarks.batch_list_sources(connection, run_ids)

    def standing(self, run: Run, context: str) -> Standing:
        """Where the run stands in one of its contexts. Raises InvalidInput for a range of runs that cannot be read."""
        with reading(self.engine) as connection:
            return bookmarks.stand(connection, msgspec.json.decode(run.spec, type=JobSpec), run.id, context)

    def next_standing(self, job: str, context: str) -> Standing:
        """Where the job's next run would stand."""
        with reading(self.engine) as connection:
            return bookmarks.stand(connection, JobSpec(jobs.get_job(connection, job), {}), None, context)

    # what runs have staged

    def stage_output(self, run: Run, location: str) -> StagedFolder:
        """Raises InvalidInput for a relative path."""
        with writing(self.engine) as connection:
            return staging.stage(connection, run, location)

    def note_staged(self, run_id: str, location: str) -> None:
        """A sink has written to `location`: what lies in its folder is to be there when the run ends.

        Raises FolderRefused, and the failures of places.
        """
        with reading(self.engine) as connection:
            folders = staging.list_folders(connection, run_id)
        for folder in folders:
            if folder.location == location and folder.files is None and (names := file_names(folder.folder)):
                with writing(self.engine) as connection:
                    staging.note_files(connection, run_id, location, names)

    def stage_update(self, run_id: str, body: str) -> None:
        with writing(self.engine) as connection:
            staging.add_update(connection, run_id, body)

    def list_unsettled(self) -> list[StagedFolder]:
        """The folders of runs that have ended, oldest run first."""
        with reading(self.engine) as connection:
            return staging.list_unsettled(connection)

    def list_staged_updates(self, run_id: str) -> list[str]:
        with reading(self.engine) as connection:
            return staging.list_updates(connection, run_id)

    def forget_staged(self, run_id: str, trouble: str | None) -> None:
        """The run's output is settled; `trouble` is told with its end."""
        with writing(self.engine) as connection:
            staging.forget(connection, run_id)
            if trouble:
                runs.tell_trouble(connection, run_id, trouble)

    # bookmarks

    def find_bookmark(self, job: str) -> Bookmark | None:
        with reading(self.engine) as connection:
            return bookmarks.find_bookmark(connection, job)

    def batch_find_bookmarks(self, jobs: Sequence[str]) -> dict[str, Bookmark]:
        with reading(self.engine) as connection:
            return bookmarks.batch_find_bookmarks(connection, jobs)

    def get_bookmark(self, job: str) -> Bookmark:
        with reading(self.engine) as connection:
            jobs.get_job(connection, job)
            return bookmarks.get_bookmark(connection, job)

    def reset_bookmark(self, job: str) -> Bookmark | None:
        with writing(self.engine) as connection:
            jobs.get_job(connection, job)
            return bookmarks.reset(connection, job, self.now())

    def rewind_bookmark(self, job: str, run_id: str) -> Bookmark:
        """Back to how the run left it. Raises NotFound; InvalidInput if that run moved none."""
        with writing(self.engine) as connection:
            jobs.get_job(connection, job)
            return bookmarks.rewind(connection, job, run_id, self.now())

    def put_bookmark(self, job: str, expected_version: int, sources: dict[str, SourceState], note: str) -> Bookmark:
        """Set the states of some sources. Raises NotFound, BookmarkConflict."""
        with writing(self.engine) as connection:
            jobs.get_job(connection, job)
            return bookmarks.put(connection, job, expected_version, sources, note, self.now())

    def list_bookmark_history(self, job: str, limit: int) -> list[Bookmark]:
        with reading(self.engine) as connection:
            jobs.get_job(connection, job)
            return bookmarks.list_history(connection, job, limit)

    def list_latest_sources(self, job: str) -> list[RunSource]:
        """What the job's newest run that read anything through a context has read."""
        with reading(self.engine) as connection:
            jobs.get_job(connection, job)
            return bookmarks.list_latest_sources(connection, job)
