"""ORC: Hive types from footers."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import orc

from crawlers.errors import Unreadable
from crawlers.formats.orc import storage
from tests.crawlers.examining import columns, examine, found


def file(**columns_: Any) -> bytes:
    sink = io.BytesIO()
    orc.write_table(pa.table(columns_), sink)
    return sink.getvalue()


def test_every_type_of_orc_becomes_its_hive_type(tmp_path: Path) -> None:
    kinds = {
        "boolean": pa.bool_(),
        "tinyint": pa.int8(),
        "smallint": pa.int16(),
        "int": pa.int32(),
        "bigint": pa.int64(),
        "float": pa.float32(),
        "double": pa.float64(),
        "string": pa.string(),
        "binary": pa.binary(),
        "date": pa.date32(),
        "timestamp": pa.timestamp("ns"),
        "decimal(9,2)": pa.decimal128(9, 2),
        "array<struct<A:int>>": pa.list_(pa.struct([("A", pa.int32())])),
        "map<string,double>": pa.map_(pa.string(), pa.float64()),
    }
    data = file(**{f"c{place}": pa.array([None], kind) for place, kind in enumerate(kinds.values())})
    finding = found(tmp_path, data, "wrong.csv")
    assert list(columns(finding).values()) == list(kinds)
    assert (finding.records, finding.stored) == (1, len(data))
    assert storage(finding.schema).serde == "org.apache.hadoop.hive.ql.io.orc.OrcSerde"


def test_a_footer_beyond_the_first_bytes_is_found(tmp_path: Path) -> None:
    data = file(id=pa.array([f"{number * 7919 % 100_003:x}" for number in range(60_000)]))
    assert len(data) > 100_000
    assert found(tmp_path, data).records == 60_000


@pytest.mark.parametrize("lost", [1, 10, 100])
def test_a_file_cut_short_is_unreadable(lost: int, tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="cut short or damaged"):
        examine(tmp_path, file(id=pa.array([1]))[:-lost])
