"""getResolvedOptions: what a script gets for what it was started with."""

from __future__ import annotations

import argparse
from typing import Any

import pytest
from awsglue.utils import GlueArgumentError, getResolvedOptions

ALWAYS = {
    "JOB_ID": None,
    "JOB_RUN_ID": None,
    "SECURITY_CONFIGURATION": None,
    "RedshiftTempDir": None,
    "TempDir": None,
    "encryption_type": None,
    "enable_data_lineage": None,
    "job_bookmark_from": None,
    "job_bookmark_to": None,
    "job_bookmark_option": "job-bookmark-disable",
}
PAUSE = ("--job-bookmark-option", "job-bookmark-pause")


@pytest.mark.parametrize(
    ("given", "asked", "found"),
    [
        ([], [], {}),
        (["--day", "5"], ["day"], {"day": "5"}),
        (["--day=5"], ["day"], {"day": "5"}),
        (["--day", ""], ["day"], {"day": ""}),
        (["--day", "-5"], ["day"], {"day": "-5"}),
        (["--day", "1", "--day", "2"], ["day"], {"day": "2"}),
        (["--other", "x", "stray", "--day", "1"], ["day"], {"day": "1"}),
        (["--a-b", "1"], ["a-b"], {"a_b": "1"}),
        (["--JOB_NAME", "n"], ["JOB_NAME"], {"JOB_NAME": "n"}),
        (["--JOB_NAME", "n"], [], {}),
        (["--JOB_ID", "j", "--JOB_RUN_ID", "jr"], ["JOB_ID", "JOB_RUN_ID"], {"JOB_ID": "j", "JOB_RUN_ID": "jr"}),
        (["--TempDir", "s3://t"], [], {"TempDir": "s3://t", "RedshiftTempDir": "s3://t"}),
        (["--RedshiftTempDir", "s3://r"], ["TempDir"], {"TempDir": "s3://r", "RedshiftTempDir": "s3://r"}),
        (["--RedshiftTempDir", "r", "--TempDir", "t"], [], {"TempDir": "t", "RedshiftTempDir": "t"}),
        ([], ["TempDir"], {}),
        (["--job-bookmark-option", "job-bookmark-enable"], [], {"job_bookmark_option": "job-bookmark-enable"}),
        (["--continuation-option", "continuation-enabled"], [], {"job_bookmark_option": "job-bookmark-enable"}),
        (["--continuation-option", "continuation-readonly"], [], {"job_bookmark_option": "job-bookmark-pause"}),
        (["--continuation-option", "continuation-ignore"], [], {}),
        (["--encryption-type", "sse-s3"], [], {"encryption_type": "sse-s3"}),
        (PAUSE, [], {"job_bookmark_option": "job-bookmark-pause"}),
        (
            [*PAUSE, "--job-bookmark-from", "a", "--job-bookmark-to", "b"],
            [],
            {"job_bookmark_option": "job-bookmark-pause", "job_bookmark_from": "a", "job_bookmark_to": "b"},
        ),
        (["--job-bookmark-from", "a"], [], {"job_bookmark_from": "a"}),
    ],
)
def test_arguments_are_resolved(given: list[str], asked: list[str], found: dict[str, Any]) -> None:
    assert getResolvedOptions(["script.py", *given], asked) == {**ALWAYS, **found}


@pytest.mark.parametrize(
    ("given", "asked", "error", "message"),
    [
        ([], ["x"], GlueArgumentError, "the following arguments are required: --x"),
        (["--xy", "1"], ["x"], GlueArgumentError, "required: --x"),
        (["--metadata", "1"], ["metadata_location"], GlueArgumentError, "required: --metadata_location"),
        (["--a-b", "1"], ["a_b"], GlueArgumentError, "required: --a_b"),
        (["--x", "--y"], ["x"], GlueArgumentError, "expected one argument"),
        ([], ["job-bookmark-option"], RuntimeError, "Using reserved arguments"),
        ([], ["continuation-option"], RuntimeError, "Using reserved arguments"),
        ([], ["job-bookmark-from"], RuntimeError, "Using reserved arguments"),
        ([], ["SECURITY_CONFIGURATION"], argparse.ArgumentError, "conflicting option"),
        ([], ["encryption-type"], argparse.ArgumentError, "conflicting option"),
        (["--x", "1"], ["x", "x"], argparse.ArgumentError, "conflicting option"),
        ([*PAUSE, "--job-bookmark-from", "a"], [], RuntimeError, "Missing option or value for --job-bookmark-to"),
        ([*PAUSE, "--job-bookmark-to", "a"], [], RuntimeError, "Missing option or value for --job-bookmark-from"),
        (["--job-bookmark-from", "a", "--job-bookmark-to", "b"], [], RuntimeError, "Invalid option"),
    ],
)
def test_arguments_that_cannot_be_resolved_are_told_of(
    given: list[str], asked: list[str], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        getResolvedOptions(["script.py", *given], asked)
