"""Figures out of Spark's event log."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import cramjam
import pytest

from engine.spark.event_log import events
from engine.spark.metrics import MOST_STAGES, PURPOSE, SCHEMA, Measured, measured, read_measured, run_figures

BEGIN_MS = 1_795_000_000_000
BEGIN = datetime.fromtimestamp(BEGIN_MS / 1e3, UTC)


def job(*stages: int, **properties: str) -> dict[str, Any]:
    return {
        "Event": "SparkListenerJobStart",
        "Job ID": 0,
        "Submission Time": BEGIN_MS + 2_500,
        "Stage IDs": [*stages],
        "Properties": properties,
    }


def task(
    stage: int,
    reason: str = "Success",
    read: tuple[int, int] = (0, 0),
    written: tuple[int, int] = (0, 0),
    shuffled: int = 0,
    cpu_ns: int = 0,
    executor: str = "driver",
    attempt: int = 0,
    peaks: tuple[int, int] = (0, 0),
) -> dict[str, Any]:
    return {
        "Event": "SparkListenerTaskEnd",
        "Stage ID": stage,
        "Stage Attempt ID": attempt,
        "Task End Reason": {"Reason": reason},
        "Task Info": {"Executor ID": executor, "Accumulables": [{"Name": "rows", "Value": "7"}]},
        "Task Executor Metrics": {"JVMHeapMemory": peaks[1]},
        "Task Metrics": {
            "Executor CPU Time": cpu_ns,
            "Executor Run Time": 20,
            "JVM GC Time": 5,
            "Peak Execution Memory": peaks[0],
            "Memory Bytes Spilled": 100,
            "Disk Bytes Spilled": 10,
            "Input Metrics": {"Records Read": read[0], "Bytes Read": read[1]},
            "Output Metrics": {"Records Written": written[0], "Bytes Written": written[1]},
            "Shuffle Read Metrics": {"Remote Bytes Read": shuffled, "Local Bytes Read": 1},
            "Shuffle Write Metrics": {"Shuffle Bytes Written": shuffled},
        },
    }


def stage(event: str, number: int, attempt: int = 0, **more: object) -> dict[str, Any]:
    info = {"Stage ID": number, "Stage Attempt ID": attempt, "Stage Name": f"save {number}", "Number of Tasks": 2}
    return {"Event": f"SparkListenerStage{event}", "Stage Info": {**info, "Submission Time": BEGIN_MS, **more}}


def ended(number: int, attempt: int = 0, **more: object) -> dict[str, Any]:
    return stage("Completed", number, attempt, **{"Completion Time": BEGIN_MS + 1_500, **more})


LOG = [
    {"Event": "SparkListenerLogStart", "Spark Version": "4.3.0"},
    {
        "Event": "SparkListenerExecutorAdded",
        "Timestamp": BEGIN_MS,
        "Executor ID": "driver",
        "Executor Info": {"Host": "localhost", "Total Cores": 2, "Log Urls": {}},
    },
    {"Event": "SparkListenerApplicationStart", "App Name": "etl", "App ID": "local-1", "Timestamp": BEGIN_MS},
    job(0, **{PURPOSE: SCHEMA}),
    stage("Submitted", 0),
    task(0, read=(1_000, 9_999), cpu_ns=500_000_000),
    ended(0),
    job(1, 2),
    stage("Submitted", 1),
    task(1, read=(10, 100), shuffled=7, cpu_ns=1_000_000_000, peaks=(64, 1_000)),
    task(1, "ExceptionFailure", read=(5, 50), cpu_ns=9_000_000_000, peaks=(99, 3_000)),
    task(1, read=(20, 200), shuffled=8, peaks=(32, 2_000)),
    ended(1),
    stage("Submitted", 2),
    task(2, written=(30, 300), cpu_ns=250_000_000),
    ended(2),
    {"Event": "SparkListenerApplicationEnd"},
]
LINES = [json.dumps(event, separators=(",", ":")).encode() for event in LOG]
EXPECTED = {
    "rows_read": 30,
    "bytes_read": 300,
    "rows_written": 30,
    "bytes_written": 300,
    "tasks": 5,
    "failed_tasks": 1,
    "stages": 3,
    "shuffle_bytes_read": 19,
    "shuffle_bytes_written": 15,
    "spilled_bytes": 40,
    "cpu_seconds": 1.75,
    "run_seconds": 0.08,
    "gc_seconds": 0.02,
    "peak_execution_bytes": 64,
    "peak_heap_bytes": 3_000,
}


def of_lines(lines: list[bytes]) -> Measured:
    return measured(events(lines))


def figures(lines: list[bytes]) -> dict[str, float]:
    return of_lines(lines).figures()


def test_the_figures_are_the_sums_of_the_tasks_that_succeeded() -> None:
    assert figures(LINES) == EXPECTED


def test_rows_read_only_to_learn_a_schema_are_not_the_scripts() -> None:
    found = figures(LINES[:7])
    assert (found["tasks"], found["stages"], found["cpu_seconds"]) == (1, 1, 0.5)
    assert (found["rows_read"], found["bytes_read"]) == (0, 0)


@pytest.mark.parametrize("cut", range(1, len(LINES[-3]), 7))
def test_a_log_that_was_cut_short_counts_up_to_where_it_ends(cut: int) -> None:
    assert figures([*LINES[:-3], LINES[-3][:cut]]) == figures(LINES[:-3])


def test_a_run_that_did_nothing_has_no_figures() -> None:
    assert figures([]) == {}
    assert figures([*LINES[:4], LINES[-1]]) == {}


def test_tasks_without_metrics_count_as_tasks() -> None:
    bare = {"Event": "SparkListenerTaskEnd", "Stage ID": 1, "Task End Reason": {"Reason": "Success"}}
    assert figures([json.dumps(bare).encode()])["tasks"] == 1


def test_the_time_to_the_first_spark_job_is_from_when_the_run_was_put_in() -> None:
    found = run_figures(of_lines(LINES), BEGIN - timedelta(seconds=4))
    assert found == {**EXPECTED, "first_job_seconds": 6.5}
    assert run_figures(of_lines([]), BEGIN) == {}


# ── stages and executors ─────────────────────────────────────────────────────────────────────────────────────────────


def test_each_stage_has_its_own_figures() -> None:
    learning, reading, writing = of_lines(LINES).stages
    assert (reading.id, reading.name, reading.tasks, reading.seconds) == (1, "save 1", 2, 1.5)
    assert (reading.figures["rows_read"], reading.figures["tasks"], reading.figures["failed_tasks"]) == (30, 3, 1)
    assert (writing.figures["rows_written"], writing.figures["cpu_seconds"]) == (30, 0.25)
    assert learning.figures["rows_read"] == 1_000, "of a stage by itself it is told, whatever it was for"


def test_a_stage_that_failed_and_its_next_attempt_are_two() -> None:
    lines = [
        stage("Submitted", 4),
        task(4, "FetchFailed"),
        ended(4, 0, **{"Failure Reason": "fetch failed"}),
        stage("Submitted", 4, 1),
        task(4, read=(3, 3), attempt=1),
    ]
    first, second = of_lines([json.dumps(event).encode() for event in lines]).stages
    assert (first.attempt, first.failure, first.figures["failed_tasks"]) == (0, "fetch failed", 1)
    assert (second.attempt, second.failure, second.ended_at, second.seconds) == (1, None, None, None)
    assert second.figures["rows_read"] == 3


def test_of_a_stream_the_newest_stages_are_kept_and_all_are_counted() -> None:
    count = MOST_STAGES + 50
    lines = [
        json.dumps(event).encode() for at in range(count) for event in (stage("Submitted", at), task(at), ended(at))
    ]
    found = of_lines(lines)
    assert [each.id for each in found.stages] == list(range(50, count))
    assert (found.figures()["stages"], found.figures()["tasks"]) == (count, count)


def test_executors_come_and_go_with_what_they_did() -> None:
    added = {
        "Event": "SparkListenerExecutorAdded",
        "Timestamp": BEGIN_MS,
        "Executor ID": "1",
        "Executor Info": {"Host": "10.0.0.7", "Total Cores": 4, "Log Urls": {"stdout": "http://10.0.0.7:8081/log"}},
    }
    removed = {
        "Event": "SparkListenerExecutorRemoved",
        "Timestamp": BEGIN_MS + 9_000,
        "Executor ID": "1",
        "Removed Reason": "worker lost",
    }
    lines = [added, task(0, executor="1"), task(0, "Killed", executor="1"), removed, task(0, executor="2")]
    [found] = of_lines([json.dumps(event).encode() for event in lines]).executors
    assert (found.id, found.host, found.cores, found.added_at) == ("1", "10.0.0.7", 4, BEGIN)
    assert (found.removed_at, found.removal) == (BEGIN + timedelta(seconds=9), "worker lost")
    assert found.logs == {"stdout": "http://10.0.0.7:8081/log"}
    assert (found.figures["tasks"], found.figures["failed_tasks"]) == (2, 1)


# ── the files ────────────────────────────────────────────────────────────────────────────────────────────────────────


def packed(lines: list[bytes]) -> bytes:
    return bytes(cramjam.zstd.compress(b"".join(line + b"\n" for line in lines)))


def test_all_logs_of_a_folder_are_read_but_no_hidden_files(tmp_path: Path) -> None:
    (tmp_path / "local-1.zstd").write_bytes(packed(LINES[:9]))
    (tmp_path / "local-2.inprogress").write_bytes(b"\n".join(LINES[9:]) + b'\n{"Event":"SparkListenerTas')
    (tmp_path / ".local-1.crc").write_bytes(b"\xff\x00" + LINES[5])
    (tmp_path / "folder").mkdir()
    assert read_measured(tmp_path).figures() == EXPECTED


def test_a_log_in_parts_is_read_in_their_order(tmp_path: Path) -> None:
    folder = tmp_path / "eventlog_v2_local-1"
    folder.mkdir()
    (folder / "appstatus_local-1").touch()
    for at, line in enumerate(LINES, start=1):
        (folder / f"events_{at}_local-1.zstd").write_bytes(packed([line]))
    assert read_measured(tmp_path).figures() == EXPECTED


@pytest.mark.parametrize("cut", [0.2, 0.5, 0.9])
def test_a_packed_log_whose_writer_was_killed_is_read_up_to_there(tmp_path: Path, cut: float) -> None:
    whole, torn = packed(LINES[:7] * 300), packed(LINES[:7])
    (tmp_path / "local-1.zstd.inprogress").write_bytes(whole + torn[: int(len(torn) * cut)])
    assert read_measured(tmp_path).figures()["tasks"] == 300


@pytest.mark.parametrize("sign", ["\u2028", "\x85", "\x1c"])
def test_a_sign_that_python_takes_for_a_line_break_does_not_hide_an_event(tmp_path: Path, sign: str) -> None:
    odd = job(1, description=f"select{sign}1", **{PURPOSE: SCHEMA})
    lines = [json.dumps(event, ensure_ascii=False) for event in (odd, task(1, read=(5, 5)))]
    (tmp_path / "log").write_text("\n".join(lines))
    found = read_measured(tmp_path).figures()
    assert (found["tasks"], found["rows_read"]) == (1, 0)


def test_a_log_is_read_again_only_when_it_has_grown(tmp_path: Path) -> None:
    (tmp_path / "local-1").write_bytes(b"\n".join(LINES[:7]))
    before = read_measured(tmp_path)
    assert read_measured(tmp_path) is before
    with (tmp_path / "local-1").open("ab") as log:
        log.write(b"\n" + b"\n".join(LINES[7:]))
    assert read_measured(tmp_path).figures() == EXPECTED


def test_a_folder_that_is_empty_or_missing_has_no_figures(tmp_path: Path) -> None:
    assert read_measured(tmp_path).figures() == {}
    assert read_measured(tmp_path / "missing").figures() == {}
