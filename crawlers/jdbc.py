"""JDBC targets: the tables and views that a database server has, by SQLAlchemy's inspection. No row is read."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, Inspector, create_engine, inspect
from sqlalchemy.engine.reflection import ObjectKind
from sqlalchemy.exc import DBAPIError, NoSuchModuleError, SAWarning, SQLAlchemyError
from sqlalchemy.pool import NullPool

from catalog.catalog import Catalog
from catalog.errors import InvalidInput
from catalog.model import Column, Parameters, SerDe, StorageDescriptor, Table
from crawlers.drafts import CRAWLER, SERIALIZER, Draft
from crawlers.errors import CrawlStopped, DriverMissing, StoreUnreachable
from crawlers.gathering import Gathered, Request
from crawlers.jdbc_types import hive_type
from crawlers.jdbc_urls import Reach, reach
from crawlers.listing import compile_glob
from crawlers.model import JdbcMetadata, JdbcTarget
from crawlers.report import ColumnEvidence, Note, Vote

CONNECTION = "connectionName"
_ANY = "%"
NO_COLUMN = "it has no column that this user may see"
STAYS = "its rows stay in the database: a query of Spark's through the catalog does not reach them"
BROKEN = "it is a view that its database cannot describe: what it is made of may be gone"


@dataclass(frozen=True)
class Include:
    """A target's path: patterns in which `%` stands for any text. `schema` is None where a store has no schemas.

    `system` is a regular expression of the schemas that are the store's own.
    """

    database: str
    schema: str | None
    table: str
    system: str = ""

    def takes_schema(self, name: str) -> bool:
        """System schemas are taken only by their own names."""
        return self.schema is not None and (
            name == self.schema or (_fits(self.schema, name) and not re.fullmatch(self.system, name))
        )


def parse_path(path: str, levels: int, system: str = "") -> Include:
    """`database/schema/table`, or `database/table` where `levels` is 2; what is left out at the end is any.

    Raises InvalidInput for a path that is too long, and one with `%` for the database.
    """
    parts = path.strip("/").split("/")
    form = "database/schema/table" if levels == 3 else "database/table"
    if not parts[0] or _ANY in parts[0] or len(parts) > levels:
        why = (
            f"it is to be {form}; % stands for any {'schema or ' if levels == 3 else ''}table, never for the database."
        )
        raise InvalidInput(what=f"the path {path!r} of a JDBC target", why=why)
    parts += [_ANY] * (levels - len(parts))
    return Include(parts[0], parts[1] if levels == 3 else None, parts[-1], system)


def gather(target: JdbcTarget, request: Request) -> Gathered:
    """A draft of each table and view that the target's path takes in.

    Raises NotFound (connection), InvalidInput (its URL, the path), DriverMissing, StoreUnreachable.
    """
    _, properties = request.catalog.unsealed_connection(target.connection)
    database = target.path.strip("/").partition("/")[0]
    reached = reach(target.connection, properties, database)
    include = parse_path(target.path, reached.store.levels, reached.store.system)
    gathered = Gathered(of_server=True)
    with request.timed("list and read"), inspecting(target.connection, reached) as inspector:
        for schema in _schemas(inspector, include, reached):
            if request.stop():
                raise CrawlStopped
            _gather_schema(schema, target, include, reached, inspector, request, gathered)
            request.told("tables read", gathered.read, 0)
    gathered.roots = _roots(target, include, request)
    return gathered


def try_connection(catalog: Catalog, name: str) -> str:
    """Connect to the store that the catalog's connection tells of, as a crawl does, and ask it for an answer alone.

    Returns what was reached, without secrets.

    Raises NotFound, InvalidInput for one that is no JDBC connection, DriverMissing, StoreUnreachable.
    """
    found, properties = catalog.unsealed_connection(name)
    if found.kind != "JDBC":
        raise InvalidInput(what=f"a test of connection {name}", why=f"it is of type {found.kind}; JDBC is tried only.")
    reached = reach(name, properties)
    with inspecting(name, reached) as inspector:
        inspector.get_view_names() if reached.url.database else inspector.get_schema_names()
    return reached.shown


@contextmanager
def inspecting(connection: str, reached: Reach) -> Iterator[Inspector]:
    """An inspector of the store that a connection reaches. Raises DriverMissing and StoreUnreachable, and no secret."""
    engine = _engine(reached)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SAWarning)  # a type that is not recognised is a string here
            yield inspect(engine)
    except (SQLAlchemyError, OSError) as error:
        why = without_secrets(error, reached)
        raise StoreUnreachable(connection=connection, url=reached.shown, why=why) from None
    finally:
        engine.dispose()


def _engine(reached: Reach) -> Engine:
    try:
        return create_engine(reached.url, poolclass=NullPool, connect_args=dict(reached.store.connect))
    except (ImportError, NoSuchModuleError) as error:
        hint = f"pip install '{reached.store.extra}'" if reached.store.extra else str(error)
        raise DriverMissing(place=reached.shown, scheme=reached.store.driver, why=hint) from error


def without_secrets(error: Exception, reached: Reach) -> str:
    """The first line of what a driver says, which may repeat the URL that it was given."""
    text = str(getattr(error, "orig", None) or error).strip().splitlines()
    told = text[0] if text else type(error).__name__
    password = reached.url.password
    return told.replace(str(password), "***") if password else told


def _schemas(inspector: Inspector, include: Include, reached: Reach) -> Sequence[str | None]:
    if include.schema is not None:
        return sorted(name for name in inspector.get_schema_names() if include.takes_schema(name))
    return [None if reached.store.engine == "sqlite" else include.database]


def _gather_schema(
    schema: str | None,
    target: JdbcTarget,
    include: Include,
    reached: Reach,
    inspector: Inspector,
    request: Request,
    gathered: Gathered,
) -> None:
    """Four questions for a whole schema, however many tables it has."""
    excluded = [compile_glob(pattern) for pattern in target.exclusions]
    above = (schema,) if include.schema is not None and schema is not None else ()
    views = {*inspector.get_view_names(schema), *_materialized(inspector, schema)}
    columns = _described(inspector, schema, views)
    keys = inspector.get_multi_pk_constraint(schema=schema, kind=ObjectKind.TABLE)
    comments = _comments(inspector, schema)
    for key, found in sorted(columns.items(), key=lambda item: item[0][1]):
        name = key[1]
        gathered.listed += 1
        below = "/".join((*above, name))
        place = "/".join((include.database, below))
        if not _fits(include.table, name):
            continue
        if any(pattern.fullmatch(below) for pattern in excluded):
            gathered.skipped.append(Note(place, "an exclusion pattern matches it"))
            continue
        if not found:
            # Spelled like the table's location, so that it is known to be there.
            why = BROKEN if name in views else NO_COLUMN
            gathered.failed.append(Note(".".join((include.database, *above, name)), why))
            continue
        gathered.read += 1
        made = _Found(
            path=(include.database, *above, name),
            kind="view" if name in views else "table",
            columns=found,
            primary_key=tuple(keys[key]["constrained_columns"]) if key in keys else (),
            comment=comments.get(name),
        )
        gathered.drafts.append(_draft(made, target, reached.store.engine, request))


def _described(inspector: Inspector, schema: str | None, views: set[str]) -> dict[Any, list[Any]]:
    """The columns of all tables and views; none of a view that is broken, for which a store may refuse to tell any."""
    try:
        found: dict[Any, list[Any]] = dict(inspector.get_multi_columns(schema=schema, kind=ObjectKind.ANY))
    except DBAPIError:
        found = dict(inspector.get_multi_columns(schema=schema, kind=ObjectKind.TABLE))
        for name in views:
            with suppress(DBAPIError):
                found[schema, name] = inspector.get_columns(name, schema)
    return {(schema, name): [] for name in views} | found


def _materialized(inspector: Inspector, schema: str | None) -> list[str]:
    try:
        return inspector.get_materialized_view_names(schema)
    except NotImplementedError:  # a store that has none
        return []


def _comments(inspector: Inspector, schema: str | None) -> dict[str, str]:
    try:
        found = inspector.get_multi_table_comment(schema=schema, kind=ObjectKind.ANY)
    except NotImplementedError:  # a store that has none
        return {}
    return {name: text for (_, name), told in found.items() if (text := told["text"])}


@dataclass(frozen=True)
class _Found:
    """A table or view as its store describes it; `path` begins with the database."""

    path: tuple[str, ...]
    kind: str
    columns: list[Any]
    primary_key: tuple[str, ...]
    comment: str | None


def _draft(found: _Found, target: JdbcTarget, engine: str, request: Request) -> Draft:
    columns, notes = _columns(found.columns, target.metadata, engine)
    parameters: Parameters = {
        **SERIALIZER,
        CRAWLER: request.crawler.name,
        "classification": engine,
        "compressionType": "none",
        "typeOfData": found.kind,
        CONNECTION: target.connection,
    }
    if found.primary_key:
        parameters["primaryKey"] = ",".join(name.lower() for name in found.primary_key)
    location = ".".join(found.path)
    storage = StorageDescriptor(columns=columns, location=location, serde=SerDe(), parameters=parameters)
    wanted = target.table_name or "_".join(found.path)
    table = Table(
        database=request.crawler.database,
        name=re.sub(r"\W", "_", f"{request.crawler.prefix}{wanted}".lower())[:128],
        storage=storage,
        parameters=parameters,
        description=found.comment if JdbcMetadata.COMMENTS in target.metadata else None,
    )
    why = f"It is a {found.kind} of the database {found.path[0]}."
    return Draft(table, why=why, format=engine, notes=(STAYS, *notes), evidence=_evidence(columns, found, location))


def _columns(
    found: list[Any], metadata: tuple[JdbcMetadata, ...], engine: str
) -> tuple[tuple[Column, ...], tuple[str, ...]]:
    """Names in lower case; a second one that is equal then is numbered, as in files."""
    columns: dict[str, Column] = {}
    notes = []
    for each in found:
        name, number = str(each["name"]).lower(), 1
        while name in columns:
            name, number = f"{each['name']}_{number}".lower(), number + 1
        if name != str(each["name"]).lower():
            notes.append(f"column {each['name']} is called {name}, as its name is taken in lower case")
        more: Parameters = {"aws:RawColumnName": str(each["name"])} if name != each["name"] else {}
        if JdbcMetadata.RAWTYPES in metadata:
            more["aws:RawType"] = _raw(each["type"])
        comment = each.get("comment") if JdbcMetadata.COMMENTS in metadata else None
        columns[name] = Column(name, hive_type(each["type"], engine), comment, more)
    return tuple(columns.values()), tuple(notes)


def _evidence(columns: tuple[Column, ...], found: _Found, place: str) -> tuple[ColumnEvidence, ...]:
    return tuple(
        ColumnEvidence(column.name, column.type, (Vote(_raw(each["type"]), 1, place),))
        for column, each in zip(columns, found.columns, strict=True)
    )


def _raw(found: Any) -> str:
    try:
        return str(found).lower()
    except SQLAlchemyError:  # a type that SQLAlchemy did not recognise has no text
        return "unknown"


def _roots(target: JdbcTarget, include: Include, request: Request) -> tuple[str, ...]:
    """The tables of earlier crawls that the path takes in: those that are not found again are gone."""
    mine = (table for table in request.tables if table.parameters.get(CONNECTION) == target.connection)
    places = (table.storage.location or "" for table in mine)
    return tuple(place for place in places if _takes(include, place))


def _takes(include: Include, location: str) -> bool:
    parts = location.split(".", 1 if include.schema is None else 2)
    if len(parts) != (2 if include.schema is None else 3) or parts[0] != include.database:
        return False
    return _fits(include.table, parts[-1]) and (include.schema is None or include.takes_schema(parts[1]))


def _fits(pattern: str, name: str) -> bool:
    """`%` stands for any text, all else for itself; the case counts."""
    return re.fullmatch(".*".join(map(re.escape, pattern.split(_ANY))), name, re.DOTALL) is not None
