"""What is remembered of a place is what was found there."""

from __future__ import annotations

import gzip
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.types import BIGINT, STRING, Array, Decimal, HiveType, Map, Struct, Text, Union
from crawlers.formats import Field, Finding, Rejected, Schema
from crawlers.lattice import VOID
from crawlers.memory import Memory, Remembered, decode, encode, listing_digest, read_header
from crawlers.model import DEFAULTS, Target
from crawlers.places import FileEntry, FolderPath
from crawlers.reading import Seen, read_target
from tests.crawlers.lakes import parquet, put

FILES: dict[str, str | bytes] = {
    "a.csv": "id,item\n1,pen\n2,ink\n",
    "all-text.csv": "one,two\nx,y\nz,w\n",
    "b.json": '{"id": 1, "odd, name: <b>": {"x": [1.5]}, "none": null}\n',
    "packed.json.gz": gzip.compress(b'{"id": 1}\n'),
    "k=v/c.parquet": parquet(id=[1], pair=[{"a": 1}]),
    "prose.txt": "prose, of all\nthings",
}


def seen(lake: Path) -> Seen:
    return read_target(Target(str(lake)), DEFAULTS, lambda *told: None, lambda: False)


def test_every_kind_of_answer_comes_back_as_it_was(lake: Path) -> None:
    put(lake, FILES)
    memory = seen(lake).memory
    answers = [answer for folder in memory.folders.values() for answer in folder.answers.values()]
    assert len(answers) == len(FILES)
    assert {type(answer) for answer in answers} == {Finding, Rejected}
    assert decode(encode(memory)) == memory


names = st.text(st.characters(exclude_characters="/", codec="utf-8"), min_size=1, max_size=9)
kinds: st.SearchStrategy[HiveType] = st.recursive(
    st.sampled_from([VOID, STRING, BIGINT, Decimal(38, 4), Text("varchar", 9)]),
    lambda inner: st.one_of(
        st.builds(Array, inner),
        st.builds(Map, inner, inner),
        st.builds(Struct, st.lists(st.tuples(names, inner), max_size=3).map(tuple)),
        st.builds(Union, st.lists(inner, max_size=3).map(tuple)),
    ),
    max_leaves=6,
)
schemas = st.builds(
    Schema,
    st.sampled_from(["csv", "json"]),
    st.lists(st.tuples(names, names), max_size=2).map(tuple),
    st.lists(st.builds(Field, names, kinds), max_size=3).map(tuple),
    st.frozensets(names, max_size=2),
)
counts = st.integers(0, 2**40)
findings = st.builds(Finding, schemas, counts, counts, st.lists(names, max_size=2).map(tuple), st.none())
answers = st.one_of(
    st.builds(Rejected, names), findings, st.builds(lambda a, b: replace(a, other=b), findings, findings)
)
entries = st.builds(FileEntry, names, counts, counts, st.text("0123456789abcdef", max_size=8))
folders = st.builds(
    lambda files, found: Remembered(
        files=tuple({file.name: file for file in files}.values()),
        answers={file.name: answer for file, answer in zip(files, found, strict=False)},
    ),
    st.lists(entries, min_size=1, max_size=4),
    st.lists(answers, max_size=4),
)


@given(st.dictionaries(st.lists(names, max_size=3).map(tuple), folders, max_size=4), st.booleans())
def test_any_memory_comes_back_as_it_was(found: dict[FolderPath, Remembered], complete: bool) -> None:
    memory = Memory("rules", found, [("a", "b")], complete)
    assert decode(encode(memory)) == memory


def test_the_header_tells_a_listing_from_another_whatever_the_order_of_its_folders() -> None:
    one, two = FileEntry("a", 1, 2, "e"), FileEntry("b", 1, 2)
    digest = listing_digest([(("x",), [one, two]), ((), [one])])
    memory = Memory("rules", {(): Remembered((one,), {}), ("x",): Remembered((one, two), {})})
    header = read_header(encode(memory))
    assert header is not None
    assert header.listing == digest
    others: list[list[tuple[FolderPath, list[FileEntry]]]]
    others = [[(("x",), [one, two])], [(("x",), [one, two]), ((), [two])], [(("x", "y"), [one, two]), ((), [one])]]
    assert digest not in [listing_digest(other) for other in others]


@pytest.mark.parametrize(
    ("now", "known"),
    [
        (FileEntry("a", 1, 5), True),
        (FileEntry("a", 2, 5), False),
        (FileEntry("a", 1, 6), False),
        (FileEntry("a", 1, 5, "etag"), False),
        (FileEntry("b", 1, 5), False),
    ],
)
def test_an_answer_is_recalled_for_the_same_file_alone(now: FileEntry, known: bool) -> None:
    memory = Memory("", {("x",): Remembered((FileEntry("a", 1, 5),), {"a": Rejected("why")})})
    assert bool(memory.recall(("x",), [now])) is known


def test_a_file_of_which_neither_content_nor_time_is_known_is_never_recalled() -> None:
    file = FileEntry("a", 1)
    assert Memory("", {(): Remembered((file,), {"a": Rejected("why")})}).recall((), [file]) == {}


def test_what_another_version_of_the_program_wrote_is_not_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    body = encode(Memory("rules"))
    monkeypatch.setattr("crawlers.memory.VERSION", 2)
    assert read_header(body) is None
    assert decode(body) is None
