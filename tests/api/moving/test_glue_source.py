"""Importing from what answers AWS Glue's API: moto's server; and each shape of the API as the catalog's value."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from api.glue.shapes.functions import function_value
from api.glue.shapes.statistics import statistics_value
from api.glue.shapes.storage import storage_value
from api.glue.shapes.tables import link_of
from api.moving.errors import SourceUnavailable
from api.moving.glue_source import glue_client, read_glue
from api.moving.importing import Importing
from api.moving.records import wanted
from catalog import statistics as kinds
from catalog.catalog import Catalog
from catalog.model import Function, Resource, SortColumn
from tests.api.moving.conftest import AWKWARD, exported, told

EVERYTHING = wanted([])
PARTITIONS = 620  # more than one part of them


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """The usual chain, ended by the environment; and no second try at what moto cannot do."""
    for name in ("AWS_PROFILE", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")


@pytest.fixture(scope="module")
def moto() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def glue(moto: str) -> Iterator[Any]:
    with filled_glue(moto) as client:
        yield client


STORAGE = {
    "Columns": [{"Name": "id", "Type": "bigint", "Comment": "ünï", "Parameters": {"k": "v"}}],
    "Location": "s3://lake/t b%2F",
    "InputFormat": "in",
    "OutputFormat": "out",
    "Compressed": True,
    "NumberOfBuckets": 4,
    "SerdeInfo": {"Name": "n", "SerializationLibrary": "lib", "Parameters": {"serialization.format": "1"}},
    "BucketColumns": ["id"],
    "SortColumns": [{"Column": "id", "SortOrder": 0}],
    "Parameters": {"p": "q"},
    "StoredAsSubDirectories": True,
}


@contextmanager
def filled_glue(url: str) -> Iterator[Any]:
    with glue_client(url) as client:
        client.create_database(
            DatabaseInput={"Name": "web", "Description": "d", "LocationUri": "s3://lake", "Parameters": AWKWARD}
        )
        client.create_database(DatabaseInput={"Name": "other"})
        table = {
            "Name": "visits",
            "StorageDescriptor": STORAGE,
            "PartitionKeys": [{"Name": "day", "Type": "int"}],
            "TableType": "EXTERNAL_TABLE",
            "Parameters": {**AWKWARD, "EXTERNAL": "TRUE"},
            "Description": "what was looked at",
            "Owner": "ada",
            "Retention": 3,
        }
        client.create_table(DatabaseName="web", TableInput=table)
        texts = {"ViewOriginalText": "/* Presto View */", "ViewExpandedText": "x"}
        view = {"Name": "v", "TableType": "VIRTUAL_VIEW", **texts}
        client.create_table(DatabaseName="web", TableInput=view)
        for start in range(0, PARTITIONS, 100):
            inputs = [
                {"Values": [str(day)], "StorageDescriptor": STORAGE, "Parameters": {"n": str(day)}}
                for day in range(start, min(start + 100, PARTITIONS))
            ]
            client.batch_create_partition(DatabaseName="web", TableName="visits", PartitionInputList=inputs)
        yield client
        for name in ("web", "other"):
            client.delete_database(Name=name)


def test_a_glue_catalog_is_imported_and_the_second_time_unchanged(glue: Any, catalog: Catalog) -> None:
    counts = told(catalog, read_glue(glue, EVERYTHING, statistics=False))
    assert counts["table", "created"] == 2
    assert counts["partition", "created"] == PARTITIONS
    assert counts["database", "created"] == 2
    first = exported(catalog)
    again = told(catalog, read_glue(glue, EVERYTHING, statistics=False))
    assert {action for _, action in again} == {"unchanged", "skipped"}
    assert exported(catalog) == first


def test_what_glue_tells_arrives_to_the_byte(glue: Any, empty: Catalog) -> None:
    told(empty, read_glue(glue, wanted(["web"]), statistics=False))
    assert empty.get_database("web").parameters == AWKWARD
    table = empty.get_table("web", "visits")
    assert table.parameters == {**AWKWARD, "EXTERNAL": "TRUE"}
    assert (table.description, table.owner, table.retention) == ("what was looked at", "ada", 3)
    assert table.storage == storage_value(STORAGE)
    assert empty.get_table("web", "v").view_original_text == "/* Presto View */"
    assert empty.get_partition("web", "visits", ("7",)).parameters == {"n": "7"}
    assert [database.name for database in empty.iter_databases()] == ["web"]


def test_operations_that_the_endpoint_lacks_are_left_out_and_named(glue: Any, empty: Catalog) -> None:
    found = list(Importing(empty).take(read_glue(glue, wanted(["web"]))))
    assert [each for each in found if each.action == "failed"] == []
    assert {each.why for each in found if each.action == "skipped"} == {
        f"the endpoint has no {name}"
        for name in ("GetUserDefinedFunctions", "GetColumnStatisticsForTable", "GetColumnStatisticsForPartition")
    }


def test_a_glue_that_does_not_answer_is_named(empty: Catalog) -> None:
    with (
        pytest.raises(SourceUnavailable, match=r"Glue at http://127.0.0.1:9 cannot be read: Could not connect"),
        glue_client("http://127.0.0.1:9") as client,
    ):
        list(read_glue(client, EVERYTHING))


def test_missing_credentials_and_regions_are_named(moto: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SourceUnavailable, match="AWS Glue cannot be read: You must specify a region"), glue_client():
        pytest.fail("it was opened")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    with (
        pytest.raises(SourceUnavailable, match="Unable to locate credentials"),
        glue_client(moto, "eu-west-1") as client,
    ):
        list(read_glue(client, EVERYTHING))


# ── shapes; each is checked against the API's own description ────────────────────────────────────────────────────────


def valid(name: str, value: Any) -> Any:
    """`value`, if boto3's description of the API has it as shape `name`."""
    from botocore.validate import ParamValidator

    client = boto3.client("glue", region_name="us-east-1")
    report = ParamValidator().validate(value, client.meta.service_model.shape_for(name))
    assert not report.has_errors(), report.generate_report()
    return value


