"""Finding and loading a JDBC driver: what the job brought, then the folders of jars that are known."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from py4j.protocol import Py4JJavaError
from pyspark.sql import SparkSession

from awsglue._jdbc_vendors import Driver, Vendor

JARS = "ISINGLASS_JARS"
_SYSTEM = Path("/usr/share/java")


class DriverMissingError(Exception):
    """No JDBC driver of a database was found: what was looked for, and the ways to bring one."""


def load_driver(session: SparkSession, vendor: Vendor, name: str | None = None, jar: str | None = None) -> Driver:
    """A driver that Spark's Java can use. `name` and `jar` are what a script asks for (customJdbcDriver…).

    Otherwise the vendor's own drivers in order: those on Java's class path (--extra-jars), then those in the folder of
    ISINGLASS_JARS and in the system's. DriverMissingError tells the ways out.
    """
    if jar:
        _add_jar(session, jar)
    wanted = _wanted(vendor, name)
    for driver in wanted:
        if _is_loaded(session, driver.name):
            return driver
    for driver in wanted:
        found = next(_jars(driver.jars), None)
        if found is not None:
            _add_jar(session, str(found))
            if _is_loaded(session, driver.name):
                return driver
    raise DriverMissingError(_ways_out(vendor, wanted))


def _wanted(vendor: Vendor, name: str | None) -> Sequence[Driver]:
    if name is None:
        return vendor.drivers
    return [driver for driver in vendor.drivers if driver.name == name] or [Driver(name, ())]


def _is_loaded(session: SparkSession, name: str) -> bool:
    """Whether the class can be loaded as Spark's JDBC source does it: by the thread's loader, or by Spark's own."""
    java: Any = session._jvm
    try:
        java.org.apache.spark.util.Utils.getContextOrSparkClassLoader().loadClass(name)
    except Py4JJavaError:
        return False
    return True


def _add_jar(session: SparkSession, jar: str) -> None:
    quoted = jar.replace("\\", "\\\\").replace("'", "\\'")
    session.sql(f"ADD JAR '{quoted}'")


def _folders() -> list[Path]:
    named = [Path(folder) for folder in os.environ.get(JARS, "").split(os.pathsep) if folder]
    return [*named, _SYSTEM]


def _jars(globs: Sequence[str]) -> Iterator[Path]:
    for folder in _folders():
        for glob in globs:
            yield from sorted(folder.glob(glob), reverse=True)


def _ways_out(vendor: Vendor, wanted: Sequence[Driver]) -> str:
    names = " or ".join(driver.name for driver in wanted)
    debian = {"postgresql": "libpostgresql-jdbc-java", "mysql": "libmariadb-java"}.get(vendor.name)
    ways = [
        f"put the driver's jar into a folder and name the folder in {JARS}",
        "give it to the job with --extra-jars",
        "name it with customJdbcDriverS3Path and customJdbcDriverClassName",
        *([f"install Debian's package {debian}"] if debian else []),
    ]
    return f"No JDBC driver for {vendor.name} ({names}) was found. Ways out: {'; or '.join(ways)}."
