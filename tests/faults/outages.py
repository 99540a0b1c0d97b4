"""The database away for a minute under load: `python -m tests.faults.outages [--seconds 60]`.

A service works runs off and answers four clients when the line to its PostgreSQL is cut. While it is, each request is
refused by name within ten seconds, and runs go on; afterwards all is as before within fifteen seconds, without a
restart: no run lost or failed, and no more connections to the server than there were.
"""

from __future__ import annotations

import argparse
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
from sqlalchemy import Engine as SqlEngine
from sqlalchemy import text

from benchmarks.peers.postgresql import postgresql
from catalog.db import connect
from engine.engine import Engine
from engine.model import Job
from engine.states import RunState
from tests.journeys.installation import Installation, until
from tests.journeys.postgres_line import Line

CLIENTS, RUNS = 4, 12
REFUSED_SECONDS, RECOVERY_SECONDS = 10.0, 15.0
PATIENCE_SECONDS = 120.0
JOBS = "{ jobs { edges { node { name } } } }"
SCRIPT = 'import sys, time\ntime.sleep(float(sys.argv[sys.argv.index("--life") + 1]))\nprint("ended")\n'


@dataclass(frozen=True)
class Answer:
    at: float
    seconds: float
    code: str | None


@dataclass
class Clients:
    """Ask again and again, and note what came."""

    endpoint: str
    answers: list[Answer] = field(default_factory=list)
    ending: threading.Event = field(default_factory=threading.Event)

    def ask(self) -> None:
        with httpx.Client(timeout=60) as client:
            while not self.ending.wait(0.1):
                began = time.monotonic()
                told = client.post(f"{self.endpoint}/graphql", json={"query": JOBS}).json()
                code = told["errors"][0]["extensions"]["code"] if "errors" in told else None
                self.answers.append(Answer(began, time.monotonic() - began, code))

    @contextmanager
    def asking(self) -> Iterator[None]:
        threads = [threading.Thread(target=self.ask) for _ in range(CLIENTS)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.ending.set()
            for thread in threads:
                thread.join()

    def between(self, first: float, last: float) -> list[Answer]:
        return [answer for answer in self.answers if first <= answer.at < last]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0)
    seconds = parser.parse_args().seconds
    with TemporaryDirectory(prefix="isinglass-outage-") as folder, postgresql(Path(folder)) as (url, _):
        installation = Installation(Path(folder) / "installation")
        installation.folder.mkdir()
        (Path(folder) / "line").mkdir()
        line, direct = Line(url, Path(folder) / "line"), connect(url)
        line.mend()
        try:
            faults = drill(installation, line, direct, seconds)
        finally:
            installation.close()
            line.cut()
            direct.dispose()
    for fault in faults:
        print(f"FAULT {fault}")
    print(f"  {len(faults)} faults")
    return 1 if faults else 0


def drill(installation: Installation, line: Line, direct: SqlEngine, seconds: float) -> list[str]:
    engine = Engine(direct)
    engine.create_job(Job("waits", "w.py", script_text=SCRIPT, command="pythonshell", max_concurrent_runs=99))
    service = installation.serve(database_url=line.url, runs_at_once=RUNS)
    clients = Clients(service.endpoint)
    with clients.asking():
        lives = [5 + at * seconds / RUNS for at in range(RUNS)]  # most end while the database is away
        runs = [engine.start_job_run("waits", {"--life": str(life)}).id for life in lives]
        until(lambda: all(engine.get_run(each).state is RunState.RUNNING for each in runs), "runs go on", 60)
        before = connections(direct)
        cut = time.monotonic()
        line.cut()
        time.sleep(seconds)
        line.mend()
        mended = time.monotonic()
        until(lambda: any(answer.code is None for answer in clients.between(mended, time.monotonic())), "an answer", 60)
        recovered = time.monotonic() - mended
        until(lambda: all(engine.get_run(each).finished for each in runs), "all runs end", PATIENCE_SECONDS)
        settled = time.monotonic() - mended
        again = engine.start_job_run("waits", {"--life": "0"}).id
        until(lambda: engine.get_run(again).finished, "one more run ends", 60)
    away = clients.between(cut + 1, mended - REFUSED_SECONDS)
    after = clients.between(mended + RECOVERY_SECONDS, time.monotonic())
    slowest = max(answer.seconds for answer in away)
    print(
        f"  away {seconds:.0f} s: {len(away)} requests refused, the slowest in {slowest:.1f} s; answers again after "
        f"{recovered:.1f} s, all {RUNS} runs on record after {settled:.1f} s; connections {before} before, "
        f"{connections(direct)} after"
    )
    states = {each: engine.get_run(each) for each in [*runs, again]}
    return [
        *(f"answered with {answer.code} while away" for answer in away if answer.code != "UNAVAILABLE"),
        *([f"a refusal took {slowest:.1f} s"] if slowest > REFUSED_SECONDS else []),
        *([f"answers came after {recovered:.1f} s only"] if recovered > RECOVERY_SECONDS else []),
        *(f"answered with {answer.code} afterwards" for answer in after if answer.code is not None),
        *(
            f"run {each} is {run.state}: {run.detail}"
            for each, run in states.items()
            if run.state is not RunState.SUCCEEDED
        ),
        *(["the service has ended"] if service.process.poll() is not None else []),
        *([f"{connections(direct)} connections, {before} before"] if connections(direct) > before + CLIENTS else []),
    ]


def connections(direct: SqlEngine) -> int:
    """To the server, by whomever."""
    with direct.connect() as connection:
        return int(connection.execute(text("SELECT count(*) FROM pg_stat_activity")).scalar_one())


if __name__ == "__main__":
    sys.exit(main())
