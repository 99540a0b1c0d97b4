"""A connection's JDBC URL as SQLAlchemy's: only for stores that are known, and only with settings that are. Pure.

A JDBC URL's settings can load files, classes and scripts into a client; so each store has a list of those that are
let through, and any other is refused by name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from catalog.errors import InvalidInput

CONNECT_SECONDS = 10
STATEMENT_SECONDS = 300  # of one question about a whole schema


@dataclass(frozen=True)
class Store:
    """A kind of database: SQLAlchemy's driver for it, its port, and JDBC's settings as the driver's own.

    `system` is a pattern of the schemas that are the store's own; of a store that is not known, of all that are usual.
    `levels` is how deep a table lies: 3 for database, schema and table, 2 where a database has no schemas. `extra` is
    what to install for a driver that does not come with Isinglass.
    """

    engine: str
    driver: str
    port: int | None
    levels: int
    settings: Mapping[str, str | None] = field(default_factory=dict)
    connect: Mapping[str, object] = field(default_factory=dict)
    extra: str | None = None
    system: str = "pg_.*|information_schema|performance_schema|mysql|sys|INFORMATION_SCHEMA|SYS"


_POSTGRESQL = Store(
    "postgresql",
    "postgresql+psycopg",
    5432,
    3,
    # None: understood, and without a meaning for a crawler
    {
        "sslmode": "sslmode",
        "connectTimeout": None,
        "loginTimeout": None,
        "ApplicationName": None,
        "currentSchema": None,
        "ssl": None,
    },
    {"connect_timeout": CONNECT_SECONDS, "options": f"-c statement_timeout={STATEMENT_SECONDS}s"},
    system="pg_.*|information_schema",
)
_MYSQL = Store(
    "mysql",
    "mysql+pymysql",
    3306,
    2,
    dict.fromkeys(("useSSL", "serverTimezone", "characterEncoding", "useUnicode", "zeroDateTimeBehavior")),
    {"connect_timeout": CONNECT_SECONDS, "read_timeout": STATEMENT_SECONDS, "local_infile": False},
    "isinglass[mysql]",
)
_SQLITE = Store("sqlite", "sqlite", None, 2)
STORES = {"postgresql": _POSTGRESQL, "mysql": _MYSQL, "mariadb": _MYSQL, "sqlite": _SQLITE}

_NETWORK = re.compile(
    r"jdbc:(?P<kind>\w+)://(?P<host>\[[^\]]+\]|[^/:?,@]+)(:(?P<port>\d+))?(/(?P<database>[^?;/]*))?(?P<rest>.*)"
)
_FILE = re.compile(r"jdbc:sqlite:(?P<path>[^?]+)(?P<rest>.*)")


@dataclass(frozen=True)
class Reach:
    """How a connection's store is reached. `url` bears the password: it is never shown; `shown` may be."""

    store: Store
    url: URL
    shown: str


def reach(connection: str, properties: Mapping[str, str], database: str | None = None) -> Reach:
    """What `properties`, secrets among them, lead to: JDBC_CONNECTION_URL, USERNAME and PASSWORD.

    The URL is JDBC's, or SQLAlchemy's own for any dialect that is installed. `database` stands in for the URL's.
    Raises InvalidInput for a URL or setting that is not let through.
    """
    text = properties.get("JDBC_CONNECTION_URL", "").strip()
    what = f"the JDBC_CONNECTION_URL of connection {connection}"
    if not text:
        raise InvalidInput(what=what, why="it is missing; give one such as jdbc:postgresql://host:5432/database.")
    if not text.lower().startswith("jdbc:"):
        store, url = _of_sqlalchemy(text, what)
    elif text.lower().startswith("jdbc:sqlite:"):
        store, url = _SQLITE, _of_file(text, what)
    else:
        store, url = _of_network(text, what)
    if store.levels == 3 and database:
        url = url.set(database=database)
    shown = url.set(username=None, password=None, query={}).render_as_string().replace("///file%3A", "///", 1)
    user, password = properties.get("USERNAME"), properties.get("PASSWORD")
    if user and store.engine != "sqlite":
        url = url.set(username=user, password=password)
    return Reach(store, url, shown)


def _of_network(text: str, what: str) -> tuple[Store, URL]:
    parts = _NETWORK.fullmatch(text)
    kind = text.split(":")[1]
    store = STORES.get(kind)
    if store is None or store.port is None:
        why = f"no crawler knows {kind}; it can be {', '.join(STORES)}, or SQLAlchemy's URL of another store."
        raise InvalidInput(what=what, why=why)
    if parts is None:
        raise InvalidInput(what=what, why=f"it is none of the form jdbc:{kind}://host:port/database.")
    query = _settings(store, parts["rest"], what)
    host, port = parts["host"].strip("[]"), int(parts["port"] or store.port)
    return store, URL.create(store.driver, host=host, port=port, database=parts["database"] or None, query=query)


def _of_file(text: str, what: str) -> URL:
    parts = _FILE.fullmatch(text)
    if parts is None or not parts["path"].removeprefix("file:").startswith("/"):
        raise InvalidInput(what=what, why="a SQLite file is told by its whole path: jdbc:sqlite:/folder/file.db.")
    _settings(_SQLITE, parts["rest"], what)
    return _read_only(parts["path"].removeprefix("file:"))


def _of_sqlalchemy(text: str, what: str) -> tuple[Store, URL]:
    try:
        url = make_url(text)
    except ArgumentError as error:
        raise InvalidInput(what=what, why="it is neither a JDBC URL nor one of SQLAlchemy's.") from error
    if url.password is not None:
        raise InvalidInput(what=what, why="a password stands in it; give it as the property PASSWORD.")
    for name, value in url.query.items():
        if name != "host" or not str(value).startswith("/"):  # the folder of a server's socket
            raise InvalidInput(what=what, why=f"the setting {name!r} is not let through.")
    backend = url.get_backend_name()
    store = STORES.get(backend)
    if store is None:
        return Store(backend, url.drivername, url.port, 3), url
    if store is _SQLITE:
        if not (url.database or "").startswith("/"):
            raise InvalidInput(what=what, why="a SQLite file is told by its whole path: sqlite:////folder/file.db.")
        return store, _read_only(url.database or "")
    return store, url.set(drivername=store.driver)


def _read_only(path: str) -> URL:
    return URL.create("sqlite", database=f"file:{path}", query={"mode": "ro", "uri": "true"})


def _settings(store: Store, rest: str, what: str) -> dict[str, str]:
    """The settings behind the `?`, as the driver's own."""
    if rest and not rest.startswith("?"):
        raise InvalidInput(what=what, why=f"{rest[0]!r} cannot follow the database; settings follow a '?'.")
    query = {}
    for part in filter(None, rest[1:].split("&")):
        name, _, value = part.partition("=")
        if name not in store.settings:
            known = ", ".join(sorted(store.settings)) or "none"
            raise InvalidInput(what=what, why=f"the setting {name!r} is not let through; these are: {known}.")
        own = store.settings[name]
        if own is not None:
            query[own] = value
    return query
