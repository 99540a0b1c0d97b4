"""Whether a crawl can end after its listing: nothing has changed since one that left all in order, nor has the catalog.

What the last crawl reported is kept with a digest of the crawler's definition and one of the catalog's tables as that
crawl left them. If both still hold and each place lists the same files, there is nothing to read, compare or write.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from hashlib import blake2b, sha256

import msgspec
from sqlalchemy import Connection, bindparam, select

from catalog import rows
from crawlers import states
from crawlers.model import Crawler
from crawlers.report import NOTHING, Action, Counts, Report, TableReport

_p = rows.partitions.c
# With the tables' ids, the index of the partitions' names gives them in this order; joined, they would be sorted.
_PARTITIONS = (
    select(_p.table_id, _p.name, _p.storage_id, _p.location, _p.parameters)
    .where(_p.table_id.in_(bindparam("tables", expanding=True)))
    .order_by(_p.table_id, _p.name)
)
_AT_ONCE = 1_000
_packed = msgspec.msgpack.Encoder().encode
PLACE = ""  # under which it is kept beside the places' own states
_WORDS = frozenset(("description", "schedule", "schedule_paused", "created_at", "updated_at", "version"))
_GONE = (Action.DELETED, Action.DEPRECATED)
_AS_THEY_WERE = "Nothing has changed since the last crawl, neither in the places nor in the catalog."


def find_settled(connection: Connection, crawler: Crawler) -> Report | None:
    """What the last crawl reported, if it left all in order and neither definition nor catalog has changed since."""
    body = states.find_state(connection, crawler.name, PLACE)
    if body is None:
        return None
    kept = json.loads(body)
    if [kept["definition"], kept["catalog"]] != [_definition(crawler), _catalog(connection, crawler.database)]:
        return None
    return msgspec.convert(kept["report"], Report)


def put_settled(connection: Connection, crawler: Crawler, report: Report, run_id: str | None, now: datetime) -> None:
    """Keep the report of a crawl whose changes this transaction has written. One that failed to read something has not
    left all in order: the next crawl tries again."""
    if report.files.failed.total:
        return
    kept = {
        "definition": _definition(crawler),
        "catalog": _catalog(connection, crawler.database),
        "report": msgspec.to_builtins(quiet(report), order="deterministic"),
    }
    states.put_states(connection, crawler.name, {PLACE: json.dumps(kept).encode()}, run_id, now)


def quiet(report: Report) -> Report:
    """The report of a crawl that comes after one with this report and finds everything as it was left."""
    tables = tuple(_unchanged(table) for table in report.tables if table.action not in _GONE)
    return replace(
        report,
        written=False,
        files=replace(report.files, read=0),
        tables=tables,
        table_counts=Counts(),
        partition_counts=NOTHING,
        seconds={},
        log=(_AS_THEY_WERE,),
    )


def _unchanged(table: TableReport) -> TableReport:
    action = Action.LOGGED if table.action is Action.LOGGED else Action.UNCHANGED
    differences = table.differences if action is Action.LOGGED else ()
    return replace(table, action=action, partition_changes=NOTHING, differences=differences, evidence=())


def _definition(crawler: Crawler) -> str:
    """Of all that says what is crawled and how it is written; when and by what words is left out."""
    body = {name: value for name, value in msgspec.to_builtins(crawler).items() if name not in _WORDS}
    return blake2b(json.dumps(body, sort_keys=True, default=str).encode(), digest_size=16).hexdigest()


def _catalog(connection: Connection, database: str) -> str:
    """Of the database's tables, each by the number that moves with every change of its own; and of their partitions."""
    t = rows.tables.c
    here = rows.databases.c.name == database.lower()
    tables = select(t.id, t.token).select_from(rows.named_tables).where(here).order_by(t.id)
    found = [tuple(row) for row in connection.execute(tables)]
    digest = sha256(_packed(found))
    ids = [table_id for table_id, _ in found]
    for at in range(0, len(ids), _AT_ONCE):
        # The driver's own rows: to make SQLAlchemy's of them would take longer than all else.
        cursor = connection.execute(_PARTITIONS, {"tables": ids[at : at + _AT_ONCE]}).cursor
        while cursor is not None and (part := cursor.fetchmany(_AT_ONCE)):
            digest.update(_packed(part))
    return digest.hexdigest()
