"""Figures out of Spark's event log."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from engine.metrics import PURPOSE, SCHEMA, figures, read_figures


def job(*stages: int, **properties: str) -> dict[str, Any]:
    return {"Event": "SparkListenerJobStart", "Job ID": 0, "Stage IDs": [*stages], "Properties": properties}


def task(
    stage: int,
    reason: str = "Success",
    read: tuple[int, int] = (0, 0),
    written: tuple[int, int] = (0, 0),
    shuffled: int = 0,
    cpu_ns: int = 0,
) -> dict[str, Any]:
    return {
        "Event": "SparkListenerTaskEnd",
        "Stage ID": stage,
        "Task End Reason": {"Reason": reason},
        "Task Metrics": {
            "Executor CPU Time": cpu_ns,
            "Input Metrics": {"Records Read": read[0], "Bytes Read": read[1]},
            "Output Metrics": {"Records Written": written[0], "Bytes Written": written[1]},
            "Shuffle Write Metrics": {"Shuffle Bytes Written": shuffled},
        },
    }


def stage(number: int) -> dict[str, Any]:
    return {"Event": "SparkListenerStageCompleted", "Stage Info": {"Stage ID": number}}


LOG = [
    {"Event": "SparkListenerLogStart", "Spark Version": "4.3.0"},
    job(0, **{PURPOSE: SCHEMA}),
    task(0, read=(1_000, 9_999), cpu_ns=500_000_000),
    stage(0),
    job(1, 2),
    task(1, read=(10, 100), shuffled=7, cpu_ns=1_000_000_000),
    task(1, "ExceptionFailure", read=(5, 50), cpu_ns=9_000_000_000),
    task(1, read=(20, 200), shuffled=8),
    stage(1),
    task(2, written=(30, 300), cpu_ns=250_000_000),
    stage(2),
    {"Event": "SparkListenerApplicationEnd"},
]
LINES = [json.dumps(event) for event in LOG]
EXPECTED = {
    "rows_read": 30,
    "bytes_read": 300,
    "rows_written": 30,
    "bytes_written": 300,
    "tasks": 5,
    "failed_tasks": 1,
    "stages": 3,
    "shuffle_bytes": 15,
    "cpu_seconds": 1.75,
}


def test_the_figures_are_the_sums_of_the_tasks_that_succeeded() -> None:
    assert figures(LINES) == EXPECTED


def test_rows_read_only_to_learn_a_schema_are_not_the_scripts() -> None:
    found = figures(LINES[:4])
    assert (found["tasks"], found["stages"], found["cpu_seconds"]) == (1, 1, 0.5)
    assert (found.get("rows_read", 0), found.get("bytes_read", 0)) == (0, 0)


@pytest.mark.parametrize("cut", range(1, len(LINES[-3]), 7))
def test_a_log_that_was_cut_short_counts_up_to_where_it_ends(cut: int) -> None:
    assert figures([*LINES[:-3], LINES[-3][:cut]]) == figures(LINES[:-3])


def test_a_run_that_did_nothing_has_no_figures() -> None:
    assert figures([]) == {}
    assert figures([LINES[0], LINES[1], LINES[-1]]) == {}


def test_tasks_without_metrics_count_as_tasks() -> None:
    bare = {"Event": "SparkListenerTaskEnd", "Stage ID": 1, "Task End Reason": {"Reason": "Success"}}
    assert figures([json.dumps(bare)])["tasks"] == 1


def test_all_logs_of_a_folder_are_read_but_no_hidden_files(tmp_path: Path) -> None:
    (tmp_path / "local-1").write_text("\n".join(LINES[:6]) + "\n")
    (tmp_path / "local-2.inprogress").write_text("\n".join(LINES[6:]) + '\n{"Event": "SparkListenerTas')
    (tmp_path / ".local-1.crc").write_bytes(b"\xff\x00" + LINES[5].encode())
    (tmp_path / "folder").mkdir()
    assert read_figures(tmp_path) == EXPECTED


@pytest.mark.parametrize("sign", ["\u2028", "\x85", "\x1c"])
def test_a_sign_that_python_takes_for_a_line_break_does_not_hide_an_event(tmp_path: Path, sign: str) -> None:
    odd = job(1, description=f"select{sign}1", **{PURPOSE: SCHEMA})
    lines = [json.dumps(event, ensure_ascii=False) for event in (odd, task(1, read=(5, 5)))]
    (tmp_path / "log").write_text("\n".join(lines))
    assert read_figures(tmp_path)["tasks"] == 1
    assert read_figures(tmp_path).get("rows_read", 0) == 0


def test_a_folder_that_is_empty_or_missing_has_no_figures(tmp_path: Path) -> None:
    assert read_figures(tmp_path) == {}
    assert read_figures(tmp_path / "missing") == {}
