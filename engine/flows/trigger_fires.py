"""What makes triggers fire: a call, an instant, waiting events, and the ends of runs; each in one transaction.

The end of a run leaves a row in `ended_runs`, in the transaction that ends it, and never waits for a trigger. Whoever
takes that row away asks the triggers in the same transaction: an end is neither lost nor counted twice, whichever
service is killed between, and however many of them there are.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import Connection, Integer, bindparam, delete, func, insert, select, update

from catalog.errors import InvalidInput
from catalog.prepared import Prepared
from engine import rows
from engine.flows import firing, triggers, workflow_runs
from engine.flows.conditions import decided
from engine.flows.timed import Timed, of_trigger
from engine.flows.trigger_model import Trigger, TriggerFire, TriggerState, TriggerType
from engine.flows.trigger_rules import LONGEST_EVENT_ID, MOST_EVENTS
from engine.flows.workflow_model import WorkflowRunState
from engine.ledger import runs
from engine.model import Run

EVENT_IDS = "aws:eventIds"  # the run property that tells scripts of the events, as Glue names it
_conditions = rows.trigger_conditions.c
_events = rows.trigger_events.c
_ended = rows.ended_runs.c
_ENDED = Prepared(select(_ended.run_id).order_by(_ended.run_id).limit(bindparam("most", type_=Integer)))
_first = select(_events.trigger, func.min(_events.id).label("first")).group_by(_events.trigger).subquery()
_FIRST_EVENTS = Prepared(
    select(rows.triggers, _events.at.label("since")).select_from(
        _first.join(rows.trigger_events, _events.id == _first.c.first).join(
            rows.triggers, rows.triggers.c.name == _first.c.trigger
        )
    )
)


@dataclass(frozen=True)
class Window:
    """When a trigger of events fires, though its batch is not full."""

    trigger: str
    due: datetime


def call(
    connection: Connection, trigger: Trigger, now: datetime, properties: Mapping[str, str] | None = None
) -> TriggerFire:
    """Fire a held trigger at once. Raises WorkflowRunsExceeded, InvalidInput."""
    cause = f"call {secrets.token_hex(8)}"
    firing.claim(connection, trigger, cause, now)
    return _fire(connection, trigger, cause, now, properties, refusing=True)


def fire_due(connection: Connection, timed: Timed, at: datetime, now: datetime) -> TriggerFire | None:
    """Fire the trigger that was due `at`; None if that was done, or the trigger is no longer as given."""
    trigger = triggers.held(connection, timed.name)
    if trigger is None or of_trigger(trigger) != timed:
        return None
    cause = _cause_of(at)
    if not firing.claim(connection, trigger, cause, now):
        return None
    return _fire(connection, trigger, cause, now)


def is_settled(connection: Connection, timed: Timed, at: datetime) -> bool:
    """Whether the trigger has fired for that instant."""
    return firing.has_fired(connection, timed.name, _cause_of(at))


def _cause_of(at: datetime) -> str:
    return f"schedule {at.isoformat()}"


def _fire(
    connection: Connection,
    trigger: Trigger,
    cause: str,
    now: datetime,
    properties: Mapping[str, str] | None = None,
    refusing: bool = False,
) -> TriggerFire:
    """Carry a claimed fire out; one in a workflow begins a run of it."""
    if trigger.workflow is None:
        return firing.carry_out(connection, trigger, cause, now)
    run = workflow_runs.begin(connection, trigger.workflow, now, properties, refusing)
    if run.state is WorkflowRunState.ERROR:
        return firing.record(connection, TriggerFire(trigger.name, cause, now, workflow_run_id=run.id))
    return firing.carry_out(connection, trigger, cause, now, run)


# events


def post_events(connection: Connection, name: str, event_ids: Sequence[str], now: datetime) -> list[TriggerFire]:
    """Tell a trigger of events; the fires that this makes. Raises NotFound; InvalidInput if it is not to be told."""
    trigger = triggers.hold(connection, name)
    if trigger.type is not TriggerType.EVENT or trigger.state is not TriggerState.ACTIVATED or not trigger.batch:
        why = f"it is {trigger.type} and {trigger.state}; only an activated trigger of events takes them."
        raise InvalidInput(what=f"trigger {name}", why=why)
    if not 1 <= len(event_ids) <= MOST_EVENTS:
        raise InvalidInput(
            what="the list of events", why=f"it has {len(event_ids)}; 1 to {MOST_EVENTS} go in one call."
        )
    if any(not 1 <= len(each) <= LONGEST_EVENT_ID for each in event_ids):
        raise InvalidInput(what="the list of events", why=f"an event's id has 1 to {LONGEST_EVENT_ID} characters.")
    posted = [{"trigger": name, "event_id": each, "at": now} for each in event_ids]
    connection.execute(insert(rows.trigger_events), posted)
    fires = []
    while len(waiting := _waiting(connection, trigger)) >= trigger.batch.size:
        fires += _fire_batch(connection, trigger, waiting, now)
    return fires


def list_windows(connection: Connection) -> list[Window]:
    """Of all triggers for which events wait."""
    found = [(triggers.of_row(row), row.since) for row in _FIRST_EVENTS.all(connection, {})]
    return [
        Window(trigger.name, since + timedelta(seconds=trigger.batch.window_seconds))
        for trigger, since in found
        if trigger.batch
    ]


def fire_window(connection: Connection, name: str, now: datetime) -> list[TriggerFire]:
    """Fire a trigger whose first event has waited long enough."""
    trigger = triggers.held(connection, name)
    if trigger is None or trigger.batch is None or not (waiting := _waiting(connection, trigger)):
        return []
    if waiting[0][2] + timedelta(seconds=trigger.batch.window_seconds) > now:
        return []
    return _fire_batch(connection, trigger, waiting, now)


def _waiting(connection: Connection, trigger: Trigger) -> list[tuple[int, str, datetime]]:
    """The events of the next batch, as far as they have come."""
    size = trigger.batch.size if trigger.batch else 0
    of = select(_events.id, _events.event_id, _events.at).where(_events.trigger == trigger.name)
    return [(row.id, row.event_id, row.at) for row in connection.execute(of.order_by(_events.id).limit(size))]


def _fire_batch(
    connection: Connection, trigger: Trigger, batch: Sequence[tuple[int, str, datetime]], now: datetime
) -> list[TriggerFire]:
    last = batch[-1][0]
    connection.execute(delete(rows.trigger_events).where(_events.trigger == trigger.name, _events.id <= last))
    cause = f"events {','.join(each[1] for each in batch)[:200]} {secrets.token_hex(8)}"  # posters may repeat an id
    firing.claim(connection, trigger, cause, now)
    told = {EVENT_IDS: msgspec.json.encode([each[1] for each in batch]).decode()} if trigger.workflow else None
    return [_fire(connection, trigger, cause, now, told)]


# ends of runs


def list_ended(connection: Connection, most: int = 1_000) -> list[str]:
    """Runs whose end no trigger has been asked about."""
    return [row.run_id for row in _ENDED.all(connection, {"most": most})]


def settle_end(connection: Connection, run_id: str, now: datetime) -> list[TriggerFire]:
    """Ask the triggers about the end of one run; nothing if that was done."""
    taken = delete(rows.ended_runs).where(_ended.run_id == run_id).returning(_ended.run_id)
    if connection.execute(taken).first() is None:
        return []
    run = runs.get_run(connection, run_id)
    if run.workflow_run_id is not None:
        workflow_runs.advance(connection, run.workflow_run_id, now)
        return []
    if run.trigger_name is None or _is_repeated(connection, run):
        return []
    return [fire for name in _watchers(connection, run) for fire in _tell(connection, name, run, now)]


def _is_repeated(connection: Connection, run: Run) -> bool:
    c = rows.runs.c
    return connection.execute(select(c.id).where(c.previous_run_id == run.id).limit(1)).first() is not None


def _watchers(connection: Connection, run: Run) -> list[str]:
    """The triggers with a condition that the run meets."""
    met = (_conditions.kind == run.kind, _conditions.subject == run.subject, _conditions.state == run.state)
    found = select(_conditions.trigger).where(*met).distinct().order_by(_conditions.trigger)
    return list(connection.execute(found).scalars())


def _tell(connection: Connection, name: str, run: Run, now: datetime) -> list[TriggerFire]:
    """Note that the run met conditions of the trigger; fire it if these suffice, and let it wait for all anew."""
    trigger = triggers.held(connection, name)
    if trigger is None or trigger.predicate is None:
        return []
    mine = _conditions.trigger == name
    met = (_conditions.kind == run.kind, _conditions.subject == run.subject, _conditions.state == run.state)
    connection.execute(update(rows.trigger_conditions).where(mine, *met).values(met_by=run.id))
    flags = [by is not None for by in connection.execute(select(_conditions.met_by).where(mine)).scalars()]
    cause = f"run {run.id}"
    if not flags or not decided(trigger.predicate.logic, flags) or not firing.claim(connection, trigger, cause, now):
        return []
    connection.execute(update(rows.trigger_conditions).where(mine).values(met_by=None))
    return [firing.carry_out(connection, trigger, cause, now)]
