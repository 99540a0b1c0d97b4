"""Jobs in Glue's shape."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.glue.failures import Invalid, OperationNotSupported
from engine.model import Job, timeout_of

Shape = Mapping[str, Any]

# Kept and told again, as clients compare what they wrote with what they read; no run obeys them.
_KEPT = ("Role", "LogUri", "JobMode", "CodeGenConfigurationNodes", "SourceControlDetails")
_REASONS = {
    "MaintenanceWindow": "streaming jobs are not begun anew by a maintenance window here",
}


def refuse_of_job(given: Shape, reasons: Mapping[str, str] = _REASONS) -> None:
    """Raises OperationNotSupported for a member that a run would have to obey."""
    for name, why in reasons.items():
        if given.get(name):
            raise OperationNotSupported(f"{name} is not supported: {why}.")


def job_value(name: str, given: Shape, old: Job | None = None) -> Job:
    """The definition, whole: what is not given has its default. What Glue has no words for stays as in `old`.

    What no run could begin with, as a command that nothing here runs, is told when one does. Raises
    OperationNotSupported.
    """
    refuse_of_job(given)
    command = given.get("Command") or {}
    refuse_of_job(command, {"Runtime": "Ray jobs are not run here"})
    kept = {each: given[each] for each in _KEPT if each in given}
    if "PythonVersion" in command:
        kept["PythonVersion"] = command["PythonVersion"]
    script = command.get("ScriptLocation") or ""
    same_script = old is not None and old.script == script
    return Job(
        name=name,
        script=script,
        script_text=old.script_text if old and same_script else None,
        default_arguments=given.get("DefaultArguments") or {},
        fixed_arguments=given.get("NonOverridableArguments") or {},
        description=given.get("Description"),
        command=command.get("Name") or Job.command,
        glue_version=given.get("GlueVersion") or Job.glue_version,
        timeout_minutes=given.get("Timeout"),
        max_concurrent_runs=(given.get("ExecutionProperty") or {}).get("MaxConcurrentRuns") or 1,
        worker_type=given.get("WorkerType"),
        number_of_workers=given.get("NumberOfWorkers"),
        max_capacity=capacity_of(given),
        max_retries=given.get("MaxRetries") or 0,
        queueing=bool(given.get("JobRunQueuingEnabled")),
        notify_delay_minutes=notify_delay_of(given),
        execution_class=given.get("ExecutionClass") or Job.execution_class,
        connections=tuple((given.get("Connections") or {}).get("Connections") or ()),
        tags=old.tags if old else given.get("Tags") or {},
        environment=old.environment if old else None,
        kept=kept,
        security_configuration=given.get("SecurityConfiguration") or None,
    )


def capacity_of(given: Shape) -> float | None:
    """DPUs; AllocatedCapacity is the old name. Raises Invalid if both are given."""
    if "MaxCapacity" in given and "AllocatedCapacity" in given:
        raise Invalid("Please set only Allocated Capacity or Max Capacity")
    found = given.get("MaxCapacity", given.get("AllocatedCapacity"))
    return None if found is None else float(found)


def notify_delay_of(given: Shape) -> int | None:
    found: int | None = (given.get("NotificationProperty") or {}).get("NotifyDelayAfter")
    return found


def job_shape(job: Job) -> dict[str, Any]:
    kept = {name: value for name, value in job.kept.items() if name != "PythonVersion"}
    return {
        **kept,
        "Name": job.name,
        "Description": job.description,
        "CreatedOn": job.created_at,
        "LastModifiedOn": job.updated_at,
        "ExecutionProperty": {"MaxConcurrentRuns": job.max_concurrent_runs},
        "Command": {
            "Name": job.command,
            "ScriptLocation": job.script or None,
            "PythonVersion": job.kept.get("PythonVersion"),
        },
        "DefaultArguments": job.default_arguments,
        "NonOverridableArguments": job.fixed_arguments or None,
        "Connections": {"Connections": list(job.connections)} if job.connections else None,
        "MaxRetries": job.max_retries,
        "JobRunQueuingEnabled": job.queueing,
        **size_shape(job),
    }


def size_shape(job: Job) -> dict[str, Any]:
    """What a job and its runs tell alike."""
    delay = job.notify_delay_minutes
    return {
        "Timeout": timeout_of(job),
        "MaxCapacity": job.max_capacity,
        "AllocatedCapacity": None if job.max_capacity is None else int(job.max_capacity),
        "WorkerType": job.worker_type,
        "NumberOfWorkers": job.number_of_workers,
        "GlueVersion": job.glue_version,
        "ExecutionClass": job.execution_class,
        "SecurityConfiguration": job.security_configuration,
        "NotificationProperty": None if delay is None else {"NotifyDelayAfter": delay},
    }
