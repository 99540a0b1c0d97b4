"""Log streams: what job runs wrote, found by the names of groups and streams as Glue gives them in CloudWatch."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import msgspec

from api.glue.calls import Call
from api.glue.failures import GlueFailure
from catalog.errors import NotFound
from engine.ledger.run_filters import IdBegins
from engine.model import JOB, Job, JobSpec, Run
from engine.running.log_lines import Lines

MOST_STREAMS = 100
_SPARK, _SHELL = "/aws-glue/jobs", "/aws-glue/python-jobs"
# Of a group: those of its jobs, and which of a run's logs it holds.
GROUPS = {f"{group}/{log}": (group, log) for group in (_SPARK, _SHELL) for log in ("output", "error")}


def group_of(job: Job) -> str:
    """What the names of the groups that hold the logs of the job's runs begin with: Glue's LogGroupName."""
    return _SHELL if job.command == "pythonshell" else _SPARK


@dataclass(frozen=True)
class Stream:
    run: Run
    group: str

    @property
    def log(self) -> str:
        """Which of the run's logs it is."""
        return GROUPS[self.group][1]

    @property
    def name(self) -> str:
        return self.run.id

    def written_ms(self, page: Lines) -> int:
        """When the log was last written; a file's clock may be some milliseconds behind that by which the run began."""
        return max(int(page.written_at * 1_000), ceil(self.run.queued_at.timestamp() * 1_000))


class NoSuch(GlueFailure):
    """A group or stream that is not there, or not yet."""

    def __init__(self, what: str) -> None:
        super().__init__(f"The specified log {what} does not exist.", "ResourceNotFoundException")


class InvalidParameter(GlueFailure):
    pass


def find_stream(call: Call, name: str) -> Stream:
    """Raises NoSuch, InvalidParameter."""
    group = _group(call)
    try:
        run = call.engine.get_run(name)
    except NotFound as error:
        raise NoSuch("stream") from error
    if not _is_of(run, group):
        raise NoSuch("stream")
    return Stream(run, group)


def list_streams(call: Call, beginning: str) -> list[Stream]:
    """Those whose names begin so, by name. Raises NoSuch; InvalidParameter for too many."""
    group = _group(call)
    found = call.engine.list_runs(JOB, None, MOST_STREAMS + 1, None, [IdBegins(beginning)]).items
    if len(found) > MOST_STREAMS:
        raise InvalidParameter(f"More than {MOST_STREAMS} log streams begin so; name them by logStreamNames.")
    return sorted((Stream(run, group) for run in found if _is_of(run, group)), key=lambda stream: stream.name)


def page_of_streams(call: Call, limit: int, token: str | None) -> tuple[list[Stream], str | None]:
    """Of the newest runs first, and the token for the next page. Raises NoSuch."""
    group = _group(call)
    page = call.engine.list_runs(JOB, None, limit, token)
    return [Stream(run, group) for run in page.items if _is_of(run, group)], page.next_token


def _group(call: Call) -> str:
    """By its name, or its ARN: arn:aws:logs:REGION:ACCOUNT:log-group:NAME."""
    given, other = call.asked.get("logGroupName"), call.asked.get("logGroupIdentifier")
    if (given is None) is (other is None):
        raise InvalidParameter("One of logGroupName and logGroupIdentifier is to be given.")
    name = given or str(other).rpartition(":log-group:")[2].removesuffix(":*")
    if name not in GROUPS:
        raise NoSuch("group")
    return name


def _is_of(run: Run, group: str) -> bool:
    return run.kind == JOB and group_of(msgspec.json.decode(run.spec, type=JobSpec).job) == GROUPS[group][0]
