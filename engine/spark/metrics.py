"""What a run measured: rows and bytes, tasks, memory and CPU, of it all and of each stage, out of Spark's event log.

Rows are right. Bytes read are what Spark's files told it, which leave out what they read by vectors: often too few.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from engine.spark.event_log import (
    ApplicationStart,
    Event,
    ExecutorAdded,
    ExecutorRemoved,
    JobStart,
    StageCompleted,
    StageInfo,
    StageSubmitted,
    TaskEnd,
    list_logs,
    read_events,
)

# A job of the shim's own that only looks at data to learn its schema; its rows are not the script's.
PURPOSE = "isinglass.purpose"
SCHEMA = "schema"
MOST_STAGES = 1_000
_SUCCESS = "Success"


@dataclass
class Tally:
    """What tasks have measured together: those that succeeded, but for the counts of tasks.

    `peak_execution_bytes` and `peak_heap_bytes` are those of the hungriest task and the fullest Java.
    """

    tasks: int = 0
    failed_tasks: int = 0
    rows_read: int = 0
    bytes_read: int = 0
    rows_written: int = 0
    bytes_written: int = 0
    shuffle_bytes_read: int = 0
    shuffle_bytes_written: int = 0
    spilled_bytes: int = 0
    cpu_ns: int = 0
    run_ms: int = 0
    gc_ms: int = 0
    peak_execution_bytes: int = 0
    peak_heap_bytes: int = 0

    def add(self, task: TaskEnd, own: bool = False) -> None:
        """`own`: what it read, the script did not ask for."""
        self.tasks += 1
        self.peak_heap_bytes = max(self.peak_heap_bytes, task.peaks.heap)
        if task.end.reason != _SUCCESS:
            self.failed_tasks += 1
            return
        found = task.metrics
        if found is None:
            return
        if not own:
            self.rows_read += found.read.rows
            self.bytes_read += found.read.bytes
        self.rows_written += found.written.rows
        self.bytes_written += found.written.bytes
        self.shuffle_bytes_read += found.shuffle_read.remote + found.shuffle_read.local
        self.shuffle_bytes_written += found.shuffle_written.bytes
        self.spilled_bytes += found.spilled
        self.cpu_ns += found.cpu_ns
        self.run_ms += found.run_ms
        self.gc_ms += found.gc_ms
        self.peak_execution_bytes = max(self.peak_execution_bytes, found.peak_execution)

    def figures(self) -> dict[str, float]:
        counted = {name: value for name, value in vars(self).items() if not name.endswith(("_ns", "_ms"))}
        times = {"cpu_seconds": self.cpu_ns / 1e9, "run_seconds": self.run_ms / 1e3, "gc_seconds": self.gc_ms / 1e3}
        return {**counted, **{name: round(value, 3) for name, value in times.items()}}


@dataclass(frozen=True)
class Stage:
    """One attempt at a stage; `failure` says why it failed. `ended_at` is None while it runs, or if it was cut off."""

    id: int
    attempt: int
    name: str
    tasks: int
    begun_at: datetime | None
    ended_at: datetime | None
    failure: str | None
    figures: dict[str, float]

    @property
    def seconds(self) -> float | None:
        return (self.ended_at - self.begun_at).total_seconds() if self.begun_at and self.ended_at else None


@dataclass(frozen=True)
class Executor:
    """`logs` are the URLs at which its cluster shows its logs, by name."""

    id: str
    host: str
    cores: int
    added_at: datetime
    removed_at: datetime | None
    removal: str | None
    logs: dict[str, str]
    figures: dict[str, float]


@dataclass
class Measured:
    """What an event log tells. Of the stages the newest are kept: a stream has any number of them."""

    total: Tally = field(default_factory=Tally)
    stages_ended: int = 0
    applications: list[str] = field(default_factory=list)
    first_job_ms: int | None = None
    own_stages: set[int] = field(default_factory=set)
    stages_begun: dict[tuple[int, int], tuple[StageInfo, Tally]] = field(default_factory=dict)
    executors_added: dict[str, tuple[ExecutorAdded, ExecutorRemoved | None, Tally]] = field(default_factory=dict)

    def take(self, event: Event) -> None:
        match event:
            case TaskEnd():
                self._add(event)
            case JobStart():
                self.first_job_ms = self.first_job_ms or event.at_ms or None
                if (event.properties or {}).get(PURPOSE) == SCHEMA:
                    self.own_stages.update(event.stages)
            case StageSubmitted(stage=stage):
                self.stages_begun[stage.id, stage.attempt] = stage, Tally()
                if len(self.stages_begun) > MOST_STAGES:
                    del self.stages_begun[next(iter(self.stages_begun))]
            case StageCompleted(stage=stage):
                self.stages_ended += 1
                begun = self.stages_begun.get((stage.id, stage.attempt))
                if begun:
                    self.stages_begun[stage.id, stage.attempt] = stage, begun[1]
            case ExecutorAdded():
                self.executors_added[event.id] = event, None, Tally()
            case ExecutorRemoved() if event.id in self.executors_added:
                added, _, tally = self.executors_added[event.id]
                self.executors_added[event.id] = added, event, tally
            case ApplicationStart(id=str(application)):
                self.applications.append(application)

    def _add(self, task: TaskEnd) -> None:
        self.total.add(task, own=task.stage in self.own_stages)
        if stage := self.stages_begun.get((task.stage, task.attempt)):
            stage[1].add(task)
        if executor := self.executors_added.get(task.info.executor):
            executor[2].add(task)

    def figures(self) -> dict[str, float]:
        """Those of the whole run, the number of its stages with them; none if Spark did nothing."""
        if not self.total.tasks and not self.stages_ended:
            return {}
        return {**self.total.figures(), "stages": self.stages_ended}

    @property
    def stages(self) -> list[Stage]:
        """The newest, in the order in which they began."""
        return [
            Stage(
                *(info.id, info.attempt, info.name, info.tasks),
                *(_instant(info.begun_ms), _instant(info.ended_ms), info.failure),
                figures=tally.figures(),
            )
            for info, tally in self.stages_begun.values()
        ]

    @property
    def executors(self) -> list[Executor]:
        return [
            Executor(
                *(added.id, added.info.host, added.info.cores, datetime.fromtimestamp(added.at_ms / 1e3, UTC)),
                removed_at=_instant(removed.at_ms) if removed else None,
                removal=removed.reason if removed else None,
                logs=added.info.logs,
                figures=tally.figures(),
            )
            for added, removed, tally in self.executors_added.values()
        ]


def measured(events: Iterable[Event]) -> Measured:
    found = Measured()
    for event in events:
        found.take(event)
    return found


def read_measured(folder: Path) -> Measured:
    """What the event logs in `folder` tell; a log that was cut short counts up to where it ends.

    Not to be changed: while the logs are the same, so is the answer.
    """
    return _measured_of(folder, tuple((log, log.stat().st_size, log.stat().st_mtime_ns) for log in list_logs(folder)))


@lru_cache(maxsize=8)
def _measured_of(folder: Path, _logs: tuple[tuple[Path, int, int], ...]) -> Measured:
    return measured(read_events(folder))


def run_figures(found: Measured, queued_at: datetime) -> dict[str, float]:
    """The figures of a run that was put in at `queued_at`, with how long it took to come to its first Spark job."""
    figures = found.figures()
    if found.first_job_ms is not None:
        figures["first_job_seconds"] = round(found.first_job_ms / 1e3 - queued_at.timestamp(), 3)
    return figures


def _instant(ms: int | None) -> datetime | None:
    return None if ms is None else datetime.fromtimestamp(ms / 1e3, UTC)
