"""The main job's stages: install, crawl, GraphQL answer, Hive get_table, job start to first row.

    python -m benchmarks.stages [--without-install]

Works in build/bench, which it makes anew.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import pyarrow.csv
import pyarrow.json
import pyarrow.parquet
import thriftpy2.protocol
import thriftpy2.transport
from sqlalchemy import text
from thriftpy2.thrift import TMessageType
from thriftpy2.transport import TCyBufferedTransport

from api import logs
from api.core import Core, open_core
from api.hive.methods import method
from api.services import Service, serving
from api.settings import Settings
from benchmarks.measure import Cost, Stage, cost_of, each, median_cost, show
from catalog.db import reading
from catalog.model import Database
from crawlers.crawl import crawl
from crawlers.model import Crawler, Target
from engine.model import Job
from engine.spark.java import find_java, java_home
from engine.spark.spark import pyspark_home
from engine.states import RunState

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "build" / "bench"
PARTITIONS = 300

# thriftpy2's methods carry no types.
_SOCKET: Any = thriftpy2.transport.TSocket
_PROTOCOL: Any = thriftpy2.protocol.TCyBinaryProtocol

FIRST_ROW = """
import sys, time
from pyspark.sql import SparkSession
session = SparkSession.builder.getOrCreate()
session.range(1).collect()
open(sys.argv[sys.argv.index("--mark") + 1], "w").write(str(time.time()))
"""

TABLES = """{ tables(database: "bench", first: 20) { edges { node { name version columns { name type } } } } }"""


def main() -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    logs.configure(logging.WARNING)
    stages = []
    if "--without-install" not in sys.argv:
        say("installing into a fresh environment …")
        stages.append(install())
    core = open_core(Settings(home=FOLDER / "home"), "bench")
    core.catalog.create_database(Database("bench"))
    say(f"laying out a lake of {3 * PARTITIONS} files …")
    lake()
    stages.append(crawling(core))
    with serving(core, "127.0.0.1", 0, 0) as service:
        service.worker.start()
        stages.append(graphql(core, service))
        stages.append(hive_get_table(core, service))
        say("starting Spark jobs …")
        stages.append(first_row(core))
        service.worker.stop()
    show(stages)
    shutil.rmtree(FOLDER)


def say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def install() -> Stage:
    """The environment that `make demo` makes; the peer is the same with Spark alone, most of its bytes."""

    def environment(name: str, *packages: str) -> None:
        folder = FOLDER / name
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([folder / "bin" / "pip", "install", "-q", *packages], check=True, cwd=ROOT)
        shutil.rmtree(folder)

    ours = cost_of(lambda: environment("ours", "."))
    peer = cost_of(lambda: environment("peer", "pyspark==4.3.0"))
    return Stage("install", ours, "pip install pyspark", peer, by="wall")


def lake() -> None:
    """Three tables, a file a partition: CSV, JSON lines and Parquet, out of the samples' rows."""
    samples = ROOT / "samples" / "lake"
    csv = (samples / "flights/year=2013/month=1/day-01.csv").read_text().splitlines(keepends=True)
    lines = (samples / "weather/EWR.json").read_text().splitlines(keepends=True)
    planes = pyarrow.parquet.read_table(samples / "planes/planes.parquet")
    for part in range(PARTITIONS):
        for name in ("flights", "weather", "planes"):
            (FOLDER / "lake" / name / f"part={part}").mkdir(parents=True)
        (FOLDER / f"lake/flights/part={part}/rows.csv").write_text("".join([csv[0], *csv[1 + part : 51 + part]]))
        (FOLDER / f"lake/weather/part={part}/rows.json").write_text("".join(lines[part : part + 50]))
        pyarrow.parquet.write_table(planes.slice(part, 50), FOLDER / f"lake/planes/part={part}/rows.parquet")


