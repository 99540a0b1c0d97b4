"""The gate as HTTP passes it: what is open, what asks for a token, who is slowed, and what browsers are told."""

from __future__ import annotations

from typing import Any

import boto3
import httpx
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from api.auth.grants import Wanted, grant_of
from api.auth.http import HEADERS
from api.auth.principals import Role
from api.services import answering, listening
from catalog.model import Database
from engine.model import Job
from tests.api.auth.conftest import World, codes


def test_health_is_open_and_metrics_take_a_token_that_may_see_everything(world: World) -> None:
    assert world.http("GET", "/health").status_code == 200
    assert world.http("GET", "/metrics").status_code == 401
    assert world.http("GET", "/metrics", world.token(Role.VIEWER)).status_code == 200
    assert world.http("GET", "/metrics", world.token(Role.EDITOR, "sales")).status_code == 403


@pytest.mark.parametrize("path", ["/nothing", "/openapi.json", "/metrics/", "/healthy", "/graphqlx"])
def test_what_is_not_known_is_closed(world: World, path: str) -> None:
    refused = world.http("GET", path)
    assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
    assert refused.json()["error"]["code"] == "UNAUTHENTICATED"


@pytest.mark.parametrize("asked", ["GET /health", "GET /nothing", "POST /graphql", "POST /"])
def test_every_answer_tells_browsers_to_be_careful(world: World, asked: str) -> None:
    method, path = asked.split()
    headers = world.http(method, path).headers
    assert {name: headers[name] for name in HEADERS} == HEADERS
    assert "frame-ancestors 'none'" in headers["content-security-policy"]


def test_who_fails_often_waits_longer_and_is_recorded_seldom_while_others_are_served(world: World) -> None:
    token = world.token(Role.VIEWER)
    for _ in range(20):
        assert world.http("POST", "/graphql", "isg_guess", json={"query": "{ __typename }"}).status_code == 401
    assert len(world.pauses) == 15
    assert world.pauses == sorted(world.pauses)
    assert world.pauses[-1] == 5.0
    assert [(each["principal"], each["allowed"]) for each in world.audit()] == [("-", False)] * 2
    world.ask(token, "{ __typename }")
    assert len(world.pauses) == 15
    world.clock.advance(minutes=1)
    world.http("GET", "/metrics", "isg_guess")
    assert len(world.pauses) == 15


def test_the_audit_tells_of_writes_and_refusals_and_of_no_reading_and_no_value(world: World) -> None:
    viewer, editor = world.token(Role.VIEWER), world.token(Role.EDITOR)
    create = 'mutation { createDatabase(input: {name: "shop", database: {description: "canary"}}) { __typename } }'
    world.ask(editor, create)
    world.ask(editor, '{ database(name: "shop") { name } }')
    answer = world.http("POST", "/graphql", viewer, json={"query": create})
    assert codes(answer.json()) == {"FORBIDDEN"}
    told = world.audit()
    assert [(each["principal"], each["face"], each["operation"], each["allowed"]) for each in told] == [
        ("editor", "graphql", "createDatabase", True),
        ("viewer", "graphql", "createDatabase", False),
    ]
    assert {each["resource"] for each in told} == {"database shop"}
    assert told[1]["request_id"] == answer.headers["x-request-id"]
    assert "canary" not in str(told)


def test_a_change_carries_the_name_of_who_made_it(world: World) -> None:
    world.catalog.create_database(Database("shop"))
    table = '{database: "shop", name: "orders", table: {}}'
    world.ask(world.token(Role.EDITOR, name="ada"), f"mutation {{ createTable(input: {table}) {{ __typename }} }}")
    assert world.catalog.get_version("shop", "orders", 0).origin.principal == "ada"


def test_tokens_are_made_and_revoked_over_graphql(world: World) -> None:
    admin = world.token(Role.ADMIN)
    made = world.ask(
        admin,
        "mutation ($input: CreateAccessTokenInput!) { createAccessToken(input: $input) "
        "{ secret accessToken { name role databases jobTags { name value } createdBy } userErrors { code } } }",
        input={"name": "ci", "role": "EDITOR", "databases": ["shop"], "jobTags": [{"name": "team", "value": "web"}]},
    )["createAccessToken"]
    assert made["accessToken"] == {
        "name": "ci",
        "role": "EDITOR",
        "databases": ["shop"],
        "jobTags": [{"name": "team", "value": "web"}],
        "createdBy": "admin",
    }
    world.ask(made["secret"], "{ databases { edges { cursor } } }")
    revoke = 'mutation { revokeAccessToken(input: {name: "ci"}) { userErrors { code field } } }'
    assert world.ask(admin, revoke)["revokeAccessToken"]["userErrors"] == []
    assert world.http("POST", "/graphql", made["secret"], json={"query": "{ __typename }"}).status_code == 401
    assert world.ask(admin, revoke)["revokeAccessToken"]["userErrors"] == [{"code": "NOT_FOUND", "field": ["name"]}]
    listed = world.ask(admin, "{ accessTokens { edges { node { name } } } auditEvents { edges { node { allowed } } } }")
    assert [edge["node"]["name"] for edge in listed["accessTokens"]["edges"]] == ["admin"]
    assert [edge["node"]["allowed"] for edge in listed["auditEvents"]["edges"]] == [True, False, True, True]


