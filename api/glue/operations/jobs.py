"""Operations on jobs."""

from __future__ import annotations

from contextlib import suppress

from api.glue.calls import Call, Operation, Shape
from api.glue.shapes.jobs import job_shape, job_value
from catalog.errors import NotFound


def create_job(call: Call) -> Shape:
    return {"Name": call.engine.create_job(job_value(call.asked["Name"], call.asked)).name}


def get_job(call: Call) -> Shape:
    return {"Job": job_shape(call.engine.get_job(call.asked["JobName"]))}


def get_jobs(call: Call) -> Shape:
    page = call.engine.list_jobs(call.asked.get("MaxResults", 100), call.asked.get("NextToken"))
    return {"Jobs": [job_shape(job) for job in page.items], "NextToken": page.next_token}


def list_jobs(call: Call) -> Shape:
    """Names; a page from which tags leave out some may be short."""
    wanted = (call.asked.get("Tags") or {}).items()
    page = call.engine.list_jobs(call.asked.get("MaxResults", 100), call.asked.get("NextToken"))
    return {"JobNames": [job.name for job in page.items if wanted <= job.tags.items()], "NextToken": page.next_token}


def batch_get_jobs(call: Call) -> Shape:
    names = list(dict.fromkeys(call.asked["JobNames"]))
    found = {job.name: job for job in call.engine.batch_get_jobs(names)}
    return {
        "Jobs": [job_shape(found[name]) for name in names if name in found],
        "JobsNotFound": [name for name in names if name not in found],
    }


def update_job(call: Call) -> Shape:
    """Replaces the definition; tags stay, as they have operations of their own."""
    old = call.engine.get_job(call.asked["JobName"])
    changed = job_value(old.name, call.asked["JobUpdate"], old)
    return {"JobName": call.engine.update_job(changed, old.version).name}


def delete_job(call: Call) -> Shape:
    """One that is not there is no failure, as in AWS."""
    with suppress(NotFound):
        call.engine.delete_job(call.asked["JobName"])
    return {"JobName": call.asked["JobName"]}


OPERATIONS: dict[str, Operation] = {
    "CreateJob": create_job,
    "GetJob": get_job,
    "GetJobs": get_jobs,
    "ListJobs": list_jobs,
    "BatchGetJobs": batch_get_jobs,
    "UpdateJob": update_job,
    "DeleteJob": delete_job,
}
