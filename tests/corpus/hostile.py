"""Files that would harm a careless reader, and files that are no table at all."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import struct
import zipfile
import zlib
from collections.abc import Iterator
from random import Random

import cramjam

from tests.corpus.case import Case, refused
from tests.corpus.delimited import written
from tests.corpus.json_files import lines, records
from tests.corpus.tables import make
from tests.corpus.typed import arrow_table, to_avro, to_orc, to_parquet

MEGABYTE = 1 << 20


def cases() -> Iterator[Case]:
    yield from _no_tables()
    yield from _damaged()
    yield from _bombs()
    yield from _huge()


def _no_tables() -> Iterator[Case]:
    random = Random(41)
    yield refused("empty", b"", ".csv")
    yield refused("white_space", b" \n\t\n   \n", ".csv")
    yield refused("nul_bytes", b"\0" * 5_000, ".csv")
    yield refused("noise", random.randbytes(50_000), ".parquet")
    yield refused("png", b"\x89PNG\r\n\x1a\n" + random.randbytes(9_000), ".csv")
    yield refused("jpeg", b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + random.randbytes(9_000))
    yield refused(
        "pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\nendobj\n" + random.randbytes(4_000)
    )
    yield refused("elf", b"\x7fELF\x02\x01\x01" + random.randbytes(9_000))
    yield refused("sqlite", b"SQLite format 3\x00" + random.randbytes(9_000), ".db")
    prose = (
        "It was late, and the road, long as it was, led nowhere in particular. She stopped, looked back, and laughed.\n"
        "Nobody answered. The wind, which had been rising since noon, carried the sound away, over the fields.\n\n"
        '"We should go," he said; but he did not move, and neither, for a while, did she.\n'
    )
    yield refused("prose", (prose * 12).encode(), ".txt")
    yield refused(
        "markdown", b"# Title\n\nSome text, with commas.\n\n- one\n- two, three\n\n```\ncode\n```\n" * 6, ".md"
    )
    source = b"import os\n\n\ndef main(a, b):\n    if a:\n        return os.path.join(a, b)\n    return None\n\n\n"
    yield refused("python_source", source * 8, ".py")
    page = b"<!DOCTYPE html>\n<html><head><title>t</title></head><body><p>one<br>two</p><p>three</p></body></html>\n"
    yield refused("html", page, ".html")
    yield refused("one_word", b"hello\n", ".csv")
    yield refused("one_column", b"hello\nworld\nagain\n" * 10, ".csv")
    yield refused("json_scalar", b"42\n", ".json")
    yield refused("json_empty_object", b"{}\n{}\n{}\n", ".json")
    yield refused("json_empty_array", b"[]", ".json")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("a.csv", "a,b\n1,2\n")
        opened.writestr("b.csv", "a,b\n1,2\n")
    yield refused("zip_of_two", archive.getvalue(), ".zip")


def _damaged() -> Iterator[Case]:
    made = make("people", 42, rows=2_000)
    table = arrow_table(made)
    whole = {
        "parquet": to_parquet(table),
        "orc": to_orc(table),
        "avro": to_avro(made)[:400],
        "gzip": gzip.compress(written(made).encode())[:40],
        "bzip2": bz2.compress(written(made).encode())[:60],
        "zstd": bytes(cramjam.zstd.compress(written(made).encode()))[:30],
    }
    for name, data in whole.items():
        yield refused(f"truncated_{name}", data[: len(data) * 2 // 3], f".{name}")
        yield refused(f"first_bytes_{name}", data[:6], f".{name}")
    for name in ("parquet", "orc"):
        spoiled = bytearray(whole[name])
        for at in range(len(spoiled) - 60, len(spoiled) - 8):
            spoiled[at] ^= 0xFF
        yield refused(f"spoiled_footer_{name}", bytes(spoiled), f".{name}")
    huge_footer = whole["parquet"][:-8] + struct.pack("<I", 2**31 - 1) + b"PAR1"
    yield refused("footer_longer_than_file", huge_footer, ".parquet")
    yield refused("only_magic", b"PAR1PAR1", ".parquet")
    yield refused("avro_bad_schema", b"Obj\x01\x02\x16avro.schema\x08nope\x00" + b"\0" * 16, ".avro")
    yield refused("csv_nul_inside", b"a,b\n" + b"1,\0\0\0\n" * 50, ".csv")


def _bombs() -> Iterator[Case]:
    zeros = b"\0" * (64 * MEGABYTE)
    yield refused("gzip_bomb", gzip.compress(zeros), ".gz")
    yield refused("gzip_bomb_twice", gzip.compress(gzip.compress(zeros)), ".gz")
    yield refused("bzip2_bomb", bz2.compress(zeros), ".bz2")
    yield refused("zstd_bomb", bytes(cramjam.zstd.compress(zeros)), ".zst")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr("zeros", zeros)
    yield refused("zip_bomb", archive.getvalue(), ".zip")
    yield refused("zip_bomb_of_bzip2", _zip_of(_gigabyte(), method=12), ".zip")
    yield refused("avro_doubling", _doubling_avro(), ".avro")
    entities = "".join(f'<!ENTITY l{at} "{f"&l{at - 1};" * 10}">' for at in range(1, 10))
    laughs = f'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY l0 "lol">{entities}]><r><row>&l9;</row><row>x</row></r>'
    yield refused("billion_laughs", laughs.encode(), ".xml")
    outside = '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r><row>&x;</row><row/></r>'
    yield refused("external_entity", outside.encode(), ".xml")
    yield refused("deep_xml", b"<a>" * 100_000, ".xml")
    yield refused("deep_json_array", b"[" * 100_000, ".json")
    yield refused("deep_json_object", b'{"a":' * 10_000 + b"1" + b"}" * 10_000, ".json")


def _gigabyte() -> bytes:
    """2**30 NULs in bzip2, put together from its blocks: packing them takes eight seconds. One of 46 MB is 32 bytes."""
    block = bytes.fromhex("3141592653590e09e2df015f8e4000c0000008200030804d4642a025a90a8097")
    last = "314159265359487c5fc9008a52c800c00000040008200030cc0529a69122436144890f177245385090f688e402"
    return b"BZh9" + block * 23 + bytes.fromhex(last)


def _zip_of(packed: bytes, method: int) -> bytes:
    """An archive of one member that is packed already; its checksum is wrong, which only its end would tell."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as opened:
        opened.writestr("zeros", packed)
    made = bytearray(sink.getvalue())
    central = made.rindex(b"PK\x01\x02")
    for at in (8, central + 10):
        made[at : at + 2] = struct.pack("<H", method)
    for at in (22, central + 24):
        made[at : at + 4] = struct.pack("<I", 1 << 30)
    return bytes(made)