def crawling(core: Core) -> Stage:
    """Every file read, the catalog written; the peer is PyArrow told format and dialect, reading the same files."""
    ours = cost_of(lambda: crawl(Crawler("bench", "bench", (Target(str(FOLDER / "lake")),)), core.catalog))

    def peer() -> None:
        for path in sorted((FOLDER / "lake").rglob("rows.*")):
            match path.suffix:
                case ".csv":
                    pyarrow.csv.open_csv(path).read_all()
                case ".json":
                    pyarrow.json.read_json(path)
                case _:
                    pyarrow.parquet.read_schema(path)

    return Stage(f"crawl, {3 * PARTITIONS} files", ours, "PyArrow reading them, told how", median_cost(peer, 3))


def graphql(core: Core, service: Service) -> Stage:
    """Tables with columns over HTTP; the peer is the SQL beneath."""
    body = json.dumps({"query": TABLES}).encode()

    def ask() -> None:
        request = urllib.request.Request(f"{service.endpoint}/graphql", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request) as answer:
            found = json.load(answer)
        assert len(found["data"]["tables"]["edges"]) == 3, found

    def peer() -> None:
        with reading(core.catalog.engine) as connection:
            connection.execute(text("SELECT name, body FROM tables ORDER BY name LIMIT 20")).all()

    return Stage("GraphQL answer", each(ask, 200), "its SQL alone", each(peer, 200), by="wall")


def hive_get_table(core: Core, service: Service) -> Stage:
    """get_table over Thrift; the peer is the same read in process."""
    called = method("get_table")
    port = int(service.metastore_uri.rpartition(":")[2])
    transport = TCyBufferedTransport(_SOCKET("127.0.0.1", port))
    transport.open()
    protocol = _PROTOCOL(transport)

    def ask() -> None:
        protocol.write_message_begin("get_table", TMessageType.CALL, 1)
        protocol.write_struct(called.arguments(dbname="bench", tbl_name="flights"))
        transport.flush()
        protocol.read_message_begin()
        answer: Any = called.answer()
        protocol.read_struct(answer)
        assert answer.success.tableName == "flights", answer

    ours, peer = each(ask, 500), each(lambda: core.catalog.get_table("bench", "flights"), 500)
    transport.close()
    return Stage("Hive get_table", ours, "Catalog.get_table", peer, by="wall")


def first_row(core: Core) -> Stage:
    """From startJobRun to the script's first row of Spark; the peer is the script started by hand, Spark's defaults."""
    script = FOLDER / "first_row.py"
    script.write_text(FIRST_ROW)
    mark = FOLDER / "mark"
    core.engine.create_job(Job("first-row", str(script), {"--mark": str(mark)}))

    def ours() -> Cost:
        began = time.time()
        run = core.engine.start_job_run("first-row")
        cost = cost_of(lambda: wait(core, run.id))
        return Cost(float(mark.read_text()) - began, cost.cpu)

    def peer() -> Cost:
        java = find_java()
        home = {"JAVA_HOME": str(java_home(java, FOLDER / "java")), "SPARK_HOME": str(pyspark_home())}
        began = time.time()
        command = [sys.executable, str(script), "--mark", str(mark)]
        cost = cost_of(
            lambda: subprocess.run(
                command, check=True, env={**os.environ, **home}, stderr=subprocess.DEVNULL, cwd=FOLDER
            )
        )
        return Cost(float(mark.read_text()) - began, cost.cpu)

    pairs = [(ours(), peer()) for _ in range(3)]
    mine, other = ([pair[at] for pair in pairs] for at in (0, 1))
    return Stage("job start to first row", median(mine), "python script.py", median(other), by="wall")


def median(costs: list[Cost]) -> Cost:
    return sorted(costs, key=lambda cost: cost.wall)[len(costs) // 2]


def wait(core: Core, run_id: str) -> None:
    while not (run := core.engine.get_run(run_id)).finished:
        time.sleep(0.05)
    if run.state is not RunState.SUCCEEDED:
        raise SystemExit(f"run {run_id} {run.state}: {run.detail}")


if __name__ == "__main__":
    main()
