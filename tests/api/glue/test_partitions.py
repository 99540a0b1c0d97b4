"""Partitions, their indexes and statistics, functions and searches as Glue's clients see them."""

from __future__ import annotations

import base64
from itertools import chain
from typing import Any

import pytest

from tests.api.glue.conftest import Glue, Json

AT = {"DatabaseName": "travel", "TableName": "flights"}


def partition(year: str, origin: str, **more: Any) -> Json:
    location = f"s3://lake/flights/year={year}/origin={origin}"
    columns = [{"Name": "carrier", "Type": "string"}]
    return {"Values": [year, origin], "StorageDescriptor": {"Columns": columns, "Location": location}, **more}


@pytest.fixture
def filled(glue: Glue, flights: Json) -> Glue:
    """With ten years of three origins."""
    new = [partition(str(2010 + year), origin) for year in range(10) for origin in ("EWR", "JFK", "LGA")]
    assert glue.ask("BatchCreatePartition", **AT, PartitionInputList=new) == {"Errors": []}
    return glue


def values(glue: Glue, **asked: Any) -> list[str]:
    """Of all pages of GetPartitions."""
    found: list[str] = []
    while True:
        page = glue.ask("GetPartitions", **AT, **asked)
        found += ["/".join(each["Values"]) for each in page["Partitions"]]
        if "NextToken" not in page:
            return found
        asked["NextToken"] = page["NextToken"]


def test_a_partition_comes_back_as_it_was_given(glue: Glue, flights: Json) -> None:
    given = partition("2013", "JFK", Parameters={"rows": "7"})
    glue.ask("CreatePartition", **AT, PartitionInput=given)
    found = glue.ask("GetPartition", **AT, PartitionValues=["2013", "JFK"])["Partition"]
    assert {name: found[name] for name in ("Values", "Parameters", "DatabaseName", "TableName", "CatalogId")} == {
        "Values": ["2013", "JFK"], "Parameters": {"rows": "7"}, **AT, "CatalogId": "123456789012"
    }  # fmt: skip
    assert found["StorageDescriptor"]["Columns"] == given["StorageDescriptor"]["Columns"]
    again = glue.refusal("CreatePartition", **AT, PartitionInput=given)
    assert (again.code, again.message) == ("AlreadyExistsException", "Partition already exists.")
    gone = glue.refusal("GetPartition", **AT, PartitionValues=["1", "JFK"])
    assert (gone.code, gone.message) == ("EntityNotFoundException", "Cannot find partition.")


@pytest.mark.parametrize(
    ("expression", "count"),
    [
        ("year = 2013", 3),
        ("year >= 2018 AND origin = 'JFK'", 2),
        ("origin IN ('JFK', 'LGA')", 20),
        ("year BETWEEN 2011 AND 2012", 6),
        ("origin LIKE 'J%'", 10),
        ("NOT origin = 'JFK'", 20),
        ("", 30),
    ],
)
def test_an_expression_chooses_partitions(filled: Glue, expression: str, count: int) -> None:
    assert len(values(filled, Expression=expression, MaxResults=7)) == count


def test_an_expression_that_cannot_be_read_is_refused(filled: Glue) -> None:
    assert filled.refusal("GetPartitions", **AT, Expression="year =").code == "InvalidInputException"
    assert filled.refusal("GetPartitions", **AT, Expression="none = 1").code == "InvalidInputException"


@pytest.fixture
def typed(glue: Glue, flights: Json) -> Glue:
    """Table travel.typed, whose keys are a whole number, a decimal, a date, a time and a text."""
    kinds = {"n": "int", "d": "decimal(10,2)", "day": "date", "at": "timestamp", "s": "string"}
    keys = [{"Name": name, "Type": kind} for name, kind in kinds.items()]
    glue.ask("CreateTable", DatabaseName="travel", TableInput={**flights, "Name": "typed", "PartitionKeys": keys})
    for values in (
        ["1", "1.2", "2022-01-01", "2022-01-01 12:34:56.789", "one"],
        ["2", "2.6", "2022-02-01", "2022-02-01 00:00:00.000000", "two"],
        ["3", "3e14", "2022-03-01", "2022-03-01 21:00:12.3456789", "three"],
    ):
        glue.ask(
            "CreatePartition", DatabaseName="travel", TableName="typed",
            PartitionInput={"Values": values, "StorageDescriptor": {"Location": f"s3://lake/typed/{values[0]}/"}},
        )  # fmt: skip
    return glue


