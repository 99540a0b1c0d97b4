"""Ion, text and binary, told from JSON; and its types."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from amazon.ion import simpleion

from crawlers.errors import Unreadable
from crawlers.formats import Rejected
from tests.crawlers.examining import columns, examine, found

TEXT = b"""$ion_1_0
{id: 1, name: "x", price: 1.50, at: 2024-01-02T03:04:05Z, kind: big, raw: {{aGk=}}, tags: ["a"], in: {deep: 1e0}}
{id: 5000000000, name: null.string, price: 12.5, ok: true}
"""


def test_a_value_of_text_ion_has_the_least_hive_type(tmp_path: Path) -> None:
    finding = found(tmp_path, TEXT)
    assert (finding.schema.format, finding.records) == ("ion", 2)
    assert columns(finding) == {
        "id": "bigint",
        "name": "string",
        "price": "decimal(4,2)",
        "at": "timestamp",
        "kind": "string",
        "raw": "binary",
        "tags": "array<string>",
        "in": "struct<deep:double>",
        "ok": "boolean",
    }


def binary(*values: Any) -> bytes:
    return bytes(simpleion.dumps(list(values), binary=True, sequence_as_stream=True))


def test_binary_ion_is_read(tmp_path: Path) -> None:
    assert columns(found(tmp_path, binary({"a": 1}, {"a": 2**40, "b": [1.5]}))) == {"a": "bigint", "b": "array<double>"}


def test_a_struct_without_quotes_is_ion_and_with_them_json(tmp_path: Path) -> None:
    assert found(tmp_path, b"{a: 1}\n{a: 2}\n").schema.format == "ion"
    assert found(tmp_path, b'{"a": 1}\n{"a": 2}\n').schema.format == "json"


def test_ion_that_is_cut_short_or_too_deep_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="cut short or damaged"):
        examine(tmp_path, binary({"a": 1, "b": "text"})[:-3])
    with pytest.raises(Unreadable, match="Ion"):
        examine(tmp_path, b"$ion_1_0 " + b"{a:" * 10_000 + b"1" + b"}" * 10_000)


def test_without_the_extra_ion_is_named_with_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "amazon.ion", None)
    answer = examine(tmp_path, TEXT)
    assert isinstance(answer, Rejected)
    assert "isinglass[ion]" in answer.why


def test_bson_is_named_and_what_only_looks_like_it_is_not(tmp_path: Path) -> None:
    document = b"\x10\0\0\0\x10ab\0\x05\0\0\0\0\0\0\0"
    answer = examine(tmp_path, document)
    assert isinstance(answer, Rejected)
    assert "bsondump" in answer.why
    assert found(tmp_path, b"id,name\n1,a\n2,b\n").schema.format == "csv"
