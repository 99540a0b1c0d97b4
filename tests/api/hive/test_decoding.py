"""Our reader of calls reads what thriftpy2 writes, in whatever pieces it comes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from thriftpy2.thrift import TMessageType, TType

from api.hive.bindings import hive
from api.hive.decoding import Reader
from api.hive.methods import NAMES, method
from tests.api.hive.bad_clients import message
from tests.api.hive.thrift_values import values

LAW = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None)


def reader(data: bytes, lengths: list[int]) -> Reader:
    """Of `data` in pieces of these lengths, again and again."""
    pieces = _pieces(data, lengths)
    return Reader(lambda: next(pieces, b""), lambda: next(pieces, b""), 1 << 20)


def _pieces(data: bytes, lengths: list[int]) -> Iterator[bytes]:
    while data:
        for length in lengths:
            yield data[:length]
            data = data[length:]
            if not data:
                return


@given(st.data(), st.sampled_from(sorted(NAMES)), st.lists(st.integers(1, 50), min_size=1, max_size=5))
@LAW
def test_two_calls_are_read_as_they_were_written(data: st.DataObject, name: str, lengths: list[int]) -> None:
    made = method(name).arguments
    written: Any = [data.draw(values(made)) for _ in range(2)]
    found = reader(b"".join(message(name, value) for value in written), lengths)
    for value in written:
        assert found.begin() == (name, TMessageType.CALL, 7)
        assert found.struct(made) == value


@given(st.data(), st.sampled_from(sorted(NAMES)), st.lists(st.integers(1, 50), min_size=1, max_size=5))
@LAW
def test_what_is_skipped_ends_where_it_ends(data: st.DataObject, name: str, lengths: list[int]) -> None:
    skipped = message(name, data.draw(values(method(name).arguments)))
    found = reader(skipped + message("getName", hive.EnvironmentContext()), lengths)
    assert found.begin()[0] == name
    found.skip(TType.STRUCT)
    assert found.begin()[0] == "getName"


def test_partitions_that_repeat_columns_and_that_do_not_are_told_apart() -> None:
    written = hive.AddPartitionsRequest(dbName="shop", tblName="t", parts=[partition(number) for number in range(500)])
    arguments: Any = method("add_partitions_req").arguments()
    arguments.request = written
    data = message("add_partitions_req", arguments)
    for length in (100, 1_000, 65_536, len(data)):
        found = reader(data * 2, [length])
        for _ in range(2):
            found.begin()
            assert found.struct(type(arguments)).request == written


def partition(number: int) -> Any:
    """Every tenth has a column fewer, every seventh another comment, every fifth another format of the same lengths."""
    comment = "abc" if number % 7 else "xyz"
    names = ["a", "b", "c", "d", "e"][number % 10 == 0 :]
    storage = hive.StorageDescriptor(
        cols=[hive.FieldSchema(name=name, type="int", comment=comment) for name in names],
        inputFormat="orc" if number % 5 else "csv",
        serdeInfo=hive.SerDeInfo(parameters={"a": "b"} if number % 3 else {}),
        numBuckets=number % 2,
    )
    if number % 11:
        storage.location = f"/t/{number}"
    return hive.Partition(values=[f"{number}"], sd=storage, parameters={"n": f"{number % 4}"})
