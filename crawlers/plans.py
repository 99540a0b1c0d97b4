"""Crawl plans: what a crawl would change, stored, shown, and applied as it was shown or in part, or not at all."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import Connection, RowMapping, Select, delete, insert, select, update

from catalog import partitions, tables
from catalog.changes import AlterTable, CatalogChange, CreateTable, DeleteTable, Difference
from catalog.errors import InvalidInput, NotFound
from catalog.model import Page, TableKey
from catalog.paging import newest_first, older, rows_of_each
from crawlers import rows
from crawlers.errors import PlanApplied, PlanExpired, PlanOutdated
from crawlers.model import Crawler
from crawlers.plan_bodies import PlanBody, decode_body, encode_body
from crawlers.report import NOTHING, Action, Counts
from crawlers.surveys import Basis, Survey, basis_of, why_outdated

LIFE = timedelta(days=7)
KEPT = timedelta(days=30)  # after which an expired plan is deleted when another is stored
_c = rows.plans.c


class PlanState(StrEnum):
    OPEN = "OPEN"
    APPLIED = "APPLIED"
    EXPIRED = "EXPIRED"


@dataclass(frozen=True)
class Plan:
    """A stored plan without its body. `crawler` is None for one of bare places; `applied` names the tables applied.

    `changing` are the tables that it would change, as database.table; `breaking` counts differences that may break
    readers of them.
    """

    id: str
    crawler: str | None
    tables: Counts
    partitions: Counts
    changing: tuple[str, ...]
    breaking: int
    created_at: datetime
    expires_at: datetime
    applied_at: datetime | None = None
    applied: tuple[str, ...] = ()

    def state(self, now: datetime) -> PlanState:
        if self.applied_at is not None:
            return PlanState.APPLIED
        return PlanState.OPEN if now < self.expires_at else PlanState.EXPIRED


@dataclass(frozen=True)
class _Summary:
    tables: Counts = NOTHING
    partitions: Counts = NOTHING
    changing: tuple[str, ...] = ()
    breaking: int = 0
    applied: tuple[str, ...] = field(default=())


LISTING = newest_first("crawl plans")


def place(plan: Plan) -> tuple[datetime, str]:
    """Where the plan stands in the list of plans, of which the newest is the first."""
    return plan.created_at, plan.id


def new_id() -> str:
    return "plan_" + secrets.token_hex(16)


def create_plan(
    connection: Connection, plan_id: str, subject: str | None, crawler: Crawler, survey: Survey, now: datetime
) -> Plan:
    """Store what a dry run found; `subject` names the stored crawler. Long expired plans are deleted."""
    report = survey.report
    differences = [each for table in report.tables for each in table.differences if _is_breaking(table.action, each)]
    changing = sorted({".".join(table_of(change)) for change in survey.changes})
    summary = _Summary(report.table_counts, report.partition_counts, tuple(changing), len(differences))
    connection.execute(delete(rows.plans).where(_c.expires_at < now - KEPT))
    connection.execute(
        insert(rows.plans).values(
            id=plan_id,
            crawler=subject,
            summary=msgspec.json.encode(summary).decode(),
            body=encode_body(PlanBody(crawler, survey)),
            created_at=now,
            expires_at=now + LIFE,
        )
    )
    return get_plan(connection, plan_id)


def _is_breaking(action: Action, difference: Difference) -> bool:
    return difference.breaking and action is not Action.LOGGED


def find_plan(connection: Connection, plan_id: str) -> Plan | None:
    row = connection.execute(_PLANS.where(_c.id == plan_id)).mappings().first()
    return _plan(row) if row else None


def get_plan(connection: Connection, plan_id: str) -> Plan:
    found = find_plan(connection, plan_id)
    if found is None:
        raise NotFound(kind="Crawl plan", name=plan_id)
    return found


def get_body(connection: Connection, plan_id: str) -> PlanBody:
    body = connection.execute(select(_c.body).where(_c.id == plan_id)).scalar()
    if body is None:
        raise NotFound(kind="Crawl plan", name=plan_id)
    return decode_body(body)


def batch_get_bodies(connection: Connection, plan_ids: Sequence[str]) -> dict[str, PlanBody]:
    """Of each of the plans that is there."""
    found = connection.execute(select(_c.id, _c.body).where(_c.id.in_(plan_ids)))
    return {row.id: decode_body(row.body) for row in found}


def list_plans(connection: Connection, crawler: str | None, limit: int, token: str | None) -> Page[Plan]:
    """Newest first; of one crawler, or all."""
    statement = _older(limit, token)
    if crawler is not None:
        statement = statement.where(_c.crawler == crawler)
    found = [_plan(row) for row in connection.execute(statement).mappings()]
    return LISTING.page(found, limit, place)


def batch_list_plans(
    connection: Connection, crawlers: Sequence[str], limit: int, token: str | None
) -> dict[str, Page[Plan]]:
    """As list_plans, of each of several crawlers."""
    older = _older(limit, token)
    found = rows_of_each(connection, crawlers, lambda crawler: older.where(_c.crawler == crawler))
    return {
        crawler: LISTING.page([_plan(row._mapping) for row in each], limit, place) for crawler, each in found.items()
    }


def _older(limit: int, token: str | None) -> Select[Any]:
    return older(_PLANS, _c.created_at, _c.id, LISTING.after(token)).limit(limit + 1)


def delete_plan(connection: Connection, plan_id: str) -> None:
    """Raises NotFound."""
    if connection.execute(delete(rows.plans).where(_c.id == plan_id)).rowcount == 0:
        raise NotFound(kind="Crawl plan", name=plan_id)


def take_plan(connection: Connection, plan_id: str, only: Sequence[str] | None, now: datetime) -> tuple[Plan, PlanBody]:
    """Mark the plan as applied, and give back what of it is to be written, in this same transaction.

    `only` names the tables to accept, as `table` or `database.table`; None: all. Raises NotFound, PlanApplied,
    PlanExpired; InvalidInput for a table that the plan does not change; PlanOutdated if one of the accepted tables is
    not as it was.
    """
    connection.execute(select(_c.id).where(_c.id == plan_id).with_for_update())
    plan = get_plan(connection, plan_id)
    if plan.applied_at is not None:
        raise PlanApplied(plan=plan_id, at=_shown(plan.applied_at))
    if now >= plan.expires_at:
        raise PlanExpired(plan=plan_id, at=_shown(plan.expires_at))
    body = get_body(connection, plan_id)
    accepted = _accepted(plan, body.survey, only)
    for key in sorted(accepted):
        why = why_outdated(".".join(key), body.survey.bases[key], _as_it_is(connection, plan_id, key))
        if why is not None:
            raise PlanOutdated(plan=plan_id, why=why)
    changes = tuple(change for change in body.survey.changes if table_of(change) in accepted)
    whole = len(changes) == len(body.survey.changes)
    survey = replace(
        body.survey,
        changes=changes,
        remembered=body.survey.remembered if whole else {},
        manifests={key: folder for key, folder in body.survey.manifests.items() if key in accepted},
    )
    applied = replace(plan, applied_at=now, applied=tuple(".".join(key) for key in sorted(accepted)))
    summary = _Summary(plan.tables, plan.partitions, plan.changing, plan.breaking, applied.applied)
    connection.execute(
        update(rows.plans).where(_c.id == plan_id).values(applied_at=now, summary=msgspec.json.encode(summary).decode())
    )
    return applied, replace(body, survey=survey)


def table_of(change: CatalogChange) -> TableKey:
    match change:
        case CreateTable(table):
            return table.database, table.name
        case AlterTable(database, name) | DeleteTable(database, name):
            return database, name
        case _:
            return change.database, change.table


def _accepted(plan: Plan, survey: Survey, only: Sequence[str] | None) -> set[TableKey]:
    keys = set(survey.bases)
    if only is None:
        return keys
    if not only:
        raise InvalidInput(what=f"the part of crawl plan {plan.id}", why="it names no table.")
    accepted: set[TableKey] = set()
    for text in only:
        database, _, name = text.lower().rpartition(".")
        meant = {key for key in keys if key[1] == name and database in ("", key[0])}
        if not meant:
            raise InvalidInput(what=f"table {text}", why=f"crawl plan {plan.id} does not change it.")
        accepted |= meant
    return accepted


def _as_it_is(connection: Connection, plan_id: str, key: TableKey) -> Basis:
    try:
        table_id, table = tables.lock_table(connection, *key)
    except NotFound as error:
        if error.facts["kind"] == "Database":
            raise PlanOutdated(plan=plan_id, why=f"database {key[0]} is gone") from error
        return Basis()
    return basis_of(table, list(partitions.iter_partitions(connection, table_id, table, None)))


def _shown(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


_PLANS = select(_c.id, _c.crawler, _c.summary, _c.created_at, _c.expires_at, _c.applied_at)


def _plan(row: RowMapping) -> Plan:
    summary = msgspec.json.decode(row["summary"], type=_Summary)
    return Plan(
        id=row["id"],
        crawler=row["crawler"],
        tables=summary.tables,
        partitions=summary.partitions,
        changing=summary.changing,
        breaking=summary.breaking,
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        applied_at=row["applied_at"],
        applied=summary.applied,
    )
