"""Spark's settings for a run: the service's, the Glue version's, those that its arguments mean, and the user's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from crawlers.places.aws import Access, find_access
from engine.jobs import sizing
from engine.jobs.arguments import executor_cores, is_on, listed, passed_over, settings_of_spark, variables
from engine.jobs.glue_versions import profile, under_present_names
from engine.jobs.job_files import NO_FILES, JobFiles
from engine.model import Encryption, JobSpec
from engine.spark.clusters import cluster_conf
from engine.spark.event_log import EVENTS
from engine.spark.jars import GLUE_CATALOG, PACKAGE, S3Connector, find_connector, lake_conf, list_jars
from engine.spark.s3_conf import NAMES, s3_conf, s3_environment
from engine.spark.spark import HEAP, SparkSettings, catalog_conf, pyspark_home
from engine.spark.spark_ui import ui_conf

_COMMITTER = "--enable-s3-parquet-optimized-committer"


@dataclass(frozen=True)
class RunConf:
    """`conf` for Spark; the `keys` of S3 as variables; `remarks` for the run's log, about what is not had."""

    conf: dict[str, str]
    keys: dict[str, str]
    remarks: tuple[str, ...]


@dataclass(frozen=True)
class _Given:
    """What settings follow from. `jars` are all that the run can have; S3 has no `access` if `fault` says why."""

    spec: JobSpec
    settings: SparkSettings
    files: JobFiles
    jars: tuple[Path, ...]
    connector: S3Connector | None
    access: Access | None
    fault: str | None

    @property
    def magic(self) -> bool:
        return self.spec.arguments.get(_COMMITTER, "").strip().lower() != "false"


def run_conf(spec: JobSpec, run_id: str, folder: Path, settings: SparkSettings, files: JobFiles = NO_FILES) -> RunConf:
    """Raises InvalidInput for a `--conf` that is no setting; UnknownLakeFormat, LakeFormatMissing, JarFolderMissing."""
    given = _given(spec, settings, files)
    asked = under_present_names(settings_of_spark(spec.job.name, spec.arguments))
    conf = _of_service(spec, run_id, folder, settings) | profile(spec.job.glue_version)
    conf |= ui_conf(spec.arguments)
    conf |= _of_s3(given) | _of_jars(given) | _of_lakes(given, asked) | _of_size(given)
    keys = s3_environment(given.access) if given.access else {}
    if not settings.local:  # executors elsewhere do not inherit them
        conf |= {f"spark.executorEnv.{name}": value for name, value in keys.items()}
    conf |= spec.environment.conf if spec.environment else {}
    return RunConf(conf | asked, keys, tuple(_remarks(given)))


def _given(spec: JobSpec, settings: SparkSettings, files: JobFiles) -> _Given:
    jars = (*files.jars, *list_jars(settings.jars), *list_jars(pyspark_home() / "jars"))
    connector = find_connector(jars, fetched=settings.maven_repository is not None)
    access = fault = None
    if connector is not None:
        try:
            access = find_access()
        except ValueError as error:
            fault = str(error)
    return _Given(spec, settings, files, jars, connector, access, fault)


def _of_service(spec: JobSpec, run_id: str, folder: Path, settings: SparkSettings) -> dict[str, str]:
    conf = {
        "spark.app.name": f"{spec.job.name} {run_id}",
        "spark.master": settings.master,
        HEAP: settings.driver_memory,
        "spark.driver.host": settings.driver_host,
        "spark.driver.bindAddress": settings.driver_host,
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.eventLog.enabled": "true",
        "spark.eventLog.dir": (folder / EVENTS).as_uri(),
        "spark.eventLog.rolling.enabled": "false",
        "spark.eventLog.compress": "true",  # with zstd
        "spark.executor.metrics.pollingInterval": "1s",  # of Java's memory; by default only each 10 s
        "spark.local.dir": str(folder / "work" / "spark"),
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.warehouse.dir": f"file://{settings.warehouse}",
        "spark.hadoop.hive.metastore.uris": settings.metastore_uri,
        # Spark's default makes a task for each path it lists.
        "spark.sql.sources.parallelPartitionDiscovery.parallelism": "8",
        # A driver lists a few hundred folders faster by itself than by a Spark job.
        "spark.sql.sources.parallelPartitionDiscovery.threshold": "1000",
        "spark.jars.ivy": str(settings.home / "ivy"),
    }
    if is_on(spec.arguments, "--enable-glue-datacatalog"):
        conf |= catalog_conf(settings.metastore_uri, settings.warehouse)
    return conf


def _of_s3(given: _Given) -> dict[str, str]:
    if given.connector is None or given.access is None:
        return dict(NAMES)
    asked = Encryption("SSE-S3") if given.spec.arguments.get("--encryption-type", "").strip() else None
    conf = s3_conf(given.connector, given.access, given.magic, given.spec.encryption or asked)
    return conf if given.connector.version else {**conf, "spark.jars.packages": PACKAGE}


def _of_jars(given: _Given) -> dict[str, str]:
    """How executors elsewhere get what the driver has on its paths."""
    if given.settings.local:
        return {}
    brought = {
        "spark.jars": (*given.files.jars, *list_jars(given.settings.jars)),
        "spark.submit.pyFiles": given.files.python_path,
    }
    conf = {name: ",".join(map(str, paths)) for name, paths in brought.items() if paths}
    if is_on(given.spec.arguments, "--user-jars-first"):
        conf["spark.executor.userClassPathFirst"] = "true"
    return conf


def _of_lakes(given: _Given, asked: Mapping[str, str]) -> dict[str, str]:
    formats = listed(given.spec.arguments, "--datalake-formats")
    warehouse = f"file://{given.settings.warehouse}"
    conf = lake_conf(given.spec.job.name, formats, given.jars, given.settings.metastore_uri, warehouse)
    if any(name.startswith(GLUE_CATALOG) for name in asked):  # half of it ours and half of it the user's is no catalog
        return {name: value for name, value in conf.items() if not name.startswith(GLUE_CATALOG)}
    return conf


def _of_size(given: _Given) -> dict[str, str]:
    job, arguments = given.spec.job.name, given.spec.arguments
    own = variables(job, arguments, "--customer-executor-env-vars")
    conf = {f"spark.executorEnv.{name}": value for name, value in own.items()}
    cores = executor_cores(job, arguments)
    if cores is not None:
        conf["spark.executor.cores"] = str(cores)
    if not given.settings.local:
        scaling = is_on(arguments, "--enable-auto-scaling")
        conf |= cluster_conf(given.settings.master, sizing.asked(given.spec), scaling)
    return conf


def _remarks(given: _Given) -> list[str]:
    arguments, settings = given.spec.arguments, given.settings
    said = passed_over(arguments)
    if settings.local and is_on(arguments, "--enable-auto-scaling"):
        said.append(f"--enable-auto-scaling has no effect here: {settings.master} has no executors to add.")
    if settings.local and "--executor-cores" in arguments:
        said.append(f"--executor-cores has no effect here: {settings.master} says how many tasks run at once.")
    if given.fault is not None:
        said.append(f"S3 is not set up: {given.fault}.")
    elif given.connector is not None and given.magic and not given.connector.magic:
        said.append(
            "writes to S3 are committed by renaming, which copies there; with spark-hadoop-cloud_2.13-4.3.0.jar among "
            "the jars they need not."
        )
    return said
