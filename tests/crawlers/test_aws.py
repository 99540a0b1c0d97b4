"""How S3 is reached: AWS's own places for keys, region and endpoint, in AWS's order."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawlers.places.aws import find_access

KEYS = {"AWS_ACCESS_KEY_ID": "id-of-environment", "AWS_SECRET_ACCESS_KEY": "secret"}
CONFIG = """
[default]
region = eu-west-1

[profile work]
region = eu-central-1
endpoint_url = https://elsewhere.example.org
s3 =
    endpoint_url = https://s3.example.org
    addressing_style = virtual

[profile shared]
services = stores
[services stores]
s3 =
  endpoint_url = https://stores.example.org
"""
CREDENTIALS = """
[default]
aws_access_key_id = id-of-default
aws_secret_access_key = secret

[work]
aws_access_key_id = id-of-work
aws_secret_access_key = secret
aws_session_token = token
"""


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    """An environment with AWS's two files, and without a cloud around it."""
    (tmp_path / "config").write_text(CONFIG)
    (tmp_path / "credentials").write_text(CREDENTIALS)
    return {
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials"),
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def test_keys_of_the_environment_come_before_those_of_the_files(files: dict[str, str]) -> None:
    found = find_access(files | KEYS)
    assert found.options["aws_access_key_id"] == "id-of-environment"
    assert found.region == "eu-west-1"
    assert found.signed


def test_half_a_pair_in_the_environment_is_not_completed_from_the_files(files: dict[str, str]) -> None:
    assert "aws_access_key_id" not in find_access(files | {"AWS_ACCESS_KEY_ID": "half"}).options


def test_the_profile_chooses_keys_region_endpoint_and_style(files: dict[str, str]) -> None:
    found = find_access(files | {"AWS_PROFILE": "work"})
    assert found.options == {
        "aws_access_key_id": "id-of-work",
        "aws_secret_access_key": "secret",
        "aws_session_token": "token",
        "aws_region": "eu-central-1",
        "aws_endpoint": "https://s3.example.org",
        "aws_allow_http": "true",
        "aws_virtual_hosted_style_request": "true",
    }
    assert find_access(files | {"AWS_PROFILE": "shared"}).endpoint == "https://stores.example.org"


@pytest.mark.parametrize(
    ("environment", "endpoint"),
    [
        ({"AWS_ENDPOINT_URL": "https://all.example.org"}, "https://all.example.org"),
        (
            {"AWS_ENDPOINT_URL": "https://all.example.org", "AWS_ENDPOINT_URL_S3": "http://localhost:9000"},
            "http://localhost:9000",
        ),
        ({"AWS_ENDPOINT_URL_S3": "http://127.0.0.1:8333/"}, "http://127.0.0.1:8333/"),
        ({"AWS_ENDPOINT_URL_S3": "http://minio:9000", "AWS_ALLOW_HTTP": "true"}, "http://minio:9000"),
    ],
)
def test_the_endpoint_of_s3_comes_before_that_of_all_services(
    environment: dict[str, str], endpoint: str, files: dict[str, str]
) -> None:
    assert find_access(files | environment).endpoint == endpoint


@pytest.mark.parametrize(
    ("endpoint", "why"),
    [
        ("http://minio:9000", "plain http"),
        ("minio:9000", "no URL"),
        ("https://me:mine@s3.example.org", "user or password"),
    ],
)
def test_an_endpoint_that_would_give_secrets_away_is_refused(endpoint: str, why: str, files: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=why) as refused:
        find_access(files | {"AWS_ENDPOINT_URL_S3": endpoint})
    assert "mine" not in str(refused.value)


def test_without_keys_requests_are_not_signed(files: dict[str, str]) -> None:
    found = find_access(files | {"AWS_PROFILE": "nobody"})
    assert not found.signed
    assert found.options["aws_skip_signature"] == "true"


def test_files_that_are_no_settings_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "config").write_bytes(b"\xff\xfe not settings")
    found = find_access({"AWS_CONFIG_FILE": str(tmp_path / "config"), "HOME": str(tmp_path), **KEYS})
    assert found.region == "us-east-1"


def test_keys_are_in_no_text_that_could_be_logged(files: dict[str, str]) -> None:
    assert "id-of" not in repr(find_access(files | KEYS))
