"""kill -9 of the service at random points with runs in flight: `python -m tests.faults.services [--points 200]`.

A real `isinglass serve` is started again and again and killed at a random instant, from its first millisecond on, while
Python-shell runs go on: quick ones, ones that fail and are repeated, ones of which one may go on at a time, and ones
that outlive their service. At last it is left alone, and the ledger is held against what the scripts themselves wrote:
no run lost or doubled, each in the state that its script's end makes true, no supervisor replaced, no process left.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import msgspec

from benchmarks.peers.postgresql import postgresql
from catalog.db import connect
from engine.model import JOB, Job, JobSpec, Run
from engine.running.processes import alive
from tests.faults.history import (
    BADLY,
    WELL,
    Deed,
    Limits,
    Record,
    Submission,
    faults_of_adoption,
    faults_of_runs,
    faults_of_survival,
)
from tests.journeys.installation import Installation, until

STARTING = 0.3  # the part of the services that are killed before it is known that they answer
LONGEST_LIFE = 3.0  # seconds
PATIENCE_SECONDS = 300.0
ORPHANS_SECONDS = 30.0

SCRIPT = """
import os, sys, time
given = dict(zip(sys.argv[1::2], sys.argv[2::2]))
run, life = given["--JOB_RUN_ID"], given["--life"]
def note(what):
    with open(os.path.join(given["--deeds"], run), "a") as deeds:
        deeds.write(f"{what} {time.time()}\\n")
note("begun")
time.sleep(float(life))
if given.get("--fails") == "yes":
    note("badly")
    raise ValueError("as it was told to")
note("well")
"""


ALONE = Limits(at_once=1)


@dataclass(frozen=True)
class Kind:
    """A job of the drill: how long its scripts take (s), and how many of them fail."""

    name: str
    least: float
    most: float
    failing: float = 0.0
    limits: Limits = ALONE


KINDS = (
    Kind("quick", 0.0, 0.3, limits=Limits(at_once=4)),
    Kind("failing", 0.0, 0.3, failing=0.7, limits=Limits(retries=2, at_once=4)),
    Kind("single", 0.1, 0.5),
    Kind("long", 2.0, 5.0, limits=Limits(at_once=3)),
)


@dataclass
class Drill:
    installation: Installation
    random: Random
    submitted: list[Submission] = field(default_factory=list)
    outlived: dict[str, str] = field(default_factory=dict)

    @property
    def deeds(self) -> Path:
        return self.installation.folder / "deeds"

    def set_up(self) -> None:
        self.deeds.mkdir()
        for kind in KINDS:
            self.installation.engine.create_job(
                Job(
                    kind.name,
                    "drill.py",
                    script_text=SCRIPT,
                    command="pythonshell",
                    max_retries=kind.limits.retries,
                    max_concurrent_runs=kind.limits.at_once,
                    queueing=True,
                )
            )

    def point(self) -> None:
        """Put runs in, start a service, and kill it at a random instant: while it starts, or while it works."""
        for _ in range(self.random.randint(1, 3)):
            self.submit()
        if self.random.random() < STARTING:
            process = self.installation.start("serve", "--port", 0, "--hive-port", 0)
        else:
            process = self.installation.serve().process
        end = time.monotonic() + self.random.uniform(0.0, LONGEST_LIFE)
        for _ in range(self.random.randint(1, 2)):
            self.submit()
        time.sleep(max(0.0, end - time.monotonic()))
        self.outlived |= self.supervisors()
        process.kill()
        process.wait(30)

    def submit(self) -> None:
        kind = self.random.choice(KINDS)
        given = {
            "life": f"{self.random.uniform(kind.least, kind.most):.3f}",
            "fails": "yes" if self.random.random() < kind.failing else "no",
            "deeds": str(self.deeds),
            "key": f"k{len(self.submitted)}",
        }
        self.submitted.append(Submission(given["key"], self.installation.put_in(kind.name, **given).id))
        if not kind.failing and self.random.random() < 0.05:
            self.installation.engine.stop_run(self.submitted[-1].run or "")

    def supervisors(self) -> dict[str, str]:
        """Of the runs that have not ended: the supervisors that live, which outlive the service."""
        unfinished = self.installation.engine.unfinished_runs(JOB)
        known = {run.id: self._supervisor(run.id) for run in unfinished}
        return {run: process for run, process in known.items() if process and alive(process)}

    def settle(self) -> float:
        """Let one service bring everything to rest; the seconds until no process of an ended run is left."""
        service = self.installation.serve()
        until(lambda: not self.installation.engine.unfinished_runs(JOB), "all runs end", PATIENCE_SECONDS)
        began = time.monotonic()
        until(lambda: not list(self.orphans()), "no process is left", ORPHANS_SECONDS)
        service.stop()
        return time.monotonic() - began

    def orphans(self) -> Iterator[str]:
        """Living processes, beside the service, that have the home's runs in their command or environment."""
        sign = os.fsencode(self.installation.home / "runs") + b"/"
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and int(entry.name) != os.getpid():
                try:
                    told = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
                except OSError:  # it has ended
                    continue
                if sign in told:
                    yield entry.name

    def faults(self) -> list[str]:
        records, deeds = list(self.records()), dict(self.done())
        after = {run: self._supervisor(run) or "" for run in self.outlived}
        return [
            *faults_of_runs(self.submitted, records, deeds, {kind.name: kind.limits for kind in KINDS}),
            *faults_of_survival(records, deeds),
            *faults_of_adoption(self.outlived, after, records),
        ]

    def records(self) -> Iterator[Record]:
        token: str | None = None
        while True:
            page = self.installation.engine.list_runs(JOB, limit=200, token=token)
            events = self.installation.engine.batch_list_events([run.id for run in page.items])
            for run in page.items:
                moves = tuple((event.old_state, event.new_state) for event in events[run.id])
                yield Record(
                    run.id, run.subject or "", _key(run), run.state, run.detail, run.attempt, run.previous_run_id, moves
                )
            token = page.next_token
            if token is None:
                return

    def done(self) -> Iterator[tuple[str, Deed]]:
        for path in self.deeds.iterdir():
            noted = [line.split() for line in path.read_text().splitlines()]
            begun = [float(at) for what, at in noted if what == "begun"]
            ends = [(what, float(at)) for what, at in noted if what in (WELL, BADLY)]
            ended, ended_at = ends[-1] if ends else (None, None)
            yield path.name, Deed(path.name, len(begun), begun[0], ended, ended_at)

    def _supervisor(self, run: str) -> str | None:
        note = self.installation.home / "runs" / run / "supervisor.json"
        return str(msgspec.json.decode(note.read_bytes())["process"]) if note.exists() else None


