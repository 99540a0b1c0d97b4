"""Bytes decide what a file is, and no bytes bring a crawl down."""

from __future__ import annotations

import pickle
from contextlib import suppress
from dataclasses import fields
from pathlib import Path

import fsspec
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.types import STRING
from crawlers.errors import Unreadable
from crawlers.formats import Field, Finding, Options, Rejected, Schema
from crawlers.places import FileEntry, open_place
from crawlers.recognition import recognise
from crawlers.sampling import choose
from tests.crawlers.examining import found

packed = [
    b"\x1f\x8b\x08",
    b"BZh9",
    b"\x28\xb5\x2f\xfd",
    b"PK\x03\x04",
    b"\xff\x06\x00\x00sNaPpY",
    b"\0\0\0\x09\0\0\0\x05",
]
plain = [
    b"",
    b"PAR1",
    b"ORC",
    b"Obj\x01",
    b"<a>",
    b"\xe0\x01\x00\xea",
    b"$ion_1_0 ",
    b"{",
    b"[",
    b"[1] 14 Nov",
    b'a,b\n1,"',
]
starts = st.sampled_from([*packed, *plain, b"\xff\xfe"])
texts = st.text(alphabet='{}[]",:\n\r\t|;1a. \x00é', max_size=60).map(str.encode)


@settings(max_examples=300)
@given(starts, st.binary(max_size=60) | texts)
def test_any_bytes_are_recognised_rejected_or_unreadable(start: bytes, rest: bytes) -> None:
    data = start + rest
    fsspec.filesystem("memory").pipe("/fuzz/file", data)
    with suppress(Unreadable):
        answer = recognise(open_place("memory://fuzz/file"), "file", len(data), Options())
        assert isinstance(answer, Finding | Rejected)


def test_json_named_csv_is_json(tmp_path: Path) -> None:
    assert found(tmp_path, b'{"a": 1, "b": 2}\n', "a.csv").schema.format == "json"


@given(st.integers(1, 10), st.integers(0, 30))
def test_a_sample_is_the_same_at_every_crawl_and_a_new_file_moves_at_most_one(size: int, count: int) -> None:
    files = [FileEntry(f"part-{number}", 1) for number in range(count)]
    before = choose(("k=1",), files, size)
    assert len(before) == min(size, count)
    assert before == choose(("k=1",), list(reversed(files)), size) or count <= size
    after = choose(("k=1",), [*files, FileEntry("new", 1)], size)
    assert len(set(before) - set(after)) <= 1


def test_a_schema_does_not_take_its_hash_along_to_another_process() -> None:
    schema = Schema("csv", (("delimiter", ","),), (Field("a", STRING),))
    hash(schema)
    received = pickle.loads(pickle.dumps(schema))
    assert received == schema
    assert vars(received).keys() == {each.name for each in fields(Schema)}
