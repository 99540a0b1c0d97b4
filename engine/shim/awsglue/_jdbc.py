"""Databases through JDBC: from Glue's options and the catalog's connections to Spark's reader and writer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

from py4j.protocol import Py4JJavaError
from pyspark.errors.exceptions.captured import CapturedException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import types as spark

from awsglue._formats import folded
from awsglue._jdbc_drivers import load_driver
from awsglue._jdbc_queries import Queries
from awsglue._jdbc_vendors import (
    VENDORS,
    Vendor,
    as_mysql,
    secrets_in,
    server_of,
    shown_server,
    switched_on,
    vendor_of,
    with_database,
)
from awsglue._missing import NotProvidedError
from awsglue._service import get_service
from awsglue._tree import column_named

ANY_DATABASE = "jdbc"  # the kind of database is what the url says
DATABASES = (*VENDORS, ANY_DATABASE, "custom.jdbc", "marketplace.jdbc")
BATCH_ROWS = "10000"
_ENFORCE_SSL = "JDBC_ENFORCE_SSL"
_OURS = frozenset(
    [
        _ENFORCE_SSL.lower(),
        *("url", "user", "username", "password", "dbtable", "query", "database", "driver", "fetchsize", "batchsize"),
        *("connectionname", "useconnectionproperties", "catalogconnection", "connectiontype", "classification"),
        *("customjdbcdrivers3path", "customjdbcdriverclassname", "filterpredicate", "bulksize", "useframename"),
        *(
            "classname",
            "tablename",
            "secretid",
            "datatypemapping",
            "usesparkdatasource",
            "usecatalogschema",
            "withheader",
        ),
        *("hashfield", "hashexpression", "hashpartitions", "samplequery", "samplesize"),
        *("partitioncolumn", "lowerbound", "upperbound", "numpartitions", "enablepartitioningforsamplequery"),
        *("jobbookmarkkeys", "jobbookmarkkeyssortorder", "redshifttmpdir", "compressiontype", "typeofdata"),
        *("partitionkeys", "path", "paths"),
    ]
)
_UNKNOWN = {
    "secretId": "Give user and password, or the connectionName of a connection that has them.",
    "dataTypeMapping": "Cast the columns after reading them, with apply_mapping.",
}
_NO_COLUMN = (spark.StructType, spark.MapType, spark.VariantType)


class DatabaseError(Exception):
    """A database cannot be reached, or refuses what it is asked: its kind, its server, and what its driver says."""


@dataclass(frozen=True)
class Database:
    """A database as Spark reaches it. `settings` are further ones of the driver. The password is shown nowhere."""

    vendor: Vendor
    url: str = field(repr=False)
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    driver: str | None = None
    jar: str | None = None
    settings: dict[str, str] = field(default_factory=dict, repr=False)
    encrypted: bool = False

    def options(self, session: SparkSession) -> dict[str, str]:
        """Spark's options to reach it, its driver loaded. DriverMissingError where there is none.

        NotProvidedError where TLS is demanded of a driver of which we do not know how.
        """
        driver = load_driver(session, self.vendor, self.driver, self.jar)
        named = {"url": self.url, "user": self.user, "password": self.password, "driver": driver.name}
        if self.encrypted and not driver.encrypting:
            raise NotProvidedError(f"JDBC_ENFORCE_SSL with the driver {driver.name}", "Demand TLS in the URL instead.")
        secured = driver.encrypting if self.encrypted else {}
        return {**driver.settings, **{k: v for k, v in named.items() if v is not None}, **self.settings, **secured}


def database_of(connection_type: str, given: Mapping[str, Any]) -> Database:
    """The database that a script's options lead to: by their url, or by a connection of the catalog.

    What the options say goes before the connection's properties. ValueError without a URL, or with one of another
    kind than `connection_type`; NoServiceError for a connection without the service; NotProvidedError for an option of
    connectors that is not known.
    """
    options = folded(dict(given))
    for name, instead in _UNKNOWN.items():
        if options.get(name.lower()):
            raise NotProvidedError(f"the option {name} of {connection_type}", instead)
    named = options.get("connectionname") or options.get("catalogconnection")
    if named and (not options.get("url") or switched_on(options.get("useconnectionproperties"))):
        options = {**_of_connection(str(named)), **{k: v for k, v in options.items() if v is not None}}
    url = str(options.get("url") or "").strip()
    if not url:
        raise ValueError(
            f"Reaching {connection_type} needs the option url, or connectionName with a connection of the catalog."
        )
    vendor = vendor_of(url)
    if connection_type in VENDORS and vendor.name != connection_type:
        raise ValueError(f"The url is one of {vendor.name}, and the connection type is {connection_type}.")
    return Database(
        vendor,
        with_database(as_mysql(url), _text(options, "database")),
        _text(options, "user") or _text(options, "username"),
        _text(options, "password"),
        _text(options, "customjdbcdriverclassname") or _text(options, "driver") or _text(options, "classname"),
        _text(options, "customjdbcdrivers3path"),
        {name: str(value) for name, value in given.items() if name.lower() not in _OURS and value is not None},
        switched_on(options.get(_ENFORCE_SSL.lower())),
    )


def _text(options: Mapping[str, Any], name: str) -> str | None:
    value = options.get(name)
    return str(value) if value not in (None, "") else None


def _of_connection(name: str) -> dict[str, Any]:
    """A connection's properties in the words of a script's options."""
    found = get_service(f"The connection {name}").connection(name)
    if "SECRET_ID" in found and "PASSWORD" not in found:
        raise NotProvidedError(
            f"asking a secret store for the password of the connection {name} (SECRET_ID)",
            "Give it USERNAME and PASSWORD.",
        )
    driver = found.get("JDBC_DRIVER_CLASS_NAME"), found.get("JDBC_DRIVER_JAR_URI")
    given = {
        "url": jdbc_url(name, found),
        "user": found.get("USERNAME"),
        "password": found.get("PASSWORD"),
        "customjdbcdriverclassname": driver[0],
        "customjdbcdrivers3path": driver[1],
        _ENFORCE_SSL.lower(): found.get(_ENFORCE_SSL),
    }
    return {option: value for option, value in given.items() if value}


def jdbc_url(name: str, properties: Mapping[str, str]) -> str:
    """The JDBC URL of a connection. ValueError for a connection that has none."""
    url = properties.get("JDBC_CONNECTION_URL", "").strip()
    if not url.lower().startswith("jdbc:"):
        raise ValueError(
            f"The connection {name} has no JDBC URL; jobs need one as JDBC_CONNECTION_URL, such as "
            "jdbc:postgresql://host:5432/database."
        )
    return url


def jdbc_conf(name: str) -> dict[str, str]:
    """A connection as extract_jdbc_conf tells it; `url` is its server, `fullUrl` the whole."""
    found = get_service(f"The connection {name}").connection(name)
    url = jdbc_url(name, found)
    return {
        "url": server_of(url),
        "fullUrl": url,
        "user": found.get("USERNAME", ""),
        "password": found.get("PASSWORD", ""),
        "vendor": vendor_of(url).name,
        "enforceSSL": found.get(_ENFORCE_SSL, "false"),
        "customJDBCCert": found.get("CUSTOM_JDBC_CERT", ""),
        "skipCustomJDBCCertValidation": found.get("SKIP_CUSTOM_JDBC_CERT_VALIDATION", "false"),
        "customJDBCCertString": found.get("CUSTOM_JDBC_CERT_STRING", ""),
    }


def table_at(vendor: Vendor, location: str) -> tuple[str, str]:
    """The database, and the table as SQL names it, that a catalog table's location says: database.schema.table."""
    database, *rest = location.split(".", vendor.levels - 1)
    if not rest:
        raise ValueError(f"{location!r} is no place of a table of {vendor.name}: it is database.schema.table.")
    return database, ".".join(vendor.quoted(part) for part in rest)


