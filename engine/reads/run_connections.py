"""Which connections a run may open: those that its job lists, and those of the catalog tables that it asks for."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection, select

from catalog.db import insert
from catalog.model import Table
from engine import rows
from engine.errors import ConnectionNotListed
from engine.model import JobSpec, Run
from engine.reads.jdbc_tables import connection_of, is_jdbc

_c = rows.run_connections.c


def note_table(connection: Connection, run_id: str, table: Table) -> None:
    """The run was told of the table, and so may open its connection, if it has one."""
    if is_jdbc(table):
        noted = insert(connection, rows.run_connections).values(run_id=run_id, connection=connection_of(table))
        connection.execute(noted.on_conflict_do_nothing())


def demand_listed(connection: Connection, run: Run, name: str) -> None:
    """Raises ConnectionNotListed."""
    job = msgspec.json.decode(run.spec, type=JobSpec).job
    if name in job.connections:
        return
    if connection.execute(select(_c.run_id).where(_c.run_id == run.id, _c.connection == name)).first() is None:
        raise ConnectionNotListed(run=run.id, connection=name, job=job.name)