def _key(run: Run) -> str:
    return msgspec.json.decode(run.spec, type=JobSpec).arguments["--key"]


@dataclass
class OnPostgres(Installation):
    url: str = ""

    def environment(self, **settings: object) -> dict[str, str]:
        return super().environment(database_url=self.url, **settings)

    def _store(self) -> Any:
        if not self.stores:
            self.stores.append(connect(self.url))
        return self.stores[0]


def drill(installation: Installation, points: int, seed: int) -> int:
    """The number of faults, which are printed."""
    found = Drill(installation, Random(seed))
    found.set_up()
    began = time.monotonic()
    for point in range(points):
        found.point()
        if not (point + 1) % 20:
            print(f"  {point + 1} kills, {len(found.submitted)} runs, {time.monotonic() - began:.0f} s", flush=True)
    last = found.settle()
    faults = found.faults()
    for fault in faults:
        print(f"FAULT {fault}")
    states = Counter(str(record.state) for record in found.records())
    told = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
    print(
        f"  {points} kills (seed {seed}); {len(found.submitted)} runs put in, {sum(states.values())} attempts: {told}; "
        f"{len(found.outlived)} supervisors outlived a service; no process left {last:.1f} s after the last end; "
        f"{time.monotonic() - began:.0f} s\n  {len(faults)} faults"
    )
    return len(faults)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, default=200, help="on SQLite; a quarter as many more on PostgreSQL")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    given = parser.parse_args()
    faults = 0
    with TemporaryDirectory(prefix="isinglass-services-") as folder, ExitStack() as ending:
        print("SQLite:", flush=True)
        first = Installation(Path(folder, "sqlite"))
        first.folder.mkdir()
        ending.callback(first.close)
        faults += drill(first, given.points, given.seed)
        print("PostgreSQL:", flush=True)
        url, _ = ending.enter_context(postgresql(Path(folder)))
        second = OnPostgres(Path(folder, "postgresql"), url=url)
        second.folder.mkdir()
        ending.callback(second.close)
        faults += drill(second, given.points // 4, given.seed)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
