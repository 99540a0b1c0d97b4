"""The schema registry over the Glue face: names, answers, pages, tags and limits, and failures in AWS's words."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.api.glue.conftest import Glue, Json

ARN = "arn:aws:glue:us-east-1:123456789012:"
OURS = {"RegistryName": "ours", "SchemaName": "flights"}
NUMBER = {"SchemaId": OURS, "SchemaVersionNumber": {"VersionNumber": 1}}


def record(*names: str, **more: Any) -> str:
    return json.dumps(
        {"type": "record", "name": "Flight", "fields": [{"name": name, "type": "int"} for name in names], **more}
    )


@pytest.fixture
def schema(glue: Glue) -> Json:
    """What was told of schema ours/flights, of mode NONE with a version, when it was made."""
    glue.ask("CreateRegistry", RegistryName="ours")
    return create(glue, "flights", {"RegistryName": "ours"})


def create(glue: Glue, name: str, registry: Json, mode: str = "NONE", **more: Any) -> Json:
    told = {"SchemaDefinition": record("a"), **more}
    return glue.ask("CreateSchema", RegistryId=registry, SchemaName=name, DataFormat="AVRO", Compatibility=mode, **told)


def register(glue: Glue, definition: str, schema: Json | None = None) -> Json:
    return glue.ask("RegisterSchemaVersion", SchemaId=schema or OURS, SchemaDefinition=definition)


def test_a_registry_is_made_told_changed_and_deleted_with_its_schemas(glue: Glue) -> None:
    made = glue.ask("CreateRegistry", RegistryName="ours", Description="of us", Tags={"team": "web"})
    names = {"RegistryName": "ours", "RegistryArn": f"{ARN}registry/ours"}
    assert made == {**names, "Description": "of us", "Tags": {"team": "web"}}
    told = glue.ask("GetRegistry", RegistryId={"RegistryArn": names["RegistryArn"]})
    assert {**told, "CreatedTime": "", "UpdatedTime": ""} == {
        **names,
        "Description": "of us",
        "Status": "AVAILABLE",
        "CreatedTime": "",
        "UpdatedTime": "",
    }
    assert told["CreatedTime"].endswith("Z")
    assert glue.ask("UpdateRegistry", RegistryId={"RegistryName": "ours"}, Description="of all") == names
    assert glue.ask("ListRegistries")["Registries"][0]["Description"] == "of all"
    version = create(glue, "flights", {"RegistryName": "ours"})["SchemaVersionId"]
    assert glue.ask("DeleteRegistry", RegistryId={"RegistryName": "ours"}) == {**names, "Status": "DELETING"}
    assert glue.ask("ListRegistries")["Registries"] == glue.ask("ListSchemas")["Schemas"] == []
    assert glue.refusal("GetSchemaVersion", SchemaVersionId=version).message.startswith("Schema version is not found.")
    refused = glue.refusal("DeleteRegistry", RegistryId={"RegistryName": "ours"})
    assert refused.message == "Registry is not found. RegistryName: ours, RegistryArn: null"


def test_a_schema_is_told_as_it_is(glue: Glue, schema: Json) -> None:
    wanted = {
        "RegistryName": "ours",
        "RegistryArn": f"{ARN}registry/ours",
        "SchemaName": "flights",
        "SchemaArn": f"{ARN}schema/ours/flights",
        "DataFormat": "AVRO",
        "Compatibility": "NONE",
        "SchemaCheckpoint": 1,
        "LatestSchemaVersion": 1,
        "NextSchemaVersion": 2,
        "SchemaStatus": "AVAILABLE",
    }
    version = {"SchemaVersionId": schema["SchemaVersionId"], "SchemaVersionStatus": "AVAILABLE"}
    assert schema == {**wanted, **version, "Tags": {}}
    for key in (OURS, {"SchemaArn": wanted["SchemaArn"]}):
        told = glue.ask("GetSchema", SchemaId=key)
        assert {name: value for name, value in told.items() if not name.endswith("Time")} == wanted


def test_the_default_registry_is_made_when_it_is_first_needed(glue: Glue) -> None:
    assert glue.refusal("GetRegistry", RegistryId={}).code == "EntityNotFoundException"
    assert create(glue, "one", {})["SchemaArn"] == f"{ARN}schema/default-registry/one"
    create(glue, "two", {"RegistryName": "default-registry"})
    assert glue.ask("GetSchema", SchemaId={"SchemaName": "two"})["RegistryName"] == "default-registry"
    assert [each["RegistryName"] for each in glue.ask("ListRegistries")["Registries"]] == ["default-registry"]
    refused = glue.refusal("CreateSchema", RegistryId={"RegistryName": "x"}, SchemaName="s", DataFormat="AVRO")
    assert refused.message == "Registry is not found. RegistryName: x, RegistryArn: null"


def test_versions_are_registered_found_by_number_id_and_definition_and_compared(glue: Glue, schema: Json) -> None:
    made = register(glue, record("a", "b"))
    assert (made["VersionNumber"], made["Status"]) == (2, "AVAILABLE")
    assert register(glue, record("a", doc="new"))["VersionNumber"] == 3
    latest = glue.ask("GetSchemaVersion", SchemaId=OURS, SchemaVersionNumber={"LatestVersion": True})
    assert (latest["VersionNumber"], latest["SchemaDefinition"]) == (3, record("a", doc="new"))
    by_id = glue.ask("GetSchemaVersion", SchemaVersionId=made["SchemaVersionId"])
    assert by_id == glue.ask("GetSchemaVersion", SchemaId=OURS, SchemaVersionNumber={"VersionNumber": 2})
    found = glue.ask("GetSchemaByDefinition", SchemaId=OURS, SchemaDefinition=f" {record('a', 'b')}")
    assert found["SchemaVersionId"] == made["SchemaVersionId"]
    refused = glue.refusal("GetSchemaByDefinition", SchemaId=OURS, SchemaDefinition=record("z"))
    assert refused.message == "Schema is not found. RegistryName: ours, SchemaName: flights, SchemaArn: null"
    diff = glue.ask(
        "GetSchemaVersionsDiff",
        SchemaId=OURS,
        FirstSchemaVersionNumber={"VersionNumber": 1},
        SecondSchemaVersionNumber={"VersionNumber": 2},
        SchemaDiffType="SYNTAX_DIFF",
    )["Diff"]
    assert json.loads(diff) == [{"op": "add", "path": "/fields/1", "value": {"name": "b", "type": "int"}}]


def test_a_version_that_the_mode_does_not_let_in_is_a_failure(glue: Glue, schema: Json) -> None:
    glue.ask("UpdateSchema", SchemaId=OURS, Compatibility="BACKWARD", Description="checked")
    told = glue.ask("GetSchema", SchemaId=OURS)
    assert (told["Compatibility"], told["Description"], told["SchemaCheckpoint"]) == ("BACKWARD", "checked", 1)
    made = register(glue, record("a", "b"))
    assert (made["VersionNumber"], made["Status"]) == (2, "FAILURE")
    assert glue.ask("GetSchemaVersion", SchemaVersionId=made["SchemaVersionId"])["Status"] == "FAILURE"
    told = glue.ask("GetSchema", SchemaId=OURS)
    assert (told["LatestSchemaVersion"], told["NextSchemaVersion"]) == (1, 3)


PROTO = 'syntax = "proto3"; message Flight { %s }'
OPEN = '{"type": "object", "properties": {"a": {"type": "%s"}}}'


@pytest.mark.parametrize(
    ("data_format", "first", "fit", "misfit"),
    [
        ("AVRO", record("a", "b"), record("a"), record("a", "c")),
        ("JSON", OPEN % "integer", OPEN % "number", OPEN % "string"),
        ("PROTOBUF", PROTO % "int32 a = 1;", PROTO % "int32 a = 1; string b = 2;", PROTO % "string a = 1;"),
    ],
)
def test_each_format_is_checked_by_its_own_rules(
    glue: Glue, data_format: str, first: str, fit: str, misfit: str
) -> None:
    key = {"SchemaName": "s"}
    glue.ask("CreateSchema", **key, DataFormat=data_format, SchemaDefinition=first)
    assert glue.ask("GetSchema", SchemaId=key)["Compatibility"] == "BACKWARD"
    assert register(glue, f"\n{first}  ", key)["VersionNumber"] == 1
    assert register(glue, fit, key)["Status"] == "AVAILABLE"
    assert register(glue, misfit, key)["Status"] == "FAILURE"
    broken = {"DataFormat": data_format, "SchemaDefinition": first[:-1]}
    assert glue.ask("CheckSchemaVersionValidity", **broken)["Valid"] is False
    numbers = {f"{which}SchemaVersionNumber": {"VersionNumber": at} for at, which in ((1, "First"), (2, "Second"))}
    diff = glue.ask("GetSchemaVersionsDiff", SchemaId=key, **numbers, SchemaDiffType="SYNTAX_DIFF")["Diff"]
    assert [each["op"] for each in json.loads(diff)] == ["remove" if data_format == "AVRO" else "replace"]


def test_everything_is_listed_in_pages(glue: Glue, schema: Json) -> None:
    for name in ("b", "a"):
        glue.ask("CreateRegistry", RegistryName=name)
        create(glue, "s", {"RegistryName": name})
        register(glue, record(name, "x"))
    asked = {
        ("ListRegistries", "Registries", "RegistryName"): ({}, ["a", "b", "ours"]),
        ("ListSchemas", "Schemas", "SchemaArn"): (
            {},
            [f"{ARN}schema/a/s", f"{ARN}schema/b/s", schema["SchemaArn"]],
        ),
        ("ListSchemaVersions", "Schemas", "VersionNumber"): ({"SchemaId": OURS}, [1, 2, 3]),
    }
    for (operation, member, name), (given, wanted) in asked.items():
        first = glue.ask(operation, **given, MaxResults=2)
        rest = glue.ask(operation, **given, MaxResults=2, NextToken=first["NextToken"])
        assert [each[name] for each in first[member] + rest[member]] == wanted
        assert "NextToken" not in rest
        assert glue.refusal(operation, **given, NextToken="x").code == "InvalidInputException"
    assert len(glue.ask("ListSchemas", RegistryId={"RegistryName": "a"})["Schemas"]) == 1
    assert glue.refusal("ListSchemas", RegistryId={"RegistryName": "z"}).code == "EntityNotFoundException"


def test_versions_are_deleted_by_ranges_but_for_the_first_and_the_checkpoint(glue: Glue, schema: Json) -> None:
    for name in "bcdefg":
        register(glue, record(name))
    assert glue.ask("DeleteSchemaVersions", SchemaId=OURS, Versions="2-3, 5") == {"SchemaVersionErrors": []}
    assert [each["VersionNumber"] for each in glue.ask("ListSchemaVersions", SchemaId=OURS)["Schemas"]] == [1, 4, 6, 7]
    refused = glue.refusal("DeleteSchemaVersions", SchemaId=OURS, Versions="1")
    assert (refused.code, "checkpoint" in refused.message) == ("ConcurrentModificationException", True)
    glue.ask("UpdateSchema", SchemaId=OURS, SchemaVersionNumber={"VersionNumber": 7})
    errors = glue.ask("DeleteSchemaVersions", SchemaId=OURS, Versions="1-4")["SchemaVersionErrors"]
    assert [(each["VersionNumber"], each["ErrorDetails"]["ErrorCode"]) for each in errors] == [
        (1, "InvalidInputException"),
        (2, "EntityNotFoundException"),
        (3, "EntityNotFoundException"),
    ]
    for versions in ("0", "8-5", "a", "1-", "1;2"):
        assert glue.refusal("DeleteSchemaVersions", SchemaId=OURS, Versions=versions).code == "InvalidInputException"


def test_metadata_are_put_queried_and_removed(glue: Glue, schema: Json) -> None:
    def pair(key: str, value: str) -> Json:
        return {"MetadataKeyValue": {"MetadataKey": key, "MetadataValue": value}}

    put = glue.ask("PutSchemaVersionMetadata", **NUMBER, **pair("team", "web"))
    version = schema["SchemaVersionId"]
    assert put == {
        **OURS,
        "SchemaArn": schema["SchemaArn"],
        "LatestVersion": False,
        "VersionNumber": 1,
        "SchemaVersionId": version,
        "MetadataKey": "team",
        "MetadataValue": "web",
    }
    for key, value in (("team", "ops"), ("source", "kafka")):
        told = glue.ask("PutSchemaVersionMetadata", SchemaVersionId=version, **pair(key, value))
        assert (told["VersionNumber"], told["MetadataValue"]) == (0, value)
    found = glue.ask("QuerySchemaVersionMetadata", SchemaVersionId=version)["MetadataInfoMap"]
    assert found["team"]["MetadataValue"] == "ops"
    assert [each["MetadataValue"] for each in found["team"]["OtherMetadataValueList"]] == ["web"]
    wanted = [{"MetadataKey": "team", "MetadataValue": "web"}, {"MetadataKey": "none"}]
    narrowed = glue.ask("QuerySchemaVersionMetadata", **NUMBER, MetadataList=wanted)["MetadataInfoMap"]
    assert {key: value["MetadataValue"] for key, value in narrowed.items()} == {"team": "web"}
    first = glue.ask("QuerySchemaVersionMetadata", **NUMBER, MaxResults=1)
    rest = glue.ask("QuerySchemaVersionMetadata", **NUMBER, MaxResults=2, NextToken=first["NextToken"])
    assert (list(first["MetadataInfoMap"]), list(rest["MetadataInfoMap"])) == (["source"], ["team"])
    glue.ask("RemoveSchemaVersionMetadata", **NUMBER, **pair("team", "ops"))
    refused = glue.refusal("RemoveSchemaVersionMetadata", **NUMBER, **pair("team", "ops"))
    assert refused.code == "EntityNotFoundException"
    for number in range(8):
        glue.ask("PutSchemaVersionMetadata", **NUMBER, **pair("n", str(number)))
    assert glue.refusal("PutSchemaVersionMetadata", **NUMBER, **pair("n", "8")).message == (
        "Your resource limits for Schema Version Metadata have been exceeded."
    )


def test_a_definition_is_checked_without_a_schema(glue: Glue) -> None:
    assert glue.ask("CheckSchemaVersionValidity", DataFormat="AVRO", SchemaDefinition='"int"') == {"Valid": True}
    told = glue.ask("CheckSchemaVersionValidity", DataFormat="AVRO", SchemaDefinition="{" * 6_000)
    assert (told["Valid"], "it is no JSON" in told["Error"]) == (False, True)


@pytest.mark.parametrize(("kind", "resource"), [("Registry", "registry/ours"), ("Schema", "schema/ours/flights")])
def test_tags_come_and_go_with_registries_and_schemas(glue: Glue, kind: str, resource: str) -> None:
    arn = ARN + resource
    glue.ask("CreateRegistry", RegistryName="ours", Tags={"team": "web"})
    create(glue, "flights", {"RegistryName": "ours"}, Tags={"team": "web"})
    glue.ask("TagResource", ResourceArn=arn, TagsToAdd={"stage": "test"})
    glue.ask("UntagResource", ResourceArn=arn, TagsToRemove=["team"])
    assert glue.ask("GetTags", ResourceArn=arn)["Tags"] == {"stage": "test"}
    glue.ask(f"Delete{kind}", **{f"{kind}Id": {f"{kind}Arn": arn}})
    refused = glue.refusal("GetTags", ResourceArn=arn)
    told = f"{kind} {resource.partition('/')[2]} not found."
    assert (refused.code, refused.message) == ("EntityNotFoundException", told)


BOTH = "One of (registryName and schemaName) or schemaArn has to be provided, both cannot be provided."
SIGNS = "The parameter value contains one or more characters that are not valid. Parameter Name: "
LENGTH = "The resource name contains too many or too few characters. Parameter Name: "
NEW: Json = {"SchemaName": "s", "DataFormat": "AVRO", "RegistryId": {"RegistryName": "ours"}}
VERSION_ID = "0" * 8 + "-0000" * 3 + "-" + "0" * 12
PAIR: Json = {"MetadataKey": "k", "MetadataValue": "v"}


@pytest.mark.parametrize(
    ("operation", "asked", "message"),
    [
        ("CreateRegistry", {"RegistryName": "x" * 256}, f"{LENGTH}registryName"),
        ("CreateRegistry", {"RegistryName": "A,B"}, f"{SIGNS}registryName"),
        ("CreateRegistry", {"RegistryName": "x", "Description": "x" * 2_049}, f"{LENGTH}description"),
        (
            "CreateRegistry",
            {"RegistryName": "x", "Tags": {str(number): "" for number in range(51)}},
            "New Tags cannot be empty or more than 50",
        ),
        ("CreateRegistry", {}, "1 validation error detected: Value null at 'registryName' failed to satisfy"),
        ("CreateSchema", {**NEW, "DataFormat": "XML"}, "Data format is not valid."),
        ("CreateSchema", {**NEW, "Compatibility": "SOME"}, "Compatibility is not valid."),
        ("CreateSchema", {**NEW, "SchemaName": "a b"}, f"{SIGNS}schemaName"),
        ("CreateSchema", {**NEW, "RegistryId": {"RegistryArn": f"x{ARN}registry/ours"}}, f"{SIGNS}registryArn"),
        (
            "CreateSchema",
            {**NEW, "RegistryId": {"RegistryArn": f"{ARN}registry/ours", "RegistryName": "ours"}},
            "One of registryName or registryArn has to be provided, both cannot be provided.",
        ),
        ("CreateSchema", {**NEW, "SchemaDefinition": "{"}, "Schema definition of AVRO data format is invalid"),
        ("GetSchema", {"SchemaId": {**OURS, "SchemaArn": f"{ARN}schema/ours/flights"}}, BOTH),
        ("GetSchema", {"SchemaId": {"SchemaArn": f"{ARN}schema/ours"}}, f"{SIGNS}schemaArn"),
        (
            "GetSchemaVersion",
            {},
            "At least one of (registryName and schemaName) or schemaArn has to be provided.",
        ),
        ("GetSchemaVersion", {"SchemaVersionId": VERSION_ID[:-1] + "p"}, f"{SIGNS}SchemaVersionId"),
        ("GetSchemaVersion", {"SchemaVersionId": "short"}, f"{LENGTH}schemaVersionId"),
        (
            "GetSchemaVersion",
            {"SchemaVersionId": VERSION_ID, "SchemaId": OURS},
            "No other input parameters can be specified when fetching by SchemaVersionId.",
        ),
        ("GetSchemaVersion", {"SchemaId": OURS}, "One of version number (or) latest version is required."),
        (
            "GetSchemaVersion",
            {"SchemaId": OURS, "SchemaVersionNumber": {"VersionNumber": 1, "LatestVersion": True}},
            "Only one of VersionNumber or LatestVersion is required.",
        ),
        ("PutSchemaVersionMetadata", {**NUMBER, "MetadataKeyValue": {**PAIR, "MetadataKey": "a~"}}, f"{SIGNS}key"),
        ("PutSchemaVersionMetadata", {**NUMBER, "MetadataKeyValue": {**PAIR, "MetadataValue": " "}}, f"{SIGNS}value"),
    ],
)
def test_what_is_wrong_is_an_invalid_input_in_awss_words(
    glue: Glue, schema: Json, operation: str, asked: Json, message: str
) -> None:
    refused = glue.refusal(operation, **asked)
    assert (refused.code, refused.message[: len(message)]) == ("InvalidInputException", message)


def test_a_disabled_schema_takes_no_further_version(glue: Glue) -> None:
    glue.ask("CreateRegistry", RegistryName="ours")
    create(glue, "flights", {"RegistryName": "ours"}, "DISABLED")
    refused = glue.refusal("RegisterSchemaVersion", SchemaId=OURS, SchemaDefinition=record("a"))
    assert (refused.code, refused.message) == (
        "InvalidInputException",
        "Compatibility DISABLED does not allow versioning. "
        "SchemaId: SchemaId(schemaArn=null, schemaName=flights, registryName=ours)",
    )


def test_what_is_there_already_is_told_so_and_registries_have_a_limit(glue: Glue, schema: Json) -> None:
    assert glue.refusal("CreateRegistry", RegistryName="ours").message == "Registry already exists. RegistryName: ours"
    refused = glue.refusal("CreateSchema", **NEW | {"SchemaName": "flights"}, SchemaDefinition=record("a"))
    assert refused.message == "Schema already exists. RegistryName: ours, SchemaName: flights"
    for number in range(9):
        glue.ask("CreateRegistry", RegistryName=f"r{number}")
    refused = glue.refusal("CreateRegistry", RegistryName="more")
    assert (refused.code, refused.message) == (
        "ResourceNumberLimitExceededException",
        "More registries cannot be created. The maximum limit has been reached.",
    )
    assert len(glue.ask("ListRegistries")["Registries"]) == 10
