"""What makes sense in a trigger's definition; pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from catalog.errors import InvalidInput
from engine.flows import cron
from engine.flows.trigger_model import Action, EventBatch, Trigger, TriggerType
from engine.model import JOB
from engine.states import FINAL

MOST_EVENTS = 100
LONGEST_EVENT_ID = 256
LONGEST_WINDOW_SECONDS = 900


def checked(trigger: Trigger) -> Trigger:
    """The trigger, if it makes sense; one of events without a batch takes each event alone. Raises InvalidInput."""
    if trigger.type is TriggerType.EVENT and trigger.batch is None:
        trigger = replace(trigger, batch=EventBatch())
    if not trigger.name.strip() or len(trigger.name) > 255 or not trigger.name.isprintable():
        raise InvalidInput(
            what=f"trigger name {trigger.name[:40]!r}", why="it must have 1 to 255 printable characters."
        )
    if trigger.schedule is not None:
        cron.parse(trigger.schedule)
    for why in (*_faults_of_type(trigger), *_faults_of_predicate(trigger), *_faults_of_actions(trigger.actions)):
        raise InvalidInput(what=f"trigger {trigger.name}", why=why)
    return trigger


def zone_of(name: str) -> ZoneInfo:
    """Raises InvalidInput."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        why = "no zone of the time zone database has this name; one is Europe/Berlin."
        raise InvalidInput(what=f"time zone {name[:60]!r}", why=why) from error


def _faults_of_type(trigger: Trigger) -> Iterator[str]:
    for given, kind, name in (
        (trigger.schedule is not None, TriggerType.SCHEDULED, "a schedule"),
        (trigger.predicate is not None, TriggerType.CONDITIONAL, "conditions"),
        (trigger.batch is not None, TriggerType.EVENT, "a batch of events"),
    ):
        if given and trigger.type is not kind:
            yield f"it is {trigger.type}, and only a trigger of type {kind} has {name}."
        if not given and trigger.type is kind:
            yield f"a trigger of type {kind} needs {name}."
    zone_of(trigger.zone)
    if trigger.batch and not 1 <= trigger.batch.size <= MOST_EVENTS:
        yield f"a batch has 1 to {MOST_EVENTS} events."
    if trigger.batch and not 1 <= trigger.batch.window_seconds <= LONGEST_WINDOW_SECONDS:
        yield f"a batch waits for 1 to {LONGEST_WINDOW_SECONDS} seconds."


def _faults_of_predicate(trigger: Trigger) -> Iterator[str]:
    if trigger.predicate is None:
        return
    if not trigger.predicate.conditions:
        yield "its predicate has no condition."
    actions = {each.node for each in trigger.actions}
    for condition in trigger.predicate.conditions:
        if condition.state not in FINAL:
            yield f"{condition.state} is no state in which a run ends."
        if condition.node in actions:
            yield f"it would watch {condition.node.name}, which it starts itself."


def _faults_of_actions(actions: tuple[Action, ...]) -> Iterator[str]:
    if not actions:
        yield "it starts nothing: give it an action."
    for action in actions:
        if action.node.kind != JOB and (action.arguments or action.timeout_minutes or action.notify_delay_minutes):
            yield f"crawler {action.node.name} takes no arguments, timeout or notification."
        if any(limit is not None and limit < 1 for limit in (action.timeout_minutes, action.notify_delay_minutes)):
            yield "a limit in minutes is at least 1."
