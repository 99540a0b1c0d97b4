"""The sample workflow, run as a user runs it, with a crawl, two Spark jobs and two Python shell jobs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq

from api.home import Home

SCRIPT = Path(__file__).parents[2] / "samples" / "workflow" / "run.sh"


def test_the_workflow_runs_to_its_end_with_a_check_that_fails(tmp_path: Path, migrated_sqlite: Path) -> None:
    scratch = tmp_path / "a folder"
    Home.open(scratch / "home")
    shutil.copy(migrated_sqlite, scratch / "home" / "isinglass.db")  # it would be made there, in half a second
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("ISINGLASS_")}
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {**inherited, "PATH": path, "SCRATCH": str(scratch)}
    done = subprocess.run(["sh", SCRIPT], env=environment, capture_output=True, text=True, timeout=240)
    assert done.returncode == 1, done.stderr  # as the check failed
    assert "on FAILED: flights-notify SUCCEEDED" in done.stdout
    assert "month=2: 905 of 5133 flights were cancelled" in done.stdout
    lines = done.stderr.splitlines()
    for step in ("crawler:lake", "flights-clean", "flights-aggregate"):
        assert [line.split()[1] for line in lines if line.startswith(f"{step} ")][-1] == "SUCCEEDED"
    command = [str(Path(sys.executable).with_name("isinglass")), "workflow", "runs", "flights", "--output", "json"]
    told = subprocess.run(command, env={**environment, "ISINGLASS_HOME": str(scratch / "home")}, capture_output=True)
    [run] = json.loads(told.stdout)
    counted = run["statistics"]
    assert (run["state"], counted["total"], counted["succeeded"], counted["failed"]) == ("COMPLETED", 5, 4, 1)
    assert run["id"] in (scratch / "out" / "note.txt").read_text()
    assert pq.read_table(scratch / "out" / "clean").num_rows == 14756
    delays = pq.read_table(scratch / "out" / "delays").to_pylist()
    assert sum(row["flights"] for row in delays) == 14756
