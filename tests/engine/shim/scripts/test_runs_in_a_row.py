"""Scripts run several times: bookmarks by transformation_ctx, a failure in between, and a job that feeds another."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.engine.shim.scripts.lake import Lake

PRELUDE = """
import sys
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from awsglue.context import GlueContext
from awsglue.job import Job

args = getResolvedOptions(sys.argv, ["JOB_NAME"])
glueContext = GlueContext(SparkContext.getOrCreate())
job = Job(glueContext)
job.init(args["JOB_NAME"], args)
"""
COPY = f"""{PRELUDE}
frame = glueContext.create_dynamic_frame.from_options(
    "s3", {{"paths": ["s3://lake/in/"]}}, "json", transformation_ctx="in"
)
glueContext.write_dynamic_frame.from_options(
    frame, "s3", {{"path": "s3://lake/out/"}}, "json", transformation_ctx="out"
)
if "--fail" in sys.argv:
    raise RuntimeError("before the commit")
job.commit()
"""
TOTAL = f"""{PRELUDE}
df = glueContext.create_dynamic_frame.from_options("s3", {{"paths": ["s3://lake/out/"]}}, "json").toDF()
df.groupBy().sum("id").withColumnRenamed("sum(id)", "total").write.json("s3://lake/total/")
job.commit()
"""
Script = Callable[..., object]


def ids(lake: Lake) -> list[int]:
    return sorted(record["id"] for record in lake.records("out"))


def test_a_run_reads_what_came_since_the_last_that_committed(lake: Lake, run_script: Script) -> None:
    lake.lay("in/a.json", '{"id": 1}\n')
    run_script(COPY)
    run_script(COPY)
    assert ids(lake) == [1]
    lake.lay("in/b.json", '{"id": 2}\n')
    with pytest.raises(RuntimeError, match="before the commit"):
        run_script(COPY, "--fail", "yes")
    run_script(COPY)
    assert ids(lake) == [1, 2, 2], "a failed run's input is read again, and its output stays, as on AWS"


def test_a_job_reads_what_the_job_before_it_wrote(lake: Lake, run_script: Script) -> None:
    lake.lay("in/a.json", '{"id": 1}\n{"id": 5}\n')
    run_script(COPY)
    run_script(TOTAL)
    assert lake.records("total") == [{"total": 6}]
