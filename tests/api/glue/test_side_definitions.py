"""Classifiers and connections over the Glue face."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.api.glue.conftest import Glue, Json

CLASSIFIERS: list[Json] = [
    {"GrokClassifier": {"Name": "g", "Classification": "app", "GrokPattern": "%{WORD:w}", "CustomPatterns": "A a"}},
    {"XMLClassifier": {"Name": "x", "Classification": "books", "RowTag": "book"}},
    {"JsonClassifier": {"Name": "j", "JsonPath": "$.records[*]"}},
    {
        "CsvClassifier": {
            "Name": "c",
            "Delimiter": ";",
            "QuoteSymbol": "'",
            "ContainsHeader": "PRESENT",
            "Header": ["a", "b"],
            "DisableValueTrimming": False,
            "AllowSingleColumn": True,
            "CustomDatatypeConfigured": True,
            "CustomDatatypes": ["INT", "STRING"],
            "Serde": "OpenCSVSerDe",
        }
    },
]


@pytest.mark.parametrize("given", CLASSIFIERS, ids=lambda given: next(iter(given)))
def test_a_classifier_is_told_as_it_was_written_updated_and_deleted(glue: Glue, given: Json) -> None:
    [(kind, members)] = given.items()
    glue.ask("CreateClassifier", **given)
    told = glue.ask("GetClassifier", Name=members["Name"])["Classifier"]
    assert told[kind].items() >= members.items()
    assert told[kind]["Version"] == 1
    assert glue.ask("GetClassifiers")["Classifiers"] == [told]
    changes = {"GrokPattern": "%{INT:n}", "RowTag": "b", "JsonPath": "$.x", "Delimiter": "|"}
    [(changed, value)] = [(name, value) for name, value in changes.items() if name in members]
    glue.ask("UpdateClassifier", **{kind: {"Name": members["Name"], changed: value}})
    updated = glue.ask("GetClassifier", Name=members["Name"])["Classifier"][kind]
    assert updated.items() >= {**members, changed: value, "Version": 2}.items()
    glue.ask("DeleteClassifier", Name=members["Name"])
    assert glue.refusal("GetClassifier", Name=members["Name"]).code == "EntityNotFoundException"


def test_one_kind_of_classifier_is_given_and_it_stays(glue: Glue) -> None:
    both = CLASSIFIERS[0] | CLASSIFIERS[1]
    assert "Give one of" in glue.refusal("CreateClassifier", **both).message
    glue.ask("CreateClassifier", **CLASSIFIERS[0])
    refused = glue.refusal("UpdateClassifier", JsonClassifier={"Name": "g", "JsonPath": "$"})
    assert "Classifier g is no JsonClassifier" in refused.message


def till(url: str, **properties: str) -> Json:
    return {
        "Name": "till",
        "ConnectionType": "JDBC",
        "Description": "Of the shop.",
        "MatchCriteria": ["eu"],
        "ConnectionProperties": {"JDBC_CONNECTION_URL": url, **properties},
        "PhysicalConnectionRequirements": {"SubnetId": "s-1", "SecurityGroupIdList": ["g"], "AvailabilityZone": "a"},
    }


def test_a_connection_is_told_without_its_password_and_keeps_it(glue: Glue) -> None:
    given = till("jdbc:postgresql://host/shop", USERNAME="ada", PASSWORD="hush-hush")
    glue.ask("CreateConnection", ConnectionInput=given)
    told = glue.ask("GetConnection", Name="till", HidePassword=False)["Connection"]
    shown = {name: value for name, value in given["ConnectionProperties"].items() if name != "PASSWORD"}
    assert told.items() >= {**given, "ConnectionProperties": shown}.items()
    changed = {**given, "Description": "New.", "ConnectionProperties": shown}
    glue.ask("UpdateConnection", Name="till", ConnectionInput=changed)
    _, opened = glue.catalog.unsealed_connection("till")
    assert opened["PASSWORD"] == "hush-hush"
    assert glue.ask("GetConnections", Filter={"ConnectionType": "KAFKA"})["ConnectionList"] == []
    [listed] = glue.ask("GetConnections", Filter={"ConnectionType": "JDBC", "MatchCriteria": ["eu"]})["ConnectionList"]
    assert listed["Description"] == "New."
    assert "hush" not in str(listed)


def test_a_connection_may_say_what_the_model_does_not_name(glue: Glue) -> None:
    own = {"HOST": "https://shop.example", "WAREHOUSE": "small", "ROLE": "reader", "DATABASE": "shop"}
    given = {"Name": "snow", "ConnectionType": "SNOWFLAKE", "ConnectionProperties": own}
    glue.ask("CreateConnection", ConnectionInput=given)
    told = glue.ask("GetConnection", Name="snow")["Connection"]
    assert (told["ConnectionProperties"], told["Status"]) == (own, "READY")


def test_connections_are_deleted_one_by_one_and_together(glue: Glue) -> None:
    for name in ("a", "b"):
        glue.ask("CreateConnection", ConnectionInput={**till("jdbc:postgresql://host/shop"), "Name": name})
    glue.ask("DeleteConnection", ConnectionName="a")
    told = glue.ask("BatchDeleteConnection", ConnectionNameList=["a", "b"])
    assert told["Succeeded"] == ["b"]
    assert told["Errors"]["a"]["ErrorCode"] == "EntityNotFoundException"


def test_a_connection_is_really_tried(glue: Glue, tmp_path: Path) -> None:
    there = tmp_path / "shop.db"
    there.touch()
    glue.ask("CreateConnection", ConnectionInput=till(f"jdbc:sqlite:{there}"))
    assert glue.ask("TestConnection", ConnectionName="till") == {}
    away = {**till("jdbc:postgresql://127.0.0.1:9/shop", USERNAME="ada", PASSWORD="hush-hush"), "Name": "away"}
    glue.ask("CreateConnection", ConnectionInput=away)
    refused = glue.refusal("TestConnection", ConnectionName="away")
    assert refused.status == 400
    assert "127.0.0.1:9" in refused.message
    assert "hush" not in refused.message
    network = {"Name": "vpc", "ConnectionType": "NETWORK", "ConnectionProperties": {}}
    glue.ask("CreateConnection", ConnectionInput=network)
    assert "JDBC is tried only" in glue.refusal("TestConnection", ConnectionName="vpc").message
