"""Spark's own UI: of a run while it lasts, and afterwards by Spark's history server on the run's event log."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from engine.jobs.arguments import is_on
from engine.spark.event_log import EVENTS
from engine.spark.java import Java
from engine.spark.spark import flags, pyspark_home

LOOPBACK = "127.0.0.1"
_HEAP = "-Xmx1g"


def ui_conf(arguments: Mapping[str, str]) -> dict[str, str]:
    """Spark's settings for a run's UI, if it asks for one: on a free port, without the links that end its work."""
    if not is_on(arguments, "--enable-spark-ui"):
        return {}
    return {"spark.ui.enabled": "true", "spark.ui.port": "0", "spark.ui.killEnabled": "false"}


def start_history_server(java: Java, run: Path, port: int, folder: Path) -> subprocess.Popen[bytes]:
    """Spark's history server on the event log of the run in folder `run`; it ends with this process.

    It listens on this machine alone. `folder` is its own: what it has to say is in its server.log.
    """
    properties = folder / "server.conf"
    settings = {
        "spark.history.fs.logDirectory": f"file://{run / EVENTS}",  # Hadoop decodes no %20
        "spark.history.ui.port": str(port),
        "spark.history.fs.cleaner.enabled": "false",
    }
    properties.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
    own = {"SPARK_HOME": str(pyspark_home()), "SPARK_SCALA_VERSION": "2.13", "SPARK_LOCAL_IP": LOOPBACK}
    command = [
        *(str(java.command), _HEAP, f"-Djava.io.tmpdir={folder}", *flags(java), "-cp", f"{pyspark_home() / 'jars'}/*"),
        *("org.apache.spark.deploy.history.HistoryServer", "--properties-file", str(properties)),
    ]
    with (folder / "server.log").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "engine.running.leash", *command],
            env=os.environ | own,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
