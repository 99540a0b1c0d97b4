"""What a crawl costs beside the best single reader of each kind, in one run; CPU seconds first.

    python -m benchmarks.crawl [--s3] [--spark] [--million]

Works in build/bench-crawl, which it makes anew and takes away. `--s3` starts a SeaweedFS, `--spark` lets Spark infer
the same lake (two minutes), `--million` lists a million files that are made for it.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import fsspec
import msgspec
import pyarrow.csv
import pyarrow.json
import pyarrow.parquet
from sqlalchemy import event

from api import logs
from benchmarks import crawl_lake
from benchmarks.goals import Fact, Line, beside, say, show
from benchmarks.measure import Cost, cost_of
from catalog.catalog import Catalog
from catalog.db import connect, sqlite_url
from catalog.model import Database, Origin
from crawlers.answers import Answers, answers
from crawlers.crawl import crawl, survey
from crawlers.listing import list_files
from crawlers.model import Crawler, Target
from crawlers.places import open_place
from crawlers.surveys import Survey
from engine.crawling.spark_answers import SparkAnswers
from tests.engine.crawling.recrawling import Recrawler

FOLDER = Path(__file__).parents[1] / "build" / "bench-crawl"
_NOON = datetime(2024, 1, 1, 12, tzinfo=UTC)
_WRITES = re.compile(r"\s*(INSERT INTO|UPDATE|DELETE FROM) (databases|tables|table_versions|partition\w*)\b", re.I)


def main() -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    logs.configure(logging.WARNING)
    say(f"laying out a lake of {crawl_lake.COUNT} files …")
    crawl_lake.build(FOLDER / "lake")
    found: list[Line | Fact] = [*listing(), *formats(), *whole()]
    if "--s3" in sys.argv:
        from benchmarks import crawl_s3

        say("the same from S3 …")
        found += crawl_s3.lines(FOLDER)
    if "--spark" in sys.argv:
        say("Spark infers the lake …")
        found += spark()
    if "--million" in sys.argv:
        found += million()
    show(found)
    shutil.rmtree(FOLDER)


def listing() -> list[Line]:
    say("listing …")
    lake = str(FOLDER / "lake")
    ours, scan, find = beside(
        lambda: sum(len(folder.files) for folder in list_files(open_place(lake), ())),
        lambda: _scan(lake),
        lambda: fsspec.filesystem("file", skip_instance_cache=True).find(lake, detail=True),
    )
    return [
        Line("list 20,000 files", ours, "os.scandir walker", scan, 2.0),
        Line("list 20,000 files", ours, "fsspec find", find, 0.5, "wall"),
    ]


def _scan(path: str) -> int:
    found = 0
    with os.scandir(path) as entries:
        for entry in entries:
            if entry.is_dir():
                found += _scan(entry.path)
            else:
                found += entry.stat().st_size > 0
    return found


def formats() -> list[Line]:
    lake = FOLDER / "lake"
    say("Parquet …")
    parquet, arrow, duck = beside(
        lambda: dry("parquet"),
        lambda: [pyarrow.parquet.read_schema(path) for path in files("parquet")],
        lambda: duckdb.execute(f"select count(*) from parquet_schema('{lake}/parquet_*/**/*.parquet')").fetchall(),
    )
    say("CSV …")
    csv, told, union = beside(
        lambda: dry("csv"),
        lambda: [pyarrow.csv.open_csv(path).read_all() for path in files("csv")],
        lambda: duckdb.execute(
            f"describe select * from read_csv('{lake}/csv_*/**/*.csv', union_by_name=true, hive_partitioning=false)"
        ).fetchall(),
    )
    say("JSON …")
    json, read = beside(lambda: dry("json"), lambda: [pyarrow.json.read_json(path) for path in files("json")])
    return [
        Line("6,000 Parquet footers, merged", parquet, "pyarrow read_schema loop", arrow, 1.4),
        Line("6,000 Parquet footers, merged", parquet, "DuckDB parquet_schema", duck, 1.0),
        Line("7,000 CSV: dialect, header, types", csv, "DuckDB read_csv union", union, 0.4),
        Line("7,000 CSV: dialect, header, types", csv, "PyArrow open_csv, dialect told", told, 2.5),
        Line("7,000 JSON lines", json, "PyArrow read_json", read, 1.5),
    ]


def files(format: str) -> list[Path]:
    return sorted((FOLDER / "lake").glob(f"{format}_*/*/*/*/*"))


def dry(format: str) -> None:
    """A crawl of one format's tables that reads every file and writes nothing."""
    catalog = fresh_catalog()
    targets = tuple(Target(str(FOLDER / "lake" / f"{format}_{number}")) for number in range(crawl_lake.TABLES[format]))
    report = crawl(Crawler("bench", "bench", targets), catalog, dry_run=True)
    assert len(report.tables) == len(targets), report.tables
    catalog.engine.dispose()


