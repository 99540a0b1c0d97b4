"""A job run as commands: the Java that is Spark's driver, and the Python that runs the script, with their settings.

Java is started by us, not by Spark's shell scripts: they cost a second Java and put a folder on the class path.
"""

from __future__ import annotations

import os
import re
import string
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from catalog.errors import InvalidInput
from engine.java import Java
from engine.model import Job, JobSpec

_SHIM = Path(__file__).parent / "shim"
_LOGGING = Path(__file__).parent / "log4j2.properties"
_HEAP = "spark.driver.memory"
PROPERTIES = "spark.conf"
_PLAIN = frozenset(string.ascii_letters + string.digits + "._-/,;@$%&*+?()[]{}<>|~^'\"`")

# What Spark reaches into; the list that its own launcher passes, less the vector module that small Javas lack.
_OPENED = [
    *("java.lang", "java.lang.invoke", "java.lang.reflect", "java.io", "java.net", "java.nio", "java.util"),
    *("java.util.concurrent", "java.util.concurrent.atomic", "jdk.internal.ref", "sun.nio.ch", "sun.nio.cs"),
    *("sun.security.action", "sun.util.calendar"),
]

# Glue 5 is Spark 3.5. Where Spark 4 answers otherwise, jobs that ask for Glue up to 5.x get the older answer.
GLUE_5 = {
    "spark.sql.ansi.enabled": "false",
    "spark.sql.legacy.timeParserPolicy": "EXCEPTION",
    "spark.sql.parquet.datetimeRebaseModeInWrite": "EXCEPTION",
    "spark.sql.parquet.int96RebaseModeInWrite": "EXCEPTION",
    "spark.sql.legacy.createHiveTableByDefault": "true",
    "spark.sql.orc.compression.codec": "snappy",
    "spark.sql.execution.pythonUDF.arrow.enabled": "false",
    "spark.sql.execution.arrow.pyspark.enabled": "false",
}


@dataclass(frozen=True)
class SparkSettings:
    """Where and how big: `master` as Spark spells it, `driver_memory` such as 2g, the catalog's Thrift address."""

    master: str
    driver_memory: str
    metastore_uri: str
    warehouse: Path


def catalog_conf(metastore_uri: str, warehouse: Path) -> dict[str, str]:
    """The settings that make any Spark session use the catalog."""
    return {
        "spark.sql.catalogImplementation": "hive",
        "spark.hadoop.hive.metastore.uris": metastore_uri,
        "spark.sql.warehouse.dir": f"file://{warehouse}",  # Hadoop decodes no %20
    }


def spark_conf(spec: JobSpec, run_id: str, folder: Path, settings: SparkSettings) -> dict[str, str]:
    """Spark's settings for a run, the user's `--conf` last. Raises InvalidInput for a `--conf` that is no setting."""
    conf = {
        "spark.app.name": f"{spec.job.name} {run_id}",
        "spark.master": settings.master,
        _HEAP: settings.driver_memory,
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.eventLog.enabled": "true",
        "spark.eventLog.dir": (folder / "events").as_uri(),
        "spark.eventLog.rolling.enabled": "false",
        "spark.eventLog.compress": "false",
        "spark.local.dir": str(folder / "work" / "spark"),
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.warehouse.dir": f"file://{settings.warehouse}",
        "spark.hadoop.hive.metastore.uris": settings.metastore_uri,
        # Spark's default makes a task for each path it lists.
        "spark.sql.sources.parallelPartitionDiscovery.parallelism": "8",
        # A driver lists a few hundred folders faster by itself than by a Spark job.
        "spark.sql.sources.parallelPartitionDiscovery.threshold": "1000",
    }
    if "--enable-glue-datacatalog" in spec.arguments:
        conf |= catalog_conf(settings.metastore_uri, settings.warehouse)
    if _is_glue_5(spec.job):
        conf |= GLUE_5
    return conf | _asked(spec)


def _is_glue_5(job: Job) -> bool:
    major = job.glue_version.partition(".")[0]
    return not major.isdigit() or int(major) <= 5


