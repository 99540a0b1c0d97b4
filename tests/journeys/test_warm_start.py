"""A job in a Java that the service has kept warm, beside the same job in a new one; and a service that is killed."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

from engine.model import Job, Run
from engine.states import RunState
from tests.journeys.installation import Installation, until

# What a script can see of the session that it is in, and of what was there before it.
SCRIPT = """
import json, os, pathlib, sys, time
from awsglue.utils import getResolvedOptions
from pyspark.sql import SparkSession
session = SparkSession.builder.getOrCreate()
java = session.sparkContext._jvm
seen = {
    "conf": dict(session.sparkContext.getConf().getAll()),
    "session": {row.key: row.value for row in session.sql("set").collect()},
    "hadoop": java.org.apache.spark.deploy.SparkHadoopUtil.get().conf().get("fs.s3.impl"),
    "properties": sorted(java.java.lang.System.getProperties().stringPropertyNames()),
    "databases": [row[0] for row in session.sql("show databases").collect()],
    "tables": [row[1] for row in session.sql("show tables").collect()],
    "work": sorted(os.listdir(".")),
    "worker": session.sparkContext.parallelize([0], 1).map(lambda _: os.getcwd()).collect(),
    "temporary": java.java.io.File.createTempFile("look", "").getParentFile().getCanonicalPath(),
    "here": os.getcwd(),
}
print(json.dumps(seen), flush=True)
print("a warning", file=sys.stderr)
go = pathlib.Path(getResolvedOptions(sys.argv, ["go"])["go"])
while not go.exists():
    time.sleep(0.02)
"""
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# What differs from run to run, and between two Javas.
OWN = (
    "spark.app.id",
    "spark.app.startTime",
    "spark.app.submitTime",
    "spark.driver.port",
    "spark.hadoop.hive.metastore.uris",
)


def seen_by(installation: Installation, run: Run) -> dict[str, object]:
    text = (installation.home / "runs" / run.id / "output.log").read_text()
    seen = json.loads(_UUID.sub("UUID", text.replace(run.id, "RUN")))
    seen["work"].sort()  # anew, without the ids in them
    for settings in (seen["conf"], seen["session"]):
        for name in OWN:
            settings.pop(name, None)
    return dict(seen)


def await_look(installation: Installation, run: Run) -> None:
    def looked() -> bool:
        now = installation.engine.get_run(run.id)
        assert not now.finished, now.detail
        log = installation.home / "runs" / run.id / "output.log"
        return log.exists() and log.read_text().endswith("\n")

    until(looked, "the script has looked")


def kept_by(installation: Installation) -> set[Path]:
    """The folders of the Javas that are, or will be, ready."""
    return {note.parent for note in installation.home.glob("warm/*/process.json")}


def of(folder: Path) -> list[str]:
    """The living processes that have the folder in their environment or command."""
    mark, found = os.fsencode(folder), []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                told = (entry / "environ").read_bytes() + (entry / "cmdline").read_bytes()
            except OSError:  # it has ended, or is not ours
                continue
            if mark in told:
                found.append(entry.name)
    return found


def test_a_job_in_a_warm_java_sees_what_one_in_a_new_java_sees_and_outlives_a_killed_service(
    installation: Installation,
) -> None:
    go = installation.folder / "go"
    job = Job("look", "look.py", {"--go": str(go), "--enable-glue-datacatalog": ""}, script_text=SCRIPT)
    service = installation.serve(warm_jvms=1)
    installation.engine.create_job(job)
    until(lambda: list(installation.home.glob("warm/*/ready")), "a Java is warm")
    [warm] = kept_by(installation)
    run = installation.put_in("look")
    await_look(installation, run)
    until(lambda: kept_by(installation) - {warm}, "another Java is warmed")
    [next_one] = kept_by(installation) - {warm}

    service.kill()
    until(lambda: not of(next_one), "the Java that waits ends with the service")
    assert of(warm)
    assert installation.processes_of(run)
    installation.serve()
    assert not next_one.exists()
    go.touch()
    assert installation.await_end(run).state is RunState.SUCCEEDED
    assert not of(warm)
    assert not warm.exists()
    assert "a warning\n" in (installation.home / "runs" / run.id / "error.log").read_text()

    cold = installation.await_end(installation.put_in("look"))
    assert cold.state is RunState.SUCCEEDED
    assert seen_by(installation, run) == seen_by(installation, cold)
