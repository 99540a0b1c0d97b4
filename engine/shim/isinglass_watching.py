"""How far Spark is and what it has measured so far, asked of its own store of states and noted for the service.

Spark keeps that store without its UI, too.
"""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path
from typing import Any

from isinglass_script import tell

POLL_SECONDS = 0.5
_ENDED = frozenset(("COMPLETE", "FAILED", "SKIPPED"))
_PENDING, _ACTIVE, _SKIPPED = "PENDING", "ACTIVE", "SKIPPED"
_COUNTS = {
    "rows_read": "inputRecords",
    "rows_written": "outputRecords",
    "shuffle_bytes_written": "shuffleWriteBytes",
    "tasks": "numCompleteTasks",
    "failed_tasks": "numFailedTasks",
}
Told = dict[str, float]


class Watching:
    """Writes `note` anew whenever something has changed, twice a second at most. The script began at `begun_at`."""

    def __init__(self, note: Path, begun_at: float) -> None:
        self.note = note
        self.begun_at = begun_at
        self.watcher: Watcher | None = None
        self.lost: Any = None
        self.before: Told = {}
        self.last: tuple[int, int, Told] | None = None
        self.lock = threading.Lock()

    def start(self) -> None:
        threading.Thread(target=self._go_on, daemon=True).start()

    def _go_on(self) -> None:
        while True:
            time.sleep(POLL_SECONDS)
            self.look()

    def look(self) -> None:
        from pyspark import SparkContext

        context = SparkContext._active_spark_context
        if getattr(context, "_jsc", None) is None or context is self.lost:  # it may only be half made
            return
        with self.lock:
            try:
                watcher = self._watcher_of(context)
                self._note(*watcher.look(), watcher.ui)
            except Exception as error:  # the context may be stopping: Java's answer is then of any kind
                print(f"isinglass: no progress to tell: {error}", file=sys.stderr)
                self.lost = context

    def _watcher_of(self, context: Any) -> Watcher:
        """A script may stop its context and make another; what the first has measured counts on."""
        if self.watcher is None or self.watcher.context is not context:
            if self.last is not None:
                self.before = self.last[2]
            self.watcher = Watcher(context)
        return self.watcher

    def _note(self, done: int, total: int, figures: Told, ui: str | None) -> None:
        peak = max(figures.pop("peak_heap_bytes"), self.before.get("peak_heap_bytes", 0))
        found = {**sums(self.before, figures), "peak_heap_bytes": peak}
        if (done, total, found) == self.last:
            return
        self.last = done, total, found
        tell(self.note, "running", done, total, begun_at=self.begun_at, figures=found, ui=ui)


class Watcher:
    """Looks at one context. Raises what py4j raises once that has stopped."""

    def __init__(self, context: Any) -> None:
        self.context = context
        self.tracker = context._jsc.statusTracker()
        self.store = context._jsc.sc().statusStore()
        self.ui: str | None = context.uiWebUrl
        pools = context._jvm.java.lang.management.ManagementFactory.getMemoryPoolMXBeans()
        self.heap = [pool for pool in pools if pool.getType().name() == "HEAP"]
        self.next_stage = 0
        self.open: list[int] = []
        self.ended: Told = {}
        self.stages: dict[int, tuple[str, int, int]] = {}
        self.bar = Bar()

    def look(self) -> tuple[int, int, Told]:
        """Tasks done and to do of the jobs under way, (0, 0) if there are none; and what all stages have measured."""
        jobs = {int(job) for job in self.tracker.getActiveJobIds()}
        self._find_stages()
        figures = self._measure_stages()
        wanted = {int(stage) for job in jobs for stage in self._stages_of(job)}
        # What has ended is of interest while its job goes on.
        self.stages = {at: told for at, told in self.stages.items() if at in wanted or at in self.open}
        done, total = self.bar.at(jobs, [(at, *self.stages[at]) for at in sorted(wanted) if at in self.stages])
        figures["peak_heap_bytes"] = sum(pool.getPeakUsage().getUsed() for pool in self.heap)
        return done, total, figures

    def _find_stages(self) -> None:
        """Stages are numbered as they are planned; of very many the oldest are forgotten, and cannot be asked for."""
        newest = max(self.tracker.getActiveStageIds(), default=-1)
        while True:
            if self.tracker.getStageInfo(self.next_stage) is not None:
                self.open.append(self.next_stage)
            elif self.next_stage >= newest:
                return
            self.next_stage += 1

    def _measure_stages(self) -> Told:
        figures = self.ended
        for stage in self.open[:]:
            data = self.store.lastStageAttempt(stage)
            state, tasks = data.status().name(), data.numTasks()
            ran = state not in (_PENDING, _SKIPPED)
            told = {name: getattr(data, of)() for name, of in _COUNTS.items()} if ran else {}
            figures = sums(figures, told)
            self.stages[stage] = state, min(int(told.get("tasks", 0)), tasks), tasks
            if state in _ENDED:
                self.open.remove(stage)
                self.ended = sums(self.ended, told)
        return dict(figures)

    def _stages_of(self, job: int) -> list[int]:
        found = self.tracker.getJobInfo(job)
        return [] if found is None else list(found.stageIds())


class Bar:
    """Tasks done and in all, for a bar that does not run backwards while the same jobs are under way."""

    def __init__(self) -> None:
        self.jobs: set[int] = set()
        self.last = (0, 0)

    def at(self, jobs: set[int], stages: list[tuple[int, str, int, int]]) -> tuple[int, int]:
        """`stages` are those of the jobs: number, state, tasks done, tasks in all."""
        if self.jobs != jobs:
            self.jobs, self.last = jobs, (0, 0)
        # What a stage waits for has a lower number; so one below all that run waits for nothing, and is not needed.
        lowest = min((number for number, state, _, _ in stages if state == _ACTIVE), default=-1)
        needed = [each for each in stages if each[1] != _SKIPPED and (each[1] != _PENDING or each[0] > lowest)]
        done, total = sum(each[2] for each in needed), sum(each[3] for each in needed)
        if total and done * self.last[1] >= self.last[0] * total:
            self.last = done, total
        return self.last


def sums(figures: Told, more: Told) -> Told:
    return {name: figures.get(name, 0) + more.get(name, 0) for name in (*figures, *(set(more) - set(figures)))}
