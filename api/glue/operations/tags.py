"""Operations on tags."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from api.glue.calls import Call, Operation, Shape
from api.glue.failures import Invalid, OperationNotSupported
from catalog.tags import Kind
from engine.doors.tag_doors import TAGGED
from engine.model import Job


def get_tags(call: Call) -> Shape:
    kind, name = _resource(call)
    return {"Tags": call.engine.get_job(name).tags if kind is None else call.engine.get_tags(kind, name)}


def tag_resource(call: Call) -> Shape:
    kind, name = _resource(call)
    added = call.asked["TagsToAdd"]
    if kind is not None:
        call.engine.add_tags(kind, name, added)
        return {}
    job = call.engine.get_job(name)
    return _write(call, job, {**job.tags, **added})


def untag_resource(call: Call) -> Shape:
    kind, name = _resource(call)
    gone = call.asked["TagsToRemove"]
    if kind is not None:
        call.engine.remove_tags(kind, name, gone)
        return {}
    job = call.engine.get_job(name)
    return _write(call, job, {name: value for name, value in job.tags.items() if name not in gone})


def _write(call: Call, job: Job, tags: Mapping[str, str]) -> Shape:
    call.engine.update_job(replace(job, tags=dict(tags)), job.version)
    return {}


def _resource(call: Call) -> tuple[Kind | None, str]:
    """What ResourceArn names: arn:aws:glue:REGION:ACCOUNT:KIND/NAME. None: a job, which keeps its own tags."""
    parts = call.asked["ResourceArn"].split(":", 5)
    if len(parts) != 6 or parts[2] != "glue" or "/" not in parts[5]:
        raise Invalid(f"{call.asked['ResourceArn']} is not an ARN of Glue's.")
    given, _, name = parts[5].partition("/")
    if given == "job":
        return None, name
    for kind in TAGGED:
        if given == kind:
            return kind, name
    raise OperationNotSupported(f"Tags of a {given} are not supported: tags are of a job, {', '.join(TAGGED)}.")


OPERATIONS: dict[str, Operation] = {"GetTags": get_tags, "TagResource": tag_resource, "UntagResource": untag_resource}
