"""Triggers as stored definitions: create, get, find, list, update, delete; and whether they are followed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from catalog.errors import AlreadyExists, InvalidInput, NotFound, VersionConflict
from catalog.model import Page
from catalog.paging import by_name
from catalog.prepared import Prepared
from catalog.tags import add_tags, delete_tags
from engine import rows
from engine.flows.trigger_model import Trigger, TriggerState, TriggerType
from engine.flows.trigger_rules import checked
from engine.model import RunKind

LISTING = by_name("triggers")
_c = rows.triggers.c
_HELD = Prepared(select(rows.triggers).where(_c.name == bindparam("wanted")).with_for_update())
_decode = msgspec.json.Decoder(Trigger).decode


def create_trigger(
    connection: Connection, trigger: Trigger, start: bool, now: datetime, tags: Mapping[str, str] | None = None
) -> Trigger:
    """With `start`, it is followed from now on. Raises AlreadyExists, InvalidInput; NotFound for its workflow."""
    created = replace(checked(trigger), version=0, created_at=now, updated_at=now, state=TriggerState.CREATED)
    if start and created.type is TriggerType.ON_DEMAND:
        why = "a trigger on demand fires when it is called, and is not started on creation."
        raise InvalidInput(what=f"trigger {trigger.name}", why=why)
    if start:
        created = replace(created, state=TriggerState.ACTIVATED)
    _demand_place(connection, created)
    values = {"name": created.name, "type": created.type, "workflow": created.workflow, "created_at": now}
    try:
        connection.execute(insert(rows.triggers).values(**values, **_changing(created)))
    except IntegrityError as error:
        raise AlreadyExists(kind="Trigger", name=trigger.name) from error
    _watch_anew(connection, created)
    add_tags(connection, "trigger", created.name, tags)
    return created


def find_trigger(connection: Connection, name: str) -> Trigger | None:
    row = connection.execute(select(rows.triggers).where(_c.name == name)).first()
    return of_row(row) if row else None


def get_trigger(connection: Connection, name: str) -> Trigger:
    found = find_trigger(connection, name)
    if found is None:
        raise NotFound(kind="Trigger", name=name)
    return found


def batch_get_triggers(connection: Connection, names: Sequence[str]) -> list[Trigger]:
    """Those of them that are there."""
    return [of_row(row) for row in connection.execute(select(rows.triggers).where(_c.name.in_(names)))]


def held(connection: Connection, name: str) -> Trigger | None:
    """The trigger, which nobody else holds, changes or deletes before this transaction ends; None if there is none."""
    row = _HELD.first(connection, {"wanted": name})
    return of_row(row) if row else None


def hold(connection: Connection, name: str) -> Trigger:
    """As `held`. Raises NotFound."""
    found = held(connection, name)
    if found is None:
        raise NotFound(kind="Trigger", name=name)
    return found


def list_triggers(
    connection: Connection,
    limit: int,
    token: str | None,
    dependent: tuple[RunKind, str] | None = None,
    workflow: str | None = None,
) -> Page[Trigger]:
    """By name; of those that start the job or crawler `dependent`, and of one workflow, if these are given."""
    statement = select(rows.triggers).where(_c.name > LISTING.after(token)).order_by(_c.name)
    if workflow is not None:
        statement = statement.where(_c.workflow == workflow)
    if dependent is None:
        found = [of_row(row) for row in connection.execute(statement.limit(limit + 1))]
    else:
        every = (of_row(row) for row in connection.execute(statement))
        found = [
            each for each in every if dependent in {(action.node.kind, action.node.name) for action in each.actions}
        ][: limit + 1]
    return LISTING.page(found, limit, lambda trigger: trigger.name)


def list_of_workflow(connection: Connection, workflow: str) -> list[Trigger]:
    """By name."""
    return batch_list_of_workflows(connection, [workflow])[workflow]


def batch_list_of_workflows(connection: Connection, workflows: Sequence[str]) -> dict[str, list[Trigger]]:
    found: dict[str, list[Trigger]] = {name: [] for name in workflows}
    for row in connection.execute(select(rows.triggers).where(_c.workflow.in_(workflows)).order_by(_c.name)):
        found[row.workflow].append(of_row(row))
    return found


def update_trigger(connection: Connection, trigger: Trigger, expected_version: int | None, now: datetime) -> Trigger:
    """Replace the definition; type, workflow and state stay. Raises NotFound, VersionConflict, InvalidInput."""
    current = hold(connection, trigger.name)
    if expected_version is not None and expected_version != current.version:
        raise VersionConflict(kind="Trigger", name=trigger.name, expected=expected_version, actual=current.version)
    if (trigger.type, trigger.workflow) != (current.type, current.workflow):
        raise InvalidInput(what=f"trigger {trigger.name}", why="its type and its workflow stay; make another trigger.")
    changed = replace(
        checked(trigger),
        state=current.state,
        version=current.version,
        created_at=current.created_at,
        updated_at=current.updated_at,
    )
    return current if changed == current else _write(connection, changed, now)


def activate(connection: Connection, trigger: Trigger, now: datetime) -> Trigger:
    """Follow a held trigger from now on; what happened before does not count."""
    if trigger.state is TriggerState.ACTIVATED:
        return trigger
    return _write(connection, replace(trigger, state=TriggerState.ACTIVATED), now)


def deactivate(connection: Connection, name: str, now: datetime) -> Trigger:
    """Follow it no longer; events that wait for it are dropped. Raises NotFound; InvalidInput for one on demand."""
    trigger = hold(connection, name)
    if trigger.type is TriggerType.ON_DEMAND:
        raise InvalidInput(what=f"trigger {name}", why="it fires only when it is called: there is nothing to stop.")
    if trigger.state is TriggerState.DEACTIVATED:
        return trigger
    connection.execute(delete(rows.trigger_events).where(rows.trigger_events.c.trigger == name))
    return _write(connection, replace(trigger, state=TriggerState.DEACTIVATED), now)


def delete_trigger(connection: Connection, name: str) -> None:
    """The runs that it began, and the record of its fires, stay. Raises NotFound."""
    hold(connection, name)
    connection.execute(delete(rows.triggers).where(_c.name == name))
    delete_tags(connection, "trigger", [name])


def _write(connection: Connection, changed: Trigger, now: datetime) -> Trigger:
    changed = replace(changed, version=changed.version + 1, updated_at=now)
    connection.execute(update(rows.triggers).where(_c.name == changed.name).values(**_changing(changed)))
    _watch_anew(connection, changed)
    return changed


def _demand_place(connection: Connection, trigger: Trigger) -> None:
    """That its workflow is there, and that nothing else begins the workflow's runs."""
    if trigger.workflow is None:
        return
    c = rows.workflows.c
    if connection.execute(select(c.name).where(c.name == trigger.workflow).with_for_update()).first() is None:
        raise NotFound(kind="Workflow", name=trigger.workflow)
    begins = [each.name for each in list_of_workflow(connection, trigger.workflow) if each.begins]
    if trigger.begins and begins and begins != [trigger.name]:
        why = f"trigger {begins[0]} begins its runs already; there is one such trigger in a workflow."
        raise InvalidInput(what=f"workflow {trigger.workflow}", why=why)


def _watch_anew(connection: Connection, trigger: Trigger) -> None:
    """Let the trigger wait for all that it watches; triggers of workflows are asked by their runs."""
    c = rows.trigger_conditions.c
    connection.execute(delete(rows.trigger_conditions).where(c.trigger == trigger.name))
    if trigger.predicate is None or trigger.workflow is not None or trigger.state is not TriggerState.ACTIVATED:
        return
    watched = [
        {
            "trigger": trigger.name,
            "position": at,
            "kind": each.node.kind,
            "subject": each.node.name,
            "state": each.state,
        }
        for at, each in enumerate(trigger.predicate.conditions)
    ]
    connection.execute(insert(rows.trigger_conditions), watched)


def _changing(trigger: Trigger) -> dict[str, object]:
    body = replace(trigger, name="", workflow=None, version=0, created_at=None, updated_at=None)
    return {
        "state": trigger.state,
        "body": msgspec.json.encode(body).decode(),
        "version": trigger.version,
        "updated_at": trigger.updated_at,
    }


def of_row(row: Any) -> Trigger:
    return replace(
        _decode(row.body),
        name=row.name,
        workflow=row.workflow,
        state=TriggerState(row.state),
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
