"""JSON: records in any spacing, and the types of their fields."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.errors import Unreadable
from crawlers.formats import Rejected
from crawlers.formats.json import infer, storage
from crawlers.lattice import canonical, join_all
from tests.crawlers.examining import columns, examine, found

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abAB"), inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(values, min_size=1, max_size=6))
def test_the_type_of_many_values_is_the_join_of_their_types(many: list[object]) -> None:
    assert canonical(infer(many)) == join_all(infer([value]) for value in many)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("1", "int"),
        ("2147483648", "bigint"),
        ("9223372036854775808", "string"),
        ("1.0", "double"),
        ("true", "boolean"),
        ("null", "void"),
        ('"2024-01-02"', "string"),
        ("[]", "array<void>"),
        ("[1, 2.5]", "array<double>"),
        ('{"b": 1, "a": {"c": []}}', "struct<b:int,a:struct<c:array<void>>>"),
        ('[1, "x"]', "array<string>"),
        ('[{"a": 1}, {"b": 2}]', "array<struct<a:int,b:int>>"),
        ('[1, {"a": 1}]', "array<string>"),
        ('{"aB": 1, "Ab": 2.5}', "struct<Ab:double>"),
    ],
)
def test_a_value_has_the_least_hive_type(text: str, kind: str) -> None:
    assert str(infer([json.loads(text)])) == kind


@pytest.mark.parametrize(
    "text",
    [
        '{"id": 1, "n": "a"}\n{"id": 2.5}\n',
        '{"id": 1, "n": "a"}{"id": 2.5}',
        '{\n  "id": 1,\n  "n": "a"\n}\n{\n  "id": 2.5\n}',
        '\ufeff{"id": 1, "n": "a"}\n\n  {"id": 2.5}',
        '{"id": 1, "n": "a"}\r\n{"id": 2.5}\r\n',
    ],
)
def test_objects_are_records_in_any_spacing(text: str, tmp_path: Path) -> None:
    finding = found(tmp_path, text.encode())
    assert finding.schema.format == "json"
    assert columns(finding) == {"id": "double", "n": "string"}
    assert finding.records == 2


def test_a_top_level_array_is_one_record_with_one_column(tmp_path: Path) -> None:
    finding = found(tmp_path, b'[{"a": 1},\n {"a": 2, "b": null}]')
    assert columns(finding) == {"array": "array<struct<a:int,b:void>>"}
    assert finding.records == 1


def test_columns_keep_the_order_in_which_they_were_first_seen(tmp_path: Path) -> None:
    assert list(columns(found(tmp_path, b'{"z":1,"a":1}\n{"m":1,"a":1}\n'))) == ["z", "a", "m"]


def test_a_line_cut_short_is_noted_and_the_others_count(tmp_path: Path) -> None:
    finding = found(tmp_path, b'{"a":1}\n{"a":2}\n{"a":3}\n{"a":')
    assert finding.records == 3
    assert finding.notes == ("1 of 4 sampled lines are not JSON",)


@pytest.mark.parametrize(
    "data",
    [b"{not json}\n", b"[2024-01-01] INFO started\n" * 3, b'{"a":', b"{}\n{}\n", b"{" * 5_000],
)
def test_what_only_begins_like_json_is_rejected(data: bytes, tmp_path: Path) -> None:
    assert isinstance(examine(tmp_path, data), Rejected)


def test_a_record_longer_than_the_first_megabyte_is_still_read(tmp_path: Path) -> None:
    record = json.dumps({"id": 1, "text": "x" * 3_000_000})
    assert columns(found(tmp_path, record.encode())) == {"id": "int", "text": "string"}


def test_the_head_of_a_long_file_ends_at_its_last_whole_line(tmp_path: Path) -> None:
    data = b"".join(b'{"id":%d,"pad":"%s"}\n' % (number, b"x" * 90) for number in range(30_000))
    finding = found(tmp_path, data)
    assert finding.notes == ()
    assert finding.records * len(data) / finding.stored == pytest.approx(30_000, rel=0.02)


def test_paths_are_the_sorted_names_in_their_own_case(tmp_path: Path) -> None:
    finding = found(tmp_path, b'{"b":1,"Aa":1}\n')
    assert storage(finding.schema).serde_parameters == {"paths": "Aa,b"}


@pytest.mark.parametrize(
    "text", ['{"a":' * 10_000 + "1" + "}" * 10_000, "[" * 10_000 + "]" * 10_000, '{"a":' * 200 + "1" + "}" * 200]
)
def test_json_that_is_nested_too_deep_is_unreadable(text: str, tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="nested more than 100 levels deep"):
        examine(tmp_path, text.encode())


def test_one_line_too_deep_does_not_hide_the_others(tmp_path: Path) -> None:
    deep = '{"a":' * 10_000 + "1" + "}" * 10_000
    assert columns(found(tmp_path, f'{{"a":1}}\n{{"a":2}}\n{deep}\n'.encode())) == {"a": "int"}


@pytest.mark.parametrize(
    ("text", "multi"),
    [
        ('{"a":1}\n{"a":2}\n', False),
        ('{"a":1}', False),
        ('{\n"a": 1\n}\n', True),
        ('{\n"a": 1\n}\n{\n"a": 2\n}\n', True),
        ('[{"a":1}]', True),
    ],
)
def test_records_over_several_lines_are_marked_for_readers_that_go_by_lines(
    text: str, multi: bool, tmp_path: Path
) -> None:
    assert (storage(found(tmp_path, text.encode()).schema).parameters.get("multiLine") == "true") is multi


def test_a_name_that_comes_twice_is_one_column(tmp_path: Path) -> None:
    assert columns(found(tmp_path, b'{"a":1,"A":2.5,"a":3}\n')) == {"A": "double"}


@pytest.mark.parametrize("text", ["[5] started\n" * 3, "[    0.10] dmesg\n" * 3])
def test_a_log_line_that_begins_with_a_bracket_is_no_array(text: str, tmp_path: Path) -> None:
    answer = examine(tmp_path, text.encode())
    assert isinstance(answer, Rejected) or answer.schema.format != "json"


def test_json_in_latin1_is_read(tmp_path: Path) -> None:
    assert columns(found(tmp_path, '{"stra\u00dfe":1}\n{"stra\u00dfe":2,"a":"\u00e9"}\n'.encode("latin-1"))) == {
        "stra\u00dfe": "int",
        "a": "string",
    }
