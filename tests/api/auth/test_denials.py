"""A real service with auth on and a resource policy: what it denies and allows two users of boto3, and the same users
over GraphQL, and the Spark sessions and runs over Hive and the routes of runs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from api.auth.grants import Wanted, grant_of
from api.auth.principals import Role
from api.core import Core
from api.hive.client import Client
from api.services import serving
from catalog.model import Column, Database, StorageDescriptor, Table
from tests.api.auth.test_exposure import opened

Json = dict[str, Any]
ACCOUNT = "123456789012"


@dataclass
class Living:
    core: Core
    endpoint: str
    hive_port: int
    secrets: dict[str, str]

    def glue(self, name: str, region: str = "eu-west-1") -> Any:
        key_id, secret = self.secrets[name].split(" ")[:2]
        return boto3.client(
            "glue",
            endpoint_url=self.endpoint,
            region_name=region,
            aws_access_key_id=key_id,
            aws_secret_access_key=secret,
            config=Config(retries={"total_max_attempts": 1}),
        )

    def graphql(self, name: str, query: str) -> Json:
        headers = {"Authorization": f"Bearer {self.secrets[name].split(' ')[2]}"}
        answer = httpx.post(f"{self.endpoint}/graphql", json={"query": query}, headers=headers)
        told: Json = answer.json()
        return told

    def put(self, *statements: Json) -> None:
        self.glue("root").put_resource_policy(PolicyInJson=policy(*statements))


def policy(*statements: Json) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def said(effect: str, user: str, actions: object, *paths: str) -> Json:
    principal = "*" if user == "*" else {"AWS": [f"arn:aws:iam::{ACCOUNT}:user/{user}"]}
    resources = [f"arn:aws:glue:us-east-1:{ACCOUNT}:{path}" for path in paths]
    return {"Effect": effect, "Principal": principal, "Action": actions, "Resource": resources or "*"}


@pytest.fixture
def living(tmp_path: Path) -> Iterator[Living]:
    """Users root, an admin, ada and bob, editors, and eve, who sees database web alone; and two tables of shop."""
    core = opened(tmp_path, auth="on")
    core.catalog.create_database(Database("shop"))
    core.catalog.create_database(Database("web"))
    for name in ("orders", "salaries"):
        core.catalog.create_table(Table("shop", name, StorageDescriptor((Column("id", "int"),), "s3://lake/x/")))
    secrets = {}
    for name, grant in (
        ("root", grant_of(Role.ADMIN)),
        ("ada", grant_of(Role.EDITOR)),
        ("bob", grant_of(Role.EDITOR)),
        ("eve", grant_of(Role.VIEWER, ("web",))),
    ):
        key, secret = core.access.create_key(Wanted(name, grant))
        _, token = core.access.create_token(Wanted(name, grant))
        secrets[name] = f"{key.key_id} {secret} {token}"
    with serving(core, "127.0.0.1", 0, 0) as service:
        yield Living(core, service.endpoint, int(service.metastore_uri.rpartition(":")[2]), secrets)


def refusal(call: Any, **asked: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**asked)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def test_one_of_two_users_is_denied_a_table_by_every_way(living: Living) -> None:
    ada, bob = living.glue("ada"), living.glue("bob", "us-east-1")
    orders, salaries = ({"DatabaseName": "shop", "Name": name} for name in ("orders", "salaries"))
    living.put(said("Deny", "ada", "glue:*", "table/shop/salaries"))
    code, message = refusal(ada.get_table, **salaries)
    resource = f"arn:aws:glue:eu-west-1:{ACCOUNT}:table/shop/salaries"
    assert (code, message) == (
        "AccessDeniedException",
        f"User: arn:aws:iam::{ACCOUNT}:user/ada is not authorized to perform: glue:GetTable on resource: {resource} "
        "with an explicit deny in a resource-based policy",
    )
    assert [each["Name"] for each in ada.get_tables(DatabaseName="shop")["TableList"]] == ["orders"]
    assert refusal(ada.delete_database, Name="shop")[0] == "AccessDeniedException"
    assert ada.get_table(**orders)["Table"]
    assert bob.get_table(**salaries)["Table"]
    told = {(each.principal, each.operation, each.allowed) for each in living.core.access.list_audit().items}
    assert {("ada", "GetTable", False), ("root", "PutResourcePolicy", True)} <= told

    one = '{ table(database: "shop", name: "salaries") { name preview { rows } } }'
    answer = living.graphql("ada", one)
    assert answer["data"] == {"table": None}
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "FORBIDDEN"
    assert "user/ada is not authorized to perform: glue:GetTable on resource" in error["message"]
    assert living.graphql("bob", '{ table(database: "shop", name: "salaries") { name } }')["data"]["table"]
    lists = """{ databases { edges { node { name tables { edges { node { name } } } } } }
      tables(database: "shop") { edges { node { name } } } search(text: "salaries") { edges { node { kind } } } }"""
    seen = living.graphql("ada", lists)
    assert "errors" not in seen
    assert "salaries" not in json.dumps(seen)
    assert "orders" in json.dumps(seen)
    assert json.dumps(living.graphql("bob", lists)).count("salaries") == 2
    for mutation in (
        'updateTable(input: {database: "shop", name: "salaries", table: {}}) { table { name } }',
        'deleteTable(input: {database: "shop", name: "salaries"}) { table { name } }',
        'deleteDatabase(input: {name: "shop", cascade: true}) { database { name } }',
    ):
        (error,) = living.graphql("ada", f"mutation {{ {mutation} }}")["errors"]
        assert error["extensions"]["code"] == "FORBIDDEN"
    assert living.core.catalog.get_table("shop", "salaries")


def test_what_graphql_tells_of_a_table_is_denied_by_the_actions_that_tell_it(living: Living) -> None:
    living.put(said("Deny", "ada", ["glue:GetTableVersion*", "glue:GetPartition*", "glue:GetColumnStatistics*"]))
    table = '{ table(database: "shop", name: "orders") { name %s } }'
    for field in (
        "versions { edges { node { version } } }",
        "changes { edges { cursor } }",
        "diff(from: 0) { __typename }",
        "partitions { edges { cursor } }",
        "partitionCount",
        "partitionIndexes { name }",
        "columnStatistics { column }",
    ):
        codes = {error["extensions"]["code"] for error in living.graphql("ada", table % field)["errors"]}
        assert codes == {"FORBIDDEN"}, field
        assert "errors" not in living.graphql("bob", table % field), field
    assert living.graphql("ada", table % "")["data"]["table"] == {"name": "orders"}


def test_the_metastore_obeys_for_all_its_clients(living: Living) -> None:
    with Client(living.hive_port) as hive:
        assert hive.call("get_table", "shop", "salaries").tableName == "salaries"
        living.put(said("Deny", "runs", "glue:*", "table/shop/salaries"))
        for method, arguments in (
            ("get_table", ("shop", "salaries")),
            ("get_table_objects_by_name", ("@hive#shop", ["orders", "salaries"])),
            ("get_partition_names", ("shop", "salaries", -1)),
            ("get_fields", ("shop", "salaries")),
            ("drop_table", ("shop", "salaries", False)),
            ("drop_database", ("shop", False, True)),
        ):
            with pytest.raises(Exception, match="user/runs is not authorized to perform: glue:"):
                hive.call(method, *arguments)
        assert hive.call("get_all_tables", "shop") == ["orders"]
        assert [each.tableName for each in hive.call("get_table_meta", "*", "*", [])] == ["orders"]
        assert hive.call("get_table", "shop", "orders").tableName == "orders"
        living.put(said("Deny", "*", "glue:GetDatabase*", "database/shop"))
        assert hive.call("get_all_databases") == ["default", "web"]
        living.glue("root").delete_resource_policy()
        assert hive.call("get_table", "shop", "salaries").tableName == "salaries"


def test_what_is_allowed_is_granted_beside_the_role_over_glues_api(living: Living) -> None:
    eve, orders = living.glue("eve"), {"DatabaseName": "shop", "Name": "orders"}
    assert refusal(eve.get_table, **orders)[0] == "AccessDeniedException"
    living.put(said("Allow", "eve", "glue:GetTable", "catalog", "database/shop", "table/shop/o*"))
    assert eve.get_table(**orders)["Table"]["Name"] == "orders"
    assert refusal(eve.get_table, DatabaseName="shop", Name="salaries")[0] == "AccessDeniedException"
    assert refusal(eve.delete_table, **orders)[0] == "AccessDeniedException"
    assert refusal(eve.get_tables, DatabaseName="shop")[0] == "AccessDeniedException"
    living.put(said("Allow", "eve", "glue:*"), said("Deny", "*", "glue:GetTable", "table/shop/orders"))
    assert refusal(eve.get_table, **orders)[1].endswith("with an explicit deny in a resource-based policy")
    assert [each["Name"] for each in eve.get_tables(DatabaseName="shop")["TableList"]] == ["orders", "salaries"]
    eve.create_database(DatabaseInput={"Name": "made"})
    told = [(each.principal, each.operation, each.allowed) for each in living.core.access.list_audit().items]
    assert ("eve", "CreateDatabase", True) in told


def test_an_admin_is_not_locked_out_and_others_can_be(living: Living) -> None:
    for client in (living.glue("ada"), living.glue("eve")):
        assert (
            refusal(client.put_resource_policy, PolicyInJson=policy(said("Deny", "*", "*")))[0]
            == "AccessDeniedException"
        )
    living.put(said("Allow", "ada", "glue:*"), said("Deny", "*", "*"))
    root = living.glue("root")
    assert refusal(root.get_databases)[0] == "AccessDeniedException"
    assert refusal(living.glue("ada").delete_resource_policy)[0] == "AccessDeniedException"
    assert root.get_resource_policies()["GetResourcePoliciesResponseList"]
    root.delete_resource_policy()
    assert root.get_databases()["DatabaseList"]
    with pytest.raises(root.exceptions.EntityNotFoundException):
        root.delete_resource_policy()
    living.put(said("Deny", "*", "*"))
    with pytest.raises(root.exceptions.ConditionCheckFailureException):
        root.put_resource_policy(PolicyInJson=policy(said("Deny", "*", "*")), PolicyExistsCondition="NOT_EXIST")
