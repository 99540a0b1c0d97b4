"""The front door to jobs, the definitions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import Engine as SqlEngine

from catalog.db import reading, writing
from catalog.model import Page
from catalog.paging import DEFAULT_PAGE
from engine.jobs import jobs
from engine.model import Job


class JobDoors:
    """The verbs of jobs; `Engine` is where they are asked."""

    engine: SqlEngine
    now: Callable[[], datetime]

    def create_job(self, job: Job) -> Job:
        with writing(self.engine) as connection:
            return jobs.create_job(connection, job, self.now())

    def get_job(self, name: str) -> Job:
        with reading(self.engine) as connection:
            return jobs.get_job(connection, name)

    def batch_get_jobs(self, names: Sequence[str]) -> list[Job]:
        """Those of them that are there."""
        with reading(self.engine) as connection:
            return jobs.batch_get_jobs(connection, names)

    def list_jobs(self, limit: int = DEFAULT_PAGE, token: str | None = None) -> Page[Job]:
        with reading(self.engine) as connection:
            return jobs.list_jobs(connection, limit, token)

    def update_job(self, job: Job, expected_version: int | None = None) -> Job:
        with writing(self.engine) as connection:
            return jobs.update_job(connection, job, self.now(), expected_version)

    def delete_job(self, name: str) -> None:
        with writing(self.engine) as connection:
            jobs.delete_job(connection, name)
