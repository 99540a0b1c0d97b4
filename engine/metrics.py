"""What a run measured: rows and bytes, tasks and CPU, out of Spark's event log."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

# A job of the shim's own that only looks at data to learn its schema; its rows are not the script's.
PURPOSE = "isinglass.purpose"
SCHEMA = "schema"


def read_figures(folder: Path) -> dict[str, float]:
    """The figures of the event logs in `folder`; a log that was cut short counts up to where it ends."""
    return figures(_lines(folder))


def _lines(folder: Path) -> Iterator[str]:
    for log in sorted(folder.glob("*")):
        if log.is_file() and not log.name.startswith("."):
            with log.open(errors="replace", newline="\n") as file:
                yield from file


def figures(lines: Iterable[str]) -> dict[str, float]:
    """rows_read, bytes_read, rows_written, bytes_written, tasks, failed_tasks, stages, shuffle_bytes, cpu_seconds."""
    total: Counter[str] = Counter()
    own_stages: set[int] = set()
    cpu_ns = 0
    for line in lines:
        try:
            event: dict[str, Any] = json.loads(line)
        except ValueError:
            continue  # the last line of a log whose writer was killed
        match event.get("Event"):
            case "SparkListenerJobStart":
                if (event.get("Properties") or {}).get(PURPOSE) == SCHEMA:
                    own_stages.update(event["Stage IDs"])
            case "SparkListenerStageCompleted":
                total["stages"] += 1
            case "SparkListenerTaskEnd":
                total["tasks"] += 1
                if event["Task End Reason"]["Reason"] != "Success":
                    total["failed_tasks"] += 1
                    continue
                measured = event.get("Task Metrics") or {}
                cpu_ns += measured.get("Executor CPU Time", 0)
                total["shuffle_bytes"] += (measured.get("Shuffle Write Metrics") or {}).get("Shuffle Bytes Written", 0)
                written = measured.get("Output Metrics") or {}
                total["rows_written"] += written.get("Records Written", 0)
                total["bytes_written"] += written.get("Bytes Written", 0)
                if event["Stage ID"] not in own_stages:
                    read = measured.get("Input Metrics") or {}
                    total["rows_read"] += read.get("Records Read", 0)
                    total["bytes_read"] += read.get("Bytes Read", 0)
    return {**total, "cpu_seconds": round(cpu_ns / 1e9, 3)} if total else {}
