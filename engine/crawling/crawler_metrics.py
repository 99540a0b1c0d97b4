"""How long a crawler's crawls take and what the last one changed, as Glue's GetCrawlerMetrics tells it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from engine.model import Run
from engine.running.progress import RunProgress
from engine.states import RunState

LOOKED_AT = 100  # crawls whose median is told


@dataclass(frozen=True)
class CrawlerMetrics:
    """Times in seconds, None where there is nothing to tell. `still_estimating`: it runs, and how long is not known.

    Tables are those that the last crawl which ended well created, updated and deleted.
    """

    crawler: str
    time_left: float | None
    still_estimating: bool
    last_runtime: float | None
    median_runtime: float | None
    tables_created: int
    tables_updated: int
    tables_deleted: int


def metrics_of(crawler: str, runs: Sequence[Run], progress: RunProgress | None) -> CrawlerMetrics:
    """`runs` are the crawler's last, newest first; `progress` is that of the one under way, if one is."""
    times = [run.execution_seconds for run in runs if run.execution_seconds is not None]
    done = next((run.figures for run in runs if run.state is RunState.SUCCEEDED), {})
    running = bool(runs) and not runs[0].finished
    left = progress.seconds_left if running and progress else None
    return CrawlerMetrics(
        crawler=crawler,
        time_left=left if running else None,
        still_estimating=running and left is None,
        last_runtime=times[0] if times else None,
        median_runtime=median(times) if times else None,
        tables_created=int(done.get("tables_added", 0)),
        tables_updated=int(done.get("tables_updated", 0)),
        tables_deleted=int(done.get("tables_deleted", 0)),
    )
