"""The catalog's resource policy over the Glue face: put by compare-and-set, told, deleted, and refused where it could
not be enforced."""

from __future__ import annotations

import json
from typing import Any

import pytest

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
    told = glue.ask("GetResourcePolicy", ResourceArn=arn("catalog").replace("us-east-1", "eu-west-1"))
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


def test_conditions_are_checked_against_what_is_there(glue: Glue) -> None:
    asked = {"PolicyInJson": policy(statement())}
    missing = glue.refusal("PutResourcePolicy", **asked, PolicyExistsCondition="MUST_EXIST")
    assert (missing.code, missing.message) == ("EntityNotFoundException", "Policy not found")
    assert glue.refusal("PutResourcePolicy", **asked, PolicyHashCondition="x").code == "EntityNotFoundException"
    first = put(glue, statement(), PolicyExistsCondition="NOT_EXIST")
    for condition in ({"PolicyExistsCondition": "NOT_EXIST"}, {"PolicyHashCondition": "x"}):
        assert glue.refusal("PutResourcePolicy", **asked, **condition).code == "ConditionCheckFailureException"
    both = {"PolicyExistsCondition": "NOT_EXIST", "PolicyHashCondition": first}
    assert glue.refusal("PutResourcePolicy", **asked, **both).code == "InvalidInputException"
    second = put(glue, statement(Sid="2"), PolicyExistsCondition="MUST_EXIST", PolicyHashCondition=first)
    assert glue.refusal("DeleteResourcePolicy", PolicyHashCondition=first).code == "ConditionCheckFailureException"
    assert glue.ask("GetResourcePolicy")["PolicyHash"] == second
    assert put(glue, statement(Sid="3"), PolicyExistsCondition="NONE") != second


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ("{}", "Statement is missing"),
        ("[]", "the policy"),
        ("nonsense", "PolicyInJson"),
        ('{"Statement": [], "Statement": []}', "given twice"),
        (policy(), "Statement is not valid: there is none"),
        (policy(statement(), Version="2020-01-01"), "Version"),
        (policy(statement(), Extra=1), "Extra"),
        (policy(statement(Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}})), "Statement 1: Condition"),
        (policy(statement(), statement(NotPrincipal="*")), "Statement 2: NotPrincipal"),
        (policy(statement(NotAction="glue:GetTable")), "NotAction"),
        (policy(statement(NotResource="*")), "NotResource"),
        (policy(statement(Effect="deny")), "Effect"),
        (policy(statement(Action="glue:StartJobRun")), "Action glue:StartJobRun"),
        (policy(statement(Action=["glue:Get*", "s3:GetObject"])), "Action s3:GetObject"),
        (policy(statement(Action=[])), "Action"),
        (policy(statement(Principal="ada")), "Principal"),
        (policy(statement(Principal={"Service": "glue.amazonaws.com"})), "Service"),
        (policy(statement(Principal={"AWS": "999999999999"})), "Principal 999999999999"),
        (policy(statement(Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:role/viewer"})), "role/viewer"),
        (policy(statement(Principal={"AWS": "arn:aws:iam::999999999999:root"})), "another account"),
        (policy(statement(Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:user/nobody"})), "user/nobody"),
        (policy(statement(Resource="s3://lake")), "Resource s3://lake"),
        (policy(statement(Resource=arn("job/totals"))), "job/totals"),
        (policy(statement(Resource=[arn("*orders"), arn("table/sales")])), "table/sales"),
        (policy(statement(Resource=arn("table/a/b", "999999999999"))), "account"),
        (policy(statement(Resource=arn("table/${aws:username}/*"))), "variables"),
        (policy(statement(Sid="x" * 10_240)), "10,240 bytes"),
    ],
)
def test_what_would_not_be_enforced_is_not_kept(glue: Glue, given: str, named: str) -> None:
    refused = glue.refusal("PutResourcePolicy", PolicyInJson=given)
    assert (refused.code, named in refused.message) == ("InvalidInputException", True), refused.message
    assert glue.refusal("GetResourcePolicy").code == "EntityNotFoundException"


def test_a_policy_of_one_table_is_refused_by_name(glue: Glue) -> None:
    refused = glue.refusal("PutResourcePolicy", PolicyInJson=policy(statement()), ResourceArn=arn("table/travel/x"))
    assert (refused.code, "ResourceArn" in refused.message) == ("InvalidInputException", True)


@pytest.fixture
def world(glue: Glue, flights: Json) -> Glue:
    """Databases travel, of tables flights and salaries, and hr, each with a function; and two connections."""
    glue.ask("CreateTable", DatabaseName="travel", TableInput={**flights, "Name": "salaries"})
    glue.ask("CreateDatabase", DatabaseInput={"Name": "hr"})
    for database in ("travel", "hr"):
        function = {"FunctionName": "mask", "ClassName": "org.Mask"}
        glue.ask("CreateUserDefinedFunction", DatabaseName=database, FunctionInput=function)
    for name in ("lake", "vault"):
        properties = {"JDBC_CONNECTION_URL": "jdbc:postgresql://db/x", "USERNAME": "a", "PASSWORD": "b"}
        given = {"Name": name, "ConnectionType": "JDBC", "ConnectionProperties": properties}
        glue.ask("CreateConnection", ConnectionInput=given)
    return glue


@pytest.mark.parametrize(
    ("operation", "asked", "member", "denied"),
    [
        ("GetDatabases", {}, "DatabaseList", "database/hr"),
        ("GetTables", {"DatabaseName": "travel"}, "TableList", "table/travel/sal*"),
        ("SearchTables", {}, "TableList", "table/travel/salaries"),
        ("GetUserDefinedFunctions", {"Pattern": "*"}, "UserDefinedFunctions", "userDefinedFunction/hr/*"),
        ("GetConnections", {}, "ConnectionList", "connection/vault"),
    ],
)
def test_lists_leave_out_what_is_denied(world: Glue, operation: str, asked: Json, member: str, denied: str) -> None:
    assert len(world.ask(operation, **asked)[member]) == 2
    put(world, statement(Action=f"glue:{operation}", Resource=arn(denied)))
    assert len(world.ask(operation, **asked)[member]) == 1
    put(world, statement(Action=f"glue:{operation}", Resource="*"))
    assert world.refusal(operation, **asked).code == "AccessDeniedException"


@pytest.mark.parametrize(
    ("operation", "asked"),
    [
        ("GetTable", {"Name": "Salaries"}),
        ("DeleteTable", {"Name": "salaries"}),
        ("BatchDeleteTable", {"TablesToDelete": ["flights", "salaries"]}),
        ("UpdateTable", {"Name": "flights", "TableInput": {"Name": "salaries"}}),
        ("GetTableVersions", {"TableName": "salaries"}),
        ("BatchDeleteTableVersion", {"TableName": "salaries", "VersionIds": ["0"]}),
        ("GetPartitions", {"TableName": "salaries"}),
        ("BatchCreatePartition", {"TableName": "salaries", "PartitionInputList": []}),
        ("GetPartitionIndexes", {"TableName": "salaries"}),
        ("GetColumnStatisticsForTable", {"TableName": "salaries", "ColumnNames": ["delay"]}),
    ],
)
def test_each_operation_on_a_denied_table_is_refused(world: Glue, operation: str, asked: Json) -> None:
    put(world, statement(Action="glue:*", Resource=arn("table/travel/salaries")))
    refused = world.refusal(operation, DatabaseName="travel", **asked)
    assert refused.code == "AccessDeniedException"
    assert f"glue:{operation} on resource: {arn('table/travel/salaries')} with" in refused.message
    assert world.ask("GetTable", DatabaseName="travel", Name="flights")


def test_a_database_is_not_deleted_with_a_table_that_must_not_be(world: Glue) -> None:
    put(world, statement(Action="glue:Delete*", Resource=arn("table/*/salaries")))
    assert world.refusal("DeleteDatabase", Name="travel").code == "AccessDeniedException"
    put(world, statement(Action="glue:Delete*", Resource=arn("table/travel/salaries")))
    assert world.ask("DeleteDatabase", Name="hr") == {}


def test_what_is_denied_of_a_database_is_denied_of_all_in_it(world: Glue) -> None:
    put(world, statement(Action=["glue:gettable*", "glue:GetUserDefinedFunction"], Resource=arn("database/travel")))
    for operation, asked in (
        ("GetTable", {"Name": "flights"}),
        ("GetTables", {}),
        ("GetUserDefinedFunction", {"FunctionName": "mask"}),
    ):
        assert world.refusal(operation, DatabaseName="travel", **asked).code == "AccessDeniedException"
    assert world.ask("GetDatabase", Name="travel")


def test_a_connection_is_denied_by_its_name(world: Glue) -> None:
    put(world, statement(Action="glue:*", Resource=arn("connection/vault")))
    for operation, asked in (
        ("GetConnection", {"Name": "vault"}),
        ("DeleteConnection", {"ConnectionName": "vault"}),
        ("BatchDeleteConnection", {"ConnectionNameList": ["lake", "vault"]}),
        ("TestConnection", {"ConnectionName": "vault"}),
    ):
        assert world.refusal(operation, **asked).code == "AccessDeniedException"
    assert world.ask("GetConnection", Name="lake")


def test_whoever_owns_the_service_can_always_take_the_policy_back(glue: Glue) -> None:
    put(glue, statement(Action="*", Resource="*"))
    assert glue.refusal("GetDatabases").code == "AccessDeniedException"
    assert glue.ask("GetResourcePolicy")["PolicyHash"]
    assert glue.ask("DeleteResourcePolicy") == {}
    assert glue.ask("GetDatabases") == {"DatabaseList": []}
