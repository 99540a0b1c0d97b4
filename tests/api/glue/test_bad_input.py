"""Every operation of the model, broken in every way: a typed refusal, and never a failure of the service."""

from __future__ import annotations

import asyncio
import json
from random import Random

import httpx
import pytest

from api.glue.app import MOST_BYTES
from api.glue.model import glue_model
from api.glue.operations import OPERATIONS
from tests.api.glue.conftest import Glue
from tests.api.glue.requests import broken, drawn, hostile, input_of, valid

WAYS = (
    "an empty body",
    "no JSON",
    "another type",
    "missing members",
    "an unknown word",
    "too long a text",
    "deep nesting",
)
CODES = {"ValidationException", "SerializationException", "OperationNotSupportedException", "InvalidInputException"}


@pytest.mark.parametrize("way", WAYS)
def test_what_breaks_the_model_is_refused_by_a_typed_answer(glue: Glue, way: str) -> None:
    asked = 0
    for operation in glue_model().operations:
        for body in broken(operation, way):
            answer = glue.send(operation, body)
            told = json.loads(answer.body)
            assert (answer.status, told["__type"] in CODES) == (400, True), (operation, body[:200], told)
            assert told["Message"]
            asked += 1
    assert asked >= len(glue_model().operations) // 2


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_odd_names_are_answered_or_refused_and_never_fail_the_service(glue: Glue, operation: str) -> None:
    for body in [json.dumps(valid(input_of(operation))).encode(), *hostile(operation)]:
        answer = glue.send(operation, body)
        assert answer.status in (200, 400), (body[:300], answer.body)
        assert answer.status == 200 or set(json.loads(answer.body)) == {"__type", "Message"}


def test_any_requests_of_the_model_are_answered_or_refused(glue: Glue) -> None:
    draw = Random(20)
    least_often = ("Delete", "BatchDelete")  # or nothing would be there long enough to be asked for
    weights = [1 if operation.startswith(least_often) else 8 for operation in sorted(OPERATIONS)]
    answered = 0
    for operation in draw.choices(sorted(OPERATIONS), weights, k=6_000):
        body = json.dumps(drawn(input_of(operation), draw)).encode()
        answer = glue.send(operation, body)
        assert answer.status in (200, 400), (operation, body, answer.body)
        answered += answer.status == 200
    assert answered > 500


def test_operations_that_are_not_here_are_refused_by_name(glue: Glue) -> None:
    for operation in glue_model().operations.keys() - OPERATIONS.keys():
        refusal = glue.refusal(operation)
        assert (refusal.status, refusal.code) == (400, "OperationNotSupportedException")
        assert operation in refusal.message


@pytest.mark.parametrize("target", ["AWSGlue.GetTabel", "GetTable", "Logs_20140328.GetLogEvent", "", None])
def test_what_the_model_does_not_know_is_an_unknown_operation(glue: Glue, target: str | None) -> None:
    response = post(glue, b"{}", {} if target is None else {"x-amz-target": target})
    assert response.status_code == 400
    assert response.headers["x-amzn-errortype"] == response.json()["__type"] == "UnknownOperationException"


def test_a_body_past_the_limit_is_refused_with_every_operation(glue: Glue) -> None:
    body = b'{"Padding": "' + b"x" * MOST_BYTES + b'"}'
    assert len(body) < 10_000_000
    response = post(glue, body, {"x-amz-target": "AWSGlue.GetTable"})
    assert response.status_code == 413
    assert response.json()["__type"] == "RequestEntityTooLargeException"


def test_every_answer_has_an_id_and_is_json_of_the_protocol(glue: Glue) -> None:
    first, second = (post(glue, b"{}", {"x-amz-target": "AWSGlue.GetDatabases"}) for _ in range(2))
    assert first.headers["content-type"] == "application/x-amz-json-1.1"
    assert first.headers["x-amzn-requestid"] != second.headers["x-amzn-requestid"]
    assert first.json() == {"DatabaseList": []}


def post(glue: Glue, body: bytes, headers: dict[str, str]) -> httpx.Response:
    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(glue.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return await client.post("/", content=body, headers=headers)

    return asyncio.run(send())
