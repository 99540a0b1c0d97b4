"""The logs of job runs over CloudWatch's calls, as clients of Glue follow them."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
import uvicorn

from api.glue.account import DEFAULT_REGION
from api.glue.cloudwatch.operations import OPERATIONS
from api.glue.model import logs_model
from api.glue.signing import Request
from engine.model import Outcome, Run
from engine.states import RunState
from tests.api.glue import requests
from tests.api.glue.conftest import Glue, Json
from tests.api.glue.test_bad_input import WAYS

OUTPUT, ERROR = "/aws-glue/jobs/output", "/aws-glue/jobs/error"


def ask(glue: Glue, operation: str, **asked: Any) -> Json:
    headers = {"x-amz-target": f"Logs_20140328.{operation}"}
    told: Json = json.loads(glue.app.answer(Request("POST", "/", "", headers, json.dumps(asked).encode())).body)
    return told


def events(glue: Glue, run: Run, **asked: Any) -> Json:
    return ask(glue, "GetLogEvents", **{"logGroupName": OUTPUT, "logStreamName": run.id, **asked})


def messages(told: Json) -> list[str]:
    return [event["message"].rstrip("\n") for event in told["events"]]


def started(glue: Glue, command: str = "glueetl") -> Run:
    job = f"of_{command}"
    glue.ask("CreateJob", Name=job, Role="r", Command={"Name": command, "ScriptLocation": "s3://code/x.py"})
    return begun(glue, job)


def begun(glue: Glue, job: str) -> Run:
    run_id = glue.ask("StartJobRun", JobName=job)["JobRunId"]
    run = glue.app.engine.claim_run("worker", run_id=run_id)
    assert run is not None
    return run


@pytest.fixture
def run(glue: Glue) -> Run:
    """A run that goes on, whose output has five lines and the beginning of a sixth."""
    found = started(glue)
    write(glue, found, "".join(f"line {number}\n" for number in range(5)) + "line")
    return found


def write(glue: Glue, run: Run, text: str, log: str = "output") -> None:
    assert glue.app.engine.runs is not None
    folder = Path(glue.app.engine.runs) / run.id
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{log}.log").open("a") as file:
        file.write(text)


def test_a_log_is_followed_by_its_forward_token(glue: Glue, run: Run) -> None:
    first = events(glue, run, startFromHead=True, limit=3)
    rest = events(glue, run, startFromHead=True, nextToken=first["nextForwardToken"])
    end = events(glue, run, startFromHead=True, nextToken=rest["nextForwardToken"])
    assert messages(first) + messages(rest) == [f"line {number}" for number in range(5)]
    assert (end["events"], end["nextForwardToken"]) == ([], rest["nextForwardToken"])
    write(glue, run, " 5\nlast")
    more = events(glue, run, startFromHead=True, nextToken=end["nextForwardToken"])
    assert messages(more) == ["line 5"]
    glue.app.engine.begin_run(run.id, "worker")
    glue.app.engine.finish_run(run.id, "worker", Outcome(RunState.SUCCEEDED))
    assert messages(events(glue, run, nextToken=more["nextForwardToken"])) == ["last"]


def test_the_latest_lines_come_first_and_older_ones_by_the_backward_token(glue: Glue, run: Run) -> None:
    last = events(glue, run, limit=2)
    before = events(glue, run, limit=2, nextToken=last["nextBackwardToken"])
    first = events(glue, run, limit=2, nextToken=before["nextBackwardToken"])
    assert [messages(page) for page in (last, before, first)] == [
        ["line 3", "line 4"],
        ["line 1", "line 2"],
        ["line 0"],
    ]
    begin = events(glue, run, nextToken=first["nextBackwardToken"])
    assert (begin["events"], begin["nextBackwardToken"]) == ([], first["nextBackwardToken"])


def test_events_are_those_of_the_time_that_is_asked_for(glue: Glue, run: Run) -> None:
    at = events(glue, run)["events"][0]["timestamp"]
    assert len(events(glue, run, startTime=at, endTime=at + 1)["events"]) == 5
    assert events(glue, run, startTime=at + 1)["events"] == []
    assert events(glue, run, endTime=at - 1)["events"] == []


def test_several_streams_are_told_one_after_the_other_and_followed_by_one_token(glue: Glue, run: Run) -> None:
    glue.ask("UpdateJob", JobName="of_glueetl", JobUpdate={
        "Command": {"ScriptLocation": "s3://code/x.py"}, "ExecutionProperty": {"MaxConcurrentRuns": 2}
    })  # fmt: skip
    other = begun(glue, "of_glueetl")
    write(glue, other, "other 0\n")
    asked: Json = {"logGroupName": OUTPUT, "logStreamNames": [run.id, other.id], "limit": 4}
    first = ask(glue, "FilterLogEvents", **asked)
    rest = ask(glue, "FilterLogEvents", **asked, nextToken=first["nextToken"])
    assert messages(first) + messages(rest) == [*(f"line {number}" for number in range(5)), "other 0"]
    assert {event["logStreamName"] for event in rest["events"]} == {run.id, other.id}
    assert len({event["eventId"] for event in first["events"] + rest["events"]}) == 6
    end = ask(glue, "FilterLogEvents", **asked, nextToken=rest["nextToken"])
    assert (end["events"], end.get("nextToken")) == ([], None)
    write(glue, run, " 5\n")
    write(glue, other, "other 1\n")
    more = ask(glue, "FilterLogEvents", **asked, nextToken=rest["nextToken"])
    assert messages(more) == ["line 5", "other 1"]
    beginning = {"logGroupName": OUTPUT, "logStreamNamePrefix": run.id[:-1]}
    assert messages(ask(glue, "FilterLogEvents", **beginning))[:6] == [f"line {number}" for number in range(6)]


def test_the_groups_are_those_that_a_run_tells(glue: Glue) -> None:
    for command, group in (("glueetl", "/aws-glue/jobs"), ("pythonshell", "/aws-glue/python-jobs")):
        found = started(glue, command)
        write(glue, found, "said\n")
        write(glue, found, "warned\n", "error")
        told = glue.ask("GetJobRun", JobName=found.subject, RunId=found.id)["JobRun"]
        assert told["LogGroupName"] == group
        for log, wanted in (("output", ["said"]), ("error", ["warned"])):
            assert messages(events(glue, found, logGroupName=f"{group}/{log}")) == wanted
        arn = f"arn:aws:logs:us-east-1:123456789012:log-group:{group}/output:*"
        stream = {"logGroupIdentifier": arn, "logStreamName": found.id}
        assert messages(ask(glue, "GetLogEvents", **stream)) == ["said"]
        shell = "/aws-glue/python-jobs/output" if command == "glueetl" else OUTPUT
        assert events(glue, found, logGroupName=shell)["__type"] == "ResourceNotFoundException"


@pytest.mark.parametrize(
    ("operation", "asked", "code", "message"),
    [
        ("GetLogEvents", {"logStreamName": "jr_none"}, "ResourceNotFoundException", "log stream does not exist"),
        ("GetLogEvents", {"logGroupName": "/other"}, "ResourceNotFoundException", "log group does not exist"),
        ("GetLogEvents", {"logGroupName": None}, "InvalidParameterException", "One of logGroupName and"),
        ("GetLogEvents", {"nextToken": "x"}, "InvalidParameterException", "nextToken is invalid"),
        ("GetLogEvents", {"nextToken": "f/" + "9" * 99}, "InvalidParameterException", "nextToken is invalid"),
        ("GetLogEvents", {"limit": 0}, "InvalidParameterException", "1 validation error detected"),
        ("GetLogEvents", {"limit": "x"}, "SerializationException", "STRING_VALUE"),
        ("FilterLogEvents", {"nextToken": "s/a=b"}, "InvalidParameterException", "nextToken is invalid"),
        ("FilterLogEvents", {"filterPattern": "ERROR"}, "OperationNotSupportedException", "filterPattern"),
        ("FilterLogEvents", {"logStreamNames": ["jr_none"]}, "ResourceNotFoundException", "log stream does not exist"),
        (
            "FilterLogEvents",
            {"logStreamNames": ["a"], "logStreamNamePrefix": "b"},
            "InvalidParameterException",
            "together",
        ),
        ("PutLogEvents", {}, "OperationNotSupportedException", "PutLogEvents"),
        ("NoSuchThing", {}, "UnknownOperationException", "NoSuchThing"),
    ],
)
def test_what_cannot_be_told_is_refused_in_the_words_of_cloudwatch(
    glue: Glue, run: Run, operation: str, asked: Json, code: str, message: str
) -> None:
    stream = {"logStreamName": run.id} if operation == "GetLogEvents" else {}
    told = ask(glue, operation, **{"logGroupName": OUTPUT, **stream, **asked})
    assert (told["__type"], message in told["Message"]) == (code, True), told


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_broken_and_odd_requests_are_refused_and_never_fail_the_service(
    glue: Glue, operation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requests, "glue_model", logs_model)
    bodies = [(body, {400}) for way in WAYS for body in requests.broken(operation, way)]
    bodies += [(body, {200, 400}) for body in requests.hostile(operation)]
    assert len(bodies) > 20
    for body, statuses in bodies:
        headers = {"x-amz-target": f"Logs_20140328.{operation}"}
        answer = glue.app.answer(Request("POST", "/", "", headers, body))
        assert answer.status in statuses, (body[:200], answer.body)


def test_a_log_that_has_not_begun_is_no_stream_yet(glue: Glue, run: Run) -> None:
    asked = {"logGroupName": ERROR, "logStreamNames": [run.id]}
    assert ask(glue, "FilterLogEvents", **asked)["__type"] == "ResourceNotFoundException"
    assert ask(glue, "FilterLogEvents", logGroupName=ERROR) == {"events": [], "searchedLogStreams": []}


def test_groups_and_streams_are_told_by_their_names_and_the_newest_first(glue: Glue, run: Run) -> None:
    groups = ask(glue, "DescribeLogGroups", logGroupNamePrefix="/aws-glue/jobs")["logGroups"]
    assert [group["logGroupName"] for group in groups] == [ERROR, OUTPUT]
    assert groups[1]["arn"] == f"arn:aws:logs:us-east-1:123456789012:log-group:{OUTPUT}:*"
    asked = {"orderBy": "LastEventTime", "descending": True}
    [stream] = ask(glue, "DescribeLogStreams", logGroupName=OUTPUT, **asked)["logStreams"]
    assert (stream["logStreamName"], stream["arn"]) == (run.id, f"{groups[1]['logGroupArn']}:log-stream:{run.id}")
    assert stream["lastEventTimestamp"] == events(glue, run)["events"][0]["timestamp"]
    assert ask(glue, "DescribeLogStreams", logGroupName=ERROR, **asked)["logStreams"] == []
    assert ask(glue, "DescribeLogStreams", logGroupName=OUTPUT)["__type"] == "OperationNotSupportedException"


def test_streams_with_a_prefix_are_told_in_pages(glue: Glue) -> None:
    runs = []
    for command in ("glueetl", "gluestreaming", "pythonshell"):
        runs.append(started(glue, command))
        write(glue, runs[-1], "said\n")
    names = sorted(run.id for run in runs[:2])
    for backward in (False, True):
        asked: Json = {"logGroupName": OUTPUT, "logStreamNamePrefix": "jr_", "limit": 1, "descending": backward}
        first = ask(glue, "DescribeLogStreams", **asked)
        rest = ask(glue, "DescribeLogStreams", **asked, nextToken=first["nextToken"])
        told = [stream["logStreamName"] for stream in first["logStreams"] + rest["logStreams"]]
        assert (told, rest.get("nextToken")) == (names[::-1] if backward else names, None)


@pytest.fixture
def clients(glue: Glue) -> Iterator[tuple[Any, Any]]:
    """boto3's own of Glue and of CloudWatch Logs, at one endpoint."""
    server = uvicorn.Server(uvicorn.Config(glue.app, port=0, log_config=None, lifespan="off"))
    socket = server.config.bind_socket()
    thread = threading.Thread(target=server.run, kwargs={"sockets": [socket]})
    thread.start()
    endpoint = f"http://127.0.0.1:{socket.getsockname()[1]}"
    keys = {"aws_access_key_id": "k", "aws_secret_access_key": "s", "region_name": DEFAULT_REGION}
    made = [boto3.client(name, endpoint_url=endpoint, **keys) for name in ("glue", "logs")]
    yield made[0], made[1]
    for client in made:
        client.close()
    server.should_exit = True
    thread.join()
    socket.close()


def test_boto3_follows_a_growing_log_page_by_page_as_airflow_does(
    glue: Glue, run: Run, clients: tuple[Any, Any]
) -> None:
    of_glue, of_logs = clients
    told = of_glue.get_job_run(JobName=run.subject, RunId=run.id)["JobRun"]
    asked = {
        "logGroupName": f"{told['LogGroupName']}/output",
        "logStreamNames": [run.id],
        "startTime": int(told["StartedOn"].timestamp() * 1000),
    }
    token, polls = None, []
    for news in ("", " 5\nline 6\n", "", "line 7\n"):
        write(glue, run, news)
        found = []
        for page in of_logs.get_paginator("filter_log_events").paginate(
            **asked, PaginationConfig={"StartingToken": token}
        ):
            found += [event["message"] for event in page["events"]]
            token = page.get("nextToken") or token
        polls.append(found)
    assert polls == [
        [f"line {number}\n" for number in range(5)],
        ["line 5\n", "line 6\n"],
        [],
        ["line 7\n"],
    ]
    with pytest.raises(of_logs.exceptions.ResourceNotFoundException):
        of_logs.get_log_events(logGroupName=ERROR, logStreamName=run.id)
