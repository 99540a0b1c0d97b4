"""Crawlers as stored definitions, and the reports of their crawls: create, get, find, list, update, delete."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from catalog.connections import get_connection
from catalog.errors import AlreadyExists, NotFound, VersionConflict
from catalog.model import Page
from catalog.paging import by_name
from catalog.prepared import Prepared
from catalog.tags import add_tags, delete_tags
from crawlers import rows
from crawlers.model import Crawler
from crawlers.report import Report
from crawlers.validity import demand_targets_kept, demand_valid

LISTING = by_name("crawlers")
_named = select(rows.crawlers).where(rows.crawlers.c.name == bindparam("wanted"))
_BY_NAME = Prepared(_named)
_HELD = Prepared(_named.with_for_update())


def create_crawler(
    connection: Connection, crawler: Crawler, now: datetime, tags: Mapping[str, str] | None = None
) -> Crawler:
    """Raises AlreadyExists; InvalidInput for a definition that no crawl could follow; NotFound for a connection that it
    names and that is not there."""
    demand_valid(crawler)
    _demand_connections(connection, crawler.connections)
    created = replace(crawler, version=1, created_at=now, updated_at=now)
    values = {"name": created.name, "body": _body(created), "version": 1, "created_at": now, "updated_at": now}
    try:
        connection.execute(insert(rows.crawlers).values(values))
    except IntegrityError as error:
        raise AlreadyExists(kind="Crawler", name=crawler.name) from error
    add_tags(connection, "crawler", created.name, tags)
    return created


def find_crawler(connection: Connection, name: str) -> Crawler | None:
    row = _BY_NAME.first(connection, {"wanted": name})
    return _crawler(row) if row is not None else None


def get_crawler(connection: Connection, name: str) -> Crawler:
    found = find_crawler(connection, name)
    if found is None:
        raise NotFound(kind="Crawler", name=name)
    return found


def batch_get_crawlers(connection: Connection, names: Sequence[str]) -> list[Crawler]:
    """Those of them that are there."""
    found = connection.execute(select(rows.crawlers).where(rows.crawlers.c.name.in_(names)))
    return [_crawler(row) for row in found]


def hold_crawler(connection: Connection, name: str) -> None:
    """Nobody else holds, changes or deletes the crawler before this transaction ends."""
    _HELD.first(connection, {"wanted": name})


def list_crawlers(connection: Connection, limit: int, token: str | None) -> Page[Crawler]:
    """In the order of their names."""
    c = rows.crawlers.c
    statement = select(rows.crawlers).where(c.name > LISTING.after(token)).order_by(c.name)
    found = [_crawler(row) for row in connection.execute(statement.limit(limit + 1))]
    return LISTING.page(found, limit, lambda crawler: crawler.name)


def update_crawler(connection: Connection, crawler: Crawler, expected_version: int | None, now: datetime) -> Crawler:
    """Replace the definition. Raises NotFound, also for a connection that it did not name before and that is not there;
    InvalidInput, and VersionConflict if it is at another version.

    A definition equal to the stored one changes nothing, its version neither.
    """
    demand_valid(crawler)
    current = get_crawler(connection, crawler.name)
    demand_targets_kept(current, crawler)
    _demand_connections(connection, crawler.connections - current.connections)
    expected = current.version if expected_version is None else expected_version
    changed = replace(crawler, version=current.version, created_at=current.created_at, updated_at=current.updated_at)
    if changed == current and expected == current.version:
        return current
    changed = replace(changed, version=expected + 1, updated_at=now)
    c = rows.crawlers.c
    guarded = update(rows.crawlers).where(c.name == crawler.name, c.version == expected)
    written = connection.execute(guarded.values(body=_body(changed), version=changed.version, updated_at=now))
    if written.rowcount != 1:
        actual = get_crawler(connection, crawler.name).version
        raise VersionConflict(kind="Crawler", name=crawler.name, actual=actual, expected=expected)
    return changed


def delete_crawler(connection: Connection, name: str) -> None:
    """Its tables and the reports of its crawls stay. Raises NotFound."""
    if connection.execute(delete(rows.crawlers).where(rows.crawlers.c.name == name)).rowcount == 0:
        raise NotFound(kind="Crawler", name=name)
    delete_tags(connection, "crawler", [name])


def save_report(connection: Connection, run_id: str, crawler: str | None, report: Report, now: datetime) -> None:
    """Keep the report of the run's crawl; `crawler` is None for one without a stored definition."""
    connection.execute(
        insert(rows.crawls).values(
            run_id=run_id,
            crawler=crawler,
            database=report.database,
            report=msgspec.json.encode(report).decode(),
            finished_at=now,
        )
    )


def find_report(connection: Connection, run_id: str) -> Report | None:
    return batch_find_reports(connection, [run_id]).get(run_id)


def batch_find_reports(connection: Connection, run_ids: Sequence[str]) -> dict[str, Report]:
    """Of those of the crawls that ended well."""
    c = rows.crawls.c
    found = connection.execute(select(c.run_id, c.report).where(c.run_id.in_(run_ids)))
    return {run_id: msgspec.json.decode(body, type=Report) for run_id, body in found}


def _demand_connections(connection: Connection, names: Iterable[str]) -> None:
    for name in sorted(names):
        get_connection(connection, name)


def _body(crawler: Crawler) -> str:
    return msgspec.json.encode(replace(crawler, name="", created_at=None, updated_at=None)).decode()


def _crawler(row: Any) -> Crawler:
    return replace(
        msgspec.json.decode(row.body, type=Crawler),
        name=row.name,
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