@pytest.mark.parametrize(
    "expression",
    [
        "n = ((2))",
        "((n)) in (6, '4', 2)",
        "n not between 1 and 1 and n <> 3",
        "d between 2 and 3e10",
        "d >= 2 and d <> '3e14'",
        "day > '2022-01-15' and day < '2022-02-15'",
        "at = '2022-02-01 00:00:00'",
        "at in ('2022-02-01 00:00:00.000')",
        "at > '2022-01-31 23:59:59.999999999' and at < '2022-02-01 00:00:00.000000001'",
        "s like 't_o'",
    ],
)
def test_an_expression_is_of_the_types_of_its_keys(typed: Glue, expression: str) -> None:
    [found] = typed.ask("GetPartitions", DatabaseName="travel", TableName="typed", Expression=expression)["Partitions"]
    assert found["Values"][0] == "2"


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("n = 'test'", "is not an integer"),
        ("n in (2.5)", "is not an integer"),
        ("d = 'test'", "is not a decimal"),
        ("day = '2022-02-32'", "is not a date"),
        ("at = '2022-02-01'", "is not a timestamp"),
        ("at = '2022-02-32 00:00:00'", "is not a timestamp"),
        ("n like '2'", "Integral data type doesn't support operation 'LIKE'"),
        ("not (s = 'a' or day like '2%')", "Date data type doesn't support operation 'LIKE'"),
        (f"n = {'(' * 1_000}2", "was expected"),
    ],
)
def test_what_is_not_of_its_key_s_type_is_refused(typed: Glue, expression: str, why: str) -> None:
    refused = typed.refusal("GetPartitions", DatabaseName="travel", TableName="typed", Expression=expression)
    assert refused.code == "InvalidInputException"
    assert why in refused.message


@pytest.mark.parametrize("expression", ["", "year > 2014"])
def test_segments_are_disjoint_and_together_all(filled: Glue, expression: str) -> None:
    segments = [
        values(filled, Segment={"SegmentNumber": number, "TotalSegments": 4}, MaxResults=2, Expression=expression)
        for number in range(4)
    ]
    assert sorted(chain.from_iterable(segments)) == values(filled, Expression=expression)
    assert all(segments)
    beyond = filled.refusal("GetPartitions", **AT, Segment={"SegmentNumber": 4, "TotalSegments": 4})
    assert beyond.code == "InvalidInputException"


def test_columns_are_left_out_when_that_is_asked_for(filled: Glue) -> None:
    found = filled.ask("GetPartitions", **AT, ExcludeColumnSchema=True, Expression="year = 2013")["Partitions"]
    assert len(found) == 3
    assert all("Columns" not in each["StorageDescriptor"] for each in found)


def test_of_a_batch_what_can_be_is_created_and_the_rest_is_told(filled: Glue) -> None:
    new = [partition("2020", "JFK"), partition("2019", "JFK"), partition("2020", "JFK"), {"Values": ["2021"]}]
    failed = filled.ask("BatchCreatePartition", **AT, PartitionInputList=new)["Errors"]
    assert [(each["PartitionValues"], each["ErrorDetail"]["ErrorCode"]) for each in failed] == [
        (["2019", "JFK"], "AlreadyExistsException"),
        (["2020", "JFK"], "AlreadyExistsException"),
        (["2021"], "InvalidInputException"),
    ]
    assert "2020/JFK" in values(filled)


def test_a_batch_of_updates_changes_and_renames_what_is_there(filled: Glue) -> None:
    entries = [
        {"PartitionValueList": ["2010", "JFK"], "PartitionInput": partition("2010", "JFK", Parameters={"n": "1"})},
        {"PartitionValueList": ["2010", "LGA"], "PartitionInput": partition("2030", "LGA")},
        {"PartitionValueList": ["2010", "EWR"], "PartitionInput": partition("2010", "JFK")},
        {"PartitionValueList": ["1999", "EWR"], "PartitionInput": partition("1999", "EWR")},
    ]
    failed = filled.ask("BatchUpdatePartition", **AT, Entries=entries)["Errors"]
    assert [(each["PartitionValueList"], each["ErrorDetail"]["ErrorCode"]) for each in failed] == [
        (["2010", "EWR"], "AlreadyExistsException"),
        (["1999", "EWR"], "EntityNotFoundException"),
    ]
    assert values(filled, Expression="year = 2010 or year = 2030") == ["2010/EWR", "2010/JFK", "2030/LGA"]
    filled.ask("UpdatePartition", **AT, PartitionValueList=["2010", "JFK"], PartitionInput={"Parameters": {"n": "2"}})
    wanted = [{"Values": ["2010", "JFK"]}, {"Values": ["1999", "JFK"]}]
    found = filled.ask("BatchGetPartition", **AT, PartitionsToGet=wanted)
    assert [each["Parameters"] for each in found["Partitions"]] == [{"n": "2"}]
    assert found["UnprocessedKeys"] == []


