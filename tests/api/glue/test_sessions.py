"""Interactive sessions and statements as clients of Glue see them, without a Spark."""

from __future__ import annotations

import pytest

from engine.engine import Engine
from engine.model import SESSION, Run
from engine.sessions.model import Failure, Output
from engine.states import RunState
from tests.api.glue.conftest import Glue, Json
from tests.engine.sessions.sessioning import OWNER, end

ROLE = "arn:aws:iam::000000000000:role/glue"


def engine_of(glue: Glue) -> Engine:
    return glue.app.engine


def create(glue: Glue, session_id: str = "notebook", **members: object) -> Json:
    asked = {"Id": session_id, "Role": ROLE, "Command": {"Name": "glueetl", "PythonVersion": "3"}, **members}
    session: Json = glue.ask("CreateSession", **asked)["Session"]
    return session


def make_ready(glue: Glue, session_id: str = "notebook") -> Run:
    """What a worker does."""
    engine = engine_of(glue)
    run = engine.get_session(session_id).run
    assert engine.claim_run(OWNER, (SESSION,), run.id) is not None
    engine.begin_run(run.id, OWNER)
    return run


def status(glue: Glue, session_id: str = "notebook") -> str:
    return str(glue.ask("GetSession", Id=session_id)["Session"]["Status"])


def test_a_session_is_told_as_it_was_asked_for(glue: Glue) -> None:
    asked: Json = {
        "Description": "of dbt",
        "DefaultArguments": {
            "--enable-glue-datacatalog": "true",
            "--conf": "spark.sql.shuffle.partitions=4",
            "own": "1",
        },
        "GlueVersion": "5.0",
        "WorkerType": "G.1X",
        "NumberOfWorkers": 2,
        "IdleTimeout": 10,
        "Timeout": 300,
        "Tags": {"team": "a"},
        "RequestOrigin": "dbt-glue",
    }
    made = create(glue, **asked)
    assert made["Status"] == "PROVISIONING"
    assert made["Command"] == {"Name": "glueetl", "PythonVersion": "3"}
    assert made["Role"] == ROLE
    for name in ("Description", "DefaultArguments", "GlueVersion", "WorkerType", "NumberOfWorkers", "IdleTimeout"):
        assert made[name] == asked[name], name
    assert glue.ask("GetSession", Id="notebook")["Session"] == made
    assert glue.refusal("CreateSession", Id="notebook", Role=ROLE, Command={}).code == "AlreadyExistsException"
    defaults = create(glue, "plain")
    assert (defaults["IdleTimeout"], defaults["Command"]) == (2_880, {"Name": "glueetl", "PythonVersion": "3"})


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"Command": {"Name": "glueray"}}, "OperationNotSupportedException"),
        ({"Command": {"Name": "pythonshell"}}, "InvalidInputException"),
        ({"SessionType": "SPARK_CONNECT"}, "OperationNotSupportedException"),
        ({"GlueVersion": "99.0"}, "InvalidInputException"),
        ({"DefaultArguments": {"--class": "Main"}}, "OperationNotSupportedException"),
        ({"Connections": {"Connections": ["shop"]}}, "EntityNotFoundException"),
        ({"IdleTimeout": 0}, "ValidationException"),
        ({"Id": ""}, "ValidationException"),
    ],
)
def test_a_session_that_cannot_be_is_refused(glue: Glue, members: dict[str, object], code: str) -> None:
    asked = {"Id": "notebook", "Role": ROLE, "Command": {"Name": "glueetl"}, **members}
    assert glue.refusal("CreateSession", **asked).code == code
    assert glue.ask("ListSessions")["Ids"] == []


def test_sessions_are_listed_part_by_part_and_by_their_tags(glue: Glue) -> None:
    for name in ("a", "b", "c"):
        create(glue, name, Tags={"kind": "odd" if name == "b" else "even"})
    first = glue.ask("ListSessions", MaxResults=2)
    second = glue.ask("ListSessions", MaxResults=2, NextToken=first["NextToken"])
    assert sorted(first["Ids"] + second["Ids"]) == ["a", "b", "c"]
    assert [session["Id"] for session in first["Sessions"]] == first["Ids"]
    assert "NextToken" not in second
    assert glue.ask("ListSessions", Tags={"kind": "odd"})["Ids"] == ["b"]


