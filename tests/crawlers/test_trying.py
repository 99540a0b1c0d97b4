"""A classifier tried on a file: what it would make of it, or what is in its way."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from catalog.errors import InvalidInput
from crawlers.errors import BadPattern, PlaceNotFound
from crawlers.model import (
    AnyClassifier,
    CsvClassifier,
    CsvHeader,
    GrokClassifier,
    JsonClassifier,
    XmlClassifier,
)
from crawlers.trying import Trial, Unmatched, try_bytes, try_place

APP = GrokClassifier("app", "app", "%{INT:n:int} %{WORD:level} %{GREEDYDATA:rest}")


def shown(trial: Trial) -> tuple[dict[str, str], tuple[tuple[str | None, ...], ...]]:
    assert (trial.matches, trial.certainty, trial.why) == (True, 1.0, None), trial
    return {column.name: column.type for column in trial.columns}, trial.rows


@pytest.mark.parametrize(
    ("classifier", "data", "types", "rows"),
    [
        (
            APP,
            "1 INFO it works\n\n2 WARN it does not\n",
            {"n": "int", "level": "string", "rest": "string"},
            (("1", "INFO", "it works"), ("2", "WARN", "it does not")),
        ),
        (
            JsonClassifier("j", "$.rows[*]"),
            '{"rows": [{"a": 1, "b": {"c": true}}, {"a": 2}]}',
            {"a": "int", "b": "struct<c:boolean>"},
            (("1", '{"c":true}'), ("2", None)),
        ),
        (JsonClassifier("j", "$[*]"), '["x", "y", "z"]', {"record": "string"}, (("x",), ("y",))),
        (
            XmlClassifier("x", "orders", "order"),
            '<o><order id="1"><tag>a</tag><tag>b</tag></order><order id="2"/><order/></o>',
            {"_id": "bigint", "tag": "array<string>"},
            (("1", '["a","b"]'), ("2", None)),
        ),
        (
            CsvClassifier("c", delimiter="^", header=CsvHeader.PRESENT, columns=("id", "name"), trims_values=True),
            "x^y\n1 ^ a\n2^b\n3^c\n",
            {"id": "bigint", "name": "string"},
            (("1", "a"), ("2", "b")),
        ),
    ],
)
def test_a_match_shows_the_columns_and_the_first_rows(
    classifier: AnyClassifier, data: str, types: dict[str, str], rows: tuple[tuple[str | None, ...], ...]
) -> None:
    assert shown(try_bytes(classifier, data.encode(), 2)) == (types, rows)


@pytest.mark.parametrize(
    ("classifier", "data", "why"),
    [
        (APP, b"one two three\n", "only 0 of 1 lines"),
        (JsonClassifier("j", "$.rows[*]"), b'{"a": 1}', r"nothing in it is at \$\.rows\[\*\]"),
        (JsonClassifier("j", "$.a"), b'{"a": {}}', "have no fields"),
        (JsonClassifier("j", "$"), b"a,b\n", r"begin with \{ or \["),
        (XmlClassifier("x", "c", "order"), b"<a><b/></a>", "without an element order"),
        (XmlClassifier("x", "c", "order"), b"<order><b></order>", "broken"),
        (XmlClassifier("x", "c", "order"), b"a,b\n", "does not begin with <"),
        (CsvClassifier("c", columns=("a", "b", "c")), b"x,1\ny,2\n", "2 cells, and the classifier names 3 columns"),
        (CsvClassifier("c", delimiter="|"), b"x,1\ny,2\n", "no delimiter splits"),
        (CsvClassifier("c"), b"\x89PNG\r\n\x1a\n\0\2\0\0\3", "binary data"),
        (CsvClassifier("c"), b" \n\n", "nothing but white space"),
        (CsvClassifier("c"), gzip.compress(b"a,b\n1,2\n", mtime=0)[:-9], "cannot be unpacked"),
    ],
)
def test_what_does_not_match_is_told_why(classifier: AnyClassifier, data: bytes, why: str) -> None:
    trial = try_bytes(classifier, data, 5)
    assert (trial.matches, trial.certainty, trial.columns, trial.rows) == (False, 0.0, (), ())
    assert trial.why is not None
    with pytest.raises(ValueError, match=why):
        raise ValueError(trial.why)


def test_the_first_line_that_does_not_match_is_shown_with_how_far_it_is_followed() -> None:
    trial = try_bytes(APP, b"1 INFO x\n\n22 - oops\nrubbish\n", 5)
    assert (trial.matches, trial.unmatched) == (False, Unmatched(2, "22 - oops", 3))


def test_a_line_that_does_not_match_is_shown_although_most_do() -> None:
    trial = try_bytes(APP, b"1 INFO x\n" * 9 + b"stack trace\n", 1)
    assert (trial.matches, trial.unmatched) == (True, Unmatched(10, "stack trace", 0))
    assert trial.notes[0] == "1 of 10 sampled lines do not match its pattern"


def test_a_pattern_that_backtracks_without_end_ends_within_its_limit() -> None:
    trial = try_bytes(GrokClassifier("g", "slow", "^(?:(?:a+)+)+b$%{WORD:w}"), b"a" * 5_000, 5)
    assert (trial.matches, trial.why) == (False, "the pattern of slow takes more than 0.2 s for one of its lines")


def test_a_classifier_that_is_none_is_refused() -> None:
    with pytest.raises(BadPattern, match="repetitions"):
        try_bytes(GrokClassifier("g", "c", "%{WORD:w}((a{1000}){1000}){1000}"), b"a", 5)
    with pytest.raises(InvalidInput, match="names no field"):
        try_bytes(GrokClassifier("g", "c", "%{WORD}"), b"a", 5)
    with pytest.raises(InvalidInput, match="0 to 1000"):
        try_bytes(APP, b"a", 1_001)


def test_a_file_is_tried_where_it_lies_and_a_folder_is_not(tmp_path: Path) -> None:
    (tmp_path / "log.gz").write_bytes(gzip.compress(b"1 INFO x\n"))
    trial = try_place(APP, str(tmp_path / "log.gz"), 5)
    assert shown(trial)[1] == (("1", "INFO", "x"),)
    with pytest.raises(InvalidInput, match="tried on one file"):
        try_place(APP, str(tmp_path), 5)
    with pytest.raises(PlaceNotFound):
        try_place(APP, str(tmp_path / "gone"), 5)


def test_long_values_are_cut() -> None:
    _, rows = shown(try_bytes(APP, b"1 INFO " + b"x" * 5_000, 5))
    assert rows[0][2] == "x" * 1_000 + "…"
