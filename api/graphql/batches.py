"""What a list's nodes are asked for one by one, read for all of them in one statement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, Generic, TypeVar

import msgspec
from sqlalchemy import ColumnElement, RowMapping, Select, Table, func, select, tuple_

from catalog import rows as catalog_rows
from catalog.catalog import Catalog
from catalog.db import reading
from catalog.model import Origin
from crawlers import rows as crawler_rows
from crawlers.report import Report
from engine import rows
from engine.engine import Engine
from engine.model import CRAWL, JOB, Bookmark, CrawlerState, Run, RunEvent, RunKind, RunSource

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
S = TypeVar("S")

TableKey = tuple[str, str]


class Batch(Generic[K]):
    """The keys of nodes that are answered together. What is read for one of them is read for all, once."""

    def __init__(self, keys: Sequence[K]) -> None:
        self.keys = keys
        self.read: dict[Callable[..., object], Mapping[K, Any]] = {}

    def of(self, key: K, read: Callable[[S, Sequence[K]], Mapping[K, V]], source: S) -> V | None:
        if read not in self.read:
            self.read[read] = read(source, self.keys)
        return self.read[read].get(key)


# Of each table.


def latest_origins(catalog: Catalog, tables: Sequence[TableKey]) -> Mapping[TableKey, Origin]:
    """Who made the version in force."""
    t, v = catalog_rows.tables, catalog_rows.table_versions
    joined = t.join(catalog_rows.databases).join(v, (v.c.table_id == t.c.id) & (v.c.version == t.c.version))
    statement = select(catalog_rows.databases.c.name.label("database"), t.c.name.label("table"), v).select_from(joined)
    return {
        (row["database"], row["table"]): Origin(row["face"], row["principal"], row["run_id"])
        for row in _rows(catalog, statement.where(_named(tables)))
    }


def partition_counts(catalog: Catalog, tables: Sequence[TableKey]) -> Mapping[TableKey, int]:
    """Tables without partitions are left out."""
    t, d, p = catalog_rows.tables, catalog_rows.databases, catalog_rows.partitions
    counted = select(d.c.name.label("database"), t.c.name.label("table"), func.count().label("count"))
    statement = counted.select_from(t.join(d).join(p)).where(_named(tables)).group_by(d.c.name, t.c.name)
    return {(row["database"], row["table"]): row["count"] for row in _rows(catalog, statement)}


# Of each job and each crawler.


def latest_job_runs(engine: Engine, jobs: Sequence[str]) -> Mapping[str, Run]:
    return _latest_runs(engine, JOB, rows.jobs, jobs)


def latest_crawls(engine: Engine, crawlers: Sequence[str]) -> Mapping[str, Run]:
    return _latest_runs(engine, CRAWL, crawler_rows.crawlers, crawlers)


def crawler_states(engine: Engine, crawlers: Sequence[str]) -> Mapping[str, CrawlerState]:
    """Those that are not ready; as Engine.crawler_state, of many."""
    return {
        run.subject: CrawlerState.STOPPING if run.stop_requested_at else CrawlerState.RUNNING
        for run in engine.unfinished_runs(CRAWL)
        if run.subject is not None and run.subject in crawlers
    }


def bookmarks(engine: Engine, jobs: Sequence[str]) -> Mapping[str, Bookmark]:
    c = rows.bookmarks.c
    newest = select(c.job, func.max(c.version).label("version")).where(c.job.in_(jobs)).group_by(c.job).subquery()
    statement = select(rows.bookmarks).join(newest, (newest.c.job == c.job) & (newest.c.version == c.version))
    return {
        row["job"]: _value(row, Bookmark, sources=msgspec.json.decode(row["state"])) for row in _rows(engine, statement)
    }


# Of each run.


def events(engine: Engine, runs: Sequence[str]) -> Mapping[str, list[RunEvent]]:
    """In the order in which they happened."""
    c = rows.run_events.c
    found: defaultdict[str, list[RunEvent]] = defaultdict(list)
    for row in _rows(engine, select(rows.run_events).where(c.run_id.in_(runs)).order_by(c.id)):
        found[row["run_id"]].append(_value(row, RunEvent))
    return found


def sources(engine: Engine, runs: Sequence[str]) -> Mapping[str, list[RunSource]]:
    c = rows.run_sources.c
    found: defaultdict[str, list[RunSource]] = defaultdict(list)
    for row in _rows(engine, select(rows.run_sources).where(c.run_id.in_(runs)).order_by(c.context)):
        found[row["run_id"]].append(_value(row, RunSource, state=msgspec.json.decode(row["state"] or "null")))
    return found


def reports(engine: Engine, runs: Sequence[str]) -> Mapping[str, Report]:
    c = crawler_rows.crawls.c
    statement = select(c.run_id, c.report).where(c.run_id.in_(runs))
    return {row["run_id"]: msgspec.json.decode(row["report"], type=Report) for row in _rows(engine, statement)}


def _latest_runs(engine: Engine, kind: RunKind, subjects: Table, names: Sequence[str]) -> Mapping[str, Run]:
    """For each definition its newest run is looked up by the index, however many runs it has had."""
    c = rows.runs.c
    of_subject = select(c.id).where(c.kind == kind, c.subject == subjects.c.name)
    newest = of_subject.order_by(c.queued_at.desc(), c.id.desc()).limit(1).scalar_subquery()
    ids = select(newest).select_from(subjects).where(subjects.c.name.in_(names))
    return {
        row["subject"]: _value(row, Run, figures=msgspec.json.decode(row["figures"] or "{}"))
        for row in _rows(engine, select(rows.runs).where(c.id.in_(ids)))
    }


def _named(tables: Sequence[TableKey]) -> ColumnElement[bool]:
    return tuple_(catalog_rows.databases.c.name, catalog_rows.tables.c.name).in_(tables)


def _rows(door: Catalog | Engine, statement: Select[Any]) -> Sequence[RowMapping]:
    with reading(door.engine) as connection:
        return connection.execute(statement).mappings().all()


def _value(row: RowMapping, kind: type[V], **decoded: object) -> V:
    """The row as a value of the engine's; `decoded` are the fields that it keeps as JSON text."""
    return msgspec.convert({str(name): value for name, value in row.items()} | decoded, kind)
