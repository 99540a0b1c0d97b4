"""What a deletion takes with it. Data are never among it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, func, select

from catalog import rows


@dataclass(frozen=True)
class Removal:
    """The names of the tables that go, how many partitions and versions these have, and how many functions go."""

    tables: tuple[str, ...]
    partitions: int
    versions: int
    functions: int = 0


def removal_of(connection: Connection, doomed: ColumnElement[bool]) -> Removal:
    """What goes with the tables that `doomed` holds for."""
    c = rows.tables.c
    names = connection.execute(select(c.name).where(doomed).order_by(c.name)).scalars().all()
    ids = select(c.id).where(doomed)
    partitions, versions = (
        connection.execute(select(func.count()).where(part.c.table_id.in_(ids))).scalar_one()
        for part in (rows.partitions, rows.table_versions)
    )
    return Removal(tuple(names), partitions, versions)
