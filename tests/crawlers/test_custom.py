"""Custom classifiers of each kind, through a real crawl of local files."""

from __future__ import annotations

import pickle
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest

from catalog.catalog import Catalog
from catalog.model import Table
from crawlers.crawl import crawl, survey
from crawlers.custom import log_of, recognisers
from crawlers.errors import BadPattern, Unreadable
from crawlers.formats import Head, Options
from crawlers.model import (
    AnyClassifier,
    CsvClassifier,
    CsvHeader,
    CsvSerde,
    GrokClassifier,
    JsonClassifier,
    RecrawlBehavior,
    XmlClassifier,
)
from crawlers.places import open_place
from crawlers.recognition import recognise
from crawlers.report import TableReport
from tests.crawlers.lakes import crawler, only, put, types_of

LAZY = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
OPEN = "org.apache.hadoop.hive.serde2.OpenCSVSerde"
LINE = "2024-01-02 03:04:05 WARN 17 disk is full\n"
APP = GrokClassifier(
    "mine", "app", "%{STAMP:at} %{LOGLEVEL:level} %{INT:n:long} %{WORD:UNWANTED} %{GREEDYDATA:rest}",
    "STAMP %{YEAR}-%{MONTHNUM2}-%{MONTHDAY} %{TIME}",
)  # fmt: skip
CSV = CsvClassifier("mine")


def crawled(lake: Path, catalog: Catalog, data: str | bytes, *classifiers: AnyClassifier) -> tuple[Table, TableReport]:
    """The one table that the classifiers find in one file."""
    put(lake, {"t/a": data})
    report = crawl(crawler(lake), catalog, classifiers=classifiers)
    return catalog.get_table("lake", "t"), only(report)


def test_lines_of_a_grok_pattern_are_a_table_that_carries_the_pattern(lake: Path, catalog: Catalog) -> None:
    table, report = crawled(lake, catalog, LINE * 10, APP)
    assert types_of(table) == {"at": "string", "level": "string", "n": "bigint", "rest": "string"}
    assert table.parameters["classification"] == "app"
    assert table.storage.serde is not None
    assert table.storage.serde.library == "com.amazonaws.glue.serde.GrokSerDe"
    assert table.storage.serde.parameters == {
        "input.format": APP.pattern,
        "input.grokCustomPatterns": APP.custom_patterns,
    }
    assert "its files are classified by mine" in report.notes


def test_nine_lines_in_ten_have_to_match_wherever_the_others_are(lake: Path, catalog: Catalog) -> None:
    table, _ = crawled(lake, catalog, "# comment\n\n" + LINE * 9, APP)
    assert table.parameters["classification"] == "app"
    put(lake, {"u/a": "# comment\n" + LINE * 8, "v/a": LINE * 8 + "other\n" * 2})
    crawl(crawler(lake), catalog, classifiers=[APP])
    assert {each.name for each in catalog.iter_tables("lake") if each.parameters["classification"] == "app"} == {"t"}


def test_a_pattern_that_backtracks_without_end_costs_its_file_and_not_the_crawl(lake: Path, catalog: Catalog) -> None:
    put(lake, {"slow/a": "a" * 5_000 + "\n", "good/a.csv": "id,name\n1,x\n2,y\n"})
    report = crawl(crawler(lake), catalog, classifiers=[GrokClassifier("slow", "slow", "^(?:(?:a+)+)+b$%{WORD:w}")])
    assert [table.name for table in catalog.iter_tables("lake")] == ["good"]
    (failed,) = report.files.failed.shown
    assert "takes more than" in failed.reason


def test_lines_that_take_long_together_cost_their_file() -> None:
    head = Head(LINE.encode() * 3, True, 1, 1, BytesIO(), lambda _: head)
    with pytest.raises(Unreadable, match=r"takes more than 0\.0 s for its first lines"):
        log_of(APP).judged(head, [LINE] * 3, seconds=0.0)


def test_a_pattern_that_is_broken_fails_the_crawl_by_its_name(lake: Path, catalog: Catalog) -> None:
    with pytest.raises(BadPattern, match="NOTHING"):
        crawl(crawler(lake), catalog, classifiers=[GrokClassifier("g", "c", "%{NOTHING:x}")])


