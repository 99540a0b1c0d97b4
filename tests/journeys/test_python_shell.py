"""Python-shell jobs in a user's hands: quick, followed while they run, and as durable as any other."""

from __future__ import annotations

import os
import signal
import subprocess

import boto3
import pytest

from engine.model import Run
from engine.running.processes import pid_of
from engine.states import RunState
from tests.journeys.installation import Installation, until

TALKS = """
import os, sys, time
from awsglue.utils import getResolvedOptions
args = getResolvedOptions(sys.argv, ["JOB_NAME", "note"])
print("began", args["JOB_NAME"])
print("a warning", file=sys.stderr)
try:
    while not os.path.exists(args["note"]):
        time.sleep(0.01)
    print("ended")
finally:
    print("closed")
"""


def create(installation: Installation) -> None:
    script = installation.folder / "talks.py"
    script.write_text(TALKS)
    note = installation.folder / "go on"
    installation.run("job", "create", "talks", script, "--command", "pythonshell", "-a", f"--note={note}")


def go_on(installation: Installation) -> None:
    (installation.folder / "go on").touch()


def printed(installation: Installation, run: Run) -> str:
    log = installation.home / "runs" / run.id / "output.log"
    return log.read_text() if log.exists() else ""


def await_line(installation: Installation, run: Run, line: str) -> None:
    until(lambda: line in printed(installation, run), f"the script prints {line}")


def test_a_run_is_followed_by_another_process_and_outlives_its_service(installation: Installation) -> None:
    create(installation)
    first = installation.serve()
    run = installation.put_in("talks")
    follower = subprocess.Popen(
        installation.command("job", "logs", "-f", run.id),
        env=installation.environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    installation.started.append(follower)  # type: ignore[arg-type]
    assert follower.stdout is not None
    assert follower.stdout.readline() == "began talks\n"
    first.kill()
    assert len(installation.processes_of(run)) == 2, "its supervisor and its script go on without the service"

    second = installation.serve()
    go_on(installation)
    assert follower.stdout.read() == "ended\nclosed\n"
    assert follower.wait(30) == 0
    follower.stdout.close()
    ended = installation.await_end(run)
    assert (ended.state, ended.detail, ended.owner) == (RunState.SUCCEEDED, None, second.identity)
    assert installation.run("job", "logs", run.id, "--errors").endswith("a warning\n")
    assert installation.processes_of(run) == {}


def test_a_run_ends_with_a_reason_whichever_of_its_processes_dies_or_is_stopped(installation: Installation) -> None:
    create(installation)
    installation.serve()

    run = installation.put_in("talks")
    await_line(installation, run, "began")
    installation.kill_one(run, "isinglass_script.py")
    ended = installation.await_end(run)
    assert (ended.state, ended.detail) == (RunState.FAILED, "its process was ended by signal 9; see the error log")

    run = installation.put_in("talks")
    await_line(installation, run, "began")
    os.kill(pid_of(installation.supervisor_of(run)), signal.SIGKILL)
    ended = installation.await_end(run)
    assert ended.state is RunState.FAILED
    assert (ended.detail or "").startswith("its process was lost")
    until(lambda: not installation.processes_of(run), "its script is ended, too")

    run = installation.put_in("talks")
    await_line(installation, run, "began")
    assert "was asked to stop" in installation.run("job", "stop", run.id)
    ended = installation.await_end(run)
    assert (ended.state, ended.detail) == (RunState.STOPPED, "stopped on request")
    assert installation.run("job", "logs", run.id) == "began talks\nclosed\n"
    assert installation.processes_of(run) == {}


ASKS_GLUE = """
import sys
import boto3
from awsglue.utils import getResolvedOptions
args = getResolvedOptions(sys.argv, ["WORKFLOW_NAME", "WORKFLOW_RUN_ID"])
glue = boto3.client("glue")
run = {"Name": args["WORKFLOW_NAME"], "RunId": args["WORKFLOW_RUN_ID"]}
print("reads", glue.get_workflow_run_properties(**run)["RunProperties"])
glue.put_workflow_run_properties(**run, RunProperties={"seen": "yes"})
print("reads", glue.get_workflow_run_properties(**run)["RunProperties"]["seen"])
"""


def test_a_script_s_own_client_of_glue_finds_the_workflow_that_runs_it(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    script = installation.folder / "asks.py"
    script.write_text(ASKS_GLUE)
    installation.run("job", "create", "asks", script, "--command", "pythonshell")
    service = installation.serve()
    glue = boto3.client(
        "glue", endpoint_url=service.endpoint, region_name="eu-west-1",
        aws_access_key_id="any", aws_secret_access_key="any",
    )  # fmt: skip
    glue.create_workflow(Name="nightly", DefaultRunProperties={"day": "monday"})
    glue.create_trigger(Name="first", Type="ON_DEMAND", WorkflowName="nightly", Actions=[{"JobName": "asks"}])
    of_workflow = glue.start_workflow_run(Name="nightly")["RunId"]

    run = until(lambda: next(iter(installation.engine.list_runs("job", "asks").items), None), "the job's run is there")
    ended = installation.await_end(run)
    assert ended.state is RunState.SUCCEEDED, ended.detail
    assert printed(installation, run).splitlines() == ["reads {'day': 'monday'}", "reads yes"]
    found = glue.get_workflow_run_properties(Name="nightly", RunId=of_workflow)["RunProperties"]
    assert found == {"day": "monday", "seen": "yes"}
