"""What a run tells of itself: progress and Spark's UI while it lasts; figures, stages and the history server after."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path
from typing import Any

import httpx

from tests.journeys.installation import COMMAND, Installation, until

SCRIPT = """
import sys, time
from pathlib import Path
from awsglue.utils import getResolvedOptions
from pyspark.sql import SparkSession, functions as F

folder = Path(getResolvedOptions(sys.argv, ["folder"])["folder"])
spark = SparkSession.builder.getOrCreate()
rows = spark.range(0, 1000, 1, 4).withColumn("k", F.col("id") % 7)
rows.write.parquet(str(folder / "rows"))
spark.read.parquet(str(folder / "rows")).groupBy("k").count().write.csv(str(folder / "counts"))

def wait(part):
    while not (folder / "go").exists():
        time.sleep(0.05)
    return part

(folder / "waits").touch()
spark.sparkContext.parallelize(range(4), 4).mapPartitionsWithIndex(
    lambda at, part: wait(part) if at > 1 else part).count()
"""

LIVE = """query ($run: String!) { run(runId: $run) { finished ... on JobRun {
  sparkUiUrl progress { fraction done total figures { name value } } stages { stageId failure figures { name value } }
} } }"""
AFTER = """query ($run: String!) { run(runId: $run) { ... on JobRun {
  sparkUiUrl progress { total } figures { name value }
  executors { executorId host cores figures { name value } }
  stages { stageId attempt name tasks seconds failure figures { name value } }
} } }"""


def named(figures: list[dict[str, Any]]) -> dict[str, float]:
    return {figure["name"]: figure["value"] for figure in figures}


def test_a_run_tells_how_far_it_is_and_afterwards_what_it_did(installation: Installation) -> None:
    script = installation.folder / "counts.py"
    script.write_text(SCRIPT)
    copies = installation.folder / "logs of all"
    service = installation.serve()
    installation.run("job", "create", "counts", script)
    run = installation.put_in(
        "counts",
        **{"folder": str(installation.folder), "enable-spark-ui": "true", "spark-event-logs-path": str(copies)},
    )

    def at_half() -> dict[str, Any] | None:
        found: dict[str, Any] = service.ask(LIVE, run=run.id)["run"]
        assert not found["finished"], installation.run("job", "logs", run.id, "--errors")
        waits = (installation.folder / "waits").exists()
        return found if waits and (found["progress"]["done"], found["progress"]["total"]) == (2, 4) else None

    live = until(at_half, "two of the four tasks that wait are done")
    assert live["progress"]["fraction"] == 0.5
    so_far = named(live["progress"]["figures"])
    assert (so_far["rows_read"], so_far["rows_written"]) == (2_000, 1_007), "made by range, and read back"
    assert named(live["stages"][0]["figures"])["rows_written"] == 1_000
    assert live["sparkUiUrl"].startswith("http://127.0.0.1:")
    assert httpx.get(f"{live['sparkUiUrl']}/jobs/", timeout=30).status_code == 200
    assert installation.run("job", "spark-ui", run.id).strip() == live["sparkUiUrl"]
    (installation.folder / "go").touch()
    ended = installation.await_end(run)
    assert ended.state == "SUCCEEDED", installation.run("job", "logs", run.id, "--errors")

    found = service.ask(AFTER, run=run.id)["run"]
    assert (found["sparkUiUrl"], found["progress"]) == (None, None)
    told = named(found["figures"])
    assert (told["rows_read"], told["rows_written"], told["failed_tasks"]) == (2_000, 1_007, 0)
    assert told["stages"] == len(found["stages"])
    assert told["tasks"] == sum(named(stage["figures"])["tasks"] for stage in found["stages"])
    assert 0 < told["start_seconds"] < told["first_job_seconds"]
    assert told["shuffle_bytes_written"] > 0
    assert told["cpu_seconds"] > 0
    assert told["peak_heap_bytes"] > 10_000_000
    [executor] = found["executors"]
    assert (executor["executorId"], named(executor["figures"])["tasks"]) == ("driver", told["tasks"])
    assert "1,000" in installation.run("job", "stages", run.id)
    assert "driver" in installation.run("job", "executors", run.id)
    assert "rows in 2,000, rows out 1,007" in installation.run("job", "show-run", run.id)
    service.stop()

    [log] = copies.iterdir()
    assert log.read_bytes() == (installation.home / "runs" / run.id / "events" / log.name).read_bytes()
    assert log.suffix == ".zstd"
    demand_history(installation, run.id, installation.folder / "history.log")


def demand_history(installation: Installation, run_id: str, said: Path) -> None:
    """Spark's history server tells of the run's jobs, and nothing of it is left after Ctrl-C."""
    with said.open("wb") as log:
        server = subprocess.Popen(
            [str(COMMAND), "job", "spark-ui", run_id, "--home", str(installation.home)],
            env=installation.environment(),
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    installation.started.append(server)
    link = until(lambda: next(iter(said.read_text().split("\n")[:-1]), None), "the link is printed")
    assert "/jobs/" in link, link
    base, _, application = link.removesuffix("/jobs/").partition("/history/")
    jobs = httpx.get(f"{base}/api/v1/applications/{application}/jobs", timeout=30).json()
    assert [job["status"] for job in jobs] == ["SUCCEEDED"] * len(jobs) != []
    server.send_signal(signal.SIGINT)
    assert server.wait(30) == 0
    until(lambda: not answers(base), "the server is gone")


def answers(url: str) -> bool:
    try:
        httpx.get(url, timeout=5)
    except httpx.TransportError:
        return False
    return True
