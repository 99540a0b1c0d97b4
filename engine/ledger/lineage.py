"""Where a table's data come from and go to, told by what runs really read and wrote.

A run that reads one thing and writes another is a step between them. Whether rows, or which columns, went from the one
into the other is not known, and not told. Of a crawl it is: a table comes of the place that it lies in. Steps meet in a
table by its names, or in the very place of its data.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, or_, select, tuple_

from catalog import rows as catalog_rows
from catalog.errors import InvalidInput
from catalog.model import TableKey
from engine import rows
from engine.ledger.accesses import AccessKind, columns_of, place_of
from engine.model import JOB, SESSION
from engine.states import RunState

MOST_HOPS = 10
MOST_STEPS = 500

# What ends of steps are met by: a table's names, or a place behind an empty one.
Mark = tuple[str, str]


class Direction(StrEnum):
    UPSTREAM = "upstream"
    DOWNSTREAM = "downstream"


@dataclass(frozen=True)
class End:
    """A table by its names, or with no `name` a bare place, told by `source` as the run did.

    `place` is where data lie, in the form in which spellings are equal; empty where that is no path or URI.
    """

    database: str
    name: str
    source: str
    place: str

    @property
    def marks(self) -> frozenset[Mark]:
        named = {(self.database, self.name)} if self.name else set()
        return frozenset(named | ({("", self.place)} if self.place else set()))


@dataclass(frozen=True)
class Step:
    """A job or crawler (`kind`) whose runs read `source` and wrote `sink`; None for an end of which nothing is known.

    `name` is None for a crawl of bare places. Columns are those of the last run, None where not known; `hop` counts
    from the table, from 1.
    """

    hop: int
    kind: str
    name: str | None
    source: End | None
    sink: End | None
    runs: int
    last_run_id: str
    last_state: RunState
    last_at: datetime
    read_columns: tuple[str, ...] | None
    written_columns: tuple[str, ...] | None


@dataclass(frozen=True)
class Lineage:
    """`complete`: whether there are no more steps within the hops that were asked for."""

    steps: tuple[Step, ...] = ()
    complete: bool = True


def batch_trace(
    connection: Connection, tables: Sequence[TableKey], direction: Direction, hops: int
) -> dict[TableKey, Lineage]:
    """Of each table that is there, nearest steps first: one statement for each hop, however many the tables.

    Raises InvalidInput for hops other than 1 to MOST_HOPS.
    """
    if not 1 <= hops <= MOST_HOPS:
        raise InvalidInput(what=f"lineage of {hops} hops", why=f"it must be 1 to {MOST_HOPS}.")
    roots = _roots(connection, tables)
    found: list[Step] = []
    seen: set[Mark] = set()
    complete = True
    marks = {mark for root in roots.values() for mark in root.marks}
    for hop in range(1, hops + 1):
        if not marks:
            break
        steps = _hop(connection, marks, direction, hop)
        complete = complete and len(steps) <= MOST_STEPS
        found += steps[:MOST_STEPS]
        seen |= marks
        marks = {mark for step in steps[:MOST_STEPS] for mark in _marks(_far(step, direction))} - seen
    return {key: _from(root, found, direction, hops, complete) for key, root in roots.items()}


def _roots(connection: Connection, tables: Sequence[TableKey]) -> dict[TableKey, End]:
    t, d = catalog_rows.tables.c, catalog_rows.databases.c
    statement = select(d.name, t.name, t.location).select_from(catalog_rows.named_tables)
    found = connection.execute(statement.where(catalog_rows.table_key.in_(tables)))
    return {
        (database, name): End(database, name, f"{database}.{name}", place_of(location or ""))
        for database, name, location in found
    }


def _hop(connection: Connection, marks: Iterable[Mark], direction: Direction, hop: int) -> list[Step]:
    """The steps whose nearer end is met by one of `marks`: of each job or crawler and two ends the last run."""
    near, far, r = rows.run_accesses.alias("near"), rows.run_accesses.alias("far"), rows.runs.c
    kinds = (AccessKind.WRITE, AccessKind.READ)
    of_near, of_far = kinds if direction is Direction.UPSTREAM else kinds[::-1]
    written_read = (near.c, far.c) if direction is Direction.UPSTREAM else (far.c, near.c)
    same = (r.kind, r.subject, near.c.source, far.c.source)
    ends = [
        column.label(f"{prefix}_{column.name}")
        for prefix, table in (("near", near), ("far", far))
        for column in (table.c.source, table.c.database, table.c.name, table.c.place, table.c.columns)
    ]
    joined = near.join(rows.runs, r.id == near.c.run_id).outerjoin(
        far,
        and_(far.c.run_id == near.c.run_id, far.c.access == of_far, or_(r.kind == JOB, _lies_in(*written_read))),
    )
    ranked = (
        select(
            *(r.kind, r.subject, r.state, r.id, near.c.at, *ends),
            func.count().over(partition_by=same).label("runs"),
            func.row_number().over(partition_by=same, order_by=(near.c.at.desc(), r.id.desc())).label("rank"),
        )
        .select_from(joined)
        .where(near.c.access == of_near, _met(near.c, marks), r.kind != SESSION)
        .subquery()
    )
    c = ranked.c
    newest = select(ranked).where(c.rank == 1).order_by(c.at.desc(), c.id, c.near_source, c.far_source)
    return [_step(row, direction, hop) for row in connection.execute(newest.limit(MOST_STEPS + 1))]


def _lies_in(written: Any, read: Any) -> ColumnElement[bool]:
    """Whether a crawl that read the one can have found the other there."""
    below = func.substr(written.place, 1, func.length(read.place) + 1) == read.place + "/"
    return or_(read.place == "", written.place == read.place, below)


def _met(c: Any, marks: Iterable[Mark]) -> ColumnElement[bool]:
    names = [mark for mark in marks if mark[0]]
    places = [place for database, place in marks if not database]
    return or_(tuple_(c.database, c.name).in_(names), c.place.in_(places))


def _step(row: Row[Any], direction: Direction, hop: int) -> Step:
    near = End(row.near_database, row.near_name, row.near_source, row.near_place)
    far = None if row.far_source is None else End(row.far_database, row.far_name, row.far_source, row.far_place)
    of_near, of_far = columns_of(row.near_columns), columns_of(row.far_columns)
    upstream = direction is Direction.UPSTREAM
    return Step(
        hop=hop,
        kind="job" if row.kind == JOB else "crawler",
        name=row.subject,
        source=far if upstream else near,
        sink=near if upstream else far,
        runs=row.runs,
        last_run_id=row.id,
        last_state=RunState(row.state),
        last_at=row.at,
        read_columns=of_far if upstream else of_near,
        written_columns=of_near if upstream else of_far,
    )


def _near(step: Step, direction: Direction) -> End | None:
    return step.sink if direction is Direction.UPSTREAM else step.source


def _far(step: Step, direction: Direction) -> End | None:
    return step.source if direction is Direction.UPSTREAM else step.sink


def _marks(end: End | None) -> frozenset[Mark]:
    return end.marks if end else frozenset()


def _from(root: End, steps: Sequence[Step], direction: Direction, hops: int, complete: bool) -> Lineage:
    """What of `steps` lies within so many hops of `root`."""
    reached: list[Step] = []
    marks, seen = root.marks, set[Mark]()
    left = list({(s.kind, s.name, s.source, s.sink): s for s in steps}.values())
    for hop in range(1, hops + 1):
        met = [step for step in left if _marks(_near(step, direction)) & marks]
        if direction is Direction.DOWNSTREAM:  # a crawl that finds a table where it lies leads nowhere else
            met = [step for step in met if step.kind == "job" or not _marks(step.sink) <= seen | marks]
        left = [step for step in left if not _marks(_near(step, direction)) & marks]
        reached += [replace(step, hop=hop) for step in met]
        seen |= marks
        marks = frozenset(mark for step in met for mark in _marks(_far(step, direction))) - seen
    return Lineage(tuple(reached[:MOST_STEPS]), complete and len(reached) <= MOST_STEPS)
