"""Jars that Spark needs and pyspark does not bring: where they are looked for, and which connector to S3 they make.

Looked for in the folder of ISINGLASS_JARS, among pyspark's own, and among the job's --extra-jars. Only if a Maven
repository is named does Spark fetch the connector to S3 there. Drivers of databases are the shim's to find.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.errors import JarFolderMissing, LakeFormatMissing, UnknownLakeFormat

_HADOOP_AWS = re.compile(r"hadoop-aws-(\d+)\.(\d+)[\d.]*.*\.jar")
_CLOUD = re.compile(r"spark-hadoop-cloud_.*\.jar")
PACKAGE = "org.apache.spark:spark-hadoop-cloud_2.13:4.3.0"  # brings hadoop-aws, the SDK and the committers

_HIVE_CATALOG = "org.apache.iceberg.spark.SparkCatalog"
LAKE_FORMATS = {
    "delta": re.compile(r"delta-(spark|core)_.*\.jar"),
    "hudi": re.compile(r"hudi-spark.*bundle.*\.jar"),
    "iceberg": re.compile(r"iceberg-spark-runtime-.*\.jar"),
}
_PLAIN_NAMES = {
    "delta": "delta-spark_*.jar and delta-storage-*.jar",
    "hudi": "hudi-spark*-bundle_*.jar",
    "iceberg": "iceberg-spark-runtime-*.jar",
}
_EXTENSIONS = {
    "delta": "io.delta.sql.DeltaSparkSessionExtension",
    "hudi": "org.apache.spark.sql.hudi.HoodieSparkSessionExtension",
    "iceberg": "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
}
_SESSION_CATALOGS = {
    "delta": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
    "hudi": "org.apache.spark.sql.hudi.catalog.HoodieCatalog",
    "iceberg": "org.apache.iceberg.spark.SparkSessionCatalog",
}
GLUE_CATALOG = "spark.sql.catalog.glue_catalog"  # the name that AWS's pages give to Iceberg's catalog


@dataclass(frozen=True)
class S3Connector:
    """hadoop-aws as it was found. `version`: its first two numbers, None if Spark fetches its own; `magic`: it comes
    with the committers that write to S3 without renaming."""

    version: tuple[int, int] | None
    magic: bool


def find_connector(jars: Sequence[Path], fetched: bool) -> S3Connector | None:
    """The connector among `jars`, else the one that Spark fetches, if it does; None if there is neither."""
    names = [jar.name for jar in jars]
    for name in names:
        if found := _HADOOP_AWS.fullmatch(name):
            return S3Connector((int(found[1]), int(found[2])), any(map(_CLOUD.fullmatch, names)))
    return S3Connector(None, True) if fetched else None


def list_jars(folder: Path | None) -> tuple[Path, ...]:
    """The jars of a folder, by name; none if there is no such setting. Raises JarFolderMissing."""
    if folder is None:
        return ()
    if not folder.is_dir():
        raise JarFolderMissing(path=folder)
    return tuple(sorted(folder.glob("*.jar")))


def lake_conf(
    job: str, formats: Sequence[str], jars: Sequence[Path], metastore_uri: str, warehouse: str
) -> dict[str, str]:
    """Spark's settings for Delta, Iceberg and Hudi. Raises UnknownLakeFormat; LakeFormatMissing without the jars.

    Tables of the first format but Iceberg are met in Spark's own catalog; Iceberg's in `glue_catalog`, as AWS's pages
    name it, and both are this service's.
    """
    wanted = list(dict.fromkeys(name.lower() for name in formats))
    for name in wanted:
        if name not in LAKE_FORMATS:
            raise UnknownLakeFormat(format=name, job=job, known=", ".join(LAKE_FORMATS))
        if not any(LAKE_FORMATS[name].fullmatch(jar.name) for jar in jars):
            raise LakeFormatMissing(format=name, job=job, jars=_PLAIN_NAMES[name])
    if not wanted:
        return {}
    conf = {"spark.sql.extensions": ",".join(_EXTENSIONS[name] for name in wanted)}
    if sessions := sorted(wanted, key=lambda name: name == "iceberg"):
        conf["spark.sql.catalog.spark_catalog"] = _SESSION_CATALOGS[sessions[0]]
        if sessions[0] == "iceberg":
            conf["spark.sql.catalog.spark_catalog.type"] = "hive"
    if "iceberg" in wanted:
        conf |= {
            GLUE_CATALOG: _HIVE_CATALOG,
            f"{GLUE_CATALOG}.type": "hive",
            f"{GLUE_CATALOG}.uri": metastore_uri,
            f"{GLUE_CATALOG}.warehouse": warehouse,
        }
    if "hudi" in wanted:
        conf["spark.serializer"] = "org.apache.spark.serializer.KryoSerializer"
    return conf
