"""Jobs, their runs and bookmarks over the Glue face: the definitions are kept whole, the runs are the ledger's."""

from __future__ import annotations

import msgspec
import pytest

from engine.model import JOB, FileState, JobSpec, Outcome, Run, RunSource
from engine.running.scripts import script_arguments
from engine.states import RunState
from tests.api.glue.conftest import Glue, Json

TOTALS: Json = {
    "Role": "arn:aws:iam::123456789012:role/glue",
    "Command": {"Name": "glueetl", "ScriptLocation": "s3://code/totals.py", "PythonVersion": "3"},
    "DefaultArguments": {"--day": "today", "--job-bookmark-option": "job-bookmark-enable"},
    "NonOverridableArguments": {"--mode": "safe"},
    "GlueVersion": "4.0",
    "WorkerType": "G.1X",
    "NumberOfWorkers": 2,
    "MaxRetries": 1,
    "Timeout": 30,
    "ExecutionProperty": {"MaxConcurrentRuns": 2},
    "NotificationProperty": {"NotifyDelayAfter": 5},
    "LogUri": "s3://logs/",
    "Description": "Totals of a day.",
}


def begun(glue: Glue, run_id: str) -> Run:
    run = glue.app.engine.claim_run("worker", run_id=run_id)
    assert run is not None
    glue.app.engine.begin_run(run.id, "worker")
    return run


@pytest.fixture
def totals(glue: Glue) -> Glue:
    assert glue.ask("CreateJob", Name="totals", Tags={"team": "web"}, **TOTALS) == {"Name": "totals"}
    return glue


def test_a_job_is_told_as_it_was_written(totals: Glue) -> None:
    told = totals.ask("GetJob", JobName="totals")["Job"]
    assert told.items() >= TOTALS.items()
    assert told["ExecutionClass"] == "STANDARD"
    assert told["CreatedOn"] == told["LastModifiedOn"]


def test_a_time_in_a_visual_job_is_told_as_a_time(glue: Glue) -> None:
    kinesis = {"Name": "clicks", "StreamingOptions": {"StartingTimestamp": "2026-11-23T08:00:00Z"}}
    nodes = {"node-1": {"DirectKinesisSource": kinesis}}
    glue.ask("CreateJob", Name="clicks", CodeGenConfigurationNodes=nodes, **TOTALS)
    told = glue.ask("GetJob", JobName="clicks")["Job"]["CodeGenConfigurationNodes"]["node-1"]["DirectKinesisSource"]
    assert told["StreamingOptions"]["StartingTimestamp"] == "2026-11-23T08:00:00Z"


def test_jobs_are_listed_in_pages_by_tags_and_by_name(totals: Glue) -> None:
    for name in ("a", "b"):
        totals.ask("CreateJob", Name=name, Role="r", Command=TOTALS["Command"])
    first = totals.ask("GetJobs", MaxResults=2)
    rest = totals.ask("GetJobs", MaxResults=2, NextToken=first["NextToken"])
    assert [job["Name"] for job in first["Jobs"] + rest["Jobs"]] == ["a", "b", "totals"]
    assert totals.ask("ListJobs", Tags={"team": "web"})["JobNames"] == ["totals"]
    found = totals.ask("BatchGetJobs", JobNames=["totals", "none", "a"])
    assert [job["Name"] for job in found["Jobs"]] == ["totals", "a"]
    assert found["JobsNotFound"] == ["none"]


def test_an_update_replaces_the_definition_and_leaves_the_tags(totals: Glue) -> None:
    changed = {"Role": "other", "Command": TOTALS["Command"], "MaxCapacity": 4.0}
    assert totals.ask("UpdateJob", JobName="totals", JobUpdate=changed) == {"JobName": "totals"}
    told = totals.ask("GetJob", JobName="totals")["Job"]
    assert (told["Role"], told["MaxCapacity"], told["MaxRetries"]) == ("other", 4.0, 0)
    assert "WorkerType" not in told
    assert "Description" not in told
    assert totals.ask("ListJobs", Tags={"team": "web"})["JobNames"] == ["totals"]


