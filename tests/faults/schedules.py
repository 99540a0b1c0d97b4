"""The long forms of what the suite proves of schedules and workflows in short: `python -m tests.faults.schedules`.

A year of 500 triggers under two schedulers, on SQLite and on PostgreSQL; and 10,000 random workflows with crashes.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from api import logs
from benchmarks.peers.postgresql import postgresql
from catalog import db
from tests.engine.flows.schedule_years import play

TRIGGERS, DAYS, WORKFLOWS = 500, 365, 10_000
GOAL_SECONDS = 60.0


def main() -> int:
    logs.configure(logging.CRITICAL)
    missed = 0
    with TemporaryDirectory(prefix="isinglass-schedules-") as folder, postgresql(Path(folder)) as (url, _):
        for name, place in (("SQLite", db.sqlite_url(Path(folder) / "catalog.db")), ("PostgreSQL", url)):
            played = play(place, TRIGGERS, DAYS, seed=7)
            missed += played.cpu_seconds > GOAL_SECONDS
            print(f"{name}: {TRIGGERS} triggers, {DAYS} days, two schedulers: {played}; each instant fired once")
    began = time.monotonic()
    # No test of the suite may take ten minutes; this one is meant to.
    command = [sys.executable, "-m", "pytest", "-q", "--timeout=0", "tests/engine/flows/test_workflow_models.py"]
    missed += subprocess.run(command, env=os.environ | {"ISINGLASS_TEST_WORKFLOWS": str(WORKFLOWS)}).returncode
    print(f"{WORKFLOWS:,} random workflows against the model: {time.monotonic() - began:.0f} s")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
