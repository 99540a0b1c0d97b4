"""Signatures: those that botocore makes are taken, and whatever was changed since is refused in AWS's words."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from api.glue.app import GlueApp
from api.glue.calls import Call, Caller
from api.glue.failures import AccessDenied
from api.glue.permissions import Permission
from api.glue.signing import AccessKey, Checked, Request, Unchecked
from catalog.catalog import utc_now
from tests.api.glue.conftest import Glue
from tests.conftest import Clock

KEY, SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
ADA = AccessKey(SECRET, "ada", holder="Ada herself")


def signed(
    body: bytes = b"{}",
    operation: str = "GetDatabases",
    key: str = KEY,
    secret: str = SECRET,
    token: str | None = None,
    region: str = "eu-west-1",
    service: str = "glue",
) -> Request:
    """A request as botocore signs it now."""
    prefix = "Logs_20140328" if operation in ("GetLogEvents", "FilterLogEvents") else "AWSGlue"
    headers = {"X-Amz-Target": f"{prefix}.{operation}", "Content-Type": "application/x-amz-json-1.1"}
    made = AWSRequest("POST", "http://127.0.0.1:8765/", headers=headers, data=body)
    SigV4Auth(Credentials(key, secret, token), service, region).add_auth(made)
    return Request(
        "POST", "/", "", {"host": "127.0.0.1:8765", **{name.lower(): text for name, text in made.headers.items()}}, body
    )


def with_header(request: Request, name: str, text: str) -> Request:
    return replace(request, headers={**request.headers, name: text})


def without(request: Request, *names: str) -> Request:
    return replace(request, headers={name: text for name, text in request.headers.items() if name not in names})


@pytest.fixture
def clock() -> Clock:
    return Clock(utc_now())


@pytest.fixture
def checked(glue: Glue, clock: Clock) -> GlueApp:
    keys = {KEY: ADA, "OLD": replace(ADA, expires_at=clock() - timedelta(seconds=1))}
    return GlueApp(glue.app.catalog, glue.app.engine, glue.app.account, Checked(keys.get, clock))


def told(app: GlueApp, request: Request) -> tuple[int, Any]:
    answer = app.answer(request)
    return answer.status, json.loads(answer.body)


def refused(app: GlueApp, request: Request) -> tuple[str, str]:
    status, found = told(app, request)
    assert status == 400
    return found["__type"], found["Message"]


def test_what_a_key_has_signed_is_answered_and_recorded_as_its_holder_s(checked: GlueApp) -> None:
    body = json.dumps({"DatabaseInput": {"Name": "web"}}).encode()
    assert told(checked, signed(body, "CreateDatabase")) == (200, {})
    table = json.dumps({"DatabaseName": "web", "TableInput": {"Name": "visits"}}).encode()
    assert told(checked, signed(table, "CreateTable")) == (200, {})
    origin = checked.catalog.batch_get_origins([("web", "visits")])["web", "visits"]
    assert (origin.face, origin.principal) == ("glue", "ada")


def test_a_session_token_beside_a_key_of_ours_is_let_be(checked: GlueApp) -> None:
    assert told(checked, signed(token="a session's"))[0] == 200


def test_an_altered_body_is_refused(checked: GlueApp) -> None:
    code, message = refused(checked, replace(signed(), body=b'{"MaxResults": 1}'))
    assert code == "InvalidSignatureException"
    assert message.startswith("The request signature we calculated does not match the signature you provided.")


def test_a_hash_that_is_told_and_is_not_the_body_s_is_refused(checked: GlueApp) -> None:
    assert refused(checked, with_header(signed(), "x-amz-content-sha256", "UNSIGNED-PAYLOAD")) == (
        "InvalidSignatureException",
        "The provided 'x-amz-content-sha256' header does not match what was computed.",
    )


@pytest.mark.parametrize("name", ["x-amz-target", "host", "content-type"])
def test_an_altered_header_is_refused(checked: GlueApp, name: str) -> None:
    assert refused(checked, with_header(signed(), name, "AWSGlue.GetDatabase"))[0] == "InvalidSignatureException"


@pytest.mark.parametrize(
    ("seconds", "begins"), [(901, "Signature expired: "), (-901, "Signature not yet current: ")], ids=["late", "early"]
)
def test_a_request_sent_again_outside_its_quarter_of_an_hour_is_refused(
    checked: GlueApp, clock: Clock, seconds: int, begins: str
) -> None:
    request = signed()
    assert told(checked, request)[0] == 200
    clock.advance(seconds=seconds)
    code, message = refused(checked, request)
    assert (code, message.startswith(begins)) == ("InvalidSignatureException", True)


def test_a_date_moved_to_bring_an_old_request_back_is_refused(checked: GlueApp, clock: Clock) -> None:
    request = signed()
    clock.advance(minutes=20)
    moved = with_header(request, "x-amz-date", f"{clock():%Y%m%dT%H%M%SZ}")
    assert refused(checked, moved)[0] == "InvalidSignatureException"


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        (lambda r: without(r, "authorization"), "MissingAuthenticationTokenException", "Missing Authentication Token"),
        (
            lambda r: with_header(r, "authorization", "Basic YWRhOg=="),
            "IncompleteSignatureException",
            "AWS4-HMAC-SHA256",
        ),
        (
            lambda r: with_header(r, "authorization", "AWS4-HMAC-SHA256 Credential=a/20260101/r/glue/aws4_request"),
            "IncompleteSignatureException",
            "requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter.",
        ),
        (lambda r: without(r, "x-amz-date"), "IncompleteSignatureException", "'X-Amz-Date'"),
        (
            lambda r: with_header(r, "authorization", r.headers["authorization"].replace("x-amz-target", "x-other")),
            "InvalidSignatureException",
            "'x-amz-target' must be a 'SignedHeader'",
        ),
    ],
    ids=["unsigned", "another scheme", "half a header", "no date", "an unsigned target"],
)
def test_what_is_not_wholly_signed_is_refused(
    checked: GlueApp, change: Callable[[Request], Request], code: str, words: str
) -> None:
    found, message = refused(checked, change(signed()))
    assert found == code
    assert words in message


def test_wrong_keys_secrets_and_services_are_refused(checked: GlueApp) -> None:
    assert refused(checked, signed(key="NOBODY")) == (
        "UnrecognizedClientException",
        "The security token included in the request is invalid.",
    )
    assert refused(checked, signed(secret="a guess"))[0] == "InvalidSignatureException"
    assert refused(checked, signed(key="OLD"))[0] == "ExpiredTokenException"
    assert refused(checked, signed(service="s3")) == (
        "InvalidSignatureException",
        "Credential should be scoped to correct service: 'glue'.",
    )


def test_calls_for_logs_are_signed_for_the_service_of_logs(checked: GlueApp) -> None:
    stream = json.dumps({"logGroupName": "/aws-glue/jobs/output", "logStreamName": "jr_none"}).encode()
    assert refused(checked, signed(stream, "GetLogEvents", service="logs"))[0] == "ResourceNotFoundException"
    assert refused(checked, signed(stream, "GetLogEvents")) == (
        "InvalidSignatureException",
        "Credential should be scoped to correct service: 'logs'.",
    )
    assert (
        refused(checked, signed(stream, "GetLogEvents", service="logs", secret="x"))[0] == "InvalidSignatureException"
    )
    assert refused(checked, signed(service="logs"))[0] == "InvalidSignatureException"


def test_a_secret_is_in_no_text_of_its_key() -> None:
    assert SECRET not in repr(ADA)


def test_who_may_not_is_refused_before_anything_is_done(glue: Glue) -> None:
    asked: list[tuple[Caller, str]] = []

    class Nothing(Permission):
        def __call__(self, call: Call, _action: object, operation: str) -> None:
            asked.append((call.caller, operation))
            raise AccessDenied("User ada is not authorized.")

    app = GlueApp(glue.app.catalog, glue.app.engine, glue.app.account, Checked({KEY: ADA}.get, utc_now))
    app.permission = Nothing(app.gate)
    body = json.dumps({"DatabaseInput": {"Name": "web"}}).encode()
    assert refused(app, signed(body, "CreateDatabase")) == ("AccessDeniedException", "User ada is not authorized.")
    assert asked == [(Caller("ada", "eu-west-1", "Ada herself"), "CreateDatabase")]
    assert glue.catalog.find_database("web") is None


def test_without_checks_the_region_is_still_the_one_signed_for() -> None:
    assert Unchecked().identify(signed(region="ap-south-1")).region == "ap-south-1"
    assert Unchecked().identify(without(signed(), "authorization")).region == "us-east-1"
