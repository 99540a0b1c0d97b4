"""Interactive sessions and statements through GraphQL."""

from __future__ import annotations

from engine.sessions.model import Failure, Output
from engine.states import RunState
from tests.api.graphql.conftest import Client
from tests.engine.sessions.sessioning import end, ready

SHOWN = "sessionId state command glueVersion workerType numberOfWorkers idleMinutes timeoutMinutes tags { name value }"
SMALL = {"workerType": "G.1X", "numberOfWorkers": 2, "idleMinutes": 10, "tags": [{"name": "team", "value": "a"}]}
STATEMENTS = """
query ($id: String!, $first: Int!, $after: String) {
  session(sessionId: $id) {
    state
    statements(first: $first, after: $after) {
      edges { node { number code state output { text failure { name value traceback } } } }
      pageInfo { endCursor hasNextPage }
    }
  }
}
"""


def run(client: Client, code: str) -> int:
    put_in = client.change("runStatement", "statement { number state }", sessionId="notebook", code=code)
    assert put_in["statement"]["state"] == "WAITING"
    return int(put_in["statement"]["number"])


def test_a_session_is_created_found_and_deleted(client: Client) -> None:
    made = client.change("createSession", f"session {{ id {SHOWN} }}", sessionId="notebook", session=SMALL)
    assert made["userErrors"] == []
    assert made["session"] == {
        "id": made["session"]["id"],
        "sessionId": "notebook",
        "state": "PROVISIONING",
        "command": "glueetl",
        "glueVersion": "5.1",
        "timeoutMinutes": 2_880,
        **SMALL,
    }
    found = client.ask(
        f"""query ($id: ID!) {{
          sessions {{ edges {{ node {{ {SHOWN} waitingFor }} }} }} node(id: $id) {{ ... on Session {{ sessionId }} }}
        }}""",
        id=made["session"]["id"],
    )
    [edge] = found["sessions"]["edges"]
    assert edge["node"]["waitingFor"] == "no worker lives: start the service with isinglass serve"
    assert found["node"] == {"sessionId": "notebook"}
    twice = client.change("createSession", "session { state }", sessionId="notebook", session={})
    assert (twice["userErrors"][0]["code"], twice["userErrors"][0]["field"]) == ("ALREADY_EXISTS", ["sessionId"])
    for dry_run in (True, False):
        gone = client.change("deleteSession", "session { sessionId }", sessionId="notebook", dryRun=dry_run)
        assert gone["session"] == {"sessionId": "notebook"}
    assert client.ask('{ session(sessionId: "notebook") { state } }')["session"] is None


def test_statements_are_put_in_told_and_cancelled(client: Client) -> None:
    engine = client.engine
    session = ready(engine)
    assert [run(client, code) for code in ("x", "2", "3")] == [0, 1, 2]
    engine.take_statement(session.run.id)
    failure = Failure("NameError", "name 'x' is not defined", ("Traceback\n",))
    engine.end_statement(session.run.id, 0, Output("before", failure), interrupted=False)
    cancelled = client.change("cancelStatement", "statement { id state }", sessionId="notebook", number=1)
    assert cancelled["statement"]["state"] == "CANCELLED"
    again = client.ask(
        "query ($id: ID!) { node(id: $id) { ... on Statement { sessionId number } } }", id=cancelled["statement"]["id"]
    )
    assert again["node"] == {"sessionId": "notebook", "number": 1}

    first = client.ask(STATEMENTS, id="notebook", first=2)["session"]
    assert first["state"] == "READY"
    nodes = [edge["node"] for edge in first["statements"]["edges"]]
    assert nodes[0] == {
        "number": 0,
        "code": "x",
        "state": "AVAILABLE",
        "output": {
            "text": "before",
            "failure": {"name": "NameError", "value": "name 'x' is not defined", "traceback": ["Traceback\n"]},
        },
    }
    after = first["statements"]["pageInfo"]["endCursor"]
    rest = client.ask(STATEMENTS, id="notebook", first=2, after=after)["session"]["statements"]
    assert [edge["node"]["code"] for edge in rest["edges"]] == ["3"]
    assert rest["pageInfo"]["hasNextPage"] is False


def test_what_a_session_refuses_is_data(client: Client) -> None:
    session = ready(client.engine)
    stopped = client.change("stopSession", "session { state }", sessionId="notebook")
    assert stopped["session"] == {"state": "STOPPING"}
    late = client.change("runStatement", "statement { number }", sessionId="notebook", code="1")
    assert (late["statement"], late["userErrors"][0]["code"]) == (None, "NOT_RUNNING")
    end(client.engine, session.run, RunState.STOPPED)
    unknown = client.change("cancelStatement", "statement { number }", sessionId="notebook", number=9)
    assert (unknown["userErrors"][0]["code"], unknown["userErrors"][0]["field"]) == ("NOT_FOUND", ["number"])
    wrong = client.change("createSession", "session { state }", sessionId="b", session={"command": "pythonshell"})
    assert wrong["userErrors"][0]["code"] == "INVALID_INPUT"
    assert client.ask('{ statement(sessionId: "notebook", number: 4) { code } }')["statement"] is None


def test_a_sessions_run_is_no_job_run_and_no_crawl(client: Client) -> None:
    session = ready(client.engine)
    asked = "query ($run: String!) { run(runId: $run) { state } jobRuns { edges { cursor } } }"
    assert client.ask(asked, run=session.run.id) == {"run": None, "jobRuns": {"edges": []}}
    told = client.ask("{ events { edges { node { kind subject detail } } } }")["events"]["edges"]
    assert [edge["node"]["kind"] for edge in told] == ["SESSION_STATE"] * 3
    assert {edge["node"]["subject"] for edge in told} == {"notebook"}
