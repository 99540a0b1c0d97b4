"""What is Spark's in a job run: the real supervisor and driver, with a Java that is only a shell script."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from catalog.errors import DomainError
from engine.errors import ArgumentRefused, LakeFormatMissing, UnsuitableJava
from engine.jobs.job_files import JobFiles
from engine.model import Environment, Job, JobSpec, Outcome
from engine.running.scripts import ScriptRun
from engine.spark.spark import SparkSettings
from engine.spark.sparkjobs import SparkJobs
from engine.states import RunState
from tests.engine.running.job_bench import Bench
from tests.engine.spark.fake_java import make_java


@pytest.mark.parametrize("command", ["glueetl", "gluestreaming"])
def test_a_script_with_spark_has_its_java_beside_it(bench: Bench, command: str) -> None:
    script = """
import json, os, sys
named = [name for name in sorted(os.environ) if name.startswith("PYSPARK_GATEWAY") or name == "SPARK_HOME"]
print(json.dumps([__name__, named, "pyspark" in sys.modules]))
"""
    assert bench.execute(bench.run(script, command=command)) == Outcome(RunState.SUCCEEDED)
    names = ["PYSPARK_GATEWAY_PORT", "PYSPARK_GATEWAY_SECRET", "SPARK_HOME"]
    assert json.loads(bench.output()) == ["__main__", names, True]


def test_a_python_shell_script_has_no_java_and_no_spark(bench: Bench) -> None:
    bench.use(bench.folder / "no such Java")
    script = """
import os, sys
from awsglue.utils import getResolvedOptions
print(getResolvedOptions(sys.argv, ["day"])["day"], "pyspark" in sys.modules, "SPARK_HOME" in os.environ)
"""
    run = bench.run(script, {"--day": "monday", "--conf": "spark.sql.ansi.enabled=true"})
    assert bench.execute(run) == Outcome(RunState.SUCCEEDED)
    assert bench.output() == "monday False False\n"
    assert "isinglass: --conf has no effect here: there is no Spark.\n" in bench.errors()


def test_a_java_that_ends_by_itself_is_the_reason(bench: Bench) -> None:
    bench.use(make_java(bench.folder / "broken", begin="exit 134"))
    detail = "Spark's Java ended with code 134 before the script did; see the error log"
    assert bench.execute(bench.run("pass", command="glueetl")) == Outcome(RunState.FAILED, detail)


@pytest.mark.parametrize("version", ["1.8.0_412", "11.0.2", "25.0.1"])
def test_a_java_that_cannot_run_spark_is_refused_by_name(bench: Bench, version: str) -> None:
    bench.use(make_java(bench.folder / "unsuitable", version))
    with pytest.raises(UnsuitableJava, match=f"unsuitable cannot run Spark: .*{version.partition('_')[0][:3]}"):
        bench.execute(bench.run("pass", command="glueetl"))


def test_a_job_in_scala_is_refused_before_anything_starts(bench: Bench) -> None:
    with pytest.raises(ArgumentRefused, match="--job-language scala of job totals is not supported here"):
        bench.execute(bench.run("pass", {"--job-language": "scala"}, command="glueetl"))
    with pytest.raises(LakeFormatMissing, match="Format delta of job totals needs delta-spark"):
        bench.execute(bench.run("pass", {"--datalake-formats": "delta"}, command="glueetl"))


def test_a_user_s_conf_that_is_no_setting_is_refused(bench: Bench) -> None:
    with pytest.raises(DomainError, match="--conf 'memory' of job totals is not valid"):
        bench.execute(bench.run("pass", {"--conf": "memory=2g"}, command="glueetl"))


def test_to_executors_elsewhere_awsglue_and_single_modules_go_as_archives(tmp_path: Path) -> None:
    (tmp_path / "run" / "work").mkdir(parents=True)
    modules, archive, layer = tmp_path / "python", tmp_path / "more.zip", tmp_path / "layer"
    modules.mkdir()
    (modules / "tools.py").write_text("")
    wheel = tmp_path / "parts-1.0-py3-none-any.whl"
    wheel.write_bytes(b"PK")
    files = JobFiles((), (modules, archive, wheel), ())
    there = Environment("store", "spark://10.0.0.5:7077", driver_host="10.0.0.2", python="/opt/python")
    spec = JobSpec(Job("etl", "/etl.py", environment="store"), {}, there)
    run = ScriptRun(spec, "jr_1", tmp_path / "run", files, (modules, archive, wheel, layer))
    settings = SparkSettings("local[1]", "512m", "thrift://127.0.0.1:2", tmp_path, tmp_path)
    equipped = SparkJobs(settings, make_java(tmp_path / "java")).equip(run)

    conf = dict(line.split("=", 1) for line in (tmp_path / "run" / "spark.conf").read_text().splitlines())
    shim, packed, brought, unpacked = (Path(path) for path in conf["spark.submit.pyFiles"].split(","))
    assert (brought, unpacked.name) == (archive, "parts-1.0-py3-none-any.zip")
    assert zipfile.ZipFile(packed).namelist() == ["tools.py"]
    assert "awsglue/context.py" in zipfile.ZipFile(shim).namelist()
    assert conf["spark.executorEnv.PYTHONPATH"] == str(layer)
    assert equipped.warm is None
    assert (equipped.environment["PYSPARK_PYTHON"], equipped.environment["SPARK_LOCAL_IP"]) == (
        "/opt/python",
        "10.0.0.2",
    )