def _asked(spec: JobSpec) -> dict[str, str]:
    """The settings of `--conf`: `k=v`, further ones chained as `k=v --conf k2=v2`."""
    text = spec.arguments.get("--conf", "").strip()
    asked = {}
    for part in re.split(r"\s+--conf\s+", text) if text else ():
        name, equals, value = part.strip().partition("=")
        if not equals or not name.startswith("spark."):
            raise InvalidInput(what=f"--conf {part!r} of job {spec.job.name}", why="a setting is spark.name=value.")
        asked[name] = value.strip()
    return asked


def java_command(java: Java, conf: Mapping[str, str], folder: Path) -> list[str]:
    """The command that starts Spark's gateway and waits for a Python. Settings go by a file: it can be kept secret."""
    properties = folder / PROPERTIES
    with os.fdopen(os.open(properties, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.writelines(f"{_escaped(name)}={_escaped(value)}\n" for name, value in conf.items())
    return [
        str(java.command),
        "-cp",
        f"{pyspark_home() / 'jars'}/*",
        f"-Xmx{conf[_HEAP]}",
        "-XX:-UsePerfData",
        "-XX:+IgnoreUnrecognizedVMOptions",
        f"-Djava.io.tmpdir={folder / 'work'}",
        f"-Dlog4j2.configurationFile={_LOGGING.as_uri()}",
        "-Djdk.reflect.useDirectMethodHandle=false",
        "-Dio.netty.tryReflectionSetAccessible=true",
        *(f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in _OPENED),
        "--add-opens=java.security.jgss/sun.security.krb5=ALL-UNNAMED",
        "--enable-native-access=ALL-UNNAMED",
        "org.apache.spark.deploy.SparkSubmit",
        "--properties-file",
        str(properties),
        "pyspark-shell",
    ]


def python_command(script: Path, spec: JobSpec, run_id: str) -> list[str]:
    """The command that runs the script under the driver; -P keeps the service's own folders off its path."""
    arguments = {"--JOB_NAME": spec.job.name, "--JOB_ID": spec.job.name, "--JOB_RUN_ID": run_id, **spec.arguments}
    named = [word for name, value in arguments.items() for word in (name, value)]
    return [sys.executable, "-P", "-u", str(_SHIM / "isinglass_driver.py"), str(script), *named]


def environment(run_file: Path) -> dict[str, str]:
    """The environment of both: this process's, less what is the service's own."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("ISINGLASS_")}
    path = [str(_SHIM), *filter(None, [os.environ.get("PYTHONPATH")])]
    return inherited | {
        "ISINGLASS_RUN_FILE": str(run_file),
        "PYTHONPATH": os.pathsep.join(path),
        "PYSPARK_PYTHON": sys.executable,
        "PYSPARK_DRIVER_PYTHON": sys.executable,
        "SPARK_HOME": str(pyspark_home()),
        "SPARK_SCALA_VERSION": "2.13",
        "SPARK_ENV_LOADED": "1",
        "SPARK_LOCAL_IP": "127.0.0.1",
        "TMPDIR": str(run_file.parent / "work"),
        "_PYSPARK_DRIVER_CONN_INFO_PATH": str(run_file.parent / "work" / "gateway"),
    }


def pyspark_home() -> Path:
    """Where pyspark is installed, found without importing it: that takes a tenth of a second, and commands are many."""
    found = find_spec("pyspark")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("pyspark is not installed beside Isinglass; install it: pip install pyspark==4.3.0")
    return Path(found.origin).parent


def shim_folder() -> Path:
    """The folder that holds `awsglue`; on PYTHONPATH it makes Glue scripts importable."""
    return _SHIM


def _escaped(text: str) -> str:
    """`text` as a Java properties file spells it: what is not a plain sign as \\uXXXX, in Java's units of 16 bits."""
    units = (unit for sign in text for unit in _units(sign))
    return "".join(chr(unit) if chr(unit) in _PLAIN else f"\\u{unit:04x}" for unit in units)


def _units(sign: str) -> list[int]:
    encoded = sign.encode("utf-16-be", "surrogatepass")
    return [int.from_bytes(encoded[at : at + 2]) for at in range(0, len(encoded), 2)]
