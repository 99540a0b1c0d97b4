"""What runs a job's script: waits for Spark's Java, then runs it as __main__, noting progress and why it failed.

Usage: python -P isinglass_driver.py SCRIPT [ARGUMENT]…, in the environment that the service prepares. It lives beside
awsglue, in the job's process, and imports nothing of the service. The script's own folder is not on the path: a script
may be called copy.py or json.py.
"""

from __future__ import annotations

import json
import os
import runpy
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import Any

POLL_SECONDS = 0.5
GATEWAY_PATIENCE_SECONDS = 120.0
LONGEST_CAUSE = 1_000
NO_S3 = (
    "Spark's connector to S3 (hadoop-aws) is not here. Put its jars into a folder and name that in ISINGLASS_JARS, or "
    "let Spark fetch them: ISINGLASS_MAVEN_REPOSITORY=https://repo1.maven.org/maven2"
)


def main() -> None:
    folder = Path(os.environ["ISINGLASS_RUN_FILE"]).parent
    script = sys.argv[1]
    sys.argv = [script, *sys.argv[2:]]
    note(folder / "progress.json", {"phase": "starting", "done": 0, "total": 0})
    import pyspark.sql  # noqa: F401  # while Java starts

    if not connected(Path(os.environ["_PYSPARK_DRIVER_CONN_INFO_PATH"])):
        words = f"Spark's Java did not start within {GATEWAY_PATIENCE_SECONDS:.0f} s; see the run's error log"
        note(folder / "failure.json", {"cause": words})
        sys.exit(words)
    note(folder / "progress.json", {"phase": "running", "done": 0, "total": 0})
    threading.Thread(target=watch, args=(folder / "progress.json",), daemon=True).start()
    try:
        runpy.run_path(script, run_name="__main__")
    except SystemExit as ended:
        if ended.code not in (None, 0):
            words = f"with exit code {ended.code}" if isinstance(ended.code, int) else f"by itself: {ended.code}"
            note(folder / "failure.json", {"cause": f"the script ended {words}"})
        raise
    except BaseException as error:
        note(folder / "failure.json", {"cause": cause(error, script)})
        raise
    finally:
        stop_spark()


def connected(info: Path) -> bool:
    """Wait until Java has written where it listens, and let pyspark find it there; False if it does not come."""
    deadline = time.monotonic() + GATEWAY_PATIENCE_SECONDS
    while not info.exists():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    with info.open("rb") as file:
        port = int.from_bytes(file.read(4), "big")
        length = int.from_bytes(file.read(4), "big")
        secret = file.read(length).decode()
    info.unlink()
    os.environ["PYSPARK_GATEWAY_PORT"], os.environ["PYSPARK_GATEWAY_SECRET"] = str(port), secret
    return True


def watch(target: Path) -> None:
    """Note how many tasks of the running stages are done, twice a second."""
    from pyspark import SparkContext

    last: dict[str, Any] = {}
    while True:
        time.sleep(POLL_SECONDS)
        context = SparkContext._active_spark_context
        if context is None:
            continue
        try:
            tracker = context.statusTracker()
            stages = [tracker.getStageInfo(stage) for stage in tracker.getActiveStageIds()]
        except Exception as error:  # the context may be stopping: Java's answer is then of any kind
            print(f"isinglass: no progress to tell: {error}", file=sys.stderr)
            return
        done = sum(stage.numCompletedTasks for stage in stages if stage)
        total = sum(stage.numTasks for stage in stages if stage)
        now = {"phase": "running", "done": done, "total": total}
        if now != last:
            note(target, now)
            last = now


def cause(error: BaseException, script: str) -> str:
    """One line that says what went wrong and where in the script."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == script]
    where = f" (line {lines[-1]} of the script)" if lines else ""
    if "Class org.apache.hadoop.fs.s3a.S3AFileSystem not found" in str(error):
        return NO_S3 + where
    return f"{type(error).__name__}: {essence(str(error))}".rstrip(": ") + where


def essence(text: str) -> str:
    """The line of a message that matters; of a failure in a Python worker or in Java, what was raised there."""
    lines = [line for line in text.splitlines() if line.strip()]
    if "Traceback (most recent call last):" in lines:
        lines = [line for line in lines if not line[0].isspace()][-1:]
    elif len(lines) > 1 and lines[1].startswith(": "):
        lines = [lines[1][2:]]
    return lines[0].strip()[:LONGEST_CAUSE] if lines else ""


def stop_spark() -> None:
    """End the context, so that its event log is whole; a script need not do it."""
    from pyspark import SparkContext

    context = SparkContext._active_spark_context
    if context is not None:
        context.stop()


def note(target: Path, content: dict[str, Any]) -> None:
    part = target.with_name(f".{target.name}")
    part.write_text(json.dumps(content))
    part.replace(target)


if __name__ == "__main__":
    main()
