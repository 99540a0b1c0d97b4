"""Whole-file compression, told by bytes."""

from __future__ import annotations

import bz2
import gzip
import io
import resource
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import cramjam
import pyarrow as pa
import pytest

from crawlers.compression import warning
from crawlers.errors import Unreadable
from crawlers.formats import Rejected
from crawlers.zstd import window
from tests.crawlers.examining import columns, examine, found

SMALL = b"id,name\n1,a\n2,b\n"
ZSTD_BLOCK = 128 * 1024
LINES = b"".join(b'{"id":%d,"name":"n%d"}\n' % (number, number) for number in range(200_000))
CODECS = ["gzip", "bzip2", "zstd", "lz4", "snappy framed", "snappy hadoop", "zip"]


def packed(codec: str, data: bytes) -> bytes:
    match codec:
        case "bzip2":
            return bz2.compress(data)
        case "gzip":
            return gzip.compress(data)
        case "snappy framed":
            return bytes(cramjam.snappy.compress(data))
        case "snappy hadoop":
            return b"".join(hadoop_block(data[at : at + 262_144]) for at in range(0, len(data), 262_144))
        case "zip":
            return zipped({"a.csv": data})
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd" if codec == "zstd" else "lz4") as stream:
        stream.write(data)
    return sink.getvalue().to_pybytes()


def hadoop_block(data: bytes) -> bytes:
    piece = bytes(cramjam.snappy.compress_raw(data))
    return struct.pack(">II", len(data), len(piece)) + piece


def zipped(members: dict[str, bytes]) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return sink.getvalue()


@pytest.mark.parametrize("codec", CODECS)
def test_packed_files_are_read_by_their_bytes(codec: str, tmp_path: Path) -> None:
    finding = found(tmp_path, packed(codec, SMALL), "plain.csv")
    assert finding.schema.trait("compression") == codec.partition(" ")[0]
    assert columns(finding) == {"id": "bigint", "name": "string"}
    assert finding.records == 2


@pytest.mark.parametrize("codec", CODECS)
def test_only_the_beginning_of_a_long_packed_file_is_unpacked(codec: str, tmp_path: Path) -> None:
    finding = found(tmp_path, packed(codec, LINES))
    assert finding.records < 100_000
    if codec != "zip":  # its directory lies at the end, and the archive is read from there
        assert finding.stored < len(packed(codec, LINES))


def test_a_gzip_of_several_members_is_one_file(tmp_path: Path) -> None:
    assert found(tmp_path, gzip.compress(SMALL) + gzip.compress(b"3,c\n")).records == 3


def test_both_views_of_the_first_row_know_the_codec(tmp_path: Path) -> None:
    finding = found(tmp_path, gzip.compress(b"code,name\nAA,American\nB6,JetBlue\n"))
    assert finding.other is not None
    assert finding.other.schema.trait("compression") == finding.schema.trait("compression") == "gzip"


def test_a_name_that_promises_compression_does_not_count(tmp_path: Path) -> None:
    assert found(tmp_path, SMALL, "a.csv.gz").schema.trait("compression") == "none"


@pytest.mark.parametrize(
    ("codec", "name", "warned"),
    [("gzip", "a.csv.gz", False), ("gzip", "a.csv", True), ("none", "a.gz", False), ("zip", "a.zip", True)],
)
def test_a_name_that_readers_would_not_unpack_is_warned_of(codec: str, name: str, warned: bool) -> None:
    assert (warning(codec, name) is not None) is warned


@pytest.mark.parametrize("codec", CODECS)
def test_a_packed_file_cut_short_is_unreadable(codec: str, tmp_path: Path) -> None:
    data = packed(codec, SMALL * 50)
    with pytest.raises(Unreadable, match=f"it is {codec.partition(' ')[0]} that cannot be unpacked"):
        examine(tmp_path, data[: len(data) // 2])


@pytest.mark.parametrize("form", [b"PAR1", b"ORC", b"Obj\x01"])
def test_what_packs_itself_is_rejected_if_packed_whole(form: bytes, tmp_path: Path) -> None:
    answer = examine(tmp_path, gzip.compress(form + b"x" * 100))
    assert isinstance(answer, Rejected)
    assert "unpacks" in answer.why


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (gzip.compress(gzip.compress(SMALL, mtime=0), mtime=0), "packed twice"),
        (zipped({"a.csv": SMALL, "b.csv": SMALL}), "holds 2 files"),
        (zipped({f"{number}.csv": SMALL for number in range(100)}), "holds 100 entries"),
        (zipped({"[Content_Types].xml": b"<a/>", "xl/b.xml": b"<b/>"}), "an Office document"),
        (zipped({}), "an empty zip archive"),
    ],
)
def test_an_archive_is_no_table(data: bytes, why: str, tmp_path: Path) -> None:
    answer = examine(tmp_path, data)
    assert isinstance(answer, Rejected)
    assert why in answer.why


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_that_cannot_be_unpacked_in_small_parts_is_refused(method: int, tmp_path: Path) -> None:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", method) as archive:
        archive.writestr("a.csv", SMALL)
    with pytest.raises(Unreadable, match="another method than deflate"):
        examine(tmp_path, sink.getvalue())


