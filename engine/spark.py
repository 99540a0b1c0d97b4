"""A job run as commands: the Java that is Spark's driver, and the Python that runs the script, in their environment.

Java is started by us, not by Spark's shell scripts: they cost a second Java and put a folder on the class path.
"""

from __future__ import annotations

import os
import string
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from urllib.parse import quote

from engine.java import Java
from engine.job_files import JobFiles
from engine.model import JobSpec

_SHIM = Path(__file__).parent / "shim"
_LOGGING = Path(__file__).parent / "log4j2.properties"
HEAP = "spark.driver.memory"
PROPERTIES = "spark.conf"
_LONGEST = 200
_NONE: Mapping[str, str] = MappingProxyType({})
_PLAIN = frozenset(string.ascii_letters + string.digits + "._-/,;@$%&*+?()[]{}<>|~^'\"`")

# What Spark reaches into; the list that its own launcher passes, less the vector module that small Javas lack.
_OPENED = [
    *("java.lang", "java.lang.invoke", "java.lang.reflect", "java.io", "java.net", "java.nio", "java.util"),
    *("java.util.concurrent", "java.util.concurrent.atomic", "jdk.internal.ref", "sun.nio.ch", "sun.nio.cs"),
    *("sun.security.action", "sun.util.calendar"),
]


@dataclass(frozen=True)
class SparkSettings:
    """Where and how big: `master` as Spark spells it, `driver_memory` such as 2g, the catalog's Thrift address.

    Below `home` lies what runs share. `jars` is a folder of jars for every run; `maven_repository` the URL of one that
    Spark may fetch its connector to S3 from.
    """

    master: str
    driver_memory: str
    metastore_uri: str
    warehouse: Path
    home: Path
    jars: Path | None = None
    maven_repository: str | None = None

    @property
    def local(self) -> bool:
        """Whether executors are threads of the driver."""
        return self.master.startswith("local") and not self.master.startswith("local-cluster")


def catalog_conf(metastore_uri: str, warehouse: Path) -> dict[str, str]:
    """The settings that make any Spark session use the catalog."""
    return {
        "spark.sql.catalogImplementation": "hive",
        "spark.hadoop.hive.metastore.uris": metastore_uri,
        "spark.sql.warehouse.dir": f"file://{warehouse}",  # Hadoop decodes no %20
    }


def class_path(settings: SparkSettings, files: JobFiles, first: bool) -> list[str]:
    """Java's class path: pyspark's jars, and after them, or before them if `first`, those that the job brings."""
    own = f"{pyspark_home() / 'jars'}/*"
    brought = [str(jar) for jar in files.jars]
    common = [f"{settings.jars}/*"] if settings.jars else []
    return [*brought, own, *common] if first else [own, *common, *brought]


def java_command(java: Java, conf: Mapping[str, str], folder: Path, path: Sequence[str] = ()) -> list[str]:
    """The command that starts Spark's gateway and waits for a Python. Settings go by a file: it can be kept secret.

    `path` is the class path; pyspark's jars alone if it is empty.
    """
    properties = folder / PROPERTIES
    with os.fdopen(os.open(properties, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.writelines(f"{_escaped(name)}={_escaped(value)}\n" for name, value in conf.items())
    return [
        str(java.command),
        "-cp",
        os.pathsep.join(path or [f"{pyspark_home() / 'jars'}/*"]),
        f"-Xmx{conf[HEAP]}",
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


def python_command(script: Path, spec: JobSpec, run_id: str, temporary: str) -> list[str]:
    """The command that runs the script under the driver; -P keeps the service's own folders off its path."""
    ours = {"--JOB_NAME": spec.job.name, "--JOB_ID": spec.job.name, "--JOB_RUN_ID": run_id}
    arguments = {**ours, **spec.arguments, **ours}
    if not arguments.get("--TempDir"):
        arguments["--TempDir"] = temporary
    named = [word for name, value in arguments.items() for word in (name, value)]
    return [sys.executable, "-P", "-u", str(_SHIM / "isinglass_driver.py"), str(script), *named]


def temporary_folder(job: str, home: Path) -> Path:
    """Where a job's scripts put temporary files, if it names no TempDir; the same for all of its runs."""
    name = quote(job, safe=" ")
    short = name if len(name) <= _LONGEST else f"{name[:100]}-{sha256(job.encode()).hexdigest()[:16]}"
    return home / "temporary" / f"_{short}"  # whatever the name is: `..` is one, too


def environment(
    run_file: Path, settings: SparkSettings, modules: Sequence[Path] = (), keys: Mapping[str, str] = _NONE
) -> dict[str, str]:
    """The environment of both: this process's, less what is the service's own, with the `keys` of S3.

    `modules` are folders and archives of Python modules, which go before the user's own.
    """
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("ISINGLASS_")}
    path = [str(_SHIM), *map(str, modules), *filter(None, [os.environ.get("PYTHONPATH")])]
    ours = {"ISINGLASS_JARS": str(settings.jars)} if settings.jars else {}  # where the shim looks for drivers
    if settings.maven_repository:
        ours["DEFAULT_ARTIFACT_REPOSITORY"] = settings.maven_repository  # what Spark takes for Maven's own
    return (
        inherited
        | dict(keys)
        | ours
        | {
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
    )


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
