"""Spark for a job run: the command of the Java that is its driver, and the environment of Java and script.

Java is started by us, not by Spark's shell scripts: they cost a second Java and put a folder on the class path.
"""

from __future__ import annotations

import os
import shlex
import string
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType

from engine.jobs.job_files import JobFiles
from engine.jobs.sizing import Grant
from engine.model import Environment
from engine.running.scripts import script_environment
from engine.spark.clusters import in_driver
from engine.spark.java import Java

_LOGGING = Path(__file__).parent / "log4j2.properties"
HEAP = "spark.driver.memory"
PROPERTIES = "spark.conf"
_NONE: Mapping[str, str] = MappingProxyType({})
_PLAIN = frozenset(string.ascii_letters + string.digits + "._-/,;@$%&*+?()[]{}<>|~^'\"`")

# What Spark reaches into; the list that its own launcher passes, less the vector module that small Javas lack.
_OPENED = [
    *("java.lang", "java.lang.invoke", "java.lang.reflect", "java.io", "java.net", "java.nio", "java.util"),
    *("java.util.concurrent", "java.util.concurrent.atomic", "jdk.internal.ref", "sun.nio.ch", "sun.nio.cs"),
    *("sun.security.action", "sun.util.calendar"),
]
_FLAGS = (
    "-XX:-UsePerfData",
    "-XX:+IgnoreUnrecognizedVMOptions",
    f"-Dlog4j2.configurationFile={_LOGGING.as_uri()}",
    "-Djdk.reflect.useDirectMethodHandle=false",
    "-Dio.netty.tryReflectionSetAccessible=true",
    *(f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in _OPENED),
    "--add-opens=java.security.jgss/sun.security.krb5=ALL-UNNAMED",
    "--enable-native-access=ALL-UNNAMED",
)
_EXTRA_OPTIONS = ("spark.driver.defaultJavaOptions", "spark.driver.extraJavaOptions")
_EXTRA_PATH = "spark.driver.extraClassPath"


@dataclass(frozen=True)
class SparkSettings:
    """Where and how big: `master` as Spark spells it, `driver_memory` such as 2g, the catalog's Thrift address.

    Drivers listen on `driver_host`, where executors reach them; `python` is that of executors, None: as here.
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
    driver_host: str = "127.0.0.1"
    python: str | None = None

    @property
    def local(self) -> bool:
        """Whether executors are threads of the driver."""
        return in_driver(self.master)

    def placed(self, there: Environment | None) -> SparkSettings:
        """For a run in an environment; None: the service's own."""
        if there is None:
            return self
        return replace(self, master=there.master, driver_host=there.driver_host, python=there.python)

    def sized(self, grant: Grant | None) -> SparkSettings:
        """For a run that was given a size of its own: on this machine all of it, elsewhere its driver."""
        if grant is None:
            return self
        master = f"local[{grant.cores}]" if self.local else self.master
        return replace(self, master=master, driver_memory=f"{grant.memory_mb}m")


def catalog_conf(metastore_uri: str, warehouse: Path) -> dict[str, str]:
    """The settings that make any Spark session use the catalog."""
    return {
        "spark.sql.catalogImplementation": "hive",
        "spark.hadoop.hive.metastore.uris": metastore_uri,
        "spark.sql.warehouse.dir": f"file://{warehouse}",  # Hadoop decodes no %20
    }


def flags(java: Java) -> list[str]:
    """The flags that every Spark's Java has. What it has to say of itself is no output of the script."""
    quiet = "cds*=off,aot*=off" if java.version[0] >= 25 else "cds*=off"
    return ["-Xlog:disable", f"-Xlog:all=warning,{quiet}:stderr", *_FLAGS]


def class_path(settings: SparkSettings, files: JobFiles, first: bool) -> list[str]:
    """Java's class path: pyspark's jars, and after them, or before them if `first`, those that the job brings."""
    own = f"{pyspark_home() / 'jars'}/*"
    brought = [str(jar) for jar in files.jars]
    common = [f"{settings.jars}/*"] if settings.jars else []
    return [*brought, own, *common] if first else [own, *common, *brought]


def java_command(
    java: Java, conf: Mapping[str, str], folder: Path, path: Sequence[str] = (), options: Sequence[str] = ()
) -> list[str]:
    """The command that starts Spark's gateway and waits for a Python. Settings go by a file: it can be kept secret.

    `path` is the class path, pyspark's jars alone if it is empty; `options` are further ones of Java.
    """
    properties = folder / PROPERTIES
    with os.fdopen(os.open(properties, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.writelines(f"{_escaped(name)}={_escaped(value)}\n" for name, value in conf.items())
    before = [conf[_EXTRA_PATH]] if conf.get(_EXTRA_PATH) else []
    return [
        str(java.command),
        "-cp",
        os.pathsep.join([*before, *(path or [f"{pyspark_home() / 'jars'}/*"])]),
        f"-Xmx{conf[HEAP]}",
        f"-Djava.io.tmpdir={folder / 'work'}",
        *flags(java),
        *options,
        *(word for name in _EXTRA_OPTIONS for word in shlex.split(conf.get(name, ""))),
        "org.apache.spark.deploy.SparkSubmit",
        "--properties-file",
        str(properties),
        "pyspark-shell",
    ]


def environment(
    run_file: Path, settings: SparkSettings, modules: Sequence[Path] = (), keys: Mapping[str, str] = _NONE
) -> dict[str, str]:
    """The environment of both Java and script; see script_environment."""
    ours = {"ISINGLASS_JARS": str(settings.jars)} if settings.jars else {}  # where the shim looks for drivers
    if settings.maven_repository:
        ours["DEFAULT_ARTIFACT_REPOSITORY"] = settings.maven_repository  # what Spark takes for Maven's own
    return (
        script_environment(run_file, modules, keys)
        | ours
        | {
            "PYSPARK_PYTHON": settings.python or sys.executable,
            "PYSPARK_DRIVER_PYTHON": sys.executable,
            "SPARK_HOME": str(pyspark_home()),
            "SPARK_SCALA_VERSION": "2.13",
            "SPARK_ENV_LOADED": "1",
            "SPARK_LOCAL_IP": settings.driver_host,
            "_PYSPARK_DRIVER_CONN_INFO_PATH": str(run_file.parent / "work" / "gateway"),
        }
    )


def pyspark_home() -> Path:
    """Where pyspark is installed, found without importing it: that takes a tenth of a second, and commands are many."""
    found = find_spec("pyspark")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("pyspark is not installed beside Isinglass; install it: pip install pyspark==4.3.0")
    return Path(found.origin).parent


def _escaped(text: str) -> str:
    """`text` as a Java properties file spells it: what is not a plain sign as \\uXXXX, in Java's units of 16 bits."""
    units = (unit for sign in text for unit in _units(sign))
    return "".join(chr(unit) if chr(unit) in _PLAIN else f"\\u{unit:04x}" for unit in units)


def _units(sign: str) -> list[int]:
    encoded = sign.encode("utf-16-be", "surrogatepass")
    return [int.from_bytes(encoded[at : at + 2]) for at in range(0, len(encoded), 2)]