def test_a_storage_descriptor_is_translated_whole() -> None:
    found = storage_value(valid("StorageDescriptor", STORAGE))
    assert (found.number_of_buckets, found.compressed, found.stored_as_sub_directories) == (4, True, True)
    assert found.sort_columns == (SortColumn("id", ascending=False),)
    assert (found.serde.name, found.serde.library) == ("n", "lib")
    assert storage_value({}).number_of_buckets == 0


def test_a_function_is_translated_whole() -> None:
    shape = {
        "FunctionName": "f",
        "DatabaseName": "d",
        "ClassName": "com.acme.F",
        "OwnerName": "ada",
        "OwnerType": "ROLE",
        "ResourceUris": [{"ResourceType": "JAR", "Uri": "s3://lib/a.jar"}],
    }
    expected = Function("d", "f", "com.acme.F", "ada", "ROLE", resources=(Resource("JAR", "s3://lib/a.jar"),))
    assert function_value("d", valid("UserDefinedFunction", shape)) == expected


DAY = datetime(1970, 1, 1, tzinfo=UTC)
BOUNDED = {"NumberOfNulls": 1, "NumberOfDistinctValues": 2}
DATA = {
    "boolean": ({"NumberOfTrues": 1, "NumberOfFalses": 2, "NumberOfNulls": 3}, kinds.BooleanValues(1, 2, 3)),
    "long": ({"MinimumValue": -5, "MaximumValue": 7, **BOUNDED}, kinds.LongValues(-5, 7, 1, 2)),
    "double": ({"MinimumValue": 0.5, "MaximumValue": 7.0, **BOUNDED}, kinds.DoubleValues(0.5, 7.0, 1, 2)),
    "string": ({"MaximumLength": 9, "AverageLength": 1.5, **BOUNDED}, kinds.StringValues(9, 1.5, 1, 2)),
    "binary": ({"MaximumLength": 9, "AverageLength": 1.5, "NumberOfNulls": 1}, kinds.BinaryValues(9, 1.5, 1)),
    "date": (
        {"MinimumValue": DAY - timedelta(1), "MaximumValue": DAY + timedelta(2), **BOUNDED},
        kinds.DateValues(-1, 2, 1, 2),
    ),
    "decimal": (
        {
            "MinimumValue": {"UnscaledValue": b"\xff\x38", "Scale": 2},
            "MaximumValue": {"UnscaledValue": (10**37 + 1).to_bytes(16, "big"), "Scale": 18},
            **BOUNDED,
        },
        kinds.DecimalValues(Decimal("-2.00"), Decimal("10000000000000000000.000000000000000001"), 1, 2),
    ),
}


@pytest.mark.parametrize("kind", DATA)
def test_column_statistics_are_translated_exactly(kind: str) -> None:
    members, values = DATA[kind]
    shape = {
        "ColumnName": "c",
        "ColumnType": "t",
        "AnalyzedTime": datetime(2026, 1, 1, tzinfo=UTC),
        "StatisticsData": {"Type": kind.upper(), f"{kind.capitalize()}ColumnStatisticsData": members},
    }
    assert statistics_value(valid("ColumnStatistics", shape)).values == values


def test_bounds_that_are_not_told_are_not_known() -> None:
    data = {"Type": "LONG", "LongColumnStatisticsData": BOUNDED}
    found = statistics_value({"ColumnName": "c", "ColumnType": "int", "StatisticsData": data})
    assert found.values == kinds.LongValues(None, None, 1, 2)


def test_a_link_to_another_account_s_table_names_what_it_stands_for() -> None:
    target = {"CatalogId": "123456789012", "DatabaseName": "d", "Name": "t"}
    assert link_of(valid("Table", {"Name": "l", "TargetTable": target})) == "123456789012.d.t"
    assert link_of({"Name": "t"}) is None
