"""Which old versions of a table are kept: so many of the newest, those in force in the last so many days, or all."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, or_, select

from catalog import rows
from catalog.errors import InvalidInput
from catalog.model import Table

# A table's own settings, among its parameters: a number, or ALL. Each stands before the global one.
KEEP_VERSIONS = "isinglass.keep-versions"
KEEP_DAYS = "isinglass.keep-versions-days"
ALL = "all"
_MOST = 1_000_000

_c = rows.table_versions.c


@dataclass(frozen=True)
class Retention:
    """At most `versions` are kept; of those, the ones that were in force in the last `days` days. None: no limit."""

    versions: int | None = None
    days: int | None = None


KEEP_ALL = Retention()


def retention_of(table: Table, otherwise: Retention) -> Retention:
    """What the table's parameters say, and `otherwise` where they say nothing. Raises InvalidInput."""
    if KEEP_VERSIONS not in table.parameters and KEEP_DAYS not in table.parameters:
        return otherwise
    return Retention(_number(table, KEEP_VERSIONS, otherwise.versions), _number(table, KEEP_DAYS, otherwise.days))


def prune_versions(connection: Connection, table_id: int, retention: Retention, now: datetime) -> int:
    """Delete the versions that are not to be kept, never the one in force; how many there were."""
    if retention == KEEP_ALL:
        return 0
    mine = _c.table_id == table_id
    gone = []
    if retention.versions is not None:
        newest = select(_c.version).where(mine).order_by(_c.version.desc())
        gone.append(_c.version < newest.offset(retention.versions - 1).limit(1).scalar_subquery())
    if retention.days is not None:
        began = _c.created_at <= now - timedelta(days=retention.days)
        gone.append(_c.version < select(func.max(_c.version)).where(mine, began).scalar_subquery())
    return connection.execute(delete(rows.table_versions).where(mine, or_(*gone))).rowcount


def _number(table: Table, name: str, otherwise: int | None) -> int | None:
    text = table.parameters.get(name)
    if text is None:
        return otherwise
    if text == ALL:
        return None
    if not re.fullmatch("[0-9]{1,7}", text) or not 1 <= int(text) <= _MOST:
        what = f"parameter {name} of table {table.name}"
        raise InvalidInput(what=what, why=f"{text!r} is neither a whole number of 1 to {_MOST:,} nor {ALL!r}.")
    return int(text)
