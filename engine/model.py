"""The engine's nouns as frozen values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

import msgspec

from engine.jobs.glue_versions import default_timeout
from engine.states import FINAL, RunState

RunKind = Literal["job", "crawl", "session"]
JOB: RunKind = "job"
CRAWL: RunKind = "crawl"
SESSION: RunKind = "session"

ExecutionClass = Literal["STANDARD", "FLEX"]

FireKind = Literal["crawler", "trigger"]
CRAWLER: FireKind = "crawler"
TRIGGER: FireKind = "trigger"

EMBEDDED = "embedded"  # the environment of jobs that name none

BOOKMARK_OPTION = "--job-bookmark-option"
BOOKMARK_ENABLE = "job-bookmark-enable"
BOOKMARK_DISABLE = "job-bookmark-disable"
BOOKMARK_PAUSE = "job-bookmark-pause"
BOOKMARK_FROM = "--job-bookmark-from"
BOOKMARK_TO = "--job-bookmark-to"
OUTPUT_COMMIT = "--job-output-commit"
STAGED, DIRECT = "staged", "direct"


@dataclass(frozen=True)
class Job:
    """A definition. `script` is the place of a Python file, or the name of `script_text`, which is the script itself.

    Arguments are named as scripts see them, with `--`: a run's own win over `default_arguments`, and
    `fixed_arguments`, Glue's NonOverridableArguments, over both. `glue_version` up to 5.x asks for Glue 5's settings
    of Spark. `worker_type` and `number_of_workers`, or `max_capacity` in DPU, are its size; `environment` is its place.
    A run past the limits waits if `queueing`, and is refused if not. `connections` are those its runs may open.
    Without a timeout, that of the Glue version holds; a streaming job then has none. A `command` other than glueetl,
    gluestreaming and pythonshell is nothing that runs here: runs of the job fail and say so. `kept` are members of
    AWS's definitions that no run here obeys, such as its role, in AWS's words.
    """

    name: str
    script: str
    default_arguments: dict[str, str] = field(default_factory=dict)
    description: str | None = None
    glue_version: str = "5.1"
    timeout_minutes: int | None = None
    max_concurrent_runs: int = 1
    version: int = 0
    created_at: datetime | None = None
    updated_at: datetime | None = None
    fixed_arguments: dict[str, str] = field(default_factory=dict)
    script_text: str | None = None
    command: str = "glueetl"
    worker_type: str | None = None
    number_of_workers: int | None = None
    max_capacity: float | None = None
    max_retries: int = 0
    queueing: bool = False
    notify_delay_minutes: int | None = None
    execution_class: ExecutionClass = "STANDARD"
    connections: tuple[str, ...] = ()
    tags: dict[str, str] = field(default_factory=dict)
    environment: str | None = None
    kept: dict[str, Any] = field(default_factory=dict)
    security_configuration: str | None = None


def timeout_of(job: Job) -> int | None:
    """The minutes after which a run of the job is ended; None: never."""
    if job.timeout_minutes is not None or job.command == "gluestreaming":
        return job.timeout_minutes
    return default_timeout(job.glue_version)


@dataclass(frozen=True)
class Environment:
    """A place where jobs have their executors: `master` as Spark spells it, `conf` for all runs that go there.

    `driver_host` is the name or address by which executors reach this machine, and the one that drivers listen on;
    `python` is the Python on the executors' machines, None where it is the same file as here.
    """

    name: str
    master: str
    conf: dict[str, str] = field(default_factory=dict)
    driver_host: str = "127.0.0.1"
    python: str | None = None
    description: str | None = None
    version: int = 0
    created_at: datetime | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True)
class Encryption:
    """How S3 encrypts what is written there: by its own keys, or by the key of KMS whose ARN is `key`."""

    mode: Literal["SSE-S3", "SSE-KMS"]
    key: str | None = None


@dataclass(frozen=True)
class SecurityConfiguration:
    """What jobs that name it ask for; `s3` None: nothing of S3."""

    name: str
    s3: Encryption | None = None
    created_at: datetime | None = None


@dataclass(frozen=True)
class Overrides:
    """What one run of a job asks for in place of its definition; None: as the definition has it."""

    timeout_minutes: int | None = None
    worker_type: str | None = None
    number_of_workers: int | None = None
    max_capacity: float | None = None
    execution_class: ExecutionClass | None = None
    notify_delay_minutes: int | None = None
    queueing: bool | None = None
    security_configuration: str | None = None


AS_DEFINED = Overrides()


@dataclass(frozen=True)
class JobSpec:
    """What a job run was asked to do: the definition as it stood, and the arguments with the run's own on top.

    In the definition, too, what the run asked for otherwise is on top. `environment` is the one that the job names, as
    it stood; None: this machine. `encryption` is what its security configuration asked for.
    """

    job: Job
    arguments: dict[str, str]
    environment: Environment | None = None
    encryption: Encryption | None = None

    @property
    def bookmark(self) -> str:
        return self.arguments.get(BOOKMARK_OPTION, BOOKMARK_DISABLE)

    @property
    def bookmark_range(self) -> tuple[str, str] | None:
        """The runs after the first of which and up to the second of which a paused bookmark reads again, if asked."""
        first, last = self.arguments.get(BOOKMARK_FROM), self.arguments.get(BOOKMARK_TO)
        return (first, last) if self.bookmark == BOOKMARK_PAUSE and first and last else None

    @property
    def staged(self) -> bool:
        """Whether what the run writes is seen only once it has succeeded."""
        return self.arguments.get(OUTPUT_COMMIT) == STAGED


@dataclass(frozen=True)
class Run:
    """One execution: of a job, a session, or a crawl of a crawler (`subject` None: of a bare place).

    `spec` is the JSON text of a JobSpec or a crawlers.model.Crawler. `figures` are what it measured, and of a job run
    the size that it asked for and was granted; `memory_mb` is what it was given of its worker's machine.
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
    trigger_name: str | None = None
    workflow_run_id: str | None = None
    memory_mb: int | None = None

    @property
    def finished(self) -> bool:
        return self.state in FINAL

    @property
    def execution_seconds(self) -> float | None:
        if self.started_at is None or self.finished_at is None:
            return None
        return (self.finished_at - self.started_at).total_seconds()


