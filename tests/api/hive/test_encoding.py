"""Answers encoded by hand are the bytes of what they tell, in however many pieces."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from thriftpy2.thrift import TType

from api.hive.bindings import hive, make
from api.hive.decoding import Reader
from api.hive.encoding import Encoded, encoded_partitions, encoded_texts, wrapped
from api.hive.translate import partition_structs
from catalog.model import Column, Parameters, Partition, StorageDescriptor, Table
from catalog.partition_rows import StoredPartition
from catalog.storages import unlocated

LAW = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None)
NARROW = StorageDescriptor()
WIDE = StorageDescriptor(tuple(Column(f"column_{at}", "int", "☃" * 50) for at in range(10_000)))
KEYS = (Column("day", "string"), Column("ü", "int"))
TABLE = Table("shop", "sales", StorageDescriptor((Column("a", "int"),), "file:/lake"), KEYS)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
stored = st.builds(
    StoredPartition,
    values=st.tuples(texts, texts),
    location=st.none() | texts,
    parameters=st.dictionaries(texts, texts, max_size=4),
    created_at=st.datetimes(datetime(1970, 1, 2), datetime(2037, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    storage=st.sampled_from([NARROW, StorageDescriptor((Column("b", "string"),), parameters={"x": "y"})]),
)


def read(made: Any, reply: Encoded) -> Any:
    """The value in a reply to a method that answers `made`; nothing follows it."""
    data = b"".join(reply.message("asked", 7))
    pieces = iter([data])
    found = Reader(lambda: next(pieces, b""), lambda: next(pieces, b""), 1 << 30)
    assert found.begin() == ("asked", 2, 7)
    answer = found.struct(make("asked_result", {0: f"success:{made}"}))
    assert next(pieces, None) is None
    return answer.success


def told(partitions: list[StoredPartition]) -> list[Any]:
    values = (
        Partition(each.values, unlocated(each.storage)(location=each.location), each.parameters, each.created_at)
        for each in partitions
    )
    return list(partition_structs(TABLE, values))


def plain(struct: Any) -> Any:
    """Lists are lists, and what was not sent is not there."""
    if isinstance(struct, list | tuple):
        return [plain(each) for each in struct]
    if hasattr(struct, "thrift_spec"):
        return {name: plain(value) for name, value in vars(struct).items() if value is not None}
    return struct


@given(st.lists(stored, max_size=12))
@LAW
def test_partitions_encoded_by_columns_are_their_structs(partitions: list[StoredPartition]) -> None:
    assert plain(read("list<Partition>", encoded_partitions(TABLE, partitions))) == plain(told(partitions))


def test_a_long_answer_comes_in_pieces_that_together_are_the_answer() -> None:
    now = datetime(2024, 1, 1, tzinfo=UTC)
    parameters: list[Parameters] = [{"n": str(number)} for number in range(9)]
    partitions = [
        StoredPartition((f"d{number}", "1"), f"file:/{number}", parameters[number], now, WIDE if number % 2 else NARROW)
        for number in range(1, 9)
    ]
    assert len(list(encoded_partitions(TABLE, partitions).pieces)) > 1
    assert plain(read("list<Partition>", encoded_partitions(TABLE, partitions))) == plain(told(partitions))
    held = read("PartitionsResponse", wrapped(encoded_partitions(TABLE, partitions)))
    assert plain(held.partitions) == plain(told(partitions))


def test_no_partitions_are_an_empty_list() -> None:
    assert read("list<Partition>", encoded_partitions(TABLE, [])) == []
    assert read("PartitionsResponse", wrapped(encoded_partitions(TABLE, []))) == hive.PartitionsResponse(partitions=[])


@given(st.lists(texts, max_size=20))
@LAW
def test_texts_are_a_list_of_them(names: list[str]) -> None:
    assert encoded_texts(names).kind == TType.LIST
    assert read("list<string>", encoded_texts(names)) == names
