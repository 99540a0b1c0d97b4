"""What runs a job's script with Spark: waits for Spark's Java, then runs it, noting progress; see isinglass_script.

Usage: python -P isinglass_driver.py SCRIPT, in the environment that the service prepares.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from isinglass_script import PROGRESS, begin, run_script, tell, tell_failure
from isinglass_watching import Watching

GATEWAY_PATIENCE_SECONDS = 120.0
BATCH_PATIENCE_SECONDS = 5.0


def main() -> None:
    folder = begin()
    tell(folder / PROGRESS, phase="starting")
    import pyspark.sql  # noqa: F401  # while Java starts

    if not connected(Path(os.environ["_PYSPARK_DRIVER_CONN_INFO_PATH"])):
        words = f"Spark's Java did not start, or not within {GATEWAY_PATIENCE_SECONDS:.0f} s; see the run's error log"
        tell_failure(folder, words)
        sys.exit(words)
    begun_at = time.time()
    tell(folder / PROGRESS, phase="running", begun_at=begun_at)
    watching = Watching(folder / PROGRESS, begun_at)
    watching.start()
    run_script(sys.argv[0], folder, afterwards=lambda: stop_spark(watching), parting=end_streams)


def connected(info: Path) -> bool:
    """Wait until Java has written where it listens, and let pyspark find it there; False if it does not come."""
    deadline = time.monotonic() + GATEWAY_PATIENCE_SECONDS
    while not info.exists():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    if info.stat().st_size == 0:
        return False
    with info.open("rb") as file:
        port = int.from_bytes(file.read(4), "big")
        length = int.from_bytes(file.read(4), "big")
        secret = file.read(length).decode()
    info.unlink()
    os.environ["PYSPARK_GATEWAY_PORT"], os.environ["PYSPARK_GATEWAY_SECRET"] = str(port), secret
    return True


def end_streams() -> bool:
    """End the streams that run, each after the batch that it is in if that is a short one; False if there are none."""
    from pyspark.sql import SparkSession

    session = SparkSession._instantiatedSession
    try:
        queries = session.streams.active if session is not None else []
        glue = sys.modules.get("awsglue._streaming")
        if queries and glue is not None:
            glue.ending.set()
        deadline = time.monotonic() + BATCH_PATIENCE_SECONDS
        while any(each.status["isTriggerActive"] for each in queries) and time.monotonic() < deadline:
            time.sleep(0.02)
        for each in queries:
            each.stop()
    except Exception as error:  # of a Java that is gone, the answer is of any kind
        print(f"isinglass: the streams are not ended: {error}", file=sys.stderr)
        return False
    return bool(queries)


def stop_spark(watching: Watching) -> None:
    """End the context, so that its event log is whole; a script need not do it."""
    from pyspark import SparkContext

    context = SparkContext._active_spark_context
    if context is None:
        return
    end_streams()
    watching.look()
    context.stop()


if __name__ == "__main__":
    main()