def fresh_catalog() -> Catalog:
    (FOLDER / "catalog.db").unlink(missing_ok=True)
    for beside_it in FOLDER.glob("catalog.db-*"):
        beside_it.unlink()
    catalog = Catalog(connect(sqlite_url(FOLDER / "catalog.db")), Origin("bench"))
    catalog.create_database(Database("bench"))
    return catalog


def whole() -> list[Line | Fact]:
    """The whole lake to the written catalog, beside the sum of the best single readers; then again, unchanged."""
    say("the whole lake …")
    crawler = Crawler("bench", "bench", (Target(str(FOLDER / "lake")),))

    def first() -> None:
        catalog = fresh_catalog()
        report = crawl(crawler, catalog)
        assert (len(report.tables), report.partition_counts.added) == (20, 2_000), report.table_counts
        catalog.engine.dispose()

    def readers() -> None:
        _scan(str(FOLDER / "lake"))
        for path in files("parquet"):
            pyarrow.parquet.read_schema(path)
        for path in files("csv"):
            pyarrow.csv.open_csv(path).read_all()
        for path in files("json"):
            pyarrow.json.read_json(path)

    ours, best = beside(first, readers)
    _, peak = alone(crawler)
    return [
        Line("20,000 files to the written catalog", ours, "sum of the readers", best, 2.0),
        Fact("20,000 files, peak memory of the process, MB", peak, 400),
        *unchanged(crawler),
    ]


def unchanged(crawler: Crawler) -> list[Line | Fact]:
    """A stored crawler's third run, as a worker does it: claimed, crawled, reported."""
    catalog = fresh_catalog()
    stored = Recrawler(catalog, crawler, FOLDER / "runs")
    stored.run()
    stored.run()
    again, scan = beside(
        stored.work, lambda: sum(len(folder.files) for folder in list_files(open_place(str(FOLDER / "lake")), ()))
    )
    written: list[str] = []
    opened: list[str] = []
    counting = True

    def note_statement(*event: Any) -> None:
        if _WRITES.match(event[2]):
            written.append(event[2])

    def note_open(name: str, of: tuple[Any, ...]) -> None:
        if counting and name == "open" and not of[2] & os.O_DIRECTORY and str(of[0]).startswith(str(FOLDER / "lake")):
            opened.append(of[0])

    event.listen(catalog.engine, "before_cursor_execute", note_statement)
    sys.addaudithook(note_open)
    stored.run()
    counting = False
    return [
        Line("the same again, nothing changed", again, "our listing alone", scan, 1.3, "wall"),
        Fact("nothing changed: files opened", len(opened), 0),
        Fact("nothing changed: writes to the catalog", len(written), 0),
    ]


def spark() -> list[Line | Fact]:
    """Spark's own inference beside us, by wall as its Java is nobody's child; then our reading as its tasks."""
    code = f"""
from pyspark.sql import SparkSession
spark = SparkSession.builder.master("local[2]").getOrCreate()
for number in range(7):
    spark.read.csv("{FOLDER}/lake/csv_" + str(number), header=True, inferSchema=True).schema
    spark.read.json("{FOLDER}/lake/json_" + str(number)).schema
for number in range(6):
    spark.read.option("mergeSchema", True).parquet("{FOLDER}/lake/parquet_" + str(number)).schema
"""
    run = cost_of(
        lambda: subprocess.run([sys.executable, "-c", code], check=True, stderr=subprocess.DEVNULL, cwd=FOLDER)
    )
    here = surveyed(FOLDER / "lake", answers)
    return [Line("20,000 files to the written catalog", here.whole, "Spark's inference", run, 0.1, "wall"), *on_spark()]