def test_a_zip_with_the_large_kind_of_directory_is_read(tmp_path: Path) -> None:
    data = zipped({"a.csv": SMALL})
    assert found(tmp_path, _large(data, entries=1)).records == found(tmp_path, data).records
    answer = examine(tmp_path, _large(data, entries=2_000_000))
    assert isinstance(answer, Rejected)
    assert "65,535 entries or more" in answer.why


def _large(data: bytes, entries: int) -> bytes:
    """A zip whose end says that its figures stand in a record before it."""
    end = data.rindex(b"PK\x05\x06")
    size, start = struct.unpack("<II", data[end + 12 : end + 20])
    record = struct.pack("<4sQHHIIQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, entries, entries, size, start)
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, end, 1)
    return data[:end] + record + locator + data[end:]


@pytest.mark.parametrize("codec", CODECS)
def test_a_bomb_costs_no_more_than_what_is_read_of_it(codec: str, tmp_path: Path) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    bomb = packed(codec, bytes(100) * 300_000)
    mine = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert isinstance(examine(tmp_path, bomb), Rejected)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - max(before, mine) < 50_000  # KiB


@pytest.mark.parametrize(
    "frames",
    [
        b"\x02\x01\0\0x",
        b"\x00\x08\0\0" + bytes(4) + b"\xff\xff\xff\x7f",
        b"\x00\xff\xff\xff",
        b"\x01",
        b"\x00\x04\0\0abcd",
    ],
)
def test_damaged_frames_of_snappy_are_unreadable(frames: bytes, tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="snappy"):
        examine(tmp_path, b"\xff\x06\x00\x00sNaPpY" + frames)


# ── zstd's windows ───────────────────────────────────────────────────────────────────────────────────────────────────


def zstd_bomb(log: int) -> bytes:
    """A frame with a window of 2**log bytes that unpacks to as much again, of few bytes itself."""
    count = max(8, (1 << log) // ZSTD_BLOCK)
    blocks = b"".join(struct.pack("<I", ZSTD_BLOCK << 3 | 1 << 1 | (at == count - 1))[:3] + b"a" for at in range(count))
    return b"\x28\xb5\x2f\xfd" + bytes([0, (log - 10) << 3]) + blocks


@pytest.mark.parametrize(
    ("header", "size"),
    [
        (bytes([0x00, 13 << 3]), 8 << 20),
        (bytes([0x00, 13 << 3 | 4]), 12 << 20),
        (bytes([0x20, 200]), 200),
        (bytes([0x60, 0, 1]), 512),
        (bytes([0xA1, 7, *(1 << 30).to_bytes(4, "little")]), 1 << 30),
        (bytes([0xE0, *(1 << 40).to_bytes(8, "little")]), 1 << 40),
        (bytes([0xE0, 1]), 0),
        (b"", 0),
    ],
)
def test_a_zstd_frame_tells_its_window(header: bytes, size: int) -> None:
    assert window(b"\x28\xb5\x2f\xfd" + header) == size


@pytest.mark.parametrize("size", [1 << 28, (1 << 27) + (1 << 24)])
def test_a_zstd_window_that_is_too_large_is_refused_by_its_size(size: int, tmp_path: Path) -> None:
    frame = b"\x28\xb5\x2f\xfd" + bytes([0xA0]) + size.to_bytes(4, "little") + b"\x01\x00\x00"
    with pytest.raises(Unreadable, match=rf"a window of {size >> 20} MiB, and at most 128 MiB are allowed"):
        examine(tmp_path, frame, "a.csv.zst")


def test_many_readers_of_large_zstd_windows_take_little_memory(tmp_path: Path) -> None:
    (tmp_path / "bomb").write_bytes(zstd_bomb(27))
    script = """if True:
        import resource, sys
        from concurrent.futures import ThreadPoolExecutor
        from crawlers.compression import read_head
        def read(_):
            with open(sys.argv[1], "rb") as file:
                return len(read_head(file, 10**6, 2**20)[0].data)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        with ThreadPoolExecutor(16) as pool:
            assert set(pool.map(read, range(64))) == {2**20}
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
    """
    done = subprocess.run([sys.executable, "-c", script, tmp_path / "bomb"], capture_output=True, check=True, text=True)
    assert int(done.stdout) < 128 * 1024
