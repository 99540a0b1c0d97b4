"""Whole-file compression, told by bytes."""

from __future__ import annotations

import bz2
import gzip
from pathlib import Path

import pyarrow as pa
import pytest

from crawlers.errors import Unreadable
from crawlers.formats import Rejected
from tests.crawlers.examining import columns, examine, found

LINES = b"".join(b'{"id":%d,"name":"n"}\n' % number for number in range(200_000))


def packed(codec: str, data: bytes) -> bytes:
    if codec == "bzip2":
        return bz2.compress(data)
    if codec == "gzip":
        return gzip.compress(data)
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd" if codec == "zstd" else "lz4") as stream:
        stream.write(data)
    return sink.getvalue().to_pybytes()


@pytest.mark.parametrize("codec", ["gzip", "bzip2", "zstd", "lz4"])
def test_packed_files_are_read_by_their_bytes(codec: str, tmp_path: Path) -> None:
    finding = found(tmp_path, packed(codec, b"id,name\n1,a\n2,b\n"), "plain.csv")
    assert finding.schema.trait("compression") == codec
    assert columns(finding) == {"id": "bigint", "name": "string"}


@pytest.mark.parametrize("codec", ["gzip", "zstd"])
def test_only_the_beginning_of_a_long_packed_file_is_unpacked(codec: str, tmp_path: Path) -> None:
    data = packed(codec, LINES)
    finding = found(tmp_path, data)
    assert finding.records < 100_000
    assert finding.stored < len(data)


def test_a_name_that_promises_compression_does_not_count(tmp_path: Path) -> None:
    assert found(tmp_path, b"id,name\n1,a\n2,b\n", "a.csv.gz").schema.trait("compression") == "none"


@pytest.mark.parametrize("codec", ["gzip", "bzip2", "zstd"])
def test_a_packed_file_cut_short_is_unreadable(codec: str, tmp_path: Path) -> None:
    data = packed(codec, b"id,name\n1,a\n2,b\n" * 50)
    with pytest.raises(Unreadable, match=f"it is {codec} that cannot be unpacked"):
        examine(tmp_path, data[: len(data) // 2])


def test_parquet_packed_whole_is_rejected(tmp_path: Path) -> None:
    answer = examine(tmp_path, gzip.compress(b"PAR1" + b"x" * 100))
    assert isinstance(answer, Rejected)
    assert "no reader of Parquet unpacks" in answer.why