@dataclass(frozen=True)
class Cause:
    """Why a run was put in: a trigger, a workflow run that it belongs to, the failed run that it repeats; or a call."""

    trigger_name: str | None = None
    workflow_run_id: str | None = None
    retried: Run | None = None


ON_DEMAND = Cause()


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
    """An instant at which a schedule was due: it began `run_id`, or was skipped as `busy`, a run, had not ended.

    Of a trigger `run_id` is the workflow run that it began, or the first of its runs.
    """

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


class FileState(msgspec.Struct, frozen=True, tag="files"):
    """How far files were read. Times are milliseconds since 1970 by the store's clock.

    Up to `high_ms` all that was listed was read. Of each place (a table, or a path of the script), what changed up to
    `settled` is taken for read; of what changed later, `seen` holds the mark of each file that was read (see
    engine.selection) with its time of change.
    """

    high_ms: int
    settled: dict[str, int]
    seen: dict[str, int] = {}


class KeyState(msgspec.Struct, frozen=True, tag="keys"):
    """How far the rows of a database were read: up to and with `last`, the values of the columns `keys`.

    Each value is a text that says its type, as `long:7`; the run's process writes and reads them. None: no row yet.
    """

    keys: tuple[str, ...]
    descending: bool = False
    last: tuple[str, ...] | None = None


class CountState(msgspec.Struct, frozen=True, tag="count"):
    """A number that a transform goes on from, such as the highest key that Relationalize has given."""

    count: int


SourceState = FileState | KeyState | CountState


@dataclass(frozen=True)
class RunSource:
    """What a run read through one transformation_ctx, and the state that follows from it.

    `base_version` is the bookmark's version that it was selected by, 0 if there was none yet. `reasons` counts the
    files by engine.reads.selection.Reason. `requests` hold what was asked for, as JSON, so that it can be asked again.
    `note` is what the user should know. `committed`: the script's Job.commit() came after it.
    """

    context: str
    source: str
    selected_files: int
    skipped_files: int
    state: SourceState | None
    base_version: int | None = None
    reasons: dict[str, int] = field(default_factory=dict)
    requests: tuple[str, ...] = ()
    note: str | None = None
    committed: bool = False


@dataclass(frozen=True)
class Bookmark:
    """A job's bookmark: the state of each source by transformation_ctx, as it stood after `run_id`.

    `run_id` is None where a user moved it; `note` then says how.
    """

    job: str
    version: int
    run_id: str | None
    sources: dict[str, SourceState]
    at: datetime
    note: str | None = None
