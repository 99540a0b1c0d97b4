"""Operations on tags: of jobs, which alone keep them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from api.glue.calls import Call, Operation, Shape
from api.glue.failures import Invalid, OperationNotSupported
from engine.model import Job


def get_tags(call: Call) -> Shape:
    return {"Tags": _job(call).tags}


def tag_resource(call: Call) -> Shape:
    job = _job(call)
    return _write(call, job, {**job.tags, **call.asked["TagsToAdd"]})


def untag_resource(call: Call) -> Shape:
    job = _job(call)
    gone = set(call.asked["TagsToRemove"])
    return _write(call, job, {name: value for name, value in job.tags.items() if name not in gone})


def _write(call: Call, job: Job, tags: Mapping[str, str]) -> Shape:
    call.engine.update_job(replace(job, tags=dict(tags)), job.version)
    return {}


def _job(call: Call) -> Job:
    """The job that ResourceArn names: arn:aws:glue:REGION:ACCOUNT:job/NAME."""
    parts = call.asked["ResourceArn"].split(":", 5)
    if len(parts) != 6 or parts[2] != "glue" or "/" not in parts[5]:
        raise Invalid(f"{call.asked['ResourceArn']} is not an ARN of Glue's.")
    kind, _, name = parts[5].partition("/")
    if kind != "job":
        raise OperationNotSupported(f"Tags of a {kind} are not supported: jobs alone keep tags here.")
    return call.engine.get_job(name)


OPERATIONS: dict[str, Operation] = {"GetTags": get_tags, "TagResource": tag_resource, "UntagResource": untag_resource}
