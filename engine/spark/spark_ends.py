"""What is kept of a run's Spark once it has ended: figures, executors' logs, its event log where the job wants one."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from catalog.errors import DomainError
from crawlers.file_moves import put_files
from engine.model import JobSpec
from engine.running.logs import ERROR_LOG, EXECUTORS
from engine.running.progress import read_progress
from engine.spark.event_log import EVENTS, list_logs
from engine.spark.executor_logs import bring_logs
from engine.spark.metrics import read_measured, run_figures

_COPY = "--spark-event-logs-path"


def settle_spark(folder: Path, spec: JobSpec, queued_at: datetime, log_limit: int) -> dict[str, float]:
    """The figures of the run in `folder`, put in at `queued_at`; what cannot be kept is told in its error log.

    Of each log of an executor `log_limit` bytes are kept.
    """
    found = read_measured(folder / EVENTS)
    figures = run_figures(found, queued_at)
    told = read_progress(folder.parent, folder.name).figures  # Spark measures memory by the second, Java all along
    if figures and told.get("peak_heap_bytes", 0) > figures.get("peak_heap_bytes", 0):
        figures["peak_heap_bytes"] = told["peak_heap_bytes"]
    _tell(folder, bring_logs(found.executors, folder / EXECUTORS, log_limit))
    if wanted := spec.arguments.get(_COPY, "").strip():
        _copy_logs(folder, wanted)
    return figures


def _copy_logs(folder: Path, target: str) -> None:
    try:
        put_files(list_logs(folder / EVENTS), target)
    except DomainError as error:
        _tell(folder, [f"the event log is not copied: {error}"])


def _tell(folder: Path, remarks: Sequence[str]) -> None:
    if not remarks:
        return
    with suppress(OSError), (folder / ERROR_LOG).open("a") as log:  # a full disk must not cost the run its end
        log.writelines(f"isinglass: {remark}\n" for remark in remarks)
