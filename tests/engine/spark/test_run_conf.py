"""Spark's settings for a run: the service's, the Glue version's, what its arguments mean, and the user's own last."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.jobs.glue_versions import GLUE_5
from engine.jobs.job_files import NO_FILES, JobFiles
from engine.jobs.sizing import Grant
from engine.model import Environment, Job, JobSpec
from engine.spark.run_conf import RunConf, run_conf
from engine.spark.spark import SparkSettings, catalog_conf

FOLDER = Path("/runs/jr_1")
SETTINGS = SparkSettings("local[2]", "1g", "thrift://127.0.0.1:9083", Path("/data/warehouse"), Path("/data"))
CLUSTER = replace(SETTINGS, master="spark://host:7077")


def conf_of(
    settings: SparkSettings, arguments: dict[str, str], glue_version: str = "5.1", files: JobFiles = NO_FILES
) -> RunConf:
    spec = JobSpec(Job("etl", "/etl.py", glue_version=glue_version), arguments)
    return run_conf(spec, "jr_1", FOLDER, settings, files)


def conf(glue_version: str = "5.1", **arguments: str) -> dict[str, str]:
    named = {f"--{name.replace('_', '-')}": value for name, value in arguments.items()}
    return conf_of(SETTINGS, named, glue_version).conf


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


def test_a_setting_under_its_old_name_is_set_under_its_present_one() -> None:
    found = conf(conf="spark.sql.legacy.parquet.int96RebaseModeInRead=LEGACY")
    assert found["spark.sql.parquet.int96RebaseModeInRead"] == "LEGACY"
    assert "spark.sql.legacy.parquet.int96RebaseModeInRead" not in found, "as which Spark 4 refuses it"


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
    assert "spark.sql.catalogImplementation" not in conf(enable_glue_datacatalog="false")


@pytest.fixture
def connector(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SparkSettings:
    """Settings with a folder in which the connector to S3 lies, and keys in the environment."""
    (tmp_path / "hadoop-aws-3.5.0.jar").touch()
    for name, value in {
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "hunter2",
        "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9000",
        "AWS_CONFIG_FILE": "/nonexistent",
        "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
    }.items():
        monkeypatch.setenv(name, value)
    return replace(SETTINGS, jars=tmp_path)


def test_with_the_connector_s3_is_set_up_and_its_keys_are_variables(connector: SparkSettings) -> None:
    found = conf_of(connector, {})
    assert found.conf["spark.hadoop.fs.s3a.endpoint"] == "http://127.0.0.1:9000"
    assert found.keys == {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "hunter2"}
    assert "hunter2" not in repr(found.conf)
    assert [line for line in found.remarks if "spark-hadoop-cloud" in line]


def test_a_place_that_no_request_may_go_to_is_told_and_the_run_goes_on(
    connector: SparkSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://192.0.2.1:9000")
    found = conf_of(connector, {})
    assert found.remarks == (
        "S3 is not set up: the endpoint is plain http on another machine; use https, or set AWS_ALLOW_HTTP=true.",
    )
    assert found.keys == {}


def test_a_connector_is_fetched_only_from_a_repository_that_is_named(connector: SparkSettings) -> None:
    repository = "https://repo1.maven.org/maven2"
    assert "spark.jars.packages" not in conf()
    assert "spark.jars.packages" not in conf_of(replace(connector, maven_repository=repository), {}).conf, (
        "one is at hand"
    )
    fetched = conf_of(replace(SETTINGS, maven_repository=repository), {}).conf
    assert fetched["spark.jars.packages"] == "org.apache.spark:spark-hadoop-cloud_2.13:4.3.0"
    assert fetched["spark.hadoop.fs.s3a.committer.name"] == "magic"
    assert fetched["spark.jars.ivy"] == "/data/ivy"


def test_the_optimized_committer_can_be_switched_off(connector: SparkSettings) -> None:
    assert connector.jars is not None
    (connector.jars / "spark-hadoop-cloud_2.13-4.3.0.jar").touch()
    name = "--enable-s3-parquet-optimized-committer"
    assert conf_of(connector, {}).conf["spark.hadoop.fs.s3a.committer.name"] == "magic"
    off = conf_of(connector, {name: "false"})
    assert "spark.hadoop.fs.s3a.committer.name" not in off.conf
    assert off.remarks == ()


def test_a_catalog_of_icebergs_that_the_user_sets_up_is_the_users_alone(tmp_path: Path) -> None:
    jar = tmp_path / "iceberg-spark-runtime-4.0_2.13-1.10.0.jar"
    files = JobFiles((jar,), (), ())
    name = "spark.sql.catalog.glue_catalog"
    arguments = {"--datalake-formats": "iceberg"}
    assert conf_of(SETTINGS, arguments, files=files).conf[f"{name}.type"] == "hive"
    asked = {**arguments, "--conf": f"{name}=org.apache.iceberg.spark.SparkCatalog --conf {name}.catalog-impl=a.B"}
    found = conf_of(SETTINGS, asked, files=files).conf
    assert {key for key in found if key.startswith(name)} == {name, f"{name}.catalog-impl"}


def test_on_this_machine_jars_are_on_the_class_path_and_elsewhere_they_are_sent(tmp_path: Path) -> None:
    files = JobFiles((tmp_path / "a.jar",), (tmp_path / "b.zip",), ())
    assert "spark.jars" not in conf_of(SETTINGS, {}, files=files).conf
    found = conf_of(CLUSTER, {"--user-jars-first": "true"}, files=files).conf
    assert (found["spark.jars"], found["spark.submit.pyFiles"]) == (str(tmp_path / "a.jar"), str(tmp_path / "b.zip"))
    assert found["spark.executor.userClassPathFirst"] == "true"


def test_sizes_and_scaling_are_sparks_on_a_cluster_and_told_as_without_effect_here() -> None:
    arguments = {"--executor-cores": "8", "--enable-auto-scaling": "true"}
    there, here = conf_of(CLUSTER, arguments), conf_of(SETTINGS, arguments)
    assert there.conf["spark.executor.cores"] == "8"
    assert there.conf["spark.dynamicAllocation.enabled"] == "true"
    assert there.remarks == ()
    assert "spark.dynamicAllocation.enabled" not in here.conf
    assert [line.partition(" has no effect")[0] for line in here.remarks] == [
        "--enable-auto-scaling",
        "--executor-cores",
    ]


ON_LOOPBACK = {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
STANDALONE = Environment("spark", "spark://10.0.0.5:7077")
YARN = Environment("hadoop", "yarn", {"spark.yarn.queue": "etl"}, driver_host="10.0.0.2", python="/opt/python")
KUBERNETES = Environment("pods", "k8s://https://10.0.0.9:6443", {"spark.kubernetes.container.image": "spark:4.3"})
SIZE = {"worker_type": "G.2X", "number_of_workers": 4}


def conf_in(there: Environment, *arguments: str, **size: Any) -> dict[str, str]:
    spec = JobSpec(Job("etl", "/etl.py", environment=there.name, **size), dict.fromkeys(arguments, "true"), there)
    return run_conf(spec, "jr_1", FOLDER, SETTINGS.placed(there).sized(Grant(8, 32, 4_096) if size else None)).conf


def test_a_size_is_told_to_a_standalone_cluster_as_cores_in_all() -> None:
    found = conf_in(STANDALONE, **SIZE)
    assert (found["spark.master"], found["spark.driver.memory"]) == ("spark://10.0.0.5:7077", "4096m")
    assert ON_LOOPBACK.items() <= found.items(), "until the environment says how executors reach this machine"
    sizes = {"spark.executor.cores": "8", "spark.executor.memory": "20480m", "spark.cores.max": "24"}
    assert sizes.items() <= found.items()
    assert "spark.executor.instances" not in found


def test_a_size_is_told_to_yarn_as_a_number_of_executors_with_room_beside_their_heap() -> None:
    found = conf_in(YARN, **SIZE)
    assert (found["spark.master"], found["spark.submit.deployMode"], found["spark.yarn.queue"]) == (
        "yarn",
        "client",
        "etl",
    )
    assert (found["spark.driver.host"], found["spark.driver.bindAddress"]) == ("10.0.0.2", "10.0.0.2")
    sizes = {"spark.executor.cores": "8", "spark.executor.memory": "20480m", "spark.executor.memoryOverhead": "6144m"}
    assert {**sizes, "spark.executor.instances": "3"}.items() <= found.items()


def test_a_size_is_told_to_kubernetes_with_the_cores_that_its_pods_request() -> None:
    found = conf_in(KUBERNETES, **SIZE)
    assert found["spark.master"] == "k8s://https://10.0.0.9:6443"
    assert (found["spark.executor.instances"], found["spark.kubernetes.executor.request.cores"]) == ("3", "8")
    assert found["spark.executor.memoryOverhead"] == "6144m"
    assert found["spark.kubernetes.container.image"] == "spark:4.3"


@pytest.mark.parametrize("there", [STANDALONE, YARN, KUBERNETES], ids=lambda each: each.name)
def test_with_auto_scaling_the_size_is_the_most_that_spark_may_have(there: Environment) -> None:
    found = conf_in(there, "--enable-auto-scaling", **SIZE)
    scaling = {name.rpartition(".")[2]: value for name, value in found.items() if "dynamicAllocation" in name}
    assert scaling.pop("maxExecutors") == "3"
    assert scaling == {"enabled": "true", "minExecutors": "1"}
    assert found["spark.dynamicAllocation.shuffleTracking.enabled"] == "true"
    assert "spark.executor.instances" not in found


@pytest.mark.parametrize("there", [STANDALONE, YARN, KUBERNETES], ids=lambda each: each.name)
def test_without_a_size_the_clusters_own_defaults_hold(there: Environment) -> None:
    found = conf_in(there)
    assert not {"spark.cores.max", "spark.executor.instances", "spark.executor.memory"} & found.keys()
    assert found["spark.driver.memory"] == "1g"


def test_what_an_environment_sets_wins_over_ours_and_what_the_job_sets_over_both() -> None:
    there = replace(STANDALONE, conf={"spark.executor.memory": "7g", "spark.cores.max": "5"})
    spec = JobSpec(
        Job("etl", "/etl.py", worker_type="G.1X", number_of_workers=3), {"--conf": "spark.cores.max=6"}, there
    )
    found = run_conf(spec, "jr_1", FOLDER, SETTINGS.placed(there)).conf
    assert (found["spark.executor.memory"], found["spark.cores.max"]) == ("7g", "6")
    assert found["spark.executor.cores"] == "4"


def test_executors_elsewhere_get_the_keys_of_s3_and_those_here_inherit_them(connector: SparkSettings) -> None:
    here, there = conf_of(connector, {}).conf, conf_of(replace(connector, master="spark://host:7077"), {}).conf
    assert there["spark.executorEnv.AWS_SECRET_ACCESS_KEY"] == "hunter2"
    assert not [name for name in here if name.startswith("spark.executorEnv.")]


def test_sparks_ui_is_on_a_free_port_for_a_run_that_asks_for_it() -> None:
    found = conf(enable_spark_ui="true")
    assert (found["spark.ui.enabled"], found["spark.ui.port"], found["spark.ui.killEnabled"]) == ("true", "0", "false")
    assert conf(enable_spark_ui="false")["spark.ui.enabled"] == "false"


def test_variables_for_executors_are_given_to_sparks_workers() -> None:
    found = conf(customer_executor_env_vars='CUSTOMER_A=1,CUSTOMER_B="2, 3"')
    assert (found["spark.executorEnv.CUSTOMER_A"], found["spark.executorEnv.CUSTOMER_B"]) == ("1", "2, 3")
