"""Moving files to another storage class: done where the store has it, refused by name where it has not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.request import Request, urlopen

import boto3
import pytest
from awsglue._transitions import StorageClassError, transition_path
from moto.server import ThreadedMotoServer

from tests.object_store import Bucket

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

ALL = {"retentionPeriod": 0}


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A client of a store with AWS's storage classes, which this process finds as it finds any."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    urlopen(Request(f"http://{host}:{port}/moto-api/reset", method="POST")).close()
    for name, value in {
        "AWS_ENDPOINT_URL_S3": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    client = boto3.session.Session().client("s3")
    client.create_bucket(Bucket="lake")
    yield client
    server.stop()


def classes(client: Any) -> dict[str, str]:
    return {
        found["Key"]: found.get("StorageClass", "STANDARD")
        for found in client.list_objects_v2(Bucket="lake")["Contents"]
    }


def test_the_files_of_a_folder_are_moved_and_keep_what_they_are(spark: SparkSession, aws: Any) -> None:
    for key in ("visits/a.csv", "visits/b/c.csv", "visits2/d.csv"):
        aws.put_object(Bucket="lake", Key=key, Body=b"x", Metadata={"source": "web"})
    aws.put_object(Bucket="lake", Key="visits/rare.csv", Body=b"x", StorageClass="ONEZONE_IA")
    options = {**ALL, "excludeStorageClasses": ["ONEZONE_IA"], "accountId": "1", "roleArn": "arn:aws:iam::1:role/r"}
    found = transition_path(spark, "s3://lake/visits/", "STANDARD_IA", options)
    assert sorted(found.done) == ["s3://lake/visits/a.csv", "s3://lake/visits/b/c.csv"]
    assert classes(aws) == {
        "visits/a.csv": "STANDARD_IA",
        "visits/b/c.csv": "STANDARD_IA",
        "visits/rare.csv": "ONEZONE_IA",
        "visits2/d.csv": "STANDARD",
    }
    assert aws.head_object(Bucket="lake", Key="visits/a.csv")["Metadata"] == {"source": "web"}
    assert transition_path(spark, "s3://lake/visits/", "STANDARD_IA", options).done == [], "there already"


def test_files_younger_than_the_period_stay_and_what_went_is_listed(
    spark: SparkSession, aws: Any, tmp_path: Path
) -> None:
    aws.put_object(Bucket="lake", Key="visits/a.csv", Body=b"x")
    transition_path(spark, "s3://lake/visits", "GLACIER")
    assert classes(aws) == {"visits/a.csv": "STANDARD"}
    transition_path(spark, "s3://lake/visits", "GLACIER", {**ALL, "manifestFilePath": str(tmp_path)})
    assert classes(aws) == {"visits/a.csv": "GLACIER"}
    assert (tmp_path / "Success.csv").read_text() == "s3://lake/visits/a.csv\n"
    assert (tmp_path / "Failed.csv").read_text() == ""


def test_a_disk_has_no_storage_classes(spark: SparkSession, tmp_path: Path) -> None:
    with pytest.raises(StorageClassError, match=r"cannot be moved to the storage class GLACIER: only S3 has"):
        transition_path(spark, str(tmp_path), "GLACIER", ALL)


def test_a_store_without_the_class_is_refused_by_name(spark: SparkSession, bucket: Bucket) -> None:
    bucket.put({"visits/a.csv": "x"})
    with pytest.raises(StorageClassError, match="to the storage class DEEP_ARCHIVE: its store does not have it"):
        transition_path(spark, bucket.uri("visits"), "DEEP_ARCHIVE", ALL)


def test_an_unknown_class_is_refused(spark: SparkSession) -> None:
    with pytest.raises(ValueError, match="'FRIDGE' is no storage class; they are STANDARD, "):
        transition_path(spark, "s3://lake/visits", "FRIDGE", ALL)
