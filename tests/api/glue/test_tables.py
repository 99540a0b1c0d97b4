"""Tables and databases as Glue's clients see them: AWS's answers, words and limits."""

from __future__ import annotations

from typing import Any

import pytest

from api.glue.operations import OPERATIONS
from tests.api.glue.conftest import Glue, Json

STORAGE: Json = {
    "BucketColumns": [],
    "Columns": [{"Name": "a", "Type": "int", "Comment": "first", "Parameters": {"k": "v"}}],
    "Compressed": False,
    "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
    "Location": "s3://lake/t/",
    "NumberOfBuckets": -1,
    "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
    "Parameters": {},
    "SerdeInfo": {"Parameters": {"serialization.format": "1"}, "SerializationLibrary": "lib"},
    "SkewedInfo": {"SkewedColumnNames": [], "SkewedColumnValueLocationMaps": {}, "SkewedColumnValues": []},
    "SortColumns": [],
    "StoredAsSubDirectories": False,
}


def test_a_storage_descriptor_comes_back_as_it_was_given(glue: Glue) -> None:
    glue.ask("CreateDatabase", DatabaseInput={"Name": "d"})
    skewed = {"SkewedColumnNames": ["a"], "SkewedColumnValues": ["1"], "SkewedColumnValueLocationMaps": {"1": "s3://1"}}
    for name, storage in (("t", STORAGE), ("s", {**STORAGE, "SkewedInfo": skewed})):
        glue.ask("CreateTable", DatabaseName="d", TableInput={"Name": name, "StorageDescriptor": storage})
        assert glue.ask("GetTable", DatabaseName="d", Name=name)["Table"]["StorageDescriptor"] == storage
    few = {"Columns": [{"Name": "a", "Type": "int"}]}
    glue.ask("CreateTable", DatabaseName="d", TableInput={"Name": "few", "StorageDescriptor": few})
    found = glue.ask("GetTable", DatabaseName="d", Name="few")["Table"]["StorageDescriptor"]
    assert found["NumberOfBuckets"] == 0
    assert found.keys().isdisjoint(["SkewedInfo", "SerdeInfo", "Location"])


def test_a_database_goes_with_all_that_is_in_it(glue: Glue, flights: Json) -> None:
    glue.ask("DeleteDatabase", Name="travel")
    assert glue.refusal("GetTable", DatabaseName="travel", Name="flights").message == "Database travel not found."


def test_an_update_replaces_a_database_but_for_its_name(glue: Glue) -> None:
    glue.ask("CreateDatabase", DatabaseInput={"Name": "Web", "Description": "old", "Parameters": {"a": "b"}})
    glue.ask("UpdateDatabase", Name="WEB", DatabaseInput={"Name": "web", "LocationUri": "s3://lake/web"})
    found = glue.ask("GetDatabase", Name="web")["Database"]
    kept = {name: value for name, value in found.items() if name != "CreateTableDefaultPermissions"}
    assert kept == {
        "Name": "web", "LocationUri": "s3://lake/web", "CatalogId": "123456789012", "CreateTime": found["CreateTime"],
        "Parameters": {},
    }  # fmt: skip
    assert glue.ask("GetDatabases", AttributesToGet=["NAME"])["DatabaseList"] == [{"Name": "web"}]


