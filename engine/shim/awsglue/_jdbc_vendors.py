"""The kinds of database that JDBC reaches: how each spells URLs, its drivers, and the little SQL that differs. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from awsglue._missing import NotProvidedError

_PLAIN = re.compile(r"\w+|\".*\"|`.*`|\[.*\]", re.DOTALL)
_SMALL = re.compile(r"[a-z_][a-z0-9_]*")


@dataclass(frozen=True)
class Driver:
    """A driver's class, the jars it comes in (globs), the settings it needs to read and write in bulk, and those that
    make it refuse a connection without TLS."""

    name: str
    jars: tuple[str, ...]
    settings: dict[str, str] = field(default_factory=dict)
    encrypting: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Vendor:
    """A kind of database, named as Glue's connection type.

    `levels` is how many names say where a table lies (3: database, schema, table). `hashed`, `remainder`, `limited`,
    `instant_text`, `instant` and `day` are SQL with places to fill in: a number of any column, the remainder of two
    numbers, a query's first rows, a timestamp as text, and a text as timestamp and as date. `backslashes`: a text's
    backslash is written twice. `capitals`: a name that is not quoted is one of capitals. `numbered` asks for the
    primary key of a table, as far as it is one column that the store numbers itself; empty where nobody knows how.
    """

    name: str
    scheme: str
    drivers: tuple[Driver, ...]
    levels: int
    quotes: str
    hashed: str
    remainder: str
    limited: str
    instant_text: str
    instant: str = "'{value}'"
    day: str = "'{value}'"
    backslashes: bool = False
    capitals: bool = False
    numbered: str = ""

    def quoted(self, name: str) -> str:
        """A name of one part, be it a word of SQL; a small one stays as it is where names are folded to capitals."""
        if self.capitals and _SMALL.fullmatch(name):
            return name
        left, right = self.quotes[0], self.quotes[-1]
        return left + name.replace(right, right * 2) + right

    def column(self, name: str) -> str:
        """A column as a script names it: with capitals, or quoted already, it is the script's own SQL.

        A small name is the same quoted, and `user` and `order` are columns then.
        """
        return name if _PLAIN.fullmatch(name) and not _SMALL.fullmatch(name) else self.quoted(name)

    def first(self, query: str, count: int) -> str:
        """A query for the first rows of `query`, in no order."""
        return self.first_of("*", query, count)

    def first_of(self, columns: str, rest: str, count: int) -> str:
        """A query for some columns of the first rows; `rest` is what follows FROM."""
        return self.limited.format(columns=columns, rest=rest, count=int(count))

    def bucket(self, number: str, count: int, at: int) -> str:
        """The condition that a row falls into bucket `at` of `count` by a number: each row falls into just one.

        What is null, or leaves no whole remainder, falls into the first.
        """
        left = f"ABS({self.remainder.format(number=number, count=count)})"
        if at:
            return f"{left} = {at}"
        others = ", ".join(str(each) for each in range(1, count))
        return f"({left} NOT IN ({others}) OR {left} IS NULL)" if others else "1 = 1"


_MARIADB = Driver(
    "org.mariadb.jdbc.Driver",
    ("mariadb-java-client*.jar",),
    {"rewriteBatchedStatements": "true", "permitMysqlScheme": "true"},
    {"useSSL": "true"},
)
_CONNECTOR_J = Driver(
    "com.mysql.cj.jdbc.Driver",
    ("mysql-connector-j*.jar", "mysql-connector-java*.jar"),
    {"rewriteBatchedStatements": "true", "useCursorFetch": "true"},
    {"sslMode": "REQUIRED"},
)

_PGJDBC = Driver(
    "org.postgresql.Driver", ("postgresql*.jar",), {"reWriteBatchedInserts": "true"}, {"sslmode": "require"}
)
_MSSQL = Driver("com.microsoft.sqlserver.jdbc.SQLServerDriver", ("mssql-jdbc*.jar",), encrypting={"encrypt": "true"})
_SERIAL = """SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
    WHERE i.indrelid = to_regclass('{table}') AND i.indisprimary AND i.indnkeyatts = 1
    AND pg_get_serial_sequence(i.indrelid::regclass::text, a.attname) IS NOT NULL"""
_AUTO_INCREMENT = """SELECT MAX(CASE WHEN extra LIKE '%auto_increment%' THEN column_name END)
    FROM information_schema.columns WHERE column_key = 'PRI'
    AND table_name = REPLACE(SUBSTRING_INDEX('{table}', '.', -1), '`', '')
    AND table_schema = IF(LOCATE('.', '{table}') > 0, REPLACE(SUBSTRING_INDEX('{table}', '.', 1), '`', ''), DATABASE())
    HAVING COUNT(*) = 1"""

VENDORS = {
    vendor.name: vendor
    for vendor in (
        Vendor(
            "mysql",
            "jdbc:mysql:",
            (_CONNECTOR_J, _MARIADB),
            levels=2,
            quotes="``",
            hashed="CRC32({column})",
            remainder="MOD({number}, {count})",
            limited="SELECT {columns} FROM {rest} LIMIT {count}",
            instant_text="CAST({column} AS CHAR)",
            backslashes=True,
            numbered=_AUTO_INCREMENT,
        ),
        Vendor(
            "postgresql",
            "jdbc:postgresql:",
            (_PGJDBC,),
            levels=3,
            quotes='""',
            hashed="HASHTEXT(CAST({column} AS TEXT))",
            remainder="MOD({number}, {count})",
            limited="SELECT {columns} FROM {rest} LIMIT {count}",
            instant_text="CAST({column} AS TEXT)",
            numbered=_SERIAL,
        ),
        Vendor(
            "sqlserver",
            "jdbc:sqlserver:",
            (_MSSQL,),
            levels=3,
            quotes="[]",
            hashed="CHECKSUM({column})",
            remainder="({number}) % {count}",
            limited="SELECT TOP {count} {columns} FROM {rest}",
            instant_text="CONVERT(VARCHAR(33), {column}, 121)",
        ),
        Vendor(
            "oracle",
            "jdbc:oracle:",
            (Driver("oracle.jdbc.OracleDriver", ("ojdbc*.jar",)),),
            levels=3,
            quotes='""',
            hashed="ORA_HASH({column})",
            remainder="MOD({number}, {count})",
            limited="SELECT {columns} FROM {rest} FETCH FIRST {count} ROWS ONLY",
            instant_text="TO_CHAR(CAST({column} AS TIMESTAMP), 'YYYY-MM-DD HH24:MI:SS.FF9')",
            instant="TO_TIMESTAMP('{value}', 'YYYY-MM-DD HH24:MI:SS.FF9')",
            day="DATE '{value}'",
            capitals=True,
        ),
    )
}


def vendor_of(url: str) -> Vendor:
    """The vendor a JDBC URL speaks of. NotProvidedError naming one that is not known."""
    scheme = as_mysql(url).strip().lower()
    for vendor in VENDORS.values():
        if scheme.startswith(vendor.scheme):
            return vendor
    kind = url.split(":")[1] if scheme.startswith("jdbc:") and ":" in url[5:] else url.partition(":")[0]
    raise NotProvidedError(f"JDBC connections to {kind!r}", f"It knows URLs of {', '.join(VENDORS)}, as jdbc:mysql://…")


def as_mysql(url: str) -> str:
    """MariaDB's URL as MySQL's: Spark knows how to quote for the one and not for the other."""
    return re.sub(r"^\s*jdbc:mariadb:", "jdbc:mysql:", url, flags=re.IGNORECASE)


_NETWORK = re.compile(r"(?P<server>jdbc:\w+://[^/?;]*)(/(?P<database>[^?;]*))?(?P<settings>[?;].*)?", re.DOTALL)
_ORACLE = re.compile(r"(?P<server>jdbc:oracle:\w+:@(//)?[^/:]+(:\d+)?)([:/](?P<database>.*))?", re.DOTALL)


def server_of(url: str) -> str:
    """A JDBC URL without database and settings."""
    return _server(url) or url


def _server(url: str) -> str | None:
    found = (_ORACLE if url.startswith("jdbc:oracle:") else _NETWORK).fullmatch(url)
    return found["server"] if found else None


_ACCOUNT = re.compile(r"(?P<before>jdbc:oracle:\w+:(?=.*@)|jdbc:\w+://)(?P<account>[^?;]*(?=@))?", re.IGNORECASE)
_SECRET = re.compile(r"(?:password|pwd)\s*=\s*([^&;)]+)", re.IGNORECASE)


def shown_server(url: str) -> str:
    """As server_of, to be shown: without user and password; of a URL that is not understood only its kind."""
    account = _ACCOUNT.match(url)
    bare = url
    if account is not None and account["account"]:
        at = "@" if "oracle" in account["before"].lower() else ""
        bare = account["before"] + at + url[account.end() + 1 :]
    server = _server(bare)
    return server if server and "=" not in server else ":".join(url.split(":")[:2])


def secrets_in(url: str) -> list[str]:
    """The passwords that a JDBC URL holds."""
    account = _ACCOUNT.match(url)
    found = re.split("[:/]", account["account"], maxsplit=1)[1:] if account and account["account"] else []
    return [*found, *_SECRET.findall(url)]


def with_database(url: str, database: str | None) -> str:
    """The URL with another database, or, of Oracle, service; the same URL without one."""
    if not database:
        return url
    if url.startswith("jdbc:oracle:"):
        return f"{server_of(url)}/{database}"
    found = _NETWORK.fullmatch(url)
    if found is None:
        return url
    settings = found["settings"] or ""
    if url.startswith("jdbc:sqlserver:"):
        others = [part for part in settings.split(";") if part and not part.lower().startswith("database")]
        return ";".join([found["server"], f"databaseName={database}", *others])
    return f"{found['server']}/{database}{settings}"


def switched_on(value: Any) -> bool:
    """A switch as scripts and connections spell it: a bool, or a text such as "true"."""
    return str(value).lower() in ("true", "1")
