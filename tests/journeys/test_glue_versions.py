"""What a script finds Spark set to, by the Glue version of its job."""

from __future__ import annotations

import json

import pytest

from engine.jobs.glue_versions import GLUE_5
from engine.model import Job
from tests.journeys.installation import Installation

SCRIPT = f"""
import json
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
found = {{name: spark.conf.get(name, None) for name in {[*GLUE_5, "spark.sql.session.timeZone"]}}}
one = "cast('a' as int)" if found["spark.sql.ansi.enabled"] == "false" else "1"
print(json.dumps({{**found, "answer": spark.sql(f"select {{one}} as x, '1' + 1 as y").collect()[0].asDict()}}))
"""


@pytest.mark.parametrize("version", ["5.1", "6.0"])
def test_a_script_finds_the_spark_of_its_glue_version(installation: Installation, version: str) -> None:
    installation.engine.create_job(Job("show", "show.py", glue_version=version, script_text=SCRIPT))
    run = installation.json("job", "run", "show")["run"]
    found = json.loads((installation.home / "runs" / run["id"] / "output.log").read_text())
    assert found["spark.sql.session.timeZone"] == "UTC"
    told = {name: found[name] for name in GLUE_5}
    if version == "5.1":
        assert told == GLUE_5
        assert found["answer"] == {"x": None, "y": 2.0}
    else:
        assert not [name for name, value in told.items() if value == GLUE_5[name]], "today's Spark answers otherwise"
        assert found["answer"] == {"x": 1, "y": 2}