@pytest.mark.parametrize(
    ("data", "path", "types", "parameters", "queried"),
    [
        ('[{"a": 1}, {"a": 2, "B": "x"}]', "$[*]", {"a": "int", "b": "string"}, {"multiLine": "true"}, True),
        ('{"a": {"b": 1}}\n{"a": {"b": 2}}\n', "$", {"a": "struct<b:int>"}, {}, True),
        ('{"a": {"b": 1}}\n{"a": {"b": 2}}\n', "$.a", {"b": "int"}, {}, False),
        ('{"rows": [\n{"a": 1}, {"a": 2.5}\n]}', "$.rows[*]", {"a": "double"}, {"multiLine": "true"}, False),
        ('{"n": [1, 2]}\n{"n": [3]}\n', "$.n[*]", {"record": "int"}, {}, False),
        ("[1, 2]", "$[*]", {"record": "int"}, {"multiLine": "true"}, False),
    ],
)
def test_the_values_at_a_json_path_are_the_records(
    lake: Path, catalog: Catalog, data: str, path: str, types: dict[str, str], parameters: dict[str, str], queried: bool
) -> None:
    table, report = crawled(lake, catalog, data, JsonClassifier("mine", path))
    assert types_of(table) == types
    assert table.storage.serde is not None
    assert table.storage.serde.library == "org.openx.data.jsonserde.JsonSerDe"
    known = {"multiLine", "jsonPath"}
    expected = parameters | ({"jsonPath": path} if path != "$" else {})
    assert {name: value for name, value in table.parameters.items() if name in known} == expected
    assert any(f"those at {path}" in note for note in report.notes) is not queried


def test_json_without_anything_at_the_path_is_left_to_the_built_in_format(lake: Path, catalog: Catalog) -> None:
    table, report = crawled(lake, catalog, '{"a": 1}\n{"a": 2}\n', JsonClassifier("mine", "$[*]"))
    assert types_of(table) == {"a": "int"}
    assert not any("classified by" in note for note in report.notes)


def test_an_element_at_any_depth_can_be_the_record(lake: Path, catalog: Catalog) -> None:
    data = '<shop><orders><order id="1"><sum>2.5</sum></order><order id="2"></order></orders></shop>'
    table, _ = crawled(lake, catalog, data, XmlClassifier("mine", "orders", "order"))
    assert types_of(table) == {"_id": "bigint", "sum": "double"}
    assert (table.parameters["classification"], table.parameters["rowTag"]) == ("orders", "order")


def test_what_is_no_sound_xml_can_be_another_classifier_s(lake: Path, catalog: Catalog) -> None:
    lines = GrokClassifier("lines", "tagged", "<%{WORD:tag}>%{GREEDYDATA:rest}")
    table, report = crawled(lake, catalog, "<a>x\n<b>y\n", XmlClassifier("x", "xml", "order"), lines)
    assert types_of(table) == {"tag": "string", "rest": "string"}
    assert "its files are classified by lines" in report.notes


TEXT = "id^name\n1^x\n2^y\n"
WORDS = "one;two\nx;y\n"


@pytest.mark.parametrize(
    ("classifier", "data", "types"),
    [
        (replace(CSV, delimiter="^"), TEXT, {"id": "bigint", "name": "string"}),
        (replace(CSV, delimiter="^", header=CsvHeader.ABSENT), TEXT, {"col0": "string", "col1": "string"}),
        (replace(CSV, header=CsvHeader.PRESENT, columns=("a", "b")), WORDS, {"a": "string", "b": "string"}),
        (replace(CSV, columns=("id", "name"), delimiter="^"), TEXT, {"id": "bigint", "name": "string"}),
        (replace(CSV, header=CsvHeader.ABSENT, columns=("a", "b")), "1;x\n", {"a": "bigint", "b": "string"}),
        (replace(CSV, header=CsvHeader.PRESENT, allows_single_column=True), "n\n1\n2\n", {"n": "bigint"}),
        (replace(CSV, delimiter=";", quote="'"), "a;b\n'x;y';1\n'z';2\n", {"a": "string", "b": "string"}),
        (replace(CSV, delimiter="|", quote="("), "a|b\n(x|y(|1\n(z(|2\n", {"a": "string", "b": "string"}),
        (replace(CSV, quote=","), "a;b\n,x;y,;1\n,z,;2\n", {"a": "string", "b": "string"}),
        (replace(CSV, delimiter="\\"), 'a\\b\n"x"\\1\n', {"a": "string", "b": "bigint"}),
        (replace(CSV, trims_values=True), "a,b\nx, 1\ny, 2\n", {"a": "string", "b": "bigint"}),
        (CSV, "a,b\nx, 1\ny, 2\n", {"a": "string", "b": "string"}),
    ],
)
def test_delimited_text_is_read_by_the_classifier_s_rules(
    lake: Path, catalog: Catalog, classifier: CsvClassifier, data: str, types: dict[str, str]
) -> None:
    table, report = crawled(lake, catalog, data, classifier)
    assert types_of(table) == types
    assert "its files are classified by mine" in report.notes


@pytest.mark.parametrize(
    "classifier",
    [
        replace(CSV, columns=("a", "b", "c"), header=CsvHeader.ABSENT),
        replace(CSV, columns=("a",), header=CsvHeader.PRESENT),
        replace(CSV, delimiter="|"),
    ],
)
def test_text_that_does_not_fit_the_rules_is_left_to_the_built_in_format(
    lake: Path, catalog: Catalog, classifier: CsvClassifier
) -> None:
    table, report = crawled(lake, catalog, "x;1\ny;2\n", classifier)
    assert types_of(table) == {"col0": "string", "col1": "bigint"}
    assert not any("classified by" in note for note in report.notes)