@contextmanager
def telling(database: Database) -> Iterator[None]:
    """What a driver says, which Spark keeps to itself, as DatabaseError: with the server's name and no password."""
    try:
        yield
    except (CapturedException, Py4JJavaError) as error:
        said = _first_cause(error.java_exception if isinstance(error, Py4JJavaError) else error._origin)
        if said is None:
            raise
        told = without_secrets(said, database)
        raise DatabaseError(f"{database.vendor.name} at {shown_server(database.url)}: {told}") from None


def without_secrets(text: str, database: Database) -> str:
    for secret in filter(None, (database.password, *secrets_in(database.url))):
        text = text.replace(secret, "***")
    return text


def _first_cause(java: Any) -> str | None:
    """The first line of what began a failure in Java; None if nothing lies behind what was raised."""
    deeper = java.getCause() if java is not None else None
    if deeper is None:
        return None
    while deeper.getCause() is not None:
        deeper = deeper.getCause()
    return str(deeper.getMessage() or deeper.getClass().getName()).strip().partition("\n")[0]


def read_rows(session: SparkSession, database: Database, queries: Queries) -> DataFrame:
    """The rows of the queries, with the driver's types. Only the columns' types are asked for at once."""
    reaching = {**database.options(session), **queries.options}
    with telling(database):
        frames = [_read(session, reaching, table, queries.predicates) for table in queries.tables]
    frame = reduce(DataFrame.union, frames)
    return frame if queries.limit is None else frame.limit(queries.limit)


def _read(session: SparkSession, reaching: dict[str, str], table: str, predicates: tuple[str, ...]) -> DataFrame:
    if not predicates:
        return session.read.format("jdbc").options(**reaching, dbtable=table).load()
    rest = {name: value for name, value in reaching.items() if name != "url"}
    return session.read.jdbc(reaching["url"], table, predicates=list(predicates), properties=rest)


def write_rows(frame: DataFrame, database: Database, table: str, options: Mapping[str, Any]) -> None:
    """Appends to a table, which is made if it is not there. NotProvidedError for columns that no table can hold.

    Fields that are always null are written as texts. bulkSize is how many connections write at once, batchsize how
    many rows go at a time.
    """
    nested = [each.name for each in frame.schema.fields if isinstance(each.dataType, _NO_COLUMN)]
    if nested:
        raise NotProvidedError(
            f"writing the nested column {nested[0]!r} to a table of {database.vendor.name}",
            "Flatten the frame first (unnest, relationalize), or resolve its choices (resolveChoice).",
        )
    always_null = [each.name for each in frame.schema.fields if isinstance(each.dataType, spark.NullType)]
    typed = frame.withColumns({name: column_named(frame, name).cast("string") for name in always_null})
    bulk = int(options.get("bulksize") or 0)
    spread = typed.repartition(bulk) if bulk > 0 else typed
    settings = {"batchsize": str(options.get("batchsize") or BATCH_ROWS), "dbtable": table}
    writer = spread.write.format("jdbc").mode("append").options(**database.options(frame.sparkSession), **settings)
    with telling(database):
        writer.save()
