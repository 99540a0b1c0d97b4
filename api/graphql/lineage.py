"""Where a table's data come from and go to, and who reads it: told from what runs read and wrote."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache

import strawberry

from api.graphql.runs import RunState
from catalog.model import TableKey
from engine.crawling import readers
from engine.engine import Engine
from engine.ledger import lineage
from engine.ledger.lineage import MOST_HOPS, Direction

strawberry.enum(Direction, name="LineageDirection", description="UPSTREAM: to what a table is made of.")

_Trace = Callable[[Engine, Sequence[TableKey]], dict[TableKey, lineage.Lineage]]
HOPS = f"How many steps away at most, 1 to {MOST_HOPS}."


@strawberry.type(description="A job or crawler that reads a table.")
class TableReader:
    kind: str = strawberry.field(description="job or crawler.")
    name: str
    table: str = strawberry.field(description="As database.table.")
    how: str = strawberry.field(description="How that is known.")
    columns: list[str] | None = strawberry.field(
        description="Those that its last run which read the table was given to read. Null where that is not known."
    )

    @classmethod
    def all(cls, found: Sequence[readers.Reader]) -> list[TableReader]:
        return [
            cls(kind=each.kind, name=each.name, table=each.table, how=each.how, columns=_listed(each.columns))
            for each in found
        ]


@strawberry.type(description="A table, or a bare place: where a step of lineage begins or ends.")
class LineageEnd:
    database: str | None = strawberry.field(description="Null for a bare place.")
    table: str | None = strawberry.field(description="By its name at that time. Null for a bare place.")
    place: str | None = strawberry.field(description="Null for a table.")

    @classmethod
    def of(cls, end: lineage.End | None) -> LineageEnd | None:
        if end is None:
            return None
        if end.name:
            return cls(database=end.database, table=end.name, place=None)
        return cls(database=None, table=None, place=end.source)


@strawberry.type(
    description="Runs of one job, or crawls of one crawler, that read `source` and wrote `sink`. Whether rows, "
    "and which columns, went from the one into the other is not known."
)
class LineageStep:
    hop: int = strawberry.field(description="From the table, counted from 1.")
    kind: str = strawberry.field(description="job or crawler.")
    name: str | None = strawberry.field(description="Of the job or crawler. Null for a crawl of bare places.")
    source: LineageEnd | None = strawberry.field(description="Null where it is not known that the runs read anything.")
    sink: LineageEnd | None = strawberry.field(description="Null where it is not known that the runs wrote anything.")
    run_count: int = strawberry.field(description="Of those on record.")
    last_run_id: str
    last_state: RunState
    last_at: datetime
    read_columns: list[str] | None = strawberry.field(
        description="Of the source, those that the last run was given. Null where that is not known."
    )
    written_columns: list[str] | None = strawberry.field(
        description="Of the sink, those that the last run wrote. Null where that is not known."
    )


@strawberry.type(description="Where data come from or go to, by what runs on record really read and wrote.")
class Lineage:
    steps: list[LineageStep] = strawberry.field(description="The nearest first.")
    complete: bool = strawberry.field(description="Whether these are all within the hops that were asked for.")

    @classmethod
    def of(cls, found: lineage.Lineage) -> Lineage:
        return cls(steps=[_step(each) for each in found.steps], complete=found.complete)


@cache
def tracing(direction: Direction, hops: int) -> _Trace:
    """The verb that traces many tables, the same for the same question: by that a batch asks once."""
    return lambda engine, tables: engine.batch_trace(tables, direction, hops)


def given(found: Sequence[readers.Reader], column: str) -> list[readers.Reader]:
    """Those that read the column, or of which it is not known what they read."""
    return [each for each in found if each.columns is None or column.lower() in each.columns]


def _step(step: lineage.Step) -> LineageStep:
    return LineageStep(
        hop=step.hop,
        kind=step.kind,
        name=step.name,
        source=LineageEnd.of(step.source),
        sink=LineageEnd.of(step.sink),
        run_count=step.runs,
        last_run_id=step.last_run_id,
        last_state=step.last_state,
        last_at=step.last_at,
        read_columns=_listed(step.read_columns),
        written_columns=_listed(step.written_columns),
    )


def _listed(columns: tuple[str, ...] | None) -> list[str] | None:
    return None if columns is None else list(columns)
