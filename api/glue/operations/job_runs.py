"""Operations on job runs: really put in, worked off and stopped."""

from __future__ import annotations

from api.glue.batches import failures_of
from api.glue.calls import Call, Operation, Shape
from api.glue.failures import EntityNotFound
from api.glue.shapes.job_runs import run_shape
from api.glue.shapes.jobs import capacity_of, notify_delay_of, refuse_of_job
from catalog.errors import NotFound
from engine.model import JOB, Overrides, Run

_REASONS = {
    "ExecutionRoleSessionPolicy": "runs have no role of AWS's",
}


def start_job_run(call: Call) -> Shape:
    asked = call.asked
    refuse_of_job(asked, _REASONS)
    overrides = Overrides(
        timeout_minutes=asked.get("Timeout"),
        worker_type=asked.get("WorkerType"),
        number_of_workers=asked.get("NumberOfWorkers"),
        max_capacity=capacity_of(asked),
        execution_class=asked.get("ExecutionClass"),
        notify_delay_minutes=notify_delay_of(asked),
        queueing=asked.get("JobRunQueuingEnabled"),
        security_configuration=asked.get("SecurityConfiguration"),
    )
    run = call.engine.start_job_run(asked["JobName"], asked.get("Arguments"), overrides, asked.get("JobRunId"))
    return {"JobRunId": run.id}


def get_job_run(call: Call) -> Shape:
    return {"JobRun": _told(call, [_run(call, call.asked["RunId"])])[0]}


def get_job_runs(call: Call) -> Shape:
    """Newest first."""
    asked = call.asked
    name = call.engine.get_job(asked["JobName"]).name
    page = call.engine.list_runs(JOB, name, asked.get("MaxResults", 100), asked.get("NextToken"))
    return {"JobRuns": _told(call, page.items), "NextToken": page.next_token}


def batch_stop_job_run(call: Call) -> Shape:
    job = call.engine.get_job(call.asked["JobName"]).name
    ids = list(dict.fromkeys(call.asked["JobRunIds"]))
    failed = failures_of(ids, lambda run_id: call.engine.stop_run(_run(call, run_id).id), call.asked)
    refused = {run_id for run_id, _ in failed}
    return {
        "SuccessfulSubmissions": [{"JobName": job, "JobRunId": run_id} for run_id in ids if run_id not in refused],
        "Errors": [{"JobName": job, "JobRunId": run_id, "ErrorDetail": failure.detail()} for run_id, failure in failed],
    }


def _run(call: Call, run_id: str) -> Run:
    """The run, if it is one of the job's. Raises EntityNotFound."""
    try:
        found = call.engine.get_run(run_id)
    except NotFound:
        found = None
    if found is None or found.kind != JOB or found.subject != call.asked["JobName"]:
        raise EntityNotFound(f"Job run {run_id} of job {call.asked['JobName']} not found.")
    return found


def _told(call: Call, runs: list[Run] | tuple[Run, ...]) -> list[Shape]:
    why = call.engine.batch_why_waiting([run.id for run in runs])
    return [run_shape(run, why) for run in runs]


OPERATIONS: dict[str, Operation] = {
    "StartJobRun": start_job_run,
    "GetJobRun": get_job_run,
    "GetJobRuns": get_job_runs,
    "BatchStopJobRun": batch_stop_job_run,
}
