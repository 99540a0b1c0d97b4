"""Job runs of jobs whose scripts are given as text: the real supervisor and driver, as the worker executes them."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from engine.model import JOB, Job, JobSpec, Outcome, Run
from engine.running.executors import executors
from engine.running.job_runs import LOG_LIMIT, JobRuns
from engine.running.logs import ERROR_LOG, OUTPUT_LOG
from engine.running.processes import end_session_of, identity, pid_of, session_members
from engine.running.progress import RUNNING, read_progress
from engine.running.supervisor import SUPERVISOR
from engine.spark.spark import SparkSettings
from engine.states import RunState
from tests.engine.spark.fake_java import make_java

PATIENCE_SECONDS = 30.0


class Bench:
    """Job runs of jobs whose scripts are given as text."""

    def __init__(self, folder: Path, log_limit: int = LOG_LIMIT) -> None:
        self.folder = folder
        self.log_limit = log_limit
        self.java = make_java(folder / "java")
        self.jars: Path | None = None
        self.tokens: list[str] = []
        self.jobs = self.serving("http://127.0.0.1:1")

    def serving(self, endpoint: str) -> JobRuns:
        settings = SparkSettings("local[1]", "512m", "thrift://127.0.0.1:2", self.folder, self.folder, self.jars)
        by_command = executors(settings, self.java)
        return JobRuns(self.folder / "runs", self.folder, endpoint, self.give_token, by_command, self.log_limit)

    def use(self, java: Path) -> None:
        self.java = java
        self.jobs = self.serving("http://127.0.0.1:1")

    def give_token(self, run_id: str) -> str:
        self.tokens.append(f"token {len(self.tokens)} of {run_id}")
        return self.tokens[-1]

    def run(
        self,
        script: str,
        arguments: dict[str, str] | None = None,
        timeout_minutes: int = 5,
        command: str = "pythonshell",
    ) -> Run:
        path = self.folder / "job.py"
        path.write_text(script)
        spec = JobSpec(Job("totals", str(path), timeout_minutes=timeout_minutes, command=command), arguments or {})
        text = msgspec.json.encode(spec).decode()
        return Run("jr_1", JOB, "totals", text, RunState.STARTING, 0, datetime(2026, 9, 1, tzinfo=UTC))

    def execute(self, run: Run) -> Outcome:
        return self.jobs.execute(run, lambda: False, lambda: None)

    def path(self, name: str) -> Path:
        return self.folder / "runs" / "jr_1" / name

    def await_script(self) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while read_progress(self.folder / "runs", "jr_1").phase != RUNNING:
            assert time.monotonic() < deadline, "the script did not begin"
            time.sleep(0.01)

    @property
    def supervisor(self) -> str:
        return str(json.loads(self.path(SUPERVISOR).read_text())["process"])

    def living(self) -> list[int]:
        return [pid for pid in session_members(pid_of(self.supervisor)) if identity(pid)]

    def output(self) -> str:
        return self.path(OUTPUT_LOG).read_text()

    def errors(self) -> str:
        return self.path(ERROR_LOG).read_text()

    def close(self) -> None:
        if self.path(SUPERVISOR).exists():
            end_session_of(self.supervisor)
