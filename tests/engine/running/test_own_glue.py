"""Scripts' own clients of Glue find the service that runs them, unless somebody said where Glue is."""

from __future__ import annotations

import os

import pytest

from engine.running.own_glue import own_glue

HERE = "http://127.0.0.1:8765"
NOWHERE = {
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}
KEYS = {"AWS_ACCESS_KEY_ID": "mine", "AWS_SECRET_ACCESS_KEY": "secret"}


def test_without_anything_there_are_address_region_and_keys_that_mean_nothing() -> None:
    assert own_glue(HERE, NOWHERE) == {
        "AWS_ENDPOINT_URL_GLUE": HERE,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "any",
        "AWS_SECRET_ACCESS_KEY": "any",
    }


@pytest.mark.parametrize("unsigned", [{}, {"AWS_SKIP_SIGNATURE": "true"}])
def test_keys_and_region_that_are_there_stay(unsigned: dict[str, str]) -> None:
    found = own_glue(HERE, {**NOWHERE, **KEYS, **unsigned, "AWS_REGION": "eu-west-1"})
    assert found == {"AWS_ENDPOINT_URL_GLUE": HERE, "AWS_DEFAULT_REGION": "eu-west-1"}


@pytest.mark.parametrize("name", ["AWS_ENDPOINT_URL_GLUE", "AWS_ENDPOINT_URL"])
def test_who_says_where_glue_is_is_obeyed(name: str) -> None:
    assert own_glue(HERE, {**NOWHERE, name: "https://glue.example"}) == {}


def test_a_service_that_wants_keys_of_its_own_is_not_told() -> None:
    assert own_glue(None, NOWHERE) == {}


def test_an_endpoint_of_s3_that_is_refused_is_no_matter_of_glue_s() -> None:
    found = own_glue(HERE, {**NOWHERE, **KEYS, "AWS_ENDPOINT_URL_S3": "http://elsewhere.example"})
    assert found == {"AWS_ENDPOINT_URL_GLUE": HERE, "AWS_DEFAULT_REGION": "us-east-1"}
