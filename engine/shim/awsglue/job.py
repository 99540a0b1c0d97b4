"""Job: the frame around a script's work; its commit hands in the bookmarks."""

from __future__ import annotations

from typing import Any

from pyspark.sql import SparkSession

from awsglue._service import find_service
from awsglue.context import GlueContext

__all__ = ["GlueContext", "Job", "SparkSession"]


class Job:
    """A run of a script. `commit` tells the service; without one it does nothing.

    Bookmark state is handed in by `commit` and counts only once the run succeeds.
    """

    def __init__(self, glue_context: GlueContext | SparkSession) -> None:
        if not isinstance(glue_context, GlueContext | SparkSession):
            raise TypeError(f"A Job needs a GlueContext or a SparkSession, not a {type(glue_context).__name__}.")
        self._initialized = False

    def init(self, job_name: str, args: dict[str, Any] = {}) -> None:
        """Begins the job. The service knows its name and arguments already: it started the run with them."""
        self._initialized = True

    def isInitialized(self) -> bool:
        return self._initialized

    def commit(self) -> None:
        """Ends the job: what its sources read becomes the bookmark when the run succeeds."""
        service = find_service()
        if service is not None:
            service.commit()

    @classmethod
    def continuation_options(cls) -> list[str]:
        return ["continuation-enabled", "continuation-readonly", "continuation-ignore"]

    @classmethod
    def job_bookmark_options(cls) -> list[str]:
        return ["job-bookmark-enable", "job-bookmark-pause", "job-bookmark-disable"]

    @classmethod
    def job_bookmark_range_options(cls) -> list[str]:
        return ["job-bookmark-from", "job-bookmark-to"]

    @classmethod
    def id_params(cls) -> list[str]:
        return ["JOB_NAME", "JOB_ID", "JOB_RUN_ID", "SECURITY_CONFIGURATION"]

    @classmethod
    def encryption_type_options(cls) -> list[str]:
        return ["sse-s3"]

    @classmethod
    def data_lineage_options(cls) -> list[str]:
        return ["true", "false"]