REFUSED: list[tuple[str, Json, str, str]] = [
    ("GetDatabase", {"Name": "Nothing"}, "EntityNotFoundException", "Database Nothing not found."),
    ("GetTable", {"DatabaseName": "travel", "Name": "nothing"}, "EntityNotFoundException", "Table nothing not found."),
    (
        "DeleteTable",
        {"DatabaseName": "Travel", "Name": "Nothing"},
        "EntityNotFoundException",
        "Table Nothing not found.",
    ),
    ("CreateDatabase", {"DatabaseInput": {"Name": "TRAVEL"}}, "AlreadyExistsException", "Database already exists."),
    (
        "CreateTable",
        {"DatabaseName": "travel", "TableInput": {"Name": "FLIGHTS"}},
        "AlreadyExistsException",
        "Table already exists.",
    ),
    (
        "GetTables",
        {"DatabaseName": "travel", "MaxResults": 101},
        "ValidationException",
        "1 validation error detected: Value '101' at 'maxResults' failed to satisfy constraint: Member must have value "
        "less than or equal to 100",
    ),
    (
        "GetDatabases",
        {"ResourceShareType": "OURS"},
        "ValidationException",
        "1 validation error detected: Value 'OURS' at 'resourceShareType' failed to satisfy constraint: Member must "
        "satisfy enum value set: [FOREIGN, ALL, FEDERATED]",
    ),
    (
        "CreateTable",
        {"DatabaseName": "travel", "TableInput": {"Name": "t", "StorageDescriptor": {"Columns": [{"Type": "int"}]}}},
        "ValidationException",
        "1 validation error detected: Value null at 'tableInput.storageDescriptor.columns.1.member.name' failed to "
        "satisfy constraint: Member must not be null",
    ),
    ("GetTables", {"DatabaseName": "travel", "Expression": "("}, "InvalidInputException", "is no regular expression"),
    (
        "GetTables",
        {"DatabaseName": "travel", "NextToken": "forged"},
        "InvalidInputException",
        "The page token is not one",
    ),
    ("GetDatabase", {"Name": "travel", "CatalogId": "210987654321"}, "EntityNotFoundException", "Catalog 210987654321"),
    ("CreateTable", {"DatabaseName": "travel"}, "InvalidInputException", "TableInput is missing."),
    (
        "CreateTable",
        {"DatabaseName": "travel", "TableInput": {"Name": "l", "TargetTable": {"Name": "other"}}},
        "OperationNotSupportedException",
        "TargetTable",
    ),
    (
        "CreateDatabase",
        {"DatabaseInput": {"Name": "l", "TargetDatabase": {"DatabaseName": "other"}}},
        "OperationNotSupportedException",
        "TargetDatabase",
    ),
    (
        "CreateTable",
        {"DatabaseName": "travel", "OpenTableFormatInput": {"IcebergInput": {"MetadataOperation": "CREATE"}}},
        "OperationNotSupportedException",
        "OpenTableFormatInput",
    ),
    (
        "CreateTable",
        {
            "DatabaseName": "travel",
            "TableInput": {"Name": "t", "StorageDescriptor": {"AdditionalLocations": ["s3://a"]}},
        },
        "OperationNotSupportedException",
        "AdditionalLocations",
    ),
    (
        "GetUnfilteredTableMetadata",
        {"CatalogId": "1", "DatabaseName": "travel", "Name": "flights", "SupportedPermissionTypes": []},
        "OperationNotSupportedException",
        "GetUnfilteredTableMetadata",
    ),
]


def test_default_permissions_of_a_database_are_told_as_they_were_given(glue: Glue) -> None:
    given = [{"Principal": {"DataLakePrincipalIdentifier": "someone"}, "Permissions": ["SELECT"]}]
    glue.ask("CreateDatabase", DatabaseInput={"Name": "lake", "CreateTableDefaultPermissions": given})
    glue.ask("UpdateDatabase", Name="lake", DatabaseInput={"Name": "lake", "Description": "All."})
    told = glue.ask("GetDatabase", Name="lake")["Database"]
    assert (told["CreateTableDefaultPermissions"], told["Description"], told["Parameters"]) == (given, "All.", {})
    glue.ask("CreateDatabase", DatabaseInput={"Name": "other"})
    [everybody] = glue.ask("GetDatabase", Name="other")["Database"]["CreateTableDefaultPermissions"]
    assert everybody["Principal"] == {"DataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"}


@pytest.mark.parametrize(("operation", "asked", "code", "words"), REFUSED, ids=[f"{r[0]} {r[3][:30]}" for r in REFUSED])
def test_what_cannot_be_done_is_refused_in_aws_s_words(
    glue: Glue, flights: Json, operation: str, asked: Json, code: str, words: str
) -> None:
    refusal = glue.refusal(operation, **asked)
    assert refusal.code == code
    assert words in refusal.message if not words.endswith(".") else refusal.message == words


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        (".*", ["flights", "flights_2013", "planes"]),
        ("*", ["flights", "flights_2013", "planes"]),
        ("flights", ["flights"]),
        ("flights.*", ["flights", "flights_2013"]),
        ("fl*", ["flights", "flights_2013"]),
        (r"\w+_\d{4}", ["flights_2013"]),
        ("[fp]l[a-z]+", ["flights", "planes"]),
        ("PLANES", ["planes"]),
        ("nothing", []),
    ],
)
def test_an_expression_chooses_tables_by_the_whole_of_their_names(
    glue: Glue, flights: Json, expression: str, found: list[str]
) -> None:
    for name in ("flights_2013", "planes"):
        glue.ask("CreateTable", DatabaseName="travel", TableInput={**flights, "Name": name})
    tables = glue.ask("GetTables", DatabaseName="travel", Expression=expression)["TableList"]
    assert [table["Name"] for table in tables] == found


