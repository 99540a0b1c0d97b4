"""A cluster of Spark's own, out of pyspark's jars: a master and two workers, on loopback, in a folder of their own."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from engine.spark.java import find_java
from engine.spark.spark import flags, pyspark_home
from tests.journeys.installation import until

HOST = "127.0.0.1"
WORKERS, CORES, MEMORY = 2, 2, "10g"


@dataclass
class Cluster:
    """`master` as Spark spells it; `pages` is where the master tells of itself."""

    folder: Path
    master: str
    pages: str
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def ask(self) -> dict[str, Any]:
        found: dict[str, Any] = httpx.get(f"{self.pages}/json/", timeout=30).json()
        return found

    def active(self) -> list[str]:
        """The applications that the master has not seen the end of."""
        return [application["name"] for application in self.ask()["activeapps"]]

    def start(self, kind: str, *words: object) -> None:
        java = find_java()
        environment = {
            **os.environ,
            "SPARK_HOME": str(pyspark_home()),
            "SPARK_SCALA_VERSION": "2.13",
            "SPARK_LOCAL_IP": HOST,
            "SPARK_LOCAL_DIRS": str(self.folder / "local"),
        }
        program = f"org.apache.spark.deploy.{kind.lower()}.{kind}"
        quick = ["-Xmx512m", "-XX:TieredStopAtLevel=1", f"-Djava.io.tmpdir={self.folder}"]
        command = [str(java.command), *quick, *flags(java), "-cp", f"{pyspark_home() / 'jars'}/*", program]
        with (self.folder / "cluster.log").open("ab") as log:
            process = subprocess.Popen(
                [*command, *map(str, words)], env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )
        self.processes.append(process)

    def answers(self) -> bool:
        assert all(process.poll() is None for process in self.processes), (self.folder / "cluster.log").read_text()
        try:
            return len([worker for worker in self.ask()["workers"] if worker["state"] == "ALIVE"]) == WORKERS
        except httpx.TransportError:
            return False

    def await_workers(self) -> None:
        until(self.answers, "the cluster has its workers", 60)


@contextmanager
def standalone(folder: Path) -> Iterator[Cluster]:
    """It may still be starting: see `await_workers`."""
    folder.mkdir()
    port, page = free_ports(2)
    cluster = Cluster(folder, f"spark://{HOST}:{port}", f"http://{HOST}:{page}")
    try:
        cluster.start("Master", "--host", HOST, "--port", port, "--webui-port", page)
        for number in range(WORKERS):
            sizes = ["--cores", CORES, "--memory", MEMORY, "--work-dir", folder / f"worker {number}"]
            cluster.start("Worker", "--host", HOST, "--port", 0, "--webui-port", 0, *sizes, cluster.master)
        yield cluster
    finally:
        for process in reversed(cluster.processes):
            process.terminate()
        for process in cluster.processes:
            process.wait(30)


def free_ports(count: int) -> list[int]:
    found = [socket.create_server((HOST, 0)) for _ in range(count)]
    ports = [int(each.getsockname()[1]) for each in found]
    for each in found:
        each.close()
    return ports
