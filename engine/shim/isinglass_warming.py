"""What Spark's Java is put through before any job's script: what most scripts do first, so that its classes are loaded.

Usage: python -P isinglass_warming.py FOLDER, in the environment that a run's script has. Only what is ours runs here,
so that the Java can be given to a job, and what it did is undone: context, file systems, properties, temporary files.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import isinglass_driver

NOWHERE = "http://127.0.0.1:9"  # the port of `discard`, where nothing listens
S3A = "org.apache.hadoop.fs.s3a.S3AFileSystem"


def main() -> None:
    folder = Path(sys.argv[1])
    from pyspark.sql import SparkSession

    if not isinglass_driver.connected(Path(os.environ["_PYSPARK_DRIVER_CONN_INFO_PATH"])):
        sys.exit("Spark's Java did not start")
    from pyspark import SparkContext

    SparkContext._ensure_initialized()
    java: Any = SparkContext._jvm
    properties = java.java.lang.System.getProperties().clone()
    settings = [name for name in properties.stringPropertyNames() if name.startswith("spark.")]
    session = SparkSession.builder.enableHiveSupport().getOrCreate()
    for step in (query, read_files, ask_catalog, run_python, reach_s3):
        try:
            step(session, folder)
        except Exception as error:  # a Java that is less warm is still good
            print(f"isinglass: {step.__name__}: {error}", file=sys.stderr)
    session.stop()
    java.org.apache.hadoop.fs.FileSystem.closeAll()
    getattr(getattr(java.org.apache.spark.util, "Utils$"), "MODULE$").clearLocalRootDirs()
    java.java.lang.System.setProperties(properties)
    forget(java, settings)


def forget(java: Any, settings: list[str]) -> None:
    """Leave none of this session's settings: a run brings all of its own."""
    for name in settings:
        java.java.lang.System.clearProperty(name)
    hadoop = java.org.apache.spark.deploy.SparkHadoopUtil.get().conf()
    for name in settings:
        if name.startswith("spark.hadoop."):
            hadoop.unset(name.removeprefix("spark.hadoop."))
    hadoop.reloadConfiguration()


def query(session: Any, _folder: Path) -> None:
    session.range(1).collect()
    session.range(100).selectExpr("id", "id % 3 as third", "cast(id as string) as name").createOrReplaceTempView("rows")
    session.sql(
        "select r.third, count(*) as n, max(r.name) as last from rows r join rows o on r.id = o.id "
        "where r.id > 5 group by r.third order by n desc"
    ).collect()
    session.sql("select row_number() over (partition by third order by id) as at from rows").count()
    session.catalog.dropTempView("rows")
    session.createDataFrame([(1, "a"), (2, "b")], ["id", "name"]).show()


def read_files(session: Any, folder: Path) -> None:
    rows = session.range(20).selectExpr(
        "id", "cast(id as string) as name", "current_timestamp() as at", "id % 2 as part"
    )
    for form in ("parquet", "csv", "json"):
        place = str(folder / form)
        rows.write.partitionBy("part").format(form).option("header", "true").save(place)
        found = session.read.format(form).option("header", "true").option("inferSchema", "true").load(place)
        found.filter("part = 1 and id > 3").groupBy("name").count().collect()


def ask_catalog(session: Any, _folder: Path) -> None:
    """Reads only: the catalog is the service's own."""
    session.sql("show databases").collect()
    session.catalog.listTables("default")
    session.catalog.tableExists("default.isinglass_warming")


def run_python(session: Any, _folder: Path) -> None:
    from pyspark.sql.functions import udf

    session.sparkContext.parallelize([1, 2], 1).map(str).collect()
    session.range(2).select(udf(str)("id")).collect()


def reach_s3(session: Any, _folder: Path) -> None:
    """As far as a request that nobody answers."""
    java = session.sparkContext._jvm
    try:
        java.java.lang.Class.forName(S3A, True, java.java.lang.Thread.currentThread().getContextClassLoader())
    except Exception:  # no connector, as in most installations: its jars are the user's to bring
        return
    conf = session.sparkContext._jsc.hadoopConfiguration()
    asked = java.org.apache.hadoop.conf.Configuration(conf)
    settings = {
        "impl": S3A,
        "endpoint": NOWHERE,
        "endpoint.region": "us-east-1",
        "path.style.access": "true",
        "connection.ssl.enabled": "false",
        "access.key": "none",
        "secret.key": "none",
        "aws.credentials.provider": "org.apache.hadoop.fs.s3a.SimpleAWSCredentialsProvider",
        "attempts.maximum": "0",
        "retry.limit": "0",
    }
    for name, value in settings.items():
        asked.set(f"fs.s3a.{name}", value)
    files = java.org.apache.hadoop.fs.FileSystem.newInstance(java.java.net.URI("s3a://isinglass-warming/"), asked)
    try:
        files.exists(java.org.apache.hadoop.fs.Path("s3a://isinglass-warming/none"))
    except Exception as error:
        if "refused" not in str(error):
            raise
    finally:
        files.close()


if __name__ == "__main__":
    main()
