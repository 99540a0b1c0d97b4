"""The same jobs on a real cluster of Spark's own: a master and two workers."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

from engine.model import Run
from engine.running.processes import pid_of
from tests.journeys.flights import JOB, ROWS, demand_rows
from tests.journeys.installation import SAMPLES, Installation, until
from tests.journeys.standalone import Cluster, standalone

SPREAD = """
import os, sys, time
from pathlib import Path
from awsglue.context import GlueContext
from awsglue.transforms import Map
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from pyspark.sql import functions as F

folder = Path(getResolvedOptions(sys.argv, ["folder"])["folder"])
glue = GlueContext(SparkContext.getOrCreate())

def shorten(record):
    print("shortens", record["carrier"], file=sys.stderr)
    return {"code": record["carrier"].lower(), "place": os.environ["CUSTOMER_PLACE"]}

airlines = glue.create_dynamic_frame.from_catalog(database="travel", table_name="airlines")
shortened = Map.apply(frame=airlines, f=shorten).toDF().repartition(4)
loud = F.udf(lambda code: code.upper() + "!")
shortened.withColumn("loud", loud("code")).write.mode("overwrite").json(str(folder / "airlines"))
(folder / "written").touch()

def wait(part):
    time.sleep(600)
    return part

glue.spark_session.sparkContext.parallelize(range(4), 4).mapPartitions(wait).count()
"""


def test_jobs_run_on_a_cluster_as_on_one_machine_and_leave_nothing_there(installation: Installation) -> None:
    with standalone(installation.folder / "cluster") as cluster:
        prepare(installation, cluster)
        service = installation.serve()
        cluster.await_workers()

        run = installation.await_end(installation.put_in(JOB))
        assert run.state == "SUCCEEDED", errors_of(installation, run)
        demand_rows(installation, installation.output, ROWS)
        assert (run.figures["cores"], run.figures["rows_written"]) == (4, sum(ROWS.values()))
        executors = installation.json("job", "executors", run.id)
        assert {executor["id"] for executor in executors} == {"0", "1"}
        assert [executor["cores"] for executor in executors] == [2, 2]
        assert sum(executor["figures"]["tasks"] for executor in executors) == run.figures["tasks"]
        assert installation.engine.get_bookmark(JOB).run_id == run.id
        demand_quiet(cluster)
        logs = [log["name"] for log in installation.json("job", "logs", run.id, "--list")]
        assert {f"executors/{number}/{name}" for number in "01" for name in ("stdout", "stderr")} <= set(logs), logs

        killed = begin(installation, "spread")
        demand_airlines(installation.folder / "airlines")
        os.kill(pid_of(installation.supervisor_of(killed)), signal.SIGKILL)
        assert installation.await_end(killed).state == "FAILED"
        demand_quiet(cluster)
        assert installation.processes_of(killed) == {}
        said = [installation.run("job", "logs", killed.id, "--log", f"executors/{number}/stderr") for number in "01"]
        assert "shortens AA" in "".join(said)
        service.stop()


def prepare(installation: Installation, cluster: Cluster) -> None:
    """While the cluster starts: the lake, the catalog, the environment, and the jobs that name it."""
    installation.lay_out_lake()
    installation.run("database", "create", "travel")
    installation.run("crawl", installation.lake, "--database", "travel")
    quick = [f"spark.{part}.extraJavaOptions=-XX:TieredStopAtLevel=1" for part in ("driver", "executor")]
    given = [word for each in quick for word in ("--conf", each)]
    installation.run("environment", "create", "spark", "--master", cluster.master, *given)
    size = ("--environment", "spark", "--worker-type", "G.1X", "--number-of-workers", 3, "-a", "--executor-cores=2")
    output = f"--output_path=file://{installation.output}/"
    flights = SAMPLES / "jobs" / "flight_delays.py"
    told = ("--bookmark", "enable", "-a", "--database=travel", "-a", output)
    installation.run("job", "create", JOB, flights, *size, *told)
    spread = installation.folder / "spread.py"
    spread.write_text(SPREAD)
    spread_told = ("-a", f"--folder={installation.folder}", "-a", "--customer-executor-env-vars=CUSTOMER_PLACE=there")
    installation.run("job", "create", "spread", spread, *size, *spread_told)


def begin(installation: Installation, job: str) -> Run:
    """A run whose work is done but that waits in tasks."""
    written = installation.folder / "written"
    written.unlink(missing_ok=True)
    run = installation.put_in(job)

    def waits() -> bool:
        now = installation.engine.get_run(run.id)
        assert not now.finished, errors_of(installation, now)
        return written.exists()

    until(waits, "the run waits")
    return run


def demand_airlines(folder: Path) -> None:
    found = [json.loads(line) for part in folder.glob("part-*") for line in part.read_text().splitlines()]
    assert len(found) == 16
    assert {"code": "aa", "place": "there", "loud": "AA!"} in found


def demand_quiet(cluster: Cluster) -> None:
    """The master knows of no application that goes on, and its workers have all their cores again."""
    until(lambda: not cluster.active(), "the application is gone", 30)
    until(lambda: cluster.ask()["coresused"] == 0, "the cores are free", 30)


def errors_of(installation: Installation, run: Run) -> str:
    return f"{run.detail}\n{installation.run('job', 'logs', run.id, '--errors')}"