def test_of_a_batch_of_deletions_what_is_not_there_is_told(filled: Glue) -> None:
    doomed = [{"Values": ["2010", "JFK"]}, {"Values": ["1999", "JFK"]}]
    failed = filled.ask("BatchDeletePartition", **AT, PartitionsToDelete=doomed)["Errors"]
    assert [(each["PartitionValues"], each["ErrorDetail"]["ErrorCode"]) for each in failed] == [
        (["1999", "JFK"], "EntityNotFoundException")
    ]
    filled.ask("DeletePartition", **AT, PartitionValues=["2010", "LGA"])
    assert filled.refusal("DeletePartition", **AT, PartitionValues=["2010", "LGA"]).code == "EntityNotFoundException"
    assert values(filled, Expression="year = 2010") == ["2010/EWR"]


@pytest.mark.parametrize(
    ("operation", "member", "item", "most"),
    [
        ("BatchCreatePartition", "PartitionInputList", {"Values": ["1", "2"]}, 100),
        ("BatchDeletePartition", "PartitionsToDelete", {"Values": ["1", "2"]}, 25),
        ("BatchGetPartition", "PartitionsToGet", {"Values": ["1", "2"]}, 1_000),
        ("BatchUpdatePartition", "Entries", {"PartitionValueList": ["1", "2"], "PartitionInput": {}}, 100),
    ],
)
def test_a_batch_has_as_many_items_as_aws_takes(
    glue: Glue, flights: Json, operation: str, member: str, item: Json, most: int
) -> None:
    refusal = glue.refusal(operation, **AT, **{member: [item] * (most + 1)})
    assert refusal.code == "ValidationException"
    assert refusal.message.endswith(f"Member must have length less than or equal to {most}")


def test_indexes_are_made_with_a_table_or_later_and_are_active_at_once(glue: Glue, flights: Json) -> None:
    glue.ask("CreatePartitionIndex", **AT, PartitionIndex={"IndexName": "by_origin", "Keys": ["origin"]})
    [index] = glue.ask("GetPartitionIndexes", **AT)["PartitionIndexDescriptorList"]
    assert index == {
        "IndexName": "by_origin", "IndexStatus": "ACTIVE", "Keys": [{"Name": "origin", "Type": "string"}]
    }  # fmt: skip
    again = glue.refusal("CreatePartitionIndex", **AT, PartitionIndex={"IndexName": "by_origin", "Keys": ["year"]})
    assert again.code == "AlreadyExistsException"
    glue.ask("DeletePartitionIndex", **AT, IndexName="by_origin")
    gone = glue.refusal("DeletePartitionIndex", **AT, IndexName="by_origin")
    assert gone.message == "Partition index by_origin not found."
    given = {"DatabaseName": "travel", "TableInput": {**flights, "Name": "other"}}
    glue.ask("CreateTable", **given, PartitionIndexes=[{"IndexName": "i", "Keys": ["year", "origin"]}])
    found = glue.ask("GetPartitionIndexes", DatabaseName="travel", TableName="other")["PartitionIndexDescriptorList"]
    assert [key["Name"] for key in found[0]["Keys"]] == ["year", "origin"]


LONG = {"Type": "LONG", "LongColumnStatisticsData": {"MinimumValue": -5, "MaximumValue": 7, "NumberOfNulls": 1, "NumberOfDistinctValues": 3}}  # fmt: skip  # noqa: E501
BOUND = {"UnscaledValue": base64.b64encode(b"\xff\x38").decode(), "Scale": 2}
DECIMAL = {"Type": "DECIMAL", "DecimalColumnStatisticsData": {"MinimumValue": BOUND, "NumberOfNulls": 0, "NumberOfDistinctValues": 1}}  # fmt: skip  # noqa: E501
DATE = {"Type": "DATE", "DateColumnStatisticsData": {"MinimumValue": 86400.0, "MaximumValue": 172800.0, "NumberOfNulls": 0, "NumberOfDistinctValues": 1}}  # fmt: skip  # noqa: E501


def statistics(column: str, data: Json) -> Json:
    return {"ColumnName": column, "ColumnType": "int", "AnalyzedTime": 1, "StatisticsData": data}


@pytest.mark.parametrize("data", [LONG, DECIMAL, DATE], ids=["long", "decimal", "date"])
@pytest.mark.parametrize("kind", ["Table", "Partition"])
def test_column_statistics_come_back_as_they_were_given(filled: Glue, data: Json, kind: str) -> None:
    at = AT if kind == "Table" else {**AT, "PartitionValues": ["2013", "JFK"]}
    given = [statistics("delay", data), statistics("none", data)]
    failed = filled.ask(f"UpdateColumnStatisticsFor{kind}", **at, ColumnStatisticsList=given)["Errors"]
    assert [each["Error"]["ErrorCode"] for each in failed] == ["EntityNotFoundException"]
    found = filled.ask(f"GetColumnStatisticsFor{kind}", **at, ColumnNames=["DELAY", "carrier"])
    assert [each["StatisticsData"] for each in found["ColumnStatisticsList"]] == [data]
    assert [each["ColumnName"] for each in found["Errors"]] == ["carrier"]
    filled.ask(f"DeleteColumnStatisticsFor{kind}", **at, ColumnName="delay")
    gone = filled.refusal(f"DeleteColumnStatisticsFor{kind}", **at, ColumnName="delay")
    assert gone.code == "EntityNotFoundException"