def test_a_job_is_deleted_and_one_that_is_not_there_is_no_failure(totals: Glue) -> None:
    for _ in range(2):
        assert totals.ask("DeleteJob", JobName="totals") == {"JobName": "totals"}
    assert totals.refusal("GetJob", JobName="totals").code == "EntityNotFoundException"


@pytest.mark.parametrize(
    ("given", "code", "message"),
    [
        ({"Command": {"Name": "glueray", "ScriptLocation": "x"}}, "OperationNotSupportedException", "Ray jobs"),
        ({"Timeout": 100_000}, "InvalidInputException", "its timeout must be"),
        ({"WorkerType": "G.9X", "NumberOfWorkers": 2}, "", "G.9X"),
    ],
)
def test_what_a_job_cannot_be_is_refused_by_name(glue: Glue, given: Json, code: str, message: str) -> None:
    refused = glue.refusal("CreateJob", Name="j", **{"Role": "r", "Command": TOTALS["Command"], **given})
    assert code in refused.code
    assert message in refused.message
    assert glue.ask("GetJobs")["Jobs"] == []


def test_a_name_is_taken_once(totals: Glue) -> None:
    refused = totals.refusal("CreateJob", Name="totals", **TOTALS)
    assert (refused.code, refused.message) == ("AlreadyExistsException", "Job totals already exists.")


def test_a_run_is_there_at_once_and_told_as_it_goes(totals: Glue) -> None:
    run_id = totals.ask("StartJobRun", JobName="totals", Arguments={"--day": "1"}, Timeout=7)["JobRunId"]
    waiting = totals.ask("GetJobRun", JobName="totals", RunId=run_id)["JobRun"]
    assert (waiting["JobRunState"], waiting["Timeout"]) == ("WAITING", 7)
    own = {"--day": "1", "--mode": "safe", "--job-bookmark-option": "job-bookmark-enable"}
    assert waiting["Arguments"] == own, "with those of the job"
    assert waiting["StateDetail"]
    run = begun(totals, run_id)
    assert totals.ask("GetJobRun", JobName="totals", RunId=run_id)["JobRun"]["JobRunState"] == "RUNNING"
    totals.app.engine.finish_run(run.id, "worker", Outcome(RunState.FAILED, "ValueError: no day"))
    ended = totals.ask("GetJobRun", JobName="totals", RunId=run_id)["JobRun"]
    assert (ended["JobRunState"], ended["ErrorMessage"]) == ("FAILED", "ValueError: no day")
    assert ended["CompletedOn"] >= ended["StartedOn"]
    retried, first = totals.ask("GetJobRuns", JobName="totals")["JobRuns"]
    assert (first["Id"], retried["PreviousRunId"], retried["Attempt"]) == (run_id, run_id, 1)


def test_arguments_without_dashes_are_handed_on_as_they_are(totals: Glue) -> None:
    run_id = totals.ask("StartJobRun", JobName="totals", Arguments={"day": "1"})["JobRunId"]
    assert totals.ask("GetJobRun", JobName="totals", RunId=run_id)["JobRun"]["Arguments"]["day"] == "1"
    spec = msgspec.json.decode(begun(totals, run_id).spec, type=JobSpec)
    words = script_arguments(spec, run_id, "/tmp")
    assert words[words.index("day") + 1] == "1"


def test_runs_past_the_maximum_are_refused_or_wait(totals: Glue) -> None:
    for _ in range(2):
        totals.ask("StartJobRun", JobName="totals")
    refused = totals.refusal("StartJobRun", JobName="totals")
    assert refused.code == "ConcurrentRunsExceededException"
    assert refused.message == "Job with name totals already running"
    assert totals.ask("StartJobRun", JobName="totals", JobRunQueuingEnabled=True)["JobRunId"]


def test_runs_are_stopped_item_by_item(totals: Glue) -> None:
    run_id = totals.ask("StartJobRun", JobName="totals")["JobRunId"]
    told = totals.ask("BatchStopJobRun", JobName="totals", JobRunIds=[run_id, "jr_none"])
    assert told["SuccessfulSubmissions"] == [{"JobName": "totals", "JobRunId": run_id}]
    [error] = told["Errors"]
    assert (error["JobRunId"], error["ErrorDetail"]["ErrorCode"]) == ("jr_none", "EntityNotFoundException")
    assert totals.app.engine.get_run(run_id).state is RunState.STOPPED


