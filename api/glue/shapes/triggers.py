"""Triggers in Glue's shape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from api.glue.failures import Invalid, OperationNotSupported
from engine.flows.trigger_model import Action, Condition, EventBatch, Logic, Node, Predicate, Trigger, TriggerType
from engine.model import CRAWL, JOB
from engine.states import RunState

Shape = Mapping[str, Any]

_JOB_ENDS = ("SUCCEEDED", "STOPPED", "FAILED", "TIMEOUT")
_CRAWL_ENDS = ("SUCCEEDED", "FAILED", "CANCELLED")
_CRAWLS = {"CANCELLED": RunState.STOPPED}  # AWS's word for a crawl that was stopped


def new_trigger(given: Shape) -> Trigger:
    """Raises Invalid, OperationNotSupported."""
    bare = Trigger(given["Name"], TriggerType(given["Type"]), (), workflow=given.get("WorkflowName"))
    return changed_trigger(given, bare)


def changed_trigger(given: Shape, old: Trigger) -> Trigger:
    """`old` with what is given. Raises Invalid, OperationNotSupported."""
    simple: dict[str, Any] = {}
    if "Description" in given:
        simple["description"] = given["Description"]
    if "Schedule" in given:
        simple["schedule"] = given["Schedule"]
    if "Actions" in given:
        simple["actions"] = tuple(_action(each) for each in given["Actions"])
    if "Predicate" in given:
        simple["predicate"] = _predicate(given["Predicate"])
    if "EventBatchingCondition" in given:
        batch = given["EventBatchingCondition"]
        simple["batch"] = EventBatch(batch["BatchSize"], batch.get("BatchWindow", EventBatch.window_seconds))
    elif old.type is TriggerType.EVENT and old.batch is None:
        simple["batch"] = EventBatch()
    changed = replace(old, **simple)
    if changed.type is TriggerType.CONDITIONAL and (changed.predicate is None or not changed.predicate.conditions):
        raise Invalid("Predicate cannot be null or empty")
    return changed


def _node(given: Shape, where: str) -> Node:
    """The job; the crawler of what names no job."""
    for kind, member in ((JOB, "JobName"), (CRAWL, "CrawlerName")):
        if given.get(member):
            return Node(kind, given[member])
    raise Invalid(f"JobName or CrawlerName in {where} cannot be null or empty")


def _action(given: Shape) -> Action:
    if given.get("SecurityConfiguration"):
        raise OperationNotSupported("SecurityConfiguration of an action is not supported: name it in the job.")
    if given.get("JobName") and given.get("CrawlerName"):
        raise Invalid("Both JobName and CrawlerName cannot be set together in an action")
    delay = (given.get("NotificationProperty") or {}).get("NotifyDelayAfter")
    return Action(_node(given, "action"), given.get("Arguments") or {}, given.get("Timeout"), delay)


def _predicate(given: Shape) -> Predicate:
    return Predicate(
        tuple(_condition(each) for each in given.get("Conditions") or ()), Logic(given.get("Logical", "AND"))
    )


def _condition(given: Shape) -> Condition:
    if not given.get("LogicalOperator"):
        raise Invalid("Logical operator cannot be null or empty")
    node = _node(given, "condition")
    word = given.get("State" if node.kind == JOB else "CrawlState")
    if word is None:
        kind, states = ("job", _JOB_ENDS) if node.kind == JOB else ("crawler", _CRAWL_ENDS)
        listed = ", ".join(states)
        raise Invalid(f"State cannot be null or empty, choose from one of the following {kind} state: [{listed}]")
    if node.kind == CRAWL and word in _CRAWLS:
        return Condition(node, _CRAWLS[word])
    try:
        return Condition(node, RunState(word))
    except ValueError as error:
        raise Invalid(f"A run does not end in {word}.") from error


def trigger_shape(trigger: Trigger) -> dict[str, Any]:
    predicate, batch = trigger.predicate, trigger.batch
    return {
        "Name": trigger.name,
        "WorkflowName": trigger.workflow,
        "Type": trigger.type.value,
        "State": trigger.state.value,
        "Description": trigger.description,
        "Schedule": trigger.schedule,
        "Actions": [_action_shape(each) for each in trigger.actions],
        "Predicate": {
            "Logical": predicate.logic.value,
            "Conditions": [_condition_shape(each) for each in predicate.conditions],
        }
        if predicate
        else None,
        "EventBatchingCondition": {"BatchSize": batch.size, "BatchWindow": batch.window_seconds} if batch else None,
    }


def _action_shape(action: Action) -> dict[str, Any]:
    delay = action.notify_delay_minutes
    return {
        **_node_shape(action.node),
        "Arguments": action.arguments or None,
        "Timeout": action.timeout_minutes,
        "NotificationProperty": None if delay is None else {"NotifyDelayAfter": delay},
    }


def _condition_shape(condition: Condition) -> dict[str, Any]:
    if condition.node.kind == JOB:
        told = {"State": condition.state.value}
    else:
        words = {state: word for word, state in _CRAWLS.items()}
        told = {"CrawlState": words.get(condition.state, condition.state.value)}
    return {"LogicalOperator": "EQUALS", **_node_shape(condition.node), **told}


def _node_shape(node: Node) -> dict[str, str]:
    return {"JobName" if node.kind == JOB else "CrawlerName": node.name}
