"""What has happened, as frozen values, and how the world outside is told of it: in the envelope of EventBridge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from engine.model import CRAWL, JOB, SESSION, Run, RunKind
from engine.sessions.model import session_state
from engine.states import FINAL, RunState

SOURCE = "isinglass"
Detail = Mapping[str, object]


class EventKind(StrEnum):
    """What an event tells of."""

    JOB_STATE = "JOB_STATE"  # a job run went from state to state
    CRAWL_STATE = "CRAWL_STATE"  # a crawl did
    SESSION_STATE = "SESSION_STATE"  # an interactive session did
    RUN_DELAYED = "RUN_DELAYED"  # a job run takes longer than its job's notify delay
    DATABASE_CHANGE = "DATABASE_CHANGE"  # a crawl or a job made or deleted a table
    TABLE_CHANGE = "TABLE_CHANGE"  # one changed a table, or its partitions
    WORKFLOW_ENDED = "WORKFLOW_ENDED"
    TEST = "TEST"  # of a webhook; it stands in no stream


# Glue's own words where Glue has such an event; of workflows and sessions it has none.
DETAIL_TYPE = {
    EventKind.JOB_STATE: "Glue Job State Change",
    EventKind.CRAWL_STATE: "Glue Crawler State Change",
    EventKind.SESSION_STATE: "Glue Session State Change",
    EventKind.RUN_DELAYED: "Glue Job Run Status",
    EventKind.DATABASE_CHANGE: "Glue Data Catalog Database State Change",
    EventKind.TABLE_CHANGE: "Glue Data Catalog Table State Change",
    EventKind.WORKFLOW_ENDED: "Glue Workflow Run State Change",
    EventKind.TEST: "Isinglass Webhook Test",
}
MOVE_OF: dict[RunKind, EventKind] = {
    JOB: EventKind.JOB_STATE,
    CRAWL: EventKind.CRAWL_STATE,
    SESSION: EventKind.SESSION_STATE,
}


@dataclass(frozen=True, order=True)
class Position:
    """Where an event stands in the stream; `transaction` is 0 where the database writes one after the other."""

    transaction: int = 0
    id: int = 0


START = Position()


@dataclass(frozen=True)
class Event:
    """`subject` is the name of a job, crawler, session or workflow, or DATABASE.TABLE; `detail` is as Glue tells it."""

    position: Position
    at: datetime
    kind: EventKind
    subject: str | None
    run_id: str | None
    detail: Detail

    @property
    def id(self) -> str:
        return f"evt_{self.position.id}"


@dataclass(frozen=True)
class EventFilter:
    """Events of one of `kinds` and one of `subjects`, at `since` or later; what is empty asks for nothing."""

    kinds: tuple[EventKind, ...] = ()
    subjects: tuple[str, ...] = ()
    since: datetime | None = None


EVERYTHING = EventFilter()


def envelope(event: Event) -> dict[str, object]:
    """The event as EventBridge would hand it on."""
    return {
        "version": "0",
        "id": event.id,
        "detail-type": DETAIL_TYPE[event.kind],
        "source": SOURCE,
        "time": event.at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "resources": [event.subject] if event.subject else [],
        "detail": event.detail,
    }


_ENDS = {
    RunState.SUCCEEDED: ("INFO", "Job run succeeded"),
    RunState.STOPPED: ("INFO", "Job run stopped"),
    RunState.TIMEOUT: ("WARN", "Job run timed out"),
    RunState.FAILED: ("ERROR", "Job run failed"),
    RunState.ERROR: ("ERROR", "Job run failed"),
    RunState.EXPIRED: ("ERROR", "Job run expired"),
}


def job_detail(subject: str | None, run_id: str, state: RunState, reason: str | None) -> Detail:
    """Glue tells of ends alone; ours tell of every step, in the same words."""
    severity, message = _ENDS.get(state, ("INFO", f"Job run is in {state} state"))
    return {
        "jobName": subject,
        "severity": severity,
        "state": str(state),
        "jobRunId": run_id,
        "message": f"{message}: {reason}" if reason else message,
    }


def crawl_detail(
    subject: str | None,
    run_id: str,
    state: RunState,
    reason: str | None,
    figures: Mapping[str, float],
    began: datetime | None,
    at: datetime,
) -> Detail:
    """`figures` are the crawl's, told of one that succeeded. Glue writes all its numbers as text."""
    word = "Started" if state is RunState.RUNNING else state.capitalize()
    told: dict[str, object] = {"crawlerName": subject, "crawlId": run_id, "state": word, "message": f"Crawler {word}"}
    if state is RunState.RUNNING:
        return told | {"startTime": at.isoformat()}
    if state not in FINAL:
        return told
    told["completionDate"] = at.isoformat()
    if began is not None:
        told["runningTime (sec)"] = str(round((at - began).total_seconds()))
    if state is not RunState.SUCCEEDED:
        return told | {"errorMessage": reason or ""}
    return told | {
        f"{things}{done}": str(int(figures.get(f"{things}_{ours}", 0)))
        for things in ("tables", "partitions")
        for done, ours in (("Created", "added"), ("Updated", "updated"), ("Deleted", "deleted"))
    }


def session_detail(subject: str | None, run_id: str, state: RunState, reason: str | None) -> Detail:
    told = session_state(state, closed=False)
    message = f"Session is in {told} state"
    return {
        "sessionId": subject,
        "sessionRunId": run_id,
        "state": str(told),
        "message": f"{message}: {reason}" if reason else message,
    }


def delay_detail(run: Run, minutes: int) -> Detail:
    return {
        "jobName": run.subject,
        "severity": "INFO",
        "notificationCondition": {"NotifyDelayAfter": float(minutes)},
        "state": str(run.state),
        "jobRunId": run.id,
        "message": f"Job is in {run.state} state",
        "startedOn": run.started_at.isoformat() if run.started_at else None,
    }


def database_detail(database: str, change: str, table: str) -> Detail:
    return {"databaseName": database, "typeOfChange": change, "changedTables": [table]}


MOST_PARTITIONS = 100


def table_detail(
    database: str, table: str, change: str, version: int | None = None, partitions: Sequence[tuple[str, ...]] = ()
) -> Detail:
    """Of many partitions the first are named; `partitionCount` is of all."""
    told: dict[str, object] = {"databaseName": database, "tableName": table, "typeOfChange": change}
    if version is not None:
        told["versionId"] = str(version)
    if partitions:
        told["changedPartitions"] = [f"[{', '.join(each)}]" for each in partitions[:MOST_PARTITIONS]]
        told["partitionCount"] = len(partitions)
    return told


def workflow_detail(name: str, workflow_run_id: str, state: str, statistics: Mapping[str, int]) -> Detail:
    return {
        "workflowName": name,
        "workflowRunId": workflow_run_id,
        "state": state,
        "statistics": dict(statistics),
        "message": f"Workflow run is in {state} state",
    }
