"""The catalog's resource policy over the Glue face: put by compare-and-set, told, deleted, and refused where it could
not be enforced."""

from __future__ import annotations

import json
from typing import Any

from tests.api.glue.conftest import Glue

Json = dict[str, Any]
ACCOUNT = "123456789012"


def statement(**said: Any) -> Json:
    return {"Effect": "Deny", "Principal": "*", "Action": "glue:GetTable", "Resource": "*", **said}


def policy(*statements: Json, **said: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements), **said})


def arn(path: str, account: str = ACCOUNT) -> str:
    return f"arn:aws:glue:us-east-1:{account}:{path}"


def put(glue: Glue, *statements: Json, **asked: Any) -> str:
    told: str = glue.ask("PutResourcePolicy", PolicyInJson=policy(*statements), **asked)["PolicyHash"]
    return told


def test_a_policy_is_told_as_it_was_put_until_it_is_deleted(glue: Glue) -> None:
    for operation in ("GetResourcePolicy", "DeleteResourcePolicy"):
        refused = glue.refusal(operation)
        assert (refused.code, refused.message) == ("EntityNotFoundException", "Policy not found")
    assert glue.ask("GetResourcePolicies") == {"GetResourcePoliciesResponseList": []}
    first = put(glue, statement(), EnableHybrid="TRUE")
    told = glue.ask("GetResourcePolicy", ResourceArn=arn("catalog"))
    assert (told["PolicyInJson"], told["PolicyHash"]) == (policy(statement()), first)
    assert glue.ask("GetResourcePolicies", MaxResults=1) == {"GetResourcePoliciesResponseList": [told]}
    second = put(glue, statement(Sid="again"))
    later = glue.ask("GetResourcePolicy")
    assert (second != first, later["PolicyHash"]) == (True, second)
    assert later["CreateTime"] == told["CreateTime"] <= later["UpdateTime"]
    assert glue.refusal("GetResourcePolicy", ResourceArn=arn("table/travel/flights")).code == "EntityNotFoundException"
    assert glue.ask("DeleteResourcePolicy", PolicyHashCondition=second) == {}
    assert glue.refusal("GetResourcePolicy").code == "EntityNotFoundException"


def test_what_is_denied_is_refused_in_awss_words_from_the_next_call_on(glue: Glue, flights: Json) -> None:
    assert glue.ask("GetTable", DatabaseName="travel", Name=flights["Name"])
    put(glue, statement(Resource=arn("table/travel/fl*")))
    refused = glue.refusal("GetTable", DatabaseName="Travel", Name="Flights")
    assert (refused.code, refused.message) == (
        "AccessDeniedException",
        f"User: arn:aws:iam::{ACCOUNT}:user/local is not authorized to perform: glue:GetTable on resource: "
        f"{arn('table/travel/flights')} with an explicit deny in a resource-based policy",
    )
    glue.ask("DeleteResourcePolicy")
    assert glue.ask("GetTable", DatabaseName="travel", Name=flights["Name"])
