"""What is kept of a run's Spark once it has ended."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.model import Job, JobSpec
from engine.running.notes import write_whole
from engine.spark.spark_ends import settle_spark

QUEUED = datetime(2026, 9, 1, tzinfo=UTC)
TASK = {
    "Event": "SparkListenerTaskEnd",
    "Stage ID": 0,
    "Task End Reason": {"Reason": "Success"},
    "Task Executor Metrics": {"JVMHeapMemory": 700},
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """That of a run which had one task."""
    run = tmp_path / "jr_1"
    (run / "events").mkdir(parents=True)
    (run / "events" / "local-1").write_text(json.dumps(TASK))
    return run


def settled(folder: Path, **arguments: str) -> dict[str, float]:
    named = {f"--{name.replace('_', '-')}": value for name, value in arguments.items()}
    return settle_spark(folder, JobSpec(Job("etl", "/etl.py"), named), QUEUED, 1_000)


@pytest.mark.parametrize(("told", "peak"), [(900, 900), (500, 700)])
def test_the_peak_of_memory_is_the_higher_one_of_the_two_that_are_told(folder: Path, told: int, peak: int) -> None:
    write_whole(folder / "progress.json", {"phase": "running", "figures": {"peak_heap_bytes": told, "tasks": 99}})
    found = settled(folder)
    assert (found["peak_heap_bytes"], found["tasks"]) == (peak, 1)


def test_the_event_log_is_copied_to_where_the_job_wants_it(folder: Path, tmp_path: Path) -> None:
    settled(folder, spark_event_logs_path=str(tmp_path / "all"))
    assert (tmp_path / "all" / "local-1").read_text() == json.dumps(TASK)
    assert (folder / "events" / "local-1").exists()


def test_a_copy_that_cannot_be_made_is_told_and_costs_nothing(folder: Path) -> None:
    assert settled(folder, spark_event_logs_path="/dev/null/all")["tasks"] == 1
    assert "isinglass: the event log is not copied: " in (folder / "error.log").read_text()


def test_logs_of_executors_that_cannot_be_kept_are_told_and_cost_nothing(folder: Path) -> None:
    logs = {"stdout": "http://127.0.0.1:1/logPage/?appId=app-1&executorId=0&logType=stdout"}
    added = {"Event": "SparkListenerExecutorAdded", "Timestamp": 1, "Executor ID": "0"}
    (folder / "events" / "local-1").write_text(json.dumps({**added, "Executor Info": {"Log Urls": logs}}))
    (folder / "executors").touch()
    settled(folder)
    assert "isinglass: log stdout of executor 0 could not be brought" in (folder / "error.log").read_text()


def test_a_note_of_progress_that_cannot_be_read_costs_nothing(folder: Path) -> None:
    (folder / "progress.json").write_text("{")
    assert settled(folder)["tasks"] == 1


def test_of_a_run_without_spark_nothing_is_kept(tmp_path: Path) -> None:
    write_whole(tmp_path / "progress.json", {"phase": "running", "begun_at": 1.5})
    assert settled(tmp_path) == {}
    assert {path.name for path in tmp_path.iterdir()} == {"progress.json"}
