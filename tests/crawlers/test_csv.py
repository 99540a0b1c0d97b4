"""CSV: delimiters, headers, types and quotes, from bytes."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from crawlers.formats import Finding, Rejected, csv
from tests.crawlers.examining import columns, examine, found


@pytest.mark.parametrize("delimiter", [",", "|", "\t", ";", "\x01"])
def test_each_of_glues_delimiters_is_found(delimiter: str, tmp_path: Path) -> None:
    text = "id,name,price\n1,a b,2.5\n2,c d,3\n".replace(",", delimiter)
    finding = found(tmp_path, text.encode())
    assert finding.schema.trait("delimiter") == delimiter
    assert columns(finding) == {"id": "bigint", "name": "string", "price": "double"}
    assert (finding.schema.trait("header lines"), finding.records) == ("1", 2)


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["1", "-2", "+3"], "bigint"),
        (["1", "2.5"], "double"),
        ([".5", "1e6", "2."], "double"),
        (["9223372036854775807"], "bigint"),
        (["9223372036854775808"], "string"),
        (["1", ""], "bigint"),
        (["1", "NA", "\\N", "null"], "bigint"),
        (["NA", ""], "void"),
        (["1", "x"], "string"),
        (["2024-01-02"], "string"),
        (["true"], "string"),
        ([" 12", "13"], "string"),
        ([" 12", " 2.5 "], "double"),
        (["1,5"], "string"),
        (["٣"], "string"),
    ],
)
def test_cells_are_bigint_double_or_string(cells: list[str], kind: str) -> None:
    assert str(csv.cell_type(cells)) == kind


@pytest.mark.parametrize(
    ("text", "glue", "names"),
    [
        ("id,name\n1,a\n2,b\n", True, ["id", "name"]),
        ("carrier,name\nAA,American\nB6,JetBlue\n", True, ["col0", "col1"]),
        ("carrier,name\nAA,American\nB6,JetBlue\n", False, ["carrier", "name"]),
        ("AA,American\nB6,JetBlue\nAA,Other\n", False, ["col0", "col1"]),
        ("1,a\n2,b\n", False, ["col0", "col1"]),
        ("a,a\nx,y\nz,w\n", False, ["col0", "col1"]),
        (",id,name\n0,7,a\n1,8,b\n", False, ["col0", "id", "name"]),
        ("id,name,\n1,a,\n2,b,\n", True, ["id", "name", "col2"]),
        ("net quantity,Unit Price (EUR)\n1,2.5\n3,4\n", False, ["net quantity", "Unit Price (EUR)"]),
        ("2024-01-02,a\n2024-01-03,b\n", False, ["col0", "col1"]),
    ],
)
def test_a_first_row_is_a_header_by_the_rule_that_is_set(
    text: str, glue: bool, names: list[str], tmp_path: Path
) -> None:
    assert list(columns(found(tmp_path, text.encode(), glue=glue))) == names


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("id,name\n1,a\n2,b\n", set()),
        ('id,name\n1,"a"\n2,"b"\n', {"quoted"}),
        ('id,name\n1,"a, b"\n2,c\n', {"quoted", "needs quotes"}),
        ('id,name\n1,"say ""hi"""\n2,c\n', {"quoted", "needs quotes"}),
        ('id,name\n1,"two\nlines"\n2,c\n', {"quoted", "needs quotes", "multi-line"}),
        ('id,name\n"1",a\n"2",b\n', {"quoted", "needs quotes"}),
        ('id,size\n1,5" pipe\n2,c\n', set()),
    ],
)
def test_quotes_are_noticed_when_a_reader_has_to_know_them(text: str, marks: set[str], tmp_path: Path) -> None:
    finding = found(tmp_path, text.encode())
    assert finding.schema.marks == marks
    expected = "OpenCSVSerde" if "needs quotes" in marks else "LazySimpleSerDe"
    assert (csv.storage(finding.schema).serde or "").endswith(expected)


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [("utf-8", codecs.BOM_UTF8), ("utf-16-le", codecs.BOM_UTF16_LE), ("utf-16-be", codecs.BOM_UTF16_BE)],
)
def test_a_byte_order_mark_is_not_part_of_the_first_name(encoding: str, mark: bytes, tmp_path: Path) -> None:
    finding = found(tmp_path, mark + "id,naïve\n1,a\n2,b\n".encode(encoding))
    assert list(columns(finding)) == ["id", "naïve"]


def test_text_that_is_not_utf8_is_read_as_latin1_and_the_table_says_so(tmp_path: Path) -> None:
    finding = found(tmp_path, "id,name\n1,Zürich\n2,Genève\n".encode("latin-1"))
    assert csv.storage(finding.schema).serde_parameters["serialization.encoding"] == "ISO-8859-1"


def test_lines_above_the_table_are_skipped_with_the_header(tmp_path: Path) -> None:
    finding = found(tmp_path, b"# made on Monday\nReport\n\nid,name\n1,a\n2,b\n3,c\n")
    assert columns(finding) == {"id": "bigint", "name": "string"}
    assert csv.storage(finding.schema).parameters["skip.header.line.count"] == "4"
    assert finding.records == 3


def test_ragged_rows_and_a_footer_do_not_hide_the_table(tmp_path: Path) -> None:
    rows = "".join(f"{number},name,{number}.5\n" for number in range(20))
    finding = found(tmp_path, f"id,name,price\n{rows}total 20\n".encode())
    assert list(columns(finding)) == ["id", "name", "price"]
    assert any("do not have 3 cells" in note for note in finding.notes)


@pytest.mark.parametrize(
    "data",
    [
        b"just one line of text, with a comma\n",
        b"Dear all,\n\nit was nice.\nYours\n",
        b"a\nb\nc\n",
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR,,,,\n,,,",
        b"   \n \n",
    ],
)
def test_what_is_no_table_is_rejected_with_a_reason(data: bytes, tmp_path: Path) -> None:
    answer = examine(tmp_path, data)
    assert isinstance(answer, Rejected)
    assert answer.why


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end_is_read(end: str, tmp_path: Path) -> None:
    assert columns(found(tmp_path, f"id,name{end}1,a{end}2,b{end}".encode())) == {"id": "bigint", "name": "string"}


def test_a_long_file_is_sampled_and_its_records_estimated(tmp_path: Path) -> None:
    data = b"id,name\n" + b"".join(b"%07d,x\n" % number for number in range(100_000))
    finding = found(tmp_path, data)
    assert finding.records == 1_000
    assert finding.records * len(data) / finding.stored == pytest.approx(100_000, rel=0.01)


def settled_names(tmp_path: Path, *texts: str) -> list[list[str]]:
    findings: list[Finding] = [found(tmp_path, text.encode()) for text in texts]
    return [[field.name for field in finding.schema.fields] for finding in csv.settle(findings)]


def test_files_of_one_family_that_all_begin_with_one_row_have_a_header(tmp_path: Path) -> None:
    repeated = "code,name\nAA,American\ncode,Other\n"  # alone, this one looks as if it had none
    assert settled_names(tmp_path, repeated) == [["col0", "col1"]]
    plain = "code,name\nB6,JetBlue\nDL,Delta\n"
    assert settled_names(tmp_path, plain, repeated, plain) == [["code", "name"]] * 3


def test_files_of_one_family_that_each_begin_otherwise_have_no_header(tmp_path: Path) -> None:
    texts = ["ann,paris\nbob,rome\n", "cid,oslo\ndan,bern\n", "eve,bonn\nfay,kiel\n"]
    assert settled_names(tmp_path, *texts) == [["col0", "col1"]] * 3
