"""Storage descriptors that no partition refers to any more, and their removal."""

from __future__ import annotations

from sqlalchemy import Connection, delete, select, text
from sqlalchemy.exc import OperationalError

from catalog import rows

# The database looks through all partitions for each one that goes, so few go at a time.
AT_ONCE = 20


def prune_storages(connection: Connection) -> int:
    """Delete up to AT_ONCE descriptors without partitions; how many there were. None while others use them."""
    if not _alone(connection):
        return 0
    c = rows.storage_descriptors.c
    used = select(rows.partitions.c.storage_id)
    unused = connection.execute(select(c.id).where(c.id.not_in(used)).limit(AT_ONCE)).scalars().all()
    return connection.execute(delete(rows.storage_descriptors).where(c.id.in_(unused))).rowcount


def _alone(connection: Connection) -> bool:
    """Whether nobody else can refer to a descriptor before this transaction ends; on SQLite that is so anyway."""
    if connection.dialect.name == "sqlite":
        return True
    try:
        with connection.begin_nested():
            connection.execute(text("LOCK TABLE storage_descriptors IN ACCESS EXCLUSIVE MODE NOWAIT"))
    except OperationalError:
        return False
    return True
