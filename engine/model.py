"""The engine's nouns as frozen values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

from engine.states import FINAL, RunState

RunKind = Literal["job", "crawl"]
JOB: RunKind = "job"
CRAWL: RunKind = "crawl"

FireKind = Literal["crawler"]
CRAWLER: FireKind = "crawler"

BOOKMARK_OPTION = "--job-bookmark-option"
BOOKMARK_ENABLE = "job-bookmark-enable"
BOOKMARK_DISABLE = "job-bookmark-disable"
BOOKMARK_PAUSE = "job-bookmark-pause"


@dataclass(frozen=True)
class Job:
    """A definition. `script` is the path of a Python file; arguments are named as scripts see them, with `--`.

    A run's own arguments win over `default_arguments`. `glue_version` up to 5.x asks for Glue 5's settings of Spark.
    """

    name: str
    script: str
    default_arguments: dict[str, str] = field(default_factory=dict)
    description: str | None = None
    glue_version: str = "5.1"
    timeout_minutes: int = 480
    max_concurrent_runs: int = 1
    version: int = 0
    created_at: datetime | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True)
class JobSpec:
    """What a job run was asked to do: the definition as it stood, and the arguments with the run's own on top."""

    job: Job
    arguments: dict[str, str]

    @property
    def bookmark(self) -> str:
        return self.arguments.get(BOOKMARK_OPTION, BOOKMARK_DISABLE)


@dataclass(frozen=True)
class Run:
    """One execution: of a job, or a crawl of a crawler (`subject` None: of a bare place).

    `spec` is the JSON text of a JobSpec or a crawlers.model.Crawler. `figures` are what it measured.
    """

    id: str
    kind: RunKind
    subject: str | None
    spec: str
    state: RunState
    attempt: int
    queued_at: datetime
    previous_run_id: str | None = None
    detail: str | None = None
    owner: str | None = None
    figures: dict[str, float] = field(default_factory=dict)
    started_at: datetime | None = None
    finished_at: datetime | None = None
    heartbeat_at: datetime | None = None
    stop_requested_at: datetime | None = None
    committed_at: datetime | None = None

    @property
    def finished(self) -> bool:
        return self.state in FINAL

    @property
    def execution_seconds(self) -> float | None:
        if self.started_at is None or self.finished_at is None:
            return None
        return (self.finished_at - self.started_at).total_seconds()


class CrawlerState(StrEnum):
    """Derived from a crawler's latest crawl, never stored."""

    READY = "READY"
    RUNNING = "RUNNING"
    STOPPING = "STOPPING"


@dataclass(frozen=True)
class RunEvent:
    """One move of a run."""

    at: datetime
    old_state: RunState | None
    new_state: RunState
    reason: str | None


@dataclass(frozen=True)
class Fire:
    """An instant at which a schedule was due: it began `run_id`, or was skipped as `busy`, a run, had not ended."""

    kind: FireKind
    name: str
    at: datetime
    run_id: str | None
    busy: str | None = None


@dataclass(frozen=True)
class Outcome:
    """How an execution ended."""

    state: RunState
    detail: str | None = None
    figures: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class SourceState:
    """The bookmark of one source: files up to `high_ms` were read; of those younger than its band, `seen` names each.

    Times are milliseconds since 1970 by the store's clock; `seen` holds hashes of (path, size, time).
    """

    high_ms: int
    seen: tuple[str, ...] = ()


@dataclass(frozen=True)
class RunSource:
    """What a run read through one transformation_ctx, and the state that follows from it.

    `base_version` is the bookmark's version that the files were selected by, 0 if there was none yet.
    """

    context: str
    source: str
    selected_files: int
    skipped_files: int
    state: SourceState | None
    base_version: int | None = None


@dataclass(frozen=True)
class Bookmark:
    """A job's bookmark: the state of each source by transformation_ctx, as it stood after `run_id`."""

    job: str
    version: int
    run_id: str | None
    sources: dict[str, SourceState]
    at: datetime
