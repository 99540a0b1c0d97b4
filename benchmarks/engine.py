"""How soon a job begins: from its start to its first result, beside spark-submit; and its log, beside the clock.

    python -m benchmarks.engine

Works in build/bench-engine, which it makes anew; the archive of Java's classes is built first, which takes a minute.
"""

from __future__ import annotations

import logging
import os
import shutil
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from api import logs
from api.core import Core, open_core
from api.services import Service, serving
from api.settings import Settings
from benchmarks.goals import TIMES, Fact, Line, say, show
from benchmarks.measure import Cost, cost_of
from engine.model import Job
from engine.spark.archive import was_used
from engine.spark.java import find_java, java_home
from engine.spark.spark import pyspark_home
from engine.states import RunState

FOLDER = Path(__file__).parents[1] / "build" / "bench-engine"

FIRST_RESULT = """
import sys, time
from pyspark.sql import SparkSession
session = SparkSession.builder.getOrCreate()
session.sql("select count(*) as n from range(10)").collect()
open(sys.argv[sys.argv.index("--mark") + 1], "w").write(str(time.time()))
"""
FIRST_LINE = """
import sys, time
print("first line")
open(sys.argv[sys.argv.index("--mark") + 1], "w").write(str(time.time()))
"""
LINES = 20
TELLING = f"""
import time
for _ in range({LINES}):
    print(time.time())
    time.sleep(0.2)
"""


def main() -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    logs.configure(logging.WARNING)
    core = open_core(Settings(home=FOLDER / "home", warm_jvms=1), "bench")
    with serving(core, "127.0.0.1", 0, 0) as service:
        service.worker.start()
        service.pool.start()
        try:
            show([*first_results(core, service), *lines(core)])
        finally:
            service.worker.stop()
            service.pool.stop()
    shutil.rmtree(FOLDER)


def first_results(core: Core, service: Service) -> list[Line | Fact]:
    """A Spark script's first result: in a warmed Java, in a new one, and by spark-submit; all in turn."""
    define(core, "first-result", FIRST_RESULT, "glueetl")
    say("building the archive of Java's classes …")
    until(lambda: service.pool.archive is not None and service.pool.archive().exists, "an archive")
    used = []

    def warm() -> Cost:
        return started(core, "first-result")[1]

    def cold() -> Cost:
        until(service.pool.waiting, "a warm Java, so that none is being warmed")
        run_id, cost = started(core, "first-result", {"--conf": "spark.driver.extraJavaOptions=-Dnew=yes"})
        used.append(was_used(core.home.runs / run_id))
        return cost

    costs = []
    for number in range(TIMES):
        say(f"starting Spark, round {number + 1} of {TIMES} …")
        until(service.pool.waiting, "a warm Java")
        costs.append((warm(), cold(), submitted()))
    ours, new, plain = (median([each[at] for each in costs]) for at in range(3))
    return [
        Line("start to first result, warm Java", ours, "spark-submit", plain, 0.15, by="wall"),
        Line("start to first result, archive", new, "spark-submit", plain, 0.6, by="wall"),
        Fact("cold starts that did not use the archive", used.count(False), 0),
    ]


def submitted() -> Cost:
    """The script by spark-submit as pip installs it, with its defaults."""
    script, mark = FOLDER / "first-result.py", FOLDER / "mark"
    home = {"JAVA_HOME": str(java_home(find_java(), FOLDER / "java")), "SPARK_HOME": str(pyspark_home())}
    submit = Path(sys.executable).with_name("spark-submit")
    words = [str(submit), str(script), "--mark", str(mark)]
    environment = {**os.environ, **home, "PYSPARK_PYTHON": sys.executable}
    began = time.time()
    cost = cost_of(
        lambda: subprocess.run(
            words, check=True, env=environment, cwd=FOLDER, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
    )
    return Cost(float(mark.read_text()) - began, cost.cpu)


def lines(core: Core) -> list[Line | Fact]:
    """A Python shell job's first line, and how soon lines are seen by one who follows the log."""
    define(core, "first-line", FIRST_LINE, "pythonshell")
    define(core, "telling", TELLING, "pythonshell")
    first = statistics.median(started(core, "first-line")[1].wall for _ in range(5 * TIMES))
    return [
        Fact("start to first line of a Python shell job, s", first, 0.5),
        Fact("a line printed until it is seen, s, the slowest", max(delays(core)), 0.3),
    ]


def delays(core: Core) -> list[float]:
    """Seconds from a line's printing to its reading by `isinglass job logs --follow`."""
    run = core.engine.start_job_run("telling")
    command = Path(sys.executable).with_name("isinglass")
    words = [str(command), "job", "logs", run.id, "--follow", "--home", str(core.home.path)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as follower:
        assert follower.stdout is not None
        found = [time.time() - float(line) for line in follower.stdout]
    finish(core, run.id)
    return found[LINES // 2 :]  # the first were printed before the command had started


def define(core: Core, name: str, script: str, command: str) -> None:
    path = FOLDER / f"{name}.py"
    path.write_text(script)
    core.engine.create_job(Job(name, str(path), {"--mark": str(FOLDER / "mark")}, command=command))


def started(core: Core, job: str, arguments: dict[str, str] | None = None) -> tuple[str, Cost]:
    """A run of the job, and the time from its start to the script's mark."""
    began = time.time()
    run = core.engine.start_job_run(job, arguments)
    cost = cost_of(lambda: finish(core, run.id))
    return run.id, Cost(float((FOLDER / "mark").read_text()) - began, cost.cpu)


def finish(core: Core, run_id: str) -> None:
    while not (run := core.engine.get_run(run_id)).finished:
        time.sleep(0.05)
    if run.state is not RunState.SUCCEEDED:
        raise SystemExit(f"run {run_id} {run.state}: {run.detail}")


def median(costs: list[Cost]) -> Cost:
    return sorted(costs, key=lambda cost: cost.wall)[len(costs) // 2]


def until(look: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + 300
    while not look():
        if time.monotonic() > deadline:
            raise SystemExit(f"waited 300 s in vain for {what}")
        threading.Event().wait(0.1)


if __name__ == "__main__":
    main()