def _doubling_avro() -> bytes:
    """A schema in which each of 30 records has the next one twice, so that the first has 2**30 fields."""
    kind: object = "int"
    for level in range(30):
        again = kind if level == 0 else f"r{level - 1}"
        named = [{"name": "a", "type": kind}, {"name": "b", "type": again}]
        kind = {"type": "record", "name": f"r{level}", "fields": named}
    schema = json.dumps(kind).encode()
    return b"Obj\x01\x02\x16avro.schema" + _zigzag(len(schema)) + schema + b"\0" + b"\0" * 16


def _zigzag(number: int) -> bytes:
    """Avro's way to write a number that is not negative."""
    rest, out = number << 1, bytearray()
    while rest > 127:
        out.append(rest & 127 | 128)
        rest >>= 7
    return bytes((*out, rest))


def _huge() -> Iterator[Case]:
    """Large beyond use, yet sound: a table, if the reader's limits allow."""
    wide = {f"c{at}": at for at in range(9_000)}
    yield Case("hostile_wide_json", lines([wide] * 2).encode(), "json", dict.fromkeys(wide, "int"), ".json")
    header = ",".join(wide)
    row = ",".join(map(str, wide.values()))
    yield Case("hostile_wide_csv", f"{header}\n{row}\n{row}\n".encode(), "csv", dict.fromkeys(wide, "bigint"), ".csv")
    equal = ",".join(["same"] * 10_000)
    found = {"same": "bigint"} | {f"same_{at}": "bigint" for at in range(1, 10_000)}
    numbers = ",".join(map(str, range(10_000)))
    yield Case("hostile_equal_names", f"{equal}\n{numbers}\n{numbers}\n".encode(), "csv", found, ".csv")
    long = f"id,text\n1,{'x' * MEGABYTE * 2}\n2,y\n"
    yield refused("long_line", long.encode(), ".csv")
    yield refused("one_long_line", b"x" * (4 * MEGABYTE), ".csv")
    cell = json.dumps({"id": 1, "text": "x" * MEGABYTE * 3})
    yield Case(
        "hostile_long_json_value", f"{cell}\n{cell}\n".encode(), "json", {"id": "int", "text": "string"}, ".json"
    )
    made = make("orders", 43, rows=20_000)
    yield Case("hostile_large_csv", written(made).encode(), "csv", made.truth("text"), ".csv")
    yield Case("hostile_large_json", lines(records(made)).encode(), "json", made.truth("json"), ".json")
    stretched = zlib.compress(b"a,b\n1,2\n" * 100_000)
    yield refused("bare_zlib", stretched, ".z")
