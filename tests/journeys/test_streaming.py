"""A streaming job: it runs until it is stopped, ends its queries politely, and goes on where it was."""

from __future__ import annotations

import json
from pathlib import Path

from engine.model import Run
from engine.states import RunState
from tests.journeys.installation import Installation, until

STREAM = """
import json, sys
from awsglue.context import GlueContext
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext

args = getResolvedOptions(sys.argv, ["seen", "checkpoint"])
glue = GlueContext(SparkContext.getOrCreate())
rate = glue.spark_session.readStream.format("rate").option("rowsPerSecond", 20).load()

def note(batch, number):
    values = sorted(row.value for row in batch.collect())
    with open(args["seen"], "a") as file:
        file.write(json.dumps(values) + "\\n")
    print("batch", number, flush=True)

try:
    options = {"windowSize": "300 milliseconds", "checkpointLocation": args["checkpoint"]}
    glue.forEachBatch(frame=rate, batch_function=note, options=options)
finally:
    print("closed")
"""


def values_of(seen: Path) -> list[int]:
    return [value for line in seen.read_text().splitlines() for value in json.loads(line)]


def test_a_stream_runs_until_it_is_stopped_and_the_next_run_goes_on_where_it_was(installation: Installation) -> None:
    seen, script = installation.folder / "seen", installation.folder / "stream.py"
    script.write_text(STREAM)
    arguments = {"seen": str(seen), "checkpoint": str(installation.folder / "checkpoint")}
    installation.run("job", "create", "stream", script, "--command", "gluestreaming")
    installation.serve()

    def some_batches(run: Run, more_than: int) -> None:
        until(lambda: seen.exists() and len(values_of(seen)) > more_than, "the stream has batches")
        installation.run("job", "stop", run.id)
        ended = installation.await_end(run)
        assert (ended.state, ended.detail) == (RunState.STOPPED, "stopped on request")
        assert installation.run("job", "logs", run.id).endswith("closed\n")
        assert installation.processes_of(run) == {}

    some_batches(installation.put_in("stream", **arguments), 0)
    some_batches(installation.put_in("stream", **arguments), len(values_of(seen)))
    values = values_of(seen)
    assert values == list(range(len(values))), "each row once, in both runs together"
