"""Parquet: Hive types from footers, and which files one table can hold."""

from __future__ import annotations

import io
from decimal import Decimal as Number
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog import types
from crawlers.errors import Unreadable
from crawlers.formats import Field, Head, Schema
from crawlers.formats import parquet as parquets
from crawlers.formats.arrow import hive_type
from crawlers.formats.parquet import conflict, readable
from crawlers.formats.parquet_footers import footer_of, rows_after, schema_part
from tests.crawlers.examining import columns, examine, found


def parquet(**columns_: Any) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table(columns_), sink)
    return sink.getvalue()


@pytest.mark.parametrize(
    ("kind", "hive"),
    [
        (pa.int8(), "tinyint"),
        (pa.int16(), "smallint"),
        (pa.int32(), "int"),
        (pa.int64(), "bigint"),
        (pa.uint32(), "bigint"),
        (pa.uint64(), "decimal(20,0)"),
        (pa.float32(), "float"),
        (pa.float64(), "double"),
        (pa.decimal128(12, 3), "decimal(12,3)"),
        (pa.string(), "string"),
        (pa.large_binary(), "binary"),
        (pa.binary(16), "binary"),
        (pa.date32(), "date"),
        (pa.timestamp("us", "UTC"), "timestamp"),
        (pa.time64("us"), "bigint"),
        (pa.dictionary(pa.int8(), pa.string()), "string"),
        (pa.list_(pa.struct([("A", pa.int32())])), "array<struct<A:int>>"),
        (pa.map_(pa.string(), pa.float64()), "map<string,double>"),
    ],
)
def test_an_arrow_type_becomes_its_hive_type(kind: pa.DataType, hive: str) -> None:
    assert str(hive_type(kind)) == hive


def test_a_file_tells_its_columns_and_records_by_its_bytes_not_its_name(tmp_path: Path) -> None:
    data = parquet(Id=pa.array([1, 2]), price=pa.array([Number("1.5"), None]), at=pa.array([0, 1], pa.timestamp("ns")))
    finding = found(tmp_path, data, "orders.csv")
    assert finding.schema.format == "parquet"
    assert columns(finding) == {"Id": "bigint", "price": "decimal(2,1)", "at": "timestamp"}
    assert (finding.records, finding.stored) == (2, len(data))


def test_a_footer_beyond_the_first_bytes_is_found(tmp_path: Path) -> None:
    data = parquet(id=pa.array(range(200_000)))
    assert len(data) > 100_000
    assert found(tmp_path, data).records == 200_000


@pytest.mark.parametrize("length", [4, 100, 400])
def test_a_file_cut_short_is_unreadable_with_its_reason(length: int, tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="cut short or damaged"):
        examine(tmp_path, parquet(id=pa.array([1]))[:length])


COLUMNS = st.dictionaries(
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=5),
    st.sampled_from([pa.int32(), pa.string(), pa.list_(pa.struct([("a", pa.bool_())])), pa.decimal128(5, 2)]),
    min_size=1,
    max_size=20,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(columns_=COLUMNS, rows=st.lists(st.integers(0, 300), min_size=2, max_size=3))
def test_files_that_begin_their_footers_alike_are_what_they_are_each_alone(
    columns_: dict[str, pa.DataType], rows: list[int], tmp_path: Path
) -> None:
    files = [parquet(**{name: pa.array([None] * count, kind) for name, kind in columns_.items()}) for count in rows]
    alone = []
    for data in files:
        parquets._latest.clear()
        alone.append(found(tmp_path, data))
    parquets._latest.clear()
    assert [found(tmp_path, data) for data in files] == alone
    assert [finding.records for finding in alone] == rows


def test_a_footer_s_schema_part_ends_before_its_number_of_rows(tmp_path: Path) -> None:
    few, many = (parquet(id=pa.array(range(count))) for count in (3, 100_000))
    heads = [Head(data, True, len(data), len(data), io.BytesIO(data), NotImplemented) for data in (few, many)]
    footers = [footer_of(head) for head in heads]
    parts = [schema_part(footer or b"") for footer in footers]
    assert parts[0] == parts[1] is not None
    assert [rows_after(footer or b"", len(parts[0] or b"")) for footer in footers] == [3, 100_000]


@pytest.mark.parametrize("length", [4, 100, 400])
def test_a_file_cut_short_is_unreadable_also_after_a_whole_one(length: int, tmp_path: Path) -> None:
    whole = parquet(id=pa.array([1]))
    assert found(tmp_path, whole).records == 1
    with pytest.raises(Unreadable, match="cut short or damaged"):
        examine(tmp_path, whole[:length])


@given(st.binary(max_size=60))
def test_no_bytes_bring_down_the_search_for_the_schema_part(data: bytes) -> None:
    part = schema_part(data)
    assert part is None or data.startswith(part)


@pytest.mark.parametrize(
    ("stored", "declared", "works"),
    [
        ("int", "bigint", True),
        ("int", "double", True),
        ("float", "double", True),
        ("bigint", "double", False),
        ("bigint", "string", False),
        ("int", "decimal(12,2)", True),
        ("int", "decimal(10,2)", False),
        ("bigint", "decimal(22,2)", True),
        ("decimal(5,2)", "decimal(9,4)", True),
        ("date", "timestamp", False),
        ("struct<a:int>", "struct<a:bigint,b:string>", True),
        ("array<int>", "array<string>", False),
    ],
)
def test_a_table_declares_only_what_spark_reads_from_the_file(stored: str, declared: str, works: bool) -> None:
    assert readable(types.parse(stored), types.parse(declared)) is works


def schema(**kinds: str) -> Schema:
    return Schema("parquet", (), tuple(Field(name, types.parse(kind)) for name, kind in kinds.items()))


def test_files_conflict_when_no_type_reads_a_column_of_both() -> None:
    assert conflict(schema(a="int", b="string"), schema(A="bigint", c="int")) is None
    assert "column a is bigint in one and double in the other" in (
        conflict(schema(a="bigint"), schema(a="double")) or ""
    )