@dataclass(frozen=True)
class Surveyed:
    """What a survey cost, whole and from the first answer about a file on (before that, Spark starts)."""

    whole: Cost
    reading: Cost
    changes: object

    @property
    def start(self) -> float:
        return self.whole.wall - self.reading.wall


def on_spark() -> list[Line | Fact]:
    """Our reading as Spark's tasks, of files that are long enough to be the work; the better of two rounds each."""
    crawl_lake.build_long(FOLDER / "long")
    here = surveyed(FOLDER / "long", answers)
    rounds = [
        [surveyed(FOLDER / "long", SparkAnswers(master)) for master in ("local[1]", "local[2]")] for _ in range(2)
    ]
    one, two = (min(found, key=lambda each: each.reading.wall) for found in zip(*rounds, strict=True))
    other = sum(each.changes != here.changes for found in rounds for each in found)
    return [
        Line("--engine spark, 2,000 long files: local[2]", two.reading, "local[1]", one.reading, 0.75, "wall"),
        Line("  and with Spark's start", two.whole, "local[1]", one.whole, 1.0, "wall"),
        Fact("--engine spark: seconds until the first answer", two.start, 60),
        Fact("--engine spark: crawls that find something else", other, 0),
    ]


def surveyed(lake: Path, read: Answers) -> Surveyed:
    catalog = fresh_catalog()
    first: list[float] = []

    def noting(*asked: Any) -> Iterator[Any]:
        for answered in read(*asked):
            if not first:
                first.append(time.perf_counter())
            yield answered

    found: list[Survey] = []
    crawler = Crawler("bench", "bench", (Target(str(lake)),))
    whole = cost_of(lambda: found.append(survey(crawler, catalog, answers=noting, now=lambda: _NOON)))
    reading = Cost(time.perf_counter() - first[0], whole.cpu)
    catalog.engine.dispose()
    return Surveyed(whole, reading, found[0].changes)


def million() -> list[Fact]:
    """A million entries in 20,000 partitions, listed and grouped in a process of its own, sampling one file a leaf."""
    say("making a million files …")
    place = FOLDER / "million"
    for number in range(20_000):
        leaf = place / f"a={number // 200}" / f"b={number % 200}"
        leaf.mkdir(parents=True)
        (leaf / "0.csv").write_text("x,y\n1,2\n3,4\n")
        for part in range(1, 50):
            os.link(leaf / "0.csv", leaf / f"{part}.csv")
    used, peak = alone(Crawler("bench", "bench", (Target(str(place), sample_size=1),)))
    return [Fact("1,000,000 entries, CPU seconds", used, 10), Fact("1,000,000 entries, peak memory, MB", peak, 600)]


def alone(crawler: Crawler) -> tuple[float, float]:
    """A first crawl in a process of its own: its CPU seconds, and its peak memory in MB.

    The peak is Linux's VmHWM: what getrusage tells is never less than what the parent had when it started the child.
    """
    fresh_catalog().engine.dispose()
    code = (
        "import os, re, sys; from pathlib import Path\n"
        "class Without:  # pandas is no part of an installation, and PyArrow loads it where it finds it\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'pandas': raise ModuleNotFoundError(name)\n"
        "sys.meta_path.insert(0, Without())\n"
        "import msgspec; from catalog.catalog import Catalog; from catalog.db import connect\n"
        "from catalog.model import Origin; from crawlers.crawl import crawl; from crawlers.model import Crawler\n"
        "crawl(msgspec.json.decode(sys.stdin.read(), type=Crawler), Catalog(connect(sys.argv[1]), Origin('bench')))\n"
        "used = os.times(); peak = re.search(r'VmHWM:\\s*(\\d+)', Path('/proc/self/status').read_text())\n"
        "print(used.user + used.system, int(peak[1]) / 1024)"
    )
    told = subprocess.run(
        [sys.executable, "-c", code, sqlite_url(FOLDER / "catalog.db")],
        check=True,
        input=msgspec.json.encode(crawler).decode(),
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[1],
    )
    used, peak = told.stdout.split()
    return float(used), float(peak)


if __name__ == "__main__":
    main()
