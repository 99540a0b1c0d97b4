"""`isinglass job stages`, `executors` and `spark-ui`, of runs whose event log lies in their folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from api.cli.job_figures import figure_lines
from engine.running.progress import RUNNING, RunProgress, write_progress
from tests.api.conftest import CommandLine

STAGE = {"Stage ID": 3, "Stage Name": "save at etl.py:7", "Number of Tasks": 2, "Submission Time": 1_795_000_000_000}
MEASURED = {
    "Executor CPU Time": 1_500_000_000,
    "Input Metrics": {"Records Read": 1_234},
    "Shuffle Write Metrics": {"Shuffle Bytes Written": 2_500},
}
LOG: list[dict[str, Any]] = [
    {
        "Event": "SparkListenerExecutorAdded",
        "Timestamp": 1_795_000_000_000,
        "Executor ID": "7",
        "Executor Info": {"Host": "10.0.0.7", "Total Cores": 4},
    },
    {"Event": "SparkListenerStageSubmitted", "Stage Info": STAGE},
    {
        "Event": "SparkListenerTaskEnd",
        "Stage ID": 3,
        "Task End Reason": {"Reason": "Success"},
        "Task Info": {"Executor ID": "7"},
        "Task Metrics": MEASURED,
    },
]


@pytest.fixture
def run_id(cli: CommandLine) -> str:
    cli.run("job", "create", "etl", __file__)
    started: str = cli.json("job", "start", "etl")["id"]
    events = cli.home / "runs" / started / "events"
    events.mkdir(parents=True)
    (events / "app-1.inprogress").write_text("".join(f"{json.dumps(event)}\n" for event in LOG))
    return started


def test_stages_and_executors_are_told_while_the_run_goes_on(cli: CommandLine, run_id: str) -> None:
    told = cli.run("job", "stages", run_id)
    assert all(word in told for word in ("save at etl.py:7", "1 of 2", "1,234", "2.5 KB"))
    told = cli.run("job", "executors", run_id)
    assert all(word in told for word in ("10.0.0.7", "1.5", "1,234"))
    [stage] = cli.json("job", "stages", run_id)
    assert (stage["id"], stage["figures"]["rows_read"], stage["ended_at"]) == (3, 1_234, None)


def test_of_a_run_that_is_not_there_nothing_is_told(cli: CommandLine) -> None:
    for command in ("stages", "executors", "spark-ui"):
        assert "jr_0" in cli.refusal("job", command, "jr_0")


def test_the_ui_of_a_run_that_has_one_is_told_and_one_without_a_log_has_none(
    cli: CommandLine, run_id: str, tmp_path: Path
) -> None:
    assert f"Event log of run {run_id}" in cli.refusal("job", "spark-ui", run_id)
    write_progress(cli.home / "runs", run_id, RunProgress(RUNNING, ui="http://127.0.0.1:4040"))
    assert cli.run("job", "spark-ui", run_id) == "http://127.0.0.1:4040\n"


@pytest.mark.parametrize(
    ("figures", "lines"),
    [
        ({}, []),
        ({"dpu": 1.0}, []),
        ({"start_seconds": 0.31}, ["its script began after 0.3 s"]),
        (
            {"rows_read": 1_000, "rows_written": 20, "stages": 2, "tasks": 9, "failed_tasks": 1, "cpu_seconds": 3.26},
            ["rows in 1,000, rows out 20, shuffled 0 B", "2 stages, tasks: 9, 1 failed, 3.3 s CPU, 0.0 s GC"],
        ),
        (
            {"rows_read": 0, "shuffle_bytes_written": 1_500_000, "spilled_bytes": 999, "peak_heap_bytes": 2e9},
            [
                "rows in 0, rows out 0, shuffled 1.5 MB, spilled 999 B",
                "0 stages, tasks: 0, 0.0 s CPU, 0.0 s GC, peak heap 2.0 GB",
            ],
        ),
    ],
)
def test_figures_are_told_in_lines(figures: dict[str, float], lines: list[str]) -> None:
    assert figure_lines(figures) == lines
