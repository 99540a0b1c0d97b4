"""What goes wrong in a user's hands: each is one line that names the thing and the way out, and harms nothing else."""

from __future__ import annotations

import json

from tests.journeys.installation import SAMPLES, Installation, lines_of

FAILS_IN_A_WORKER = """
from pyspark.context import SparkContext
from pyspark.sql import SparkSession
from pyspark.sql.functions import udf

session = SparkSession.builder.getOrCreate()
print(session.range(10).count(), "rows")
month = udf(lambda number: {}[number])
session.range(1).select(month("id")).collect()
"""


def test_files_that_cannot_be_read_are_named_and_the_others_are_crawled(installation: Installation) -> None:
    installation.lay_out_lake()
    planes = installation.lake / "planes" / "planes.parquet"
    (installation.lake / "planes" / "half.parquet").write_bytes(planes.read_bytes()[:20_000])
    (installation.lake / "weather" / "broken.json.gz").write_bytes(b"\x1f\x8b\x08\x00" + b"\x00" * 40)
    installation.run("database", "create", "travel")

    report = installation.json("crawl", installation.lake, "--database", "travel")
    assert {table["name"] for table in report["tables"]} == {"aircraft", "airlines", "flights", "planes", "weather"}
    failed = {note["place"].rpartition("/")[2]: note["reason"] for note in report["files"]["failed"]["shown"]}
    assert set(failed) == {"half.parquet", "broken.json.gz"}
    assert all(failed.values())
    told = lines_of(installation.run("crawl", installation.lake, "--database", "travel"))
    assert [
        line.strip().partition(": ")[0].rpartition("/")[2] for line in told if "half" in line or "broken" in line
    ] == [
        "half.parquet",
        "broken.json.gz",
    ]


def test_a_home_serves_one_service_and_what_is_refused_harms_nothing(installation: Installation) -> None:
    service = installation.serve()
    line = installation.refusal("serve", "--port", 0, "--hive-port", 0)
    assert f"process {service.process.pid}, {service.endpoint}" in line
    assert "give another home with --home" in line

    installation.run("database", "create", "travel")
    line = installation.refusal("crawl", installation.folder / "no-such-lake", "--database", "travel")
    assert "no-such-lake does not exist" in line
    line = installation.refusal("crawl", SAMPLES / "lake", "--database", "shop")
    assert "Database shop not found." in line
    line = installation.refusal("job", "run", "no-such-job")
    assert "Job no-such-job not found." in line

    found = service.ask("{ databases { edges { node { name } } } }")["databases"]["edges"]
    assert [edge["node"]["name"] for edge in found] == ["default", "travel"]
    note = json.loads((installation.home / "service.json").read_text())
    assert note["endpoint"] == service.endpoint


def test_a_script_that_fails_in_a_worker_of_spark_says_what_was_raised_there(installation: Installation) -> None:
    script = installation.folder / "months.py"
    script.write_text(FAILS_IN_A_WORKER)
    installation.run("job", "create", "months", script)
    done = installation.try_("job", "run", "months")
    assert done.returncode == 1
    assert "PythonException: KeyError: 0 (line 8 of the script)" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    [run] = installation.json("job", "runs", "months")
    assert run["state"] == "FAILED"
    assert run["figures"]["failed_tasks"] >= 1
    assert installation.run("job", "logs", run["id"]) == "10 rows\n"
    assert "KeyError: 0" in installation.run("job", "logs", run["id"], "--errors")
