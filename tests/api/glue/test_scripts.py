"""Scripts over the Glue face: made of data flows and of mappings, and read back."""

from __future__ import annotations

import pytest

from tests.api.glue.conftest import Glue, Json

NODES: list[Json] = [
    {"Id": "read", "NodeType": "DataSource", "Args": [{"Name": "connection_type", "Value": '"s3"', "Param": False}]},
    {
        "Id": "written",
        "NodeType": "DataSink",
        "Args": [
            {"Name": "database", "Value": '"travel"', "Param": False},
            {"Name": "table_name", "Value": '"flights"', "Param": False},
            {"Name": "redshift_tmp_dir", "Value": "TempDir", "Param": True},
        ],
    },
]
EDGES = [{"Source": "read", "Target": "written", "TargetParameter": "frame"}]


def test_a_flow_becomes_a_script_and_the_script_that_flow(glue: Glue) -> None:
    script = glue.ask("CreateScript", DagNodes=NODES, DagEdges=EDGES, Language="PYTHON")["PythonScript"]
    found = glue.ask("GetDataflowGraph", PythonScript=script)
    lines = [node.pop("LineNumber") for node in found["DagNodes"]]
    assert found == {"DagNodes": NODES, "DagEdges": EDGES}
    told = script.split("\n")
    assert [told[line - 1] for line in lines] == ["## @type: DataSource", "## @type: DataSink"]


def test_nothing_becomes_a_script_that_does_nothing(glue: Glue) -> None:
    assert glue.ask("CreateScript")["PythonScript"].endswith("job.init(args['JOB_NAME'], args)\njob.commit()\n")
    assert glue.ask("GetDataflowGraph") == {"DagNodes": [], "DagEdges": []}


def test_what_no_script_can_be_made_of_is_refused(glue: Glue) -> None:
    refusal = glue.refusal("CreateScript", DagNodes=[{"Id": "x", "NodeType": "Pivot", "Args": []}])
    assert refusal.code == "InvalidInputException"
    assert "Node x is not valid: 'Pivot' is no type" in refusal.message


@pytest.mark.parametrize(
    ("operation", "asked"),
    [("CreateScript", {}), ("GetPlan", {"Mapping": [], "Source": {"DatabaseName": "d", "TableName": "t"}})],
)
def test_scripts_in_scala_are_refused_by_name(glue: Glue, operation: str, asked: Json) -> None:
    refusal = glue.refusal(operation, Language="SCALA", **asked)
    assert (refusal.code, "SCALA" in refusal.message) == ("OperationNotSupportedException", True)


FLIGHTS = {"DatabaseName": "travel", "TableName": "flights"}


def test_a_table_is_mapped_to_itself_in_the_types_of_scripts(glue: Glue, flights: Json) -> None:
    columns = [*flights["StorageDescriptor"]["Columns"], *flights["PartitionKeys"]]
    columns += [{"Name": "odd.one", "Type": "array<int>"}, {"Name": "big", "Type": "bigint"}]
    told = {**flights, "PartitionKeys": [], "StorageDescriptor": {**flights["StorageDescriptor"], "Columns": columns}}
    glue.ask("CreateTable", DatabaseName="travel", TableInput={**told, "Name": "odd"})
    found = glue.ask("GetMapping", Source={"DatabaseName": "travel", "TableName": "odd"})["Mapping"]
    assert [(each["SourcePath"], each["SourceType"]) for each in found] == [
        ("carrier", "string"),
        ("delay", "int"),
        ("year", "int"),
        ("origin", "string"),
        ("`odd.one`", "array"),
        ("big", "long"),
    ]
    assert all(each["TargetPath"] == each["SourcePath"] for each in found)
    assert {each["SourceTable"] for each in found} == {each["TargetTable"] for each in found} == {"odd"}


def test_a_mapping_to_another_table_has_the_columns_that_both_have(glue: Glue, flights: Json) -> None:
    columns = [{"Name": "Delay", "Type": "bigint"}, {"Name": "other", "Type": "string"}]
    glue.ask(
        "CreateTable", DatabaseName="travel", TableInput={"Name": "late", "StorageDescriptor": {"Columns": columns}}
    )
    late = {"DatabaseName": "travel", "TableName": "late"}
    (found,) = glue.ask("GetMapping", Source=FLIGHTS, Sinks=[late])["Mapping"]
    assert found == {
        "SourceTable": "flights",
        "SourcePath": "delay",
        "SourceType": "int",
        "TargetTable": "late",
        "TargetPath": "delay",
        "TargetType": "long",
    }
    script = glue.ask("GetPlan", Mapping=[found], Source=FLIGHTS, Sinks=[late])["PythonScript"]
    assert 'mappings = [("delay", "int", "delay", "long")]' in script
    nodes = glue.ask("GetDataflowGraph", PythonScript=script)["DagNodes"]
    assert [node["Id"] for node in nodes] == [
        "datasource0",
        "applymapping1",
        "selectfields2",
        "resolvechoice3",
        "datasink4",
    ]
    assert glue.refusal("GetMapping", Source={**FLIGHTS, "TableName": "none"}).code == "EntityNotFoundException"


def test_a_plan_for_a_place_in_s3_writes_there(glue: Glue) -> None:
    place = [{"Name": "path", "Value": '"s3://lake/out/"'}, {"Name": "format", "Value": '"parquet"'}]
    mapping = [{"SourcePath": "a", "SourceType": "int"}]
    script = glue.ask("GetPlan", Mapping=mapping, Source=FLIGHTS, Location={"S3": place})["PythonScript"]
    assert (
        'datasink4 = glueContext.write_dynamic_frame.from_options(frame = dropnullfields3, connection_type = "s3", '
        'connection_options = {"path": "s3://lake/out/"}, format = "parquet", transformation_ctx = "datasink4")'
    ) in script


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"Mapping": [{"SourcePath": "a"}]}, "needs SourcePath and SourceType"),
        ({"Location": {"DynamoDB": [{"Name": "a", "Value": "1"}]}}, "Location.DynamoDB"),
        ({"Location": {"Jdbc": [{"Name": "a", "Value": "1"}]}}, "needs connection_type; or catalog_connection"),
        ({"AdditionalPlanOptionsMap": {"inferSchema": "true"}}, "AdditionalPlanOptionsMap.inferSchema"),
        ({"Sinks": [FLIGHTS, {**FLIGHTS, "TableName": "late"}]}, "nothing of it leads to flights"),
    ],
)
def test_a_plan_that_cannot_be_carried_out_is_refused(glue: Glue, asked: Json, why: str) -> None:
    mapping = [{"SourcePath": "a", "SourceType": "int", "TargetTable": "late"}]
    assert why in glue.refusal("GetPlan", **{"Mapping": mapping, "Source": FLIGHTS, **asked}).message