def test_a_statement_and_what_it_came_to(glue: Glue) -> None:
    create(glue)
    assert glue.refusal("RunStatement", SessionId="notebook", Code="1").code == "IllegalSessionStateException"
    run = make_ready(glue)
    assert status(glue) == "READY"
    assert [glue.ask("RunStatement", SessionId="notebook", Code=code) for code in ("1", "x", "late")] == [
        {"Id": 0},
        {"Id": 1},
        {"Id": 2},
    ]
    waiting = glue.ask("GetStatement", SessionId="notebook", Id=0)["Statement"]
    assert waiting == {"Id": 0, "Code": "1", "State": "WAITING", "Progress": 0.0}
    engine = engine_of(glue)
    engine.take_statement(run.id)
    running = glue.ask("GetStatement", SessionId="notebook", Id=0)["Statement"]
    assert running["State"] == "RUNNING"
    engine.end_statement(run.id, 0, Output("1\n"), interrupted=False)
    done = glue.ask("GetStatement", SessionId="notebook", Id=0)["Statement"]
    assert done["Output"] == {"Data": {"TextPlain": "1\n"}, "ExecutionCount": 0, "Status": "ok"}
    assert (done["State"], done["Progress"]) == ("AVAILABLE", 1.0)
    assert done["StartedOn"] <= done["CompletedOn"]
    engine.take_statement(run.id)
    failure = Failure("NameError", "name 'x' is not defined", ("Traceback\n", "NameError\n"))
    engine.end_statement(run.id, 1, Output("before", failure), interrupted=False)
    failed = glue.ask("GetStatement", SessionId="notebook", Id=1)["Statement"]
    assert (failed["State"], failed["Output"]) == (
        "AVAILABLE",
        {
            "Data": {"TextPlain": "before"},
            "ExecutionCount": 1,
            "Status": "error",
            "ErrorName": "NameError",
            "ErrorValue": "name 'x' is not defined",
            "Traceback": ["Traceback\n", "NameError\n"],
        },
    )
    assert glue.ask("CancelStatement", SessionId="notebook", Id=2) == {}
    listed = glue.ask("ListStatements", SessionId="notebook")["Statements"]
    assert [each["State"] for each in listed] == ["AVAILABLE", "AVAILABLE", "CANCELLED"]
    assert listed[2]["Output"]["Status"] == "error"


def test_statements_are_listed_part_by_part(glue: Glue) -> None:
    create(glue)
    make_ready(glue)
    for number in range(30):
        glue.ask("RunStatement", SessionId="notebook", Code=str(number))
    first = glue.ask("ListStatements", SessionId="notebook")
    second = glue.ask("ListStatements", SessionId="notebook", NextToken=first["NextToken"])
    assert [each["Id"] for each in first["Statements"] + second["Statements"]] == list(range(30))


def test_a_session_is_stopped_once_and_deleted_whatever_it_is(glue: Glue) -> None:
    create(glue)
    run = make_ready(glue)
    assert glue.ask("StopSession", Id="notebook") == {"Id": "notebook"}
    assert status(glue) == "STOPPING"
    assert "STOPPING status" in glue.refusal("StopSession", Id="notebook").message
    end(engine_of(glue), run, RunState.STOPPED)
    assert status(glue) == "STOPPED"
    assert glue.refusal("StopSession", Id="notebook").code == "IllegalSessionStateException"
    for _ in range(2):  # dbt deletes before it creates, whatever is there
        assert glue.ask("DeleteSession", Id="notebook") == {"Id": "notebook"}
    assert glue.refusal("GetSession", Id="notebook").code == "EntityNotFoundException"
    create(glue)
    make_ready(glue)
    glue.ask("DeleteSession", Id="notebook")
    assert glue.ask("ListSessions") == {"Ids": [], "Sessions": []}


def test_why_a_session_is_no_more_is_told(glue: Glue) -> None:
    create(glue)
    end(engine_of(glue), make_ready(glue), RunState.FAILED, "its process was ended by signal 9")
    told = glue.ask("GetSession", Id="notebook")["Session"]
    assert (told["Status"], told["ErrorMessage"]) == ("FAILED", "its process was ended by signal 9")
    assert "CompletedOn" in told
    create(glue, "long")
    end(engine_of(glue), make_ready(glue, "long"), RunState.TIMEOUT, "it was idle")
    refused = glue.refusal("RunStatement", SessionId="long", Code="1")
    assert refused.code == "InvalidInputException", "by which the notebook kernel knows that the session timed out"


@pytest.mark.parametrize(
    ("operation", "asked", "words"),
    [
        ("GetSession", {"Id": "none"}, "Session none not found."),
        ("StopSession", {"Id": "none"}, "Session none not found."),
        ("RunStatement", {"SessionId": "none", "Code": "1"}, "Session none not found."),
        ("ListStatements", {"SessionId": "none"}, "Session none not found."),
        ("GetStatement", {"SessionId": "none", "Id": 0}, "Session none not found."),
        ("GetStatement", {"SessionId": "there", "Id": 7}, "Statement 7 of session there not found."),
        ("CancelStatement", {"SessionId": "there", "Id": 7}, "Statement 7 of session there not found."),
    ],
)
def test_what_is_not_there_is_told_by_its_name(glue: Glue, operation: str, asked: Json, words: str) -> None:
    create(glue, "there")
    refused = glue.refusal(operation, **asked)
    assert (refused.code, refused.message) == ("EntityNotFoundException", words)


@pytest.mark.parametrize(
    ("operation", "asked", "words"),
    [
        ("GetSessionEndpoint", {"SessionId": "a"}, "Spark Connect"),
        ("GetSystemLogsForSession", {"Id": "a"}, "isinglass session show"),
        ("GetDashboardUrl", {"ResourceId": "a", "ResourceType": "SESSION"}, "spark-ui"),
    ],
)
def test_what_would_not_be_real_is_refused_by_name(glue: Glue, operation: str, asked: Json, words: str) -> None:
    refused = glue.refusal(operation, **asked)
    assert refused.code == "OperationNotSupportedException"
    assert words in refused.message
