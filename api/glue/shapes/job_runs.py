"""Job runs in Glue's shape."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from api.glue.cloudwatch.streams import group_of
from api.glue.shapes.jobs import size_shape
from engine.model import JobSpec, Run
from engine.states import RunState


def run_shape(run: Run, why_waiting: Mapping[str, str]) -> dict[str, Any]:
    """`why_waiting` tells of each run that waits what it waits for."""
    spec = msgspec.json.decode(run.spec, type=JobSpec)
    well = run.state is RunState.SUCCEEDED or not run.finished
    return {
        "Id": run.id,
        "Attempt": run.attempt,
        "PreviousRunId": run.previous_run_id,
        "TriggerName": run.trigger_name,
        "JobName": run.subject,
        "StartedOn": run.queued_at,
        "LastModifiedOn": run.finished_at or run.heartbeat_at or run.started_at or run.queued_at,
        "CompletedOn": run.finished_at,
        "JobRunState": run.state.value,
        "Arguments": spec.arguments,
        "ErrorMessage": None if well else run.detail,
        "StateDetail": why_waiting.get(run.id) or (run.detail if well else None),
        "ExecutionTime": int(run.execution_seconds or 0),
        "DPUSeconds": run.figures.get("dpu_seconds"),
        "JobRunQueuingEnabled": spec.job.queueing,
        "LogGroupName": group_of(spec.job),
        **size_shape(spec.job),
    }
