"""Interactive sessions and their statements in Glue's shape."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from api.glue.failures import OperationNotSupported
from api.glue.shapes.jobs import capacity_of
from engine.model import Job
from engine.sessions.model import Session, Statement, StatementState

Shape = Mapping[str, Any]

# Kept and told again; no session here obeys them.
_KEPT = ("Role", "RequestOrigin", "SessionType")
_CONNECT = "SPARK_CONNECT"


def session_job(given: Shape) -> Job:
    """What the session is to be, in the words of a job of its name. Raises OperationNotSupported."""
    if given.get("SessionType") == _CONNECT:
        raise OperationNotSupported(f"SessionType {_CONNECT} is not supported: sessions take statements here.")
    command = given["Command"]
    kept = {each: given[each] for each in _KEPT if each in given}
    if "PythonVersion" in command:
        kept["PythonVersion"] = command["PythonVersion"]
    return Job(
        name=given["Id"],
        script="session.py",
        script_text="",
        default_arguments=given.get("DefaultArguments") or {},
        description=given.get("Description"),
        command=command.get("Name") or Job.command,
        glue_version=given.get("GlueVersion") or Job.glue_version,
        timeout_minutes=given.get("Timeout"),
        worker_type=given.get("WorkerType"),
        number_of_workers=given.get("NumberOfWorkers"),
        max_capacity=capacity_of(given),
        connections=tuple((given.get("Connections") or {}).get("Connections") or ()),
        tags=given.get("Tags") or {},
        kept=kept,
        security_configuration=given.get("SecurityConfiguration") or None,
    )


def session_shape(session: Session) -> dict[str, Any]:
    job, run = session.job, session.run
    ended_badly = session.state in ("FAILED", "TIMEOUT")
    return {
        "Id": session.id,
        "CreatedOn": session.created_at,
        "Status": session.state.value,
        "ErrorMessage": run.detail if ended_badly else None,
        "Description": job.description,
        "Role": job.kept.get("Role"),
        "Command": {"Name": job.command, "PythonVersion": job.kept.get("PythonVersion")},
        "DefaultArguments": job.default_arguments,
        "Connections": {"Connections": list(job.connections)} if job.connections else None,
        "Progress": 0.0 if session.state == "PROVISIONING" else 1.0,
        "MaxCapacity": job.max_capacity,
        "SecurityConfiguration": job.security_configuration,
        "GlueVersion": job.glue_version,
        "NumberOfWorkers": job.number_of_workers,
        "WorkerType": job.worker_type,
        "CompletedOn": run.finished_at,
        "ExecutionTime": run.execution_seconds,
        "DPUSeconds": run.figures.get("dpu_seconds"),
        "IdleTimeout": session.idle_minutes,
        "SessionType": job.kept.get("SessionType"),
    }


def statement_shape(statement: Statement, fraction: float = 0.0) -> dict[str, Any]:
    """`fraction` is how far the statement is, if it runs. An exception of the code is told by its output alone."""
    ended = statement.completed_at is not None
    return {
        "Id": statement.number,
        "Code": statement.code,
        "State": statement.state.value,
        "Output": _output(statement),
        "Progress": 1.0 if ended else fraction,
        "StartedOn": _milliseconds(statement.started_at),
        "CompletedOn": _milliseconds(statement.completed_at),
    }


def _output(statement: Statement) -> dict[str, Any] | None:
    output = statement.output
    if output is None:
        return None
    told: dict[str, Any] = {"Data": {"TextPlain": output.text}, "ExecutionCount": statement.number}
    failure = output.failure
    if failure is None:
        return {**told, "Status": "ok" if statement.state is StatementState.AVAILABLE else "error"}
    return {
        **told,
        "Status": "error",
        "ErrorName": failure.name,
        "ErrorValue": failure.value,
        "Traceback": list(failure.traceback),
    }


def _milliseconds(at: datetime | None) -> int | None:
    return None if at is None else round(at.timestamp() * 1_000)