def glue(address: str, key_id: str | None, secret: str, service: str = "glue") -> Any:
    return boto3.client(
        service,
        endpoint_url=address,
        region_name="eu-central-1",
        aws_access_key_id=key_id,
        aws_secret_access_key=secret,
        config=Config(retries={"total_max_attempts": 1}),
    )


def test_an_access_key_signs_requests_of_glue_and_its_grant_holds_there(world: World) -> None:
    for name in ("shop", "hr"):
        world.catalog.create_database(Database(name))
    keys = {}
    for name, grant in (
        ("editor", grant_of(Role.EDITOR)),
        ("scoped", grant_of(Role.EDITOR, ("shop",))),
        ("viewer", grant_of(Role.VIEWER)),
    ):
        issued, secret = world.access.create_key(Wanted(name, grant))
        keys[name] = issued.key_id, secret
    world.gate.access.now = world.access.now = world.catalog.now
    with listening("127.0.0.1", 0) as listener, answering(world.app, listener):
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"

        def refusal(key: tuple[str | None, str], operation: str, **asked: Any) -> str:
            with pytest.raises(ClientError) as caught:
                getattr(glue(address, *key), operation)(**asked)
            return str(caught.value.response["Error"]["Code"])

        glue(address, *keys["editor"]).create_table(DatabaseName="hr", TableInput={"Name": "pay"})
        assert [each["Name"] for each in glue(address, *keys["viewer"]).get_databases()["DatabaseList"]] == [
            "hr",
            "shop",
        ]
        assert refusal(keys["viewer"], "delete_table", DatabaseName="hr", Name="pay") == "AccessDeniedException"
        glue(address, *keys["scoped"]).create_table(DatabaseName="shop", TableInput={"Name": "orders"})
        assert refusal(keys["scoped"], "get_table", DatabaseName="hr", Name="pay") == "AccessDeniedException"
        assert refusal(keys["scoped"], "get_database", Name="hr") == "AccessDeniedException"
        assert refusal(keys["scoped"], "get_databases") == "AccessDeniedException"
        assert refusal((keys["editor"][0], "wrong"), "get_databases") == "InvalidSignatureException"
        assert refusal(("ISGKNONE", "wrong"), "get_databases") == "UnrecognizedClientException"
        world.access.revoke_key("editor")
        world.gate.forget()
        assert refusal(keys["editor"], "get_databases") == "UnrecognizedClientException"
        unsigned = httpx.post(address, headers={"X-Amz-Target": "AWSGlue.GetDatabases"}, json={})
        assert unsigned.status_code == 400
    writes = [(each["principal"], each["operation"], each["resource"]) for each in world.audit() if each["allowed"]]
    assert writes == [("editor", "CreateTable", "database hr"), ("scoped", "CreateTable", "database shop")]
    assert world.catalog.get_version("hr", "pay", 0).origin.principal == "editor"


def test_a_key_signs_calls_for_the_logs_of_runs_whose_jobs_it_may_see(world: World) -> None:
    runs = {}
    for team in ("web", "pay"):
        world.engine.create_job(Job(team, f"/{team}.py", tags={"team": team}))
        runs[team] = world.engine.start_job_run(team).id
        folder = world.folder / "runs" / runs[team]
        folder.mkdir(parents=True)
        (folder / "output.log").write_text(f"of {team}\n")
    issued, secret = world.access.create_key(Wanted("scoped", grant_of(Role.VIEWER, (), {"team": "web"})))
    world.gate.access.now = world.access.now = world.catalog.now
    with listening("127.0.0.1", 0) as listener, answering(world.app, listener):
        logs = glue(f"http://127.0.0.1:{listener.getsockname()[1]}", issued.key_id, secret, "logs")
        group = {"logGroupName": "/aws-glue/jobs/output"}
        [event] = logs.filter_log_events(**group, logStreamNames=[runs["web"]])["events"]
        assert event["message"] == "of web\n"
        for refused in ({"logStreamNames": [runs["web"], runs["pay"]]}, {"logStreamNamePrefix": runs["web"]}, {}):
            with pytest.raises(ClientError, match="AccessDenied"):
                logs.filter_log_events(**group, **refused)
        with pytest.raises(ClientError, match="AccessDenied"):
            logs.get_log_events(**group, logStreamName=runs["pay"])
