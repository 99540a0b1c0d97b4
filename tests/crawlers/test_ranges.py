"""A remote object reads like any file, with few requests."""

from __future__ import annotations

import io

from hypothesis import given
from hypothesis import strategies as st

from crawlers.places.ranges import FIRST, RangeFile

DATA = bytes(number * 7919 % 251 for number in range(3 * FIRST + 17))
offsets = st.integers(0, len(DATA) + FIRST)


def opened(data: bytes = DATA) -> tuple[RangeFile, list[tuple[int, int]]]:
    asked: list[tuple[int, int]] = []

    def fetch(start: int, end: int) -> tuple[bytes, int]:
        asked.append((start, end))
        return data[start:end], len(data)

    return RangeFile(fetch), asked


steps = st.one_of(
    st.tuples(st.just("read"), st.integers(-1, 2 * FIRST)),
    st.tuples(st.just("seek"), offsets),
    st.tuples(st.just("from end"), st.integers(-len(DATA), 10)),
)


@given(st.lists(steps, max_size=8))
def test_it_reads_and_seeks_as_a_file_on_disk_does(way: list[tuple[str, int]]) -> None:
    remote, _ = opened()
    local = io.BytesIO(DATA)
    for step, number in way:
        match step:
            case "read":
                assert remote.read(number) == local.read(number)
            case "seek":
                assert remote.seek(number) == local.seek(number)
            case _:
                assert remote.seek(number, io.SEEK_END) == local.seek(number, io.SEEK_END)
        assert remote.tell() == local.tell()


def test_a_head_is_one_request_and_what_was_fetched_is_not_asked_for_again() -> None:
    remote, asked = opened()
    remote.read(FIRST)
    remote.seek(0)
    remote.read(100)
    remote.seek(-FIRST, io.SEEK_END)
    remote.read()
    assert asked == [(0, FIRST), (len(DATA) - FIRST, len(DATA))]


def test_reading_on_takes_more_each_time() -> None:
    remote, asked = opened(bytes(40 * FIRST))
    while remote.read(FIRST):
        pass
    assert len(asked) <= 7


def test_a_file_shorter_than_was_asked_for_ends_where_it_ends() -> None:
    remote, _ = opened(b"abc")
    assert remote.read(10) == b"abc"
    assert remote.read(10) == b""
