"""Firing a trigger: its fire is recorded once for each cause, in one transaction with the runs that it puts in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from catalog.errors import DomainError
from catalog.model import Page
from catalog.paging import newest_first, older, rows_of_each
from catalog.prepared import Prepared
from crawlers import definitions
from crawlers.model import Crawler
from engine import rows
from engine.errors import CrawlerRunning
from engine.flows.trigger_model import Action, Node, Trigger, TriggerFire
from engine.flows.workflow_model import WorkflowRun
from engine.jobs import jobs
from engine.ledger import runs
from engine.model import CRAWL, JOB, Cause, Job, JobSpec, Overrides, Run
from engine.states import RunState

WORKFLOW_NAME = "--WORKFLOW_NAME"
WORKFLOW_RUN_ID = "--WORKFLOW_RUN_ID"

_c = rows.trigger_fires.c
_CLAIM = {
    name: Prepared(dialect.insert(rows.trigger_fires).on_conflict_do_nothing())
    for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql))
}
_RECORD = Prepared(update(rows.trigger_fires).where(_c.trigger == bindparam("of"), _c.cause == bindparam("because")))
_FIRED = Prepared(select(_c.cause).where(_c.trigger == bindparam("of"), _c.cause == bindparam("because")))


def claim(connection: Connection, trigger: Trigger, cause: str, now: datetime) -> bool:
    """Whether this transaction is the one that fires the trigger for that cause."""
    values = {"trigger": trigger.name, "cause": cause, "at": now, "run_ids": "[]"}
    return _CLAIM[connection.dialect.name].write(connection, values) == 1


def has_fired(connection: Connection, trigger: str, cause: str) -> bool:
    return _FIRED.first(connection, {"of": trigger, "because": cause}) is not None


def carry_out(
    connection: Connection, trigger: Trigger, cause: str, now: datetime, run: WorkflowRun | None = None
) -> TriggerFire:
    """Put in the runs of a fire that was claimed; they belong to the workflow run, if one is given."""
    begun = tuple(begin(connection, trigger.name, each, now, run).id for each in sorted(trigger.actions, key=order))
    return record(connection, TriggerFire(trigger.name, cause, now, begun, run.id if run else None))


def order(action: Action) -> tuple[str, str]:
    """The one order in which actions begin, so that those who begin some do not wait for each other's jobs."""
    return action.node.kind, action.node.name


def record(connection: Connection, fire: TriggerFire) -> TriggerFire:
    """Keep with a fire that was claimed what it began."""
    began = {"workflow_run_id": fire.workflow_run_id, "run_ids": msgspec.json.encode(fire.run_ids).decode()}
    _RECORD.write(connection, {"of": fire.trigger, "because": fire.cause, **began})
    return fire


def begin(connection: Connection, trigger: str, action: Action, now: datetime, workflow_run: WorkflowRun | None) -> Run:
    """Put in the run of one action; one that cannot begin is in state ERROR at once, and says why."""
    node = action.node
    cause = Cause(trigger, workflow_run.id if workflow_run else None)
    given = {WORKFLOW_NAME: workflow_run.workflow, WORKFLOW_RUN_ID: workflow_run.id} if workflow_run else {}
    try:
        spec: JobSpec | Crawler
        if node.kind == JOB:
            asked = Overrides(timeout_minutes=action.timeout_minutes, notify_delay_minutes=action.notify_delay_minutes)
            spec = jobs.run_spec(connection, node.name, {**action.arguments, **given}, asked)
        else:
            spec = _crawler(connection, node.name)
    except DomainError as error:
        refused = runs.enqueue(connection, node.kind, node.name, _encoded(_bare(node)), now, cause)
        return runs.move(connection, refused, RunState.ERROR, now, str(error))
    return runs.enqueue(connection, node.kind, node.name, _encoded(spec), now, cause)


def _crawler(connection: Connection, name: str) -> Crawler:
    definitions.hold_crawler(connection, name)
    crawler = definitions.get_crawler(connection, name)
    if running := runs.unfinished(connection, CRAWL, name):
        raise CrawlerRunning(name=name, run=running[0].id)
    return crawler


def _bare(node: Node) -> JobSpec | Crawler:
    """What stands in the record of a run whose definition is not there, or could not be followed."""
    return JobSpec(Job(node.name, ""), {}) if node.kind == JOB else Crawler(node.name, "")


def _encoded(spec: JobSpec | Crawler) -> str:
    return msgspec.json.encode(spec).decode()


def place(fire: TriggerFire) -> tuple[datetime, str]:
    return fire.at, fire.cause


LISTING = newest_first("fires")


def list_fires(connection: Connection, trigger: str, limit: int, token: str | None) -> Page[TriggerFire]:
    """Newest first."""
    return batch_list_fires(connection, [trigger], limit, token)[trigger]


def batch_list_fires(
    connection: Connection, triggers: Sequence[str], limit: int, token: str | None
) -> dict[str, Page[TriggerFire]]:
    """As list_fires, of each of several triggers."""
    newest = older(select(rows.trigger_fires), _c.at, _c.cause, LISTING.after(token)).limit(limit + 1)
    found = rows_of_each(connection, triggers, lambda trigger: newest.where(_c.trigger == trigger))
    return {trigger: LISTING.page([_fire(row) for row in each], limit, place) for trigger, each in found.items()}


def batch_list_fired(connection: Connection, workflow_runs: Sequence[str]) -> dict[str, set[str]]:
    """The triggers that have fired in each of the workflow runs."""
    found: dict[str, set[str]] = {each: set() for each in workflow_runs}
    fired = select(_c.workflow_run_id, _c.trigger).where(_c.workflow_run_id.in_(workflow_runs))
    for workflow_run, trigger in connection.execute(fired):
        found[workflow_run].add(trigger)
    return found


def _fire(row: Any) -> TriggerFire:
    ids = msgspec.json.decode(row.run_ids, type=tuple[str, ...])
    return TriggerFire(row.trigger, row.cause, row.at, ids, row.workflow_run_id)
