"""A supervisor that has its Java already: started and warmed before there is a run, and given to the first that comes.

Usage: python -P -m engine.spark.pooled FOLDER, on the leash (engine.running.leash) of the service that keeps it. FOLDER
is laid out like a run's. It says `ready` on its output, and is told a run's folder on its input. From then on it is
that run's supervisor like any other, without the service; Java has FOLDER's name in its memory, so what is in it
becomes links to the run's own.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from py4j.java_gateway import GatewayParameters, JavaGateway

from engine.running.leash import await_child, hear
from engine.running.logs import ERROR_LOG, OUTPUT_LOG
from engine.running.notes import read_note, write_whole
from engine.running.processes import identity
from engine.running.supervisor import LAUNCH, Supervisor

PROCESS = "process.json"
READY = "ready"
_LOOK_SECONDS = 1.0
_LOWER = 10
_GATEWAY = "gateway"
_OF_JAVA = ("artifacts-", "spark-")  # folders that Spark's classes make once and use as long as Java lives
RUN_NOTE, ARCHIVE_LOG = "contact.json", "archive.log"


class PooledSupervisor(Supervisor):
    """`java` has been warmed in `kept`, and its gateway is what the file of that name said."""

    def __init__(self, folder: Path, kept: Path, java: subprocess.Popen[bytes], gateway: bytes) -> None:
        super().__init__(folder, f"ISINGLASS_RUN_FILE={kept / RUN_NOTE}")
        self.warmed = java
        self.gateway = gateway

    def start_java(self, output: Any, error: Any) -> subprocess.Popen[bytes] | None:
        """The Java that waits, now with the run's settings; a new one if it has died."""
        if self.warmed.poll() is None:
            try:
                set_conf(self.gateway, self.folder / "spark.conf")
                (self.folder / "work" / _GATEWAY).write_bytes(self.gateway)
                return self.warmed
            except Exception as fault:  # of a Java that dies the answer is of any kind
                error.write(f"isinglass: the warmed Java cannot be used: {fault}\n".encode())
                error.flush()
        self.end(self.warmed)
        return super().start_java(output, error)


def set_conf(gateway: bytes, properties: Path) -> None:
    """Make Spark's settings those of the file, as its own start does: they are properties of Java's system."""
    port, secret = int.from_bytes(gateway[:4], "big"), gateway[8:].decode()
    connection = JavaGateway(gateway_parameters=GatewayParameters(port=port, auth_token=secret))
    spark = connection.jvm.org.apache.spark
    utils = getattr(getattr(spark.util, "Utils$"), "MODULE$")
    system = connection.jvm.java.lang.System
    system.setProperty("spark.app.submitTime", str(int(time.time() * 1000)))
    system.setProperty("spark.submit.deployMode", "client")
    system.setProperty("spark.submit.pyFiles", "")
    utils.loadDefaultSparkProperties(spark.SparkConf(False), str(properties))
    hadoop = spark.deploy.SparkHadoopUtil.get()
    hadoop.appendS3AndSparkHadoopHiveConfigurations(spark.SparkConf(True), hadoop.conf())
    connection.close()


def main(kept: Path) -> None:
    write_whole(kept / PROCESS, {"process": identity(os.getpid())})
    launch = read_note(kept / LAUNCH) or {}
    (kept / LAUNCH).unlink()  # keys of S3 may be in it
    lowered = may_raise()
    if lowered:
        os.nice(_LOWER)
    with (kept / OUTPUT_LOG).open("ab") as output, (kept / ERROR_LOG).open("ab") as error:

        def start(command: list[str], stdin: int) -> subprocess.Popen[bytes]:
            return subprocess.Popen(
                command, cwd=launch["cwd"], env=launch["env"], stdin=stdin, stdout=output, stderr=error
            )

        java = start(launch["java"], subprocess.PIPE)
        gateway = read_gateway(kept, java)
        if await_child(start(launch["warming"], subprocess.DEVNULL)) != 0:
            sys.exit("Java could not be warmed")
    for path in (kept / "work").iterdir():
        if not path.name.startswith(_OF_JAVA):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    (kept / READY).touch()
    print(READY, flush=True)  # noqa: T201 — the service listens
    folder = None
    while folder is None:
        folder = hear(_LOOK_SECONDS)
        if folder is None and java.poll() is not None:
            sys.exit("Java has ended")
    if lowered:
        raise_again(os.getpid(), java.pid)
    supervisor = PooledSupervisor(Path(folder), kept, java, gateway)
    if supervisor.begin():
        move_in(kept, Path(folder))
        supervisor.carry_out()
    shutil.rmtree(kept, ignore_errors=True)


def read_gateway(kept: Path, java: subprocess.Popen[bytes]) -> bytes:
    """Where Java listens, and its secret, for the run's Python to find later; the warming takes the file away."""
    note = kept / "work" / _GATEWAY
    while not note.exists():
        hear(0.05)
        if java.poll() is not None:
            sys.exit("Java did not start")
    return note.read_bytes()


def move_in(kept: Path, run: Path) -> None:
    """Make the names that Java knows those of the run's own log, folder and note.

    Java and its Python workers stand in the kept folder of work: it is that very folder that the run gets.
    """
    for path in (run / "work").iterdir():
        path.rename(kept / "work" / path.name)
    (run / "work").rmdir()
    (kept / "work").rename(run / "work")
    (kept / "work").symlink_to(run / "work")
    (kept / RUN_NOTE).symlink_to(run / RUN_NOTE)
    if (kept / ARCHIVE_LOG).exists():
        (kept / ARCHIVE_LOG).rename(run / ARCHIVE_LOG)
    for name in (OUTPUT_LOG, ERROR_LOG):  # Java appends to both
        said = (run / name).read_bytes() if (run / name).exists() else b""
        os.truncate(kept / name, 0)
        with (kept / name).open("ab") as log:
            log.write(said)
        (kept / name).rename(run / name)


def may_raise() -> bool:
    """Whether a process that has lowered its priority can have it back: else a job would run at the low one."""
    if not Path("/proc/self/status").exists():
        return False
    capabilities = dict(
        line.split(":\t") for line in Path("/proc/self/status").read_text().splitlines() if ":\t" in line
    )
    return bool(int(capabilities.get("CapEff", "0"), 16) >> 23 & 1)  # CAP_SYS_NICE


def raise_again(*processes: int) -> None:
    """Priority is a thread's own on Linux, so that of each is raised."""
    for process in processes:
        for thread in Path(f"/proc/{process}/task").iterdir():
            with contextlib.suppress(ProcessLookupError):
                os.setpriority(os.PRIO_PROCESS, int(thread.name), 0)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
