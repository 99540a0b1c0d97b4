"""Who reads a table, as far as jobs, runs and crawlers tell: what a change of the table may reach."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, func, select, tuple_

from catalog.model import TableKey
from crawlers import definitions
from engine import rows
from engine.jobs import jobs
from engine.ledger.accesses import AccessKind, columns_of
from engine.model import JOB

_PAGE = 1_000


@dataclass(frozen=True)
class Reader:
    """A job or crawler (`kind`) that reads `table` (database.table), and how that is known.

    `columns` are those that its last run which read the table was given; None where that is not known.
    """

    kind: str
    name: str
    table: str
    how: str
    columns: tuple[str, ...] | None = None


def list_readers(connection: Connection, tables: Sequence[TableKey]) -> list[Reader]:
    """Jobs whose runs read a table, or whose script names it; and crawlers with it as a catalog target. Not found is a
    job that makes up a table's name as it runs, and never read it but by SQL.
    """
    if not tables:
        return []
    found = [
        *_accesses(connection, tables),
        *_runs(connection, tables),
        *_scripts(connection, tables),
        *_crawlers(connection, tables),
    ]
    first = {(reader.kind, reader.name, reader.table): reader for reader in reversed(found)}
    return sorted(first.values(), key=lambda reader: (reader.table, reader.kind, reader.name))


def _accesses(connection: Connection, tables: Sequence[TableKey]) -> Iterator[Reader]:
    a, r = rows.run_accesses.c, rows.runs.c
    newest = func.row_number().over(partition_by=(r.subject, a.source), order_by=(a.at.desc(), r.id.desc()))
    read = (
        select(r.subject, a.source, a.columns, newest.label("rank"))
        .select_from(rows.run_accesses.join(rows.runs))
        .where(tuple_(a.database, a.name).in_(tables), a.access == AccessKind.READ, r.kind == JOB)
        .where(r.subject.in_(select(rows.jobs.c.name)))
        .subquery()
    )
    for job, source, columns, _ in connection.execute(select(read).where(read.c.rank == 1)):
        yield Reader("job", job, source, "a run of it read the table", columns_of(columns))


def _runs(connection: Connection, tables: Sequence[TableKey]) -> Iterator[Reader]:
    s, r = rows.run_sources.c, rows.runs.c
    names = [".".join(key) for key in tables]
    statement = (
        select(r.subject, s.source)
        .distinct()
        .select_from(rows.run_sources.join(rows.runs))
        .where(s.source.in_(names), r.kind == JOB, r.subject.in_(select(rows.jobs.c.name)))
    )
    for job, source in connection.execute(statement):
        yield Reader("job", job, source, "a run of it read the table")


def _scripts(connection: Connection, tables: Sequence[TableKey]) -> Iterator[Reader]:
    token = None
    while True:
        page = jobs.list_jobs(connection, _PAGE, token)
        for job in page.items:
            texts = _texts(job.script)
            for database, table in tables:
                if any(names_table(text, database, table) for text in texts):
                    yield Reader("job", job.name, f"{database}.{table}", "its script names the table")
        token = page.next_token
        if token is None:
            return


def _crawlers(connection: Connection, tables: Sequence[TableKey]) -> Iterator[Reader]:
    token = None
    while True:
        page = definitions.list_crawlers(connection, _PAGE, token)
        for crawler in page.items:
            looked_at = {
                (each.database.lower(), name.lower()) for each in crawler.catalog_targets for name in each.tables
            }
            for key in looked_at.intersection(tables):
                yield Reader("crawler", crawler.name, ".".join(key), "the table is a target of it")
        token = page.next_token
        if token is None:
            return


def _texts(script: str) -> list[str]:
    """The texts in a Python script: all of its string literals, or the whole script if it is no Python."""
    try:
        source = Path(script).read_text(errors="replace")
    except OSError:
        return []
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return [source]
    return [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]


def names_table(text: str, database: str, table: str) -> bool:
    """Whether a text names the table as a word, alone or behind its database's name, and not behind another's."""
    for found in re.finditer(rf"(?:(\w+)[`\"]?\.[`\"]?)?(?<!\w){re.escape(table)}(?!\w)", text, re.IGNORECASE):
        if found[1] is None or found[1].lower() == database.lower():
            return True
    return False


def tables_named(names: Iterable[str]) -> list[TableKey]:
    """`database.table` texts as keys."""
    return [(database, table) for database, _, table in (name.partition(".") for name in names)]
