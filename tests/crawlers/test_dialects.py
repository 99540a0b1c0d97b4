"""Delimited text as it comes: encodings, quotes, escapes, comments, footers and ragged rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawlers.formats import Rejected
from crawlers.formats.csv import storage
from crawlers.formats.headers import has_header
from crawlers.model import HeaderDetection
from tests.crawlers.examining import columns, examine, found


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("mark", ["\ufeff", ""])
def test_utf16_is_read_with_and_without_its_mark(encoding: str, mark: str, tmp_path: Path) -> None:
    finding = found(tmp_path, (mark + "id,name\n1,Zoë\n2,b\n").encode(encoding))
    assert columns(finding) == {"id": "bigint", "name": "string"}
    layout = storage(finding.schema)
    assert layout.serde_parameters["serialization.encoding"] == encoding.upper().replace("UTF-16-", "UTF-16")
    assert layout.parameters["multiLine"] == "true"


def test_a_long_utf16_file_is_cut_at_a_line(tmp_path: Path) -> None:
    text = "id,name\n" + "".join(f"{number},name {number}\n" for number in range(60_000))
    assert columns(found(tmp_path, text.encode("utf-16"))) == {"id": "bigint", "name": "string"}


def test_single_quotes_are_quotes_where_no_others_are(tmp_path: Path) -> None:
    finding = found(tmp_path, b"id,note\n1,'a, b'\n2,'it''s'\n3,'c'\n")
    assert columns(finding) == {"id": "bigint", "note": "string"}
    assert storage(finding.schema).serde_parameters["quoteChar"] == "'"
    assert found(tmp_path, b"id,note\n1,it's\n2,o'clock\n").schema.marks == frozenset()


def test_a_quote_after_a_backslash_belongs_to_the_cell(tmp_path: Path) -> None:
    finding = found(tmp_path, b'id,note,n\n1,"say \\"hi, you\\"",1\n2,"b, \\"c\\"",2\n')
    assert columns(finding) == {"id": "bigint", "note": "string", "n": "bigint"}
    assert storage(finding.schema).serde_parameters["escape"] == "\\"


def test_a_decimal_comma_is_no_delimiter_beside_semicolons(tmp_path: Path) -> None:
    finding = found(tmp_path, b"a;b;c\n1,5;2,5;3\n1,7;2,25;4\n")
    assert finding.schema.trait("delimiter") == ";"
    assert columns(finding) == {"a": "string", "b": "string", "c": "bigint"}


@pytest.mark.parametrize(
    ("text", "names", "lines"),
    [
        ("# by hand, on Monday\nid,name\n1,a\n2,b\n", ["id", "name"], "2"),
        ("#id,name\n1,a\n2,b\n", ["id", "name"], "1"),
        ("## v1\n#chrom\tstart\nchr1\t5\nchr2\t6\n", ["chrom", "start"], "2"),
        ("id,name\n# a note\n1,a\n2,b\n3,c\n", ["id", "name"], "1"),
        ("Report\nfor all\n\nid,name\n1,a\n2,b\n", ["id", "name"], "4"),
    ],
)
def test_comments_and_a_title_are_no_rows(text: str, names: list[str], lines: str, tmp_path: Path) -> None:
    finding = found(tmp_path, text.encode())
    assert list(columns(finding)) == names
    assert finding.schema.trait("header lines") == lines
    assert columns(finding)[names[-1]] in ("string", "bigint")


def test_a_footer_does_not_change_a_column_s_type(tmp_path: Path) -> None:
    rows = "".join(f"{number},{number}.5,x\n" for number in range(20))
    assert columns(found(tmp_path, f"id,price,note\n{rows}20 rows in all\n".encode())) == {
        "id": "bigint",
        "price": "double",
        "note": "string",
    }


def test_rows_that_leave_out_their_last_cells_have_the_header_s_columns(tmp_path: Path) -> None:
    assert columns(found(tmp_path, b"id,a,b,c\n1,x\n2,y\n3,z\n4,x,2\n")) == {
        "id": "bigint",
        "a": "string",
        "b": "bigint",
        "c": "void",
    }


def test_a_delimiter_at_the_end_of_each_row_but_the_header_is_no_column(tmp_path: Path) -> None:
    assert columns(found(tmp_path, b"id,name\n1,a,\n2,b,\n3,c,\n")) == {"id": "bigint", "name": "string"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("country,2019,2020\nFrance,1,2\nSpain,3,4\n", True),
        ("France,2019,5\nSpain,2020,6\n", False),
        ("Größe (m²),Anteil in %\n1.5,2\n1.7,3\n", True),
        ("when,who\n2024-01-02,ann\n2024-01-03,bob\n", True),
        ("2024-01-02,5\n2024-01-03,6\n", False),
        ("mail,name\na@b.org,Ann\nc@d.org,Bob\n", True),
        ("Ann,AA\nBob,BB\nCid,CC\n", False),
        ("code,name\nAAA,Aachen\nBBB,Berlin\nCCC,Celle\n", True),
        ("id,,name\n1,2,a\n2,3,b\n", True),
        ("1,2\n3,4\n", False),
        ("a\n", False),
    ],
)
def test_a_first_row_names_the_columns_if_the_rows_below_differ_from_it(text: str, expected: bool) -> None:
    rows = [line.split(",") for line in text.splitlines()]
    assert has_header(rows, HeaderDetection.IMPROVED) is expected


def test_whole_numbers_with_a_zero_in_front_stay_text(tmp_path: Path) -> None:
    assert columns(found(tmp_path, b"id,zip\n1,00501\n2,10001\n"))["zip"] == "string"


@pytest.mark.parametrize(
    ("start", "why"),
    [
        (b"\x89PNG\r\n\x1a\n,a\n,b\n", "PNG"),
        (b"%PDF-1.7\na,b\nc,d\n", "PDF"),
        (b"\xff\xd8\xff\xe0a,b\n", "JPEG"),
        (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
        (b"\xfd7zXZ\0", "xz"),
        (b"SQLite format 3\0", "SQLite"),
        (b"a" * 257 + b"ustar\0", "tar"),
    ],
)
def test_what_is_no_table_is_refused_with_its_name(start: bytes, why: str, tmp_path: Path) -> None:
    answer = examine(tmp_path, start + b"," * 600)
    assert isinstance(answer, Rejected)
    assert why in answer.why


def test_prose_with_even_commas_is_no_table(tmp_path: Path) -> None:
    prose = b"It was late, and the long road led us nowhere at all.\nShe stopped, looking back the way they had come.\n"
    answer = examine(tmp_path, prose * 5)
    assert isinstance(answer, Rejected)
    assert "prose" in answer.why
