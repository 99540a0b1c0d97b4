"""What connection_options ask of a source's files."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.errors import InvalidInput
from engine.jobs.source_options import SourceOptions, parse_options


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, SourceOptions()),
        ({"recurse": "true"}, SourceOptions(recurse=True)),
        ({"Recurse": False, "unknown": 1}, SourceOptions(recurse=False)),
        ({"exclusions": '["**.pdf"]'}, SourceOptions(exclusions=("**.pdf",))),
        ({"EXCLUSIONS": ["a", "b"]}, SourceOptions(exclusions=("a", "b"))),
        ({"boundedFiles": "7"}, SourceOptions(bounded_files=7)),
        ({"boundedSize": 1000, "maxBand": "900000"}, SourceOptions(bounded_bytes=1000, max_band_ms=900_000)),
        ({"maxFilesInBand": "0", "boundedFiles": ""}, SourceOptions(max_files_in_band=0)),
        ({"catalogPartitionPredicate": "day = 1"}, SourceOptions(partition_predicate="day = 1")),
    ],
)
def test_options_are_read_whatever_their_case_and_form(given: dict[str, Any], expected: SourceOptions) -> None:
    assert parse_options(given) == expected


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"boundedFiles": 1, "boundedSize": 1}, "only one"),
        ({"boundedFiles": "many"}, "boundedFiles='many'"),
        ({"maxBand": "-1"}, "maxBand"),
        ({"recurse": "maybe"}, "recurse"),
        ({"exclusions": "**.pdf"}, "JSON list"),
        ({"exclusions": '{"a": 1}'}, "JSON list"),
        ({"exclusions": ["[a"]}, "not closed"),
    ],
)
def test_an_option_that_cannot_be_read_is_named(given: dict[str, Any], named: str) -> None:
    with pytest.raises(InvalidInput, match=named):
        parse_options(given)


@pytest.mark.parametrize(
    ("pattern", "taken"),
    [
        ("**.pdf", False),
        ("*.pdf", True),  # a single star stays within a folder
        ("2020/*", False),
        ("s3://lake/in/2020/**", False),
        ("s3a://lake/in/2020/**", False),
        ("lake/in/**", False),
        ("2021/**", True),
    ],
)
def test_an_exclusion_is_held_against_the_path_below_the_source_and_the_whole_one(pattern: str, taken: bool) -> None:
    assert SourceOptions(exclusions=(pattern,)).takes("s3://lake/in/", "2020/a.pdf") is taken