def test_a_run_of_another_job_is_not_found(totals: Glue) -> None:
    run_id = totals.ask("StartJobRun", JobName="totals")["JobRunId"]
    totals.ask("CreateJob", Name="other", Role="r", Command=TOTALS["Command"])
    assert totals.refusal("GetJobRun", JobName="other", RunId=run_id).code == "EntityNotFoundException"
    assert totals.refusal("GetJobRuns", JobName="none").message == "Job none not found."


def test_a_run_is_retried_by_its_id_with_its_own_arguments(totals: Glue) -> None:
    first = totals.ask("StartJobRun", JobName="totals", Arguments={"--day": "9"})["JobRunId"]
    second = totals.ask("StartJobRun", JobName="totals", JobRunId=first)["JobRunId"]
    told = totals.ask("GetJobRun", JobName="totals", RunId=second)["JobRun"]
    assert (told["PreviousRunId"], told["Attempt"], told["Arguments"]["--day"]) == (first, 1, "9")
    totals.ask("CreateJob", Name="other", Role="r", Command=TOTALS["Command"])
    assert totals.refusal("StartJobRun", JobName="other", JobRunId=first).code == "EntityNotFoundException"


def test_a_capacity_is_given_by_one_of_its_names(totals: Glue) -> None:
    refused = totals.refusal("StartJobRun", JobName="totals", AllocatedCapacity=2, MaxCapacity=5.0)
    assert refused.message == "Please set only Allocated Capacity or Max Capacity"


def test_what_nothing_here_could_run_is_kept_and_its_run_says_so(glue: Glue) -> None:
    command = {"Name": "else", "PythonVersion": "3"}
    glue.ask("CreateJob", Name="odd", Role="r", Command=command, NumberOfWorkers=3)
    told = glue.ask("GetJob", JobName="odd")["Job"]
    assert (told["Command"], told["NumberOfWorkers"]) == (command, 3)
    run_id = glue.ask("StartJobRun", JobName="odd")["JobRunId"]
    assert glue.ask("GetJobRun", JobName="odd", RunId=run_id)["JobRun"]["JobRunState"] == "WAITING"


@pytest.mark.parametrize("member", ["ExecutionRoleSessionPolicy"])
def test_what_a_run_would_not_obey_is_refused(totals: Glue, member: str) -> None:
    assert member in totals.refusal("StartJobRun", JobName="totals", **{member: "{}"}).message
    assert totals.app.engine.list_runs(JOB).items == ()


def test_a_bookmark_is_told_reset_and_rewound(totals: Glue) -> None:
    engine = totals.app.engine
    assert totals.refusal("GetJobBookmark", JobName="totals").code == "EntityNotFoundException"
    ids = [_read(totals, high) for high in (1, 2)]
    told = totals.ask("GetJobBookmark", JobName="totals")["JobBookmarkEntry"]
    assert (told["RunId"], told["Version"]) == (ids[1], 2)
    assert '"high_ms":2' in told["JobBookmark"]
    left = totals.ask("GetJobBookmark", JobName="totals", RunId=ids[0])["JobBookmarkEntry"]
    assert '"high_ms":1' in left["JobBookmark"]
    totals.ask("ResetJobBookmark", JobName="totals", RunId=ids[0])
    assert '"high_ms":1' in totals.ask("GetJobBookmark", JobName="totals")["JobBookmarkEntry"]["JobBookmark"]
    totals.ask("ResetJobBookmark", JobName="totals")
    assert engine.get_bookmark("totals").sources == {}


def _read(glue: Glue, high: int) -> str:
    """A run that has read files up to `high`."""
    engine = glue.app.engine
    run = begun(glue, glue.ask("StartJobRun", JobName="totals")["JobRunId"])
    base = engine.find_bookmark("totals")
    state = FileState(high, {"file:///in": high})
    source = RunSource("ctx", "in", 1, 0, state, base.version if base else 0)
    engine.record_source(run.id, source)
    engine.commit_job(run.id)
    engine.finish_run(run.id, "worker", Outcome(RunState.SUCCEEDED))
    return run.id
