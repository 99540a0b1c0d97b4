"""The Hive Metastore that everybody runs: Hive's own, in Java, out of pyspark's jars, over an embedded Derby.

    with java_metastore(folder) as peer:
        Client(peer.port)

Starting takes 10 to 30 seconds. All it writes lies below the folder: its database, logs and temporary files.
"""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from api.hive.client import Client
from engine.spark.java import find_java
from engine.spark.spark import pyspark_home

START_SECONDS = 180
STOP_SECONDS = 20

# Where Hive 2 reaches into a Java that has modules.
_OPENED = ("java.lang", "java.net", "java.nio", "java.util", "java.util.concurrent")

# Warnings alone: what Hive says of each call by default would be counted as its work.
_LOGGING = """\
rootLogger.level = WARN
rootLogger.appenderRef.console.ref = console
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d %p %c{1}: %m%n
"""


@dataclass(frozen=True)
class JavaMetastore:
    """A running metastore. `warehouse` is the folder in which it makes databases and managed tables."""

    port: int
    pid: int
    warehouse: Path


@contextmanager
def java_metastore(
    folder: Path, heap: str = "2g", settings: Mapping[str, str] | None = None, java_options: Sequence[str] = ()
) -> Iterator[JavaMetastore]:
    """Hive's metastore over an empty database in `folder`, answering; stopped in the end.

    Raises RuntimeError with the end of its log if it does not start. It listens on every address, because Hive 2 cannot
    be told otherwise.
    """
    warehouse, port = folder / "warehouse", _free_port()
    for each in (folder / "tmp", folder / "conf", warehouse):
        each.mkdir(parents=True, exist_ok=True)
    _configure(folder, warehouse, settings or {})
    log = folder / "metastore.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            _command(folder, port, [f"-Xmx{heap}", *java_options]),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        _wait(process, port, log)
        yield JavaMetastore(port, process.pid, warehouse)
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _configure(folder: Path, warehouse: Path, others: Mapping[str, str]) -> None:
    settings = {
        "javax.jdo.option.ConnectionURL": f"jdbc:derby:;databaseName={folder / 'derby'};create=true",
        "javax.jdo.option.ConnectionDriverName": "org.apache.derby.jdbc.EmbeddedDriver",
        "datanucleus.schema.autoCreateAll": "true",
        "datanucleus.connectionPoolingType": "HikariCP",  # Hive's default, BoneCP, is not among Spark's jars
        "hive.metastore.schema.verification": "false",
        "hive.metastore.direct.sql.batch.size": "1000",  # Derby cannot compile a list of 100,000 keys
        "hive.async.log.enabled": "false",  # or it needs a jar that Spark lacks
        "hive.metastore.warehouse.dir": warehouse.as_uri(),
        **others,
    }
    properties = "".join(
        f"<property><name>{name}</name><value>{escape(value)}</value></property>\n" for name, value in settings.items()
    )
    (folder / "conf" / "hive-site.xml").write_text(f"<configuration>\n{properties}</configuration>\n")
    (folder / "conf" / "hive-log4j2.properties").write_text(_LOGGING)


def _command(folder: Path, port: int, options: Sequence[str]) -> list[str]:
    return [
        str(find_java().command),
        "-cp",
        os.pathsep.join([str(folder / "conf"), f"{pyspark_home() / 'jars'}/*"]),
        *options,
        "-XX:-UsePerfData",
        f"-XX:ErrorFile={folder / 'fatal.log'}",
        f"-Djava.io.tmpdir={folder / 'tmp'}",
        f"-Duser.home={folder}",
        f"-Dderby.stream.error.file={folder / 'derby.log'}",
        *(f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in _OPENED),
        "org.apache.hadoop.hive.metastore.HiveMetaStore",
        "-p",
        str(port),
    ]


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Until it lists its databases: it takes connections long before."""
    until = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < until:
        try:
            with Client(port) as client:
                if client.call("get_all_databases") == ["default"]:
                    return
        except OSError:
            time.sleep(0.25)
    raise RuntimeError(f"The Java metastore did not start:\n{log.read_text(errors='replace')[-4_000:]}")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        found: int = listener.getsockname()[1]
    return found
