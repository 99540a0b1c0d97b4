"""`isinglass demo`: the main job end to end on real flight records, told step by step."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from rich.rule import Rule

from api.cli.catalog import show_columns, show_differences
from api.cli.following import watch
from api.cli.job_runs import show_run
from api.cli.output import Output
from api.cli.reports import show_report
from api.core import Core, open_core
from api.services import Service, serving
from api.settings import Settings
from catalog.changes import diff
from catalog.errors import DomainError
from catalog.model import Database
from crawlers.model import Crawler, Target
from engine.errors import RunNotActive
from engine.model import BOOKMARK_ENABLE, BOOKMARK_OPTION, Job, Run
from engine.spark.java import find_java, java_home
from engine.spark.spark import catalog_conf, pyspark_home
from engine.states import RunState

SAMPLES = Path(__file__).parents[2] / "samples"
DATABASE = "demo"
JOB_NAME = "flight-delays"
MARK = ".isinglass-demo"

QUESTION = """{
  tables(database: "demo", first: 20) {
    edges { node { name version columns { name type } partitionKeys { name type } } }
  }
}"""

SQL = """
SELECT a.name AS airline, count(*) AS flights, round(avg(f.dep_delay), 1) AS mean_delay_minutes
FROM demo.flights f JOIN demo.airlines a ON f.carrier = a.carrier
WHERE f.year = '2013' AND f.month = '2'
GROUP BY a.name ORDER BY flights DESC LIMIT 5
"""

PLAIN_SPARK = """
import sys
from pyspark.sql import SparkSession
session = (SparkSession.builder.master("local[2]").appName("a plain Spark")
    .config("spark.hadoop.hive.metastore.uris", sys.argv[1]).config("spark.sql.warehouse.dir", sys.argv[2])
    .config("spark.ui.enabled", "false").config("spark.log.level", "ERROR")
    .config("spark.driver.bindAddress", "127.0.0.1").config("spark.driver.host", "127.0.0.1")
    .enableHiveSupport().getOrCreate())
