"""The pipelines of `benchmarks.dynamic_frame`, each as a script for Glue and as the same in plain Spark.

    python -m benchmarks.frame_pipelines PIPELINE (glue|plain) DATA SMALL TARGET

runs one in a Spark session of its own, first on the data in SMALL to warm up, then on DATA, and prints a line of JSON:
CPU and wall seconds of the second, and the peak of memory in megabytes, of this process and all below it.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

SHIM = Path(__file__).parents[1] / "engine" / "shim"

if TYPE_CHECKING:
    from awsglue.context import GlueContext
    from awsglue.dynamicframe import DynamicFrame
    from pyspark.sql import DataFrame, SparkSession

MAPPINGS = [
    ("id", "long", "order_id", "long"),
    ("customer", "string", "who.customer", "string"),
    ("amount", "double", "amount", "decimal(12,2)"),
    ("quantity", "long", "quantity", "int"),
    ("placed_at", "string", "placed_at", "timestamp"),
]
CSV_COLUMNS = (
    "id bigint, customer string, city string, amount double, quantity int, paid boolean, placed_at string, note string"
)


def is_large(record: Any) -> bool:
    return bool(record["amount"] > 100 and record["city"] != "Hull")


def with_total(record: Any) -> Any:
    record["total"] = record["amount"] * record["quantity"]
    return record


class Glue:
    """The pipelines in the words of a Glue script."""

    def __init__(self, session: SparkSession) -> None:
        from awsglue.context import GlueContext

        self.context: GlueContext = GlueContext(session.sparkContext)

    def parquet_mapping(self, data: Path, target: Path) -> None:
        from awsglue.transforms import ApplyMapping, SelectFields

        mapped = ApplyMapping.apply(self._read(data, "parquet"), MAPPINGS)
        self._write(SelectFields.apply(mapped, ["order_id", "who", "amount", "placed_at"]), target)

    def csv_typed(self, data: Path, target: Path) -> None:
        self._write(self._table(data).resolveChoice(specs=[("quantity", "cast:int")]), target)

    def json_plain(self, data: Path, target: Path) -> None:
        self._write(self._read(data, "json"), target)

    def json_choices(self, data: Path, target: Path) -> None:
        frame = self._read(data, "json", "mixed")
        self._write(frame.resolveChoice(specs=[("quantity", "cast:int"), ("amount", "cast:double")]), target)

    def filter_json(self, data: Path, target: Path) -> None:
        self._write(self._read(data, "json").filter(is_large), target)

    def map_json(self, data: Path, target: Path) -> None:
        self._write(self._read(data, "json").map(with_total), target)

    def filter_frame(self, data: Path, target: Path) -> None:
        self._write(self._frame(data).filter(is_large), target)

    def map_frame(self, data: Path, target: Path) -> None:
        self._write(self._frame(data).map(with_total), target)

    def relationalize(self, data: Path, target: Path) -> None:
        frames = self._read(data, "json", "nested").relationalize("root", str(target / "staging"))
        for name in list(frames.keys()):
            self._write(frames.select(name), target / name.replace(".", "_"))

    def _read(self, data: Path, format: str, folder: str = "") -> DynamicFrame:
        return self.context.create_dynamic_frame.from_options("s3", {"paths": [str(data / (folder or format))]}, format)

    def _frame(self, data: Path) -> DynamicFrame:
        from awsglue.dynamicframe import DynamicFrame

        read = self.context.spark_session.read.parquet(str(data / "parquet"))
        return DynamicFrame.fromDF(read, self.context, "orders")

    def _table(self, data: Path) -> DynamicFrame:
        """The CSV files as a table of the catalog: the service's plan for it, without the service."""
        from awsglue._plans import Declared, Group, ReadPlan
        from awsglue.data_source import planned_frame

        columns = tuple(Declared(*column.split()) for column in CSV_COLUMNS.split(", "))
        files = tuple(str(file) for file in sorted((data / "csv").iterdir()))
        group = Group((), str(data / "csv"), files)
        options = {"separator": ",", "withHeader": False}
        plan = ReadPlan("orders", "csv", str(data / "csv"), options, columns, (), (group,))
        return planned_frame(self.context, plan, "orders", {}, None)

    def _write(self, frame: DynamicFrame, target: Path) -> None:
        self.context.write_dynamic_frame.from_options(frame, "s3", {"path": str(target / "out")}, "parquet")


