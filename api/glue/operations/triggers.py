"""Operations on triggers."""

from __future__ import annotations

from contextlib import suppress

from api.glue.calls import Call, Operation, Shape
from api.glue.shapes.triggers import changed_trigger, new_trigger, trigger_shape
from catalog.errors import NotFound
from catalog.model import Page
from engine.flows.trigger_model import Trigger
from engine.model import JOB


def create_trigger(call: Call) -> Shape:
    asked = call.asked
    made = call.engine.create_trigger(new_trigger(asked), bool(asked.get("StartOnCreation")), asked.get("Tags"))
    return {"Name": made.name}


def get_trigger(call: Call) -> Shape:
    return {"Trigger": trigger_shape(call.engine.get_trigger(call.asked["Name"]))}


def get_triggers(call: Call) -> Shape:
    page = _page(call)
    return {"Triggers": [trigger_shape(each) for each in page.items], "NextToken": page.next_token}


def list_triggers(call: Call) -> Shape:
    """Names; a page from which tags leave out some may be short."""
    page = _page(call)
    names = call.engine.tagged("trigger", [each.name for each in page.items], call.asked.get("Tags"))
    return {"TriggerNames": names, "NextToken": page.next_token}


def batch_get_triggers(call: Call) -> Shape:
    found, missing = [], []
    for name in dict.fromkeys(call.asked["TriggerNames"]):
        try:
            found.append(trigger_shape(call.engine.get_trigger(name)))
        except NotFound:
            missing.append(name)
    return {"Triggers": found, "TriggersNotFound": missing}


def update_trigger(call: Call) -> Shape:
    """What is not given stays."""
    old = call.engine.get_trigger(call.asked["Name"])
    changed = call.engine.update_trigger(changed_trigger(call.asked["TriggerUpdate"], old), old.version)
    return {"Trigger": trigger_shape(changed)}


def delete_trigger(call: Call) -> Shape:
    """One that is not there is no failure, as in AWS."""
    with suppress(NotFound):
        call.engine.delete_trigger(call.asked["Name"])
    return {"Name": call.asked["Name"]}


def start_trigger(call: Call) -> Shape:
    """One on demand fires at once; others are followed from now on."""
    call.engine.start_trigger(call.asked["Name"])
    return {"Name": call.asked["Name"]}


def stop_trigger(call: Call) -> Shape:
    return {"Name": call.engine.stop_trigger(call.asked["Name"]).name}


def _page(call: Call) -> Page[Trigger]:
    asked, job = call.asked, call.asked.get("DependentJobName")
    dependent = None if job is None else (JOB, job)
    return call.engine.list_triggers(asked.get("MaxResults", 100), asked.get("NextToken"), dependent)


OPERATIONS: dict[str, Operation] = {
    "CreateTrigger": create_trigger,
    "GetTrigger": get_trigger,
    "GetTriggers": get_triggers,
    "ListTriggers": list_triggers,
    "BatchGetTriggers": batch_get_triggers,
    "UpdateTrigger": update_trigger,
    "DeleteTrigger": delete_trigger,
    "StartTrigger": start_trigger,
    "StopTrigger": stop_trigger,
}