@pytest.mark.parametrize(
    ("types", "cells", "found"),
    [
        (("LONG", "STRING"), ("1", "2"), "bigint"),
        (("SHORT", "INT"), ("1", "70000"), "int"),
        (("SHORT",), ("1", "2"), "smallint"),
        (("SHORT",), ("1", "70000"), "string"),
        (("DOUBLE",), ("1", "2.5"), "double"),
        (("FLOAT",), ("1", "2.5"), "float"),
        (("DECIMAL", "DOUBLE"), ("1.10", "2"), "decimal(38,18)"),
        (("BOOLEAN",), ("true", "FALSE"), "boolean"),
        (("DATE", "TIMESTAMP"), ("2024-01-02", "2024-01-03"), "date"),
        (("DATE", "TIMESTAMP"), ("2024-01-02 03:04:05", "2024-01-02 03:04:05.5"), "timestamp"),
        (("DATE",), ("2024-01-02", "soon"), "string"),
        (("LONG", "DOUBLE"), ("007", "008"), "string"),
        ((), ("true", "false"), "string"),
        ((), ("2024-01-02", "2024-01-03"), "string"),
    ],
)
def test_columns_have_only_types_that_were_asked_for(
    lake: Path, catalog: Catalog, types: tuple[str, ...], cells: tuple[str, str], found: str
) -> None:
    data = "word,value\n" + "".join(f"x,{cell}\n" for cell in cells)
    table, _ = crawled(lake, catalog, data, replace(CSV, header=CsvHeader.PRESENT, types=types))
    assert types_of(table)["value"] == found


@pytest.mark.parametrize(
    ("serde", "data", "library", "kind"),
    [
        ("None", "a,b\n1,x\n2,y\n", LAZY, "bigint"),
        ("None", 'a,b\n1,"x,y"\n2,z\n', OPEN, "string"),
        ("OpenCSVSerDe", "a,b\n1,x\n2,y\n", OPEN, "string"),
        ("OpenCSVSerde", "a,b\n1,x\n2,y\n", OPEN, "string"),
        ("LazySimpleSerDe", 'a,b\n1,"x,y"\n2,z\n', LAZY, "bigint"),
    ],
)
def test_a_classifier_may_settle_what_reads_its_tables(
    lake: Path, catalog: Catalog, serde: str, data: str, library: str, kind: str
) -> None:
    table, report = crawled(lake, catalog, data, replace(CSV, serde=CsvSerde(serde)))
    assert table.storage.serde is not None
    assert (table.storage.serde.library, types_of(table)["a"]) == (library, kind)
    assert any("leaves the quotes on" in note for note in report.notes) == ('"' in data and library == LAZY)


def test_the_first_classifier_in_the_crawler_s_order_wins(lake: Path, catalog: Catalog) -> None:
    first, second = replace(CSV, name="one", columns=("a", "b")), replace(CSV, name="two", columns=("c", "d"))
    never = GrokClassifier("never", "c", "%{IP:x}$")
    table, report = crawled(lake, catalog, "x;1\ny;2\n", never, second, first)
    assert list(types_of(table)) == ["c", "d"]
    assert "its files are classified by two" in report.notes


def test_files_of_one_classifier_are_one_table_and_packed_ones_are_unpacked(lake: Path, catalog: Catalog) -> None:
    put(lake, {f"t/k={k}/a": f"{k}^x\n{k}^y\n" for k in (1, 2)})
    classifier = replace(CSV, delimiter="^", header=CsvHeader.ABSENT, columns=("id", "name"))
    report = only(crawl(crawler(lake), catalog, classifiers=[classifier]))
    assert (report.partitions, [column.name for column in report.columns]) == (2, ["id", "name"])


def test_options_with_classifiers_travel_to_other_processes(tmp_path: Path) -> None:
    options = pickle.loads(pickle.dumps(Options(custom=recognisers([APP]))))
    (tmp_path / "a").write_text(LINE)
    answer = recognise(open_place(str(tmp_path)), "a", len(LINE), options)
    assert answer == recognise(open_place(str(tmp_path)), "a", len(LINE), Options(custom=recognisers([APP])))
    assert answer.schema.classifiers == ("mine",)  # type: ignore[union-attr]


def test_a_new_folder_of_a_classifier_s_table_is_its_partition(lake: Path, catalog: Catalog) -> None:
    put(lake, {"t/k=1/a": LINE})
    newcomers = crawler(lake, recrawl=RecrawlBehavior.CRAWL_NEW_FOLDERS_ONLY)
    first = survey(newcomers, catalog, classifiers=[APP])
    catalog.apply(first.changes)
    put(lake, {"t/k=2/a": LINE})
    report = survey(newcomers, catalog, classifiers=[APP], recalled=first.remembered).report
    assert (report.partition_counts.added, report.files.skipped.total) == (1, 0)