class Plain:
    """The same in plain Spark, as one writes it who knows the data."""

    def __init__(self, session: SparkSession) -> None:
        self.session = session

    def parquet_mapping(self, data: Path, target: Path) -> None:
        from pyspark.sql.functions import col, struct

        read = self.session.read.parquet(str(data / "parquet"))
        self._write(
            read.select(
                col("id").cast("bigint").alias("order_id"),
                struct(col("customer")).alias("who"),
                col("amount").cast("decimal(12,2)"),
                col("placed_at").cast("timestamp"),
            ),
            target,
        )

    def csv_typed(self, data: Path, target: Path) -> None:
        self._write(self.session.read.schema(CSV_COLUMNS).csv(str(data / "csv")), target)

    def json_plain(self, data: Path, target: Path) -> None:
        self._write(self._read(data, "json"), target)

    def json_choices(self, data: Path, target: Path) -> None:
        """What plain Spark can make of them: texts, where types differ."""
        self._write(self._read(data, "mixed"), target)

    def filter_json(self, data: Path, target: Path) -> None:
        self._filter(self._read(data, "json"), target)

    def map_json(self, data: Path, target: Path) -> None:
        self._map(self._read(data, "json"), target)

    def filter_frame(self, data: Path, target: Path) -> None:
        self._filter(self.session.read.parquet(str(data / "parquet")), target)

    def map_frame(self, data: Path, target: Path) -> None:
        self._map(self.session.read.parquet(str(data / "parquet")), target)

    def relationalize(self, data: Path, target: Path) -> None:
        from pyspark.sql.functions import col, monotonically_increasing_id, posexplode

        numbered = self._read(data, "nested").withColumn("items_id", monotonically_increasing_id()).persist()
        items = numbered.select(col("items_id").alias("id"), posexplode("items").alias("index", "item"))
        items = items.withColumn("taxes_id", monotonically_increasing_id()).persist()
        taxes = items.select(col("taxes_id").alias("id"), posexplode("item.taxes").alias("index", "tax"))
        self._write(numbered.drop("items"), target / "root")
        self._write(items.select("id", "index", "item.sku", "item.price", "taxes_id"), target / "items")
        self._write(taxes.select("id", "index", "tax.*"), target / "taxes")
        items.unpersist()
        numbered.unpersist()

    def _read(self, data: Path, folder: str) -> DataFrame:
        return self.session.read.json(str(data / folder))

    def _filter(self, frame: DataFrame, target: Path) -> None:
        kept = frame.rdd.filter(is_large)
        self._write(self.session.createDataFrame(kept, frame.schema), target)

    def _map(self, frame: DataFrame, target: Path) -> None:
        """The schema is learnt from all records, as a dynamic frame's is."""
        mapped = frame.rdd.map(lambda row: with_total(row.asDict(recursive=True)))
        self._write(self.session.createDataFrame(mapped, samplingRatio=1.0), target)

    def _write(self, frame: DataFrame, target: Path) -> None:
        frame.write.parquet(str(target / "out"))


PIPELINES = (
    "parquet_mapping",
    "csv_typed",
    "json_plain",
    "json_choices",
    "filter_json",
    "map_json",
    "filter_frame",
    "map_frame",
    "relationalize",
)


def main() -> None:
    name, side, data, small, target = sys.argv[1], sys.argv[2], *map(Path, sys.argv[3:6])
    sys.path.insert(0, str(SHIM))
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[2]").appName(name)
    for key, value in _CONF.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    pipeline: Callable[[Path, Path], None] = getattr({"glue": Glue, "plain": Plain}[side](session), name)
    pipeline(small, target / "warm")
    memory = _Memory()
    memory.start()
    cpu, wall = _cpu(), time.perf_counter()
    pipeline(data, target / "measured")
    found = {"cpu": _cpu() - cpu, "wall": time.perf_counter() - wall, "peak_mb": memory.stop()}
    print(json.dumps(found), flush=True)
    session.stop()


_CONF = {
    "spark.driver.memory": "2g",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
    "spark.sql.ansi.enabled": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.driver.host": "127.0.0.1",
    "spark.executorEnv.PYTHONPATH": str(SHIM),
}


def _tree() -> list[psutil.Process]:
    here = psutil.Process()
    return [here, *here.children(recursive=True)]


def _cpu() -> float:
    """Seconds of all processes here and below, those included that have ended."""
    times = [process.cpu_times() for process in _tree()]
    return sum(t.user + t.system + t.children_user + t.children_system for t in times)


class _Memory(threading.Thread):
    """The largest sum of what the processes hold alone and together, looked at five times a second."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._peak = 0
        self._over = threading.Event()

    def run(self) -> None:
        while not self._over.wait(0.2):
            held = 0
            for process in _tree():
                try:
                    held += process.memory_info().rss
                except psutil.NoSuchProcess:
                    continue
            self._peak = max(self._peak, held)

    def stop(self) -> float:
        self._over.set()
        self.join()
        return self._peak / 1e6


if __name__ == "__main__":
    main()
