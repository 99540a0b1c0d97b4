"""Workflows as stored definitions: create, get, find, list, update, delete. Their graphs follow from their triggers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from catalog.errors import AlreadyExists, InvalidInput, NotFound, VersionConflict
from catalog.model import Page
from catalog.paging import by_name
from catalog.tags import add_tags, delete_tags
from engine import rows
from engine.errors import WorkflowRunning
from engine.flows.workflow_model import Workflow, WorkflowRunState

LISTING = by_name("workflows")
LARGEST_PROPERTIES = 256 * 1024
GOING_ON = (WorkflowRunState.RUNNING, WorkflowRunState.STOPPING)
_c = rows.workflows.c


def create_workflow(
    connection: Connection, workflow: Workflow, now: datetime, tags: Mapping[str, str] | None = None
) -> Workflow:
    """Raises AlreadyExists, InvalidInput."""
    created = replace(_checked(workflow), version=0, created_at=now, updated_at=now)
    try:
        connection.execute(insert(rows.workflows).values(name=created.name, created_at=now, **_changing(created)))
    except IntegrityError as error:
        raise AlreadyExists(kind="Workflow", name=workflow.name) from error
    add_tags(connection, "workflow", created.name, tags)
    return created


def find_workflow(connection: Connection, name: str) -> Workflow | None:
    row = connection.execute(select(rows.workflows).where(_c.name == name)).first()
    return _workflow(row) if row else None


def get_workflow(connection: Connection, name: str) -> Workflow:
    found = find_workflow(connection, name)
    if found is None:
        raise NotFound(kind="Workflow", name=name)
    return found


def batch_get_workflows(connection: Connection, names: Sequence[str]) -> list[Workflow]:
    """Those of them that are there."""
    return [_workflow(row) for row in connection.execute(select(rows.workflows).where(_c.name.in_(names)))]


def hold_workflow(connection: Connection, name: str) -> Workflow:
    """The workflow, of which nobody else begins a run or changes a trigger's place before this transaction ends."""
    connection.execute(select(_c.name).where(_c.name == name).with_for_update())
    return get_workflow(connection, name)


def list_workflows(connection: Connection, limit: int, token: str | None) -> Page[Workflow]:
    """By name."""
    statement = select(rows.workflows).where(_c.name > LISTING.after(token)).order_by(_c.name).limit(limit + 1)
    return LISTING.page([_workflow(row) for row in connection.execute(statement)], limit, lambda each: each.name)


def update_workflow(
    connection: Connection, workflow: Workflow, expected_version: int | None, now: datetime
) -> Workflow:
    """Replace the definition; runs under way keep theirs. Raises NotFound, VersionConflict, InvalidInput."""
    current = hold_workflow(connection, workflow.name)
    if expected_version is not None and expected_version != current.version:
        raise VersionConflict(kind="Workflow", name=workflow.name, expected=expected_version, actual=current.version)
    changed = replace(
        _checked(workflow), version=current.version, created_at=current.created_at, updated_at=current.updated_at
    )
    if changed == current:
        return current
    changed = replace(changed, version=current.version + 1, updated_at=now)
    connection.execute(update(rows.workflows).where(_c.name == changed.name).values(**_changing(changed)))
    return changed


def delete_workflow(connection: Connection, name: str) -> None:
    """Its triggers go with it; jobs, crawlers and the record of its runs stay. Raises NotFound, WorkflowRunning."""
    t = rows.triggers.c
    # the triggers first, in their order: a trigger that fires is held before its workflow is
    members = connection.execute(select(t.name).where(t.workflow == name).order_by(t.name).with_for_update()).scalars()
    delete_tags(connection, "trigger", members)
    hold_workflow(connection, name)
    if going := going_on(connection, name):
        raise WorkflowRunning(name=name, run=going[0])
    connection.execute(delete(rows.triggers).where(t.workflow == name))
    connection.execute(delete(rows.workflows).where(_c.name == name))
    delete_tags(connection, "workflow", [name])


def going_on(connection: Connection, name: str) -> list[str]:
    """The ids of its runs that have not ended, oldest first."""
    c = rows.workflow_runs.c
    unfinished = select(c.id).where(c.workflow == name, c.state.in_(GOING_ON)).order_by(c.started_at)
    return list(connection.execute(unfinished).scalars())


def checked_properties(what: str, properties: Mapping[str, str]) -> dict[str, str]:
    """Raises InvalidInput for more than a run can hold."""
    if any(not name.strip() for name in properties):
        raise InvalidInput(what=f"the run properties of {what}", why="a name is empty.")
    if sum(len(name) + len(value) for name, value in properties.items()) > LARGEST_PROPERTIES:
        why = f"they are longer than {LARGEST_PROPERTIES:,} characters together; keep files beside."
        raise InvalidInput(what=f"the run properties of {what}", why=why)
    return dict(properties)


def _checked(workflow: Workflow) -> Workflow:
    name = workflow.name
    if not name.strip() or len(name) > 255 or not name.isprintable():
        raise InvalidInput(what=f"workflow name {name[:40]!r}", why="it must have 1 to 255 printable characters.")
    if workflow.max_concurrent_runs is not None and workflow.max_concurrent_runs < 1:
        raise InvalidInput(what=f"workflow {name}", why="its maximum of concurrent runs is at least 1.")
    checked_properties(f"workflow {name}", workflow.default_properties)
    return workflow


def _changing(workflow: Workflow) -> dict[str, object]:
    body = replace(workflow, name="", version=0, created_at=None, updated_at=None)
    return {
        "body": msgspec.json.encode(body).decode(),
        "version": workflow.version,
        "updated_at": workflow.updated_at,
    }


def _workflow(row: Any) -> Workflow:
    return replace(
        msgspec.json.decode(row.body, type=Workflow),
        name=row.name,
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
