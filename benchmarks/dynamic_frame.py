"""Glue scripts by our awsglue beside plain Spark doing the same job, on the same data, in the same run.

    python -m benchmarks.dynamic_frame [--megabytes 1000] [--growth] [--rounds 3] [--only PIPELINE]

Each side of each pipeline has a Spark session of its own (2 cores, 2 GB of heap), warmed by the same work on little
data; they are taken in turns, and the median counts. CPU is that of the script, its Java and its Python workers.
--growth runs ours on 100, 1,000 and 4,000 megabytes and shows CPU and the peak of memory. Works in build/bench-frames.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks import frame_data
from benchmarks.frame_pipelines import PIPELINES, SHIM
from benchmarks.goals import Line, say, show
from benchmarks.measure import Cost

FOLDER = Path(__file__).parents[1] / "build" / "bench-frames"
SMALL = 12  # megabytes to warm up on
GROWTH = (100, 1_000, 4_000)
GROWING = ("json_choices", "map_json", "relationalize")

MOST = {
    "parquet_mapping": 1.1,
    "csv_typed": 1.6,
    "json_plain": 2.0,
    "json_choices": 3.5,
    "filter_json": 0.5,
    "map_json": 0.5,
    "filter_frame": 0.75,
    "map_frame": 0.75,
    "relationalize": 2.5,
}


def main() -> None:
    asked = _options()
    shutil.rmtree(FOLDER, ignore_errors=True)
    chosen = asked.only or PIPELINES
    lines = [_beside(name, asked.megabytes, asked.rounds) for name in chosen]
    show(lines)
    if asked.growth:
        _show_growth([name for name in GROWING if name in chosen])
    shutil.rmtree(FOLDER)


def _beside(name: str, megabytes: int, rounds: int) -> Line:
    costs: dict[str, list[dict[str, float]]] = {"glue": [], "plain": []}
    for _ in range(rounds):
        for side, found in costs.items():
            found.append(_run(name, side, megabytes))
            cpu, wall, peak = (found[-1][what] for what in ("cpu", "wall", "peak_mb"))
            say(f"{name}, {side}: {cpu:.1f} s CPU, {wall:.1f} s, {peak:.0f} MB")
    ours, theirs = (
        Cost(*(statistics.median(each[what] for each in costs[side]) for what in ("wall", "cpu")))
        for side in ("glue", "plain")
    )
    return Line(name, ours, "plain Spark", theirs, MOST[name])


def _run(name: str, side: str, megabytes: int) -> dict[str, float]:
    """Of one side in a process of its own."""
    target = FOLDER / "out"
    shutil.rmtree(target, ignore_errors=True)
    folders = [str(_data(megabytes)), str(_data(SMALL)), str(target)]
    ended = subprocess.run(
        [sys.executable, "-m", "benchmarks.frame_pipelines", name, side, *folders],
        env={**os.environ, "PYTHONPATH": str(SHIM), "PYSPARK_PYTHON": sys.executable},
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode:
        raise SystemExit(f"{name} ({side}) failed:\n{ended.stderr[-4_000:]}")
    found: dict[str, Any] = json.loads(ended.stdout.strip().splitlines()[-1])
    return found


def _data(megabytes: int) -> Path:
    folder = FOLDER / f"{megabytes}-mb"
    if not folder.exists():
        say(f"making {megabytes:,} MB of each format …")
        frame_data.make(folder, megabytes)
    return folder


def _show_growth(names: list[str]) -> None:
    print()
    print(f"{'ours, as the data grows':24}{'MB':>8}{'CPU s':>10}{'wall s':>10}{'peak MB':>10}")
    for name in names:
        for megabytes in GROWTH:
            found = _run(name, "glue", megabytes)
            cpu, wall, peak = (found[what] for what in ("cpu", "wall", "peak_mb"))
            print(f"{name:24}{megabytes:>8}{cpu:>10.1f}{wall:>10.1f}{peak:>10.0f}", flush=True)
            if megabytes == GROWTH[-1]:
                shutil.rmtree(FOLDER / "out", ignore_errors=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Glue scripts by our awsglue beside plain Spark.")
    parser.add_argument("--megabytes", type=int, default=1_000, help="of each format")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--growth", action="store_true", help="ours on 100, 1,000 and 4,000 megabytes")
    parser.add_argument("--only", action="append", choices=PIPELINES, help="may be given again")
    return parser.parse_args()


if __name__ == "__main__":
    main()
