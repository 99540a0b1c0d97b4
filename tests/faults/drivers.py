"""kill -9 of Spark drivers at random points of bookmarked jobs: `python -m tests.faults.drivers [--points 100]`.

Three jobs read what is new in a folder of their own and write it under staged commit, with retries. Again and again
files come, a run is put in, and at a random instant of it and of its retries a process is killed: Java, the script, or
the supervisor of both. In the end each row of the input is in the output exactly once, and the bookmark was moved by
the runs whose output is to be seen and by no other.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from engine.model import JOB, Job, Run
from engine.states import RunState
from tests.faults.history import faults_of_bookmark, faults_of_rows
from tests.journeys.installation import Installation, until

JOBS = ("first", "second", "third")
ROWS = 20  # of a file
RETRIES = 4
HASTY = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"  # each Java lives for seconds only
KILLS = 3  # of a run and its retries, at most: one of them must get through
PATIENCE_SECONDS = 600.0
SIGNS = {"SparkSubmit": "Java", "isinglass_driver.py": "script", "engine.running.supervisor": "supervisor"}

SCRIPT = """
import sys
from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext

args = getResolvedOptions(sys.argv, ["JOB_NAME", "input", "output"])
glue = GlueContext(SparkContext.getOrCreate())
job = Job(glue)
job.init(args["JOB_NAME"], args)
frame = glue.create_dynamic_frame.from_options(
    "s3", {"paths": [args["input"]]}, "json", transformation_ctx="input"
)
if frame.count():
    glue.write_dynamic_frame.from_options(
        frame, "s3", {"path": args["output"]}, "json", transformation_ctx="output"
    )
job.commit()
"""


@dataclass
class Drill:
    installation: Installation
    seed: int
    rows: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in JOBS})
    kills: Counter[str] = field(default_factory=Counter)

    def set_up(self) -> None:
        for name in JOBS:
            self.folder("input", name).mkdir(parents=True)
            arguments = {
                "--input": self.folder("input", name).as_uri(),
                "--output": self.folder("output", name).as_uri(),
                "--job-bookmark-option": "job-bookmark-enable",
                "--job-output-commit": "staged",
            }
            self.installation.engine.create_job(
                Job(name, "drill.py", arguments, script_text=SCRIPT, max_retries=RETRIES, queueing=True)
            )

    def folder(self, kind: str, job: str) -> Path:
        return self.installation.folder / kind / job

    def harry(self, job: str, longest: float, points: int) -> None:
        """Run the job on new files again and again, and kill it and its retries, until there are `points` kills."""
        random = Random(f"{self.seed} {job}")
        while self.kills.total() < points:
            self.put_in(job, random)
            seen: set[tuple[str, int]] = set()
            while len(seen) < KILLS and (run := self.next_attempt(job, seen)):
                seen.add((run.id, run.attempt))
                time.sleep(random.uniform(0.0, longest))
                self.kill(run, random)
            self.settle(job)

    def next_attempt(self, job: str, seen: set[tuple[str, int]]) -> Run | None:
        """The job's next attempt once it has processes; None when all have ended."""

        def found() -> list[Run | None]:
            time.sleep(0.2)  # to look for processes is work, too
            runs = self.installation.engine.unfinished_runs(JOB, job)
            begun = [run for run in runs if (run.id, run.attempt) not in seen and self.targets(run)]
            return [*begun[:1]] if runs else [None]

        return until(found, f"{job} goes on", PATIENCE_SECONDS)[0]

    def put_in(self, job: str, random: Random) -> None:
        for _ in range(random.randint(1, 2)):
            number = len(self.rows[job])
            names = [f"{job}-{number + at}" for at in range(ROWS)]
            whole = self.folder("input", job) / f"part-{number:06}.json"
            part = whole.with_suffix(".new")
            part.write_text("".join(json.dumps({"id": name}) + "\n" for name in names))
            part.rename(whole)
            self.rows[job] += names
        self.installation.put_in(job)

    def put_in_all(self) -> None:
        """A run of each job, without a kill."""
        for name in JOBS:
            self.put_in(name, Random(self.seed))
        self.settle()

    def targets(self, run: Run) -> list[tuple[int, str]]:
        living = self.installation.processes_of(run)
        return [(pid, told) for pid, command in living.items() for sign, told in SIGNS.items() if sign in command]

    def kill(self, run: Run, random: Random) -> None:
        """One of the processes of the run, if it has not ended yet."""
        targets = self.targets(run)
        if not targets:
            return
        pid, told = random.choice(targets)
        with contextlib.suppress(ProcessLookupError):  # it has ended by itself
            os.kill(pid, signal.SIGKILL)
            self.kills[told] += 1
            print(f"  {self.kills.total()} kills", flush=True)

    def settle(self, job: str | None = None) -> None:
        engine = self.installation.engine
        until(lambda: not engine.unfinished_runs(JOB, job), "all runs end", PATIENCE_SECONDS)
        if job is None:
            until(lambda: not engine.list_unsettled(), "what runs have staged is settled", PATIENCE_SECONDS)

    def faults(self) -> list[str]:
        found = []
        for name in JOBS:
            found += [f"{name}: {fault}" for fault in faults_of_rows(self.rows[name], self.written(name))]
            found += [f"{name}: {fault}" for fault in faults_of_bookmark(self.moved_by(name), self.published(name))]
        return found

    def written(self, job: str) -> list[str]:
        parts = [path for path in self.folder("output", job).rglob("*") if path.is_file() and _visible(path)]
        return [json.loads(line)["id"] for path in parts for line in path.read_text().splitlines()]

    def moved_by(self, job: str) -> list[str]:
        history = self.installation.engine.list_bookmark_history(job, 1_000)
        return [bookmark.run_id for bookmark in history if bookmark.run_id]

    def published(self, job: str) -> list[str]:
        """The runs that succeeded with something to write."""
        engine = self.installation.engine
        ended = [run.id for run in engine.list_runs(JOB, job, limit=1_000).items if run.state is RunState.SUCCEEDED]
        return [run for run in ended if any(source.selected_files for source in engine.list_sources(run))]


def _visible(path: Path) -> bool:
    return not any(part.startswith((".", "_")) for part in path.parts)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, default=100)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    given = parser.parse_args()
    with TemporaryDirectory(prefix="isinglass-drivers-") as folder:
        installation = Installation(Path(folder))
        try:
            return drill(installation, given.points, given.seed)
        finally:
            installation.close()


def drill(installation: Installation, points: int, seed: int) -> int:
    found = Drill(installation, seed)
    found.set_up()
    os.environ["JDK_JAVA_OPTIONS"] = HASTY
    installation.serve(warm_jvms=0, run_memory="8g", runs_at_once=len(JOBS))
    began = time.monotonic()
    found.put_in_all()
    longest = time.monotonic() - began
    with ThreadPoolExecutor(len(JOBS)) as pool:
        for each in [pool.submit(found.harry, name, longest, points) for name in JOBS]:
            each.result()
    found.put_in_all()
    faults = found.faults()
    for fault in faults:
        print(f"FAULT {fault}")
    states = Counter(str(run.state) for run in installation.engine.list_runs(JOB, limit=1_000).items)
    print(
        f"  {found.kills.total()} kills (seed {seed}): {dict(found.kills)}; attempts: {dict(states)}; "
        f"{sum(map(len, found.rows.values()))} rows; {time.monotonic() - began:.0f} s\n  {len(faults)} faults"
    )
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