def test_tables_chosen_by_an_expression_come_in_pages(glue: Glue, flights: Json) -> None:
    for number in range(5):
        glue.ask("CreateTable", DatabaseName="travel", TableInput={"Name": f"t{number}"})
    seen: list[str] = []
    asked: dict[str, Any] = {"DatabaseName": "travel", "Expression": "t.", "MaxResults": 2, "AttributesToGet": ["NAME"]}
    while True:
        page = glue.ask("GetTables", **asked)
        seen += [table["Name"] for table in page["TableList"]]
        assert all(table.keys() == {"Name"} for table in page["TableList"])
        if "NextToken" not in page:
            break
        asked["NextToken"] = page["NextToken"]
    assert seen == ["t0", "t1", "t2", "t3", "t4"]


def test_of_a_batch_of_tables_those_that_are_there_go_and_the_others_are_told(glue: Glue, flights: Json) -> None:
    found = glue.ask("BatchDeleteTable", DatabaseName="travel", TablesToDelete=["flights", "nothing"])
    detail = {"ErrorCode": "EntityNotFoundException", "ErrorMessage": "Table nothing not found."}
    assert found == {"Errors": [{"TableName": "nothing", "ErrorDetail": detail}]}
    assert glue.ask("GetTables", DatabaseName="travel") == {"TableList": []}


# ── versions ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def revise(glue: Glue, flights: Json, note: str, **more: object) -> None:
    glue.ask("UpdateTable", DatabaseName="travel", TableInput={**flights, "Parameters": {"note": note}}, **more)


def versions(glue: Glue) -> list[str]:
    found = glue.ask("GetTableVersions", DatabaseName="travel", TableName="flights")["TableVersions"]
    return [version["VersionId"] for version in found]


def test_versions_count_from_0_and_are_listed_newest_first(glue: Glue, flights: Json) -> None:
    for note in "ab":
        revise(glue, flights, note)
    assert versions(glue) == ["2", "1", "0"]
    asked = {"DatabaseName": "travel", "TableName": "flights"}
    assert glue.ask("GetTableVersion", **asked)["TableVersion"]["VersionId"] == "2"
    old = glue.ask("GetTableVersion", **asked, VersionId="1")["TableVersion"]
    assert (old["VersionId"], old["Table"]["VersionId"], old["Table"]["Parameters"]) == ("1", "1", {"note": "a"})


def test_an_update_of_another_version_than_the_one_in_force_is_refused_and_writes_nothing(
    glue: Glue, flights: Json
) -> None:
    revise(glue, flights, "a", VersionId="0")
    table = {**flights, "Parameters": {"note": "b"}}
    refusal = glue.refusal("UpdateTable", DatabaseName="travel", TableInput=table, VersionId="0")
    assert refusal.code == "ConcurrentModificationException"
    assert refusal.message.startswith("Update table failed due to concurrent modifications.")
    assert glue.ask("GetTable", DatabaseName="travel", Name="flights")["Table"]["Parameters"] == {"note": "a"}
    bad = glue.refusal("UpdateTable", DatabaseName="travel", TableInput=table, VersionId="newest")
    assert bad.code == "InvalidInputException"


def test_an_update_that_skips_the_archive_leaves_no_version_behind(glue: Glue, flights: Json) -> None:
    revise(glue, flights, "a")
    revise(glue, flights, "b", SkipArchive=True)
    revise(glue, flights, "c", SkipArchive=True, VersionId="2")
    assert versions(glue) == ["3", "0"]
    stale = {"DatabaseName": "travel", "TableInput": flights, "SkipArchive": True, "VersionId": "2"}
    assert glue.refusal("UpdateTable", **stale).code == "ConcurrentModificationException"


def test_versions_but_the_one_in_force_can_be_deleted(glue: Glue, flights: Json) -> None:
    for note in "abc":
        revise(glue, flights, note)
    asked = {"DatabaseName": "travel", "TableName": "flights"}
    glue.ask("DeleteTableVersion", **asked, VersionId="1")
    assert glue.refusal("DeleteTableVersion", **asked, VersionId="1").message == "Version not found."
    failed = glue.ask("BatchDeleteTableVersion", **asked, VersionIds=["0", "1", "3", "x"])["Errors"]
    assert [(each["VersionId"], each["ErrorDetail"]["ErrorCode"]) for each in failed] == [
        ("1", "EntityNotFoundException"),
        ("3", "InvalidInputException"),
        ("x", "InvalidInputException"),
    ]
    assert versions(glue) == ["3", "2"]


def test_every_operation_of_the_catalog_is_there() -> None:
    nouns = ("Database", "Table", "Partition", "PartitionIndex", "UserDefinedFunction")
    for noun in nouns:
        assert {f"Create{noun}", f"Delete{noun}"} <= OPERATIONS.keys()
    assert len([name for name in OPERATIONS if "ColumnStatisticsFor" in name]) == 6
