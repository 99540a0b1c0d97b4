"""Jars: where the connector to S3 is found, what it is told, and what the formats of lakes need."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawlers.places.aws import find_access
from engine.errors import JarFolderMissing, LakeFormatMissing, UnknownLakeFormat
from engine.model import Encryption
from engine.spark.jars import S3Connector, find_connector, lake_conf, list_jars
from engine.spark.s3_conf import s3_conf, s3_environment

KEYS = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "hunter2", "AWS_EC2_METADATA_DISABLED": "true"}
NEW, OLD = S3Connector((3, 5), True), S3Connector((3, 3), False)


def paths(*names: str) -> list[Path]:
    return [Path("/jars") / name for name in names]


def conf(
    connector: S3Connector, magic: bool = True, encryption: Encryption | None = None, **environment: str
) -> dict[str, str]:
    found = s3_conf(connector, find_access({**KEYS, **environment, "HOME": "/nonexistent"}), magic, encryption)
    return {name.removeprefix("spark.hadoop."): value for name, value in found.items()}


@pytest.mark.parametrize(
    ("names", "fetched", "connector"),
    [
        (["hadoop-aws-3.5.0.jar", "bundle-2.35.4.jar"], False, S3Connector((3, 5), False)),
        (["hadoop-aws-3.5.0.jar", "spark-hadoop-cloud_2.13-4.3.0.jar"], True, S3Connector((3, 5), True)),
        (["hadoop-aws-3.3.1.jar"], True, S3Connector((3, 3), False)),
        (["postgresql-42.jar", "hadoop-aws.txt"], True, S3Connector(None, True)),
        (["postgresql-42.jar"], False, None),
    ],
)
def test_a_connector_at_hand_comes_before_one_that_is_fetched(
    names: list[str], fetched: bool, connector: S3Connector | None
) -> None:
    assert find_connector(paths(*names), fetched) == connector


def test_every_name_of_s3_means_the_one_connector() -> None:
    found = conf(NEW)
    assert {found[f"fs.{name}.impl"] for name in ("s3", "s3a", "s3n")} == {"org.apache.hadoop.fs.s3a.S3AFileSystem"}


def test_no_key_is_among_the_settings_but_in_the_environment() -> None:
    access = find_access({**KEYS, "HOME": "/nonexistent"})
    assert "hunter2" not in repr(s3_conf(NEW, access, True))
    assert s3_environment(access) == {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "hunter2"}


def test_a_store_of_ones_own_is_reached_by_its_address_and_path() -> None:
    found = conf(NEW, AWS_ENDPOINT_URL_S3="http://127.0.0.1:9000/", AWS_REGION="eu-west-1")
    assert found["fs.s3a.endpoint"] == "http://127.0.0.1:9000"
    assert found["fs.s3a.endpoint.region"] == "eu-west-1"
    assert (found["fs.s3a.path.style.access"], found["fs.s3a.connection.ssl.enabled"]) == ("true", "false")
    hosted = {"AWS_ENDPOINT_URL": "https://s3.example.org", "AWS_VIRTUAL_HOSTED_STYLE_REQUEST": "true"}
    assert conf(NEW, True, None, **hosted)["fs.s3a.path.style.access"] == "false"
    assert "fs.s3a.endpoint" not in conf(NEW), "AWS itself"


def test_a_connector_of_hadoop_3_3_gets_numbers_and_its_own_sdks_classes() -> None:
    old, new = conf(OLD), conf(NEW)
    assert old["fs.s3a.threads.keepalivetime"] == "60"
    assert "fs.s3a.threads.keepalivetime" not in new
    assert "com.amazonaws.auth.Environment" in old["fs.s3a.aws.credentials.provider"]
    assert "software.amazon.awssdk.auth.credentials.Environment" in new["fs.s3a.aws.credentials.provider"]


def test_without_keys_requests_are_not_signed() -> None:
    found = conf(NEW, AWS_SKIP_SIGNATURE="true")
    assert found["fs.s3a.aws.credentials.provider"] == "org.apache.hadoop.fs.s3a.AnonymousAWSCredentialsProvider"


def test_writes_are_committed_without_renaming_where_the_classes_are_there_and_that_is_wanted() -> None:
    assert conf(NEW)["fs.s3a.committer.name"] == "magic"
    for found in (conf(OLD), conf(NEW, magic=False)):
        assert "fs.s3a.committer.name" not in found
        assert found["mapreduce.fileoutputcommitter.algorithm.version"] == "1"


def test_the_store_is_asked_to_encrypt() -> None:
    own, of_kms = Encryption("SSE-S3"), Encryption("SSE-KMS", "arn:aws:kms:us-east-1:1:key/k")
    assert conf(NEW, encryption=own)["fs.s3a.encryption.algorithm"] == "AES256"
    assert conf(OLD, encryption=own)["fs.s3a.server-side-encryption-algorithm"] == "AES256"
    assert encrypted_by(NEW, of_kms) == {"encryption.algorithm": "SSE-KMS", "encryption.key": of_kms.key}
    assert encrypted_by(OLD, of_kms) == {
        "server-side-encryption-algorithm": "SSE-KMS",
        "server-side-encryption.key": of_kms.key,
    }
    assert not any("encryption" in name for name in conf(NEW))


def encrypted_by(connector: S3Connector, encryption: Encryption) -> dict[str, str]:
    found = conf(connector, encryption=encryption)
    return {name.removeprefix("fs.s3a."): value for name, value in found.items() if "encryption" in name}


def test_a_folder_of_jars_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "b.jar").touch()
    (tmp_path / "a.jar").touch()
    (tmp_path / "notes.txt").touch()
    assert list_jars(tmp_path) == (tmp_path / "a.jar", tmp_path / "b.jar")
    assert list_jars(None) == ()
    with pytest.raises(JarFolderMissing, match="that ISINGLASS_JARS names is not there"):
        list_jars(tmp_path / "gone")


LAKE_JARS = paths(
    "delta-spark_2.13-4.0.0.jar", "iceberg-spark-runtime-4.0_2.13-1.10.0.jar", "hudi-spark4.0-bundle_2.13-1.1.0.jar"
)


def lake(*formats: str) -> dict[str, str]:
    return lake_conf("etl", formats, LAKE_JARS, "thrift://127.0.0.1:9083", "file:///warehouse")


def test_delta_takes_sparks_own_catalog_and_iceberg_stands_beside_it() -> None:
    found = lake("Delta", "iceberg")
    assert found["spark.sql.extensions"].split(",") == [
        "io.delta.sql.DeltaSparkSessionExtension",
        "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
    ]
    assert found["spark.sql.catalog.spark_catalog"] == "org.apache.spark.sql.delta.catalog.DeltaCatalog"
    assert found["spark.sql.catalog.glue_catalog.uri"] == "thrift://127.0.0.1:9083"


def test_iceberg_alone_takes_sparks_own_catalog_too() -> None:
    assert lake("iceberg")["spark.sql.catalog.spark_catalog"] == "org.apache.iceberg.spark.SparkSessionCatalog"
    assert lake("iceberg")["spark.sql.catalog.spark_catalog.type"] == "hive"


def test_hudi_has_its_serializer() -> None:
    assert lake("hudi")["spark.serializer"] == "org.apache.spark.serializer.KryoSerializer"
    assert lake() == {}


@pytest.mark.parametrize("name", ["delta", "iceberg", "hudi"])
def test_without_its_jar_a_format_is_refused_with_the_way_out(name: str) -> None:
    with pytest.raises(
        LakeFormatMissing, match=rf"Format {name} of job etl needs {name}.*ISINGLASS_JARS.*--extra-jars"
    ):
        lake_conf("etl", [name], paths("hadoop-aws-3.5.0.jar"), "", "")


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(UnknownLakeFormat, match="formats are delta, hudi, iceberg"):
        lake("paimon")
