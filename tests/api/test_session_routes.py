"""The routes of a session's own process, and that they are of no other run."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine as SqlEngine

from engine.engine import Engine
from engine.model import Job
from engine.sessions.model import Failure, Output, StatementState
from tests.api.test_app import ask
from tests.engine.sessions.sessioning import OWNER, ready


def call(store: SqlEngine, run_id: str, token: str, method: str, path: str, body: object = None) -> Any:
    return ask(store, f"/runs/{run_id}/{path}", method, json=body, headers={"Authorization": f"Bearer {token}"})


def test_a_session_is_given_its_statements_and_says_what_they_came_to(store: SqlEngine) -> None:
    engine = Engine(store)
    run = ready(engine).run
    token = engine.give_token(run.id)
    assert call(store, run.id, token, "POST", "statements/next", {}).json() == {}
    engine.run_statement("notebook", "1 + 1")
    engine.run_statement("notebook", "x")
    assert call(store, run.id, token, "POST", "statements/next", {}).json() == {"number": 0, "code": "1 + 1"}
    assert call(store, run.id, token, "GET", "statements/cancelling").json() == {"number": None}
    engine.cancel_statement("notebook", 0)
    assert call(store, run.id, token, "GET", "statements/cancelling").json() == {"number": 0}
    failure = {"name": "KeyboardInterrupt", "value": "", "traceback": ["a\n"]}
    body = {"text": "so far", "failure": failure, "interrupted": True}
    assert call(store, run.id, token, "PUT", "statements/0", body).status_code == 200
    told = engine.get_statement("notebook", 0)
    assert told.state is StatementState.CANCELLED
    assert told.output == Output("so far", Failure("KeyboardInterrupt", "", ("a\n",)))
    engine.delete_session("notebook")
    assert call(store, run.id, token, "POST", "statements/next", {}).json() == {}
    assert call(store, run.id, token, "PUT", "statements/1", {"text": ""}).status_code == 404


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "statements/next"), ("GET", "statements/cancelling"), ("PUT", "statements/0")]
)
def test_these_routes_are_for_a_session_s_own_token_alone(store: SqlEngine, method: str, path: str) -> None:
    engine = Engine(store)
    run = ready(engine).run
    engine.create_job(Job("totals", "/t.py"))
    other = engine.claim_run(OWNER, run_id=engine.start_job_run("totals").id)
    assert other is not None
    mine, theirs = engine.give_token(run.id), engine.give_token(other.id)
    body = {"text": "forged"}
    assert call(store, run.id, theirs, method, path, body).status_code == 403
    assert call(store, other.id, theirs, method, path, body).status_code == 404
    assert call(store, run.id, mine, method, path, body).status_code == 200
