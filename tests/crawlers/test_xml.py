"""XML: the repeating element, its attributes and children; and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawlers.errors import Unreadable
from crawlers.formats import Rejected
from crawlers.formats.xml import scalar, storage
from tests.crawlers.examining import columns, examine, found


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("12", "bigint"),
        (" -7 ", "bigint"),
        ("1.5e3", "double"),
        ("12345678901234567890", "double"),
        ("true", "boolean"),
        ("", "void"),
        ("2024-01-02", "string"),
    ],
)
def test_a_text_has_the_least_type(text: str, kind: str) -> None:
    assert str(scalar(text)) == kind


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ('<r id="1"><a>x</a></r><r id="2"/>', {"_id": "bigint", "a": "string"}),
        ("<r><a>1</a></r><r><a>2.5</a><b>x</b></r>", {"a": "double", "b": "string"}),
        ("<r><a>1</a><a>2</a></r><r><a>3</a></r>", {"a": "array<bigint>"}),
        ("<r><p><x>1</x></p></r><r><p><y>z</y></p></r>", {"p": "struct<x:bigint,y:string>"}),
        ('<r><n lang="de">a</n></r><r><n>b</n></r>', {"n": "struct<_lang:string,_VALUE:string>"}),
        ("<r><a><![CDATA[<b>]]></a></r><r><a>&amp;</a></r>", {"a": "string"}),
        ("<head><v>1</v></head><r><a>1</a></r><r><a>2</a></r>", {"a": "bigint"}),
        ("<r><a/></r><r><a/></r>", {"a": "void"}),
    ],
)
def test_the_element_that_repeats_under_the_root_is_a_record(
    rows: str, expected: dict[str, str], tmp_path: Path
) -> None:
    finding = found(tmp_path, f'<?xml version="1.0"?>\n<!-- of Monday --><rows>{rows}</rows>'.encode())
    assert columns(finding) == expected
    assert finding.records == 2
    assert storage(finding.schema).serde_parameters["rowTag"] == "r"


def test_a_long_file_is_sampled(tmp_path: Path) -> None:
    data = b"<rows>" + b"".join(b"<r><a>%06d</a></r>" % number for number in range(200_000)) + b"</rows>"
    finding = found(tmp_path, data)
    assert finding.records * len(data) / finding.stored == pytest.approx(200_000, rel=0.01)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1"])
def test_xml_says_its_own_encoding(encoding: str, tmp_path: Path) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?><rows><r><é>1</é></r><r><é>2</é></r></rows>'
    assert columns(found(tmp_path, text.encode(encoding))) == {"é": "bigint"}


LAUGHS = '<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;&b;">]><a><r>&c;</r><r>&c;</r></a>'


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (LAUGHS, "document type"),
        ('<!DOCTYPE a SYSTEM "file:///etc/passwd"><a><r><b>1</b></r><r><b>1</b></r></a>', "document type"),
        ("<a>" * 10_000, "nested more than 100 levels"),
        ("<rows><r><a>1</a></r><r>", "broken"),
        ("<rows><r><a>1</b></r></rows>", "broken"),
    ],
)
def test_what_attacks_or_is_broken_is_unreadable_with_its_reason(text: str, why: str, tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match=why):
        examine(tmp_path, text.encode())


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("<!DOCTYPE html><html><body><p>a</p><p>b</p></body></html>", "HTML"),
        ("<html><body><p>a</p></body><body/></html>", "HTML"),
        ("<rows><r><a>1</a></r></rows>", "no element repeats"),
        ("<rows><r>1</r><r>2</r></rows>", ""),
        ("<- this, is no\n<- XML, at all\n", ""),
    ],
)
def test_what_is_no_table_is_rejected(text: str, why: str, tmp_path: Path) -> None:
    answer = examine(tmp_path, text.encode())
    if isinstance(answer, Rejected):
        assert why in answer.why
    else:
        assert columns(answer) in ({"_VALUE": "bigint"}, {"col0": "string", "col1": "string"})
