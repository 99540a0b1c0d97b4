"""Tags over the Glue face: given with what is made, added, removed, asked for in lists, and gone with what they tag."""

from __future__ import annotations

import pytest

from catalog.catalog import Catalog
from catalog.errors import LimitReached, NotFound
from engine.engine import Engine
from engine.flows.workflow_model import Workflow
from tests.api.glue.conftest import Glue, Json

CONNECTION = {
    "Name": "it",
    "ConnectionType": "JDBC",
    "ConnectionProperties": {"JDBC_CONNECTION_URL": "jdbc:postgresql://db/x", "USERNAME": "u", "PASSWORD": "p"},
}
CRAWLER = {"Name": "it", "Role": "r", "DatabaseName": "d", "Targets": {"S3Targets": [{"Path": "s3://lake/in/"}]}}
ROLE = "arn:aws:iam::123456789012:role/r"
# Of each kind what it is created by, and deleted by.
KINDS: dict[str, tuple[str, Json, str, Json]] = {
    "database": ("CreateDatabase", {"DatabaseInput": {"Name": "It"}}, "DeleteDatabase", {"Name": "it"}),
    "connection": ("CreateConnection", {"ConnectionInput": CONNECTION}, "DeleteConnection", {"ConnectionName": "it"}),
    "crawler": ("CreateCrawler", CRAWLER, "DeleteCrawler", {"Name": "it"}),
    "workflow": ("CreateWorkflow", {"Name": "it"}, "DeleteWorkflow", {"Name": "it"}),
    "session": ("CreateSession", {"Id": "it", "Role": ROLE, "Command": {}}, "DeleteSession", {"Id": "it"}),
    "trigger": (
        "CreateTrigger",
        {"Name": "it", "Type": "ON_DEMAND", "Actions": [{"JobName": "j"}]},
        "DeleteTrigger",
        {"Name": "it"},
    ),
    "job": (
        "CreateJob",
        {"Name": "it", "Role": "r", "Command": {"Name": "glueetl", "ScriptLocation": "s3://code/j.py"}},
        "DeleteJob",
        {"JobName": "it"},
    ),
}


def arn_of(kind: str) -> str:
    return f"arn:aws:glue:us-east-1:123456789012:{kind}/it"


@pytest.mark.parametrize("kind", KINDS)
def test_tags_come_and_go_with_what_they_tag(glue: Glue, kind: str) -> None:
    create, made, delete, deleted = KINDS[kind]
    arn = arn_of(kind)
    glue.ask(create, **made, Tags={"team": "web", "stage": "test"})
    glue.ask("TagResource", ResourceArn=arn, TagsToAdd={"team": "ops", "owner": ""})
    assert glue.ask("GetTags", ResourceArn=arn)["Tags"] == {"team": "ops", "stage": "test", "owner": ""}
    glue.ask("UntagResource", ResourceArn=arn, TagsToRemove=["stage", "none"])
    assert glue.ask("GetTags", ResourceArn=arn)["Tags"] == {"team": "ops", "owner": ""}
    glue.ask(delete, **deleted)
    for operation, more in (("GetTags", {}), ("TagResource", {"TagsToAdd": {"a": "b"}})):
        assert glue.refusal(operation, ResourceArn=arn, **more).code == "EntityNotFoundException"
    glue.ask(create, **made)
    assert glue.ask("GetTags", ResourceArn=arn)["Tags"] == {}


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_refused_leaves_no_tags(glue: Glue, kind: str) -> None:
    create, made, _, _ = KINDS[kind]
    glue.ask(create, **made, Tags={"team": "web"})
    assert glue.refusal(create, **made, Tags={"team": "ops"}).code in (
        "AlreadyExistsException",
        "IdempotentParameterMismatchException",
    )
    assert glue.ask("GetTags", ResourceArn=arn_of(kind))["Tags"] == {"team": "web"}


@pytest.mark.parametrize(("kind", "named"), [("crawler", "CrawlerNames"), ("trigger", "TriggerNames")])
def test_lists_are_narrowed_by_tags(glue: Glue, kind: str, named: str) -> None:
    create, made, _, _ = KINDS[kind]
    for name, tags in (("a", {"team": "web", "stage": "test"}), ("b", {"team": "web"}), ("c", {})):
        glue.ask(create, **{**made, "Name": name}, Tags=tags)
    found = {
        tuple(wanted.items()): glue.ask(f"List{kind.title()}s", Tags=wanted)[named]
        for wanted in ({}, {"team": "web"}, {"team": "web", "stage": "test"}, {"team": "ops"})
    }
    assert list(found.values()) == [["a", "b", "c"], ["a", "b"], ["a"], []]


def test_the_tags_of_a_workflows_triggers_go_with_the_workflow(glue: Glue) -> None:
    glue.ask("CreateWorkflow", Name="it")
    trigger = {**KINDS["trigger"][1], "WorkflowName": "it"}
    glue.ask("CreateTrigger", **trigger, Tags={"team": "web"})
    glue.ask("DeleteWorkflow", Name="it")
    glue.ask("CreateTrigger", **KINDS["trigger"][1])
    assert glue.ask("GetTags", ResourceArn=arn_of("trigger"))["Tags"] == {}


@pytest.mark.parametrize(
    ("arn", "code"),
    [
        ("arn:aws:glue:us-east-1:123456789012:mlTransform/x", "OperationNotSupportedException"),
        ("arn:aws:s3:::bucket/x", "InvalidInputException"),
        ("crawler/it", "InvalidInputException"),
    ],
)
def test_tags_of_what_keeps_none_are_refused(glue: Glue, arn: str, code: str) -> None:
    assert glue.refusal("GetTags", ResourceArn=arn).code == code


def test_a_resource_has_at_most_fifty_tags(catalog: Catalog) -> None:
    engine = Engine(catalog.engine)
    with pytest.raises(NotFound):
        engine.add_tags("workflow", "it", {"a": "b"})
    engine.create_workflow(Workflow("it"), tags={f"t{at}": "x" for at in range(49)})
    engine.add_tags("workflow", "it", {"t1": "y", "last": ""})
    with pytest.raises(LimitReached):
        engine.add_tags("workflow", "it", {"another": ""})
    assert len(engine.get_tags("workflow", "it")) == 50
    engine.remove_tags("workflow", "it", [])
    assert engine.get_tags("workflow", "it")["t1"] == "y"
