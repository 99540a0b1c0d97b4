"""Security configurations over the Glue face, which job runs obey; encryption settings."""

from __future__ import annotations

import msgspec
import pytest

from engine.model import Encryption, JobSpec
from tests.api.glue.conftest import Glue, Json

KEY = "arn:aws:kms:us-east-1:123456789012:key/1234"
OF_KMS = {"S3EncryptionMode": "SSE-KMS", "KmsKeyArn": KEY}
OFF = {
    "CloudWatchEncryption": {"CloudWatchEncryptionMode": "DISABLED"},
    "JobBookmarksEncryption": {"JobBookmarksEncryptionMode": "DISABLED"},
}
JOB = {"Role": "r", "Command": {"Name": "glueetl", "ScriptLocation": "s3://code/totals.py"}}


def create(glue: Glue, name: str, *s3: Json, **more: Json) -> Json:
    return glue.ask(
        "CreateSecurityConfiguration", Name=name, EncryptionConfiguration={"S3Encryption": list(s3), **more}
    )


@pytest.mark.parametrize("s3", [OF_KMS, {"S3EncryptionMode": "SSE-S3"}, {"S3EncryptionMode": "DISABLED"}])
def test_a_configuration_is_told_as_it_was_written(glue: Glue, s3: Json) -> None:
    made = create(glue, "sealed", s3, **OFF)
    found = glue.ask("GetSecurityConfiguration", Name="sealed")["SecurityConfiguration"]
    assert made == {"Name": "sealed", "CreatedTimestamp": found["CreatedTimeStamp"]}
    assert found["EncryptionConfiguration"] == {"S3Encryption": [s3], **OFF}
    assert glue.refusal("CreateSecurityConfiguration", Name="sealed", EncryptionConfiguration={}).code == (
        "AlreadyExistsException"
    )


def test_configurations_are_listed_in_pages_and_deleted(glue: Glue) -> None:
    for name in ("b", "a", "c"):
        create(glue, name)
    first = glue.ask("GetSecurityConfigurations", MaxResults=2)
    rest = glue.ask("GetSecurityConfigurations", MaxResults=2, NextToken=first["NextToken"])
    told = first["SecurityConfigurations"] + rest["SecurityConfigurations"]
    assert [each["Name"] for each in told] == ["a", "b", "c"]
    glue.ask("DeleteSecurityConfiguration", Name="b")
    for operation in ("GetSecurityConfiguration", "DeleteSecurityConfiguration"):
        assert glue.refusal(operation, Name="b").code == "EntityNotFoundException"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"CloudWatchEncryption": {"CloudWatchEncryptionMode": "SSE-KMS"}}, "CloudWatchEncryptionMode SSE-KMS"),
        ({"JobBookmarksEncryption": {"JobBookmarksEncryptionMode": "CSE-KMS"}}, "JobBookmarksEncryptionMode CSE-KMS"),
        ({"DataQualityEncryption": {"DataQualityEncryptionMode": "SSE-KMS"}}, "DataQualityEncryptionMode SSE-KMS"),
        ({"S3Encryption": [{"S3EncryptionMode": "SSE-KMS"}]}, "SSE-KMS needs KmsKeyArn"),
        ({"S3Encryption": [{"S3EncryptionMode": "SSE-S3", "KmsKeyArn": KEY}]}, "no other mode has one"),
        ({"S3Encryption": [OF_KMS, OF_KMS]}, "one element"),
    ],
)
def test_what_nothing_here_would_encrypt_is_refused_by_name(glue: Glue, given: Json, told: str) -> None:
    refused = glue.refusal("CreateSecurityConfiguration", Name="sealed", EncryptionConfiguration=given)
    assert told in refused.message
    assert glue.ask("GetSecurityConfigurations")["SecurityConfigurations"] == []


def test_a_run_keeps_what_the_configuration_of_its_job_or_its_own_asks_for(glue: Glue) -> None:
    create(glue, "sealed", OF_KMS)
    create(glue, "plain")
    glue.ask(
        "CreateJob", Name="totals", SecurityConfiguration="sealed", **JOB, ExecutionProperty={"MaxConcurrentRuns": 9}
    )
    assert glue.ask("GetJob", JobName="totals")["Job"]["SecurityConfiguration"] == "sealed"
    asked = {None: Encryption("SSE-KMS", KEY), "plain": None}
    for own, wanted in asked.items():
        more = {} if own is None else {"SecurityConfiguration": own}
        run_id = glue.ask("StartJobRun", JobName="totals", **more)["JobRunId"]
        spec = msgspec.json.decode(glue.app.engine.get_run(run_id).spec, type=JobSpec)
        assert spec.encryption == wanted
        told = glue.ask("GetJobRun", JobName="totals", RunId=run_id)["JobRun"]
        assert told["SecurityConfiguration"] == (own or "sealed")
    glue.ask("DeleteSecurityConfiguration", Name="sealed")
    refused = glue.refusal("StartJobRun", JobName="totals")
    assert (refused.code, refused.message) == (
        "EntityNotFoundException",
        "Security configuration sealed not found.",
    )


@pytest.mark.parametrize(
    ("job", "arguments", "told"),
    [
        ({}, {"--job-output-commit": "staged"}, "--job-output-commit staged"),
        ({}, {"--spark-event-logs-path": "s3://logs/"}, "--spark-event-logs-path"),
        ({"Command": {"Name": "pythonshell", "ScriptLocation": "s3://code/x.py"}}, {}, "command pythonshell"),
    ],
)
def test_a_run_that_writes_to_s3_by_other_ways_than_spark_is_refused(
    glue: Glue, job: Json, arguments: Json, told: str
) -> None:
    create(glue, "sealed", {"S3EncryptionMode": "SSE-S3"})
    glue.ask("CreateJob", Name="totals", SecurityConfiguration="sealed", **{**JOB, **job})
    refused = glue.refusal("StartJobRun", JobName="totals", Arguments=arguments)
    assert (refused.code, told in refused.message) == ("OperationNotSupportedException", True)
    create(glue, "plain")
    assert glue.ask("StartJobRun", JobName="totals", Arguments=arguments, SecurityConfiguration="plain")["JobRunId"]


def test_encryption_settings_are_told_as_they_are_and_can_be_put_so(glue: Glue) -> None:
    told = glue.ask("GetDataCatalogEncryptionSettings")["DataCatalogEncryptionSettings"]
    assert told == {
        "EncryptionAtRest": {"CatalogEncryptionMode": "DISABLED"},
        "ConnectionPasswordEncryption": {"ReturnConnectionPasswordEncrypted": True},
    }
    for settings in (told, {}, {"EncryptionAtRest": told["EncryptionAtRest"]}):
        assert glue.ask("PutDataCatalogEncryptionSettings", DataCatalogEncryptionSettings=settings) == {}


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"EncryptionAtRest": {"CatalogEncryptionMode": "SSE-KMS", "SseAwsKmsKeyId": KEY}}, "SSE-KMS is not supported"),
        ({"EncryptionAtRest": {"CatalogEncryptionMode": "DISABLED", "SseAwsKmsKeyId": KEY}}, "SseAwsKmsKeyId"),
        ({"ConnectionPasswordEncryption": {"ReturnConnectionPasswordEncrypted": False}}, "sealed by the service's own"),
    ],
)
def test_other_encryption_settings_are_refused_by_name(glue: Glue, settings: Json, told: str) -> None:
    refused = glue.refusal("PutDataCatalogEncryptionSettings", DataCatalogEncryptionSettings=settings)
    assert (refused.code, told in refused.message) == ("OperationNotSupportedException", True)
