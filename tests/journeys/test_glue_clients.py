"""A user who knows nothing but boto3: another endpoint, and Glue's calls really crawl and really run Spark."""

from __future__ import annotations

from typing import Any

import boto3

from tests.journeys.flights import JOB, ROWS, demand_rows
from tests.journeys.installation import SAMPLES, Installation, Service, until

NOTED = """
import sys
from awsglue.utils import getResolvedOptions
args = getResolvedOptions(sys.argv, ["JOB_NAME", "WORKFLOW_NAME", "note"])
open(args["note"], "w").write(args["WORKFLOW_NAME"])
"""


def client(service: Service) -> Any:
    return boto3.client(
        "glue", endpoint_url=service.endpoint, region_name="eu-west-1",
        aws_access_key_id="any", aws_secret_access_key="any",
    )  # fmt: skip


def crawl(glue: Any, name: str) -> dict[str, Any]:
    """The crawler's last crawl, once it has ended."""
    glue.start_crawler(Name=name)
    assert glue.get_crawler(Name=name)["Crawler"]["State"] == "RUNNING"
    until(lambda: glue.get_crawler(Name=name)["Crawler"]["State"] == "READY", "the crawl ends")
    last: dict[str, Any] = glue.get_crawler(Name=name)["Crawler"]["LastCrawl"]
    return last


def define(glue: Any, installation: Installation) -> None:
    """The flights job, and a workflow that runs it and then a job that notes it."""
    glue.create_job(
        Name=JOB,
        Role="any",
        Command={"Name": "glueetl", "ScriptLocation": str(SAMPLES / "jobs" / "flight_delays.py"), "PythonVersion": "3"},
        DefaultArguments={
            "--database": "travel",
            "--output_path": f"file://{installation.output}/",
            "--job-bookmark-option": "job-bookmark-enable",
        },
        GlueVersion="5.1",
        WorkerType="G.1X",
        NumberOfWorkers=2,
    )
    script = installation.folder / "note.py"
    script.write_text(NOTED)
    command = {"Name": "pythonshell", "ScriptLocation": str(script)}
    glue.create_job(Name="note", Role="any", Command=command, DefaultArguments={"--note": f"{script}.done"})
    glue.create_workflow(Name="nightly", MaxConcurrentRuns=1)
    glue.create_trigger(Name="begin", Type="ON_DEMAND", WorkflowName="nightly", Actions=[{"JobName": JOB}])
    met = {"LogicalOperator": "EQUALS", "JobName": JOB, "State": "SUCCEEDED"}
    glue.create_trigger(
        Name="then", Type="CONDITIONAL", WorkflowName="nightly", StartOnCreation=True,
        Predicate={"Logical": "AND", "Conditions": [met]}, Actions=[{"JobName": "note"}],
    )  # fmt: skip


def test_boto3_is_enough_to_crawl_to_run_spark_and_to_follow_a_workflow(installation: Installation) -> None:
    installation.lay_out_lake()
    service = installation.serve()
    glue = client(service)
    glue.create_database(DatabaseInput={"Name": "travel", "Description": "flights from New York, 2013"})
    glue.create_crawler(
        Name="lake", Role="any", DatabaseName="travel", Targets={"S3Targets": [{"Path": str(installation.lake)}]}
    )
    assert crawl(glue, "lake")["Status"] == "SUCCEEDED"
    pages = glue.get_paginator("get_tables").paginate(DatabaseName="travel", PaginationConfig={"PageSize": 2})
    names = [table["Name"] for page in pages for table in page["TableList"]]
    assert names == ["aircraft", "airlines", "flights", "planes", "weather"]
    february = glue.get_partitions(DatabaseName="travel", TableName="flights", Expression="month = 2")["Partitions"]
    assert [each["Values"] for each in february] == [["2013", "2"]]

    define(glue, installation)
    workflow_run = glue.start_workflow_run(Name="nightly")["RunId"]

    def ended() -> dict[str, Any] | None:
        run: dict[str, Any] = glue.get_workflow_run(Name="nightly", RunId=workflow_run)["Run"]
        return run if run["Status"] != "RUNNING" else None

    run = until(ended, "the workflow ends")
    assert (run["Status"], run["Statistics"]["SucceededActions"]) == ("COMPLETED", 2)
    [first] = glue.get_job_runs(JobName=JOB)["JobRuns"]
    assert (first["JobRunState"], first["WorkerType"], first["TriggerName"]) == ("SUCCEEDED", "G.1X", "begin")
    assert first["DPUSeconds"] > 0
    assert (installation.folder / "note.py.done").read_text() == "nightly"
    demand_rows(installation, installation.output, ROWS)
    made = glue.get_table(DatabaseName="travel", Name="flight_delays")["Table"]
    assert [key["Name"] for key in made["PartitionKeys"]] == ["year", "month"]
    assert glue.get_job_bookmark(JobName=JOB)["JobBookmarkEntry"]["RunId"] == first["Id"]
    assert service.stop() == 0