session.sql(sys.argv[3]).show(truncate=False)
session.stop()
"""


class DemoFailed(DomainError):
    """The demo stopped at step "{step}": {why}"""


class FolderTaken(DomainError):
    """Folder {path} is not empty and not of an earlier demo; give another with --home."""


class Demo:
    """Works in `folder`, which is made anew; leaves the catalog and the data there to look at, and no process."""

    def __init__(self, folder: Path, out: Output) -> None:
        self.folder = folder
        self.out = out.narration()
        self.result = out
        self.lake = folder / "lake"
        self.step = 0
        self.times: list[tuple[str, float]] = []

    def run(self) -> None:
        self._make_folder()
        with self._telling("Lay out a lake and start the service"):
            shutil.copytree(SAMPLES / "lake", self.lake, copy_function=shutil.copyfile)
            settings = Settings(home=self.folder / "home", auth="off")
            core = open_core(settings, "demo")
            core.catalog.create_database(Database(DATABASE, "flights from New York, 2013"))
            self.out.say(f"  real flights from New York, 2013: {_count_files(self.lake)} files below {self.lake}")
        with core.home.locked(), serving(core, "127.0.0.1", 0, 0) as service:
            self.out.say(f"  GraphQL {service.endpoint}/graphql, Hive Metastore {service.metastore_uri}")
            service.worker.start()
            try:
                with core.home.announced(service.endpoint, service.metastore_uri):
                    self._tell(core, service)
            finally:
                self._end_runs(core)
                service.worker.stop()
        self._sum_up(core)

    def _end_runs(self, core: Core) -> None:
        """Where the demo broke off, its run would go on without it."""
        for run in core.engine.unfinished_runs():
            with suppress(RunNotActive):
                watch(core, core.engine.stop_run(run.id), self.out)

    def _tell(self, core: Core, service: Service) -> None:
        with self._telling("Crawl it: which tables are there?"):
            self._crawl(core)
        with self._telling("Ask the catalog over GraphQL"):
            self._ask(service)
        with self._telling("Query a crawled table from a plain Spark session, one month of it"):
            self._query(core, service)
        with self._telling("Run a Glue job: flights joined with airlines, to partitioned Parquet"):
            core.engine.create_job(
                Job(
                    JOB_NAME,
                    str(SAMPLES / "jobs" / "flight_delays.py"),
                    {
                        "--database": DATABASE,
                        "--output_path": f"file://{self.folder}/flight_delays/",
                        BOOKMARK_OPTION: BOOKMARK_ENABLE,
                    },
                )
            )
            self._run_job(core)
            show_columns(self.out, core.catalog.get_table(DATABASE, "flight_delays"), indent=2)
        with self._telling("Run it again: its bookmark knows every file"):
            self._run_job(core)
        with self._telling("April arrives, with a new column: crawl again"):
            source = SAMPLES / "grows"
            shutil.copytree(source, self.lake, dirs_exist_ok=True, copy_function=shutil.copyfile)
            before = core.catalog.get_table(DATABASE, "flights")
            self._crawl(core)
            after = core.catalog.get_table(DATABASE, "flights")
            self.out.say(f"  demo.flights went from version {before.version} to {after.version}:")
            show_differences(self.out, diff(before, after), indent=2)
        with self._telling("Run the job once more: only April is new"):
            self._run_job(core)

    def _make_folder(self) -> None:
        if self.folder.exists() and any(self.folder.iterdir()):
            if not (self.folder / MARK).exists():
                raise FolderTaken(path=self.folder)
            shutil.rmtree(self.folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / MARK).touch()

    @contextmanager
    def _telling(self, title: str) -> Iterator[None]:
        self.step += 1
        self.out.console.print(Rule(f"{self.step}. {title}", align="left", style="cyan"), width=80)
        began = time.monotonic()
        yield
        self.times.append((title, time.monotonic() - began))

    def _crawl(self, core: Core) -> None:
        run = core.engine.start_crawl(Crawler("demo", DATABASE, (Target(str(self.lake)),)))
        self._demand(watch(core, run, self.out))
        show_report(self.out, core.engine.get_report(run.id), indent=2)

    def _ask(self, service: Service) -> None:
        body = json.dumps({"query": QUESTION}).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{service.endpoint}/graphql", body, headers)  # noqa: S310 — our own address
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            data: dict[str, Any] = json.load(answer)
        if "errors" in data:
            raise DemoFailed(step="GraphQL", why=data["errors"][0]["message"])
        for line in QUESTION.splitlines():
            self.out.say(f"  {line}")
        cells = []
        for edge in data["data"]["tables"]["edges"]:
            node = edge["node"]
            keys = ", ".join(key["name"] for key in node["partitionKeys"])
            cells.append((node["name"], node["version"], len(node["columns"]), keys or "-"))
        self.out.grid(["table", "version", "columns", "partition keys"], cells, indent=2)

    def _query(self, core: Core, service: Service) -> None:
        java = find_java(core.settings.java_home)
        work = self.folder / "plain-spark"
        work.mkdir()
        self.out.say(f"  a Spark of its own on {java.name}, told only where the metastore is")
        for line in SQL.strip().splitlines():
            self.out.say(f"  {line}")
        environment = {name: value for name, value in os.environ.items() if not name.startswith("ISINGLASS_")} | {
            "JAVA_HOME": str(java_home(java, core.home.java)),
            "SPARK_HOME": str(pyspark_home()),
            "SPARK_LOCAL_DIRS": str(work),
            # For Spark's launcher as well, which SPARK_SUBMIT_OPTS does not reach.
            "JDK_JAVA_OPTIONS": f"-XX:-UsePerfData -Djava.io.tmpdir={shlex.quote(str(work))}",
            "PYSPARK_PYTHON": sys.executable,
        }
        warehouse = catalog_conf(service.metastore_uri, core.home.warehouse)["spark.sql.warehouse.dir"]
        command = [sys.executable, "-c", PLAIN_SPARK, service.metastore_uri, warehouse, SQL]
        with self.out.progress() as display:
            display.add_task("Spark", total=None)
            done = subprocess.run(command, cwd=work, env=environment, capture_output=True, text=True)
        if done.returncode:
            raise DemoFailed(step="plain Spark", why=done.stderr.strip().splitlines()[-1])
        for line in done.stdout.strip().splitlines():
            self.out.say(f"  {line}")
        shutil.rmtree(work)

    def _run_job(self, core: Core) -> None:
        run = watch(core, core.engine.start_job_run(JOB_NAME), self.out)
        show_run(core, self.out, run, indent=2)
        self._demand(run)

    def _demand(self, run: Run) -> None:
        if run.state is not RunState.SUCCEEDED:
            raise DemoFailed(step=run.subject or "crawl", why=run.detail or run.state)

    def _sum_up(self, core: Core) -> None:
        if not self.result.text:
            self.result.json({"folder": self.folder, "seconds": dict(self.times)})
        self.out.console.print(Rule("Done", align="left", style="cyan"), width=80)
        self.out.grid(["step", "seconds"], [*self.times, ("all", sum(seconds for _, seconds in self.times))], indent=2)
        self.out.say("")
        self.out.say(f"  Everything lies in {self.folder}. Look around:")
        home = f"--home {shlex.quote(str(core.home.path))}"
        for command in (
            f"isinglass table show demo.flights {home}",
            f"isinglass table diff demo.flights {home}",
            f"isinglass job runs {home}",
            f"isinglass bookmark show {JOB_NAME} {home}",
            f"isinglass serve {home}     # GraphQL on http://127.0.0.1:8765/graphql, Hive Metastore on 9083",
        ):
            self.out.say(f"    {command}")


def _count_files(folder: Path) -> int:
    return sum(1 for path in folder.rglob("*") if path.is_file())
