"""A job whose script, input and output lie in S3, worked off by the service; and what is said where Spark cannot."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import obstore
import pyarrow.parquet as pq

from catalog.model import Database
from engine.states import RunState
from tests.jars import s3_jars
from tests.journeys.installation import Installation, lines_of
from tests.object_store import Bucket

ORDERS = {
    "orders/day=1/a.csv": "id,amount\n1,10\n2,20\n",
    "orders/day=2/b.csv": "id,amount\n3,30\n",
}
SCRIPT = """
import sys
from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext

args = getResolvedOptions(sys.argv, ["JOB_NAME", "target"])
glue = GlueContext(SparkContext.getOrCreate())
job = Job(glue)
job.init(args["JOB_NAME"], args)
orders = glue.create_dynamic_frame.from_catalog(database="shop", table_name="orders", transformation_ctx="orders")
sink = glue.getSink("s3", path=args["target"], partitionKeys=["day"], enableUpdateCatalog=True)
sink.setFormat("glueparquet")
sink.setCatalogInfo(catalogDatabase="shop", catalogTableName="copied")
sink.writeFrame(orders)
print(glue.spark_session.read.parquet(args["target"].replace("s3:", "s3a:")).count())
job.commit()
"""
SECRET = b"owner-secret"


def set_up(installation: Installation, bucket: Bucket) -> None:
    bucket.put({**ORDERS, "scripts/copy.py": SCRIPT.replace("\n", "\r\n")})
    installation.catalog.create_database(Database("shop"))
    installation.run("crawl", bucket.uri("orders"), "--database", "shop")
    installation.run("job", "create", "copy", bucket.uri("scripts/copy.py"), "-a", f"--target={bucket.uri('copied')}/")


def rows(bucket: Bucket, key: str) -> list[tuple[int, int]]:
    table: Any = pq.read_table(io.BytesIO(obstore.get(bucket.store(), key).bytes().to_bytes()))
    return sorted(zip(table["id"].to_pylist(), table["amount"].to_pylist(), strict=True))


def files_with(secret: bytes, folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and secret in path.read_bytes()]


def test_a_catalog_table_in_s3_is_read_and_written_back_partitioned_and_no_key_is_left(
    installation: Installation, bucket: Bucket
) -> None:
    set_up(installation, bucket)
    installation.serve(jars=s3_jars())
    run = installation.await_end(installation.put_in("copy"))
    folder = installation.home / "runs" / run.id
    assert run.state is RunState.SUCCEEDED, (run.detail, (folder / "error.log").read_text())
    written = [key for key in bucket.keys() if key.startswith("copied/")]  # noqa: SIM118
    assert {key.split("/")[1]: rows(bucket, key) for key in written} == {
        "day=1": [(1, 10), (2, 20)],
        "day=2": [(3, 30)],
    }
    assert lines_of((folder / "output.log").read_text()) == ["3"]
    partitions = installation.catalog.iter_partitions("shop", "copied")
    assert {partition.values: partition.storage.location for partition in partitions} == {
        ("1",): bucket.uri("copied/day=1/"),
        ("2",): bucket.uri("copied/day=2/"),
    }
    assert "writes to S3 are committed by renaming" in (folder / "error.log").read_text()
    assert files_with(SECRET, installation.home) == []


def test_without_the_connector_the_run_says_in_one_line_how_to_get_it(
    installation: Installation, bucket: Bucket
) -> None:
    set_up(installation, bucket)
    assert installation.try_("job", "run", "copy").returncode == 1
    [run] = installation.engine.list_runs("job", "copy").items
    assert run.detail is not None
    assert run.detail.startswith("Spark's connector to S3 (hadoop-aws) is not here. Put its jars into a folder")
    assert "ISINGLASS_MAVEN_REPOSITORY" in run.detail
    assert lines_of(run.detail) == [run.detail]