def test_statistics_without_their_figures_are_told_as_failed(glue: Glue, flights: Json) -> None:
    given = [statistics("delay", {"Type": "LONG"})]
    [failed] = glue.ask("UpdateColumnStatisticsForTable", **AT, ColumnStatisticsList=given)["Errors"]
    assert failed["Error"] == {
        "ErrorCode": "InvalidInputException",
        "ErrorMessage": "StatisticsData of column delay lacks LongColumnStatisticsData.",
    }


def test_functions_are_found_by_pattern_in_one_database_or_in_all(glue: Glue, flights: Json) -> None:
    glue.ask("CreateDatabase", DatabaseInput={"Name": "other"})
    function = {"ClassName": "com.acme.F", "OwnerName": "ada", "OwnerType": "ROLE", "FunctionType": "REGULAR_FUNCTION",
                "ResourceUris": [{"ResourceType": "JAR", "Uri": "s3://lib/a.jar"}]}  # fmt: skip
    for database, name in (("travel", "Lower"), ("travel", "upper"), ("other", "lower")):
        glue.ask("CreateUserDefinedFunction", DatabaseName=database, FunctionInput={**function, "FunctionName": name})
    found = glue.ask("GetUserDefinedFunction", DatabaseName="travel", FunctionName="LOWER")["UserDefinedFunction"]
    assert found == {
        **function, "FunctionName": "lower", "DatabaseName": "travel", "CatalogId": "123456789012",
        "CreateTime": found["CreateTime"],
    }  # fmt: skip

    def named(**asked: Any) -> list[str]:
        found = glue.ask("GetUserDefinedFunctions", **asked)["UserDefinedFunctions"]
        return [f"{each['DatabaseName']}.{each['FunctionName']}" for each in found]

    assert named(Pattern="*") == ["other.lower", "travel.lower", "travel.upper"]
    assert named(Pattern="l.*", DatabaseName="travel") == ["travel.lower"]
    first = glue.ask("GetUserDefinedFunctions", Pattern="*", MaxResults=2)
    assert named(Pattern="*", NextToken=first["NextToken"]) == ["travel.upper"]
    changed = {**function, "FunctionName": "upper", "ClassName": "com.acme.G"}
    glue.ask("UpdateUserDefinedFunction", DatabaseName="travel", FunctionName="upper", FunctionInput=changed)
    glue.ask("DeleteUserDefinedFunction", DatabaseName="travel", FunctionName="lower")
    gone = glue.refusal("GetUserDefinedFunction", DatabaseName="travel", FunctionName="lower")
    assert (gone.code, gone.message) == ("EntityNotFoundException", "Function lower not found.")


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({"SearchText": "flights"}, ["flights"]),
        ({"SearchText": "carrier"}, ["airlines", "flights"]),
        ({"Filters": [{"Key": "DatabaseName", "Value": "travel"}]}, ["airlines", "flights"]),
        ({"Filters": [{"Key": "classification", "Value": "csv"}]}, ["flights"]),
        ({"SearchText": "carrier", "Filters": [{"Key": "Name", "Value": "airlines"}]}, ["airlines"]),
        ({"Filters": [{"Key": "UpdateTime", "Value": "1", "Comparator": "LESS_THAN"}]}, []),
        ({"SortCriteria": [{"FieldName": "Name", "Sort": "DESC"}]}, ["flights", "airlines"]),
        (
            {"SearchText": "carrier", "SortCriteria": [{"FieldName": "CreateTime", "Sort": "ASC"}]},
            ["flights", "airlines"],
        ),
    ],
)
@pytest.mark.parametrize("limit", [1, 10])
def test_tables_are_searched_narrowed_and_sorted(
    glue: Glue, flights: Json, asked: Json, names: list[str], limit: int
) -> None:
    columns = {"Columns": [{"Name": "carrier", "Type": "string"}]}
    glue.ask("CreateTable", DatabaseName="travel", TableInput={"Name": "airlines", "StorageDescriptor": columns})
    found: list[str] = []
    token: Json = {}
    while True:
        page = glue.ask("SearchTables", **asked, MaxResults=limit, **token)
        found += [table["Name"] for table in page["TableList"]]
        assert len(page["TableList"]) <= limit
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert found == names
